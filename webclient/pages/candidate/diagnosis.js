// How this page is doing, for somebody who helps from afar.
import { language } from "../../lib/i18n.js";
import { measureRoundTrip } from "../../lib/round_trip.js";
import { serverClock } from "../../lib/time.js";

/** What `report_diagnosis` tells. `stream`: of the camera, if one is open; `publisher`: lib/media.js, if it publishes. */
export async function diagnose({ stream, publishing, publisher, answers }) {
  const roundTripMs = await measureRoundTrip(5).catch(() => null);
  const track = (kind) => {
    const found = stream?.getTracks().find((one) => one.kind === kind);
    return found ? { label: found.label, state: found.readyState, muted: found.muted, ...found.getSettings() } : null;
  };
  return {
    browser: navigator.userAgent, language: language.value, screen: `${screen.width}x${screen.height}`, visible: !document.hidden,
    online: navigator.onLine, network: navigator.connection?.effectiveType ?? null, round_trip_ms: roundTripMs && Math.round(roundTripMs),
    clock_offset_ms: Math.round(serverClock.now() - Date.now()), publishing, camera: track("video"), microphone: track("audio"),
    media: await publisher?.statistics?.() ?? null, answer: { revision: answers.revision, saved: answers.state.saved ?? null },
  };
}
