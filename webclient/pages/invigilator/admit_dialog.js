// Admit one or many: the live face beside the photographs of face and card, and the checks that the invigilator states
// with the act (A14.2c.2, A14.2c.5, B5.5). Nobody is admitted while a needed check is not stated.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { BLURRED_BELOW, DARK_BELOW } from "../../lib/still.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { seen } from "../shared/overtaken.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { ActDialog } from "../shared/working.js";
import { AdmitMany } from "./admit_many.js";
import { NoMicrophone, deviceWords } from "./device_words.js";
import { CheckDialog, ChecksFound } from "./check_dialog.js";
import { DeclineDialog, DeclinedBefore } from "./decline_dialog.js";
import { GoneDialog } from "./gone_dialog.js";
import { LiveVideo } from "./live_video.js";
import { Photo } from "./photo.js";
import { deviceInQueue, pictureInQueue } from "./watched_room.js";

const CHECKS = ["eligibility", "camera", "identity"];
const ASKABLE = ["face", "card", "camera", "device"];

export function AdmitDialog({ watched, candidates, onClose }) {
  const [stated, setStated] = useState({}); // candidate -> check -> whether it is stated now
  const [asking, setAsking] = useState(null); // what to ask for again, "refuse", or "decline" of another device
  const [checking, setChecking] = useState(null); // the sitting as it was when the person began to record a check
  const [shown, setShown] = useState(() => watched.decisionsSeen(candidates));
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const people = candidates.map((candidate) => watched.sittings.value.get(candidate)).filter(Boolean);
  if (people.length === 0) return html`<${GoneDialog} onClose=${onClose} />`;
  const [one] = people.length === 1 ? people : [];
  const needed = CHECKS.filter((check) => check !== "identity" || watched.room.value.regime === "B");
  // At another device only the eligibility stands: its camera, and who sits there, are found anew.
  const passed = ({ candidate, checks, readmission }, check) => stated[candidate]?.[check] ?? Boolean(checks[check]?.passed && (check === "eligibility" || !readmission));
  const chosen = people.filter((person) => (one || person.state !== "refused") && CHECKS.every((check) => passed(person, check) || (!needed.includes(check) && person.checks[check]?.passed !== false)));
  const leftOut = people.filter((person) => !chosen.includes(person));
  const admit = () => run(async () => {
    await watched.admit(new Map(chosen.map(({ candidate }) => [candidate, CHECKS.filter((check) => stated[candidate]?.[check])])), shown);
    close();
  });
  // Over this dialog, so that the focus comes back to the button that opened it.
  const over = asking === "decline" ? html`<${DeclineDialog} watched=${watched} candidate=${one.candidate} onClose=${() => setAsking(null)} onDone=${onClose} />`
    : asking === "refuse" ? html`<${ReasonDialog} title=${t("admit.refuse_title", { name: `${one.number} ${one.full_name}` })} verb=${t("admit.refuse")} danger onClose=${() => setAsking(null)} seen=${seen(one, "entry")}
      suggestions=${[t("admit.refuse_identity"), t("admit.refuse_eligibility")]} act=${async (reason, known) => {
        await watched.refuse(one.candidate, reason, known);
        onClose();
      }} />`
    : asking ? html`<${ReasonDialog} title=${t(`admit.ask_${asking}`)} verb=${t("admit.ask_send")} optional onClose=${() => setAsking(null)} seen=${seen(one, `asked_${asking}`)}
      act=${(text, known) => watched.askAgain(one.candidate, asking, text, known)} />`
    : checking && html`<${CheckDialog} watched=${watched} sitting=${checking} onClose=${() => { // what was found here is known here
      setShown(watched.decisionsSeen(candidates));
      setChecking(null);
    }} />`;
  const actions = html`${one && html`<button class="danger" disabled=${busy} onClick=${() => setAsking(one.readmission ? "decline" : "refuse")} data-testid="admit-refuse">${t(one.readmission ? "decline.verb" : "admit.refuse")}…</button>`}
    <div class="grow"></div><${CloseButton}>${t("common.cancel")}<//>
    <button class="primary" disabled=${busy || chosen.length === 0} onClick=${admit} data-testid="admit-confirm">${t("admit.confirm", { count: one ? 1 : chosen.length })}</button>`;
  return html`<${ActDialog} busy=${busy} wide title=${one ? `${one.number} ${one.full_name}` : t("admit.many", { count: people.length })} onClose=${onClose} actions=${actions} testid="admit-dialog">
    ${one ? html`<${Person} watched=${watched} sitting=${one} onAsk=${setAsking} onCheck=${() => setChecking(one)} />`
      : html`<p class="soft small_text">${t("admit.state_each")}</p>
        <${AdmitMany} watched=${watched} people=${people} chosen=${chosen} checks=${CHECKS} needed=${needed} stated=${stated} passed=${passed} onState=${setStated} />
        <p role="status" data-testid="admit-left-out">${chosen.length > 0 && leftOut.length > 0 && t("admit.left_out", { numbers: leftOut.map(({ number }) => number).join(", ") })}</p>`}
    ${one && html`<fieldset class="stack"><legend>${t("admit.state")}</legend>${CHECKS.map((check) => html`<label class="check">
      <input type="checkbox" checked=${Boolean(stated[one.candidate]?.[check])} onChange=${(event) => setStated({ [one.candidate]: { ...stated[one.candidate], [check]: event.target.checked } })} data-testid=${`check-${check}`} />
      <span>${t(`admit.${check}`)}${needed.includes(check) ? "" : ` (${t("admit.not_required")})`}</span></label>`)}</fieldset>`}
    <${ErrorNotice} error=${error} />${over}<//>`;
}

