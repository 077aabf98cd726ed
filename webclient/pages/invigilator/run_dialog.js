// Running the room: briefings, a later release, the two lists at the end, the hand-over, the change of shift.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ReasonDialog } from "../shared/reason_dialog.js";

const DELAYS = [5, 10, 15, 30];
const MATTER_LENGTH = 80; // characters of a message

export function RunDialog({ watched, onClose }) {
  const [step, setStep] = useState(null);
  const [run, busy, error] = useAct();
  const room = watched.room.value;
  const lists = watched.lists.value;
  const { handover } = room;
  const over = room.phase === "ended";
  // Over this one, so that the focus comes back to the button that opened them.
  const onTop = {
    delay: html`<${Delay} watched=${watched} onClose=${() => setStep(null)} />`,
    shift: html`<${OfferShift} watched=${watched} onClose=${() => setStep(null)} />`,
    correct: html`<${ReasonDialog} title=${t("run.lists_again")} verb=${t("run.publish")} onClose=${() => setStep(null)} seen=${lists?.seq} act=${(reason, shown) => watched.publishLists(reason, shown)} />`,
  }[step];
  return html`<${Dialog} wide title=${t("run.title")} onClose=${onClose} testid="run-dialog" actions=${html`<button class="primary" onClick=${onClose}>${t("common.close")}</button>`}>
    <${ErrorNotice} error=${error} />
    ${!over && html`<section class="stack"><h3>${t("run.briefings")}</h3>${["rules", "submission"].map((topic) => {
      const held = room.briefings[topic];
      return html`<div class="row between" key=${topic}><span>${t(`briefing.${topic}`)}
        ${held ? html` <span class="badge ok"><${Icon} name="ok" size=${13} />${t("run.held", { time: formatClock(held.at), count: held.present })}</span>`
          : html` <span class="badge low"><${Icon} name="warning" size=${13} />${t("run.not_held")}</span>`}</span>
        <button class=${held ? "small" : "small primary"} disabled=${busy} onClick=${() => run(() => watched.brief(topic, held?.seq ?? 0))} data-testid=${`brief-${topic}`}>${t(held ? "run.brief_again" : "run.brief")}</button></div>`;
    })}</section>`}
    <section class="stack"><h3>${t("run.release")}</h3>
      ${room.released_at ? html`<p>${t("run.released", { time: formatClock(room.released_at) })}</p>`
        : html`<div class="row between"><span>${t("run.release_due", { time: formatClock(room.release_due_at) })}</span>
          <button class="small" onClick=${() => setStep("delay")} data-testid="delay-open">${t("run.delay")}…</button></div>`}</section>
    <section class="stack"><h3>${t("run.closing")}</h3>
      ${!room.submission_closed && html`<p class="soft">${t("run.closing_later", { time: formatClock(room.last_deadline) })}</p>`}
      <div class="row between"><span>${lists ? t("run.published", { version: lists.version, time: formatClock(lists.at) }) : t("run.not_published")}</span>
        <button class="small primary" disabled=${busy || !room.submission_closed} onClick=${() => (lists ? setStep("correct") : run(() => watched.publishLists("", 0)))} data-testid="publish-lists">${t(lists ? "run.lists_again" : "run.publish")}</button></div>
      ${lists && html`<div class="lists_two"><div><h4>${t("lists.did_not_submit")}</h4><p>${lists.did_not_submit.join(", ") || t("lists.nobody")}</p></div>
        <div><h4>${t("lists.violated")}</h4><p>${lists.violated.join(", ") || t("lists.nobody")}</p></div></div>`}
      <div class="row between"><span>${t("run.handover_help")}${!over && html` <span class="soft">${t("run.handover_later", { time: formatClock(room.times.end_at) })}</span>`}
        ${handover && html` <span class="badge ${handover.received_at ? "ok" : ""}" data-testid="handover-state">${t(handover.received_at ? "run.handover_received" : "run.handover_waits", { time: formatClock(handover.received_at ?? handover.at) })}</span>`}</span>
        <button class="small primary" disabled=${busy || !lists || !over || Boolean(handover?.received_at)} onClick=${() => run(async () => setStep({ handed: await watched.handOver(handover?.seq ?? 0) }))} data-testid="hand-over">${t(handover ? "run.hand_over_again" : "run.hand_over")}</button></div>
      ${step?.handed && html`<${Notice} kind="ok" live testid="handed-over">${t("run.handed_over")} <code>${step.handed.sha256.slice(0, 16)}…</code><//>`}</section>
    ${!over && html`<section class="stack"><h3>${t("run.shift")}</h3><div class="row between"><span>${t("run.shift_help")}</span>
      <button class="small" onClick=${() => setStep("shift")} data-testid="shift-open">${t("run.shift_offer")}…</button></div></section>`}<//>${onTop}`;
}

