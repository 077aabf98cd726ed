// The camera and the microphone that are being sent, kept going.
//
// A phone call, a computer that slept, another program, a loose plug: a track is muted, or it ends. A muted track may
// come back by itself; one that ended never does, and on some phones a muted one does not either. So the device is opened
// again, by itself, a bounded number of times at growing intervals, and anew whenever there is reason to hope: the page
// is looked at again, a device was plugged in. The new track takes the old one's place in what is sent; nothing is
// negotiated. A refused permission ends it: only a person should bring the question up again.
//
// What was let go stays shut until it is opened anew: nothing is tried, whatever happens to a device.
//
// "change" tells the state: {stream, camera, microphone}, each part {ok, label, cause, mending}. A new track means a
// new `stream`, so that whoever shows or measures it notices.

import { diagnose, openDevices, openOne } from "./device.js";
import { Emitter } from "./emitter.js";

export const AGAIN_AFTER_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const MUTED_FOR_MS = 5000; // calls and privacy keys mute; what is back sooner needs no help
const PARTS = { video: "camera", audio: "microphone" };
const realTimers = { set: (act, ms) => setTimeout(act, ms), clear: (timer) => clearTimeout(timer) };

export class Capture extends Emitter {
  state = null;
  #working = {}; // part -> how it was described when it worked
  #timers;
  #waiting = new Map(); // kind -> timer
  #tries = new Map(); // kind -> tries since it worked
  #held = false;
  #closed = false;
  #round = 0; // counts complete openings; what an earlier one still finds is let go

  constructor({ timers = realTimers } = {}) {
    super();
    this.#timers = timers;
    document.addEventListener("visibilitychange", this.#look);
    navigator.mediaDevices?.addEventListener?.("devicechange", this.#look);
  }

  /** Open both anew, as a person asks for it. */
  async open() {
    const round = (this.#round += 1);
    this.#forget();
    this.state?.stream.getTracks().forEach((track) => track.stop());
    const opened = await openDevices();
    if (this.#closed || round !== this.#round) return opened.stream.getTracks().forEach((track) => track.stop());
    for (const track of opened.stream.getTracks()) this.#follow(track, opened[PARTS[track.kind]]);
    this.#show(opened);
    return undefined;
  }

  /** Another camera of this device is about to be used: leave ours alone, even when it is taken away. */
  hold() {
    this.#held = true;
  }

  /** The other camera was let go: see to ours. */
  unhold() {
    this.#held = false;
    this.#look();
  }

  /** Shut both, until `open` is called: nobody sees this page any more. */
  letGo() {
    this.#round += 1;
    this.#forget();
    this.state?.stream.getTracks().forEach((track) => track.stop());
    this.state = null;
  }

  close() {
    this.#closed = true;
    this.#forget();
    document.removeEventListener("visibilitychange", this.#look);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.#look);
    this.state?.stream.getTracks().forEach((track) => track.stop());
  }

  #forget() {
    for (const timer of this.#waiting.values()) this.#timers.clear(timer);
    this.#waiting.clear();
    this.#tries.clear();
  }

  #follow(track, description) {
    const part = PARTS[track.kind];
    this.#working[part] = description;
    const current = () => this.state?.stream.getTracks().includes(track);
    track.onended = () => current() && this.#broken(track.kind, "lost", 0);
    track.onmute = () => current() && track.readyState === "live" && this.#broken(track.kind, "muted", MUTED_FOR_MS);
    track.onunmute = () => current() && this.#mended(track.kind, this.state.stream);
  }

  #broken(kind, cause, patience) {
    this.#tries.set(kind, 0);
    this.#show({ ...this.state, [PARTS[kind]]: { ok: false, cause, mending: true } });
    this.#later(kind, patience + AGAIN_AFTER_MS[0]);
  }

  #mended(kind, stream) {
    this.#timers.clear(this.#waiting.get(kind));
    this.#waiting.delete(kind);
    this.#tries.delete(kind);
    this.#show({ ...this.state, stream, [PARTS[kind]]: this.#working[PARTS[kind]] });
  }

  #later(kind, ms) {
    this.#timers.clear(this.#waiting.get(kind));
    this.#waiting.set(kind, this.#timers.set(() => void this.#again(kind), ms));
  }

  // Reason to hope: what is broken is tried anew, from the first interval on.
  #look = (event) => {
    if (document.hidden || !this.state) return;
    for (const [kind, part] of Object.entries(PARTS)) {
      const track = this.state.stream.getTracks().find((one) => one.kind === kind);
      if (track?.readyState === "ended" && this.state[part].ok) this.#broken(kind, "lost", 0); // while nobody was told
      else if (!this.#waiting.has(kind) && !this.state[part].ok && ["lost", "muted", "in_use", "not_found"].includes(this.state[part].cause)) {
        // A loose plug may tell of a change without end: it earns one more try, not all of them.
        this.#tries.set(kind, event?.type === "devicechange" ? Math.min(this.#tries.get(kind) ?? 0, AGAIN_AFTER_MS.length - 1) : 0);
        this.#later(kind, AGAIN_AFTER_MS[0]);
      }
    }
  };

  async #again(kind) {
    const round = this.#round;
    this.#waiting.delete(kind);
    if (this.#held || document.hidden) return; // `#look` goes on
    let found = null;
    let cause = null;
    try {
      found = await openOne(kind);
    } catch (error) {
      cause = diagnose(error);
    }
    if (this.#closed || round !== this.#round || this.state[PARTS[kind]].ok) return found?.track.stop(); // it came back meanwhile
    const old = this.state.stream.getTracks().find((track) => track.kind === kind);
    if (found && !found.track.muted) {
      old?.stop();
      this.#follow(found.track, found.description);
      return this.#mended(kind, new MediaStream([...this.state.stream.getTracks().filter((track) => track !== old), found.track]));
    }
    found?.track.stop();
    const tries = (this.#tries.get(kind) ?? 0) + 1;
    this.#tries.set(kind, tries);
    const ended = cause === "not_allowed" || tries >= AGAIN_AFTER_MS.length;
    if (ended || cause) this.#show({ ...this.state, [PARTS[kind]]: { ok: false, cause: cause ?? this.state[PARTS[kind]].cause, mending: !ended } });
    if (!ended) this.#later(kind, AGAIN_AFTER_MS[tries]);
    return undefined;
  }

  #show(state) {
    this.state = state;
    this.emit("change", state);
  }
}
