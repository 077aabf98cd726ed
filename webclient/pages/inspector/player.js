// The player of one candidate's recording: video, controls by wall clock, the timeline, the events beside it.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { decimals, t } from "../../lib/i18n.js";
import { Replay } from "../../lib/replay.js";
import { formatClock, formatDate, formatElapsed } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { keepFresh } from "../shared/keep_fresh.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { BEFORE_MS, concerns, EventList } from "./event_list.js";
import { Photographs } from "./photographs.js";
import { level } from "./sentences.js";
import { GapList } from "./gap_list.js";
import { askedMoment, tellMoment } from "./moment.js";
import { Timeline } from "./timeline.js";

const RATES = [0.5, 1, 1.5, 2, 4, 8];
const JUMP_MS = 10_000;
const PICTURE_MS = 1000 / 15; // candidates send up to fifteen pictures a second
const BACK_MS = 2000; // "the incident before" passes over the one that was gone to just now
const TELL_MS = 1000; // browsers slow down a page that writes its address oftener
const SECOND_MS = 1000;
const REFRESH_MS = 15_000;
const SHOWN_FROM_MS = 1000; // shorter ones come and go before they are read

const whenOf = (ms) => `${formatClock(ms)} ${formatDate(ms)}`;

export function Player({ api, path, candidate, events, isWhole, it }) {
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
  const [outside, setOutside] = useState(null); // the moment that was asked for and is not in the recording
  const recording = `${path}/recordings/${encodeURIComponent(candidate)}`;
  const seekAsked = (shown, at) => {
    setOutside(at < shown.startMs - SECOND_MS || at > shown.endMs + SECOND_MS ? at : null); // moments are asked for by whole seconds
    shown.seek(at);
  };

  useEffect(() => {
    let current = null;
    let gone = false;
    const load = async () => {
      const newest = await api.get(recording);
      if (gone || !video.current) return;
      setManifest(newest);
      if (newest.segments.length === 0) return;
      if (current) {
        if (newest.segments.length !== current.manifest.segments.length) current.update(newest);
        return;
      }
      const fetchSegment = (segment, signal) => api.bytes(`${recording}/${segment}`, { signal });
      current = new Replay({ video: video.current, manifest: newest, fetchSegment });
      current.skipGaps = false;
      current.on("time", setNow);
      current.on("gap", setGap);
      current.on("waiting", setWaiting);
      current.on("ended", () => setPlaying(false));
      current.on("error", setError);
      if (askedMoment() !== null) seekAsked(current, askedMoment());
      setReplay(current);
    };
    const attempt = async () => {
      try {
        await load();
        setError((shown) => (shown?.isNetwork || shown?.status >= 500 ? null : shown)); // the server is back
      } catch (failure) {
        setError(failure);
        throw failure;
      }
    };
    const telling = setInterval(() => current && video.current && tellMoment(candidate, current.currentWallClock), TELL_MS);
    const follow = () => askedMoment() !== null && video.current && current && seekAsked(current, askedMoment()); // another link into the same recording
    addEventListener("popstate", follow);
    const stop = keepFresh(attempt, REFRESH_MS); // more is recorded while the exam runs
    return () => {
      gone = true;
      stop();
      clearInterval(telling);
      removeEventListener("popstate", follow);
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
  const seek = (wallClockMs) => {
    setOutside(null);
    replay?.seek(wallClockMs);
  };
  const jump = (byMs) => replay && seek(replay.currentWallClock + byMs);
  const step = (pictures) => {
    if (!replay) return;
    toggle(false);
    jump(pictures * PICTURE_MS);
  };
  const incidents = events.filter((event) => concerns(event, candidate) && level(event, it)).map(({ at }) => Date.parse(at) - BEFORE_MS);
  const incident = (forwards) => {
    if (!replay) return;
    const at = replay.currentWallClock;
    const inside = incidents.map((one) => Math.min(Math.max(one, replay.startMs), replay.endMs)); // where a seek would land
    const found = forwards ? inside.find((one) => one > at + PICTURE_MS) : inside.findLast((one) => one < at - BACK_MS);
    if (found !== undefined) seek(found);
  };
  const timeField = useRef();
  const goTo = (event) => {
    event.preventDefault();
    const secondOfDay = (text) => {
      const [hours, minutes, seconds = 0] = text.split(":").map(Number);
      return (hours * 60 + minutes) * 60 + seconds;
    };
    seekAsked(replay, now + (secondOfDay(timeField.current.value) - secondOfDay(formatClock(now))) * 1000);
    root.current.focus({ preventScroll: true });
  };
  const keys = useRef();
  keys.current = {
    " ": () => toggle(), k: () => toggle(), j: () => jump(-JUMP_MS), l: () => jump(JUMP_MS), ",": () => step(-1), ".": () => step(1),
    n: () => incident(true), p: () => incident(false), g: () => timeField.current?.focus(),
    "+": () => chooseRate(RATES[Math.min(RATES.length - 1, RATES.indexOf(rate) + 1)]), "-": () => chooseRate(RATES[Math.max(0, RATES.indexOf(rate) - 1)]),
  };
  useEffect(() => {
    const onKey = (event) => {
      if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " && event.target.closest("button, summary")) return; // Space presses what has the focus
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
  // What is heard of such a hole is silence that the server put there; what is seen is the picture before it.
  const segment = now === null ? null : replay?.currentSegment;
  const lacks = (kind) => segment?.holes.some((hole) => hole.kind === kind && hole.to_ms - hole.from_ms >= SHOWN_FROM_MS
    && now >= segment.start_ms + hole.from_ms && now <= segment.start_ms + hole.to_ms);
  const silent = lacks("audio");
  const blind = segment && (!segment.width || lacks("video"));
  return html`<main ref=${root} tabindex="-1" class="player" data-testid="player" data-candidate=${candidate} data-playing=${playing} data-wall-clock=${now === null ? "" : Math.round(now)} data-ready=${Boolean(replay)}>
    <section class="player_main"><div class="row between"><h2>${manifest && html`<span class="figures">${manifest.number}</span> ${manifest.full_name}`}</h2>
        ${manifest && html`<span class="soft small_text">${t("inspector.segments", { count: manifest.segments.length })}</span>`}</div>
      <div class="screen"><video ref=${video} playsinline aria-label=${t("inspector.recording")} data-testid="player-video"></video>
        ${gap && html`<div class="gap_word" role="status" data-testid="gap"><${Icon} name="offline" size=${30} />${t("inspector.gap", { from: formatClock(gap.from_ms), to: formatClock(gap.to_ms) })}
          <button class="small" onClick=${() => seek(gap.to_ms)}>${t("inspector.skip_gap")}</button></div>`}
        ${(silent || blind) && !gap && html`<div class="not_recorded" role="status">
          ${blind && html`<span class="badge low" data-testid="player-no-picture"><${Icon} name="camera" size=${14} />${t("inspector.no_picture")}</span>`}
          ${silent && html`<span class="badge low" data-testid="player-no-sound"><${Icon} name="microphone_off" size=${14} />${t("inspector.no_sound")}</span>`}</div>`}
        ${waiting && !gap && html`<div class="waiting_word" role="status">${t("inspector.loading")}</div>`}</div>
      ${missing && html`<${Notice} testid="no-recording">${t(manifest.open ? "inspector.nothing_yet" : "inspector.never_recorded")}<//>`}<${ErrorNotice} error=${error} testid="player-error" />
      ${outside !== null && html`<${Notice} kind="low" live testid="moment-outside">${t("inspection.moment_outside", { at: whenOf(outside), from: whenOf(from), to: whenOf(replay.endMs) })}<//>`}
      ${replay && now !== null && html`
        <${Timeline} manifest=${manifest} from=${from} to=${replay.endMs} now=${now} events=${events} it=${it} candidate=${candidate} onSeek=${seek} />
        <div class="player_controls"><button class="primary" onClick=${() => toggle()} data-testid="player-play" aria-label=${t(playing ? "inspector.pause" : "inspector.play")}>
            <${Icon} name=${playing ? "pause" : "play"} /></button>
          <button class="small" onClick=${() => seek(now - JUMP_MS)}>−10 s</button><button class="small" onClick=${() => seek(now + JUMP_MS)}>+10 s</button>
          <strong class="figures" data-testid="wall-clock">${formatClock(now)}</strong><span class="soft small_text figures">${formatDate(now)} · ${formatElapsed(now - from)} / ${formatElapsed(replay.endMs - from)}</span>
          <div class="row"><button class="small" onClick=${() => incident(false)} aria-label=${t("inspection.previous_incident")} title=${t("inspection.previous_incident")} data-testid="incident-previous"><${Icon} name="flag" size=${14} />‹</button>
            <button class="small" onClick=${() => incident(true)} aria-label=${t("inspection.next_incident")} title=${t("inspection.next_incident")} data-testid="incident-next"><${Icon} name="flag" size=${14} />›</button></div>
          <form class="row go_to" onSubmit=${goTo}><label for="go-to" class="soft small_text">${t("inspection.go_to")}</label>
            <input ref=${timeField} id="go-to" inputmode="numeric" pattern="[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?" placeholder=${formatClock(now)} title="hh:mm:ss" size="8" required autocomplete="off" data-testid="go-to" /><button class="small" data-testid="go">${t("inspection.go")}</button></form>
          <div class="grow"></div><div class="row" role="group" aria-label=${t("inspector.rate")}>${RATES.map((value) => html`
            <button class="small" aria-pressed=${rate === value} onClick=${() => chooseRate(value)} data-testid=${`rate-${value}`}>${decimals(value, value % 1 ? 1 : 0)}×</button>`)}</div></div>
        <p class="soft small_text">${t("inspector.keys")}</p>`}
      ${manifest && html`<${GapList} gaps=${manifest.gaps} isOver=${manifest.room.phase === "ended"} />`}</section>
    <div class="player_side"><${Photographs} events=${events} candidate=${candidate} photoLink=${(photo) => api.link(`${path}/candidates/${encodeURIComponent(candidate)}/photos/${photo}`)} />
      ${!isWhole && html`<p class="soft small_text" role="status">${t("inspection.reading")}</p>`}
      <${EventList} events=${events} isWhole=${isWhole} it=${it} candidate=${candidate} now=${now} onSeek=${seek} stillLink=${(violation) => api.link(`${path}/violations/${violation}/still`)} /></div></main>`;
}
