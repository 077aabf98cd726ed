// All exams, nearest first.
import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatDate } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { ListTable } from "../shared/list_table.js";
import { Notice } from "../shared/notice.js";
import { alarmsOf } from "./alarms.js";
import { timeOfRooms } from "./room_times.js";

/** `removed`: the title of the draft that was just removed, if one was; the keyboard goes on at the top then. */
export function ExamList({ exams, removed, onChoose, onNew, onStaff, onLog }) {
  const heading = useRef();
  useLayoutEffect(() => void (removed && heading.current.focus()), [removed]);
  const sorted = [...exams].sort((a, b) => Date.parse(b.times.starts_at) - Date.parse(a.times.starts_at));
  return html`<div class="row between"><h1 ref=${heading} tabindex="-1">${t("office.exams")}</h1>
      <div class="row"><button onClick=${onLog} data-testid="office-log-open"><${Icon} name="paper" />${t("office.log")}</button>
        <button onClick=${onStaff} data-testid="staff-open"><${Icon} name="person" />${t("office.staff")}</button>
        <button class="primary" onClick=${onNew} data-testid="exam-new">${t("office.new_exam")}</button></div></div>
    ${removed && html`<${Notice} kind="ok" live testid="draft-removed">${t("office.draft_removed", { exam: removed })}<//>`}
    ${sorted.length === 0 ? html`<p class="card soft">${t("office.no_exams")}</p>` : html`
    <${ListTable} columns=${columns(onChoose)} rows=${sorted} attributes=${({ exam }) => ({ key: exam })} testid="exam-list" label=${t("office.exams")} />`}`;
}

const columns = (onChoose) => [
  { name: t("office.exam_title"), cell: ({ exam, title }) => html`<button class="link" onClick=${() => onChoose(exam)} data-testid="exam-open" data-exam=${exam}>${title}</button>` },
  { name: t("office.waiting_for_you"), cell: ({ rooms }) => html`<div class="small_text" role="status">${rooms.flatMap((room) => alarmsOf(room).map(({ code, text }) => html`<div key=${`${room.room} ${code}`} class="alarm_line" data-testid="exam-alarm" data-code=${code}><${Icon} name="warning" size=${14} />${room.title}: ${text}</div>`))}</div>` },
  { name: t("times.date"), figures: true, cell: ({ times }) => formatDate(times.starts_at) },
  ...["staff_entry_at", "release_at", "submit_by"].map((moment) => ({ name: t(`times.${moment}`), figures: true, cell: (exam) => html`<span data-testid=${`listed-${moment}`}>${timeOfRooms(exam, moment)}</span>` })),
  { name: t("office.rooms"), figures: true, cell: ({ rooms }) => rooms.length },
  { name: t("office.candidates"), figures: true, cell: ({ rooms }) => rooms.reduce((sum, room) => sum + room.candidates.length, 0) },
  { name: t("publication.title"), cell: ({ published_at: published }) => html`<span class="badge ${published ? "ok" : ""}">${published ? formatDate(published) : t("publication.draft")}</span>` },
  { name: t("office.paper"), cell: ({ paper }) => html`<span class="badge ${paper ? "ok" : "low"}"><${Icon} name=${paper ? "lock" : "warning"} size=${14} />${t(paper ? "office.paper_sealed" : "office.paper_missing")}</span>` },
];
