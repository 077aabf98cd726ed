// A sentence that stands out: kind "technical" (default), "ok", "low" or "high". Errors announce themselves.
import { html } from "../../lib/html.js";
import { errorText } from "../../lib/i18n.js";
import { Icon } from "./icon.js";

const ICONS = { technical: "info", ok: "ok", low: "warning", high: "warning" };

export function Notice({ kind = "technical", icon, testid, live = false, children }) {
  return html`<div class="notice ${kind}" role=${kind === "high" ? "alert" : live ? "status" : null} data-testid=${testid}>
    <${Icon} name=${icon ?? ICONS[kind]} /><div class="stack">${children}</div></div>`;
}

export function ErrorNotice({ error, testid = "error" }) {
  return error && html`<${Notice} kind="high" testid=${testid}><span data-code=${error.code}>${errorText(error)}</span><//>`;
}
