// The bar over the wall: room, clock, countdown, counts as filters, recording health, layout and pages. On a narrow
// screen it is one line, so that the tiles come first: countdown, clock, who waits, and a menu with all the rest.
import { useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatCountdown } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { LanguageSwitch, ServerClock } from "../shared/top_bar.js";
import { STANDING_ICONS } from "./tile.js";
import { unanswered } from "./attention.js";
import { AUTO, LAYOUTS } from "./grid.js";
import { standing } from "./watched_room.js";

// Together with those below every standing has a chip, so that the numbers add up to the room.
const CHIPS = ["waiting", "live", "reconnecting", "no_media", "offline", "suspended", "absent", "submitted"];
const SELDOM = ["refused", "over", "held", "left", "referred"]; // at the end of the line, and only while there are any

/** What the countdown counts to: its text key and the moment, or null after the end. */
function nextMoment({ times, called_off: calledOff, hold, released_at: releasedAt, release_held: held, release_due_at: due, last_deadline: last }, now) {
  if (calledOff) return { key: "bar.called_off", at: null };
  if (hold && (!releasedAt || Date.parse(last) <= now)) return { key: "bar.on_hold", at: null };
  if (!releasedAt) return held ? { key: "bar.held", at: null } : { key: "bar.until_release", at: due };
  if (Date.parse(times.submit_by) > now) return { key: "bar.until_submit", at: times.submit_by };
  if (Date.parse(last) > now) return { key: "bar.until_last", at: last };
  return Date.parse(times.end_at) > now ? { key: "bar.until_end", at: times.end_at } : { key: "bar.ended", at: null };
}

