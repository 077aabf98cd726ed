// That an act is under way, seen and read out, while its buttons wait. The element stands there all the time: what comes into
// it is announced, what comes with it may not be. A dialog is not closed meanwhile unless somebody says so who knows that the
// outcome is open: an act that is refused would be told to nobody.
import { useContext, useLayoutEffect } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog, InDialog } from "./dialog.js";

export function Working({ busy }) {
  const dialog = useContext(InDialog);
  useLayoutEffect(() => {
    if (!busy || !dialog) return undefined;
    const hold = () => dialog.setOver(html`<${StillOut} onWait=${() => dialog.setOver(null)} onLeave=${() => dialog.close()} />`);
    dialog.holds.add(hold);
    return () => {
      dialog.holds.delete(hold);
      dialog.setOver(null);
    };
  }, [busy]);
  return html`<span class="working soft" role="status" data-testid="working">${busy && t("common.working")}</span>`;
}

/** The fields of an act, which stay as they were sent while it is out: what is typed then would be thrown away. */
export const Fields = ({ busy, children }) => html`<fieldset class="bare act_fields" disabled=${busy}>${children}</fieldset>`;

/** A dialog with an act of its own, which is out while it is `busy`. Its `actions` have a `CloseButton`. */
export const ActDialog = ({ busy, actions, children, ...dialog }) => (
  html`<${Dialog} ...${dialog} actions=${html`<${Working} busy=${busy} />${actions}`}><${Fields} busy=${busy}>${children}<//><//>`);

function StillOut({ onWait, onLeave }) {
  const actions = html`<button onClick=${onLeave} data-testid="still-out-leave">${t("still_out.leave")}</button>
    <button class="primary" autofocus onClick=${onWait} data-testid="still-out-wait">${t("still_out.wait")}</button>`;
  return html`<${Dialog} title=${t("still_out.title")} onClose=${onWait} actions=${actions} testid="still-out"><p>${t("still_out.help")}</p><//>`;
}
