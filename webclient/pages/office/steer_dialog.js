// The training office while a room is under way: times for all or one, papers and files for all, late candidates, a held
// room, the hand-over. Each act asks for its reason and is pushed to every page of the room at once.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatElapsed, serverClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { FileChoice } from "../shared/file_choice.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { Handover } from "./handover.js";
import { InTwoRooms } from "./in_two_rooms.js";
import { atWork, canHaveMaterial, mayComeLate, offeredActs } from "./steer_acts.js";

const EVERYBODY = "everybody"; // in the place of a candidate

/** `onLog` opens the room's log over this dialog. */
export function SteerDialog({ api, exam, room, reload, onLog, onClose }) {
  const [roster, setRoster] = useState([]);
  useEffect(() => void api.get(`/api/rooms/${room.room}/roster`).then(({ candidates }) => setRoster(candidates), () => {}), [room.room]);
  const wishes = roster.filter(({ candidate, wished_minutes: wished }) => atWork(room).some((one) => one.candidate === candidate && one.extra_minutes < wished));
  const offered = offeredActs(exam, room, wishes.length);
  const [act, setAct] = useState(room.hold ? "hold" : offered.includes("handover") ? "handover" : offered[0]);
  const [material, setMaterial] = useState(""); // the name of the file that goes to all
  const [done, setDone] = useState(false);
  const [inTwoRooms, setInTwoRooms] = useState([]); // by the times as the act left them
  const [run, busy, error] = useAct();
  const path = `/api/rooms/${room.room}`;
  const named = useRef(null); // the act that is being written: said again after a lost answer, it is the same one
  const typed = useRef(""); // the reason, which another act is asked for as well
  // The times as they were when the person began to decide: another window may change them meanwhile.
  const shown = useRef(null);
  shown.current ??= { submitBy: room.times.submit_by, extra: Math.max(0, ...room.candidates.map((one) => one.extra_minutes)), extras: new Map(room.candidates.map((one) => [one.candidate, one.extra_minutes])), wanted: room.shift_wanted };
  // What is settled once (a hand-over, a held room, the last wish) leaves nothing to press again.
  const settled = (act === "wishes" && wishes.length === 0) || (act === "handover" && room.handover?.received_at) || (act === "hold" && !room.hold);
  const waited = Math.ceil(Math.max(0, serverClock.now() - Date.parse(room.hold?.since)) / 60_000); // minutes that a held room lost
  const unconfirmed = exam.plan.regime === "B" && exam.reserve && !exam.reserve.confirmed_at; // B22.4
  const onSubmit = (event) => {
    event.preventDefault();
    const form = event.target;
    const given = { ...Object.fromEntries(new FormData(form)), candidates: new FormData(form).getAll("wish"), rooms: new FormData(form).getAll("room") };
    setDone(false);
    given.act = named.current ??= crypto.randomUUID();
    void run(async () => {
      try {
        setInTwoRooms([]);
        setInTwoRooms((await STEER[act](api, path, given, room, shown.current)).in_two_rooms ?? []);
        await reload();
        typed.current = "";
        named.current = null;
        form.elements.reason && (form.elements.reason.defaultValue = "");
        form.reset();
        setMaterial("");
        setDone(true);
      } finally {
        shown.current = null; // what is shown next is decided on next
      }
    });
  };
  const options = (people) => people.map(({ candidate, number, full_name: name, extra_minutes: extra }) => html`<option value=${candidate}>${number} ${name}${extra ? ` (+${extra}′)` : ""}</option>`);
  const minutes = (value, most = 240) => html`<div class="field"><label for="minutes">${t("steer.minutes")}</label><input id="minutes" name="minutes" type="number" min="1" max=${most} required defaultValue=${value} data-testid="steer-minutes" /></div>`;
  const reason = html`<div class="field"><label for="steer_reason">${t("reason.label")}</label><textarea id="steer_reason" name="reason" rows="2" maxlength="1000" required defaultValue=${typed.current} onInput=${(event) => { typed.current = event.target.value; }} data-testid="steer-reason"></textarea></div>`;
  const others = exam.rooms.filter((one) => one.room !== room.room && !one.unavailable && (act === "material" ? canHaveMaterial(one) : offeredActs(exam, one).includes(act)));
  const elsewhere = others.length > 0 && html`<fieldset class="stack"><legend>${t("steer.rooms_too")}</legend>
    ${others.map((one) => html`<label key=${one.room} class="check"><input type="checkbox" name="room" value=${one.room} defaultChecked data-testid="steer-room" /><span>${one.title}${act === "material" && !one.released_at
      && html` <span class="soft" data-testid="steer-ahead">${t("steer.ahead")}</span>`}</span></label>`)}</fieldset>`;
  const fields = {
    shift: html`<p class="soft">${t("steer.shift_help", { submit_by: formatClock(room.times.submit_by), end_at: formatClock(room.times.end_at) })}</p>
      ${room.shift_wanted > 0 && html`<${Notice} kind="low">${t(room.delay_reason ? "steer.shift_wanted" : "steer.released_late", { minutes: room.shift_wanted, reason: room.delay_reason })}<//>`}${minutes(shown.current.wanted || 10, MOST_SHIFT_MINUTES)}${reason}`,
    extra: html`<p class="soft">${t("steer.extra_help", { end_at: formatClock(room.times.end_at) })}</p>
      <div class="field"><label for="for_whom">${t("steer.for_whom")}</label><select id="for_whom" name="candidate" required data-testid="steer-candidate">
        <option value="">${t("steer.choose")}</option><option value=${EVERYBODY}>${t("steer.everybody")}</option>${options(atWork(room))}</select></div>${minutes(15)}
      <label class="check"><input type="checkbox" name="move_end" data-testid="steer-move-end" /><span>${t("steer.move_end")}</span></label>${reason}`,
    wishes: wishes.length > 0 && html`<p class="soft">${t("steer.wishes_help", { count: wishes.length, end_at: formatClock(room.times.end_at) })}</p>
      ${wishes.map((one) => html`<label key=${one.candidate} class="check"><input type="checkbox" name="wish" value=${one.candidate} checked data-testid="steer-wish" />
        <span>${one.number} ${one.full_name}: +${one.wished_minutes}′ → <b class="figures">${formatClock(Date.parse(room.times.submit_by) + one.wished_minutes * 60_000)}</b></span></label>`)}
      <label class="check"><input type="checkbox" name="move_end" data-testid="steer-move-end" /><span>${t("steer.move_end")}</span></label>${reason}`,
    late: html`<p class="soft">${t("steer.late_help")}</p>
      <div class="field"><label for="candidate">${t("steer.candidate")}</label><select id="candidate" name="candidate" required data-testid="steer-candidate"><option value="">${t("steer.choose")}</option>${options(mayComeLate(room))}</select></div>${reason}`,
    reserve: html`<p class="soft">${t("steer.reserve_help")}</p>${unconfirmed && html`<${Notice} kind="low" testid="reserve-unconfirmed">${t("office.paper_unconfirmed")}<//>`}${elsewhere}${reason}`,
    material: html`<div class="field"><label for="nature">${t("steer.nature")}</label><select id="nature" name="nature"><option value="correction">${t("material.correction")}</option><option value="file">${t("material.file")}</option></select></div>
      <div class="field"><label for="material_title">${t("steer.material_title")}</label><input id="material_title" name="title" required maxlength="200" data-testid="steer-title" /></div>
      <div class="field"><label for="material_text">${t("steer.material_text")}</label><textarea id="material_text" name="text" rows="3" maxlength="10000" data-testid="steer-text"></textarea></div>
      <div class="field" role="group" aria-labelledby="material_file_label"><span class="label" id="material_file_label">${t("steer.material_file")}</span>
        <${FileChoice} id="material_file" name="file" chosen=${material} onChange=${(event) => setMaterial(event.target.files[0]?.name ?? "")} testid="material-file" /></div>${elsewhere}`,
    hold: room.hold && html`<${Notice} kind="high">${t(`alarm.hold_${room.hold.missed}`, { time: formatClock(room.hold.since), count: room.hold.candidates })}<//>
      <div class="field"><label for="outcome">${t("steer.outcome")}</label><select id="outcome" name="outcome" data-testid="steer-outcome">
        <option value="shift">${t("steer.outcome_shift")}</option>${room.hold.missed === "deadline" && html`<option value="accept_saved">${t(`steer.outcome_accept_saved_${exam.plan.regime.toLowerCase()}`)}</option>`}${exam.plan.regime === "B"
          ? html`<option value="refer_to_deferral">${t("steer.outcome_refer_to_deferral")}</option>` : html`<option value="refer_to_makeup">${t("steer.outcome_refer_to_makeup")}</option>`}</select></div>
      ${room.hold.missed !== "deadline" && html`<p class="soft">${t("steer.call_off_help")}</p>`}
      <p class="soft">${t("steer.waited_for", { time: formatElapsed(serverClock.now() - Date.parse(room.hold.since)) })}</p>${minutes(Math.min(MOST_SHIFT_MINUTES, waited + 5), MOST_SHIFT_MINUTES)}${reason}`,
    handover: room.handover && html`<${Handover} room=${room} onLog=${onLog} />`,
  };
  return html`<${Dialog} wide title=${t("steer.title", { room: room.title })} onClose=${onClose} testid="steer-dialog">
    <div class="row" role="tablist">${offered.map((key) => html`<button key=${key} role="tab" class="small" aria-selected=${act === key} onClick=${() => { setAct(key); setMaterial(""); setDone(false); setInTwoRooms([]); }} data-testid=${`steer-${key}`}>${t(`steer.${key}`)}</button>`)}</div>
    <form class="stack" key=${act} onSubmit=${onSubmit} onInput=${({ target }) => { if (target.name !== "room") named.current = null; }}>${fields[act]}<${ErrorNotice} error=${error} testid="steer-error" />
      ${done && html`<${Notice} kind="ok" live testid="steer-done">${t("steer.done")}<//>`}
      ${inTwoRooms.length > 0 && html`<${Notice} kind="high" live testid="steer-in-two-rooms"><${InTwoRooms} people=${inTwoRooms} /><//>`}
      <div class="actions"><button type="button" onClick=${onClose}>${t("common.close")}</button>${!settled && html`<button class="primary" disabled=${busy || (act === "reserve" && unconfirmed)} data-testid="steer-ok">${t(`steer.${act}_ok`, { count: wishes.length })}</button>`}</div></form><//>`;
}