export function RoomBar({ watched, people, filter, onFilter, layout, onLayout, page, pages, onPage, turning, onTurn, onLeave, onDialog, logOpen, onLog, waiting, queueOpen, onQueue }) {
  const [open, setOpen] = useState(false); // the menu of a narrow screen
  const closing = (act) => () => {
    setOpen(false); // what it was chosen for is to be seen
    act();
  };
  const menu = useRef();
  const onKey = (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation(); // it is not meant for the focus below
    setOpen(false);
    menu.current.focus();
  };
  const now = useNow(1000);
  const room = watched.room.value;
  const vitals = watched.vitals.value.candidates;
  const next = nextMoment(room, now);
  const asking = [...unanswered(watched.messages.value).values()].flat().length;
  const counts = {};
  for (const sitting of people) {
    const key = standing(sitting, vitals[sitting.candidate], room, now);
    counts[key] = (counts[key] ?? 0) + 1;
    if (sitting.violations) counts.flagged = (counts.flagged ?? 0) + 1;
  }
  const chip = (key) => html`<button class="chip ${key} ${counts[key] || filter === key ? "" : "empty"} ${SELDOM.includes(key) ? "seldom" : ""}" title=${t(`standing.${key}`)} aria-pressed=${filter === key} onClick=${closing(() => onFilter(filter === key ? null : key))} data-testid=${`chip-${key}`}>
    <${Icon} name=${STANDING_ICONS[key]} size=${14} /><span class="chip_word">${t(`standing.${key}`)}</span> <b class="figures">${counts[key] ?? 0}</b></button>`;
  return html`<header class="room_bar folds ${open ? "open" : ""}" onKeyDown=${onKey}>
    <div class="room_bar_line"><button class="small" onClick=${onLeave} aria-label=${t("rooms.back")} data-testid="leave">←</button>
      <div class="room_name" title=${`${room.title}, ${room.exam_title}`} data-testid="room-name"><strong>${room.title}</strong><span class="soft small_text">${room.exam_title}</span></div>
      <div class="bar_moment" data-testid="room-countdown"><span class="soft small_text" title=${t(next.key)}>${t(next.key)}</span>
        ${next.at && html`<strong class="figures" role="timer">${formatCountdown(Date.parse(next.at) - now)}</strong>
          <span class="soft small_text figures">${formatClock(next.at)}</span>`}</div>
      <${RecordingHealth} recording=${watched.vitals.value.recording} />
      <div class="grow"></div><${ServerClock} />
      ${watched.role === "invigilator" && html`<button class="small narrow_only" aria-expanded=${queueOpen} aria-label=${t("queue.count", { count: waiting })} title=${t("queue.title")} onClick=${onQueue} data-testid="queue-toggle"><${Icon} name="clock" size=${15} /><b class="figures">${waiting}</b></button>`}
      <button class="small narrow_only ${filter ? "filtering" : ""}" ref=${menu} aria-expanded=${open} aria-label=${t("bar.menu")} title=${t("bar.menu")} onClick=${() => setOpen(!open)} data-testid="bar-menu"><${Icon} name="menu" size=${15} /></button>
      <${LanguageSwitch} />
      <div class="bar_acts"><button class="small" aria-pressed=${logOpen} onClick=${closing(onLog)} data-testid="log-toggle"><${Icon} name="message" size=${15} />${t("bar.log")}${asking > 0 && html` <b class="figures asking" title=${t("tile.messages", { count: asking })} data-testid="log-unanswered">${asking}<span class="visually_hidden"> – ${t("tile.messages", { count: asking })}</span></b>`}</button>
      ${watched.role === "invigilator" && html`<button class="small" onClick=${closing(() => onDialog({ kind: "run" }))} data-testid="run-open"><${Icon} name="check" size=${15} />${t("bar.run")}</button>
      <button class="small primary" onClick=${closing(() => onDialog({ kind: "message", to: "room" }))} data-testid="broadcast"><${Icon} name="megaphone" size=${15} />${t("bar.broadcast")}</button>`}
      <button class="small" aria-label=${t("help.title")} onClick=${closing(() => onDialog({ kind: "help" }))} data-testid="help">?</button></div></div>
    <div class="room_bar_line" role="group" aria-label=${t("bar.filters")}>${CHIPS.map(chip)}${chip("flagged")}${SELDOM.filter((key) => counts[key] || filter === key).map(chip)}<div class="grow"></div>
      <div class="bar_acts"><select class="layout" aria-label=${t("bar.layout")} title=${t("bar.layout")} value=${LAYOUTS.indexOf(layout)} onChange=${(event) => onLayout(LAYOUTS[event.target.value] ?? AUTO)} data-testid="layout">
        <option value="-1">${t("bar.layout_auto")}</option>
        ${LAYOUTS.map(({ columns, rows }, index) => html`<option value=${index}>${columns} × ${rows}</option>`)}</select>
      <button class="small" disabled=${page === 0} aria-label=${t("bar.previous_page")} onClick=${() => onPage(page - 1)}>‹</button>
      <span class="figures small_text" title=${t("bar.page", { page: page + 1, pages })}><span class="visually_hidden">${t("bar.page", { page: page + 1, pages })}</span><span aria-hidden="true">${page + 1}/${pages}</span></span>
      <button class="small" disabled=${page >= pages - 1} aria-label=${t("bar.next_page")} onClick=${() => onPage(page + 1)}>›</button>
      ${pages > 1 && html`<button class="small" aria-pressed=${turning} aria-label=${t("bar.turn_pages")} title=${t("bar.turn_pages")} onClick=${onTurn} data-testid="turn-pages"><${Icon} name="play" size=${14} /></button>`}</div></div>
  </header>`;
}

function RecordingHealth({ recording }) {
  if (!recording) return null;
  return html`<span class="badge ${recording.ok ? "ok" : "high"}" role="status" data-testid="recording-health" data-ok=${recording.ok}>
    <${Icon} name=${recording.ok ? "record" : "warning"} size=${14} /><span class=${recording.ok ? "wide_word" : ""}>${recording.ok ? t("bar.recording", { count: recording.writing })
      : t("bar.recording_behind", { seconds: Math.round(recording.behind_s) })}</span></span>`;
}
