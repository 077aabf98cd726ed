// The part of the recording that belongs to a noted violation: part by part, each from where it matters. A segment can be
// played once it is finished, which takes about a minute.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

const AGAIN_MS = 10_000; // while the last part is not finished
const FINISHED_MS = 120_000; // after its end; a segment takes up to 75 s

export function ClipDialog({ watched, violation, name, onClose }) {
  const [clip, setClip] = useState(null);
  const [at, setAt] = useState(0); // the part that plays
  const video = useRef();
  const [run, busy, error] = useAct();
  const look = () => run(async () => setClip(await watched.clip(violation)));
  const parts = clip?.parts ?? [];
  const isWhole = parts.length > 0 && parts.at(-1).ended_at >= clip.to;
  const isPast = clip !== null && serverClock.now() > Date.parse(clip.to) + FINISHED_MS;
  useEffect(() => void look(), []);
  useEffect(() => {
    if (clip === null || isWhole || isPast) return undefined;
    const timer = setTimeout(look, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [clip, busy]);
  const part = parts[at];
  const begin = () => { // of the first part, what came before is of something else
    const late = (Date.parse(clip.from) - Date.parse(part.started_at)) / 1000;
    if (late > 0) video.current.currentTime = late;
  };
  return html`<${ActDialog} wide title=${t("clip.title", { name })} onClose=${onClose} testid="clip-dialog" actions=${html`<${CloseButton} primary>${t("common.close")}<//>`}>
    ${part && html`<video key=${part.url} ref=${video} controls autoplay playsinline class="clip" src=${watched.link.api.link(part.url)} aria-label=${t("clip.title", { name })}
      onLoadedMetadata=${begin} onEnded=${() => at + 1 < parts.length && setAt(at + 1)} data-testid="clip-video"></video>
      <div class="row">${parts.map((one, index) => html`<button class="small" key=${one.url} aria-pressed=${index === at} onClick=${() => setAt(index)} data-testid="clip-part">${formatClock(one.started_at < clip.from ? clip.from : one.started_at)}</button>`)}</div>`}
    ${clip && !isWhole && html`<${Notice} kind="low" live testid="clip-unfinished">${t(isPast ? (part ? "clip.rest_missing" : "clip.missing") : part ? "clip.goes_on" : "clip.unfinished")}<//>`}
    <p class="soft small_text">${t("clip.help")}</p><${ErrorNotice} error=${error} /><//>`;
}
