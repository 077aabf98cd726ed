// Remove a draft that was a mistake: named, with what goes with it. What was published once never gets here.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";

/** `onRemoved` is told once it is gone. */
export function RemoveDraft({ api, exam, onClose, onRemoved }) {
  const [seen] = useState(exam.edition); // what the person read before confirming
  const [run, busy, error] = useAct();
  const remove = () => run(async () => {
    await api.delete(`/api/exams/${exam.exam}`, undefined, { seen });
    await onRemoved();
  });
  const candidates = exam.rooms.reduce((sum, room) => sum + room.candidates.length, 0);
  const along = [
    exam.rooms.length > 0 && t("office.remove_draft_rooms", { count: exam.rooms.length }),
    candidates > 0 && t("office.remove_draft_candidates", { count: candidates }),
    (exam.paper || exam.reserve) && t("office.remove_draft_paper"),
    t("office.remove_draft_plan"),
  ];
  const actions = html`<button onClick=${onClose}>${t("common.cancel")}</button>
    <button class="danger" disabled=${busy} onClick=${remove} data-testid="draft-remove-ok">${t("office.remove_draft")}</button>`;
  return html`<${Dialog} title=${t("office.remove_draft")} onClose=${onClose} actions=${actions} testid="draft-remove-dialog">
    <p>${t("office.remove_draft_help", { exam: exam.title })}</p>
    <ul>${along.filter(Boolean).map((what) => html`<li key=${what}>${what}</li>`)}</ul>
    <p class="soft">${t("office.remove_draft_for_good")}</p><${ErrorNotice} error=${error} testid="draft-remove-error" /><//>`;
}
