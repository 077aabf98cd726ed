// Record a check that is made anew during the exam: the camera's view (A14.2c.5), who sits there (B5.5), eligibility.
// What is not in order has a reason. The finding stands on the log; nothing follows from it by itself.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { seen } from "../shared/overtaken.js";
import { ReasonDialog } from "../shared/reason_dialog.js";

export const CHECKS = ["camera", "identity", "eligibility"];

/** `sitting` as it was when the dialog opened. */
export function CheckDialog({ watched, sitting, onClose }) {
  const [check, setCheck] = useState(CHECKS[0]);
  const [passed, setPassed] = useState(true);
  const choice = (name, value, chosen, choose, word) => html`<label class="check" key=${value}><input type="radio" name=${name} checked=${chosen === value} onChange=${() => choose(value)}
    data-testid=${`${name}-${value}`} /><span>${word}</span></label>`;
  return html`<${ReasonDialog} title=${t("recheck.title", { name: `${sitting.number} ${sitting.full_name}` })} verb=${t("recheck.save")} optional=${passed} onClose=${onClose} testid="check-dialog"
    act=${(reason) => watched.check(sitting.candidate, check, passed, reason, seen(sitting, `check_${check}`))}>
    <fieldset class="stack"><legend>${t("recheck.what")}</legend>${CHECKS.map((each) => choice("recheck", each, check, setCheck, t(`recheck.${each}`)))}</fieldset>
    <fieldset class="stack"><legend>${t("recheck.result")}</legend>${choice("found", "passed", passed ? "passed" : "failed", () => setPassed(true), t("recheck.passed"))}
      ${choice("found", "failed", passed ? "passed" : "failed", () => setPassed(false), t("recheck.failed"))}</fieldset><//>`;
}

/** What was found of a sitting last, as terms and their descriptions. */
export function ChecksFound({ watched, sitting }) {
  const nameOf = (subject) => watched.staff.value.find((one) => one.subject === subject)?.full_name ?? subject;
  return html`${CHECKS.filter((check) => sitting.checks[check]).map((check) => {
    const { passed, reason, by, at } = sitting.checks[check];
    return html`<dt key=${check}>${t(`recheck.${check}`)}</dt><dd data-testid=${`found-${check}`} data-passed=${passed}>${passed ? t("recheck.passed") : html`<span class="badge high">${t("recheck.failed")}</span>`}
      ${reason && ` ${reason}`} <span class="soft small_text">${nameOf(by)}, <span class="figures">${formatClock(at)}</span></span></dd>`;
  })}`;
}
