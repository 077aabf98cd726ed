// The candidate's own picture, mirrored as people expect of themselves.
import { useEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";

export function SelfView({ stream, small = false }) {
  const video = useRef();
  useEffect(() => {
    if (video.current.srcObject !== stream) video.current.srcObject = stream ?? null;
  }, [stream]);
  return html`<video ref=${video} class="self_view ${small ? "small" : ""}" autoplay muted playsinline
    aria-label=${t("candidate.own_picture")} data-testid="self-view"></video>`;
}
