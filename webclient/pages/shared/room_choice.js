// A list of exam rooms to choose from. With `beforeEntry` it says from when staff may enter a room that is closed.
import { useEffect, useState } from "preact/hooks";

import { Api, ApiError } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatDate, formatMinute } from "../../lib/time.js";
import { useAct, useNow } from "./hooks.js";
import { ListTable } from "./list_table.js";
import { ErrorNotice } from "./notice.js";
import { isDraft, isOpen, isToBeClosed } from "./room_open.js";
import { useChanges } from "./use_changes.js";

/** `role`: whose rooms they are. An assignment that was not taken yet can be taken here (A14.2b.2).
 *  `replays`: a room is chosen for its recordings, ended ones too; `onWatch` looks on in an open one, `onLookBack` shows
 *  what became of an ended one, which cannot be entered. `failure`: why the list could not be asked anew. */
export function RoomChoice({ rooms, failure, onChoose, beforeEntry = false, refresh, role, replays = false, onWatch, onLookBack }) {
  const now = useNow(1000);
  const [api] = useState(() => new Api(role));
  const takes = role !== "inspector"; // whoever oversees is assigned without being asked
  useChanges(api, refresh); // an assignment, other times
  const next = Math.min(...rooms.filter(({ phase }) => phase === "closed").map(({ times }) => Date.parse(times.staff_entry_at)));
  const opened = next <= now;
  useEffect(() => {
    if (opened) void refresh(); // a gate has just opened; the server tells the new phase
  }, [opened]);
  const old = failure && html`<${ErrorNotice} error=${failure} testid="rooms-failed" /><p class="soft" role="status">${t("rooms.old")}</p>`;
  if (rooms.length === 0) return html`${old}<p class="soft">${t("rooms.none")}</p>`;
  const closed = ({ phase, times }) => beforeEntry && phase === "closed" && Date.parse(times.staff_entry_at) > now;
  const columns = [
    { name: t("rooms.room"), cell: (one) => html`<strong>${one.title}</strong><div class="soft small_text">${one.exam_title}</div>
      ${one.published === false && html`<span class="badge low">${t("publication.draft")}</span>`}
      ${takes && one.acknowledged && html`<span class="badge ok">${t("rooms.acknowledged")}</span>`}
      ${takes && one.acknowledged === false && one.phase !== "ended" && html`<${Acknowledge} role=${role} room=${one.room} refresh=${refresh} />`}` },
    { name: t("times.date"), figures: true, cell: ({ times }) => formatDate(times.starts_at) },
    ...["staff_entry_at", "release_at", "submit_by"].map((moment) => ({ name: t(`times.${moment}`), figures: true, cell: ({ times }) => formatMinute(times[moment]) })),
    { name: t("rooms.phase"), cell: ({ phase, unavailable, held, called_off: calledOff }) => {
      const apart = phase !== "ended" && (calledOff ? "bar.called_off" : held && "bar.on_hold");
      return html`<span class="badge ${unavailable || apart ? "low" : phase === "writing" ? "ok" : ""}" data-testid="room-phase">${t(apart || `phase.${phase}`)}</span>`;
    } },
    { name: "", cell: (one) => one.unavailable ? html`<${ErrorNotice} error=${new ApiError(one.unavailable)} testid="unavailable" />`
      : closed(one) ? html`<span data-testid="gate-closed">${t("rooms.opens_at", { time: formatClock(one.times.staff_entry_at), date: formatDate(one.times.staff_entry_at) })}</span>`
      : isDraft(one) ? html`<span class="soft small_text" data-testid="draft-closed">${t("rooms.draft")}</span>`
      : onLookBack && one.phase === "ended" ? html`<button onClick=${() => onLookBack(one)} data-testid="look-back" data-room=${one.room}>${t("rooms.look_back")}</button>`
      : html`<div class="row"><button class="primary" disabled=${beforeEntry && !replays && one.phase === "ended" && !isToBeClosed(one, role)} onClick=${() => onChoose(one.room)} data-testid="choose-room" data-room=${one.room}>${t(replays ? "rooms.replay" : isToBeClosed(one, role) ? (one.handed_over ? "rooms.to_correct" : "rooms.to_close") : "rooms.enter")}</button>
          ${onWatch && isOpen(one) && html`<button onClick=${() => onWatch(one.room)} data-testid="watch-room" data-room=${one.room}>${t("rooms.watch")}</button>`}</div>` },
  ];
  return html`${old}<${ListTable} columns=${columns} rows=${rooms} attributes=${({ room }) => ({ key: room })} label=${t("rooms.choose")} />`;
}

function Acknowledge({ role, room, refresh }) {
  const [run, busy, error] = useAct();
  const take = () => run(async () => {
    await new Api(role).post(`/api/rooms/${room}/acknowledgement`);
    await refresh();
  });
  return html`<div class="row"><button class="small" disabled=${busy} onClick=${take} data-testid="acknowledge" data-room=${room}>${t("rooms.acknowledge")}</button><${ErrorNotice} error=${error} /></div>`;
}
