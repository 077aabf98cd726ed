// Create an exam, or correct a draft: title and times, contradictions told at the field that has to change.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { formatDateTime, isoToLocalInput, localInputToIso, serverClock } from "../../lib/time.js";
import { CloseButton, Dialog } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { Fields, Working } from "../shared/working.js";
import { LAST_MOMENT, MOST_MINUTES, changed, contradictions, entryBefore, planFrom } from "./exam_times.js";

const HOUR = 3_600_000;

function firstPlan() {
  const nextHour = Math.ceil((serverClock.now() + 24 * HOUR) / HOUR) * HOUR;
  return planFrom(new Date(nextHour).toISOString(), 90);
}

const planOf = ({ starts_at, release_at, working_minutes, submit_by, end_at }) => ({ starts_at, release_at, working_minutes, submit_by, end_at });

/** `exam`: the draft to correct; none for a new exam. `opening`: how long before the start staff may enter, by regime and day.
 *  `onDone` takes the exam as it is then. */
export function ExamForm({ api, exam, opening, onClose, onDone }) {
  const [title, setTitle] = useState(exam?.title ?? "");
  const [seen] = useState(exam?.edition); // what the person began to change
  const [draft] = useState(() => exam && planOf(exam.times));
  const [plan, setPlan] = useState(() => draft ?? firstPlan());
  const [byHand, setByHand] = useState(false); // once a later time was set by hand, the others no longer follow
  const [run, busy, error] = useAct();
  const done = useClose(onDone);
  const wrong = contradictions(plan);
  const [named, setNamed] = useState(false); // the title was touched
  const complete = title.trim() && Object.keys(wrong).length === 0;
  const set = (name, value) => {
    if (name !== "starts_at" && name !== "working_minutes") setByHand(true);
    setPlan(changed(plan, name, value, { draft, byHand }));
  };
  const onSubmit = (event) => {
    event.preventDefault();
    const body = { title: title.trim(), ...plan };
    if (complete) void run(async () => done(await (exam ? api.put(`/api/exams/${exam.exam}`, body, { seen }) : api.post("/api/exams", body))));
  };
  const field = (name, input) => html`<div class="field"><label for=${name}>${t(`times.${name}`)}</label>${input}
    ${wrong[name] ? html`<span class="wrong" role="alert" id=${`${name}_wrong`} data-testid=${`exam-${name}-wrong`}>${t(wrong[name])}</span>` : html`<span class="help" id=${`${name}_help`}>${t(`times.${name}_help`)}</span>`}</div>`;
  const moment = (name) => field(name, html`<input id=${name} type="datetime-local" required max=${LAST_MOMENT} aria-describedby=${`${name}_${wrong[name] ? "wrong" : "help"}`} value=${plan[name] ? isoToLocalInput(plan[name]) : ""}
    aria-invalid=${Boolean(wrong[name])} onInput=${(event) => set(name, localInputToIso(event.target.value))} data-testid=${`exam-${name}`} />`);
  // A new draft is one of A until its plan says otherwise.
  const before = plan.starts_at && entryBefore(opening[exam?.plan.regime ?? "A"], plan.starts_at);
  return html`<${Dialog} title=${t(exam ? "office.edit_exam" : "office.new_exam")} onClose=${onClose} testid="exam-form"><form class="stack loose" onSubmit=${onSubmit} novalidate><${Fields} busy=${busy}>
    <div class="field"><label for="title">${t("office.exam_title")}</label>
      <input id="title" required maxlength="200" value=${title} aria-describedby="title_said" onInput=${(event) => {
        setNamed(true);
        setTitle(event.target.value);
      }} autofocus data-testid="exam-title" />
      ${!title.trim() && html`<span id="title_said" class=${named ? "wrong" : "help"} role=${named ? "alert" : null} data-testid="exam-title-wrong">${t("office.exam_title_missing")}</span>`}</div>
    <div class="form_grid">${moment("starts_at")}
      <div class="field"><span class="label">${t("times.staff_entry_at")}</span><output class="computed figures" data-testid="exam-staff-entry">${before ? formatDateTime(Date.parse(plan.starts_at) - before.minutes * 60_000) : "–"}</output>
        ${before && html`<span class="help">${t("times.staff_entry_at_help", { minutes: before.minutes, article: before.article[language.value] })}</span>`}</div>
      ${Date.parse(plan.starts_at) < serverClock.now() && html`<${Notice} kind="low" live testid="exam-past">${t("times.past")}<//>`}
      ${moment("release_at")}
      ${field("working_minutes", html`<input id="working_minutes" type="number" min="1" max=${MOST_MINUTES} required aria-describedby=${`working_minutes_${wrong.working_minutes ? "wrong" : "help"}`} value=${plan.working_minutes}
        aria-invalid=${Boolean(wrong.working_minutes)} onInput=${(event) => set("working_minutes", event.target.valueAsNumber || 0)} data-testid="exam-working_minutes" />`)}
      ${moment("submit_by")}${moment("end_at")}</div>
    <p class="soft small_text">${t("office.time_zone")}</p><//>
    <${ErrorNotice} error=${error} testid="exam-form-error" />
    <div class="actions"><${Working} busy=${busy} /><${CloseButton}>${t("common.cancel")}<//>
      <button class="primary" disabled=${busy || !complete} data-testid="exam-create">${t(exam ? "common.save" : "office.create")}</button></div></form><//>`;
}
