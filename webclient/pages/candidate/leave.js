// Signing out before the work is handed in, while files of it are still being sent, or when what was handed in, here, at another
// device or by the server, is less than there is here: what stays on this computer, so that who shares it knows. Nothing of it is
// erased. It may arrive while this is asked.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { awaitedHere } from "./awaited_here.js";
import "./ending_texts.js";

function whyOf(candidate, files) {
  if (!candidate.isHandedIn) return "leave.help";
  const receipt = candidate.receipt.value;
  const { until } = awaitedHere(candidate) ?? {};
  if (until) return serverClock.now() > Date.parse(until) ? "leave.collected" : "leave.lies_here";
  if (!receipt) return "leave.elsewhere";
  if (receipt.awaited?.length && files && candidate.sitting.value) return candidate.isAway ? "leave.away" : "leave.sending";
  return "leave.collected";
}

export function Leave({ candidate, onLeave, onStay }) {
  const stays = candidate.staysHere();
  const { text, pages, files, paper } = stays ?? {};
  const { until } = awaitedHere(candidate) ?? {};
  const actions = html`<button onClick=${onLeave} data-testid="leave-ok">${t("common.sign_out")}</button>
    <button class="primary" autofocus onClick=${onStay} data-testid="leave-stay">${t("leave.stay")}</button>`;
  return html`<${Dialog} title=${t("leave.title")} onClose=${onStay} actions=${actions} testid="leave">
    <p>${t(stays ? whyOf(candidate, files) : "leave.nothing", { time: until && formatClock(until) })}</p>
    ${stays && html`<ul>${text > 0 && html`<li>${t("leave.text", { count: text })}</li>`}${pages > 0 && html`<li>${t("leave.pages", { count: pages })}</li>`}
      ${files > 0 && html`<li>${t("leave.files", { count: files })}</li>`}${paper && html`<li>${t("leave.paper")}</li>`}</ul>
    <p class="soft small_text">${t("leave.shared")}</p>`}<//>`;
}
