// One exam: its times, its paper, its rooms.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { CloneDialog } from "./clone_dialog.js";
import { ExamForm } from "./exam_form.js";
import { PaperCard } from "./paper_card.js";
import { PublicationCard } from "./publication_card.js";
import { RemoveDraft } from "./remove_draft.js";
import { RoomCard } from "./room_card.js";

const MOMENTS = ["staff_entry_at", "starts_at", "release_at", "submit_by", "end_at"];

/** `onLook(room)` looks into a room that was handed over. `gone`: the draft was removed elsewhere; what is being typed stays
 *  in sight. */
export function ExamView({ api, exam, gone, opening, staff, reload, onLook, onBack, onCloned, onRemoved }) {
  const [dialog, setDialog] = useState(null); // "edit", "clone" or "remove"
  const [title, setTitle] = useState("");
  const [run, busy, error] = useAct();
  const addRoom = (event) => {
    event.preventDefault();
    void run(async () => {
      await api.post(`/api/exams/${exam.exam}/rooms`, { title: title.trim() });
      setTitle("");
      await reload();
    });
  };
  return html`<div class="stack"><div><button class="quiet small" onClick=${onBack}>← ${t("office.exams")}</button></div>
      <div class="row between"><h1 data-testid="exam-heading" data-exam=${exam.exam}>${exam.title}</h1>
        <div class="row">${!exam.published_at && html`<button class="small" onClick=${() => setDialog("edit")} data-testid="exam-edit">${t("office.edit_exam")}</button>`}
          <button class="small" onClick=${() => setDialog("clone")} data-testid="clone-open">${t("clone.open")}</button>
          ${exam.removable && html`<button class="quiet small" onClick=${() => setDialog("remove")} data-testid="draft-remove">${t("office.remove_draft")}…</button>`}</div></div>
      ${gone && dialog !== "remove" && html`<${Notice} kind="high" live testid="draft-gone">${t("office.draft_gone")}<//>`}
      <ol class="timeline">${MOMENTS.map((name) => html`<li><span class="soft small_text">${t(`times.${name}`)}</span>
        <strong class="figures">${formatClock(exam.times[name])}</strong><span class="soft small_text figures">${formatDate(exam.times[name])}</span></li>`)}
        <li><span class="soft small_text">${t("times.working_minutes")}</span><strong class="figures">${t("office.minutes", { count: exam.times.working_minutes })}</strong></li></ol></div>
    <${PublicationCard} api=${api} exam=${exam} staff=${staff} reload=${reload} />
    <${PaperCard} api=${api} exam=${exam} reload=${reload} />
    <${PaperCard} api=${api} exam=${exam} reload=${reload} use="reserve" />
    ${exam.rooms.map((room) => html`<${RoomCard} key=${room.room} api=${api} exam=${exam} room=${room} others=${exam.rooms.filter((one) => one !== room && !one.unavailable)} staff=${staff} reload=${reload} onLook=${onLook} />`)}
    <form class="card row" onSubmit=${addRoom}><label for="room_title">${t("office.new_room")}</label>
      <input id="room_title" class="short" required maxlength="100" placeholder=${t("office.room_placeholder")} value=${title} onInput=${(event) => setTitle(event.target.value)} data-testid="room-title" />
      <button disabled=${busy || !title.trim()} data-testid="room-create">${t("office.add_room")}</button><${ErrorNotice} error=${error} /></form>
    ${dialog === "edit" && html`<${ExamForm} api=${api} exam=${exam} opening=${opening} onClose=${() => setDialog(null)} onDone=${async () => {
      await reload(); // first: what is opened next begins from what the exam is now
      setDialog(null);
    }} />`}
    ${dialog === "remove" && html`<${RemoveDraft} api=${api} exam=${exam} reload=${reload} onClose=${() => setDialog(null)} onRemoved=${onRemoved} />`}
    ${dialog === "clone" && html`<${CloneDialog} api=${api} exam=${exam} onClose=${() => setDialog(null)} onDone=${async (made) => {
      setDialog(null);
      await onCloned(made);
    }} />`}`;
}
