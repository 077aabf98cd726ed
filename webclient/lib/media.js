// The two media connections of a page: Publisher sends a candidate's camera and microphone, Wall receives tiles.
//
// Publisher sends two simulcast layers by rid (RFC 8853): `l` for the wall, `h` for the record and for focus. It
// watches whether anything still comes back from the server: feedback arrives several times a second, so that
// silence means that the server restarted or the path broke, long before ICE gives up (15 to 30 s). Then it restarts
// ICE, with which the same connection and its recording go on at another network; where the server knows of no such
// connection, or that does not help, it publishes anew. While media flows, a lost socket alone does not interrupt the
// recording. Who changes networks loses the socket too: `silent` tells early that there is reason to look at it, and
// `look` that there is one again.
//
// Wall asks once for a pool of slots and is offered one m-line for each; `show` says which candidate sits in which
// slot and never renegotiates. One `show` is under way at a time and the newest wish wins. Pictures of the person before
// may still be on their way then; `carries` tells whose a picture is.

import { Emitter } from "./emitter.js";
import { monotonicMs } from "./time.js";

const LAYERS = [
  { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 100_000, maxFramerate: 8 },
  { rid: "h", maxBitrate: 400_000, maxFramerate: 15 },
];
const WATCH_EVERY_MS = 500;
const PLAYED_OUT_MS = 1500; // the longest that pictures on their way to the screen are held back
const DOUBT_AFTER_MS = 2000;
const SILENT_AFTER_MS = 3000; // a standing way is checked every 2.5 s, by which the server follows when a router moves us
const RESTARTED_WITHIN_MS = 4000;
const LOST_AFTER_MS = 2000;
const EMPTY_AFTER_MS = 8000; // a wall on which nothing came for so long has nobody to show
const CONNECT_WITHIN_MS = 10000;
const AGAIN_AFTER_MS = [500, 1000, 2000, 4000]; // of what was refused, or could not be asked for

/** Bytes that a connection has received, by its statistics (webrtc-stats). Firefox counts them for the candidate pairs only. */
export function bytesReceived(report) {
  let bytes = 0;
  for (const entry of report.values()) {
    if (entry.type === "transport" && entry.bytesReceived !== undefined) return entry.bytesReceived;
    if (entry.type === "candidate-pair") bytes += entry.bytesReceived ?? 0;
  }
  return bytes;
}

// How to reach the server: the relays that there are, with credentials that are fresh for each connection.
const connection = async (request) => ({ iceServers: (await request("ice_servers", {})).ice_servers });

const ENDED = new Set(["closed", "failed"]); // of DTLS

// When what failed is tried again: for ever, and more and more rarely.
class Turn {
  #failures = 0;
  #from = 0;

  get come() {
    return monotonicMs() >= this.#from;
  }

  failed() {
    this.#from = monotonicMs() + AGAIN_AFTER_MS[Math.min(this.#failures, AGAIN_AFTER_MS.length - 1)];
    this.#failures += 1;
  }

  /** There is reason to hope. */
  hurry() {
    this.#failures = this.#from = 0;
  }
}

// Silence of a connection, by the bytes of its transport.
class Pulse {
  #last = 0;
  #heardAt = monotonicMs();
  heard = false;
  restarted = false; // ICE, and nothing was heard since
  everHeard = false;

  /** `of`: of whose statistics, if not of all, which are many on a wall. */
  async check(pc, of = pc) {
    const bytes = bytesReceived(await of.getStats());
    this.heard = bytes > this.#last;
    this.#last = bytes; // fewer where pairs of before a restart are counted no more
    if (!this.heard) return;
    this.#heardAt = monotonicMs();
    this.restarted = false;
    if (pc.connectionState === "connected") this.everHeard = true;
  }

  get silentMs() {
    return monotonicMs() - this.#heardAt;
  }

  /** ICE was restarted: it is given its time. */
  begin() {
    this.restarted = true;
    this.#heardAt = monotonicMs();
  }

  /** What is to be done about it: "anew", "restart" or nothing. What stood is mended after `patienceMs` of silence. */
  verdict(pc, patienceMs) {
    const gone = pc.connectionState === "closed" || pc.getSenders().some(({ transport }) => ENDED.has(transport?.state));
    if (gone || !this.everHeard) {
      return gone || pc.connectionState === "failed" || this.silentMs >= CONNECT_WITHIN_MS ? "anew" : null;
    }
    if (this.restarted) return this.silentMs >= RESTARTED_WITHIN_MS ? "anew" : null;
    return pc.connectionState === "failed" || this.silentMs >= patienceMs ? "restart" : null;
  }
}

export class Publisher extends Emitter {
  #request;
  #stream;
  #pc = null;
  #timer = 0;
  #pulse = new Pulse();
  #turn = new Turn();
  #busy = false;

  state = "off"; // off, connecting, sending

  /** `request(name, payload)` sends a message of the room; `epoch()` gives the current connection epoch. */
  constructor({ request, epoch, stream }) {
    super();
    this.#request = request;
    this.epoch = epoch;
    this.#stream = stream;
  }

