// What the room's log says of one candidate and of the whole room, as sentences; a click goes there.
import { useEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";
import { hasText, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";

const BEFORE_MS = 5000; // a click goes a little before the moment, to see how it came about
const MARKED = new Set(["violation_noted", "candidate_disconnected", "candidate_connected", "admitted", "paper_opened", "submitted", "recording_fault", "message_sent"]);

/** Whether an event of that kind gets a mark on the timeline. */
export const isMarked = (kind) => MARKED.has(kind);

function sentence({ kind, data }, people) {
  const details = { ...data, name: people.get(data.staff ?? data.by) ?? data.full_name ?? "", from: data.since ? formatClock(data.since) : "",
    to_time: data.until ? formatClock(data.until) : "", name_of_file: data.name ?? "", category: data.category ? t(`violation.${data.category}`) : "",
    media: data.state && hasText(`media.${data.state}`) ? t(`media.${data.state}`) : (data.state ?? "") };
  return hasText(`event.${kind}`) ? t(`event.${kind}`, details) : `${kind} ${JSON.stringify(data)}`;
}

export function EventList({ events, candidate, now, onSeek }) {
  const list = useRef();
  const mine = events.filter((event) => event.candidate === candidate || !event.candidate);
  const people = new Map(events.filter(({ kind }) => kind === "staff_assigned").map(({ data }) => [data.staff, data.full_name]));
  const current = now === null ? -1 : mine.findLastIndex(({ at }) => Date.parse(at) <= now);
  useEffect(() => {
    list.current.children[current]?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return html`<aside class="event_list" aria-label=${t("inspector.events")} data-testid="events"><h2>${t("inspector.events")}</h2>
    <ol ref=${list}>${mine.map((event, index) => html`<li key=${event.seq}>
      <button class=${event.kind} aria-current=${index === current ? "true" : null} onClick=${() => onSeek(Date.parse(event.at) - BEFORE_MS)} data-testid="event" data-kind=${event.kind} data-seq=${event.seq}>
        <time class="figures soft">${formatClock(event.at)}</time><span>${sentence(event, people)}</span></button></li>`)}</ol></aside>`;
}
