// Plan an exam after another: a new start shifts every time; rooms come along, staff and roster if wished.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { dateToIso, isoToLocalInput, localInputToIso } from "../../lib/time.js";
import { CloseButton, Dialog } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { Fields, Working } from "../shared/working.js";
import { LAST_MOMENT, isWhole } from "./exam_times.js";
import { ListError } from "./list_file.js";

const WEEK = 7 * 24 * 3_600_000;

export function CloneDialog({ api, exam, onDone, onClose }) {
  const [title, setTitle] = useState(exam.title);
  const [startsAt, setStartsAt] = useState(() => dateToIso(Date.parse(exam.times.starts_at) + WEEK));
  const [withStaff, setWithStaff] = useState(true);
  const [withRoster, setWithRoster] = useState(false);
  const [run, busy, error] = useAct();
  const done = useClose(onDone);
  const onSubmit = (event) => {
    event.preventDefault();
    const wanted = { title: title.trim(), starts_at: startsAt, staff: withStaff, roster: withRoster };
    void run(async () => done(await api.post(`/api/exams/${exam.exam}/clone`, wanted)));
  };
  const check = (name, value, set) => html`<label class="check"><input type="checkbox" checked=${value} onChange=${(event) => set(event.target.checked)} data-testid=${`clone-${name}`} />
    <span>${t(`clone.${name}`)}</span></label>`;
  return html`<${Dialog} title=${t("clone.title")} onClose=${onClose} testid="clone-dialog"><form class="stack" onSubmit=${onSubmit}><${Fields} busy=${busy}>
    <p class="soft">${t("clone.help")}</p>
    <div class="field"><label for="clone_title">${t("office.exam_title")}</label><input id="clone_title" required maxlength="200" value=${title} onInput=${(event) => setTitle(event.target.value)} data-testid="clone-title" />
      ${!title.trim() && html`<span class="wrong" role="alert">${t("office.exam_title_missing")}</span>`}</div>
    <div class="field"><label for="clone_start">${t("times.starts_at")}</label><input id="clone_start" type="datetime-local" required max=${LAST_MOMENT} value=${startsAt ? isoToLocalInput(startsAt) : ""}
      onInput=${(event) => setStartsAt(localInputToIso(event.target.value))} data-testid="clone-start" />${isWhole(startsAt) ? html`<span class="help">${t("clone.start_help")}</span>` : html`<span class="wrong" role="alert" data-testid="clone-start-wrong">${t("plan.moment_missing")}</span>`}</div>
    ${check("staff", withStaff, setWithStaff)}${check("roster", withRoster, setWithRoster)}<//>
    <${ListError} error=${error} kind="clone" />
    <div class="actions"><${Working} busy=${busy} /><${CloseButton}>${t("common.cancel")}<//>
      <button class="primary" disabled=${busy || !title.trim() || !isWhole(startsAt)} data-testid="clone-confirm">${t("clone.confirm")}</button></div></form><//>`;
}
