// All exams, nearest first.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatDate, formatMinute } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";

export function ExamList({ exams, onChoose, onNew, onStaff }) {
  const sorted = [...exams].sort((a, b) => Date.parse(b.times.starts_at) - Date.parse(a.times.starts_at));
  return html`<div class="row between"><h1>${t("office.exams")}</h1>
      <div class="row"><button onClick=${onStaff} data-testid="staff-open"><${Icon} name="person" />${t("office.staff")}</button>
        <button class="primary" onClick=${onNew} data-testid="exam-new">${t("office.new_exam")}</button></div></div>
    ${sorted.length === 0 ? html`<p class="card soft">${t("office.no_exams")}</p>` : html`
    <div class="table_box surface"><table data-testid="exam-list"><thead><tr><th>${t("office.exam_title")}</th><th>${t("times.date")}</th><th>${t("times.staff_entry_at")}</th>
        <th>${t("times.release_at")}</th><th>${t("times.submit_by")}</th><th>${t("office.rooms")}</th><th>${t("office.candidates")}</th><th>${t("office.paper")}</th></tr></thead>
      <tbody>${sorted.map(({ exam, title, times, rooms, paper }) => html`<tr key=${exam}>
        <td><button class="link" onClick=${() => onChoose(exam)} data-testid="exam-open" data-exam=${exam}>${title}</button></td>
        <td class="figures">${formatDate(times.starts_at)}</td><td class="figures">${formatMinute(times.staff_entry_at)}</td><td class="figures">${formatMinute(times.release_at)}</td>
        <td class="figures">${formatMinute(times.submit_by)}</td><td class="figures">${rooms.length}</td>
        <td class="figures">${rooms.reduce((sum, room) => sum + room.candidates.length, 0)}</td>
        <td><span class="badge ${paper ? "ok" : "low"}"><${Icon} name=${paper ? "lock" : "warning"} size=${14} />${t(paper ? "office.paper_sealed" : "office.paper_missing")}</span></td></tr>`)}</tbody></table></div>`}`;
}
