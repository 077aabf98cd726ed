// The inspector's page: the open rooms at a glance, one of them to look on live, or a room's recordings beside its log.
import "../shared/log_texts.js";

import { render } from "preact";
import { useState } from "preact/hooks";

import { Api } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useWatchedRoom } from "../invigilator/use_watched_room.js";
import { Watch } from "../invigilator/watch.js";
import { OfficeLogDialog } from "../office/office_log_dialog.js";
import { Icon } from "../shared/icon.js";
import { RoomChoice } from "../shared/room_choice.js";
import { isOpen } from "../shared/room_open.js";
import { StaffPage } from "../shared/staff_page.js";
import { Notice } from "../shared/notice.js";
import { TopBar } from "../shared/top_bar.js";
import { useAddress } from "../shared/use_address.js";
import { Overview } from "../supervisor/overview.js";
import { Inspection } from "./inspection.js";

const api = new Api("inspector");

function InspectorPage({ me, failure, onSignOut, refresh }) {
  const [room, choose] = useAddress("room", undefined, ["candidate", "at"]);
  const { watched, enter: watch, leave } = useWatchedRoom({ role: "inspector", me, refresh, name: "watch" });
  const [officeLog, showOfficeLog] = useState(false);
  if (watched) return html`<${Watch} watched=${watched} me=${me} onLeave=${leave} />`;
  const known = me.rooms.find((one) => one.room === room && !one.unavailable);
  const open = me.rooms.filter(isOpen);
  return html`<${TopBar} title=${t("role.inspector")} who=${me.full_name} clock onSignOut=${onSignOut} />
    ${known ? html`<${Inspection} key=${room} me=${me} known=${known} onBack=${() => choose(null)} onWatch=${isOpen(known) && (() => watch(room))} />`
      : html`<main class="page stack loose"><div class="row between"><h1>${t("rooms.choose")}</h1>
          <button class="small" onClick=${() => showOfficeLog(true)} data-testid="office-log-open"><${Icon} name="paper" size=${15} />${t("office.log")}</button></div>
        ${room && html`<${Notice} kind="low" testid="room-not-listed">${t("inspection.not_listed")}<//>`}
        ${open.length > 0 && html`<h2>${t("inspection.live_title")}</h2><p class="soft">${t("inspection.live_help")}</p>
          <${Overview} role="inspector" rooms=${open} onOpen=${watch} verb=${t("rooms.watch")} />`}
        <${RoomChoice} role="inspector" rooms=${me.rooms} failure=${failure} onChoose=${choose} beforeEntry replays onWatch=${watch} refresh=${refresh} />
        ${officeLog && html`<${OfficeLogDialog} api=${api} onClose=${() => showOfficeLog(false)} />`}</main>`}`;
}

render(html`<${StaffPage} role="inspector" Page=${InspectorPage} />`, document.getElementById("app"));
