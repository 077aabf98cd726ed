// The console of technical support: each candidate's connection, devices, browser and losses in a table, worst first when
// wished; write to somebody, lower a hand, and ask a page how it is doing.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { decimals, hasText, t } from "../../lib/i18n.js";
import { formatClock, formatDate, formatElapsed } from "../../lib/time.js";
import { NoMicrophone, deviceWords } from "../invigilator/device_words.js";
import { Log } from "../invigilator/log.js";
import { MessageDialog } from "../invigilator/message_dialog.js";
import { STANDING_ICONS } from "../invigilator/tile.js";
import { hasEnded, standing } from "../invigilator/watched_room.js";
import { useAct, useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ListTable } from "../shared/list_table.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { roomAlarms } from "../shared/room_alarms.js";

const LOSSY = 0.02;
const SLOW_MS = 300;

/** How badly somebody needs a technician; the larger, the worse. */
const trouble = (sitting, vitals) => (sitting.hand_raised_at ? 4 : 0) + (sitting.state === "admitted" && !sitting.connected && !sitting.left ? 8 : 0)
  + (sitting.connected && vitals && vitals.media !== "connected" ? 3 : 0) + ((vitals?.loss ?? 0) >= LOSSY ? 2 : 0) + (sitting.device?.camera?.ok === false ? 1 : 0);

