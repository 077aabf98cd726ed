// What an invigilator's page knows and does, without a pixel of it: the room's people, their vitals, the messages,
// and the wall's media connection.

import { batch, signal } from "@preact/signals";

import { Wall } from "../../lib/media.js";
import { RoomConnection } from "../../lib/room.js";
import { serverClock } from "../../lib/time.js";

const MOST_TILES = 50;
const MESSAGES_KEPT = 300;

/** How a person stands, for the tile's border, the chips and the filters. The first that applies. */
export function standing(sitting, vitals) {
  if (sitting.state === "submitted") return "submitted";
  if (sitting.state === "waiting") return "waiting";
  if (sitting.state === "expected") return "absent";
  if (!sitting.connected) return "offline";
  if (vitals && vitals.media !== "connected") return "no_media";
  return "live";
}

/** Whose picture stands in the queue: that of the page which asks to take over has a name of its own. */
export const pictureInQueue = ({ candidate, readmission }) => (readmission ? `${candidate}/asking` : candidate);

export class WatchedRoom {
  connection = signal({ state: "idle", refusal: null });
  room = signal(null);
  sittings = signal(new Map());
  vitals = signal({ candidates: {}, recording: null });
  messages = signal([]);
  violations = signal([]);
  seats = signal(new Map()); // candidate -> slot name
  streams = signal(new Map()); // slot name -> MediaStream
  error = signal(null);
  overtaken = signal([]); // candidates whom somebody else admitted first

  #visible = [];
  #focus = null;

  constructor(room, subject) {
    this.subject = subject;
    this.link = new RoomConnection("invigilator", room);
    this.wall = new Wall({ request: (name, payload) => this.link.request(name, payload) });
    this.wall.on("seats", (seats) => batch(() => {
      this.seats.value = new Map(seats);
      if (this.streams.value !== this.wall.streams) this.streams.value = this.wall.streams;
    }));
    this.wall.on("error", (error) => { if (!error.isNetwork) this.error.value = error; });
    this.link.on("state", (state) => { this.connection.value = state; });
    this.link.on("welcome", (welcome) => this.#onWelcome(welcome));
    this.link.on("room", (room) => {
      serverClock.told(room.server_time);
      this.room.value = room;
    });
    this.link.on("sitting", (sitting) => {
      const sittings = new Map(this.sittings.value).set(sitting.candidate, sitting);
      if (sitting.state === "moved_out") sittings.delete(sitting.candidate); // to another room of the exam
      this.sittings.value = sittings;
    });
    this.link.on("vitals", (vitals) => { this.vitals.value = vitals; });
    this.link.on("showing", (word) => this.wall.showing(word));
    this.link.on("message", (message) => { this.messages.value = [message, ...this.messages.value].slice(0, MESSAGES_KEPT); });
    this.link.on("violation", (violation) => { this.violations.value = [violation, ...this.violations.value]; });
  }

  open() {
    this.link.start();
  }

  close() {
    this.wall.close();
    this.link.stop();
  }

  /** Say who is on the screen now. */
  show(visible, focus) {
    this.#visible = visible;
    this.#focus = focus;
    this.wall.show(visible, focus);
  }

  async admit(candidates) {
    this.overtaken.value = [];
    this.overtaken.value = (await this.link.request("admit", { candidates, seen: this.#pagesSeen(candidates) })).skipped;
  }

  /** Whose face was seen: the server admits that page and no other that came since. */
  #pagesSeen(candidates) {
    const epochs = candidates.map((candidate) => this.sittings.value.get(candidate))
      .filter(Boolean).map(({ candidate, epoch, pending_epoch: asking }) => [candidate, asking ?? epoch]);
    return Object.fromEntries(epochs);
  }

  sendMessage(to, text) {
    return this.link.request("send_message", { to, text });
  }

  noteViolation(violation) {
    return this.link.request("note_violation", violation);
  }

  #onWelcome(welcome) {
    batch(() => {
      this.room.value = welcome.room;
      this.sittings.value = new Map((welcome.sittings ?? []).map((sitting) => [sitting.candidate, sitting]));
      this.messages.value = [...(welcome.messages ?? [])].reverse();
      this.violations.value = [...welcome.violations].reverse();
    });
    this.error.value = null;
    // The subscription of an earlier connection ended with it; `show` waits until the new one stands.
    void this.wall.start(Math.max(1, Math.min(MOST_TILES, this.sittings.value.size)));
    this.wall.show(this.#visible, this.#focus);
  }
}
