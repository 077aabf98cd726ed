// One act of the training office in a room that is under way (steer_dialog.js): what it asks for, and how it is sent. It is
// pushed to every page of the room at once. While another act is shown the form stays as it is, out of sight.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatElapsed, serverClock } from "../../lib/time.js";
import { CloseButton, Dialog } from "../shared/dialog.js";
import { FileChoice } from "../shared/file_choice.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { Working } from "../shared/working.js";
import { Handover } from "./handover.js";
import { InTwoRooms } from "./in_two_rooms.js";
import { isPdf, pagesOf } from "./pdf_check.js";
import { atWork, canHaveMaterial, mayComeLate, offeredActs } from "./steer_acts.js";

const EVERYBODY = "everybody"; // in the place of a candidate
const MOST_SHIFT_MINUTES = 24 * 60;
const MOST_EXTRA_MINUTES = 240;

// The times as they were when the person began to decide: another window may change them meanwhile.
const timesOf = (room) => ({
  submitBy: room.times.submit_by, extra: Math.max(0, ...room.candidates.map((one) => one.extra_minutes)),
  extras: new Map(room.candidates.map((one) => [one.candidate, one.extra_minutes])), wanted: room.shift_wanted,
});

/** `since` and `reason` hold what the acts of one dialog have in common: the times that are decided on, and why. `onBusy(busy)`
 *  tells whether this one is under way. `tooLate`: it is there to be read, and cannot be sent any more. */
