// New exam codes for a room or for one candidate: a question first, since the codes handed out before are dead then.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";
import { CodesDialog } from "./secrets_dialog.js";

/** `candidate` is one of the room's candidates, or null for all of them. */
export function CodesIssueDialog({ api, room, candidate, onDone, onClose }) {
  const [told, setTold] = useState(null);
  const [run, busy, error] = useAct();
  const issue = () => run(async () => {
    const answer = await api.post(`/api/rooms/${room.room}/codes`, candidate ? { candidates: [candidate.candidate] } : {});
    setTold(answer.candidates);
    await onDone?.();
  });
  if (told) return html`<${CodesDialog} api=${api} room=${room} candidates=${told} onClose=${onClose} />`;
  const title = candidate ? t("codes.issue_one", { name: `${candidate.number} ${candidate.full_name}` }) : t("codes.issue_all", { room: room.title });
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="primary" disabled=${busy} onClick=${issue} data-testid="codes-issue-confirm">${t("codes.issue_confirm")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${title} onClose=${onClose} actions=${actions} testid="codes-issue-dialog">
    <${Notice} kind="low">${t(candidate ? "codes.issue_one_help" : "codes.issue_all_help", { count: room.candidates.length })}<//><${ErrorNotice} error=${error} /><//>`;
}
