// The invigilator's page: choose a room, then watch it.
import { render } from "preact";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { RoomChoice } from "../shared/room_choice.js";
import { StaffPage } from "../shared/staff_page.js";
import { TopBar } from "../shared/top_bar.js";
import { useWatchedRoom } from "./use_watched_room.js";
import { Watch } from "./watch.js";

function InvigilatorPage({ me, onSignOut, refresh, failure }) {
  const { watched, enter, leave } = useWatchedRoom({ role: "invigilator", me, refresh, alone: true });
  if (watched) return html`<${Watch} watched=${watched} me=${me} onLeave=${leave} />`;
  return html`<${TopBar} title=${t("role.invigilator")} who=${me.full_name} clock onSignOut=${onSignOut} />
    <main class="page stack loose"><h1>${t("rooms.choose")}</h1>
      <${RoomChoice} role="invigilator" rooms=${me.rooms} failure=${failure} onChoose=${enter} beforeEntry refresh=${refresh} /></main>`;
}

render(html`<${StaffPage} role="invigilator" Page=${InvigilatorPage} />`, document.getElementById("app"));
