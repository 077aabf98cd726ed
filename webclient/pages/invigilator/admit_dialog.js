// Admit one or many: the live face beside the photographs of face and card, and the checks that the invigilator states
// with the act (A14.2c.2, A14.2c.5, B5.5). Nobody is admitted while a needed check is not stated.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { BLURRED_BELOW, DARK_BELOW } from "../../lib/still.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { seen } from "../shared/overtaken.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { AdmitMany } from "./admit_many.js";
import { NoMicrophone, deviceWords } from "./device_words.js";
import { GoneDialog } from "./gone_dialog.js";
import { LiveVideo } from "./live_video.js";
import { Photo } from "./photo.js";
import { pictureInQueue } from "./watched_room.js";

const CHECKS = ["eligibility", "camera", "identity"];
const ASKABLE = ["face", "card", "camera", "device"];

export function AdmitDialog({ watched, candidates, onClose }) {
  const [stated, setStated] = useState({}); // candidate -> check -> whether it is stated now
  const [asking, setAsking] = useState(null); // what to ask for again, or "refuse"
  const [entries] = useState(() => watched.entriesSeen(candidates));
  const [run, busy, error] = useAct();
  const people = candidates.map((candidate) => watched.sittings.value.get(candidate)).filter(Boolean);
  if (people.length === 0) return html`<${GoneDialog} onClose=${onClose} />`;
  const [one] = people.length === 1 ? people : [];
  const needed = CHECKS.filter((check) => check !== "identity" || watched.room.value.regime === "B");
  const passed = ({ candidate, checks }, check) => stated[candidate]?.[check] ?? Boolean(checks[check]?.passed);
  const chosen = people.filter((person) => needed.every((check) => passed(person, check)));
  const leftOut = people.filter((person) => !chosen.includes(person));
  const admit = () => run(async () => {
    await watched.admit(new Map(chosen.map(({ candidate }) => [candidate, CHECKS.filter((check) => stated[candidate]?.[check])])), entries);
    onClose();
  });
  if (asking === "refuse") {
    return html`<${ReasonDialog} title=${t("admit.refuse_title", { name: `${one.number} ${one.full_name}` })} verb=${t("admit.refuse")} danger onClose=${() => setAsking(null)} seen=${seen(one, "entry")}
      suggestions=${[t("admit.refuse_identity"), t("admit.refuse_eligibility")]} act=${async (reason, shown) => {
        await watched.refuse(one.candidate, reason, shown);
        onClose();
      }} />`;
  }
  if (asking) {
    return html`<${ReasonDialog} title=${t(`admit.ask_${asking}`)} verb=${t("admit.ask_send")} optional onClose=${() => setAsking(null)} seen=${seen(one, `asked_${asking}`)}
      act=${(text, shown) => watched.askAgain(one.candidate, asking, text, shown)} />`;
  }
  const actions = html`${one && html`<button class="danger" disabled=${busy} onClick=${() => setAsking("refuse")} data-testid="admit-refuse">${t("admit.refuse")}…</button>`}
    <div class="grow"></div><button onClick=${onClose}>${t("common.cancel")}</button>
    <button class="primary" disabled=${busy || chosen.length === 0} onClick=${admit} data-testid="admit-confirm">${t("admit.confirm", { count: one ? 1 : chosen.length })}</button>`;
  return html`<${Dialog} wide title=${one ? `${one.number} ${one.full_name}` : t("admit.many", { count: people.length })} onClose=${onClose} actions=${actions} testid="admit-dialog">
    ${one ? html`<${Person} watched=${watched} sitting=${one} onAsk=${setAsking} />`
      : html`<p class="soft small_text">${t("admit.state_each")}</p>
        <${AdmitMany} watched=${watched} people=${people} checks=${CHECKS} needed=${needed} stated=${stated} passed=${passed} onState=${setStated} />
        <p role="status" data-testid="admit-left-out">${chosen.length > 0 && leftOut.length > 0 && t("admit.left_out", { numbers: leftOut.map(({ number }) => number).join(", ") })}</p>`}
    ${one && html`<fieldset class="stack"><legend>${t("admit.state")}</legend>${CHECKS.map((check) => html`<label class="check">
      <input type="checkbox" checked=${Boolean(stated[one.candidate]?.[check])} onChange=${(event) => setStated({ [one.candidate]: { ...stated[one.candidate], [check]: event.target.checked } })} data-testid=${`check-${check}`} />
      <span>${t(`admit.${check}`)}${needed.includes(check) ? "" : ` (${t("admit.not_required")})`}</span></label>`)}</fieldset>`}
    <${ErrorNotice} error=${error} /><//>`;
}

function Person({ watched, sitting, onAsk }) {
  const person = pictureInQueue(sitting);
  const { network } = sitting.device ?? {};
  return html`<div class="admit_person"><figure><div class="queue_picture"><${LiveVideo} watched=${watched} slot=${watched.seats.value.get(person)} person=${person} label=${t("admit.live")} testid="admit-video" /></div><figcaption>${t("admit.live")}</figcaption></figure>
    ${["face", "card"].map((subject) => html`<figure key=${subject}><${Photo} watched=${watched} sitting=${sitting} subject=${subject} /><figcaption>${t(`photo.${subject}`)}</figcaption></figure>`)}</div>
    ${sitting.device && html`<p class="soft small_text" data-testid="admit-devices">${deviceWords(sitting.device)}
      ${network?.round_trip_ms ? ` · ${network.round_trip_ms} ms` : ""} · ${sitting.device.browser} <${NoMicrophone} device=${sitting.device} /></p>`}
    ${sitting.still && html`<${Still} ...${sitting.still} />`}
    ${Object.entries(sitting.asked).map(([subject, text]) => html`<p class="soft small_text">${t("admit.asked", { what: t(`admit.ask_${subject}`).toLowerCase() })} ${text}</p>`)}
    <div class="row"><span class="soft small_text">${t("admit.again")}</span>${ASKABLE.map((subject) => html`<button class="small" onClick=${() => onAsk(subject)} data-testid=${`ask-${subject}`}>${t(`admit.ask_${subject}`)}</button>`)}</div>`;
}

// Dark and blurred as proctor/analysis/picture.py has it: advice for whoever looks at the live face.
function Still({ brightness, sharpness }) {
  const fault = brightness < DARK_BELOW ? "dark" : sharpness < BLURRED_BELOW ? "blurred" : null;
  return html`<p class="soft small_text" data-testid="admit-still">${t("queue.still", { brightness: Math.round(brightness), sharpness: Math.round(sharpness) })}
    ${fault && html` <span class="badge low">${t(`queue.still_${fault}`)}</span>`}</p>`;
}
