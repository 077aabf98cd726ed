// New exam codes for a room or for one candidate: a question first, since the codes handed out before are dead then. It says
// when those were issued, and goes by that: of two people who issue codes at once, the second one is told of the first.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";
import { CodesDialog } from "./secrets_dialog.js";

/** `candidate` is one of the room's candidates, or null for all of them. */
export function CodesIssueDialog({ api, room, candidate, onDone, onClose }) {
  const [told, setTold] = useState(null);
  const [seen, setSeen] = useState(undefined); // when the newest of the codes was issued, null for none; undefined: not known yet
  const [run, busy, error] = useAct();
  const look = () => run(async () => {
    const { candidates } = await api.get(`/api/rooms/${room.room}/roster`);
    const issued = candidates.filter((one) => !candidate || one.candidate === candidate.candidate).map(({ code_issued_at: at }) => at).filter(Boolean);
    setSeen(issued.sort().at(-1) ?? null);
  });
  useEffect(() => void look(), []);
  const issue = () => run(async () => {
    const answer = await api.post(`/api/rooms/${room.room}/codes`, { seen, ...(candidate && { candidates: [candidate.candidate] }) });
    setTold(answer.candidates);
    await onDone?.();
  });
  if (told) return html`<${CodesDialog} api=${api} room=${room} candidates=${told} onClose=${onClose} />`;
  const title = candidate ? t("codes.issue_one", { name: `${candidate.number} ${candidate.full_name}` }) : t("codes.issue_all", { room: room.title });
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    ${seen === undefined && error ? html`<button class="primary" disabled=${busy} onClick=${look} data-testid="codes-issue-look">${t("common.try_again")}</button>`
      : html`<button class="primary" disabled=${busy || seen === undefined} onClick=${issue} data-testid="codes-issue-confirm">${t("codes.issue_confirm")}</button>`}`;
  return html`<${ActDialog} busy=${busy} title=${title} onClose=${onClose} actions=${actions} testid="codes-issue-dialog">
    <${Notice} kind="low">${t(candidate ? "codes.issue_one_help" : "codes.issue_all_help", { count: room.candidates.length })}<//>
    ${seen && html`<p class="soft small_text" data-testid="codes-issued-at">${t("codes.issued_at", { time: formatClock(seen), date: formatDate(seen) })}</p>`}<${ErrorNotice} error=${error} /><//>`;
}
