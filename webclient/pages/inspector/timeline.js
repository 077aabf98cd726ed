// The seek bar: what was recorded, what is missing (hatched), where events are. A slider for keyboard and pointer.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { isMarked } from "./event_list.js";
import { isLoss, missingAlone } from "./gap_list.js";
import { level } from "./sentences.js";

const percent = (value) => `${(100 * value).toFixed(3)}%`;

export function Timeline({ manifest, from, to, now, events, it, candidate, onSeek }) {
  const span = Math.max(1, to - from);
  const place = (start, end) => ({ left: percent((start - from) / span), width: percent(Math.max(0, end - start) / span) });
  const marks = events.filter((event) => event.candidate === candidate && isMarked(event, it))
    .map((event) => ({ ...event, ms: Date.parse(event.at) })).filter(({ ms }) => ms >= from && ms <= to);
  return html`<div class="timeline_bar"><div class="lane" aria-hidden="true">
      ${manifest.segments.map(({ id, start_ms: start, duration_ms: duration }) => html`<span key=${id} class="recorded" style=${place(start, start + duration)}></span>`)}
      ${manifest.gaps.filter((gap) => isLoss(gap) && gap.to_ms > from && gap.from_ms < to).map((gap) => html`<span class="missing ${missingAlone(gap) ?? ""}" data-testid="gap-mark" style=${place(Math.max(from, gap.from_ms), Math.min(to, gap.to_ms))} title=${`${formatClock(gap.from_ms)}–${formatClock(gap.to_ms)}`}></span>`)}
      ${marks.map((mark) => html`<span key=${mark.seq} class="mark ${level(mark, it) ?? ""}" style=${{ left: percent((mark.ms - from) / span) }}></span>`)}
      <span class="playhead" style=${{ left: percent(Math.min(1, Math.max(0, (now - from) / span))) }}></span></div>
    <input type="range" min=${from} max=${to} step="100" value=${now} aria-label=${t("inspector.seek")} aria-valuetext=${formatClock(now)}
      onInput=${(event) => onSeek(Number(event.target.value))} data-testid="seek" />
    <div class="row between soft small_text figures"><span>${formatClock(from)}</span><span>${formatClock(to)}</span></div></div>`;
}
