// The moment that the player shows, in the address beside room and candidate: loading the page again goes on there, and the
// address can be given to a colleague. It is replaced, not pushed, so that Back leads out of the recording.
const NAME = "at";

/** The moment that the address asks for, in milliseconds since 1970; null without one. */
export function askedMoment() {
  const asked = Date.parse(new URLSearchParams(location.hash.slice(1)).get(NAME) ?? "");
  return Number.isNaN(asked) ? null : asked;
}

/** Write the moment, a whole second that is not later, if the address is still that candidate's. */
export function tellMoment(candidate, wallClockMs) {
  const all = new URLSearchParams(location.hash.slice(1));
  if (all.get("candidate") !== candidate || !Number.isFinite(wallClockMs)) return;
  const moment = new Date(Math.floor(wallClockMs / 1000) * 1000).toISOString().replace(".000", "");
  if (all.get(NAME) === moment) return;
  all.set(NAME, moment);
  history.replaceState(history.state, "", `#${all}`);
}
