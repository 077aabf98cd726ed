// What the office receives of a room (A14.2e): when it was handed over, under which digest, and the lists as the room saw them.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatElapsed } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { PublishedLists } from "../shared/published_lists.js";

/** `onLog` opens the room's log. */
export function Handover({ room, onLog }) {
  const { handover, lists, candidates } = room;
  if (!handover) return room.handover_wanted_since && html`<${Notice} kind="high" live testid="handover-again">${t("office.handover_wanted", { time: formatClock(room.handover_wanted_since) })}<//>`;
  return html`${room.lists_outdated && html`<${Notice} kind="high" live testid="handover-outdated">${t("office.lists_outdated")}<//>`}<p>${t("steer.handover_help", { time: formatClock(handover.at) })}
      ${handover.received_at && html` <span class="badge ok" data-testid="handover-received"><${Icon} name="ok" size=${13} />${t("closed.received", { time: formatClock(handover.received_at) })}</span>`}</p>
    <p class="soft" data-testid="handover-delay">${t("steer.handover_delay", { time: formatElapsed(Date.parse(handover.at) - Date.parse(room.times.end_at)) })}</p>
    <p class="small_text">SHA-256 <code>${handover.sha256}</code></p>
    ${lists && html`<h3>${t("lists.title")} <span class="soft small_text figures">${t("lists.version", { version: lists.version, time: formatClock(lists.at) })}</span></h3>
      <${PublishedLists} lists=${lists} sittings=${candidates} />`}
    <div><button type="button" class="small" onClick=${onLog} data-testid="handover-log"><${Icon} name="paper" size=${14} />${t("office.room_log")}</button></div>`;
}
