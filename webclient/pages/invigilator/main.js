// The invigilator's page: choose a room, then watch it.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { RoomChoice } from "../shared/room_choice.js";
import { StaffPage } from "../shared/staff_page.js";
import { TopBar } from "../shared/top_bar.js";
import { Watch } from "./watch.js";
import { WatchedRoom } from "./watched_room.js";

function InvigilatorPage({ me, onSignOut, refresh }) {
  const [watched, setWatched] = useState(null);
  const enter = (room) => {
    const opened = new WatchedRoom(room, me.subject);
    opened.open();
    setWatched(opened);
    history.replaceState(null, "", `#room=${room}`);
  };
  const leave = () => {
    setWatched(null);
    history.replaceState(null, "", location.pathname);
    void refresh();
  };
  useEffect(() => () => watched?.close(), [watched]); // left, or signed out
  useEffect(() => {
    const asked = new URLSearchParams(location.hash.slice(1)).get("room");
    const entry = me.rooms.find(({ room }) => room === asked) ?? (me.rooms.length === 1 ? me.rooms[0] : null);
    if (entry && !["closed", "ended", "unavailable"].includes(entry.phase)) enter(entry.room);
  }, []);
  if (watched) return html`<${Watch} watched=${watched} me=${me} onLeave=${leave} />`;
  return html`<${TopBar} title=${t("role.invigilator")} who=${me.full_name} clock onSignOut=${onSignOut} />
    <main class="page stack loose"><h1>${t("rooms.choose")}</h1>
      <${RoomChoice} role="invigilator" rooms=${me.rooms} onChoose=${enter} beforeEntry refresh=${refresh} /></main>`;
}

render(html`<${StaffPage} role="invigilator" Page=${InvigilatorPage} />`, document.getElementById("app"));
