// The room's incidents, newest first: messages, noted violations, lost connections, what an invigilator added in words;
// with `candidate`, what concerns that one. A lost connection is technical and never reads as misconduct.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatElapsed } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { MaterialReached } from "../shared/reached.js";
import { ReasonDialog } from "../shared/reason_dialog.js";
import { ClipDialog } from "./clip_dialog.js";
import { hasEnded } from "./watched_room.js";

const CLIP_BEFORE_MS = 5000;

export function Log({ watched, onDialog, candidate }) {
  const now = useNow(1000);
  const [noting, setNoting] = useState(null); // what the note is about
  const [clip, setClip] = useState(null); // of which violation the recording is looked at
  const nameOf = (candidate) => {
    const sitting = watched.sittings.value.get(candidate);
    return sitting ? `${sitting.number} ${sitting.full_name}` : candidate;
  };
  const answered = new Set(watched.messages.value.map(({ answers }) => answers));
  const runs = watched.role === "invigilator";
  const staffName = (subject) => watched.staff.value.find((one) => one.subject === subject)?.full_name ?? subject;
  const mayNote = runs && !hasEnded(watched.room.value);
  const noteAct = (about) => mayNote && html`<button class="small" onClick=${() => setNoting(about)} data-testid="note-add">${t("log.note")}…</button>`;
  const losses = [...watched.sittings.value.values()].filter((one) => !candidate || one.candidate === candidate)
    .flatMap((one) => (one.losses ?? []).map((loss) => ({ ...loss, candidate: one.candidate })));
  const lasted = ({ from, to }) => formatElapsed((to ? Date.parse(to) : now) - Date.parse(from));
  const entries = [
    ...losses.map((loss) => ({
      id: `${loss.candidate} ${loss.from}`, at: loss.from, icon: "offline", kind: "loss", state: loss.to ? "over" : "lasting", head: nameOf(loss.candidate),
      text: html`<span class="badge technical">${t(loss.to ? "log.was_lost" : "tile.offline", { time: lasted(loss) })}</span>${loss.cause === "server" && html` <span class="soft small_text">${t("log.lost_server")}</span>`}`,
      acts: noteAct({ candidate: loss.candidate, name: nameOf(loss.candidate) }),
    })),
    ...watched.notes.value.filter((one) => !candidate || one.candidate === candidate).map((one) => ({
      id: one.note, at: one.at, icon: "info", kind: "note", head: `${t("log.note")} · ${staffName(one.by)}${one.candidate ? ` · ${nameOf(one.candidate)}` : ""}`, text: one.text,
    })),
    ...watched.messages.value.filter((one) => !candidate || one.from === candidate || one.to === "room" || one.to.includes(candidate)).map((one) => ({
      id: one.message, at: one.at, icon: "message", kind: "message", text: one.text,
      head: one.to === "staff" ? nameOf(one.from) : `${one.to === "room" ? t("log.to_room") : t("log.to", { name: one.to.map(nameOf).join(", ") })} · ${staffName(one.from)}`,
      acts: one.to === "staff" && !answered.has(one.message) && onDialog && !hasEnded(watched.room.value) && watched.role !== "supervisor" && watched.role !== "inspector" && html`<button class="small primary"
        onClick=${() => onDialog({ kind: "message", to: [one.from], answers: one.message })} data-testid="log-answer">${t("log.answer")}</button>`,
    })),
    ...watched.violations.value.filter((one) => !candidate || one.candidate === candidate).map((one) => ({
      id: one.violation, at: one.at, icon: "flag", kind: "violation",
      text: html`${one.text}${one.from && html` <span class="soft small_text figures" data-testid="violation-range">${t("violation.range", { from: formatClock(one.from), to: formatClock(one.to) })}</span>`}`,
      head: `${nameOf(one.candidate)} · ${t(`violation.${one.category}`)}`,
      acts: html`<span class="badge ${one.status === "confirmed" ? "high" : ""}" data-testid="violation-status" data-status=${one.status}>${t(`violation_status.${one.status}`)}${
        one.decision ? ` · ${staffName(one.decision.by)}, ${formatClock(one.decision.at)}` : ""}</span>
        ${one.still ? html`<a class="small_text" href=${watched.stillLink(one.violation)} target="_blank" data-testid="violation-still"><${Icon} name="camera" size=${14} /> ${t("violation.still", { time: formatClock(one.still.taken_at) })}</a>`
          : one.still_missing && html`<span class="soft small_text" data-testid="violation-no-still"><${Icon} name="offline" size=${14} /> ${t(`violation.still_${one.still_missing}`)}</span>`}
        ${["invigilator", "supervisor"].includes(watched.role) && html`<button class="small" onClick=${() => setClip({ violation: one.violation, name: `${nameOf(one.candidate)} · ${t(`violation.${one.category}`)}` })} data-testid="clip-open"><${Icon} name="play" size=${14} />${t("clip.open")}…</button>`}
        ${watched.role === "inspector" && html`<a class="small_text" href=${clipOf(watched.room.value.room, one)} target="_blank" data-testid="violation-clip"><${Icon} name="play" size=${14} /> ${t("violation.clip", { time: formatClock(one.from ?? one.at) })}</a>`}
        ${runs && ["confirmed", "dismissed"].filter((status) => status !== one.status).map((status) => html`<button class="small" key=${status} data-testid=${status === "confirmed" ? "violation-confirm" : "violation-dismiss"}
          onClick=${() => onDialog({ kind: "decide", candidate: one.candidate, violation: one.violation, status, replaces: one.decision?.seq ?? 0 })}>${t(one.decision ? `acts.${status}_after_all` : `acts.${status}`)}</button>`)}${noteAct({ violation: one.violation, name: `${nameOf(one.candidate)} · ${t(`violation.${one.category}`)}` })}`,
    })),
    ...watched.materials.value.map((one) => ({ id: one.material, at: one.at, icon: "paper", kind: "material", head: t(`material.${one.nature}`), text: one.title,
      acts: !candidate && html`<${MaterialReached} sittings=${[...watched.sittings.value.values()]} material=${one.material} />` })),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return html`<aside class="log" aria-label=${t("bar.log")} data-testid=${candidate ? "focus-log" : "log"}><div class="row between"><h2>${t("bar.log")}</h2>${!candidate && noteAct({ name: watched.room.value.title })}${candidate && noteAct({ candidate, name: nameOf(candidate) })}</div>
    ${noting && html`<${ReasonDialog} title=${t("log.note_title", { name: noting.name })} verb=${t("log.note_save")} label=${t("log.note")} onClose=${() => setNoting(null)} act=${(text) => watched.addNote(noting, text)} testid="note-dialog" />`}
    ${clip && html`<${ClipDialog} watched=${watched} violation=${clip.violation} name=${clip.name} onClose=${() => setClip(null)} />`}
    ${entries.length === 0 && html`<p class="soft small_text">${t("log.none")}</p>`}
    <ol>${entries.map(({ id, at, icon, kind, state, head, text, acts }) => html`<li key=${id} data-testid="log-entry" data-kind=${kind} data-state=${state}><${Icon} name=${icon} size=${15} />
      <div><strong class="small_text">${head}</strong><p>${text}</p><time class="soft small_text figures">${formatClock(at)}</time>
        ${acts && html`<div class="row">${acts}</div>`}</div></li>`)}</ol></aside>`;
}

// Where the recording shows a violation, a little before it began; of whoever looks on, inspectors alone may replay.
const clipOf = (room, { candidate, from, at }) =>
  `/inspector#${new URLSearchParams({ room, candidate, at: new Date(Date.parse(from ?? at) - CLIP_BEFORE_MS).toISOString() })}`;
