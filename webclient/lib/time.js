// The server's clock as seen from this page, and how moments are written.
//
// The only clock that counts is the server's. A page measures its offset by exchanges (client sends, server
// stamps, client receives) and keeps the one with the shortest round trip, whose error is at most half of that
// round trip (Cristian's algorithm). The local side is the monotonic clock, so that a person who sets the
// computer's clock moves no countdown. A monotonic clock may stop while a computer sleeps, hence `forget`,
// called on every reconnection.

const ZONE = "Asia/Ho_Chi_Minh"; // UTC+7 the year round, no daylight saving
const ZONE_OFFSET = "+07:00";
const SAMPLES_KEPT = 45; // as many seconds
const STEP_MS = 100;
const TOLD_LATE_MS = 3000; // a push can be this late without a clock having stepped

export const monotonicMs = () => performance.timeOrigin + performance.now();

export class ServerClock {
  #samples = [];
  #monotonic;

  constructor(monotonic = monotonicMs) {
    this.#monotonic = monotonic;
  }

  /** True once at least one exchange was measured. */
  get known() {
    return this.#samples.length > 0;
  }

  /** True while all that is known comes from an earlier page and this computer's own clock, which may be wrong or have been set. */
  get seeded() {
    return this.known && Boolean(this.#best().seeded);
  }

  /** Shortest round trip of the exchanges kept, in milliseconds; null before the first. */
  get roundTripMs() {
    return this.known ? this.#best().roundTrip : null;
  }

  /** One exchange: when it left and came back on the monotonic clock, and the server's stamp between. */
  sample(sentMs, serverTime, receivedMs) {
    const roundTrip = receivedMs - sentMs;
    const serverMs = Date.parse(serverTime);
    if (!Number.isFinite(serverMs) || roundTrip < 0) return;
    const offset = serverMs - (sentMs + receivedMs) / 2;
    // Further apart than both round trips allow: a clock stepped (a computer slept, a server was replaced).
    const stepped = (one) => Math.abs(one.offset - offset) > (one.roundTrip + roundTrip) / 2 + STEP_MS;
    this.#samples = this.#samples.filter((one) => !stepped(one));
    this.#samples.push({ roundTrip, offset });
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift();
  }

  /** A stamp that came unasked, some time ago: it only counts when it shows that a clock stepped. */
  told(serverTime) {
    const offset = Date.parse(serverTime) - this.#monotonic();
    if (!Number.isFinite(offset) || (this.known && Math.abs(this.#best().offset - offset) < TOLD_LATE_MS)) return;
    this.#samples = [{ roundTrip: Number.MAX_SAFE_INTEGER, offset }];
  }

  /** Start afresh: the next exchange replaces what was known. The last offset holds until it comes. */
  forget() {
    if (this.known) this.#samples = [{ ...this.#best(), roundTrip: Number.MAX_SAFE_INTEGER }];
  }

  /** Begin with what an earlier page knew: how far the server was ahead of this computer's own clock. Any exchange wins. */
  seed(aheadMs) {
    if (!this.known) this.#samples = [{ roundTrip: Number.MAX_SAFE_INTEGER, offset: Date.now() + aheadMs - this.#monotonic(), seeded: true }];
  }

  /** Server time in milliseconds since 1970; this computer's own time while nothing is known. */
  now() {
    return this.#monotonic() + (this.known ? this.#best().offset : 0);
  }

  #best() {
    return this.#samples.reduce((best, one) => (one.roundTrip < best.roundTrip ? one : best));
  }
}

export const serverClock = new ServerClock();

const toDate = (moment) => (moment instanceof Date ? moment : new Date(moment));

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const dateFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });

/** "08:30:00" in Vietnam. */
export const formatClock = (moment) => clockFormat.format(toDate(moment));

/** "08:30" in Vietnam. */
export const formatMinute = (moment) => formatClock(moment).slice(0, 5);

/** "22/11/2026" in Vietnam. */
export const formatDate = (moment) => dateFormat.format(toDate(moment));

/** "08:30 22/11/2026" in Vietnam. */
export const formatDateTime = (moment) => `${formatMinute(moment)} ${formatDate(moment)}`;

/** "1:29:59" or "29:59"; zero when the moment has passed. Rounds up, so that 0:00 means truly over. */
export function formatCountdown(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = `${String(minutes).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** How long ago, "02:14" or "1:02:14". Rounds down. */
export const formatElapsed = (milliseconds) => formatCountdown(Math.floor(Math.max(0, milliseconds) / 1000) * 1000);

const ZONE_OFFSET_MS = 7 * 3_600_000;
const [FIRST_MS, END_MS] = ["0001-01-01T00:00", "+010000-01-01T00:00"].map((local) => Date.parse(`${local}:00${ZONE_OFFSET}`)); // years of four figures

/** What a `datetime-local` field holds, read as time in Vietnam, as ISO 8601 in UTC; null when empty or not a time. */
export function localInputToIso(value) {
  return dateToIso(new Date(`${value}${value.length === 16 ? ":00" : ""}${ZONE_OFFSET}`));
}

/** A moment as ISO 8601 in UTC; null when no `datetime-local` field can hold it, in Vietnam, or when it is none. */
export function dateToIso(moment) {
  const date = toDate(moment);
  return date.getTime() >= FIRST_MS && date.getTime() < END_MS ? date.toISOString() : null;
}

/** A moment as a `datetime-local` field shows it in Vietnam, "2026-11-22T08:30". Reads back as the same one in any year:
 *  while a year is typed it is "0002", and a field that is given anything but what it holds is begun anew. */
export const isoToLocalInput = (moment) => new Date(toDate(moment).getTime() + ZONE_OFFSET_MS).toISOString().slice(0, 16);
