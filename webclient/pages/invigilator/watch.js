// The screen of one room: top bar, admit queue, wall, focus, dialogs and keys.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { overtakenText } from "../shared/overtaken.js";
import { roomAlarms } from "../shared/room_alarms.js";
import { TopBar } from "../shared/top_bar.js";
import { AdmitDialog } from "./admit_dialog.js";
import { AdmitQueue } from "./admit_queue.js";
import { Attention, needs } from "./attention.js";
import { ClosedRoom } from "./closed_room.js";
import { DeclineDialog } from "./decline_dialog.js";
import { FlagDialog } from "./flag_dialog.js";
import { FocusView } from "./focus_view.js";
import { AUTO, perPage } from "./grid.js";
import { HelpDialog } from "./help_dialog.js";
import { Log } from "./log.js";
import { MessageDialog } from "./message_dialog.js";
import { RoomBar } from "./room_bar.js";
import { RunDialog } from "./run_dialog.js";
import { LapsedShift, ShiftLater, TakeShift } from "./shift_dialogs.js";
import { SittingDialog } from "./sitting_dialogs.js";
import { TileWall } from "./tile_wall.js";
import { useSteady } from "./steady.js";
import { hasEnded, pictureInQueue, standing } from "./watched_room.js";

const TURN_MS = 15_000;

export function Watch({ watched, me, onLeave }) {
  const room = watched.room.value;
  const { state, refusal } = watched.connection.value;
  if (!room) {
    return html`<${TopBar} title=${t(`role.${watched.role}`)} who=${me.full_name} clock />
      <main class="page stack loose"><${Notice} kind=${state === "refused" ? "high" : "technical"} testid="room-state">
        <span data-code=${refusal?.code}>${refusal?.code === "gate_closed"
          ? t("rooms.opens_at", { time: formatClock(refusal.details.opens_at), date: formatDate(refusal.details.opens_at) })
          : refusal ? errorText(refusal) : t(`connection.${state === "lost" ? "lost_staff" : "joining"}`)}</span><//>
        <div><button onClick=${onLeave}>${t("rooms.back")}</button></div></main>`;
  }
  return html`<${OpenRoom} watched=${watched} onLeave=${onLeave} />`;
}

