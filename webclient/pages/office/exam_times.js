// What the exam form says of its times while they are typed. The server decides; this only says it sooner.

import { isoToLocalInput } from "/lib/time.js";

const MINUTE = 60_000;
export const MOST_MINUTES = 600;
export const LAST_MOMENT = "9999-12-31T23:59"; // as a field holds it, so that a year has no fifth figure

/** How long before the start staff may enter (A14.2c.1): that of the server's dated `versions`, newest first, which holds that day in Vietnam. */
export const entryBefore = (versions, startsIso) => versions.find(({ from }) => from <= isoToLocalInput(startsIso).slice(0, 10));

/**
 * What is wrong with a plan, as text keys by field; empty when nothing is. Moments are ISO strings, or null where the field
 * holds none that can be read, and A14.2b.5 orders them: starts <= release, release + working minutes <= submit_by <= end.
 */
export function contradictions({ starts_at: starts, release_at: release, working_minutes: minutes, submit_by: submitBy, end_at: end }) {
  const at = Object.fromEntries(Object.entries({ starts, release, submitBy, end }).map(([name, iso]) => [name, iso ? Date.parse(iso) : NaN]));
  const found = Object.fromEntries(Object.entries({ starts_at: starts, release_at: release, submit_by: submitBy, end_at: end })
    .filter(([, iso]) => !iso).map(([name]) => [name, "plan.moment_missing"]));
  if (at.release < at.starts) found.release_at = "plan.release_before_start";
  if (!(minutes >= 1 && minutes <= MOST_MINUTES && Number.isInteger(minutes))) found.working_minutes = "plan.minutes";
  if (at.submitBy < at.release + minutes * MINUTE) found.submit_by = "plan.submit_too_early";
  if (at.end < at.submitBy) found.end_at = "plan.end_before_submit";
  return found;
}

/** A plan that begins at another time: every moment as far from the start as it was. */
export function shifted(plan, startsIso) {
  const by = Date.parse(startsIso) - Date.parse(plan.starts_at);
  const moved = (iso) => iso && new Date(Date.parse(iso) + by).toISOString();
  return { ...plan, starts_at: startsIso, release_at: moved(plan.release_at), submit_by: moved(plan.submit_by), end_at: moved(plan.end_at) };
}

/** A complete plan from a start and a working time: release at the start, ten minutes to hand in, a quarter of an hour to close. */
export function planFrom(startsIso, minutes) {
  const start = Date.parse(startsIso);
  const iso = (ms) => new Date(ms).toISOString();
  const submitBy = start + minutes * MINUTE + 10 * MINUTE;
  return { starts_at: startsIso, release_at: startsIso, working_minutes: minutes, submit_by: iso(submitBy), end_at: iso(submitBy + 15 * MINUTE) };
}
