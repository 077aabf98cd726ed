// A sentence that stands out: kind "technical" (default), "ok", "low" or "high". Errors announce themselves.
import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { Icon } from "./icon.js";
import { overtakenText } from "./overtaken.js";

const ICONS = { technical: "info", ok: "ok", low: "warning", high: "warning" };

export function Notice({ kind = "technical", icon, testid, live = false, children }) {
  return html`<div class="notice ${kind}" role=${kind === "high" ? "alert" : live ? "status" : null} data-testid=${testid}>
    <${Icon} name=${icon ?? ICONS[kind]} /><div class="stack">${children}</div></div>`;
}

/** `words`: what a page says of an error in place of its general sentence. An act in several rooms names the one that
 *  refused it. */
export function ErrorNotice({ error, testid = "error", words }) {
  const where = error?.details?.in_room && html`<strong>${error.details.in_room}</strong>`;
  return error && html`<${Notice} kind="high" testid=${testid}>${where}<span data-code=${error.code}>${words || (
    error.code === "overtaken" ? `${overtakenText(error.details)}. ${t("overtaken.nothing_changed")}` : errorText(error))}</span><//>`;
}
