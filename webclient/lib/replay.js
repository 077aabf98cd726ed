// Replays one sitting: segments of WebM, put end to end on the wall clock by Media Source Extensions.
//
// Media time is the wall clock in seconds since the first segment's beginning, so a segment is appended with
// `timestampOffset` = its beginning, and a seek to a wall-clock second is a seek of the element. Only segments near
// the playhead are fetched and kept. A Media Source keeps the tracks it began with (MSE 3.5.8: the number of tracks
// may not change), so where picture-and-sound meets sound-alone a new one is opened on the same element.
//
// Gaps are jumped, or, with `skipGaps = false`, waited through: then the element rests, `currentGap` says which gap it
// is, and the wall clock runs on at the chosen rate. `holes` inside a segment play through (silence, a still picture).
//
// No user interface and no sentences here: errors carry a code, the page has the words.
//   mse_missing, codec_unsupported {mime}, segment_unavailable {segment}, segment_unplayable {segment}

const AHEAD_S = 75;    // fetched ahead of the playhead
const BEHIND_S = 30;   // kept behind it
const SEAM_S = 0.75;   // a hole between buffered ranges that is stepped over in silence
const END_S = 0.15;    // this near to the end of what is buffered, a stalled element has played it
const STARVED_S = 2;   // an element that has starved asks for up to this much before it plays on (Chromium: 24 pictures)
const STARVED_MS = 600;  // nothing moved for so long that it has starved
const LAST_S = 0.3;    // nearer to the end of what there is than this, a seek finds too little to show a picture
const WATCH_MS = 50;
const AGAIN_MS = 2000;  // until a segment is asked for again that the network kept away
export const RATES = [0.5, 1, 1.5, 2, 4, 8];

