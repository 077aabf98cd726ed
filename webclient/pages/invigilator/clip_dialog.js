// The part of the recording that belongs to a noted violation: part by part, from where it begins to where it ends, and what
// of it was not recorded. A segment can be played once it is finished, which takes about a minute.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";

const AGAIN_MS = 10_000; // while some of it may still come

/** What there is to say of what is not there to be played, as a key; null where nothing is awaited or missing as a whole. */
function standing({ parts, awaited, recording, recorded }) {
  if (awaited && recording) return parts.length > 0 ? "clip.goes_on" : "clip.unfinished";
  if (parts.length > 0) return null; // what is missing is told by its times
  return recorded ? "clip.missing" : "clip.not_admitted";
}

export function ClipDialog({ watched, violation, name, onClose }) {
  const [clip, setClip] = useState(null);
  const [at, setAt] = useState(0); // the part that plays
  const [run, busy, error] = useAct();
  const look = () => run(async () => setClip(await watched.clip(violation)));
  useEffect(() => void look(), []);
  useEffect(() => {
    if (!clip?.awaited) return undefined;
    const timer = setTimeout(look, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [clip, busy]);
  const parts = clip?.parts ?? [];
  const part = parts[at];
  const place = (moment) => (Date.parse(moment) - Date.parse(part.started_at)) / 1000;
  // What a segment holds before and after is of something else.
  const begin = ({ currentTarget: video }) => { video.currentTime = Math.max(0, place(clip.from)); };
  const stay = ({ currentTarget: video }) => {
    const { currentTime: now } = video;
    const [since, until] = [Math.max(0, place(clip.from)), place(clip.to)];
    if (now > until + 0.05) {
      video.pause();
      video.currentTime = until;
    } else if (now < since - 0.5) {
      video.currentTime = since;
    }
  };
  const told = clip && standing(clip);
  return html`<${ActDialog} wide title=${t("clip.title", { name })} onClose=${onClose} testid="clip-dialog" actions=${html`<${CloseButton} primary>${t("common.close")}<//>`}>
    ${part && html`<video key=${part.url} controls autoplay playsinline class="clip" src=${watched.link.api.link(part.url)} aria-label=${t("clip.title", { name })}
      onLoadedMetadata=${begin} onTimeUpdate=${stay} onSeeking=${stay} onEnded=${() => at + 1 < parts.length && setAt(at + 1)} data-testid="clip-video"></video>
      <div class="row">${parts.map((one, index) => html`<button class="small" key=${one.url} aria-pressed=${index === at} onClick=${() => setAt(index)} data-testid="clip-part">${formatClock(one.started_at < clip.from ? clip.from : one.started_at)}</button>`)}</div>`}
    ${told && html`<${Notice} kind="low" live testid="clip-unfinished">${t(told)}<//>`}
    ${(clip?.gaps ?? []).map((gap) => html`<${Notice} key=${gap.from + gap.missing} kind="low" testid="clip-gap">${t("clip.gap", { what: t(`clip.without_${gap.missing.join("_")}`), from: formatClock(gap.from), to: formatClock(gap.to), cause: t(`clip.cause_${gap.cause}`) })}<//>`)}
    ${clip && html`<p class="soft small_text" data-testid="clip-span">${t("clip.help", { from: formatClock(clip.from), to: formatClock(clip.to) })}</p>`}<${ErrorNotice} error=${error} /><//>`;
}
