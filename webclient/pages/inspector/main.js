// The inspector's page: choose a room, a candidate, then watch the recording beside the log.
import { render } from "preact";
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { RoomChoice } from "../shared/room_choice.js";
import { StaffPage } from "../shared/staff_page.js";
import { TopBar } from "../shared/top_bar.js";
import { Inspection } from "./inspection.js";

function InspectorPage({ me, onSignOut, refresh }) {
  const [room, setRoom] = useState(() => new URLSearchParams(location.hash.slice(1)).get("room"));
  const choose = (chosen) => {
    setRoom(chosen);
    history.replaceState(null, "", chosen ? `#room=${chosen}` : location.pathname);
  };
  const known = me.rooms.find((one) => one.room === room && !one.unavailable);
  return html`<${TopBar} title=${t("role.inspector")} who=${me.full_name} clock onSignOut=${onSignOut} />
    ${known ? html`<${Inspection} key=${room} known=${known} onBack=${() => choose(null)} />`
      : html`<main class="page stack loose"><h1>${t("rooms.choose")}</h1><${RoomChoice} rooms=${me.rooms} onChoose=${choose} refresh=${refresh} /></main>`}`;
}

render(html`<${StaffPage} role="inspector" Page=${InspectorPage} />`, document.getElementById("app"));