export class ReplayError extends Error {
  constructor(code, details = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

export class Replay {
  /**
   * @param video        a <video> element; its src is taken over
   * @param manifest     as made by the server (proctor/recording/index.py)
   * @param fetchSegment (segmentId, AbortSignal) => Promise<ArrayBuffer>
   */
  constructor({ video, manifest, fetchSegment }) {
    if (!("MediaSource" in globalThis)) throw new ReplayError("mse_missing");
    this.video = video;
    this.skipGaps = true;
    this.currentGap = null;
    this._fetch = fetchSegment;
    this._listeners = new Map();
    this._rate = 1;
    this._playing = false;
    this._ended = false;
    this._gapFrom = 0;        // media second and performance.now() at which the wait in a gap began
    this._gapAt = 0;
    this._run = null;         // what is loaded: {mime, source, buffer, appended, abort}
    this._moved = null;       // {sign, at}: what the element had done, and when it last did more
    this._unplayable = new Set();    // segments that cannot be decoded, or could not be had just now:
    this._unavailable = new Set();   // both are gone over like gaps
    this._asksAgainAt = 0;    // after the network, or the server, was away
    this._segments = [];
    this.update(manifest);
    for (const { mime } of this._segments) {
      if (!MediaSource.isTypeSupported(mime)) throw new ReplayError("codec_unsupported", { mime });
    }
    this._watch = setInterval(() => this._step(), WATCH_MS);
    if (this._segments.length) this._go(0);
  }

  /** Take a newer manifest of the same sitting, as segments are added while the exam runs. */
  update(manifest) {
    const shown = this._base === undefined ? null : this.currentWallClock;
    const first = manifest.segments[0]?.start_ms;
    const earlier = first < this._base;   // segments are not always finished in the order they were begun
    this.manifest = manifest;
    if (this._base === undefined || earlier) this._base = first;
    this._ended = false;
    this._segments = manifest.segments.map((segment) => ({
      ...segment,
      from: (segment.start_ms - this._base) / 1000,
      to: (segment.start_ms - this._base + segment.duration_ms) / 1000,
    }));
    if (!this._watch || !this._segments.length) return;
    if (shown === null) { this._go(0); return; }
    if (earlier) this._close();   // what is loaded was placed by the later beginning
    if (earlier || this.currentGap) this._go((shown - this._base) / 1000);   // the gap may have become shorter
  }

  /** Events: "time" wallClockMs, "gap" {from_ms, to_ms} | null, "segment" entry, "waiting" bool, "ended", "error". */
  on(event, listener) {
    if (!this._listeners.has(event)) this._listeners.set(event, new Set());
    this._listeners.get(event).add(listener);
    return () => this._listeners.get(event).delete(listener);
  }

  get startMs() { return this._base ?? null; }
  get endMs() { return this._segments.length ? this._base + this._endOfAll() * 1000 : null; }
  get playing() { return this._playing; }
  get currentWallClock() { return this._base + this._now() * 1000; }
  get currentSegment() { return this._at(this._now()); }

  get rate() { return this._rate; }
  set rate(rate) {
    if (!(rate >= 0.5 && rate <= 8)) throw new RangeError("rate is 0.5 to 8");
    this._restartGapClock();
    this._rate = rate;
    this.video.defaultPlaybackRate = this.video.playbackRate = rate;
  }

  play() {
    if (this._ended) this._go(0);
    this._restartGapClock();
    this._playing = true;
    this._resume();
  }

  pause() {
    this._restartGapClock();
    this._playing = false;
    this.video.pause();
  }

  /** Go to a wall-clock moment, in milliseconds since 1970; outside the recording, to its nearer end. */
  seek(wallClockMs) {
    this._unavailable.clear();   // the network may be back
    this._asksAgainAt = 0;
    this._go((wallClockMs - this._base) / 1000);
  }

  destroy() {
    clearInterval(this._watch);
    this._watch = null;
    this._close();
    this.video.removeAttribute("src");
    this.video.load();
    this._listeners.clear();
  }

  // Where things are

  _endOfAll() { return Math.max(0, ...this._segments.map((segment) => segment.to)); }

  _lacks(segment) { return this._unplayable.has(segment.id) || this._unavailable.has(segment.id); }

  /** The segment that shows second `at`; of two that overlap at a seam, the later. */
  _at(at) {
    return this._segments.findLast((one) => one.from <= at && at < one.to && !this._lacks(one)) ?? null;
  }

  _next(at) {
    return this._segments.find((one) => one.from > at && !this._lacks(one)) ?? null;
  }

  _now() {
    if (!this.currentGap) return this._target ?? this.video.currentTime;
    const ran = this._playing ? (performance.now() - this._gapAt) / 1000 * this._rate : 0;
    return this._gapFrom + ran;
  }

  _restartGapClock() {
    if (!this.currentGap) return;
    this._gapFrom = this._now();
    this._gapAt = performance.now();
  }

  // Moving

  _go(at) {
    const end = this._endOfAll();
    at = Math.min(Math.max(at, 0), Math.max(0, end - 0.05));
    this._ended = false;
    const segment = this._at(at);
    if (!segment) { this._enterGap(at); return; }
    this._leaveGap();
    if (this._run?.mime !== segment.mime) this._open(segment.mime);
    this._target = at;   // the element can be moved there once something of it is buffered
    this._settle();
    this._load();
  }

  _enterGap(at) {
    const next = this._next(at);
    if (!next) { this._finish(); return; }
    const before = this._segments.filter((one) => one.to <= at && !this._lacks(one));
    const from = Math.max(0, ...before.map((one) => one.to));
    if (this.skipGaps || next.from - at < SEAM_S) {
      this._emit("gap", this._gap(from, next.from));
      this._emit("gap", null);
      this._go(next.from);
      return;
    }
    this.video.pause();
    this._target = undefined;
    this._gapFrom = at;
    this._gapAt = performance.now();
    this.currentGap = this._gap(from, next.from);
    this._emit("gap", this.currentGap);
    this._load(next.from);
  }

  _gap(from, to) {
    return { from_ms: Math.round(this._base + from * 1000), to_ms: Math.round(this._base + to * 1000) };
  }

  _leaveGap() {
    if (!this.currentGap) return;
    this.currentGap = null;
    this._emit("gap", null);
  }

  _finish() {
    this._leaveGap();
    this._playing = false;
    this._ended = true;
    this.video.pause();
    this._emit("ended");
  }

  _resume() {
    if (!this._playing || this.currentGap || this._target !== undefined) return;
    this.video.playbackRate = this._rate;
    this.video.play().catch((error) => {
      // AbortError: a pause or a new source came in between, and whoever did that goes on from there.
      if (error.name !== "AbortError") this._emit("error", new ReplayError("play_refused", { name: error.name }));
    });
  }

  /** Move the element to the wanted second as soon as that second is there. */
  _settle() {
    if (this._target === undefined || !this._run?.buffer) return;
    const segment = this._at(this._target);
    const range = this._rangeAt(this._target) ?? this._tail(this._target, segment);
    if (!range) return;
    // While something comes that goes on from there, its last moments are not the last: `_load` settles when it is in.
    if (this._isComing(range) && range.end - this._target < LAST_S) return;
    this.video.currentTime = Math.max(Math.min(this._target, range.end - LAST_S), range.start);
    this._target = undefined;
    this._moved = null;
    this._resume();
  }

  _rangeAt(at) {
    const { buffered } = this._run.buffer;
    for (let i = 0; i < buffered.length; i++) {
      // A range that begins just after the wanted second will do: the seam between segments.
      if (at < buffered.end(i) && buffered.start(i) - at < SEAM_S) {
        return { start: buffered.start(i), end: buffered.end(i) };
      }
    }
    return null;
  }

  /** The last range of a loaded segment, for the moments between its last frame and its counted end. */
  _tail(at, segment) {
    if (!segment || !this._run.appended.has(segment.id)) return null;
    const { buffered } = this._run.buffer;
    for (let i = buffered.length - 1; i >= 0; i--) {
      if (buffered.end(i) <= at && buffered.end(i) > segment.from) {
        return { start: buffered.start(i), end: buffered.end(i) };
      }
    }
    return null;
  }

  /** Whether something that is still to be loaded goes on where `range` ends. */
  _isComing(range) {
    return this._segments.some((one) => one.mime === this._run.mime && !this._run.appended.has(one.id) &&
      !this._lacks(one) && one.to > range.end && one.from < range.end + SEAM_S);
  }

  /** Whether the element waits for more than there is: nothing of it has moved for a while, and the end is near. A slow
   *  decoder moves, or is farther from the end. */
  _hasStarved(at, range) {
    return this._isStill(at) && range.end - at < STARVED_S && !this._isComing(range);
  }

  /** Whether neither the time nor a decoder has moved for STARVED_MS, though the element should play. */
  _isStill(at) {
    const { totalVideoFrames } = this.video.getVideoPlaybackQuality();
    const sign = [at, totalVideoFrames, this.video.webkitAudioDecodedByteCount].join();
    const now = performance.now();
    if (this.video.paused || this._moved?.sign !== sign) this._moved = { sign, at: now };
    return now - this._moved.at >= STARVED_MS;
  }


  /** Called many times a second: clock, gaps, seams, ends. */
  _step() {
    if (!this._segments.length || !this._run && !this.currentGap) return;
    const at = this._now();
    this._emit("time", this.currentWallClock);
    if (this.currentGap) {
      if (at >= (this.currentGap.to_ms - this._base) / 1000) this._go((this.currentGap.to_ms - this._base) / 1000);
      return;
    }
    this._settle();
    const segment = this._at(at);
    if (segment && segment.id !== this._shown) {
      this._shown = segment.id;
      this._emit("segment", segment);
    }
    const waiting = this._target !== undefined || (this._playing && this.video.readyState < 3);
    if (waiting !== this._waiting) this._emit("waiting", this._waiting = waiting);
    if (this._target === undefined && this._playing) this._cross(at, segment);
    this._load();
  }

  /** Past the end of what this source holds: on to the next segment, over the seam or into the gap. */
  _cross(at, segment) {
    const { seeking } = this.video;
    if (!seeking && !segment) { this._enterGap(at); return; }
    if (!seeking && segment.mime !== this._run.mime) { this._go(at); return; }
    if (this.video.readyState >= 3 || !this._run.appended.has(segment?.id)) return;   // plays, or is on its way
    const range = this._rangeAt(at);
    const starved = range && this._hasStarved(at, range);
    if (seeking && !starved) return;
    if (range && range.start > at) this.video.currentTime = range.start;
    else if (range && range.end - at > END_S && !starved) return;
    // The element stops at its last frame, a little before the segment's counted end.
    else if (this._next(at)) this._go(segment.to);
    else this._finish();
  }

  // Loading

  _open(mime) {
    this._close();
    const run = { mime, source: new MediaSource(), buffer: null, appended: new Set(), abort: new AbortController() };
    this._run = run;
    run.url = URL.createObjectURL(run.source);
    run.source.addEventListener("sourceopen", () => {
      if (this._run !== run) return;
      run.source.duration = this._endOfAll();
      run.buffer = run.source.addSourceBuffer(mime);
      this._load();
    }, { once: true });
    this.video.src = run.url;
    this.video.playbackRate = this._rate;
  }

  _close() {
    if (!this._run) return;
    this._run.abort.abort();
    URL.revokeObjectURL(this._run.url);
    this._run = null;
  }

  /** Fetch and append the nearest segment of the window that is missing; one at a time. */
  async _load(around = this._now()) {
    const run = this._run;
    if (!run?.buffer || run.loading || performance.now() < this._asksAgainAt) return;
    const wanted = this._segments.find((one) =>
      one.mime === run.mime && one.to > around && one.from < around + AHEAD_S &&
      !run.appended.has(one.id) && !this._lacks(one));
    if (!wanted) return;
    run.loading = true;
    try {
      await this._forget(run, around);
      let data;
      try {
        data = await this._fetch(wanted.id, run.abort.signal);
      } catch (error) {
        if (run.abort.signal.aborted) return;
        if (error.isNetwork) {   // nothing says that it could not be had: it is waited for
          this._asksAgainAt = performance.now() + AGAIN_MS;
          return;
        }
        throw new ReplayError("segment_unavailable", { segment: wanted.id, cause: String(error) });
      }
      if (this._run !== run) return;
      if (run.source.duration < wanted.to) run.source.duration = wanted.to;
      run.buffer.timestampOffset = wanted.from;
      try {
        await this._append(run.buffer, data);
      } catch {
        if (this._run !== run) return;
        throw new ReplayError("segment_unplayable", { segment: wanted.id });
      }
      run.appended.add(wanted.id);
      this._moved = null;
    } catch (error) {
      (error.code === "segment_unplayable" ? this._unplayable : this._unavailable).add(wanted.id);
      this._emit("error", error);
      if (error.code === "segment_unplayable") {
        // A decoding error closes the source: begin a new one without that segment.
        const at = this._now();
        this._close();
        this._go(at);
      } else if (this._at(this._now()) === null && !this.currentGap) {
        this._go(this._now());
      }
      return;
    } finally {
      run.loading = false;
    }
    this._settle();
    this._load();
  }

  _append(buffer, data) {
    return this._operate(buffer, () => buffer.appendBuffer(data));
  }

  _operate(buffer, begin) {
    return new Promise((resolve, reject) => {
      const done = (event) => {
        buffer.removeEventListener("updateend", done);
        buffer.removeEventListener("error", done);
        if (event.type === "error") reject(new Error("source buffer")); else resolve();
      };
      buffer.addEventListener("updateend", done);
      buffer.addEventListener("error", done);
      try { begin(); } catch (error) { done({ type: "error" }); }
    });
  }

  /** Drop what lies far from the playhead, so that hours of recording fit in memory. */
  async _forget(run, around) {
    const far = this._segments.filter((one) => run.appended.has(one.id) &&
      (one.to < around - BEHIND_S || one.from > around + 2 * AHEAD_S));
    for (const one of far) {
      run.appended.delete(one.id);
      await this._operate(run.buffer, () => run.buffer.remove(one.from, one.to));
    }
  }

  _emit(event, value) {
    for (const listener of this._listeners.get(event) ?? []) listener(value);
  }
}
