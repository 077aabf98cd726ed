// The screen of one room: top bar, admit queue, wall, focus, dialogs and keys.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { formatClock, formatDate } from "../../lib/time.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { TopBar } from "../shared/top_bar.js";
import { AdmitQueue } from "./admit_queue.js";
import { FlagDialog } from "./flag_dialog.js";
import { FocusView } from "./focus_view.js";
import { AUTO, perPage } from "./grid.js";
import { HelpDialog } from "./help_dialog.js";
import { Log } from "./log.js";
import { MessageDialog } from "./message_dialog.js";
import { RoomBar } from "./room_bar.js";
import { TileWall } from "./tile_wall.js";
import { pictureInQueue, standing } from "./watched_room.js";

export function Watch({ watched, me, onLeave }) {
  const room = watched.room.value;
  const { state, refusal } = watched.connection.value;
  if (!room) {
    return html`<${TopBar} title=${t("role.invigilator")} who=${me.full_name} clock />
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
  const [filter, setFilter] = useState(null);
  const [focus, setFocus] = useState(null);
  const [selected, setSelected] = useState(null);
  const [dialog, setDialog] = useState(null); // {kind: "message" | "flag" | "help", ...}
  const [logOpen, setLogOpen] = useState(false);
  const sittings = watched.sittings.value;
  const vitals = watched.vitals.value.candidates;

  // Ordered by candidate number and by nothing that changes, so that no tile moves under the pointer.
  const people = useMemo(() => [...sittings.values()].sort((a, b) => a.number.localeCompare(b.number, "vi", { numeric: true })), [sittings]);
  const waiting = people.filter((sitting) => sitting.state === "waiting" || sitting.readmission);
  const onWall = people.filter((sitting) => sitting.state !== "waiting")
    .filter((sitting) => !filter || (filter === "flagged" ? sitting.violations > 0 : standing(sitting, vitals[sitting.candidate]) === filter));
  const onPage = perPage(layout);
  const pages = Math.max(1, Math.ceil(onWall.length / onPage));
  const current = Math.min(page, pages - 1);
  const shown = onWall.slice(current * onPage, (current + 1) * onPage);
  const queueShown = waiting.slice(0, Math.max(0, 50 - shown.length));

  const visible = [
    ...shown.filter((one) => one.connected).map((one) => one.candidate),
    ...queueShown.filter((one) => one.connected || one.readmission).map(pictureInQueue),
  ];
  const wish = JSON.stringify([visible, focus]);
  useEffect(() => watched.show(visible, focus), [wish]);

  const target = focus ?? selected;
  const keys = useRef();
  keys.current = {
    f: () => target && setDialog({ kind: "flag", candidate: target }),
    m: () => target && setDialog({ kind: "message", to: [target] }),
    b: () => setDialog({ kind: "message", to: "room" }),
    a: () => {
      const next = waiting.find((sitting) => !sitting.readmission); // another device is admitted knowingly, by its button
      if (next) watched.admit([next.candidate]).catch((error) => { watched.error.value = error; });
    },
    "?": () => setDialog({ kind: "help" }),
    escape: () => setFocus(null),
    pageup: () => setPage(Math.max(0, current - 1)),
    pagedown: () => setPage(Math.min(pages - 1, current + 1)),
  };
  useEffect(() => {
    const onKey = (event) => {
      const typing = event.target.closest("input, textarea, select, dialog");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = keys.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const lost = watched.connection.value.state !== "connected";
  return html`<div class="watch" data-testid="watch" data-phase=${watched.room.value.phase}>
    <${RoomBar} watched=${watched} people=${people} filter=${filter} onFilter=${setFilter} layout=${layout} onLayout=${setLayout}
      page=${current} pages=${pages} onPage=${setPage} onLeave=${onLeave} onDialog=${setDialog} logOpen=${logOpen} onLog=${() => setLogOpen(!logOpen)} />
    <div class="watch_alerts">${lost && html`<${Notice} icon="offline" live testid="offline-notice">${t("connection.lost_staff")}<//>`}
      <${ErrorNotice} error=${watched.error.value} />
      ${watched.overtaken.value.length > 0 && html`<${Notice} kind="low" live testid="overtaken">${t("queue.overtaken", {
        names: watched.overtaken.value.map((candidate) => `${sittings.get(candidate).number} ${sittings.get(candidate).full_name}`).join(", "),
      })}<//>`}</div>
    <div class="watch_body ${logOpen ? "with_log" : ""}">
      <${AdmitQueue} watched=${watched} waiting=${waiting} shown=${queueShown} />
      ${focus && sittings.has(focus)
        ? html`<${FocusView} watched=${watched} sitting=${sittings.get(focus)} onClose=${() => setFocus(null)} onDialog=${setDialog} />`
        : html`<${TileWall} watched=${watched} shown=${shown} layout=${layout} selected=${selected} onSelect=${setSelected} onOpen=${setFocus} filtered=${Boolean(filter)} />`}
      ${logOpen && html`<${Log} watched=${watched} />`}
    </div>
    ${dialog?.kind === "message" && html`<${MessageDialog} watched=${watched} to=${dialog.to} onClose=${() => setDialog(null)} />`}
    ${dialog?.kind === "flag" && html`<${FlagDialog} watched=${watched} candidate=${dialog.candidate} onClose=${() => setDialog(null)} />`}
    ${dialog?.kind === "help" && html`<${HelpDialog} onClose=${() => setDialog(null)} />`}
  </div>`;
}
