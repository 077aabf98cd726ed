// The supervisor's page: all rooms of the person at a glance, with how each is attended; then one room to look on.
import { render } from "preact";
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useWatchedRoom } from "../invigilator/use_watched_room.js";
import { Watch } from "../invigilator/watch.js";
import { Dialog } from "../shared/dialog.js";
import { RoomChoice } from "../shared/room_choice.js";
import { isOpen } from "../shared/room_open.js";
import { StaffPage } from "../shared/staff_page.js";
import { TopBar } from "../shared/top_bar.js";
import { Overview } from "./overview.js";

function SupervisorPage({ me, onSignOut, refresh, failure }) {
  const { watched, enter, leave } = useWatchedRoom({ role: "supervisor", me, refresh });
  const [ended, setEnded] = useState(null); // the room that is looked back on
  if (watched) return html`<${Watch} watched=${watched} me=${me} onLeave=${leave} />`;
  const open = me.rooms.filter(isOpen);
  return html`<${TopBar} title=${t("role.supervisor")} who=${me.full_name} clock onSignOut=${onSignOut} />
    <main class="page stack loose"><h1>${t("overview.title")}</h1>
      ${open.length > 0 ? html`<${Overview} role="supervisor" rooms=${open} onOpen=${enter} />` : html`<p class="soft">${t("overview.none")}</p>`}
      <h2>${t("rooms.choose")}</h2><${RoomChoice} role="supervisor" rooms=${me.rooms} failure=${failure} onChoose=${enter} beforeEntry refresh=${refresh} onLookBack=${setEnded} />
      ${ended && html`<${Dialog} title=${t("rooms.look_back")} onClose=${() => setEnded(null)} testid="look-back-dialog"
        actions=${html`<button onClick=${() => setEnded(null)}>${t("common.close")}</button>`}><${Overview} role="supervisor" rooms=${[ended]} /><//>`}</main>`;
}

render(html`<${StaffPage} role="supervisor" Page=${SupervisorPage} />`, document.getElementById("app"));
