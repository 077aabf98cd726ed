// The bar at the top: name of the product, who is signed in, server clock, language, sign out.
import { html } from "../../lib/html.js";
import { LANGUAGES, language, setLanguage, t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { useNow } from "./hooks.js";

/** Nothing until it is known how the server's clock stands. */
export function ServerClock() {
  const now = useNow(1000);
  return serverClock.known && html`<time class="server_clock figures" title=${t("common.server_clock")} data-testid="server-clock">${formatClock(now)}</time>`;
}

export function LanguageSwitch() {
  const other = LANGUAGES.find((code) => code !== language.value);
  return html`<button class="quiet small" lang=${other} onClick=${() => setLanguage(other)} data-testid="language">
    ${t("common.other_language")}</button>`;
}

export function TopBar({ title, who, onSignOut, clock = false, children }) {
  return html`<header class="top_bar">
    <a class="brand" href="/" aria-label=${title ?? t("common.product")}><img src="/icon.svg" alt="" /><span>${title ?? t("common.product")}</span></a>
    ${children ?? html`<div class="grow"></div>`}
    ${clock && html`<${ServerClock} />`}
    ${who && html`<span class="who" data-testid="who">${who}</span>`}
    <${LanguageSwitch} />
    ${onSignOut && html`<button class="small" onClick=${onSignOut} data-testid="sign-out">${t("common.sign_out")}</button>`}
  </header>`;
}
