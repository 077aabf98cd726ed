// Another password for somebody who forgot theirs: a question first, since the earlier one and all sessions end then.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";
import { SecretsDialog } from "./secrets_dialog.js";

export function PasswordDialog({ api, person, onClose }) {
  const [told, setTold] = useState(null);
  const [run, busy, error] = useAct();
  const reset = () => run(async () => setTold(await api.post(`/api/staff/${person.subject}/password`)));
  if (told) {
    return html`<${SecretsDialog} kind="passwords" title=${t("staff.reset_title", { name: person.full_name })} people=${[told]} columns=${["name", "password"]}
      fileName=${`mat-khau-${person.name}`} onClose=${onClose} />`;
  }
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="primary" disabled=${busy} onClick=${reset} data-testid="password-reset-confirm">${t("staff.reset_confirm")}</button>`;
  return html`<${ActDialog} busy=${busy} title=${t("staff.reset_title", { name: person.full_name })} onClose=${onClose} actions=${actions} testid="password-reset-dialog">
    <${Notice} kind="low">${t("staff.reset_help")}<//><${ErrorNotice} error=${error} /><//>`;
}
