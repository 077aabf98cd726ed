// A room after its end. For its invigilators: what is still to do is to decide the notes, publish or correct the two lists
// (A14.2dd) and hand everything over (A14.2e). Nobody is on camera any more; the server takes closing acts only.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { LanguageSwitch, ServerClock } from "../shared/top_bar.js";
import { Log } from "./log.js";

export function ClosedRoom({ watched, lost, onLeave, onDialog }) {
  const { title, exam_title: examTitle, times, handover, lists_outdated: outdated } = watched.room.value;
  const lists = watched.lists.value;
  const undecided = watched.violations.value.filter(({ status }) => status === "reported").length;
  const steps = [
    { done: undecided === 0, text: undecided ? t("closed.undecided", { count: undecided }) : t("closed.decided") },
    { done: Boolean(lists) && !outdated, text: outdated ? t("run.lists_outdated", { version: lists.version }) : lists ? t("run.published", { version: lists.version, time: formatClock(lists.at) }) : t("run.not_published") },
    { done: Boolean(handover) && !outdated, text: handover && outdated ? t("closed.hand_over_again") : !handover ? t("closed.not_handed_over")
      : t(handover.received_at ? "closed.received" : "closed.handed_over", { time: formatClock(handover.received_at ?? handover.at) }) },
  ];
  return html`<header class="room_bar"><div class="room_bar_line"><button class="small" onClick=${onLeave} aria-label=${t("rooms.back")} data-testid="leave">←</button>
      <div class="room_name"><strong>${title}</strong><span class="soft small_text">${examTitle}</span></div>
      <span class="badge">${t("phase.ended")}</span><div class="grow"></div><${ServerClock} /><${LanguageSwitch} /></div></header>
    <main class="closed_room" data-testid="closed-room">
      <section class="card stack" aria-labelledby="closed_title"><h1 id="closed_title">${t("closed.title")}</h1>
        ${lost && html`<${Notice} icon="offline" live testid="offline-notice">${t("connection.lost_staff")}<//>`}<${ErrorNotice} error=${watched.error.value} />
        <p class="soft">${t(watched.role !== "invigilator" ? "closed.over" : handover?.received_at && !outdated ? "closed.all_received" : "closed.help", { time: formatClock(times.end_at), date: formatDate(times.end_at) })}</p>
        <ol class="closed_steps">${steps.map(({ done, text }) => html`<li><span class="badge ${done ? "ok" : "low"}"><${Icon} name=${done ? "ok" : "clock"} size=${14} />${t(done ? "closed.done" : "closed.open")}</span> ${text}</li>`)}</ol>
        ${watched.role === "invigilator" && html`<div><button class="primary" onClick=${() => onDialog({ kind: "run" })} data-testid="run-open"><${Icon} name="check" size=${15} />${t("closed.act")}</button></div>`}</section>
      <${Log} watched=${watched} onDialog=${onDialog} /></main>`;
}
