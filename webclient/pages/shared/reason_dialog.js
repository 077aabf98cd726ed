// Ask for a reason before an act that needs one, and carry it out; stays open, with the error, when it fails.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton, Dialog } from "./dialog.js";
import { useAct, useClose } from "./hooks.js";
import { ErrorNotice } from "./notice.js";
import { Working } from "./working.js";

/** `act(reason, seen)` does it; `seen` is as it was when the dialog opened, for acts that name the decision they replace.
 *  `optional`: an empty reason is fine. `children` stand above the field, which `label` may name. */
export function ReasonDialog({ title, verb, act, onClose, seen, danger = false, optional = false, suggestions = [], label, children, testid = "reason-dialog" }) {
  const [reason, setReason] = useState("");
  const [shown] = useState(seen);
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const onSubmit = (event) => {
    event.preventDefault();
    void run(async () => {
      await act(reason.trim(), shown);
      close();
    });
  };
  return html`<${Dialog} title=${title} onClose=${onClose} testid=${testid}><form class="stack" onSubmit=${onSubmit}><fieldset class="bare stack" disabled=${busy}>${children}
    ${suggestions.length > 0 && html`<div class="row">${suggestions.map((text) => html`<button type="button" class="small" onClick=${() => setReason(text)}>${text}</button>`)}</div>`}
    <div class="field"><label for="reason">${label ?? t(optional ? "reason.optional" : "reason.label")}</label>
      <textarea id="reason" rows="3" maxlength="500" required=${!optional} value=${reason} autofocus onInput=${(event) => setReason(event.target.value)} data-testid="reason"></textarea></div></fieldset>
    <${ErrorNotice} error=${error} />
    <div class="actions"><${Working} busy=${busy} /><${CloseButton}>${t("common.cancel")}<//>
      <button class=${danger ? "danger" : "primary"} disabled=${busy || (!optional && !reason.trim())} data-testid="reason-ok">${verb}</button></div></form><//>`;
}
