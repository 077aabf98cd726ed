// The exam, or the way in, goes on in another tab or at another device: said, and taken back with one press.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useAct, usePlace } from "../shared/hooks.js";
import { Notice } from "../shared/notice.js";

/** `words`: what that means for the page as it stands. */
export function Superseded({ candidate, words }) {
  return html`<${Notice} kind="low" live testid="superseded"><span>${words}</span><${UseHere} candidate=${candidate} /><//>`;
}

/** `verb`: what the button says; to take the exam back, if nothing else. */
export function UseHere({ candidate, verb = t("exam.use_here") }) {
  const place = usePlace();
  const [run, busy] = useAct();
  return html`<div ref=${place}><button disabled=${busy} onClick=${() => run(() => candidate.useHere())} data-testid="use-here">${verb}</button></div>`;
}
