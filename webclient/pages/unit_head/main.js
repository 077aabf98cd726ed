// The page of the head of an academic unit: read the papers of regime B and confirm them (B22.4).
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

function Paper({ api, exam, reload }) {
  const [read, setRead] = useState(null); // digest of the paper that was opened here
  const [run, busy, error] = useAct();
  const { paper } = exam;
  const confirm = () => run(async () => {
    await api.post(`/api/exams/${exam.exam}/paper/confirmation`, { sha256: paper.sha256 });
    await reload();
  });
  return html`<section class="card stack" data-testid="serve-exam" data-exam=${exam.exam}><h2>${exam.title}</h2><p class="soft">${formatDateTime(exam.times.starts_at)}</p>
    ${!paper ? html`<p class="soft">${t("serve.no_paper")}</p>` : html`
      <p class="small_text soft">SHA-256 <code>${paper.sha256}</code></p>
      ${paper.confirmed_at ? html`<p class="badge ok"><${Icon} name="ok" size=${14} />${t("serve.confirmed", { time: formatDateTime(paper.confirmed_at) })}</p>` : html`
        <p>${t("serve.read_first")}</p><div class="row"><a class="button" href=${api.link(`/api/exams/${exam.exam}/paper`)} target="_blank" rel="noopener" onClick=${() => setRead(paper.sha256)} data-testid="paper-read">${t("office.paper_preview_open")}</a>
          <button class="primary" disabled=${busy || read !== paper.sha256} onClick=${confirm} data-testid="paper-confirm">${t("serve.confirm")}</button></div>`}`}
    <${ErrorNotice} error=${error} /></section>`;
}

const Page = (given) => html`<${ExamsToServe} ...${given} role="unit_head" only=${(exam) => exam.regime === "B"} One=${Paper} />`;
render(html`<${StaffPage} role="unit_head" Page=${Page} />`, document.getElementById("app"));
