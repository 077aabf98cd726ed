// Import a list of staff: choose a file, see it, make the accounts, then the passwords, shown this once.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { ListFile, useListFile } from "./list_file.js";
import { SecretsDialog } from "./secrets_dialog.js";

export function StaffListDialog({ api, reload, onClose }) {
  const list = useListFile(api, "/api/staff/import");
  const [made, setMade] = useState(null);
  const importNow = async () => {
    const answer = await list.importNow();
    if (!answer) return;
    setMade(answer.staff);
    await reload();
  };
  if (made) {
    return html`<${SecretsDialog} kind="passwords" title=${t("secrets.passwords_title")} people=${made} columns=${["name", "full_name", "role", "password"]}
      fileName="mat-khau-can-bo" onClose=${onClose} />`;
  }
  const actions = html`<button onClick=${onClose}>${t("common.cancel")}</button>
    <button class="primary" disabled=${list.busy || !list.preview} onClick=${importNow} data-testid="staff-import">${list.preview ? t("staff.import_count", { count: list.preview.imported }) : t("staff.import")}</button>`;
  return html`<${Dialog} title=${t("staff.import_title")} wide onClose=${onClose} actions=${actions} testid="staff-list-dialog">
    <${ListFile} api=${api} kind="staff" list=${list} rows=${list.preview?.staff} columns=${["name", "full_name", "role", "unit"]}>${t("staff.import_help")}<//><//>`;
}