function Delay({ watched, onClose }) {
  const [minutes, setMinutes] = useState(DELAYS[0]);
  const due = Math.max(Date.parse(watched.room.value.release_due_at), serverClock.now());
  const until = new Date(due + minutes * 60_000).toISOString();
  return html`<${ReasonDialog} title=${t("run.delay")} verb=${t("run.delay_ok")} onClose=${onClose} seen=${watched.room.value.delay?.seq ?? 0} act=${(reason, shown) => watched.delayRelease(until, reason, shown)} testid="delay-dialog">
    <p class="soft">${t("run.delay_help")}</p><div class="field"><label for="delay">${t("run.delay_until")}</label>
      <select id="delay" value=${minutes} onChange=${(event) => setMinutes(Number(event.target.value))}>${DELAYS.map((each) => html`<option value=${each}>${t("run.delay_minutes", { minutes: each, time: formatClock(due + each * 60_000) })}</option>`)}</select></div><//>`;
}

function OfferShift({ watched, onClose }) {
  const others = watched.staff.value.filter(({ role, subject }) => role === "invigilator" && subject !== watched.subject);
  const [to, setTo] = useState(others[0]?.subject ?? "");
  if (others.length === 0) {
    return html`<${Dialog} title=${t("run.shift")} onClose=${onClose} testid="shift-dialog" actions=${html`<button onClick=${onClose}>${t("common.close")}</button>`}><p>${t("run.shift_nobody")}</p><//>`;
  }
  return html`<${ReasonDialog} title=${t("run.shift")} verb=${t("run.shift_offer")} optional onClose=${onClose} seen=${watched.shift.value?.seq ?? 0} act=${(note, shown) => watched.offerShift(to, note, shown)} testid="shift-dialog">
    <div class="field"><label for="shift_to">${t("run.shift_to")}</label><select id="shift_to" value=${to} onChange=${(event) => setTo(event.target.value)}>
      ${others.map(({ subject, full_name: name, present }) => html`<option value=${subject}>${name} ${present ? `(${t("run.present")})` : ""}</option>`)}</select></div><//>`;
}

/** What is open, in words: of whom, and since when. */
function matterText(watched, matter) {
  const [kind, id] = matter.split(":");
  const noted = kind === "violation" ? watched.violations.value.find(({ violation }) => violation === id) : null;
  const written = kind === "message" ? watched.messages.value.find(({ message }) => message === id) : null;
  const one = watched.sittings.value.get(noted?.candidate ?? written?.from ?? id);
  const since = noted?.at ?? written?.at
    ?? { waiting: one?.lobby_at, hand: one?.hand_raised_at, absent: one?.absent_since, offline: one?.connection_changed_at, suspended: one?.acts?.suspension?.at }[kind];
  const details = [one && `${one.number} ${one.full_name}`, noted && t(`violation.${noted.category}`), written && `“${shortened(written.text)}”`, since && formatClock(since)];
  return `${t(`matter.${kind}`)} ${details.filter(Boolean).join(" · ")}`;
}

const shortened = (text) => (text.length > MATTER_LENGTH ? `${text.slice(0, MATTER_LENGTH)}…` : text);

/** The room as it is offered to whoever looks at this page, with what is open. */
export function TakeShift({ watched }) {
  const [run, busy, error] = useAct();
  const shift = watched.shift.value;
  if (!shift || shift.to !== watched.subject) return null;
  const from = watched.staff.value.find(({ subject }) => subject === shift.by)?.full_name ?? shift.by;
  const actions = html`<button class="primary" disabled=${busy} onClick=${() => run(() => watched.takeShift())} data-testid="shift-take">${t("run.shift_take")}</button>`;
  return html`<${Dialog} title=${t("run.shift_from", { name: from })} testid="take-shift" actions=${actions}>
    ${shift.note && html`<p>${shift.note}</p>`}<h3>${t("run.matters", { count: shift.matters.length })}</h3>
    <ul>${shift.matters.map((matter) => html`<li key=${matter} data-testid="matter">${matterText(watched, matter)}</li>`)}</ul><${ErrorNotice} error=${error} /><//>`;
}
