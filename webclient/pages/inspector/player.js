// The player of one candidate's recording: video, controls by wall clock, the timeline, the events beside it.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Replay } from "../../lib/replay.js";
import { formatClock, formatDate, formatElapsed } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { EventList } from "./event_list.js";
import { Timeline } from "./timeline.js";

const RATES = [0.5, 1, 1.5, 2, 4, 8];
const JUMP_MS = 10_000;
const REFRESH_MS = 15_000;

export function Player({ api, path, candidate, events, sittings }) {
  const root = useRef();
  const video = useRef();
  useEffect(() => root.current.focus({ preventScroll: true }), []); // so that the keys are the player's, not the list's
  const [manifest, setManifest] = useState(null);
  const [replay, setReplay] = useState(null);
  const [now, setNow] = useState(null);
  const [playing, setPlaying] = useState(false);
  const [rate, setRate] = useState(1);
  const [gap, setGap] = useState(null);
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState(null);

  useEffect(() => {
    let current = null;
    let gone = false;
    const load = async () => {
      const newest = await api.get(`${path}/recordings/${candidate}`);
      if (gone) return;
      setManifest(newest);
      if (newest.segments.length === 0) return;
      if (current) {
        if (newest.segments.length !== current.manifest.segments.length) current.update(newest);
        return;
      }
      const fetchSegment = (segment, signal) => api.bytes(`${path}/recordings/${candidate}/${segment}`, { signal });
      current = new Replay({ video: video.current, manifest: newest, fetchSegment });
      current.skipGaps = false;
      current.on("time", setNow);
      current.on("gap", setGap);
      current.on("waiting", setWaiting);
      current.on("ended", () => setPlaying(false));
      current.on("error", setError);
      setReplay(current);
    };
    const attempt = () => load().catch(setError);
    void attempt();
    const timer = setInterval(() => document.hidden || attempt(), REFRESH_MS); // more is recorded while the exam runs
    return () => {
      gone = true;
      clearInterval(timer);
      current?.destroy();
    };
  }, []);

  const toggle = (on = !playing) => {
    if (!replay) return;
    if (on) replay.play();
    else replay.pause();
    setPlaying(on);
  };
  const chooseRate = (value) => {
    setRate(value);
    if (replay) replay.rate = value;
  };
  const seek = (wallClockMs) => replay?.seek(wallClockMs);
  const jump = (byMs) => replay && seek(replay.currentWallClock + byMs);
  const keys = useRef();
  keys.current = {
    " ": () => toggle(), k: () => toggle(), j: () => jump(-JUMP_MS), l: () => jump(JUMP_MS),
    "+": () => chooseRate(RATES[Math.min(RATES.length - 1, RATES.indexOf(rate) + 1)]), "-": () => chooseRate(RATES[Math.max(0, RATES.indexOf(rate) - 1)]),
  };
  useEffect(() => {
    const onKey = (event) => {
      if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " && event.target.closest("button")) return; // Space presses the button that has the focus
      const act = keys.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const missing = manifest && manifest.segments.length === 0;
  const from = replay?.startMs;
  return html`<main ref=${root} tabindex="-1" class="player" data-testid="player" data-candidate=${candidate} data-playing=${playing} data-wall-clock=${now === null ? "" : Math.round(now)} data-ready=${Boolean(replay)}>
    <section class="player_main"><div class="row between"><h2>${manifest && html`<span class="figures">${manifest.number}</span> ${manifest.full_name}`}</h2>
        ${manifest && html`<span class="soft small_text">${t("inspector.segments", { count: manifest.segments.length })}</span>`}</div>
      <div class="screen"><video ref=${video} playsinline aria-label=${t("inspector.recording")} data-testid="player-video"></video>
        ${gap && html`<div class="gap_word" role="status" data-testid="gap"><${Icon} name="offline" size=${30} />${t("inspector.gap", { from: formatClock(gap.from_ms), to: formatClock(gap.to_ms) })}
          <button class="small" onClick=${() => seek(gap.to_ms)}>${t("inspector.skip_gap")}</button></div>`}
        ${waiting && !gap && html`<div class="waiting_word" role="status">${t("inspector.loading")}</div>`}</div>
      ${missing && html`<${Notice} testid="no-recording">${t(manifest.open ? "inspector.nothing_yet" : "inspector.never_recorded")}<//>`}<${ErrorNotice} error=${error} testid="player-error" />
      ${replay && now !== null && html`
        <${Timeline} manifest=${manifest} from=${from} to=${replay.endMs} now=${now} events=${events} candidate=${candidate} onSeek=${seek} />
        <div class="player_controls"><button class="primary" onClick=${() => toggle()} data-testid="player-play" aria-label=${t(playing ? "inspector.pause" : "inspector.play")}>
            <${Icon} name=${playing ? "pause" : "play"} /></button>
          <button class="small" onClick=${() => seek(now - JUMP_MS)}>−10 s</button><button class="small" onClick=${() => seek(now + JUMP_MS)}>+10 s</button>
          <strong class="figures" data-testid="wall-clock">${formatClock(now)}</strong><span class="soft small_text figures">${formatDate(now)} · ${formatElapsed(now - from)} / ${formatElapsed(replay.endMs - from)}</span>
          <div class="grow"></div><div class="row" role="group" aria-label=${t("inspector.rate")}>${RATES.map((value) => html`
            <button class="small" aria-pressed=${rate === value} onClick=${() => chooseRate(value)} data-testid=${`rate-${value}`}>${value}×</button>`)}</div></div>
        <p class="soft small_text">${t("inspector.keys")}</p>`}</section>
    <${EventList} events=${events} candidate=${candidate} now=${now} sittings=${sittings} onSeek=${seek} /></main>`;
}
