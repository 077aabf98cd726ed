// What an invigilator does to one sitting: lower the hand, give leave, ask again, suspend and resume, decide a note.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";
import { seen } from "../shared/overtaken.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { CheckDialog } from "./check_dialog.js";
import { isAtWork } from "./watched_room.js";

const ASKABLE = ["face", "card", "camera", "device"];

export function SittingActs({ watched, sitting, onDialog }) {
  const [run, busy, error] = useAct();
  const { candidate } = sitting;
  const admitted = sitting.state === "admitted";
  const writing = isAtWork(sitting, watched.room.value); // afterwards there is nothing to leave, and no exam to take away
  return html`<div class="row sitting_acts" role="group" aria-label=${t("acts.title")}>
    ${sitting.hand_raised_at && html`<button class="small primary" disabled=${busy} onClick=${() => run(() => watched.lowerHand(candidate))} data-testid="lower-hand"><${Icon} name="hand" size=${14} />${t("acts.lower_hand")}</button>`}
    ${admitted && (sitting.absent_since
      ? html`<button class="small" disabled=${busy} onClick=${() => run(() => watched.back(candidate, seen(sitting, "absence")))} data-testid="absence-end">${t("acts.back")}</button>`
      : writing && html`<button class="small" onClick=${() => onDialog({ kind: "leave", candidate })} data-testid="absence-begin">${t("acts.leave")}…</button>`)}
    ${(admitted || sitting.state === "waiting") && html`<button class="small" onClick=${() => onDialog({ kind: "check", candidate })} data-testid="check-again">${t("recheck.open")}…</button>`}
    ${sitting.connected && ASKABLE.map((subject) => html`<button class="small" key=${subject} onClick=${() => onDialog({ kind: "ask", candidate, subject })} data-testid=${`again-${subject}`}>${t(`admit.ask_${subject}`)}…</button>`)}
    ${(writing || (admitted && sitting.suspended)) && html`<button class=${sitting.suspended ? "small" : "small danger"} onClick=${() => onDialog({ kind: "suspend", candidate })} data-testid="suspend">${t(sitting.suspended ? "acts.resume" : "acts.suspend")}…</button>`}
    <${ErrorNotice} error=${error} /></div>`;
}

export function SittingDialog({ watched, dialog, onClose }) {
  const [sitting] = useState(() => watched.sittings.value.get(dialog.candidate)); // as it was when the person began to decide
  if (!sitting) return null;
  const name = `${sitting.number} ${sitting.full_name}`;
  if (dialog.kind === "suspend") {
    const word = sitting.suspended ? "resume" : "suspend";
    return html`<${ReasonDialog} title=${t(`acts.${word}_title`, { name })} verb=${t(`acts.${word}`)} danger=${word === "suspend"} onClose=${onClose} testid="suspend-dialog"
      seen=${seen(sitting, "suspension")} act=${(reason, shown) => watched[word](dialog.candidate, reason, shown)}><p>${t(`acts.${word}_help`)}</p><//>`;
  }
  if (dialog.kind === "leave") {
    return html`<${ReasonDialog} title=${t("acts.leave_title", { name })} verb=${t("acts.leave")} optional onClose=${onClose} suggestions=${[t("acts.toilet")]}
      seen=${seen(sitting, "absence")} act=${(why, shown) => watched.leave(dialog.candidate, why, shown)} />`;
  }
  if (dialog.kind === "decide") {
    return html`<${ReasonDialog} title=${t(`acts.${dialog.status}_title`, { name })} verb=${t(`acts.${dialog.status}`)} optional=${dialog.status === "confirmed" && !dialog.replaces} onClose=${onClose}
      seen=${dialog.replaces} act=${(reason, shown) => watched.decideViolation(dialog.violation, dialog.status, reason, shown)}><p class="soft">${t(`acts.decide_help_${watched.room.value.regime.toLowerCase()}`)}</p><//>`;
  }
  if (dialog.kind === "check") return html`<${CheckDialog} watched=${watched} sitting=${sitting} onClose=${onClose} />`;
  return html`<${ReasonDialog} title=${`${t(`admit.ask_${dialog.subject}`)}: ${name}`} verb=${t("admit.ask_send")} optional onClose=${onClose}
    seen=${seen(sitting, `asked_${dialog.subject}`)} act=${(text, shown) => watched.askAgain(dialog.candidate, dialog.subject, text, shown)} />`;
}
