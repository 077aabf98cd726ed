// A <video> that shows one MediaStream and nothing else.
import { useEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";

export function LiveVideo({ stream, label, muted = true, testid }) {
  const video = useRef();
  useEffect(() => {
    video.current.srcObject = stream ?? null;
    if (stream) void video.current.play().catch(() => {}); // rejected when the element goes away first
  }, [stream]);
  return html`<video ref=${video} autoplay playsinline muted=${muted} aria-label=${label} data-testid=${testid}></video>`;
}
