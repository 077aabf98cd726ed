// Running the room: briefings, a later release, the two lists at the end, the hand-over; the change of shift opens from here.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { PublishedLists } from "../shared/published_lists.js";
import { BriefingReached } from "../shared/reached.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { BRIEFINGS } from "../shared/room_alarms.js";
import { OfferShift } from "./shift_dialogs.js";

const DELAYS = [5, 10, 15, 30];

export function RunDialog({ watched, onClose }) {
  const [step, setStep] = useState(null);
  const [run, busy, error] = useAct();
  const room = watched.room.value;
  const lists = watched.lists.value;
  const over = room.phase === "ended";
  // Over this one, so that the focus comes back to the button that opened them.
  const onTop = {
    delay: html`<${Delay} watched=${watched} onClose=${() => setStep(null)} />`,
    shift: html`<${OfferShift} watched=${watched} onClose=${() => setStep(null)} />`,
    correct: html`<${ReasonDialog} title=${t("run.lists_again")} verb=${t("run.publish")} onClose=${() => setStep(null)} seen=${lists?.seq} act=${(reason, shown) => watched.publishLists(reason, shown)} />`,
  }[step];
  return html`<${Dialog} wide title=${t("run.title")} onClose=${onClose} testid="run-dialog" actions=${html`<button class="primary" onClick=${onClose}>${t("common.close")}</button>`}>
    <${ErrorNotice} error=${error} />
    <${BriefingsPart} watched=${watched} over=${over} run=${run} busy=${busy} />
    <section class="stack"><h3>${t("run.release")}</h3>
      ${room.released_at ? html`<p>${t("run.released", { time: formatClock(room.released_at) })}</p>`
        : html`<div class="row between"><span>${t("run.release_due", { time: formatClock(room.release_due_at) })}</span>
          <button class="small" onClick=${() => setStep("delay")} data-testid="delay-open">${t("run.delay")}…</button></div>`}</section>
    <${ClosingPart} watched=${watched} run=${run} busy=${busy} onCorrect=${() => setStep("correct")} />
    ${!over && html`<section class="stack"><h3>${t("run.shift")}</h3><div class="row between"><span>${t("run.shift_help")}</span>
      <button class="small" onClick=${() => setStep("shift")} data-testid="shift-open">${t("run.shift_offer")}…</button></div></section>`}<//>${onTop}`;
}

// After the end only what came of them is read here.
function BriefingsPart({ watched, over, run, busy }) {
  const sittings = [...watched.sittings.value.values()];
  return html`<section class="stack"><h3>${t("run.briefings")}</h3>${BRIEFINGS.map((topic) => {
    const held = watched.room.value.briefings[topic];
    return html`<div class="stack" key=${topic}><div class="row between"><span>${t(`briefing.${topic}`)}
      ${held ? html` <span class="badge ok"><${Icon} name="ok" size=${13} />${t("run.held", { time: formatClock(held.at), count: held.present })}</span>`
        : html` <span class="badge low"><${Icon} name="warning" size=${13} />${t("run.not_held")}</span>`}</span>
      ${!over && html`<button class=${held ? "small" : "small primary"} disabled=${busy} onClick=${() => run(() => watched.brief(topic, held?.seq ?? 0))} data-testid=${`brief-${topic}`}>${t(held ? "run.brief_again" : "run.brief")}</button>`}</div>
      ${held && html`<${BriefingReached} sittings=${sittings} topic=${topic} />`}</div>`;
  })}</section>`;
}

// The lists first, then the hand-over (A14.2dd, A14.2e).
function ClosingPart({ watched, run, busy, onCorrect }) {
  const [handed, setHanded] = useState(null);
  const room = watched.room.value;
  const lists = watched.lists.value;
  const { handover } = room;
  const over = room.phase === "ended";
  return html`<section class="stack"><h3>${t("run.closing")}</h3>
    ${!room.submission_closed && html`<p class="soft">${t("run.closing_later", { time: formatClock(room.last_deadline) })}</p>`}
    <div class="row between"><span>${lists ? t("run.published", { version: lists.version, time: formatClock(lists.at) }) : t("run.not_published")}</span>
      <button class="small primary" disabled=${busy || !room.submission_closed} onClick=${() => (lists ? onCorrect() : run(() => watched.publishLists("", 0)))} data-testid="publish-lists">${t(lists ? "run.lists_again" : "run.publish")}</button></div>
    ${lists && html`<${PublishedLists} lists=${lists} sittings=${[...watched.sittings.value.values()]} />`}
    <div class="row between"><span>${t("run.handover_help")}${!over && html` <span class="soft">${t("run.handover_later", { time: formatClock(room.times.end_at) })}</span>`}
      ${handover && html` <span class="badge ${handover.received_at ? "ok" : ""}" data-testid="handover-state">${t(handover.received_at ? "run.handover_received" : "run.handover_waits", { time: formatClock(handover.received_at ?? handover.at) })}</span>`}</span>
      <button class="small primary" disabled=${busy || !lists || !over || Boolean(handover?.received_at)} onClick=${() => run(async () => setHanded(await watched.handOver(handover?.seq ?? 0)))} data-testid="hand-over">${t(handover ? "run.hand_over_again" : "run.hand_over")}</button></div>
    ${handed && html`<${Notice} kind="ok" live testid="handed-over">${t("run.handed_over")} <code>${handed.sha256.slice(0, 16)}…</code><//>`}</section>`;
}

function Delay({ watched, onClose }) {
  const [minutes, setMinutes] = useState(DELAYS[0]);
  const due = Math.max(Date.parse(watched.room.value.release_due_at), serverClock.now());
  const until = new Date(due + minutes * 60_000).toISOString();
  return html`<${ReasonDialog} title=${t("run.delay")} verb=${t("run.delay_ok")} onClose=${onClose} seen=${watched.room.value.delay?.seq ?? 0} act=${(reason, shown) => watched.delayRelease(until, reason, shown)} testid="delay-dialog">
    <p class="soft">${t("run.delay_help")}</p><div class="field"><label for="delay">${t("run.delay_until")}</label>
      <select id="delay" value=${minutes} onChange=${(event) => setMinutes(Number(event.target.value))}>${DELAYS.map((each) => html`<option value=${each}>${t("run.delay_minutes", { minutes: each, time: formatClock(due + each * 60_000) })}</option>`)}</select></div><//>`;
}
