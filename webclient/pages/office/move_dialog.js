// Move a candidate to another room of the exam, before the start.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

export function MoveDialog({ api, room, others, candidate, reload, onClose }) {
  const [to, setTo] = useState(others[0]?.room ?? "");
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const move = () => run(async () => {
    await api.post(`/api/rooms/${room.room}/candidates/${candidate.candidate}/move`, { to });
    await reload();
    close();
  });
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="primary" disabled=${busy || !to} onClick=${move} data-testid="move-confirm">${t("move.confirm")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${t("move.title", { name: `${candidate.number} ${candidate.full_name}` })} onClose=${onClose} actions=${actions} testid="move-dialog">
    <p class="soft">${t("move.help")}</p>
    <div class="field"><label for="move_to">${t("move.to")}</label><select id="move_to" value=${to} onChange=${(event) => setTo(event.target.value)} data-testid="move-to">
      ${others.map((one) => html`<option value=${one.room}>${t("move.option", { room: one.title, count: one.candidates.length })}</option>`)}</select></div>
    <${ErrorNotice} error=${error} testid="move-error" /><//>`;
}