function Person({ watched, sitting, onAsk, onCheck }) {
  const person = pictureInQueue(sitting);
  const device = deviceInQueue(sitting);
  const { network } = device ?? {};
  const still = sitting.readmission ? sitting.pending.still : sitting.still;
  return html`<div class="admit_person"><figure><div class="queue_picture"><${LiveVideo} watched=${watched} slot=${watched.seats.value.get(person)} person=${person} label=${t("admit.live")} testid="admit-video" /></div><figcaption>${t("admit.live")}</figcaption></figure>
    ${["face", "card"].map((subject) => html`<figure key=${subject}><${Photo} watched=${watched} sitting=${sitting} subject=${subject} /><figcaption>${t(`photo.${subject}`)}</figcaption></figure>`)}</div>
    ${!sitting.connected && !sitting.readmission && html`<${Notice} icon="offline" live testid="admit-offline">${t("admit.offline")}<//>`}
    ${sitting.refused && html`<p class="wrong" data-testid="admit-refused">${t("queue.refused", { reason: sitting.refused })}</p>`}
    ${sitting.readmission && html`<p><${DeclinedBefore} watched=${watched} sitting=${sitting} /></p>`}
    ${device && html`<p class="soft small_text" data-testid="admit-devices">${deviceWords(device)}
      ${network?.round_trip_ms ? ` · ${network.round_trip_ms} ms` : ""} · ${device.browser} <${NoMicrophone} device=${device} /></p>`}
    ${still && html`<${Still} ...${still} />`}
    ${Object.keys(sitting.checks).length > 0 && html`<dl class="facts"><${ChecksFound} watched=${watched} sitting=${sitting} /></dl>`}
    ${Object.entries(sitting.asked).map(([subject, text]) => html`<p class="soft small_text">${t("admit.asked", { what: t(`admit.ask_${subject}`).toLowerCase() })} ${text}</p>`)}
    <div class="row">${!sitting.readmission && html`<span class="soft small_text">${t("admit.again")}</span>`}${!sitting.readmission && ASKABLE.map((subject) => html`<button class="small" onClick=${() => onAsk(subject)} data-testid=${`ask-${subject}`}>${t(`admit.ask_${subject}`)}</button>`)}
      <button class="small" onClick=${onCheck} data-testid="check-again">${t("recheck.open")}…</button></div>`;
}

// Dark and blurred as proctor/analysis/picture.py has it: advice for whoever looks at the live face.
function Still({ brightness, sharpness }) {
  const fault = brightness < DARK_BELOW ? "dark" : sharpness < BLURRED_BELOW ? "blurred" : null;
  return html`<p class="soft small_text" data-testid="admit-still">${t("queue.still", { brightness: Math.round(brightness), sharpness: Math.round(sharpness) })}
    ${fault && html` <span class="badge low">${t(`queue.still_${fault}`)}</span>`}</p>`;
}
