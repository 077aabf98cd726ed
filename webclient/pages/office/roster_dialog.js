// Import a roster: choose a file, see what the server reads (dry run), import, then the codes, shown this once.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { Notice } from "../shared/notice.js";
import { ListFile, useListFile } from "./list_file.js";
import { CodesDialog } from "./secrets_dialog.js";

const COLUMNS = ["number", "full_name", "identity", "shares_place", "wish", "wished_minutes"];

export function RosterDialog({ api, room, reload, onClose }) {
  const list = useListFile(api, `/api/rooms/${room.room}/roster`);
  const [imported, setImported] = useState(null);
  const importNow = async () => {
    const answer = await list.importNow();
    if (!answer) return;
    setImported(answer);
    await reload();
  };
  if (imported) return html`<${CodesDialog} api=${api} room=${room} candidates=${imported.candidates} onClose=${onClose} />`;
  const actions = html`<button onClick=${onClose}>${t("common.cancel")}</button>
    <button class="primary" disabled=${list.busy || !list.preview} onClick=${importNow} data-testid="roster-import">${list.preview ? t("roster.import_count", { count: list.preview.imported }) : t("roster.import")}</button>`;
  return html`<${Dialog} title=${t("roster.title", { room: room.title })} wide onClose=${onClose} actions=${actions} testid="roster-dialog">
    ${room.candidates.length > 0 && html`<${Notice} kind="low">${t("roster.adds", { count: room.candidates.length })}<//>`}
    <${ListFile} api=${api} kind="roster" list=${list} rows=${list.preview?.candidates} columns=${COLUMNS}>${t("roster.help")}<//><//>`;
}
