// The one room that a page of staff looks into: entered, left, and entered again when the page is loaded anew.
import { useEffect, useRef, useState } from "preact/hooks";

import { isOpen, isToBeClosed } from "../shared/room_open.js";
import { useAddress } from "../shared/use_address.js";
import { WatchedRoom } from "./watched_room.js";

/** `{watched, enter(room), leave()}`. The address remembers the room as `name`; `alone`: the only room there is opens by
 *  itself. */
export function useWatchedRoom({ role, me, refresh, name = "room", alone = false }) {
  const canEnter = (entry) => Boolean(entry) && (isOpen(entry) || isToBeClosed(entry, role));
  const [room, open] = useAddress(name, (asked) => canEnter(me.rooms.find((one) => one.room === asked)));
  const [watched, setWatched] = useState(null);
  const wasIn = useRef(false);
  useEffect(() => {
    if (!room && !wasIn.current && alone && me.rooms.length === 1 && canEnter(me.rooms[0])) open(me.rooms[0].room, true);
  }, []);
  useEffect(() => {
    if (!room) return wasIn.current ? void refresh() : undefined;
    wasIn.current = true;
    const entered = new WatchedRoom(room, me.subject, role);
    entered.open();
    setWatched(entered);
    return () => { // left, or signed out
      entered.close();
      setWatched(null);
    };
  }, [room]);
  return { watched, enter: (chosen) => open(chosen), leave: () => open(null) };
}
