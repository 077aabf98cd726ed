// The exam, or the way in, goes on in another tab or at another device: said, and taken back with one press.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { usePlace } from "../shared/hooks.js";
import { Notice } from "../shared/notice.js";

/** `words`: what that means for the page as it stands. */
export function Superseded({ candidate, words }) {
  return html`<${Notice} kind="low" live testid="superseded"><span>${words}</span><${UseHere} candidate=${candidate} /><//>`;
}

export function UseHere({ candidate }) {
  const place = usePlace();
  return html`<div ref=${place}><button onClick=${() => candidate.useHere()} data-testid="use-here">${t("exam.use_here")}</button></div>`;
}
