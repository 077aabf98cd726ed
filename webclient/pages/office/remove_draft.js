// Remove a draft that was a mistake: named, with what goes with it. What was published once never gets here.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

/** What goes with a draft, in words. */
function along({ rooms, paper, reserve }) {
  const candidates = rooms.reduce((sum, room) => sum + room.candidates.length, 0);
  return [
    rooms.length > 0 && t("office.remove_draft_rooms", { count: rooms.length }),
    candidates > 0 && t("office.remove_draft_candidates", { count: candidates }),
    (paper || reserve) && t("office.remove_draft_paper"),
    t("office.remove_draft_plan"),
  ].filter(Boolean);
}

/** `exam` as it is now, which `reload` brings; `onRemoved` is told once it is gone. */
export function RemoveDraft({ api, exam, reload, onClose, onRemoved }) {
  const [read] = useState(exam); // what the person is asked about, and confirms, whatever a colleague adds meanwhile
  const [run, busy, error] = useAct();
  const removed = useClose(onRemoved);
  const remove = () => run(async () => {
    try {
      await api.delete(`/api/exams/${read.exam}`, undefined, { seen: read.removable });
    } catch (refused) {
      if (refused.code === "changed_meanwhile") await reload(); // to tell what it holds now
      if (refused.code !== "not_found") throw refused; // else it is gone: an answer was lost, or another window was faster
    }
    await removed();
  });
  const changed = error?.code === "changed_meanwhile";
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="danger" disabled=${busy || changed} onClick=${remove} data-testid="draft-remove-ok">${t("office.remove_draft")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${t("office.remove_draft")} onClose=${onClose} actions=${actions} testid="draft-remove-dialog">
    <p>${t("office.remove_draft_help", { exam: read.title })}</p>
    <ul>${along(read).map((what) => html`<li key=${what}>${what}</li>`)}</ul>
    <p class="soft">${t("office.remove_draft_for_good")}</p>
    <${ErrorNotice} error=${error} testid="draft-remove-error" words=${changed && t("office.remove_draft_changed", { now: along(exam).join("; ") })} /><//>`;
}
