// That little time is left, in words: at ten, five and one minute before this candidate has to hand in. It stands above
// paper and answer until the next is due, so what it says stays true, and a screen reader says it once, in its turn. Time
// that was given changes the hour in it, or takes it away.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Notice } from "../shared/notice.js";

const MARKS = [1, 5, 10]; // minutes
const MINUTE_MS = 60_000;

/** Which mark was passed last with `left` milliseconds to go; undefined before the first and when time is over. */
export const markOf = (left) => (left > 0 ? MARKS.find((minutes) => left <= minutes * MINUTE_MS) : undefined);

export function LastMinutes({ candidate }) {
  const now = useNow(500);
  const [heard, setHeard] = useState(false); // a region that comes with its words is not read out
  useEffect(() => setHeard(true), []);
  const writing = serverClock.known && !serverClock.seeded && Boolean(candidate.room.value.released_at) && !candidate.work.readOnly.value && !candidate.held;
  const minutes = heard && writing ? markOf(Date.parse(candidate.deadline) - now) : undefined;
  return html`<div role="status" class="last_minutes" data-testid="last-minutes" data-minutes=${minutes}>${minutes && html`<${Notice} kind="low" icon="clock">
    ${t("exam.last_minutes", { minutes, time: formatClock(candidate.deadline) })}<//>`}</div>`;
}
