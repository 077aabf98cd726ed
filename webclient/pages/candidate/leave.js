// Signing out before the work is handed in, while files of it are still being sent, or when the server collected less than
// there is here: what stays on this computer, so that who shares it knows. Nothing of it is erased.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";

export function Leave({ candidate, onLeave, onStay }) {
  const { text, pages, files, paper } = candidate.staysHere();
  const why = !candidate.submitted ? "leave.help" : candidate.receipt.value.awaited?.length ? "leave.sending" : "leave.collected";
  const actions = html`<button onClick=${onLeave} data-testid="leave-ok">${t("common.sign_out")}</button>
    <button class="primary" autofocus onClick=${onStay} data-testid="leave-stay">${t("leave.stay")}</button>`;
  return html`<${Dialog} title=${t("leave.title")} onClose=${onStay} actions=${actions} testid="leave">
    <p>${t(why)}</p>
    <ul>${text > 0 && html`<li>${t("leave.text", { count: text })}</li>`}${pages > 0 && html`<li>${t("leave.pages", { count: pages })}</li>`}
      ${files > 0 && html`<li>${t("leave.files", { count: files })}</li>`}${paper && html`<li>${t("leave.paper")}</li>`}</ul>
    <p class="soft small_text">${t("leave.shared")}</p><//>`;
}
