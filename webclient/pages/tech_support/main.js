// The technician's page: choose a room, then its console. No pictures and no work are shown here.
import { render } from "preact";

import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { useWatchedRoom } from "../invigilator/use_watched_room.js";
import { Notice } from "../shared/notice.js";
import { RoomChoice } from "../shared/room_choice.js";
import { StaffPage } from "../shared/staff_page.js";
import { TopBar } from "../shared/top_bar.js";
import { Console } from "./console.js";

function TechnicianPage({ me, onSignOut, refresh, failure }) {
  const { watched, enter, leave } = useWatchedRoom({ role: "tech_support", me, refresh });
  const { state, refusal } = watched?.connection.value ?? {};
  return html`<${TopBar} title=${watched?.room.value?.title ?? t("role.tech_support")} who=${me.full_name} clock onSignOut=${watched ? null : onSignOut} />
    <main class="page wide stack loose">${watched ? html`
      <div><button class="quiet small" onClick=${leave}>← ${t("rooms.back")}</button></div>
      ${state !== "connected" && html`<${Notice} icon="offline" live testid="offline-notice">${refusal ? errorText(refusal) : t("connection.lost_staff")}<//>`}
      ${watched.room.value && html`<${Console} watched=${watched} />`}`
    : html`<h1>${t("rooms.choose")}</h1><${RoomChoice} role="tech_support" rooms=${me.rooms} failure=${failure} onChoose=${enter} beforeEntry refresh=${refresh} />`}</main>`;
}

render(html`<${StaffPage} role="tech_support" Page=${TechnicianPage} />`, document.getElementById("app"));
