// One room: who is in it now, its roster, its staff, its submissions.
import { useState } from "preact/hooks";

import { ApiError } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { AssignDialog } from "./assign_dialog.js";
import { CandidateTable } from "./candidate_table.js";
import { CodesIssueDialog } from "./codes_issue_dialog.js";
import { RosterDialog } from "./roster_dialog.js";
import { SteerDialog } from "./steer_dialog.js";

/** `others` are the exam's other rooms, where a candidate can be moved to. */
export function RoomCard({ api, exam, room, others, staff, reload }) {
  const [dialog, setDialog] = useState(null); // "roster", "codes", "assign" or "steer"
  const [listed, setListed] = useState(false);
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
        ${candidates.length > 0 && html`${room.phase !== "ended" && html`<button class="small" onClick=${() => setDialog("codes")} data-testid="codes-open">${t("codes.open")}</button>`}
          <a class="button small" href=${api.link(`/api/rooms/${room.room}/attendance.pdf`)} download data-testid="attendance">${t("office.attendance")}</a>`}
        <a class="button small" href=${api.link(`/api/rooms/${room.room}/support-log?form=csv`)} download data-testid="support-log">${t("office.support_log")}</a>
        <a class="button small" href=${api.link(`/api/rooms/${room.room}/submissions.zip`)} download data-testid="submissions">${t("office.submissions")}</a>
        ${room.handover && html`<a class="button small" href=${api.link(`/api/rooms/${room.room}/handover/manifest.json`)} download=${`${room.handover.handover}.json`} data-testid="handover-manifest">${t("office.handover_manifest")}</a>`}</div></div>
    ${alarm && html`<${Notice} kind="high" live testid="room-alarm">${alarm}<//>`}
    <p class="small_text">${people ? t("office.room_staff", { people }) : html`<span class="badge low"><${Icon} name="warning" size=${14} />${t("office.no_staff")}</span>`}</p>
    <dl class="counts"><div><dd class="figures">${candidates.length}</dd><dt>${t("office.candidates")}</dt></div>
      ${facts.map(([key, value]) => html`<div data-testid=${`count-${key}`}><dd class="figures">${value}</dd><dt>${t(`office.${key}`)}</dt></div>`)}</dl>
    ${candidates.length > 0 && html`<details onToggle=${(event) => setListed(event.target.open)}><summary>${t("office.show_candidates")}</summary>
      ${listed && html`<${CandidateTable} api=${api} room=${room} others=${others} reload=${reload} />`}</details>`}
    ${dialog === "roster" && html`<${RosterDialog} api=${api} room=${room} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${dialog === "steer" && html`<${SteerDialog} api=${api} exam=${exam} room=${room} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${dialog === "codes" && html`<${CodesIssueDialog} api=${api} room=${room} candidate=${null} onClose=${() => setDialog(null)} />`}
    ${dialog === "assign" && html`<${AssignDialog} api=${api} room=${room} staff=${staff} reload=${reload} onClose=${() => setDialog(null)} />`}</section>`;
}
