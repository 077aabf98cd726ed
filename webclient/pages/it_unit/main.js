// The IT unit's page: rooms that the training office plans, to be supported before they can be published (A14.2b.1).
import { render } from "preact";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatDateTime } from "../../lib/time.js";
import { ExamsToServe } from "../shared/exams_to_serve.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";
import { StaffPage } from "../shared/staff_page.js";

function Rooms({ api, exam, reload }) {
  return html`<section class="card stack" data-testid="serve-exam"><h2>${exam.title}</h2><p class="soft">${formatDateTime(exam.times.starts_at)} · ${t(`serve.it_unit_by_${exam.regime.toLowerCase()}`)}</p>
    <ul class="checklist loose">${exam.rooms.map((room) => html`<${Room} key=${room.room} api=${api} room=${room} reload=${reload} />`)}</ul></section>`;
}

function Room({ api, room, reload }) {
  const [run, busy, error] = useAct();
  const support = () => run(async () => {
    await api.post(`/api/rooms/${room.room}/support`);
    await reload();
  });
  return html`<li class="row between" data-testid="serve-room" data-room=${room.room}><span><strong>${room.title}</strong> · ${t("serve.candidates", { count: room.candidates })} · ${t(`phase.${room.phase}`)}</span>
    ${room.supported ? html`<span class="badge ok"><${Icon} name="ok" size=${14} />${t("serve.supported")}</span>`
      : html`<button class="primary small" disabled=${busy || room.supported === undefined} onClick=${support} data-testid="support">${t("serve.support")}</button>`}<${ErrorNotice} error=${error} /></li>`;
}

const Page = (given) => html`<${ExamsToServe} ...${given} role="it_unit" One=${Rooms} />`;
render(html`<${StaffPage} role="it_unit" Page=${Page} />`, document.getElementById("app"));
