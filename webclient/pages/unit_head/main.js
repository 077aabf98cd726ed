// The page of the head of an academic unit: read the papers that the unit sets under regime B, and confirm them (B22.4).
import { render } from "preact";
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatDateTime } from "../../lib/time.js";
import { ExamsToServe } from "../shared/exams_to_serve.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";
import { StaffPage } from "../shared/staff_page.js";

// The paper, or the reserve that may take its place: neither is used before it was confirmed.
function Paper({ api, exam, use, reload }) {
  const [read, setRead] = useState(null); // digest of the paper that was opened here
  const [run, busy, error] = useAct();
  const paper = use === "main" ? exam.paper : exam.reserve;
  const named = (id) => (use === "main" ? id : `${use}-${id}`);
  const confirm = () => run(async () => {
    await api.post(`/api/exams/${exam.exam}/paper/confirmation`, { sha256: paper.sha256, use });
    await reload();
  });
  return html`<div class="stack" role="group" aria-labelledby=${`${exam.exam}_${use}`}><h3 id=${`${exam.exam}_${use}`}>${t(use === "main" ? "office.paper" : "office.paper_reserve")}</h3>
    ${!paper ? html`<p class="soft">${t(use === "main" ? "serve.no_paper" : "office.paper_reserve_none")}</p>` : html`
      <p class="small_text soft">SHA-256 <code>${paper.sha256}</code></p>
      ${paper.confirmed_at ? html`<p class="badge ok"><${Icon} name="ok" size=${14} />${t("serve.confirmed", { time: formatDateTime(paper.confirmed_at) })}</p>` : html`
        <p>${t("serve.read_first")}</p><div class="row"><a class="button" href=${api.link(`/api/exams/${exam.exam}/paper?use=${use}`)} target="_blank" rel="noopener" onClick=${() => setRead(paper.sha256)} data-testid=${named("paper-read")}>${t("office.paper_preview_open")}</a>
          <button class="primary" disabled=${busy || read !== paper.sha256} onClick=${confirm} data-testid=${named("paper-confirm")}>${t("serve.confirm")}</button></div>`}`}
    <${ErrorNotice} error=${error} /></div>`;
}

function Papers({ api, exam, reload }) {
  return html`<section class="card stack" data-testid="serve-exam" data-exam=${exam.exam}><h2>${exam.title}</h2><p class="soft">${formatDateTime(exam.times.starts_at)}</p>
    ${["main", "reserve"].map((use) => html`<${Paper} key=${use} api=${api} exam=${exam} use=${use} reload=${reload} />`)}</section>`;
}

const Page = (given) => html`<${ExamsToServe} ...${given} role="unit_head" One=${Papers} />`;
render(html`<${StaffPage} role="unit_head" Page=${Page} />`, document.getElementById("app"));
