// Running the room: briefings, a later release, the two lists at the end, the hand-over; the change of shift opens from here.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { refusalText, t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";
import { BriefingReached } from "../shared/reached.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { BRIEFINGS } from "../shared/room_alarms.js";
import { ActDialog } from "../shared/working.js";
import { ClosingPart, PublishDialog } from "./closing_part.js";
import { OfferShift } from "./shift_dialogs.js";

const DELAYS = [5, 10, 15, 30];

export function RunDialog({ watched, onClose }) {
  const [step, setStep] = useState(null);
  const [run, busy, error] = useAct();
  const room = watched.room.value;
  const shift = watched.shift.value; // offered, and not taken yet
  // Over this one, so that the focus comes back to the button that opened them.
  const onTop = {
    delay: html`<${Delay} watched=${watched} onClose=${() => setStep(null)} />`,
    shift: html`<${OfferShift} watched=${watched} onClose=${() => setStep(null)} />`,
    publish: html`<${PublishDialog} watched=${watched} onClose=${() => setStep(null)} />`,
  }[step];
  return html`<${ActDialog} busy=${busy} wide title=${t("run.title")} onClose=${onClose} testid="run-dialog" actions=${html`<${CloseButton} primary>${t("common.close")}<//>`}>
    <${ErrorNotice} error=${error} />
    <${BriefingsPart} watched=${watched} run=${run} busy=${busy} />
    <section class="stack"><h3>${t("run.release")}</h3>
      ${room.called_off ? html`<p>${t("alarm.called_off")}</p>`
        : room.released_at ? html`<p>${t("run.released", { time: formatClock(room.released_at) })}</p>`
        : room.hold ? html`<p data-testid="release-on-hold">${t("run.release_on_hold")}</p>`
        : html`<div class="row between"><span>${t("run.release_due", { time: formatClock(room.release_due_at) })}</span>
          ${room.refuses.delay_release ? html`<span class="soft" data-testid="delay-not">${refusalText(room.refuses.delay_release)}</span>`
            : html`<button class="small" onClick=${() => setStep("delay")} data-testid="delay-open">${t("run.delay")}…</button>`}</div>`}</section>
    <${ClosingPart} watched=${watched} run=${run} busy=${busy} onPublish=${() => setStep("publish")} />
    ${!room.refuses.offer_shift && !room.called_off && html`<section class="stack"><h3>${t("run.shift")}</h3><div class="row between"><span>${t("run.shift_help")}${shift && html` <span class="badge" data-testid="shift-waits">${t("run.shift_waits", { name: watched.staff.value.find(({ subject }) => subject === shift.to)?.full_name ?? shift.to })}</span>`}</span>
      <button class="small" onClick=${() => setStep("shift")} data-testid="shift-open">${t("run.shift_offer")}…</button></div></section>`}<//>${onTop}`;
}

// Once nobody works any more only what came of them is read here, and why nothing can be added.
function BriefingsPart({ watched, run, busy }) {
  const refused = watched.room.value.refuses.hold_briefing;
  const sittings = [...watched.sittings.value.values()];
  return html`<section class="stack"><h3>${t("run.briefings")}</h3>
    ${refused && html`<p class="soft" data-testid="brief-not">${refusalText(refused)}</p>`}${BRIEFINGS.map((topic) => {
    const held = watched.room.value.briefings[topic];
    return html`<div class="stack" key=${topic}><div class="row between"><span>${t(`briefing.${topic}`)}
      ${held ? html` <span class="badge ok"><${Icon} name="ok" size=${13} />${t(held.times > 1 ? "run.held_times" : "run.held", { time: formatClock(held.at), count: held.present, times: held.times })}</span>`
        : html` <span class="badge low"><${Icon} name="warning" size=${13} />${t("run.not_held")}</span>`}</span>
      ${!refused && html`<button class=${held ? "small" : "small primary"} disabled=${busy} onClick=${() => run(() => watched.brief(topic, held?.seq ?? 0))} data-testid=${`brief-${topic}`}>${t(held ? "run.brief_again" : "run.brief")}</button>`}</div>
      ${held && html`<${BriefingReached} sittings=${sittings} topic=${topic} times=${held.times} />`}</div>`;
  })}</section>`;
}

function Delay({ watched, onClose }) {
  const [minutes, setMinutes] = useState(DELAYS[0]);
  const due = Math.max(Date.parse(watched.room.value.release_due_at), serverClock.now());
  const until = new Date(due + minutes * 60_000).toISOString();
  return html`<${ReasonDialog} title=${t("run.delay")} verb=${t("run.delay_ok")} onClose=${onClose} seen=${watched.room.value.delay?.seq ?? 0} act=${(reason, shown) => watched.delayRelease(until, reason, shown)} testid="delay-dialog">
    <p class="soft">${t("run.delay_help")}</p><div class="field"><label for="delay">${t("run.delay_until")}</label>
      <select id="delay" value=${minutes} onChange=${(event) => setMinutes(Number(event.target.value))}>${DELAYS.map((each) => html`<option value=${each}>${t("run.delay_minutes", { minutes: each, time: formatClock(due + each * 60_000) })}</option>`)}</select></div><//>`;
}
