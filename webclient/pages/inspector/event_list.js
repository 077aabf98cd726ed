// What the room's log says of one candidate and of the whole room, as sentences; beside a player a click goes there.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { LEVEL_ICONS, level, ownClock, sentence } from "./sentences.js";

export const BEFORE_MS = 5000; // a click goes a little before the moment, to see how it came about
const MARKED = new Set(["candidate_connected", "admitted", "paper_opened", "submitted", "message_sent", "candidate_wrote", "hand_raised"]);
const FILTERS = ["all", "candidate", "incidents"];
const MOST = 300; // entries drawn at once: a room of fifty who write for hours has tens of thousands

/** Whether an event gets a mark on the timeline. */
export const isMarked = (event, it) => MARKED.has(event.kind) || level(event, it) !== null;

/** Whether an event is of that candidate, or of the whole room. */
export const concerns = (event, candidate) => !event.candidate || event.candidate === candidate;

// Who they are, by their numbers.
const named = (people, it) => people.map((one) => it.candidates.get(one) ?? one).sort((a, b) => a.localeCompare(b, "vi", { numeric: true })).join(", ");

/** `candidate`: whose log it is; without one, what concerns the whole room, and everybody's incidents. `onSeek(ms)`: where
 *  there is something to go to. `stillLink(violation)`: where the still kept with a violation is. `isWhole`: nothing more of the
 *  log is under way. */
export function EventList({ events, isWhole, it, candidate, now = null, onSeek, stillLink }) {
  const list = useRef();
  const [filter, setFilter] = useState("candidate");
  const [from, setFrom] = useState(null); // the first drawn, once somebody turned the pages
  const passes = { all: () => true, candidate: (event) => concerns(event, candidate), incidents: (event) => level(event, it) && (!candidate || concerns(event, candidate)) };
  const shown = events.filter(passes[filter]);
  const current = now === null ? -1 : shown.findLastIndex(({ at }) => Date.parse(at) <= now);
  const begin = Math.max(0, Math.min(shown.length - MOST, from ?? current - MOST / 2));
  const drawn = shown.slice(begin, begin + MOST);
  useEffect(() => {
    list.current.children[current - begin]?.scrollIntoView({ block: "nearest" });
  }, [current, filter, begin]);
  const turn = (to, key) => html`<button class="small" onClick=${() => setFrom(to)} data-testid=${`events-${key}`}>${t(`inspection.${key}`)}</button>`;
  const word = (name) => t(name === "candidate" && !candidate ? "inspection.filter_common" : `inspection.filter_${name}`);
  return html`<aside class="event_list" aria-label=${t("inspector.events")} data-testid="events">${onSeek && html`<h2>${t("inspector.events")}</h2>`}
    <div class="row event_filters" role="group" aria-label=${t("inspection.filters")}>${FILTERS.map((name) => html`
      <button class="chip" aria-pressed=${filter === name} onClick=${() => {
        setFilter(name);
        setFrom(null);
      }} data-testid=${`events-${name}`}>${word(name)}</button>`)}</div>
    ${shown.length === 0 && isWhole && html`<p class="soft small_text">${t("inspection.none")}</p>`}
    ${shown.length > MOST && html`<p class="row small_text soft" role="status" data-testid="events-part"><span class="figures">${t("inspection.part", { first: begin + 1, last: begin + drawn.length, count: shown.length })}</span>
      ${begin > 0 && turn(begin - MOST, "earlier")}${begin + MOST < shown.length && turn(begin + MOST, "later")}</p>`}
    <ol ref=${list}>${drawn.map((event, index) => {
      const grave = level(event, it);
      const own = ownClock(event);
      const whose = event.candidate && (filter === "all" || !candidate) && it.candidates.get(event.candidate);
      const said = html`<time class="figures soft">${formatClock(event.at)}${!onSeek && ` ${formatDate(event.at)}`}</time><span>${grave && html`<span class="level"><${Icon} name=${LEVEL_ICONS[grave]} size=${13} />${t(`inspection.level_${grave}`)}</span>`}
          ${whose && html`<b>${whose}</b> · `}<span class="said">${sentence(event, it)}</span>${own && html` <span class="soft small_text" data-testid="own-clock">${own}</span>`}</span>`;
      const marks = { class: `entry ${onSeek ? "" : "dated"} ${grave ?? ""}`, "data-testid": "event", "data-kind": event.kind, "data-seq": event.seq, "data-level": grave };
      return html`<li key=${event.seq}>${onSeek ? html`<button ...${marks} aria-current=${index + begin === current ? "true" : null} onClick=${() => {
        setFrom(null);
        onSeek(Date.parse(event.at) - BEFORE_MS);
      }}>${said}</button>`
        : html`<div ...${marks}>${said}</div>`}
        ${event.kind === "briefing_held" && event.data.present?.length > 0 && html`<details class="small_text" data-testid="present"><summary>${t("inspection.present")}</summary><p>${named(event.data.present, it)}</p></details>`}
        ${event.kind === "still_kept" && html`<a class="button small" href=${stillLink(event.data.violation)} target="_blank" rel="noopener" data-testid="still">${t("inspection.still")}</a>`}</li>`;
    })}</ol></aside>`;
}
