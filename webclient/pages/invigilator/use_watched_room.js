// The one room that a page of staff looks into: entered, left, and entered again when the page is loaded anew.
import { useEffect, useState } from "preact/hooks";

import { isOpen, isToBeClosed } from "../shared/room_open.js";
import { WatchedRoom } from "./watched_room.js";

/** `{watched, enter(room), leave()}`. The address remembers the room as `name`; `alone`: the only room there is opens by
 *  itself. */
export function useWatchedRoom({ role, me, refresh, name = "room", alone = false }) {
  const [watched, setWatched] = useState(null);
  const enter = (room) => {
    const opened = new WatchedRoom(room, me.subject, role);
    opened.open();
    setWatched(opened);
    history.replaceState(null, "", `#${name}=${room}`);
  };
  const leave = () => {
    setWatched(null);
    history.replaceState(null, "", location.pathname);
    void refresh();
  };
  useEffect(() => () => watched?.close(), [watched]); // left, or signed out
  useEffect(() => {
    const asked = new URLSearchParams(location.hash.slice(1)).get(name);
    const entry = me.rooms.find(({ room }) => room === asked) ?? (alone && me.rooms.length === 1 ? me.rooms[0] : null);
    if (entry && (isOpen(entry) || isToBeClosed(entry, role))) enter(entry.room);
  }, []);
  return { watched, enter, leave };
}