function OpenRoom({ watched, onLeave }) {
  const [layout, setLayout] = useState(AUTO);
  const [page, setPage] = useState(0);
  const [turning, setTurning] = useState(false); // pages of the wall by themselves
  const [filter, setFilter] = useState(null);
  const [focus, setFocus] = useState(null);
  const [selected, setSelected] = useState(null);
  const [dialog, setDialog] = useState(null); // as OpenDialog shows them: {kind, ...}
  const runs = watched.role === "invigilator";
  const [logOpen, setLogOpen] = useState(false);
  const [queueOpen, setQueueOpen] = useState(false); // on a narrow screen, where it is behind a button
  const [over, setOver] = useState(false); // the pointer is over the wall
  const sittings = watched.sittings.value;
  const vitals = watched.vitals.value.candidates;

  // Ordered by candidate number and by nothing that changes, so that no tile moves under the pointer.
  const people = useMemo(() => [...sittings.values()].sort((a, b) => a.number.localeCompare(b.number, "vi", { numeric: true })), [sittings]);
  // Everybody of the room has a tile, also who waits: admitting moves none.
  const waiting = people.filter((sitting) => ["waiting", "refused"].includes(sitting.state) || sitting.readmission);
  const matching = people.filter((sitting) => !filter || (filter === "flagged" ? sitting.violations > 0 : standing(sitting, vitals[sitting.candidate], watched.room.value) === filter));
  const [onWall, held] = useSteady(people, matching, filter, over);
  const onPage = perPage(layout);
  const pages = Math.max(1, Math.ceil(onWall.length / onPage));
  const current = Math.min(page, pages - 1);
  const shown = onWall.slice(current * onPage, (current + 1) * onPage);
  // Should there be more than slots, those on the wall come before those who wait.
  const sending = [
    ...shown.filter((one) => one.connected).map((one) => one.candidate),
    ...waiting.filter((one) => one.connected || one.readmission).map(pictureInQueue),
  ];
  const visible = [...new Set(sending)].filter((person) => watched.onScreen.people.value.has(person));
  useEffect(() => {
    if (!turning || pages < 2 || focus || dialog) return undefined;
    const timer = setInterval(() => {
      if (!document.querySelector(".wall:hover, .wall:focus-within")) setPage((page) => (page + 1) % pages); // somebody looks at a tile
    }, TURN_MS);
    return () => clearInterval(timer);
  }, [turning, pages, focus, dialog]);
  const wish = JSON.stringify([visible, focus]); // the focus also in a hidden tab, where it is heard
  useEffect(() => watched.show(visible, focus), [wish]);

  const leaveFocus = () => {
    if (focus) setSelected(focus);
    setFocus(null);
  };
  useEffect(() => { // the keyboard goes on at the tile of whom it looked at
    if (!focus && document.activeElement === document.body) document.querySelector(`[data-testid=tile][data-candidate="${selected}"]`)?.focus();
  }, [focus]);

  const target = [focus, selected].find((candidate) => sittings.has(candidate)); // nobody whom the office took off the roster
  const alert = (step) => { // the next or the previous who needs somebody
    const list = needs(sittings, watched.messages.value, watched.violations.value, vitals).map(({ candidate }) => candidate);
    if (list.length) setFocus(list[(list.indexOf(focus) + step + list.length) % list.length]);
  };
  const keys = useRef();
  const ended = hasEnded(watched.room.value);
  keys.current = ended ? runs && { h: () => setDialog({ kind: "run" }) } : {
    ...(runs && {
      f: () => target && setDialog({ kind: "flag", candidate: target }),
      m: () => target && setDialog({ kind: "message", to: [target] }),
      b: () => setDialog({ kind: "message", to: "room" }),
      z: () => sittings.get(target)?.state === "admitted" && setDialog({ kind: "suspend", candidate: target }),
      h: () => setDialog({ kind: "run" }),
      a: () => {
        const { refuses, out_of_time: late } = watched.room.value;
        const next = !refuses.admit && waiting.find((sitting) => !sitting.readmission && sitting.state === "waiting" && !late.includes(sitting.candidate)); // another device is admitted knowingly
        if (next) setDialog({ kind: "admit", candidates: [next.candidate] });
      },
    }),
    n: () => alert(1),
    p: () => alert(-1),
    "?": () => setDialog({ kind: "help" }),
    escape: () => leaveFocus(),
    pageup: () => setPage(Math.max(0, current - 1)),
    pagedown: () => setPage(Math.min(pages - 1, current + 1)),
  };
  useEffect(() => {
    const onKey = (event) => {
      const typing = event.target.closest("input, textarea, select") || document.querySelector("dialog[open]"); // keys are the dialog's then
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = keys.current && keys.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  // Under the same key in both screens: what somebody is writing when the room ends stays before them.
  const dialogs = dialog && html`<${OpenDialog} key="dialog" watched=${watched} dialog=${dialog} runs=${runs} onClose=${() => setDialog(null)} />`;
  const lost = watched.connection.value.state !== "connected";
  if (ended) {
    return html`<div class="watch" data-testid="watch" data-phase="ended"><${ClosedRoom} watched=${watched} lost=${lost} onLeave=${onLeave} onDialog=${setDialog} />
      ${dialogs}</div>`;
  }
  return html`<div class="watch" data-testid="watch" data-phase=${watched.room.value.phase}>
    <${RoomBar} watched=${watched} people=${people} filter=${filter} onFilter=${(chosen) => { setFilter(chosen); leaveFocus(); }} layout=${layout} onLayout=${setLayout}
      page=${current} pages=${pages} onPage=${setPage} turning=${turning} onTurn=${() => setTurning(!turning)} onLeave=${onLeave} onDialog=${setDialog} logOpen=${logOpen} onLog=${() => setLogOpen(!logOpen)}
      waiting=${waiting.filter((one) => one.state !== "refused").length} queueOpen=${queueOpen} onQueue=${() => setQueueOpen(!queueOpen)} />
    <div class="watch_alerts">${lost && html`<${Notice} icon="offline" live testid="offline-notice">${t("connection.lost_staff")}<//>`}
      <${ErrorNotice} error=${watched.error.value} />
      <${RoomAlarms} watched=${watched} />${runs && html`<${LapsedShift} watched=${watched} /><${ShiftLater} watched=${watched} />`}<${Attention} watched=${watched} onOpen=${setFocus} />
      ${watched.overtaken.value.length > 0 && html`<${Notice} kind="low" live testid="overtaken">${t("queue.overtaken", {
        names: watched.overtaken.value.map(({ candidate, told }) => [sittings.get(candidate)?.number, sittings.get(candidate)?.full_name, told && `– ${overtakenText(told)}`].filter(Boolean).join(" ")).join("; "),
      })}<//>`}
      ${watched.notReady.value.length > 0 && html`<${Notice} kind="low" live testid="not-ready">${t("queue.not_ready", {
        names: watched.notReady.value.map((candidate) => [sittings.get(candidate)?.number, sittings.get(candidate)?.full_name].filter(Boolean).join(" ")).join("; "),
      })}<//>`}</div>
    <div class="watch_body ${logOpen ? "with_log" : ""} ${queueOpen ? "with_queue" : ""} ${runs ? "" : "looking_on"}">
      ${runs && html`<${AdmitQueue} watched=${watched} waiting=${waiting} onAdmit=${(candidates) => setDialog({ kind: "admit", candidates })} onDecline=${(candidate) => setDialog({ kind: "decline", candidate })} />`}
      ${focus && sittings.has(focus)
        ? html`<${FocusView} watched=${watched} sitting=${sittings.get(focus)} onClose=${leaveFocus} onDialog=${setDialog} />`
        : html`<${TileWall} watched=${watched} shown=${shown} layout=${layout} selected=${selected} onSelect=${setSelected} onOpen=${setFocus} filtered=${Boolean(filter)} held=${held} onOver=${setOver} />`}
      ${logOpen && html`<${Log} watched=${watched} onDialog=${setDialog} />`}
    </div>
    ${runs && html`<${TakeShift} watched=${watched} />`}
    ${dialogs}
  </div>`;
}

function OpenDialog({ watched, dialog, runs, onClose }) {
  switch (dialog.kind) {
    case "message": return html`<${MessageDialog} watched=${watched} to=${dialog.to} answers=${dialog.answers} onClose=${onClose} />`;
    case "flag": return html`<${FlagDialog} watched=${watched} candidate=${dialog.candidate} onClose=${onClose} />`;
    case "admit": return html`<${AdmitDialog} watched=${watched} candidates=${dialog.candidates} onClose=${onClose} />`;
    case "decline": return html`<${DeclineDialog} watched=${watched} candidate=${dialog.candidate} onClose=${onClose} />`;
    case "run": return html`<${RunDialog} watched=${watched} onClose=${onClose} />`;
    case "help": return html`<${HelpDialog} runs=${runs} onClose=${onClose} />`;
    default: return html`<${SittingDialog} watched=${watched} dialog=${dialog} onClose=${onClose} />`;
  }
}

function RoomAlarms({ watched }) {
  const [run, busy, error] = useAct();
  const runs = watched.role === "invigilator";
  const noted = html`<div class="row"><button class="small" disabled=${busy} onClick=${() => run(() => watched.acknowledgeMissingBriefings())} data-testid="briefings-missing-noted">${t("alarm.noted")}</button></div>`;
  return html`${roomAlarms(watched.room.value, { runs, stepped: watched.vitals.value.clock_step_s }).map(({ code, kind, text }) => html`
    <${Notice} key=${code} kind=${kind} testid=${code}>${text}${runs && code === "briefings-missing" && noted}<//>`)}
    ${watched.level.value !== "all" && html`<${Notice} kind="technical" icon="network" live testid="thinned">${t(`wall.thinned_${watched.level.value}`)}<//>`}
    <${ErrorNotice} error=${error} />`;
}
