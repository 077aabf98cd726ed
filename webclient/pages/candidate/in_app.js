// Before anything else in the browser of another application: how to come in by a real one. Whoever wants to may go on.
import { useState } from "preact/hooks";

import { environment } from "../../lib/device.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { chromeIntent, inAppBrowser } from "../../lib/in_app.js";
import { keep, recall } from "../../lib/memory.js";
import { Notice } from "../shared/notice.js";
import { TopBar } from "../shared/top_bar.js";

const WENT_ON = "proctor.in_app";
const NAMES = { zalo: "Zalo", messenger: "Messenger", instagram: "Instagram", facebook: "Facebook", tiktok: "TikTok", line: "LINE" };

export function InApp({ children }) {
  const [wentOn, setWentOn] = useState(() => recall(WENT_ON, "sessionStorage") === "yes");
  const [copied, setCopied] = useState(null); // whether the address could be copied
  const app = inAppBrowser();
  if (!app || wentOn) return children;
  const { system } = environment();
  const ios = system === "ios";
  const intent = system === "android" ? chromeIntent(location.href) : null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setCopied(true);
    } catch { // some of these browsers have no clipboard
      document.getElementById("in_app_address").select();
      setCopied(document.execCommand("copy"));
    }
  };
  const goOn = () => {
    keep(WENT_ON, "yes", "sessionStorage");
    setWentOn(true);
  };
  const [name, browser] = [NAMES[app] ?? t("in_app.another"), ios ? "Safari" : "Chrome"];
  return html`<${TopBar} /><main class="narrow stack loose"><section class="card stack loose" aria-labelledby="in_app_title" data-testid="in-app" data-app=${app}>
    <div><h1 id="in_app_title">${t("in_app.title", { browser })}</h1><p>${t("in_app.why", { name })}</p></div>
    <ol class="points">${(ios ? ["ios_1", "ios_2"] : ["android_1", "android_2"]).map((step) => html`<li>${t(`in_app.${step}`)}</li>`)}<li>${t("in_app.or_copy", { browser })}</li></ol>
    ${intent && html`<a class="button primary large" href=${intent} data-testid="in-app-chrome">${t("in_app.open_chrome")}</a>`}
    <div class="field"><label for="in_app_address">${t("in_app.address")}</label>
      <input id="in_app_address" class="mono" readonly value=${location.href} data-testid="in-app-address" /></div>
    <div class="row"><button class=${intent ? "" : "primary"} onClick=${copy} data-testid="in-app-copy">${t("in_app.copy")}</button>
      <button class="quiet" onClick=${goOn} data-testid="in-app-go-on">${t("in_app.go_on")}</button></div>
    <div role="status">${copied !== null && html`<${Notice} kind=${copied ? "ok" : "low"} testid="in-app-copied">${t(copied ? "in_app.copied" : "in_app.not_copied", { browser })}<//>`}</div>
  </section></main>`;
}
