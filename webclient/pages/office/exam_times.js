// What the exam form says of its times while they are typed. The server decides; this only says it sooner.

import { dateToIso, isoToLocalInput } from "/lib/time.js";

const MINUTE = 60_000;
export const MOST_MINUTES = 600;
export const LAST_MOMENT = "9999-12-31T23:59"; // as a field holds it, so that a year has no fifth figure
const FULL_YEAR = "1000"; // before it, a year is still being typed: "0202" of "2027"

/** Whether a moment, an ISO string or null, is one that somebody has typed to its end. */
export const isWhole = (iso) => Boolean(iso) && isoToLocalInput(iso) >= FULL_YEAR;

/** How long before the start staff may enter (A14.2c.1): that of the server's dated `versions`, newest first, which holds that day in Vietnam. */
export const entryBefore = (versions, startsIso) => versions.find(({ from }) => from <= isoToLocalInput(startsIso).slice(0, 10));

/**
 * What is wrong with a plan, as text keys by field; empty when nothing is. Moments are ISO strings, or null where the field
 * holds none that can be read, and A14.2b.5 orders them: starts <= release, release + working minutes <= submit_by <= end.
 */
export function contradictions({ starts_at: starts, release_at: release, working_minutes: minutes, submit_by: submitBy, end_at: end }) {
  const at = Object.fromEntries(Object.entries({ starts, release, submitBy, end }).map(([name, iso]) => [name, iso ? Date.parse(iso) : NaN]));
  const fields = Object.entries({ starts_at: starts, release_at: release, submit_by: submitBy, end_at: end });
  const found = Object.fromEntries(fields.filter(([, iso]) => !iso).map(([name]) => [name, "plan.moment_missing"]));
  const [unfinished] = fields.find(([, iso]) => iso && !isWhole(iso)) ?? []; // those after it follow the same year
  if (unfinished) found[unfinished] = "plan.moment_missing";
  if (at.release < at.starts) found.release_at = "plan.release_before_start";
  if (!(minutes >= 1 && minutes <= MOST_MINUTES && Number.isInteger(minutes))) found.working_minutes = "plan.minutes";
  if (at.submitBy < at.release + minutes * MINUTE) found.submit_by = "plan.submit_too_early";
  if (at.end < at.submitBy) found.end_at = "plan.end_before_submit";
  return found;
}

/**
 * The plan when somebody changed one of its fields to `value`: null where a field holds no moment. Unless a later time was
 * set by hand, the others follow the start: those of a new exam by its working time, those of a draft by as much as the
 * start was moved from that of `draft`, its times as they were. A start that is blank for a while moves nothing.
 */
export function changed(plan, name, value, { draft, byHand }) {
  const next = { ...plan, [name]: value };
  if (byHand || !next.starts_at || !["starts_at", "working_minutes"].includes(name)) return next;
  if (draft) return name === "starts_at" ? { ...shifted(draft, value), working_minutes: plan.working_minutes } : next;
  return next.working_minutes ? planFrom(next.starts_at, next.working_minutes) : next;
}

/** A plan that begins at another time: every moment as far from the start as it was. */
function shifted(plan, startsIso) {
  const by = Date.parse(startsIso) - Date.parse(plan.starts_at);
  const moved = (iso) => dateToIso(Date.parse(iso) + by);
  return { ...plan, starts_at: startsIso, release_at: moved(plan.release_at), submit_by: moved(plan.submit_by), end_at: moved(plan.end_at) };
}

/** A complete plan from a start and a working time: release at the start, ten minutes to hand in, a quarter of an hour to close. */
export function planFrom(startsIso, minutes) {
  const submitBy = Date.parse(startsIso) + minutes * MINUTE + 10 * MINUTE;
  return { starts_at: startsIso, release_at: startsIso, working_minutes: minutes, submit_by: dateToIso(submitBy), end_at: dateToIso(submitBy + 15 * MINUTE) };
}
