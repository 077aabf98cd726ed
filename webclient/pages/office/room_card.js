// One room: who is in it now, its roster, its staff, its submissions.
import { useState } from "preact/hooks";

import { ApiError } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { AssignDialog } from "./assign_dialog.js";
import { RosterDialog } from "./roster_dialog.js";
import { SteerDialog } from "./steer_dialog.js";

export function RoomCard({ api, exam, room, staff, reload }) {
  const [dialog, setDialog] = useState(null); // "roster", "assign" or "steer"
  if (room.unavailable) {
    return html`<section class="card stack" data-testid="room" data-room=${room.room}>
      <h2>${room.title} <span class="badge low">${t(`phase.${room.phase}`)}</span></h2>
      <${ErrorNotice} error=${new ApiError(room.unavailable)} testid="unavailable" /></section>`;
  }
  const { candidates } = room;
  const count = (test) => candidates.filter(test).length;
  const facts = [
    ["connected", count((one) => one.connected)], ["waiting", count((one) => one.state === "waiting")],
    ["admitted", count((one) => one.state === "admitted")], ["submitted", count((one) => one.state === "submitted")],
  ];
  const people = room.staff.map(({ full_name: name, role, acknowledged, present }) => `${name} (${t(`role.${role}`).toLowerCase()}${
    present ? `, ${t("run.present")}` : acknowledged ? "" : `, ${t("office.unacknowledged")}`})`).join(", ");
  const alarm = room.hold ? t(`alarm.hold_${room.hold.missed}`, { time: formatClock(room.hold.since) })
    : room.release_held ? t("alarm.release_held") : room.unattended_since ? t("alarm.unattended", { time: formatClock(room.unattended_since) })
    : room.shift_wanted ? t("steer.shift_wanted", { minutes: room.shift_wanted, reason: room.delay_reason })
    : room.handover && !room.handover.received_at ? t("steer.handover_help", { time: formatClock(room.handover.at) }) : "";
  return html`<section class="card stack" data-testid="room" data-room=${room.room}><div class="row between">
      <h2>${room.title} <span class="badge ${room.phase === "writing" ? "ok" : ""}">${t(`phase.${room.phase}`)}</span></h2>
      <div class="row"><button class="small" onClick=${() => setDialog("roster")} data-testid="roster-open">${t(candidates.length ? "roster.again" : "roster.import")}</button>
        <button class="small" onClick=${() => setDialog("assign")} data-testid="assign-open">${t("office.assign")}</button>
        ${room.published && room.phase !== "closed" && html`<button class=${alarm ? "small primary" : "small"} onClick=${() => setDialog("steer")} data-testid="steer-open">${t("office.steer")}</button>`}
        <a class="button small" href=${api.link(`/api/rooms/${room.room}/submissions.zip`)} download data-testid="submissions">${t("office.submissions")}</a></div></div>
    ${alarm && html`<${Notice} kind="high" live testid="room-alarm">${alarm}<//>`}
    <p class="small_text">${people ? t("office.room_staff", { people }) : html`<span class="badge low"><${Icon} name="warning" size=${14} />${t("office.no_staff")}</span>`}</p>
    <dl class="counts"><div><dd class="figures">${candidates.length}</dd><dt>${t("office.candidates")}</dt></div>
      ${facts.map(([key, value]) => html`<div data-testid=${`count-${key}`}><dd class="figures">${value}</dd><dt>${t(`office.${key}`)}</dt></div>`)}</dl>
    ${candidates.length > 0 && html`<details><summary>${t("office.show_candidates")}</summary><div class="table_box"><table><thead><tr>
        <th>${t("roster.number")}</th><th>${t("roster.full_name")}</th><th>${t("office.state")}</th><th>${t("office.connection")}</th><th>${t("office.submitted_at")}</th></tr></thead>
      <tbody>${candidates.map((one) => html`<tr key=${one.candidate}><td class="figures">${one.number}</td><td>${one.full_name}</td><td>${t(`sitting.${one.state}`)}</td>
        <td>${t(one.connected ? "office.online" : "office.offline")}</td><td class="figures">${one.submitted_at ? formatClock(one.submitted_at) : "–"}</td></tr>`)}</tbody></table></div></details>`}
    ${dialog === "roster" && html`<${RosterDialog} api=${api} room=${room} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${dialog === "steer" && html`<${SteerDialog} api=${api} exam=${exam} room=${room} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${dialog === "assign" && html`<${AssignDialog} api=${api} room=${room} staff=${staff} reload=${reload} onClose=${() => setDialog(null)} />`}</section>`;
}
