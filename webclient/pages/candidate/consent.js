// Consent to the recording (what for, what, who, how long, which rights), and the rules of the exam. Two boxes, since they
// are two things; neither is ever ticked for the candidate.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useAct } from "../shared/hooks.js";
import { CONSENT_PARTS, RULES_POINTS } from "./agreements.js";

export function Consent({ candidate }) {
  const [agreed, setAgreed] = useState(false);
  const [accepted, setAccepted] = useState(false);
  const [run, busy] = useAct();
  return html`<section class="card stack loose" aria-labelledby="consent_title">
    <div><h1 id="consent_title">${t("consent.title")}</h1><p class="soft">${t("consent.help")}</p></div>
    <dl class="consent">${CONSENT_PARTS.map((part) => html`<dt>${t(`consent.${part}_title`)}</dt><dd>${t(`consent.${part}`)}</dd>`)}</dl>
    <label class="check"><input type="checkbox" checked=${agreed} onChange=${(event) => setAgreed(event.target.checked)} data-testid="consent-box" />
      <span>${t("consent.agree")}</span></label>
    <div><h2>${t("rules.title")}</h2><ol class="points">${Array.from({ length: RULES_POINTS }, (_, index) => html`<li>${t(`rules.${index + 1}`)}</li>`)}</ol></div>
    <label class="check"><input type="checkbox" checked=${accepted} onChange=${(event) => setAccepted(event.target.checked)} data-testid="rules-box" />
      <span>${t("rules.accept")}</span></label>
    <p class="small_text soft">${t("consent.refuse")}</p>
    <div><button class="primary large" disabled=${!agreed || !accepted || busy} onClick=${() => run(() => candidate.entrance.agree())} data-testid="consent-ok">
      ${t("consent.continue")}</button></div>
  </section>`;
}
