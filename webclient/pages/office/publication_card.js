// From draft to publication: what is still missing, by whom, and the two acts.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { PlanDialog } from "./plan_dialog.js";

export function PublicationCard({ api, exam, staff, reload }) {
  const [dialog, setDialog] = useState(null); // "plan", or the publication that is to be withdrawn
  const [run, busy, error] = useAct();
  const { unmet, rooms } = exam.readiness;
  const publish = () => run(async () => {
    await api.post(`/api/exams/${exam.exam}/publication`);
    await reload();
  });
  const title = (room) => exam.rooms.find((one) => one.room === room)?.title ?? room;
  const opened = exam.rooms.some((room) => room.phase !== "closed"); // withdrawing ends with the first room's entry
  // Cut short, or a room came later. `published` is not told of a room whose log is broken.
  const drafts = exam.rooms.filter((room) => room.published === false && room.phase !== "ended");
  const stands = exam.rooms.filter((room) => room.published);
  const partly = drafts.length > 0 && stands.length > 0;
  const withdrawable = (exam.published_at || partly) && !opened;
  return html`<section class="card stack" aria-labelledby="publication_title" data-testid="publication" data-published=${Boolean(exam.published_at)}>
    <div class="row between"><h2 class="row" id="publication_title">${t("publication.title")}
        <span class="badge ${exam.published_at ? "ok" : "low"}"><${Icon} name=${exam.published_at ? "ok" : "lock"} size=${14} />${exam.published_at
          ? t("publication.published", { date: formatDate(exam.published_at), time: formatClock(exam.published_at) }) : t("publication.draft")}</span></h2>
      <div class="row"><button class="small" onClick=${() => setDialog("plan")} data-testid="plan-open">${t("plan.open")}</button>
        ${withdrawable && html`<button class="small" onClick=${() => setDialog({ seen: exam.published_at })} data-testid="withdraw">${t("publication.withdraw")}…</button>`}
        ${(!exam.published_at || partly) && html`<button class="small primary" disabled=${busy || unmet.length > 0} onClick=${publish} data-testid="publish">${t("publication.publish")}</button>`}</div></div>
    ${partly && html`<${Notice} kind="low" testid="partly-published">${t("publication.partly", { published: stands.map((room) => room.title).join(", "), drafts: drafts.map((room) => room.title).join(", ") })}<//>`}
    <p class="soft small_text">${t(`plan.regime_${exam.plan.regime.toLowerCase()}`)}</p>
    ${unmet.length > 0 && html`<div data-testid="unmet"><h3>${t("publication.missing")}</h3><ul class="checklist">
      ${unmet.filter((code) => code !== "room_setup").map((code) => html`<li key=${code} data-code=${code}><${Icon} name="warning" size=${14} />${t(`unmet.${code}`)}</li>`)}
      ${Object.entries(rooms).map(([room, codes]) => html`<li key=${room}><${Icon} name="warning" size=${14} />${title(room)}: ${codes.map((code) => t(`unmet.${code}`)).join("; ")}</li>`)}</ul>
      <p class="soft small_text" title=${exam.readiness.citations.join(", ")} data-testid="articles">${t("articles.by", { articles: exam.readiness.articles[language.value] })}</p></div>`}
    <${ErrorNotice} error=${error} testid="publication-error" />
    ${dialog === "plan" && html`<${PlanDialog} api=${api} exam=${exam} staff=${staff} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${dialog?.seen !== undefined && html`<${ReasonDialog} title=${t("publication.withdraw")} verb=${t("publication.withdraw")} danger onClose=${() => setDialog(null)} act=${async (reason) => {
      await api.delete(`/api/exams/${exam.exam}/publication`, { reason }, dialog);
      await reload();
    }}><p>${t("publication.withdraw_help")}</p><//>`}</section>`;
}
