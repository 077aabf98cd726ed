// The seek bar: what was recorded, what is missing (hatched), where events are. A slider for keyboard and pointer.
//
// How grave an event is shows in the form of its mark, not in its colour alone; the legend names the forms that are there.
import { useMemo } from "preact/hooks";

import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { isMarked } from "./event_list.js";
import { isLoss, missingAlone } from "./gap_list.js";
import { level, LEVEL_ICONS, sentence } from "./sentences.js";

const ORDINARY = "ordinary";
const FORMS = [ORDINARY, ...Object.keys(LEVEL_ICONS)];

const word = (form) => t(`inspection.level_${form}`);
const percent = (value) => `${(100 * value).toFixed(3)}%`;

export function Timeline({ manifest, from, to, now, events, it, candidate, onSeek }) {
  const span = Math.max(1, to - from);
  const place = (start, end) => ({ left: percent((start - from) / span), width: percent(Math.max(0, end - start) / span) });
  const marks = useMemo(() => events.filter((event) => event.candidate === candidate && isMarked(event, it))
    .map((event) => ({ seq: event.seq, ms: Date.parse(event.at), grave: level(event, it) ?? ORDINARY, said: sentence(event, it) }))
    .filter(({ ms }) => ms >= from && ms <= to), [events, it, candidate, from, to, language.value]);
  const drawn = useMemo(() => marks.map(({ seq, ms, grave, said }) => html`<span key=${seq} class="mark ${grave}" data-testid="mark" data-level=${grave}
    title=${`${formatClock(ms)} ${word(grave)}: ${said}`} style=${{ left: percent((ms - from) / span) }}></span>`), [marks]);
  const forms = FORMS.filter((form) => marks.some(({ grave }) => grave === form));
  return html`<div class="timeline_bar"><div class="lane" aria-hidden="true">
      ${manifest.segments.map(({ id, start_ms: start, duration_ms: duration }) => html`<span key=${id} class="recorded" style=${place(start, start + duration)}></span>`)}
      ${manifest.gaps.filter((gap) => isLoss(gap) && gap.to_ms > from && gap.from_ms < to).map((gap) => html`<span class="missing ${missingAlone(gap) ?? ""}" data-testid="gap-mark" style=${place(Math.max(from, gap.from_ms), Math.min(to, gap.to_ms))} title=${`${formatClock(gap.from_ms)}–${formatClock(gap.to_ms)}`}></span>`)}
      ${drawn}
      <span class="playhead" style=${{ left: percent(Math.min(1, Math.max(0, (now - from) / span))) }}></span></div>
    <input type="range" min=${from} max=${to} step="100" value=${now} aria-label=${t("inspector.seek")} aria-valuetext=${formatClock(now)}
      onInput=${(event) => onSeek(Number(event.target.value))} data-testid="seek" />
    <div class="row between soft small_text figures"><span>${formatClock(from)}</span><span>${formatClock(to)}</span></div>
    ${forms.length > 0 && html`<ul class="legend small_text soft" aria-label=${t("inspector.marks")} data-testid="legend">${forms.map((form) => html`
      <li key=${form}><span class="lane" aria-hidden="true"><span class="mark ${form}"></span></span>${word(form)}</li>`)}</ul>`}</div>`;
}