  start() {
    this.#timer ||= setInterval(() => void this.#watch(), WATCH_EVERY_MS);
    void this.#publish();
  }

  /** Send another camera or microphone without a new negotiation. */
  async replace(stream) {
    this.#stream = stream;
    for (const sender of this.#pc?.getSenders() ?? []) {
      const track = stream.getTracks().find((candidate) => candidate.kind === senderKind(this.#pc, sender));
      await sender.replaceTrack(track ?? null);
    }
  }

  /** There is a socket again: if nothing comes from the server, that is to be mended now. */
  look() {
    this.#turn.hurry();
    if (this.#timer) void this.#watch(DOUBT_AFTER_MS);
  }

  close() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#pc?.close();
    this.#pc = null;
    this.#set("off");
  }

  async #publish() {
    if (this.#busy) return;
    this.#busy = true;
    this.#set("connecting");
    this.#pc?.close();
    let pc;
    try {
      const configuration = await connection(this.#request);
      if (!this.#timer) return; // closed meanwhile
      pc = this.#pc = new RTCPeerConnection(configuration);
      this.#pulse = new Pulse();
      pc.onconnectionstatechange = () => pc === this.#pc && this.#set(pc.connectionState === "connected" ? "sending" : "connecting");
      const [audio] = this.#stream.getAudioTracks();
      const [video] = this.#stream.getVideoTracks();
      pc.addTransceiver(audio ?? "audio", { direction: "sendonly", streams: [this.#stream] });
      const camera = pc.addTransceiver(video ?? "video", {
        direction: "sendonly", streams: [this.#stream], sendEncodings: LAYERS,
      });
      const { codecs } = RTCRtpSender.getCapabilities("video");
      camera.setCodecPreferences(codecs.filter(({ mimeType }) => /\/(VP8|rtx)$/i.test(mimeType)));
      await pc.setLocalDescription();
      const { sdp } = await this.#request("publish", { epoch: this.epoch(), sdp: pc.localDescription.sdp });
      if (pc === this.#pc) await pc.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      // It is tried again; the socket may be away, or the server may not want us now.
      this.#turn.failed();
      this.emit("error", error);
      if (pc === this.#pc) pc?.close();
    } finally {
      this.#busy = false;
    }
  }

  // The same connection, at another network.
  async #restart() {
    if (this.#busy) return;
    this.#busy = true;
    this.#set("connecting");
    const pc = this.#pc, pulse = this.#pulse;
    let gone = false;
    try {
      pc.setConfiguration(await connection(this.#request));
      pc.restartIce();
      await pc.setLocalDescription();
      const { sdp } = await this.#request("publish", { epoch: this.epoch(), sdp: pc.localDescription.sdp, restarts: true });
      if (pc === this.#pc) await pc.setRemoteDescription({ type: "answer", sdp });
      pulse.begin();
    } catch (error) {
      gone = !error.isNetwork; // else it is tried again
      if (!gone) this.#turn.failed();
      this.emit("error", error);
    } finally {
      this.#busy = false;
    }
    if (gone && pc === this.#pc) await this.#publish();
  }

  async #watch(patienceMs = SILENT_AFTER_MS) {
    const pc = this.#pc, pulse = this.#pulse;
    if (this.#busy) return;
    if (pc) await pulse.check(pc);
    if (!this.#timer || this.#busy || pc !== this.#pc) return;
    if (pulse.everHeard && pulse.silentMs >= DOUBT_AFTER_MS) this.emit("silent");
    const verdict = pc ? pulse.verdict(pc, patienceMs) : "anew";
    if (pulse.heard) this.#turn.hurry();
    if (verdict && !this.#turn.come) return;
    if (verdict === "anew") await this.#publish();
    else if (verdict === "restart") await this.#restart();
    else if (pulse.heard && pc.connectionState === "connected") this.#set("sending");
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }
}

const senderKind = (pc, sender) => pc.getTransceivers().find((one) => one.sender === sender).receiver.track.kind;

export class Wall extends Emitter {
  #request;
  #pc = null;
  #subscription = null;
  #slots = []; // names of the tile slots
  #wish = { visible: [], focus: null };
  #seats = new Map(); // candidate -> slot
  #sending = false;
  #dirty = false;
  #timer = 0;
  #starting = false;
  #lostSince = null;
  #turn = new Turn();
  #pulse = new Pulse();
  #watched = 0;
  #carried = new Map(); // slot -> {person, since}

  streams = new Map(); // slot -> MediaStream

  constructor({ request }) {
    super();
    this.#request = request;
  }

  /** Ask for `tiles` slots (at most 50) and connect. Called again after a reconnection. */
  async start(tiles) {
    if (this.#starting) return;
    this.#starting = true;
    this.tiles = tiles;
    this.#timer ||= setInterval(() => void this.#watch(), WATCH_EVERY_MS);
    this.#pc?.close();
    this.#subscription = null;
    let pc;
    try {
      const configuration = await connection(this.#request);
      if (!this.#timer) return; // closed meanwhile
      pc = this.#pc = new RTCPeerConnection(configuration);
      this.#pulse = new Pulse();
      const offered = await this.#request("subscribe", { tiles });
      await pc.setRemoteDescription({ type: "offer", sdp: offered.sdp });
      await pc.setLocalDescription();
      await this.#request("accept", { subscription: offered.subscription, sdp: pc.localDescription.sdp });
      if (pc !== this.#pc) return;
      this.#take(pc, offered);
      this.#turn.hurry();
    } catch (error) {
      this.#turn.failed();
      this.emit("error", error);
      pc?.close();
    } finally {
      this.#starting = false;
    }
    await this.#send();
  }

  /** Say who is on the screen; `focus` (or null) comes large and with sound. */
  show(visible, focus) {
    this.#wish = { visible, focus };
    void this.#send();
  }

  /** The slot in which a candidate sits now, or undefined. */
  slotOf(candidate) {
    return this.#seats.get(candidate);
  }

  isOf(subscription) {
    return subscription === this.#subscription;
  }

  /** The server's word of what a slot shows from the picture with that RTP timestamp on. */
  showing({ subscription, slot, candidate, rtp_timestamp: since }) {
    if (subscription === this.#subscription) this.#carried.set(slot, { person: candidate, since, told: monotonicMs() });
  }

  /** Whether a picture of `slot` is one of `person`: `timestamp` is its RTP timestamp, undefined where a browser has none. */
  carries(slot, person, timestamp) {
    const carried = this.#carried.get(slot);
    if (carried?.person !== person) return false;
    if (timestamp === undefined) return monotonicMs() - carried.told > PLAYED_OUT_MS;
    return (timestamp - carried.since) >>> 0 < 2 ** 31; // RTP timestamps wrap (RFC 3550 5.1)
  }

  close() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#pc?.close();
    this.#pc = null;
    this.#subscription = null;
  }

  #take(pc, { subscription, slots }) {
    this.#subscription = subscription;
    this.#seats.clear();
    this.#carried.clear();
    this.streams = new Map();
    const byMid = new Map(pc.getTransceivers().map((transceiver) => [transceiver.mid, transceiver.receiver.track]));
    for (const { slot, mid } of slots) {
      if (!this.streams.has(slot)) this.streams.set(slot, new MediaStream());
      this.streams.get(slot).addTrack(byMid.get(mid));
    }
    this.#slots = slots.filter(({ slot, kind }) => slot !== "focus" && kind === "video").map(({ slot }) => slot);
  }

  // Whoever stays visible keeps the slot, so that a picture never jumps to another tile while it is decoded.
  #seat() {
    const { visible } = this.#wish;
    const wanted = new Set(visible.slice(0, this.#slots.length));
    for (const candidate of [...this.#seats.keys()]) if (!wanted.has(candidate)) this.#seats.delete(candidate);
    const taken = new Set(this.#seats.values());
    const free = this.#slots.filter((slot) => !taken.has(slot));
    for (const candidate of wanted) if (!this.#seats.has(candidate)) this.#seats.set(candidate, free.shift());
    const tiles = Object.fromEntries(this.#slots.map((slot) => [slot, null]));
    for (const [candidate, slot] of this.#seats) tiles[slot] = candidate;
    return tiles;
  }

  async #send() {
    if (!this.#subscription) return;
    if (this.#sending) {
      this.#dirty = true;
      return;
    }
    this.#sending = true;
    do {
      this.#dirty = false;
      const tiles = this.#seat();
      this.emit("seats", this.#seats);
      try {
        await this.#request("show", { subscription: this.#subscription, tiles, focus: this.#wish.focus });
      } catch (error) {
        this.emit("error", error);
      }
    } while (this.#dirty && this.#subscription);
    this.#sending = false;
  }

  async #doubt() {
    const pc = this.#pc, pulse = this.#pulse, [receiver] = pc?.getReceivers() ?? [];
    if (!receiver || pc.connectionState === "closed") return;
    await pulse.check(pc, receiver);
    if (pulse.everHeard && pulse.silentMs >= DOUBT_AFTER_MS && pulse.silentMs < EMPTY_AFTER_MS) this.emit("silent");
  }

  // Silence is normal with nobody on the screen, so only what ICE finds counts. Nothing is recorded from here: a new
  // connection does.
  async #watch() {
    const state = this.#pc?.connectionState;
    if ((this.#watched += 1) % 2) void this.#doubt();
    this.#lostSince = state === "disconnected" ? this.#lostSince ?? monotonicMs() : null;
    const lost = this.#lostSince !== null && monotonicMs() - this.#lostSince >= LOST_AFTER_MS;
    if (this.#starting || !this.#turn.come || !(lost || ["failed", "closed", undefined].includes(state))) return;
    this.#lostSince = null;
    await this.start(this.tiles);
  }
}
