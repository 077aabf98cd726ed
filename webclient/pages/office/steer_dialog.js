// The training office while a room is under way: times for all or one, papers and files for all, late candidates, a held
// room, the hand-over. Each act has a form of its own (steer_form.js), which keeps what was typed while another one is shown.
// A dialog that stands open over the end of the room's time says so, and goes to what can still be done.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { Notice } from "../shared/notice.js";
import { atWork, endsWithTime, inTime, offeredActs } from "./steer_acts.js";
import { SteerForm } from "./steer_form.js";

/** `onLog` opens the room's log over this dialog. */
export function SteerDialog({ api, exam, room, reload, onLog, onClose }) {
  const [roster, setRoster] = useState([]);
  useEffect(() => void api.get(`/api/rooms/${room.room}/roster`).then(({ candidates }) => setRoster(candidates), () => {}), [room.room]);
  const wishes = roster.filter(({ candidate, wished_minutes: wished }) => atWork(room).some((one) => one.candidate === candidate && one.extra_minutes < wished));
  const offered = offeredActs(exam, room, wishes.length);
  const [act, setAct] = useState(room.hold ? "hold" : offered.includes("handover") ? "handover" : offered[0]);
  const [busy, setBusy] = useState(false); // an act is under way: how it ends is told where it was written
  const tooLate = !busy && endsWithTime(act) && !inTime(room);
  const shown = tooLate && offered.length > 0 ? offered[0] : act;
  const opened = useRef(new Set()); // the acts that somebody has looked at
  opened.current.add(shown);
  const reason = useRef(""); // as it was typed last: another act is asked for one as well
  const since = useRef(null); // the times as they were when the person began to decide, for whichever act
  const said = useRef();
  useEffect(() => void (tooLate && said.current.focus()), [tooLate]); // the next keys are meant for a form that is gone
  return html`<${Dialog} wide title=${t("steer.title", { room: room.title })} onClose=${onClose} testid="steer-dialog">
    <div class="row" role="tablist">${offered.map((key) => html`<button key=${key} role="tab" class="small" aria-selected=${shown === key} disabled=${busy && act !== key} onClick=${() => setAct(key)} data-testid=${`steer-${key}`}>${t(`steer.${key}`)}</button>`)}</div>
    ${tooLate && html`<div ref=${said} tabindex="-1"><${Notice} kind="low" live testid="steer-too-late"><span>${t(room.called_off ? "steer.called_off" : "steer.too_late", { act: t(`steer.${act}`) })}</span>
      ${shown !== act && reason.current.trim() && html`<span>${t("steer.reason_written", { reason: reason.current })}</span>`}<//></div>`}
    ${[...opened.current].map((key) => html`<${SteerForm} key=${key} act=${key} here=${key === shown} tooLate=${key === act && tooLate} api=${api} exam=${exam} room=${room} wishes=${wishes} since=${since} reason=${reason} reload=${reload} onLog=${onLog} onBusy=${(is) => { if (key === act) setBusy(is); }} />`)}<//>`;
}