const MOST_SHIFT_MINUTES = 24 * 60;

const STEER = {
  shift: (api, path, { minutes, reason }, room, shown) => api.post(`${path}/times/shift`, { minutes: Number(minutes), seen: shown.submitBy, reason }),
  extra: (api, path, { candidate, minutes, reason, move_end: moveEnd }, room, shown) => {
    if (candidate === EVERYBODY) return api.post(`${path}/extra-time`, { minutes: Number(minutes), seen: shown.extra, reason, move_end: Boolean(moveEnd) });
    const until = Date.parse(room.times.submit_by) + Number(minutes) * 60_000;
    const endAt = moveEnd && until > Date.parse(room.times.end_at) ? new Date(until).toISOString() : null;
    return api.put(`${path}/candidates/${candidate}/extra-time`, { minutes: Number(minutes), seen: shown.extras.get(candidate), reason, end_at: endAt });
  },
  wishes: (api, path, { candidates, reason, move_end: moveEnd }) => api.post(`${path}/extra-time/wishes`, { candidates, reason, move_end: Boolean(moveEnd) }),
  late: (api, path, { candidate, reason }) => api.post(`${path}/candidates/${candidate}/late`, { reason }),
  reserve: (api, path, { reason, rooms }) => api.post(`${path}/paper/reserve`, { reason, rooms }),
  material: (api, path, { nature, title, text, rooms, file, act }) => {
    const form = new FormData();
    form.append("material", new Blob([JSON.stringify({ nature, title, text, rooms, act })], { type: "application/json" }));
    if (file?.size) form.append("file", file);
    return api.postForm(`${path}/materials`, form);
  },
  hold: (api, path, { outcome, minutes, reason }) => api.post(`${path}/hold`, { outcome, minutes: Number(minutes), reason }),
  handover: (api, path, given, room) => api.post(`${path}/handover/receipt`, { handover: room.handover.handover }),
};
