// One room: who is in it now, its roster, its staff, its submissions.
import { useState } from "preact/hooks";

import { ApiError } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { CloseButton } from "../shared/dialog.js";
import { entered } from "../shared/entered.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { lazy } from "../shared/lazy.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ActDialog } from "../shared/working.js";
import { AssignDialog } from "./assign_dialog.js";
import { alarmsOf } from "./alarms.js";
import { CandidateTable } from "./candidate_table.js";
import { CodesIssueDialog } from "./codes_issue_dialog.js";
import { RoomReached } from "./room_reached.js";
import { RosterDialog } from "./roster_dialog.js";
import { movedTimes } from "./room_times.js";
import { offeredActs } from "./steer_acts.js";
import { SteerDialog } from "./steer_dialog.js";

const RoomLogDialog = lazy(() => import("./room_log_dialog.js"), "RoomLogDialog");

/** `others` are the exam's other rooms, where a candidate can be moved to; `onLook(room)` looks into one handed over. */
export function RoomCard({ api, exam, room, others, staff, reload, onLook }) {
  const [dialog, setDialog] = useState(null); // "roster", "codes", "assign" or "steer"
  const [logOpen, setLogOpen] = useState(false); // also over the dialog that steers
  const [listed, setListed] = useState(false);
  if (room.unavailable) {
    return html`<section class="card stack" data-testid="room" data-room=${room.room}>
      <h2>${room.title} <span class="badge low">${t(`phase.${room.phase}`)}</span></h2>
      <${ErrorNotice} error=${new ApiError(room.unavailable)} testid="unavailable" /></section>`;
  }
  const { candidates } = room;
  const asleep = !room.times; // ended before the server started: what became of it is not read yet
  const over = room.phase === "ended"; // nobody sits in it any more, nor can join
  const count = (test) => candidates.filter(test).length;
  const facts = [
    ["connected", count((one) => !over && one.connected)], ["waiting", count((one) => one.state === "waiting")],
    ["admitted", count((one) => !over && one.state === "admitted" && !one.suspended && !one.referred)], ["submitted", count((one) => one.state === "submitted")],
  ];
  const suspended = count((one) => one.state === "admitted" && one.suspended && !one.referred);
  if (suspended) facts.push(["suspended", suspended]);
  const people = room.staff.map(({ full_name: name, role, unit, acknowledged, present, first_entry: first }) => `${name} (${[t(`role.${role}`).toLowerCase(), unit,
    present ? t("run.present") : acknowledged ? "" : t("office.unacknowledged"), first && t("entered.first", { time: formatClock(first.at), early: entered(first.minutes_before_start) })].filter(Boolean).join(", ")})`).join("; ");
  const alarms = alarmsOf(room);
  const moved = movedTimes(exam, room);
  return html`<section class="card stack" data-testid="room" data-room=${room.room}><div class="row between">
      <h2 class="row">${room.title} <span class="badge ${room.phase === "writing" ? "ok" : ""}">${t(`phase.${room.phase}`)}</span></h2>
      <div class="row">${!over && html`<button class="small" onClick=${() => setDialog("roster")} data-testid="roster-open">${t(candidates.length ? "roster.again" : "roster.import")}</button>
        <button class="small" onClick=${() => setDialog("assign")} data-testid="assign-open">${t("office.assign")}</button>`}
        ${!exam.published_at && candidates.length === 0 && html`<${RemoveRoom} api=${api} room=${room} reload=${reload} />`}
        ${room.published && offeredActs(exam, room).length > 0 && html`<button class=${alarms.length ? "small primary" : "small"} onClick=${() => setDialog("steer")} data-testid="steer-open">${t("office.steer")}</button>`}
        ${candidates.length > 0 && html`${!over && html`<button class="small" onClick=${() => setDialog("codes")} data-testid="codes-open">${t("codes.open")}</button>`}
          <a class="button small" href=${api.link(`/api/rooms/${room.room}/attendance.pdf?lang=${language.value}`)} download data-testid="attendance">${t("office.attendance")}</a>`}
        <button class="small" onClick=${() => setLogOpen(true)} data-testid="room-log-open">${t("office.room_log")}</button>
        <a class="button small" href=${api.link(`/api/rooms/${room.room}/support-log?form=csv&lang=${language.value}`)} download data-testid="support-log">${t("office.support_log")}</a>
        <a class="button small" href=${api.link(`/api/rooms/${room.room}/submissions.zip`)} download data-testid="submissions">${t("office.submissions")}</a>
        ${(room.handover || room.handover_wanted_since) && html`<button class="small" onClick=${() => onLook(room.room)} data-testid="handed-over-open">${t("office.handed_over")}</button>`}
        ${room.handover && html`<a class="button small" href=${api.link(`/api/rooms/${room.room}/handover/manifest.json`)} download=${`${room.handover.handover}.json`} data-testid="handover-manifest">${t("office.handover_manifest")}</a>`}</div></div>
    ${alarms.map(({ code, text }) => html`<${Notice} key=${code} kind=${code === "handover" ? "ok" : "high"} live testid="room-alarm">${text}<//>`)}
    ${moved.length > 0 && html`<p class="figures" data-testid="room-times">${t("office.room_times")} ${moved.map(({ name, at, planned }, index) => (
      html`<span key=${name}>${index ? "; " : ""}${t(`times.${name}`).toLowerCase()} <strong>${formatClock(at)}</strong> <span class="soft">(${t("office.planned", { time: formatClock(planned) })})</span></span>`))}</p>`}
    ${!asleep && html`<p class="small_text">${people ? t("office.room_staff", { people }) : html`<span class="badge low"><${Icon} name="warning" size=${14} />${t("office.no_staff")}</span>`}</p>`}
    <dl class="counts"><div><dd class="figures">${candidates.length}</dd><dt>${t("office.candidates")}</dt></div>
      ${!asleep && facts.map(([key, value]) => html`<div data-testid=${`count-${key}`}><dd class="figures">${value}</dd><dt>${t(`office.${key}`)}</dt></div>`)}</dl>
    ${!asleep && html`<${RoomReached} room=${room} />`}
    ${candidates.length > 0 && html`<details onToggle=${(event) => setListed(event.target.open)}><summary>${t("office.show_candidates")}</summary>
      ${listed && html`<${CandidateTable} api=${api} room=${room} others=${others} reload=${reload} />`}</details>`}
    ${dialog === "roster" && html`<${RosterDialog} api=${api} room=${room} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${dialog === "steer" && html`<${SteerDialog} api=${api} exam=${exam} room=${room} reload=${reload} onLog=${() => setLogOpen(true)} onClose=${() => setDialog(null)} />`}
    ${dialog === "codes" && html`<${CodesIssueDialog} api=${api} room=${room} candidate=${null} onClose=${() => setDialog(null)} />`}
    ${dialog === "assign" && html`<${AssignDialog} api=${api} room=${room} staff=${staff} reload=${reload} onClose=${() => setDialog(null)} />`}
    ${logOpen && html`<${RoomLogDialog} api=${api} room=${room} staff=${staff} onClose=${() => setLogOpen(false)} />`}</section>`;
}

// Only the empty room of a draft has this button, so nothing but its name and its staff is lost.
function RemoveRoom({ api, room, reload }) {
  const [asking, setAsking] = useState(false);
  const [run, busy, error] = useAct();
  const remove = () => run(async () => {
    await api.delete(`/api/rooms/${room.room}`);
    await reload();
  });
  const actions = html`<${CloseButton}>${t("common.cancel")}<//>
    <button class="danger" disabled=${busy} onClick=${remove} data-testid="room-remove-ok">${t("office.remove_room")}</button>`;
  return html`<button class="small" onClick=${() => setAsking(true)} data-testid="room-remove">${t("office.remove_room")}…</button>
    ${asking && html`<${ActDialog} busy=${busy} title=${t("office.remove_room")} onClose=${() => setAsking(false)} actions=${actions} testid="room-remove-dialog">
      <p>${t("office.remove_room_help", { room: room.title })}</p><${ErrorNotice} error=${error} /><//>`}`;
}
