// What concerns a whole room, for everybody who looks after it: held, called off, without an invigilator, put off,
// unbriefed; and a system clock that was moved.
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

export const BRIEFINGS = ["rules", "submission"];
const STEP_S = 1; // a clock that is off by less was slewed, not moved

/** [{code, kind, text}] of a room as the server tells it, worst first; what a list of rooms does not tell is left out.
 *  `runs`: for the invigilator who runs it, who is told what to do; `stepped`: by how many seconds the system clock was
 *  moved, as the vitals tell. */
export function roomAlarms({ phase, hold, called_off: calledOff, unattended_since: unattended, release_held: held, delay, released_at: releasedAt,
  briefings, briefings_missing: missing = [], unacknowledged = [] }, { runs = false, stepped = 0 } = {}) {
  const topics = (list) => list.map((topic) => t(`briefing.${topic}`)).join(", ");
  const waits = phase === "entry";
  const unbriefed = waits && briefings ? BRIEFINGS.filter((topic) => !briefings[topic]) : [];
  return [
    hold && { code: "room-held", kind: "high", text: t(`alarm.hold_${hold.missed}`, { time: formatClock(hold.since), count: hold.candidates }) },
    calledOff && { code: "called-off", kind: "high", text: t("alarm.called_off") },
    unattended && { code: "unattended", kind: "high", text: t("alarm.unattended", { time: formatClock(unattended) }) },
    held && !hold && { code: "release-held", kind: "high", text: t("alarm.release_held") },
    missing.length > 0 && phase !== "ended" && { code: "briefings-missing", kind: "high", text: t("alarm.briefings_missing", { topics: topics(missing) }) },
    Math.abs(stepped) > STEP_S && { code: "clock-stepped", kind: "low", text: t(stepped > 0 ? "alarm.clock_forward" : "alarm.clock_back", { seconds: Math.round(Math.abs(stepped)) }) },
    delay && !releasedAt && !calledOff && { code: "release-delayed", kind: "low", text: t("exam.delayed", { time: formatClock(delay.until), reason: delay.reason }) },
    (waits || phase === "writing") && unacknowledged.length > 0 && { code: "unacknowledged", kind: "low", text: t("alarm.unacknowledged", { roles: unacknowledged.map((role) => t(`role.${role}`)).join(", ") }) },
    unbriefed.length > 0 && { code: "unbriefed", kind: "low", text: t(runs ? "alarm.unbriefed" : "overview.unbriefed", { topics: topics(unbriefed) }) },
  ].filter(Boolean);
}
