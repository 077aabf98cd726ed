// A sentence that stands out: kind "technical" (default), "ok", "low" or "high". Errors announce themselves; what comes while
// somebody is at a dialog whose buttons are always in sight is scrolled to.
import { useEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { Icon } from "./icon.js";
import { overtakenText } from "./overtaken.js";

const ICONS = { technical: "info", ok: "ok", low: "warning", high: "warning" };

export function Notice({ kind = "technical", icon, testid, live = false, children }) {
  const element = useRef();
  useEffect(() => void (live && element.current.closest("dialog") && element.current.scrollIntoView({ block: "nearest" })), []);
  return html`<div ref=${element} class="notice ${kind}" role=${kind === "high" ? "alert" : live ? "status" : null} data-testid=${testid}>
    <${Icon} name=${icon ?? ICONS[kind]} /><div class="stack">${children}</div></div>`;
}

/** `words`: what a page says of an error in place of its general sentence. An act in several rooms names the one that
 *  refused it. */
export function ErrorNotice({ error, testid = "error", words }) {
  const where = error?.details?.in_room && html`<strong>${error.details.in_room}</strong>`;
  return error && html`<${Notice} kind="high" live testid=${testid}>${where}<span data-code=${error.code}>${words || (
    error.code === "overtaken" ? `${overtakenText(error.details)}. ${t("overtaken.nothing_changed")}` : errorText(error))}</span><//>`;
}
