// In the place of a dialog about somebody whom the office has taken off this room's roster meanwhile.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";

export function GoneDialog({ onClose }) {
  return html`<${Dialog} title=${t("gone.title")} onClose=${onClose} testid="gone-dialog" actions=${html`<button class="primary" onClick=${onClose}>${t("common.close")}</button>`}>
    <p>${t("gone.help")}</p><//>`;
}
