// Before a file is taken out of the work: which one, and that only this computer may have it then.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";

export function RemoveFile({ candidate, file: { file, name }, size, onClose }) {
  const [run, busy, error] = useAct();
  const remove = () => run(async () => {
    await candidate.work.remove(file);
    onClose();
  });
  const actions = html`<button class="danger" disabled=${busy} onClick=${remove} data-testid="remove-file-confirm">${t("files.remove_ok")}</button>
    <button class="primary" autofocus onClick=${onClose} data-testid="remove-file-keep">${t("files.remove_keep")}</button>`;
  return html`<${Dialog} title=${t("files.remove_title")} onClose=${onClose} actions=${actions} testid="remove-file">
    <p class="message_text"><strong>${name}</strong> <span class="soft">(${size})</span></p><p>${t("files.remove_help")}</p>
    <${ErrorNotice} error=${error} /><//>`;
}
