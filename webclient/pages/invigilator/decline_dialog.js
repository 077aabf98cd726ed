// Do not let another device take over, with a reason: the candidate goes on at the first one (A14.2c.5, B5.5).
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { seen } from "../shared/overtaken.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { GoneDialog } from "./gone_dialog.js";

/** Of the page whose face is seen as the dialog opens. */
export function DeclineDialog({ watched, candidate, onClose, onDone }) {
  const sitting = watched.sittings.value.get(candidate);
  if (!sitting) return html`<${GoneDialog} onClose=${onClose} />`;
  return html`<${ReasonDialog} title=${t("decline.title", { name: `${sitting.number} ${sitting.full_name}` })} verb=${t("decline.verb")} danger onClose=${onClose} testid="decline-dialog"
    seen=${{ epoch: sitting.pending?.epoch, replaces: seen(sitting, "entry") }} suggestions=${[t("decline.not_the_person"), t("decline.not_asked")]}
    act=${async (reason, { epoch, replaces }) => {
      await watched.decline(candidate, epoch, reason, replaces);
      onDone?.();
    }}><p class="soft">${t("decline.help")}</p><//>`;
}

/** That the device which asks was declined before, by whom and why; nothing for one that was not. */
export function DeclinedBefore({ watched, sitting }) {
  const before = sitting.pending?.declined;
  if (!before) return null;
  const name = watched.staff.value.find(({ subject }) => subject === before.by)?.full_name ?? before.by;
  return html`<span class="wrong small_text" data-testid="declined-before">${t("decline.before", { name, time: formatClock(before.at), reason: before.reason })}</span>`;
}
