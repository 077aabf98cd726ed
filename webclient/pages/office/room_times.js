// A room's own times, which the office and the invigilator may have moved from those of its exam.
import { formatMinute } from "../../lib/time.js";

const MOMENTS = ["release_at", "submit_by", "end_at"];

// A room that ended before the server started, or whose log is broken, tells none; then the exam's stand.
const timesOf = (exam, { times, release_due_at: releaseAt }) => (times ? { ...times, release_at: releaseAt } : exam.times);

/** [{name, at, planned}] of the moments that are others in this room than in its exam. */
export function movedTimes(exam, room) {
  const times = timesOf(exam, room);
  return MOMENTS.map((name) => ({ name, at: times[name], planned: exam.times[name] })).filter(({ at, planned }) => at !== planned);
}

/** When something happens in the rooms of an exam: "08:30", or "08:30–08:40" where they differ. */
export function timeOfRooms(exam, name) {
  const all = exam.rooms.length ? exam.rooms.map((room) => timesOf(exam, room)[name]) : [exam.times[name]];
  const shown = [...new Set(all.sort().map(formatMinute))]; // ISO 8601 in UTC: the order of text is that of time
  return shown.length > 1 ? `${shown[0]}–${shown.at(-1)}` : shown[0];
}
