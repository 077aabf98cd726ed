// A <video> that shows one person through a slot of the wall, and nobody else.
//
// A slot changes its person while pictures of the one before are still on their way to the screen. So the element stays
// covered until a picture that the server calls this person's was really rendered.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";

const LOOK_EVERY_MS = 100; // where the browser does not tell of rendered pictures

/** `[ref of the element, whether it shows `person`]`; `slot` is undefined while the person has none. */
export function useOwnPicture(watched, slot, person) {
  const video = useRef();
  const [own, setOwn] = useState(false);
  const stream = slot && watched.streams.value.get(slot);
  // The focus is asked for by name.
  useLayoutEffect(() => (slot === "focus" ? undefined : watched.onScreen.watch(video.current, person)), [person]);
  // A layout effect, since it has to be done before the page is painted under the new name.
  useLayoutEffect(() => {
    const element = video.current;
    element.srcObject = stream ?? null;
    if (!stream) return undefined;
    void element.play().catch(() => {}); // rejected when the element goes away first
    const stop = onPictures(element, (timestamp) => {
      if (!watched.wall.carries(slot, person, timestamp)) return false;
      setOwn(true);
      return true;
    });
    return () => {
      stop();
      setOwn(false);
    };
  }, [stream, person]);
  return [video, own];
}

/** Call `look` with the RTP timestamp of each picture that is rendered, until it answers true; returns how to stop. */
export function onPictures(element, look) {
  if (!element.requestVideoFrameCallback) {
    const timer = setInterval(() => element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && look() && clearInterval(timer), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }
  let waiting;
  const next = () => {
    waiting = element.requestVideoFrameCallback((_, { rtpTimestamp }) => look(rtpTimestamp) || next());
  };
  next();
  return () => element.cancelVideoFrameCallback(waiting);
}

export function LiveVideo({ watched, slot, person, label, muted = true, testid }) {
  const [video, own] = useOwnPicture(watched, slot, person);
  return html`<video ref=${video} autoplay playsinline muted=${muted} aria-label=${label} data-testid=${testid}
    data-person=${own ? person : null} class=${own ? "" : "covered"}></video>`;
}
