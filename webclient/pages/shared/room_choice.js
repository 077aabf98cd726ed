// A list of exam rooms to choose from. With `beforeEntry` it says from when staff may enter a room that is closed.
import { useEffect } from "preact/hooks";

import { Api, ApiError } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { measureRoundTrip } from "../../lib/round_trip.js";
import { formatClock, formatDate, formatMinute } from "../../lib/time.js";
import { useAct, useNow } from "./hooks.js";
import { ErrorNotice } from "./notice.js";

const CLOCK_EVERY_MS = 5000;

/** `role`: whose rooms they are; then an assignment that was not taken yet can be taken here (A14.2b.2).
 *  `replays`: a room is chosen for its recordings, ended ones too; `onWatch` looks on in an open one. */
export function RoomChoice({ rooms, onChoose, beforeEntry = false, refresh, role, replays = false, onWatch }) {
  const now = useNow(1000);
  const next = Math.min(...rooms.filter(({ phase }) => phase === "closed").map(({ times }) => Date.parse(times.staff_entry_at)));
  const opened = next <= now;
  useEffect(() => {
    const timer = setInterval(() => void measureRoundTrip().catch(() => {}), CLOCK_EVERY_MS); // the list works without
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (opened) void refresh?.(); // a gate has just opened; the server tells the new phase
  }, [opened]);
  if (rooms.length === 0) return html`<p class="soft">${t("rooms.none")}</p>`;
  return html`<div class="table_box card_like"><table><thead><tr><th>${t("rooms.room")}</th><th>${t("times.date")}</th>
      <th>${t("times.staff_entry_at")}</th><th>${t("times.release_at")}</th><th>${t("times.submit_by")}</th><th>${t("rooms.phase")}</th><th></th></tr></thead>
    <tbody>${rooms.map(({ room, title, exam_title: examTitle, times, phase, unavailable, acknowledged, published }) => {
      const closed = beforeEntry && phase === "closed" && Date.parse(times.staff_entry_at) > now;
      return html`<tr key=${room}><td><strong>${title}</strong><div class="soft small_text">${examTitle}</div>
          ${published === false && html`<span class="badge low">${t("publication.draft")}</span>`}
          ${role && acknowledged === false && phase !== "ended" && html`<${Acknowledge} role=${role} room=${room} refresh=${refresh} />`}
          ${role && acknowledged && html`<span class="badge ok">${t("rooms.acknowledged")}</span>`}</td>
        <td class="figures">${formatDate(times.starts_at)}</td><td class="figures">${formatMinute(times.staff_entry_at)}</td>
        <td class="figures">${formatMinute(times.release_at)}</td><td class="figures">${formatMinute(times.submit_by)}</td>
        <td><span class="badge ${phase === "writing" ? "ok" : unavailable ? "low" : ""}">${t(`phase.${phase}`)}</span></td>
        <td>${unavailable ? html`<${ErrorNotice} error=${new ApiError(unavailable)} testid="unavailable" />` : closed ? html`<span data-testid="gate-closed">${t("rooms.opens_at", { time: formatClock(times.staff_entry_at), date: formatDate(times.staff_entry_at) })}</span>`
          : html`<div class="row"><button class="primary" disabled=${beforeEntry && !replays && phase === "ended"} onClick=${() => onChoose(room)} data-testid="choose-room" data-room=${room}>${t(replays ? "rooms.replay" : "rooms.enter")}</button>
            ${onWatch && !["closed", "ended"].includes(phase) && html`<button onClick=${() => onWatch(room)} data-testid="watch-room" data-room=${room}>${t("rooms.watch")}</button>`}</div>`}</td></tr>`;
    })}</tbody></table></div>`;
}

function Acknowledge({ role, room, refresh }) {
  const [run, busy, error] = useAct();
  const take = () => run(async () => {
    await new Api(role).post(`/api/rooms/${room}/acknowledgement`);
    await refresh?.();
  });
  return html`<div class="row"><button class="small" disabled=${busy} onClick=${take} data-testid="acknowledge" data-room=${room}>${t("rooms.acknowledge")}</button><${ErrorNotice} error=${error} /></div>`;
}
