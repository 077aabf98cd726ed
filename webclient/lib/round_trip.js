// Clock exchanges over HTTP, for pages that have no socket yet.

import { Api } from "./api.js";
import { monotonicMs, serverClock } from "./time.js";

/** Median round trip of a few small requests, in milliseconds. Teaches `serverClock` on the way. Throws ApiError. */
export async function measureRoundTrip(times = 1) {
  const api = new Api("");
  const trips = [];
  for (let index = 0; index < times; index += 1) {
    const sent = monotonicMs();
    const { server_time: serverTime } = await api.get("/api/time");
    const received = monotonicMs();
    serverClock.sample(sent, serverTime, received);
    trips.push(received - sent);
  }
  return trips.sort((a, b) => a - b)[Math.floor(times / 2)];
}
