// Every open room in one card: who attends it, when nobody did or does, and how its candidates stand.
import { useState } from "preact/hooks";

import { Api } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { needs } from "../invigilator/attention.js";
import { entered } from "../shared/entered.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";
import { PublishedLists } from "../shared/published_lists.js";
import { roomAlarms } from "../shared/room_alarms.js";
import { useChanges } from "../shared/use_changes.js";

/** `role`: who asks, a supervisor or an inspector; `verb`: what the button of a room says. Without `onOpen` there is none. */
export function Overview({ role, rooms, onOpen, verb = t("rooms.enter") }) {
  const [api] = useState(() => new Api(role));
  const [told, setTold] = useState({}); // room -> {state} or {error}
  const look = async (room) => {
    const found = await api.get(`/api/rooms/${room}/state`).then((state) => ({ state }), (error) => ({ error }));
    setTold((before) => ({ ...before, [room]: { ...before[room], error: null, ...found } }));
    return !found.error;
  };
  useChanges(api, async () => (await Promise.all(rooms.map(({ room }) => look(room)))).every(Boolean));
  return html`<div class="overview">${rooms.map(({ room, title, exam_title: examTitle }) => html`
    <${RoomAtAGlance} key=${room} api=${api} state=${told[room]?.state} error=${told[room]?.error} room=${room} title=${title} examTitle=${examTitle} verb=${verb} onOpen=${onOpen && (() => onOpen(room))} />`)}</div>`;
}

function RoomAtAGlance({ api, state, error, room, title, examTitle, verb, onOpen }) {
  const sittings = state?.sittings ?? [];
  const count = (test) => sittings.filter(test).length;
  const attention = state ? needs(new Map(sittings.map((one) => [one.candidate, one])), state.messages, state.violations).length : 0;
  const facts = [["office.connected", count((one) => one.connected)], ["office.waiting", count((one) => one.state === "waiting")],
    ["office.submitted", count((one) => one.state === "submitted")], ["overview.attention", attention]]; // of a room that is read
  return html`<section class="card stack" data-testid="glance" data-room=${room}><div class="row between"><h2>${title}
      ${state && html` <span class="badge ${state.room.phase === "writing" ? "ok" : ""}">${t(`phase.${state.room.phase}`)}</span>`}</h2>
      <div class="row"><a class="button small" href=${api.link(`/api/rooms/${room}/support-log?form=csv&lang=${language.value}`)} download data-testid="support-log">${t("office.support_log")}</a>
        ${onOpen && html`<button class="small primary" onClick=${onOpen} data-testid="glance-open">${verb}</button>`}</div></div>
    <p class="soft small_text">${examTitle}</p><${ErrorNotice} error=${error} />
    ${(error || !state) && html`<p class="soft" role="status" data-testid="glance-waits">${t(state ? "overview.old" : error ? "overview.again" : "overview.loading")}</p>`}
    ${state && roomAlarms(state.room, { stepped: state.clock_step_s }).map(({ code, kind, text }) => html`<p key=${code} class="badge ${kind}" data-testid=${`glance-${code}`}><${Icon} name="warning" size=${14} />${text}</p>`)}
    ${state?.room.unattended_before.length > 0 && html`<p class="small_text" data-testid="glance-unattended-before">${t("overview.unattended_before", {
      times: state.room.unattended_before.map(({ from, to, by_server: byServer }) => `${formatClock(from)}–${formatClock(to)}${byServer ? ` (${t("log.lost_server")})` : ""}`).join(", ") })}</p>`}
    ${state && html`<dl class="counts">${facts.map(([key, value]) => html`<div key=${key}><dd class="figures">${value}</dd><dt>${t(key)}</dt></div>`)}</dl>`}
    ${state && html`<ul class="people">${state.staff.map(({ subject, full_name: name, role, present, acknowledged, first_entry: first }) => html`<li key=${subject}>
      <${Icon} name=${present ? "ok" : "person"} size=${14} /><span>${name} <span class="soft">(${t(`role.${role}`).toLowerCase()})</span>
        ${first && html` <span class=${first.minutes_before_start < 0 ? "badge low" : "soft small_text"} data-testid="first-entry">${t("entered.first", { time: formatClock(first.at), early: entered(first.minutes_before_start) })}</span>`}</span>
      <span class="badge ${present ? "ok" : ""}">${t(present ? "run.present" : acknowledged ? "overview.away" : "office.unacknowledged")}</span></li>`)}</ul>`}
    ${state?.lists && html`<${PublishedLists} lists=${state.lists} sittings=${sittings} />`}
    ${state?.room.phase === "ended" && !state.lists && html`<p class="soft">${t("run.not_published")}</p>`}</section>`;
}
