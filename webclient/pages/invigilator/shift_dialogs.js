// The change of shift: one invigilator offers the room, with what is open in it, and another takes it.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { ReasonDialog } from "../shared/reason_dialog.js";

const MATTER_LENGTH = 80; // characters of a message

export function OfferShift({ watched, onClose }) {
  const others = watched.staff.value.filter(({ role, subject }) => role === "invigilator" && subject !== watched.subject);
  if (others.length === 0) {
    return html`<${Dialog} title=${t("run.shift")} onClose=${onClose} testid="shift-dialog" actions=${html`<button onClick=${onClose}>${t("common.close")}</button>`}><p>${t("run.shift_nobody")}</p><//>`;
  }
  return html`<${OfferTo} watched=${watched} others=${others} onClose=${onClose} />`;
}

// Who is chosen may be taken off the room meanwhile: the room goes to nobody else unless that one is chosen.
function OfferTo({ watched, others, onClose }) {
  const [chosen, setChosen] = useState(others[0].subject);
  const to = others.some(({ subject }) => subject === chosen) ? chosen : "";
  return html`<${ReasonDialog} title=${t("run.shift")} verb=${t("run.shift_offer")} optional onClose=${onClose} seen=${watched.shift.value?.seq ?? 0} act=${(note, shown) => watched.offerShift(to, note, shown)} testid="shift-dialog">
    <div class="field"><label for="shift_to">${t("run.shift_to")}</label><select id="shift_to" required value=${to} onChange=${(event) => setChosen(event.target.value)}>
      ${!to && html`<option value="">${t("run.shift_choose")}</option>`}
      ${others.map(({ subject, full_name: name, present }) => html`<option value=${subject}>${name} ${present ? `(${t("run.present")})` : ""}</option>`)}</select></div><//>`;
}

/** What is open, in words: of whom or what, and since when. */
function matterText(watched, matter) {
  const [kind, id] = matter.split(":");
  const noted = kind === "violation" ? watched.violations.value.find(({ violation }) => violation === id) : null;
  const written = kind === "message" ? watched.messages.value.find(({ message }) => message === id) : null;
  const one = watched.sittings.value.get(noted?.candidate ?? written?.from ?? id);
  const since = noted?.at ?? written?.at
    ?? { waiting: one?.lobby_at, refused: one?.acts?.entry?.at, hand: one?.hand_raised_at, absent: one?.absent_since, offline: one?.connection_changed_at, suspended: one?.acts?.suspension?.at }[kind];
  const { delay } = watched.room.value;
  const details = [one && `${one.number} ${one.full_name}`, kind === "briefing" && t(`briefing.${id}`),
    kind === "release_delayed" && delay && formatClock(delay.until), kind === "release_delayed" && delay?.reason, noted && t(`violation.${noted.category}`), written && `“${shortened(written.text)}”`, since && formatClock(since)];
  return `${t(`matter.${kind}`)} ${details.filter(Boolean).join(" · ")}`;
}

const shortened = (text) => (text.length > MATTER_LENGTH ? `${text.slice(0, MATTER_LENGTH)}…` : text);

/** The room as it is offered to whoever looks at this page, with what is open; put off, it waits over the wall. */
export function TakeShift({ watched }) {
  const shift = watched.shift.value;
  const isOffered = shift?.to === watched.subject && watched.shiftPutOff.value !== shift.seq;
  return isOffered && html`<${OfferedShift} key=${shift.seq} watched=${watched} shift=${shift} />`;
}

export function ShiftLater({ watched }) {
  const shift = watched.shift.value;
  const waits = shift?.to === watched.subject && watched.shiftPutOff.value === shift.seq;
  return waits && html`<${Notice} kind="low" testid="shift-put-off">${t("run.shift_from", { name: nameOf(watched, shift.by) })}
    <div class="row"><button class="small" onClick=${() => { watched.shiftPutOff.value = 0; }} data-testid="shift-open-again">${t("run.shift_see")}</button></div><//>`;
}

const nameOf = (watched, subject) => watched.staff.value.find((one) => one.subject === subject)?.full_name ?? subject;

// The matters stand still while they are read: what came meanwhile is refused by the server, and then shown.
function OfferedShift({ watched, shift }) {
  const [run, busy, error] = useAct();
  const [matters, setMatters] = useState(shift.matters);
  const take = () => watched.takeShift(matters).catch((failure) => {
    if (failure.code === "matters_changed") setMatters(failure.details.matters);
    throw failure;
  });
  const later = () => { watched.shiftPutOff.value = shift.seq; };
  const actions = html`<button onClick=${later} data-testid="shift-later">${t("run.shift_later")}</button>
    <button class="primary" disabled=${busy} onClick=${() => run(take)} data-testid="shift-take">${t("run.shift_take")}</button>`;
  return html`<${Dialog} title=${t("run.shift_from", { name: nameOf(watched, shift.by) })} uninvited onClose=${later} testid="take-shift" actions=${actions}>
    ${shift.note && html`<p>${shift.note}</p>`}<h3>${t("run.matters", { count: matters.length })}</h3>
    <ul>${matters.map((matter) => html`<li key=${matter} data-testid="matter">${matterText(watched, matter)}</li>`)}</ul><${ErrorNotice} error=${error} /><//>`;
}

/** To whoever offered the shift: it stands no more, since the office took the other off the room. */
export function LapsedShift({ watched }) {
  const lapsed = watched.shiftLapsed.value;
  return lapsed?.by === watched.subject && html`<${Notice} kind="low" live testid="shift-lapsed">${t("run.shift_lapsed", { name: lapsed.full_name })}
    <div class="row"><button class="small" onClick=${() => watched.forgetLapsedShift()} data-testid="shift-lapsed-noted">${t("alarm.noted")}</button></div><//>`;
}
