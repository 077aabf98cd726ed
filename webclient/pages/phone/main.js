// The page on a candidate's telephone: photograph pages into the sitting, and nothing else.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { errorText, hasText, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { InApp } from "../candidate/in_app.js";
import { useNow } from "../shared/hooks.js";
import { Notice } from "../shared/notice.js";
import { PageStrip } from "../shared/page_strip.js";
import { TopBar } from "../shared/top_bar.js";
import { afterTheEnd, saidOf } from "./said.js";
import { Sender } from "./sender.js";

function Phone() {
  const [sender] = useState(() => new Sender({ again: () => location.reload() }));
  useEffect(() => void sender.open(), []);
  const standing = sender.standing.value;
  const elsewhere = sender.elsewhere.value && !sender.ended.value;
  const ended = sender.ended.value;
  const waiting = sender.items.value.filter(({ state }) => state !== "there").length;
  const said = saidOf(sender.items.value);
  const last = ended && afterTheEnd(ended, sender.left.value);
  const isOver = ended || (standing && !standing.open && !standing.suspended);
  const offline = sender.offline.value;
  const stands = isOver ? { state: "unsent", full: false } : offline && { state: "waiting" }; // what is not there yet, and goes nowhere now
  const items = sender.items.value.map((item) => (stands && ["waiting", "sending"].includes(item.state) ? { ...item, ...stands } : item));
  return html`<${TopBar} title=${t("phone.page_title")} /><main class="page candidate_page stack loose" data-testid="phone" data-state=${ended ? "ended" : elsewhere ? "elsewhere" : standing ? "open" : "opening"}>
    <h1>${t("phone.page_title")}</h1>
    ${standing && html`<p><strong>${standing.number} · ${standing.full_name}</strong><br /><span class="soft">${standing.exam_title}</span></p>`}
    ${!standing && !ended && html`<p role="status">${t("phone.opening")}</p>`}
    ${ended && html`<${Notice} kind="low" live testid="phone-ended"><strong>${ended.sentences ? errorText(ended) : hasText(`phone.${ended.code}`) ? t(`phone.${ended.code}`) : errorText(ended)}</strong>
      ${last && html`<span data-testid="phone-ended-help">${t(last, { count: sender.left.value.unsent })}</span>`}<//>`}
    ${elsewhere && html`<${Notice} kind="low" live testid="phone-elsewhere"><span>${t("phone.elsewhere")}</span><//>`}
    ${standing && !standing.open && !ended && !elsewhere && html`<${Notice} kind="low" live testid="phone-closed"><span>${t(standing.suspended ? "phone.suspended" : "phone.closed")}</span>
      ${waiting > 0 && !standing.suspended && html`<strong data-testid="phone-unsent">${t("phone.unsent", { count: waiting })}</strong>`}<//>`}
    ${offline && !ended && !elsewhere && html`<${Offline} waiting=${waiting} until=${standing?.submit_by} />`}
    ${sender.refused.value && !ended && !elsewhere && html`<${Notice} kind="low" live testid="phone-refused"><span>${errorText(sender.refused.value)}</span><span>${t("phone.asks_again")}</span><//>`}
    ${sender.pages && !elsewhere && html`<div class="card"><${PageStrip} pages=${sender.pages} items=${items} open=${sender.mayTake} connected=${!offline} ordered=${false} error=${sender.error.value} /></div>`}
    ${standing?.open && !ended && !elsewhere && !(offline && said.key === "phone.waiting") && html`<p class="soft small_text" role="status" data-testid="phone-said">${t(said.key, { count: said.count, time: formatClock(standing.submit_by) })}</p>`}
  </main>`;
}

// Beyond the deadline only the server knows whether time was given, so nothing is promised.
function Offline({ waiting, until }) {
  const isLate = useNow() > Date.parse(until);
  return html`<${Notice} icon="offline" live testid="phone-offline">${t(isLate ? "phone.offline_late" : "phone.offline", { count: waiting, time: isLate && formatClock(until) })}<//>`;
}

// A link that was scanned in another application is not used up there, unless whoever scanned it wants to go on there.
render(html`<${InApp}><${Phone} /><//>`, document.getElementById("app"));
// Another code scanned while this page is open: the browser changes only the part after the #.
addEventListener("hashchange", () => location.hash.includes("token=") && location.reload());
