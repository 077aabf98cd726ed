// What in a room waits for the office, worst first, as the sentences that it reads.
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { roomAlarms } from "../shared/room_alarms.js";

// What is no fault of anybody yet, and the office alone can mend: it assigns the room's staff.
const OFFICE_MENDS = new Set(["unacknowledged"]);

/** [{code, text}] of one room of an exam; empty when nothing waits. */
export function alarmsOf(room) {
  const { shift_wanted: wanted, handover, handover_wanted_since: corrected } = room;
  return [
    room.unavailable && { code: "unavailable", text: t("office.room_unavailable") },
    ...roomAlarms(room).filter(({ code, kind }) => kind === "high" || (room.published && OFFICE_MENDS.has(code))),
    wanted > 0 && { code: "shift-wanted", text: t(room.delay_reason ? "steer.shift_wanted" : "steer.released_late", { minutes: wanted, reason: room.delay_reason }) },
    handover && room.lists_outdated && { code: "lists-outdated", text: t("office.lists_outdated") },
    corrected && { code: "handover-wanted", text: t("office.handover_wanted", { time: formatClock(corrected) }) },
    handover && !handover.received_at && { code: "handover", text: t("steer.handover_help", { time: formatClock(handover.at) }) },
  ].filter(Boolean);
}