export function Console({ watched }) {
  const now = useNow(1000);
  const [worst, setWorst] = useState(false);
  const [chosen, setChosen] = useState(null);
  const [dialog, setDialog] = useState(null);
  const sittings = watched.sittings.value;
  const vitals = watched.vitals.value.candidates;
  const people = useMemo(() => [...sittings.values()].sort((a, b) => a.number.localeCompare(b.number, "vi", { numeric: true })), [sittings]);
  const listed = worst ? [...people].sort((a, b) => trouble(b, vitals[b.candidate]) - trouble(a, vitals[a.candidate])) : people;
  const recording = watched.vitals.value.recording;
  const state = (one) => standing(one, vitals[one.candidate], watched.room.value, now);
  const columns = [
    { name: t("sign_in.number"), figures: true, cell: ({ number }) => number },
    { name: t("staff.full_name"), cell: (one) => html`${one.full_name}${one.hand_raised_at && html` <span class="badge low"><${Icon} name="hand" size=${13} />${t("attention.hand")}</span>`}` },
    { name: t("console.standing"), cell: (one) => html`<span class="badge ${state(one) === "offline" ? "technical" : ""}"><${Icon} name=${STANDING_ICONS[state(one)]} size=${13} />${
      state(one) === "offline" ? t("tile.offline", { time: formatElapsed(now - Date.parse(one.connection_changed_at)) }) : t(`standing.${state(one)}`)}</span>` },
    ...[["media", ({ media }) => t(`media.${media}`)], ["rate", ({ kbps }) => `${Math.round(kbps)} kbit/s`],
      ["loss", ({ loss }) => html`<span class=${loss >= LOSSY ? "badge low" : ""}>${decimals(loss * 100, 1)} %</span>`]].map(([key, shown]) => (
      { name: t(`console.${key}`), figures: key !== "media", cell: ({ candidate }) => vitals[candidate] && shown(vitals[candidate]) })),
    { name: t("console.devices"), cell: ({ device }) => device && html`<span data-testid="console-devices">${deviceWords(device)} <${NoMicrophone} device=${device} /></span>` },
    { name: t("focus.device"), cell: ({ device }) => device?.browser },
    { name: "", cell: ({ candidate }) => html`<button class="small" onClick=${() => setChosen(candidate)} data-testid="console-open">${t("console.help")}</button>` },
  ];
  if (hasEnded(watched.room.value)) {
    return html`<div class="console"><section class="stack"><${Notice} testid="room-over">${t("closed.over", { time: formatClock(watched.room.value.times.end_at), date: formatDate(watched.room.value.times.end_at) })}<//></section>
      <aside class="stack"><${Log} watched=${watched} /></aside></div>`;
  }
  return html`<div class="console"><section class="stack">
    ${roomAlarms(watched.room.value, { stepped: watched.vitals.value.clock_step_s }).map(({ code, kind, text }) => html`<${Notice} key=${code} kind=${kind} testid=${code}>${text}<//>`)}
    <div class="row between"><label class="check"><input type="checkbox" checked=${worst} onChange=${(event) => setWorst(event.target.checked)} data-testid="worst-first" /><span>${t("console.worst_first")}</span></label>
      ${recording && html`<span class="badge ${recording.ok ? "ok" : "high"}"><${Icon} name="record" size=${14} />${recording.ok ? t("bar.recording", { count: recording.writing }) : t("bar.recording_behind", { seconds: Math.round(recording.behind_s) })}</span>`}</div>
    <${ListTable} columns=${columns} rows=${listed} testid="console" label=${t("role.tech_support")}
      attributes=${(one) => ({ key: one.candidate, "data-testid": "console-row", "data-candidate": one.candidate, "data-state": state(one) })} /></section>
    <aside class="stack">${sittings.has(chosen) && html`<${Person} key=${chosen} watched=${watched} sitting=${sittings.get(chosen)} onMessage=${() => setDialog({ to: [chosen] })} />`}
      <${Log} watched=${watched} onDialog=${setDialog} /></aside>
    ${dialog && html`<${MessageDialog} watched=${watched} to=${dialog.to} answers=${dialog.answers} onClose=${() => setDialog(null)} />`}</div>`;
}

function Person({ watched, sitting, onMessage }) {
  const [run, busy, error] = useAct();
  const root = useRef();
  const { candidate } = sitting;
  useEffect(() => root.current.focus(), []); // on a narrow screen it stands below the whole list
  const diagnosis = watched.diagnoses.value.get(candidate);
  return html`<section ref=${root} tabindex="-1" class="card stack" data-testid="console-person"><h2><span class="figures">${sitting.number}</span> ${sitting.full_name}</h2>
    <div class="row"><button class="small primary" disabled=${busy || !sitting.connected} onClick=${() => run(() => watched.diagnose(candidate))} data-testid="diagnose">${t("console.diagnose")}</button>
      <button class="small" onClick=${onMessage} data-testid="console-message"><${Icon} name="message" size=${14} />${t("focus.message")}</button>
      ${sitting.hand_raised_at && html`<button class="small" disabled=${busy} onClick=${() => run(() => watched.lowerHand(candidate))}>${t("acts.lower_hand")}</button>`}</div>
    <${ErrorNotice} error=${error} />
    ${!sitting.connected && html`<p class="soft">${sitting.connection_changed_at ? t("console.offline_since", { time: formatClock(sitting.connection_changed_at) }) : t("console.never_here")}</p>`}
    ${diagnosis && sitting.connected && html`<${Findings} findings=${diagnosis.findings} browser=${sitting.device?.browser} />`}</section>`;
}

export function Findings({ findings: found, browser }) {
  const advice = [
    (found.round_trip_ms === null || found.round_trip_ms > SLOW_MS) && "slow", found.camera?.state !== "live" && "camera", found.camera?.muted && "camera_muted",
    found.microphone?.state !== "live" && "microphone", found.microphone?.muted && "microphone_muted", !found.visible && "hidden", found.publishing !== "sending" && "publishing",
  ].filter(Boolean);
  const track = (one) => (one ? [one.label, t(`console.track_${one.state === "live" ? "live" : "ended"}`), one.width && `${one.width}×${one.height}`].filter(Boolean).join(" · ") : t("console.none"));
  const publishing = hasText(`console.publishing_${found.publishing}`) ? t(`console.publishing_${found.publishing}`) : found.publishing;
  const late = found.clock_offset_ms > 0; // what to add to the candidate's clock
  const facts = [["browser", browser ?? found.browser], ["screen", found.screen], ["network", [found.network, found.round_trip_ms && `${found.round_trip_ms} ms`].filter(Boolean).join(" · ")],
    ["camera", track(found.camera)], ["microphone", track(found.microphone)], ["publishing", publishing],
    ["clock", Math.abs(found.clock_offset_ms) < 1000 ? t("console.clock_right") : t(late ? "console.clock_slow" : "console.clock_fast", { time: formatElapsed(Math.abs(found.clock_offset_ms)) })]];
  return html`<div class="stack" data-testid="findings">${advice.length ? advice.map((code) => html`<${Notice} key=${code} kind="low">${t(`console.advice_${code}`)}<//>`) : html`<${Notice} kind="ok">${t("console.fine")}<//>`}
    <dl class="facts">${facts.map(([key, value]) => html`<dt>${t(`console.${key}`)}</dt><dd>${String(value)}</dd>`)}</dl></div>`;
}
