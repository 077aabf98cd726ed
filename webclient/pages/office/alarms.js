// What in a room waits for the office, worst first, as the sentences that it reads.
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

/** [{code, text}] of one room of an exam; empty when nothing waits. */
export function alarmsOf(room) {
  const { hold, unattended_since: unattended, shift_wanted: wanted, handover } = room;
  return [
    room.unavailable && { code: "unavailable", text: t("office.room_unavailable") },
    hold && { code: "hold", text: t(`alarm.hold_${hold.missed}`, { time: formatClock(hold.since), count: hold.candidates }) },
    room.called_off && { code: "called_off", text: t("alarm.called_off") },
    room.release_held && { code: "release_held", text: t("alarm.release_held") },
    unattended && { code: "unattended", text: t("alarm.unattended", { time: formatClock(unattended) }) },
    wanted > 0 && { code: "shift_wanted", text: t("steer.shift_wanted", { minutes: wanted, reason: room.delay_reason }) },
    handover && !handover.received_at && { code: "handover", text: t("steer.handover_help", { time: formatClock(handover.at) }) },
  ].filter(Boolean);
}
