// Device check: camera, microphone, loudspeaker, network; each with a plain answer and, when it fails, what to do.
// A camera is needed. Without a microphone only an oral exam is closed (A24.1.1, reading X46); whether the tone was heard
// has to be said, and keeps nobody out.
import { useEffect, useRef, useState } from "preact/hooks";

import { LevelMeter, environment, playTone } from "../../lib/device.js";
import { html } from "../../lib/html.js";
import { hasText, t } from "../../lib/i18n.js";
import { still } from "../../lib/still.js";
import { serverClock } from "../../lib/time.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { SelfView } from "./self_view.js";
import { releaseDue } from "./stage.js";

const TONE_WITHIN_MS = 3000;
const LOOK_EVERY_MS = 2000; // a camera takes about that long to find its exposure
const HEARD_FROM = 0.25; // about -45 dBFS: a voice at arm's length, not a quiet room

/** `keepsStill`: that going on sends one still of the camera, which is kept with the check (A24.1.1); said before it is. */
export function DeviceCheck({ candidate, onDone, keepsStill = false }) {
  const [run, busy] = useAct();
  const [loudest, setLoudest] = useState(0);
  const [toneHeard, setToneHeard] = useState(null);
  const check = () => void run(() => candidate.checkDevices());
  useEffect(() => {
    if (!candidate.devices.value) check();
  }, []);
  const devices = candidate.devices.value;
  const room = candidate.room.value;
  const oral = room?.form === "oral";
  const begun = Boolean(room?.times) && serverClock.known && serverClock.now() >= releaseDue(room);
  const unheard = devices && !devices.microphone.ok;
  const ready = devices?.camera.ok && !(unheard && oral);
  return html`<section class="card stack loose" aria-labelledby="check_title">
    <div><h1 id="check_title">${t("check.title")}</h1><p class="soft">${t("check.help")}</p></div>
    <div class="check_grid">
      <div class="stack"><div class="picture_box">
          ${devices?.camera.ok ? html`<${SelfView} stream=${devices.stream} />`
            : html`<div class="no_picture"><${Icon} name="camera" size=${40} /><span>${t(busy ? "check.asking" : "check.no_picture")}</span></div>`}
        </div>${devices?.camera.ok && html`<${Sight} stream=${devices.stream} />`}<p class="small_text soft">${t("check.picture_help")}</p></div>
      <ul class="checks">
        <${Check} icon="camera" name="camera" result=${devices?.camera} busy=${busy} detail=${devices?.camera.label} />
        <${Check} icon="microphone" name="microphone" result=${devices?.microphone} busy=${busy} needed=${oral}
          detail=${devices?.microphone.ok && html`<${Level} stream=${devices.stream} loudest=${loudest} onLouder=${setLoudest} />`} />
        <${Check} icon="speaker" name="speaker" needed=${false} result=${toneHeard === null ? null : { ok: toneHeard, cause: "speaker" }}
          detail=${html`<${Speaker} onAnswer=${setToneHeard} />`} />
        <${Check} icon="network" name="network" busy=${busy && devices?.roundTripMs === undefined}
          result=${devices && devices.roundTripMs !== undefined && { ok: devices.roundTripMs !== null, cause: "network" }}
          detail=${devices?.roundTripMs != null && t(devices.roundTripMs < 300 ? "check.network_good" : "check.network_slow", { ms: Math.round(devices.roundTripMs) })} />
      </ul>
    </div>
    ${devices?.camera.ok && unheard && !oral && html`<${Notice} kind="low" icon="microphone" testid="no-microphone">${t("check.no_microphone")}<//>`}
    ${keepsStill && devices?.camera.ok && html`<p class="small_text" data-testid="check-still">${t("check.still_kept", { go_on: t("check.continue") })}</p>`}
    <div class="row between">
      <button onClick=${check} disabled=${busy} data-testid="device-retry">${t("check.again")}</button>
      <button class="primary large" disabled=${!ready || busy || toneHeard === null} data-testid="device-ok"
        onClick=${() => onDone(loudest, toneHeard)}>${t("check.continue")}</button>
    </div>
    ${devices && !ready && html`<p class="soft small_text" data-testid="check-cannot">${t(oral ? "check.cannot_oral" : "check.cannot")} ${t(begun ? "check.call_now" : "check.call_before")}</p>`}
    ${ready && toneHeard === null && html`<p class="soft small_text">${t("check.try_tone")}</p>`}
  </section>`;
}

// Whether the picture is dark or blurred, looked at again and again: it goes away with the lamp that was lit.
function Sight({ stream }) {
  const [fault, setFault] = useState(null);
  useEffect(() => {
    const look = async () => {
      const seen = await still(stream).catch(() => null);
      if (seen) setFault(seen.dark ? "dark" : seen.blurred ? "blurred" : null);
    };
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [stream]);
  return html`<div role="status">${fault && html`<${Notice} kind="low" testid="check-sight"><span data-fault=${fault}>${t(`check.${fault}`)}</span><//>`}</div>`;
}

function Check({ icon, name, result, busy, detail, needed = true }) {
  const state = result ? (result.ok ? "ok" : needed ? "high" : "low") : "";
  return html`<li class="check_line" data-testid=${`check-${name}`} data-state=${result ? (result.ok ? "ok" : result.cause) : "open"}>
    <${Icon} name=${icon} size=${22} />
    <div class="stack tight"><div class="row between"><strong>${t(`check.${name}`)}</strong>
      ${result ? html`<span class="badge ${state}"><${Icon} name=${result.ok ? "ok" : "wrong"} size=${14} />${t(result.ok ? "check.works" : "check.fails")}</span>`
        : busy ? html`<span class="soft small_text">${t("check.asking")}</span>` : null}</div>
      ${detail && html`<div class="small_text soft">${detail}</div>`}
      ${result && !result.ok && html`<${Diagnosis} part=${name} cause=${result.cause} />`}
    </div></li>`;
}

function Diagnosis({ part, cause }) {
  const { browser, system } = environment();
  const how = [`fix.${cause}.${browser}`, `fix.${cause}.${system}`].filter(hasText);
  return html`<div class="diagnosis" role="alert" data-testid=${`diagnosis-${part}`}>
    <p>${t(`cause.${cause}`, { part: t(`check.${part}`).toLowerCase(), again: t("check.again") })}</p>
    ${how.map((key) => html`<p>${t(key)}</p>`)}</div>`;
}

function Level({ stream, loudest, onLouder }) {
  const [level, setLevel] = useState(0);
  const peak = useRef(0);
  useEffect(() => {
    const meter = new LevelMeter(stream);
    const timer = setInterval(() => {
      const now = meter.read();
      setLevel(now);
      if (now > peak.current + 0.02) {
        peak.current = now;
        onLouder(now);
      }
    }, 100);
    return () => {
      clearInterval(timer);
      meter.close();
    };
  }, [stream]);
  return html`<meter min="0" max="1" value=${level} aria-label=${t("check.level")} data-testid="microphone-level"></meter>
    <span>${t(loudest > HEARD_FROM ? "check.voice_heard" : "check.say_something")}</span>`;
}

function Speaker({ onAnswer }) {
  const [asked, setAsked] = useState(false);
  const play = async () => {
    const enough = new Promise((done) => setTimeout(done, TONE_WITHIN_MS)); // a browser that cannot play must not keep anybody
    await Promise.race([playTone().catch(() => {}), enough]);
    setAsked(true);
  };
  return html`<div class="row"><button class="small" onClick=${play} data-testid="play-tone"><${Icon} name="play" size=${14} />${t("check.play_tone")}</button>
    ${asked && html`<button class="small" onClick=${() => onAnswer(true)} data-testid="tone-heard">${t("check.heard")}</button>
      <button class="small" onClick=${() => onAnswer(false)} data-testid="tone-not-heard">${t("check.not_heard")}</button>`}</div>`;
}