export function SteerForm({ act, here, tooLate, api, exam, room, wishes, since, reason: typed, reload, onLog, onBusy }) {
  const [whom, setWhom] = useState(""); // who gets extra time
  const [less, setLess] = useState(null); // what was given, where it takes time away: asked before it is sent
  const [chosen, setChosen] = useState({}); // the outcome of the hold that began `since`
  const outcome = chosen.since && chosen.since === room.hold?.since ? chosen.outcome : "shift";
  const [material, setMaterial] = useState(""); // what is said of the file that goes to all
  const [done, setDone] = useState(false);
  const [inTwoRooms, setInTwoRooms] = useState([]); // by the times as the act left them
  const [run, busy, error, setError] = useAct();
  const named = useRef(null); // the act that is being written: said again after a lost answer, it is the same one
  const element = useRef();
  useEffect(() => onBusy(busy), [busy]);
  useEffect(() => {
    const field = element.current.elements.reason;
    if (here && field && !field.value) field.value = typed.current;
    if (here) return;
    setDone(false);
    setInTwoRooms([]);
    setError(null);
  }, [here]);
  useEffect(() => void (act === "handover" && setError(null)), [room.handover?.handover]); // said of the one before
  const shown = (since.current ??= timesOf(room));
  const had = shown.extras.get(whom) ?? 0;
  // What is settled once (a hand-over, a held room, the last wish) leaves nothing to press again.
  const settled = (act === "wishes" && wishes.length === 0) || (act === "handover" && (!room.handover || room.handover.received_at || room.lists_outdated)) || (act === "hold" && !room.hold);
  const waited = Math.ceil(Math.max(0, serverClock.now() - Date.parse(room.hold?.since)) / 60_000); // minutes that a held room lost
  const unconfirmed = exam.plan.regime === "B" && exam.reserve && !exam.reserve.confirmed_at; // B22.4
  const send = (given) => run(async () => {
    setLess(null);
    setDone(false);
    try {
      setInTwoRooms([]);
      setInTwoRooms((await STEER[act](api, `/api/rooms/${room.room}`, given, room, shown)).in_two_rooms ?? []);
      await reload();
      typed.current = "";
      named.current = null;
      const form = element.current;
      if (form) {
        form.elements.reason && (form.elements.reason.defaultValue = "");
        form.reset();
      }
      setWhom("");
      setChosen({});
      setMaterial("");
      setDone(true);
      since.current = null; // what is shown next is decided on next
    } catch (failure) {
      if (!failure.isNetwork) since.current = null; // without an answer it may be done: nothing is decided on top of it unawares
      throw failure;
    }
  });
  const onSubmit = (event) => {
    event.preventDefault();
    const data = new FormData(event.target);
    const given = { ...Object.fromEntries(data), candidates: data.getAll("wish"), rooms: data.getAll("room"), act: (named.current ??= crypto.randomUUID()) };
    if (act === "extra" && whom !== EVERYBODY && Number(given.minutes) < had) setLess(given);
    else void send(given);
  };
  const chooseFile = (event) => {
    const input = event.target;
    const [file] = input.files;
    setDone(false);
    setMaterial(file?.name ?? "");
    if (file && isPdf(file)) {
      void run(async () => {
        try {
          setMaterial(t("office.paper_opened", { name: file.name, count: await pagesOf(file) }));
        } catch (failure) {
          input.value = ""; // it is not sent
          setMaterial("");
          throw failure;
        }
      });
    } else setError(null);
  };
  const id = (name) => `${act}_${name}`;
  const at = (name) => (here ? name : null); // what is out of sight is no place for a test
  const field = (name, label, input, more) => html`<div class="field"><label for=${id(name)}>${label}</label>${input}${more}</div>`;
  const minutes = (value, { most = MOST_EXTRA_MINUTES, least = 1, label = t("steer.minutes"), help } = {}) => field("minutes", label, html`<input id=${id("minutes")} key=${whom} name="minutes" type="number" min=${least} max=${most} required defaultValue=${value} aria-describedby=${help ? id("minutes_help") : null} data-testid=${at("steer-minutes")} />`,
    help && html`<span class="help" id=${id("minutes_help")} data-testid=${at("steer-has")}>${help}</span>`);
  const reason = field("reason", t("reason.label"), html`<textarea id=${id("reason")} name="reason" rows="2" maxlength="1000" required defaultValue=${typed.current} onInput=${(event) => { typed.current = event.target.value; }} data-testid=${at("steer-reason")}></textarea>`);
  const moveEnd = html`<label class="check"><input type="checkbox" name="move_end" data-testid=${at("steer-move-end")} /><span>${t("steer.move_end")}</span></label>`;
  const options = (people) => people.map(({ candidate, number, full_name: name, extra_minutes: extra }) => html`<option value=${candidate}>${number} ${name}${extra ? ` (+${extra}′)` : ""}</option>`);
  const others = exam.rooms.filter((one) => one.room !== room.room && !one.unavailable && (act === "material" ? canHaveMaterial(one) : offeredActs(exam, one).includes(act)));
  const elsewhere = others.length > 0 && html`<fieldset class="stack"><legend>${t("steer.rooms_too")}</legend>
    ${others.map((one) => html`<label key=${one.room} class="check"><input type="checkbox" name="room" value=${one.room} defaultChecked data-testid=${at("steer-room")} /><span>${one.title}${act === "material" && !one.released_at
      && html` <span class="soft" data-testid=${at("steer-ahead")}>${t("steer.ahead")}</span>`}</span></label>`)}</fieldset>`;
  const deadline = (extra) => formatClock(Date.parse(room.times.submit_by) + extra * 60_000);
  const hasNow = () => {
    if (whom !== EVERYBODY) return t("steer.has_now", { minutes: had, deadline: deadline(had) });
    const all = atWork(room).map(({ candidate }) => shown.extras.get(candidate) ?? 0);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return t("steer.all_have_now", { minutes: least === most ? least : `${least}–${most}` });
  };
  const extra = () => html`<p class="soft">${t("steer.extra_help", { end_at: formatClock(room.times.end_at) })}</p>
    ${field("for_whom", t("steer.for_whom"), html`<select id=${id("for_whom")} name="candidate" required value=${whom} onChange=${(event) => setWhom(event.target.value)} data-testid=${at("steer-candidate")}>
      <option value="">${t("steer.choose")}</option><option value=${EVERYBODY}>${t("steer.everybody")}</option>${options(atWork(room))}</select>`)}
    ${whom && (whom === EVERYBODY ? minutes(15, { label: t("steer.minutes_more"), help: hasNow() }) : minutes(had, { least: 0, label: t("steer.minutes_in_all"), help: hasNow() }))}${moveEnd}${reason}`;
  const fields = {
    shift: () => html`<p class="soft">${t("steer.shift_help", { submit_by: formatClock(room.times.submit_by), end_at: formatClock(room.times.end_at) })}</p>
      ${room.shift_wanted > 0 && html`<${Notice} kind="low">${t(room.delay_reason ? "steer.shift_wanted" : "steer.released_late", { minutes: room.shift_wanted, reason: room.delay_reason })}<//>`}${minutes(shown.wanted || 10, { most: MOST_SHIFT_MINUTES })}${reason}`,
    extra,
    wishes: () => wishes.length > 0 && html`<p class="soft">${t("steer.wishes_help", { count: wishes.length, end_at: formatClock(room.times.end_at) })}</p>
      ${wishes.map((one) => html`<label key=${one.candidate} class="check"><input type="checkbox" name="wish" value=${one.candidate} defaultChecked data-testid=${at("steer-wish")} />
        <span>${one.number} ${one.full_name}: +${one.wished_minutes}′ → <b class="figures">${deadline(one.wished_minutes)}</b></span></label>`)}${moveEnd}${reason}`,
    late: () => html`<p class="soft">${t("steer.late_help")}</p>
      ${field("candidate", t("steer.candidate"), html`<select id=${id("candidate")} name="candidate" required data-testid=${at("steer-candidate")}><option value="">${t("steer.choose")}</option>${options(mayComeLate(room))}</select>`)}${reason}`,
    reserve: () => html`<p class="soft">${t("steer.reserve_help")}</p>${unconfirmed && html`<${Notice} kind="low" testid="reserve-unconfirmed">${t("office.paper_unconfirmed")}<//>`}${elsewhere}${reason}`,
    material: () => html`${field("nature", t("steer.nature"), html`<select id=${id("nature")} name="nature"><option value="correction">${t("material.correction")}</option><option value="file">${t("material.file")}</option></select>`)}
      ${field("title", t("steer.material_title"), html`<input id=${id("title")} name="title" required maxlength="200" data-testid=${at("steer-title")} />`)}
      ${field("text", t("steer.material_text"), html`<textarea id=${id("text")} name="text" rows="3" maxlength="10000" data-testid=${at("steer-text")}></textarea>`)}
      <div class="field" role="group" aria-labelledby="material_file_label"><span class="label" id="material_file_label">${t("steer.material_file")}</span>
        <${FileChoice} id="material_file" name="file" chosen=${material} onChange=${chooseFile} testid="material-file" /></div>${elsewhere}`,
    hold: () => room.hold && html`<${Notice} kind="high">${t(`alarm.hold_${room.hold.missed}`, { time: formatClock(room.hold.since), count: room.hold.candidates })}<//>
      ${field("outcome", t("steer.outcome"), html`<select id=${id("outcome")} name="outcome" value=${outcome} onChange=${(event) => setChosen({ since: room.hold.since, outcome: event.target.value })} data-testid=${at("steer-outcome")}>
        <option value="shift">${t("steer.outcome_shift")}</option>${room.hold.missed === "deadline" && html`<option value="accept_saved">${t(`steer.outcome_accept_saved_${exam.plan.regime.toLowerCase()}`)}</option>`}${exam.plan.regime === "B"
          ? html`<option value="refer_to_deferral">${t("steer.outcome_refer_to_deferral")}</option>` : html`<option value="refer_to_makeup">${t("steer.outcome_refer_to_makeup")}</option>`}</select>`)}
      ${room.hold.missed !== "deadline" && html`<p class="soft">${t("steer.call_off_help")}</p>`}
      <p class="soft">${t("steer.waited_for", { time: formatElapsed(serverClock.now() - Date.parse(room.hold.since)) })}</p>${outcome === "shift" && minutes(Math.min(MOST_SHIFT_MINUTES, waited + 5), { most: MOST_SHIFT_MINUTES })}${reason}`,
    handover: () => html`<${Handover} room=${room} onLog=${onLog} />`,
  };
  return html`<form ref=${element} class="stack" hidden=${!here} onSubmit=${onSubmit} onInput=${({ target }) => { if (target.name !== "room") named.current = null; }}><fieldset class="bare stack" disabled=${busy || tooLate}>${fields[act]()}</fieldset><${ErrorNotice} error=${error} testid="steer-error" />
      ${done && html`<${Notice} kind="ok" live testid="steer-done">${t("steer.done")}<//>`}
      ${inTwoRooms.length > 0 && html`<${Notice} kind="high" live testid="steer-in-two-rooms"><${InTwoRooms} people=${inTwoRooms} /><//>`}
      <div class="actions">${here && html`<${Working} busy=${busy} />`}<${CloseButton}>${t("common.close")}<//>${!settled && !tooLate && html`<button class="primary" disabled=${busy || (act === "reserve" && unconfirmed)} data-testid=${at("steer-ok")}>${t(`steer.${act}_ok`, { count: wishes.length })}</button>`}</div></form>
    ${less && html`<${LessTime} person=${room.candidates.find(({ candidate }) => candidate === whom)} had=${had} minutes=${Number(less.minutes)} deadline=${deadline} onSend=${() => send(less)} onClose=${() => setLess(null)} />`}`;
}

// Time that a candidate already has is taken away by nobody unawares.
function LessTime({ person, had, minutes, deadline, onSend, onClose }) {
  const actions = html`<button autofocus onClick=${onClose}>${t("common.cancel")}</button><button class="danger" onClick=${onSend} data-testid="steer-less-ok">${t("steer.less_ok")}</button>`;
  return html`<${Dialog} title=${t("steer.less")} onClose=${onClose} actions=${actions} testid="steer-less">
    <p>${t("steer.less_help", { number: person?.number, name: person?.full_name, had, minutes, before: deadline(had), after: deadline(minutes) })}</p><//>`;
}

const STEER = {
  shift: (api, path, { minutes, reason, act }, room, shown) => api.post(`${path}/times/shift`, { minutes: Number(minutes), seen: shown.submitBy, reason, act }),
  extra: (api, path, { candidate, minutes, reason, move_end: moveEnd, act }, room, shown) => {
    if (candidate === EVERYBODY) return api.post(`${path}/extra-time`, { minutes: Number(minutes), seen: shown.extra, reason, move_end: Boolean(moveEnd), act });
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
  hold: (api, path, { outcome, minutes = 0, reason }) => api.post(`${path}/hold`, { outcome, minutes: Number(minutes), reason }),
  handover: (api, path, given, room) => api.post(`${path}/handover/receipt`, { handover: room.handover.handover }),
};
