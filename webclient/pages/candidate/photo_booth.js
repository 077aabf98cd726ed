// Photograph the face or the card with the running camera: see oneself, take it, take it again, keep it.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { photograph } from "../../lib/photo.js";
import { useAct, usePlace } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";

const shown = (blob) => blob && { blob, url: URL.createObjectURL(blob) };

/**
 * `onTaken(blob)` gets what the candidate chose to keep; `onTake(blob)` what was taken, or null when it is taken again, and
 * `before` is that of an earlier opening.
 */
export function PhotoBooth({ stream, subject, onTaken, words, before = null, onTake = () => {} }) {
  const video = useRef();
  const [taken, setTaken] = useState(() => shown(before)); // {blob, url}
  const [run, busy, error] = useAct();
  useEffect(() => {
    if (video.current) video.current.srcObject = stream ?? null;
  }, [stream, taken]);
  useEffect(() => () => taken && URL.revokeObjectURL(taken.url), [taken]);
  const place = usePlace(); // the next photograph's booth takes the place of this one
  const primary = useRef();
  const onward = useRef(false); // whether the keyboard goes to the button that takes the place of the pressed one
  useLayoutEffect(() => {
    if (!onward.current || busy) return;
    onward.current = false;
    primary.current?.focus({ preventScroll: true });
  }, [taken, busy]);
  const again = () => {
    onward.current = true;
    onTake(null);
    setTaken(null);
  };
  const take = () => run(async () => {
    onward.current = true;
    const blob = await photograph(video.current);
    onTake(blob);
    setTaken(shown(blob));
  });
  return html`<section ref=${place} class="booth stack" aria-labelledby=${`booth_${subject}`} data-testid=${`booth-${subject}`}>
    <h2 id=${`booth_${subject}`}>${t(`photo.${subject}`)}</h2>
    <p class="soft">${words || t(`photo.${subject}_help`)}</p>
    <div class="picture_box booth_picture ${subject}">${taken
      ? html`<img src=${taken.url} alt=${t(`photo.${subject}_taken`)} />`
      : html`<video ref=${video} autoplay muted playsinline aria-label=${t("candidate.own_picture")}></video><span class="booth_frame" aria-hidden="true"></span>`}</div>
    <${ErrorNotice} error=${error} />
    <div class="row">${taken
      ? html`<button key="again" onClick=${again} data-testid=${`retake-${subject}`}>${t("photo.again")}</button>
        <button key="keep" ref=${primary} class="primary" disabled=${busy} onClick=${() => run(() => onTaken(taken.blob))} data-testid=${`keep-${subject}`}>${t("photo.keep")}</button>`
      : html`<button key="take" ref=${primary} class="primary" disabled=${busy || !stream} onClick=${take} data-testid=${`take-${subject}`}><${Icon} name="camera" size=${16} />${t("photo.take")}</button>`}</div>
  </section>`;
}
