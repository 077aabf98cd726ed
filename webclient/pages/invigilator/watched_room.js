// What an invigilator's page knows and does, without a pixel of it: the room's people, their vitals, the messages,
// and the wall's media connection.

import { batch, signal } from "@preact/signals";

import { Wall } from "../../lib/media.js";
import { RoomConnection } from "../../lib/room.js";
import { serverClock } from "../../lib/time.js";
import { seen } from "../shared/overtaken.js";
import { OnScreen } from "./on_screen.js";
import { StillPictures } from "./still_pictures.js";

const MESSAGES_KEPT = 300;
const BACK_WITHIN_MS = 20_000; // a page that came back, or whose picture stalled, has so long to send one again
const JUDGED_WITHIN_MS = 2000; // after somebody's deadline: what came in time is not known at once
const SPARE_TILES = 6; // for pages at other devices that ask to take over
const MOST_SLOTS = 56;

/** Whether the own time of somebody who did not hand in is over. A moment is left in which the server finds out what was. */
export const timeIsOver = ({ state, deadline }, now = serverClock.now()) => state === "admitted" && now > Date.parse(deadline) + JUDGED_WITHIN_MS;

/** Whether somebody is still at the exam: in time, or in a held room, which may go on. */
export const isAtWork = (sitting, room, now) => sitting.state === "admitted" && !sitting.referred && (Boolean(room?.hold) || !timeIsOver(sitting, now));

/** How a person stands, for the tile's border, the chips and the filters. The first that applies. While the office decides about
 *  a held room nobody is called one who did not hand in. */
export function standing(sitting, vitals, room, now = serverClock.now()) {
  if (sitting.state === "submitted") return "submitted";
  if (sitting.state === "waiting") return "waiting";
  if (sitting.state === "refused") return "refused";
  if (sitting.state === "expected") return "absent";
  if (sitting.referred) return "referred"; // to another sitting, by the office
  if (sitting.suspended) return "suspended";
  if (sitting.left) return "left"; // after the own time; no connection was lost
  if (!sitting.connected) return "offline";
  if (timeIsOver(sitting, now)) return room?.hold ? "held" : "over";
  if (!vitals || vitals.media === "connected") return "live"; // the first vitals come within a second
  const since = Math.min(now - Date.parse(sitting.connection_changed_at), (vitals.age ?? Infinity) * 1000);
  return since < BACK_WITHIN_MS ? "reconnecting" : "no_media";
}

/** Whether the small pictures stand still at that level of what the network carries. */
export const standStill = (level) => ["stills", "sound"].includes(level);

/** Whether a room is over; a held one goes on as the office decides. */
export const hasEnded = ({ phase }) => phase === "ended";

/** What the device reported that stands in the queue: the one that asks to take over, where there is one. */
export const deviceInQueue = ({ device, readmission, pending }) => (readmission ? pending.device : device);

/** Whose picture stands in the queue: that of the page which asks to take over has a name of its own. */
export const pictureInQueue = ({ candidate, readmission }) => (readmission ? `${candidate}/asking` : candidate);

export class WatchedRoom {
  connection = signal({ state: "idle", refusal: null });
  room = signal(null);
  sittings = signal(new Map());
  vitals = signal({ candidates: {}, recording: null });
  messages = signal([]);
  violations = signal([]);
  notes = signal([]); // newest first
  staff = signal([]);
  shift = signal(null);
  shiftLapsed = signal(null);
  shiftPutOff = signal(0); // number of the offer that whoever looks here put off
  #lapsedNoted = false;
  materials = signal([]);
  lists = signal(null);
  diagnoses = signal(new Map()); // candidate -> what its page answered last
  seats = signal(new Map()); // candidate -> slot name
  streams = signal(new Map()); // slot name -> MediaStream
  level = signal("all"); // how much of the pictures the network of this page carries
  onScreen = new OnScreen();
  error = signal(null);
  overtaken = signal([]); // `{candidate, told}` of those whom somebody else decided on first
  notReady = signal([]); // of those whom the invigilator meant to admit: at a device whose check is not whole

  #visible = [];
  #focus = null;

  /** `role`: an invigilator runs the room; a supervisor or inspector looks on; tech_support helps and sees no pictures. */
  constructor(room, subject, role = "invigilator") {
    this.subject = subject;
    this.role = role;
    this.sees = role !== "tech_support";
    this.link = new RoomConnection(role, room);
    this.stills = new StillPictures(this.link);
    this.wall = new Wall({ request: (name, payload) => this.link.request(name, payload) });
    this.wall.on("seats", (seats) => batch(() => {
      this.seats.value = new Map(seats);
      if (this.streams.value !== this.wall.streams) {
        this.streams.value = this.wall.streams;
        this.#setLevel("all"); // of another subscription
      }
    }));
    this.wall.on("silent", () => this.link.doubt());
    this.wall.on("error", (error) => { if (!error.isNetwork) this.error.value = error; });
    this.link.on("state", (state) => { this.connection.value = state; });
    this.link.on("welcome", (welcome) => this.#onWelcome(welcome));
    this.link.on("room", (room) => {
      serverClock.told(room.server_time);
      this.room.value = room;
      if (hasEnded(room)) {
        this.wall.close();
        this.stills.close();
      }
    });
    this.link.on("sitting", (sitting) => {
      const sittings = new Map(this.sittings.value).set(sitting.candidate, sitting);
      if (sitting.state === "moved_out") sittings.delete(sitting.candidate); // to another room of the exam
      this.sittings.value = sittings;
    });
    this.link.on("vitals", (vitals) => { this.vitals.value = vitals; });
    this.link.on("thinned", ({ subscription, level }) => this.wall.isOf(subscription) && this.#setLevel(level));
    this.link.on("showing", (word) => this.wall.showing(word));
    this.link.on("message", (message) => { this.messages.value = [message, ...this.messages.value].slice(0, MESSAGES_KEPT); });
    this.link.on("violation", (violation) => {
      this.violations.value = [violation, ...this.violations.value.filter((one) => one.violation !== violation.violation)];
    });
    this.link.on("note", (note) => { this.notes.value = [note, ...this.notes.value]; });
    this.link.on("staff", (told) => this.#onStaff(told));
    this.link.on("material", (material) => { this.materials.value = [...this.materials.value, material]; });
    this.link.on("lists", (lists) => { this.lists.value = lists; });
    this.link.on("diagnosis", (diagnosis) => { this.diagnoses.value = new Map(this.diagnoses.value).set(diagnosis.candidate, diagnosis); });
  }

  open() {
    this.link.start();
  }

  close() {
    this.onScreen.close();
    this.wall.close();
    this.stills.close();
    this.link.stop();
  }

  /** Say whose pictures are wanted now, the most important first, and who is in focus. */
  show(visible, focus) {
    this.#visible = visible;
    this.#focus = focus;
    if (this.sees) this.wall.show(visible, focus);
    this.#wantStills();
  }

  #setLevel(level) {
    this.level.value = level;
    this.#wantStills();
  }

  #wantStills() {
    const level = this.level.value;
    const people = level === "sound" && this.#focus ? [this.#focus, ...this.#visible] : this.#visible;
    const recorded = new Set(people.filter((one) => this.sittings.value.has(one))); // pages that ask to take over are not
    this.stills.want(standStill(level) ? [...recorded] : []);
  }

  // In the acts below `replaces` is the number of the decision that stood when the person began to decide: the server
  // refuses an act as `overtaken` when another one stands by now.

  /** What was decided of each one's entry so far, for `admit`. */
  decisionsSeen(candidates) {
    return Object.fromEntries(candidates.map((candidate) => {
      const sitting = this.sittings.value.get(candidate);
      return [candidate, Math.max(...["entry", "check_eligibility", "check_camera", "check_identity"].map((subject) => seen(sitting, subject)))];
    }));
  }

  /** Admit: candidate -> the checks that are stated with this act. Those with the same checks go together. */
  async admit(stated, replaces = this.decisionsSeen([...stated.keys()])) {
    this.overtaken.value = [];
    this.notReady.value = [];
    const groups = new Map();
    for (const [candidate, checks] of stated) {
      const alike = groups.get(checks.join()) ?? groups.set(checks.join(), { candidates: [], checks }).get(checks.join());
      alike.candidates.push(candidate);
    }
    for (const { candidates, checks } of groups.values()) {
      const before = Object.fromEntries(candidates.map((candidate) => [candidate, replaces[candidate]]));
      const asked = { candidates, seen: this.#pagesSeen(candidates), checks, replaces: before };
      const { skipped, overtaken, not_ready: notReady } = await this.link.request("admit", asked).catch((error) => {
        if (error.code !== "not_ready" || stated.size === 1) throw error;
        return { skipped: [], overtaken: {}, not_ready: { [candidates[0]]: error.details.missing } }; // alone with its checks: the others go on
      });
      this.notReady.value = [...this.notReady.value, ...Object.keys(notReady)];
      this.overtaken.value = [...this.overtaken.value, ...skipped.map((candidate) => ({ candidate, told: overtaken[candidate] ?? null }))];
    }
  }

  refuse(candidate, reason, replaces) {
    return this.link.request("refuse_entry", { candidate, reason, replaces });
  }

  /** Do not let the page of `epoch`, at another device, take over. */
  decline(candidate, epoch, reason, replaces) {
    return this.link.request("decline_device", { candidate, epoch, reason, replaces });
  }

  askAgain(candidate, subject, text, replaces) {
    return this.link.request("ask_again", { candidate, subject, text, replaces });
  }

  check(candidate, check, passed, reason, replaces) {
    return this.link.request("check", { candidate, check, passed, reason, replaces });
  }

  photoLink(candidate, photo) {
    return this.link.api.link(`${this.link.path}/candidates/${candidate}/photos/${photo}`);
  }

  stillLink(violation) {
    return this.link.api.link(`${this.link.path}/violations/${violation}/still`);
  }

  /** The part of the recording that belongs to a violation, as far as it is finished. */
  clip(violation) {
    return this.link.api.get(`${this.link.path}/violations/${violation}/clip`);
  }

  brief(topic, replaces) {
    return this.link.request("hold_briefing", { topic, replaces });
  }

  acknowledgeMissingBriefings() {
    return this.link.request("acknowledge_missing_briefings");
  }

  delayRelease(until, reason, replaces) {
    return this.link.request("delay_release", { until, reason, replaces });
  }

  previewLists() {
    return this.link.request("preview_lists");
  }

  publishLists(reason, replaces, seen) {
    return this.link.request("publish_lists", { reason, replaces, seen });
  }

  handOver(replaces) {
    return this.link.request("hand_over", { replaces });
  }

  offerShift(to, note, replaces) {
    return this.link.request("offer_shift", { to, note, replaces });
  }

  /** `matters`: those that were shown. */
  takeShift(matters) {
    return this.link.request("take_shift", { matters });
  }

  forgetLapsedShift() {
    this.#lapsedNoted = true;
    this.shiftLapsed.value = null;
  }

  decideViolation(violation, status, reason, replaces) {
    return this.link.request("decide_violation", { violation, status, reason, replaces });
  }

  /** Words to a violation, about a candidate, or, with neither, about the room. */
  addNote({ violation = "", candidate = "" }, text) {
    return this.link.request("add_note", { violation, candidate: violation ? "" : candidate, text });
  }

  suspend(candidate, reason, replaces) {
    return this.link.request("suspend", { candidate, reason, replaces });
  }

  resume(candidate, reason, replaces) {
    return this.link.request("resume", { candidate, reason, replaces });
  }

  leave(candidate, why, replaces) {
    return this.link.request("begin_absence", { candidate, why, replaces });
  }

  back(candidate, replaces) {
    return this.link.request("end_absence", { candidate, replaces });
  }

  lowerHand(candidate) {
    return this.link.request("lower_hand", { candidate });
  }

  diagnose(candidate) {
    return this.link.request("request_diagnosis", { candidate });
  }

  /** Whose face was seen: the server admits that page and no other that came since. */
  #pagesSeen(candidates) {
    const epochs = candidates.map((candidate) => this.sittings.value.get(candidate))
      .filter(Boolean).map(({ candidate, epoch, pending }) => [candidate, pending?.epoch ?? epoch]);
    return Object.fromEntries(epochs);
  }

  sendMessage(to, text, answers = "") {
    return this.link.request("send_message", { to, text, answers });
  }

  noteViolation(violation) {
    return this.link.request("note_violation", violation);
  }

  #onStaff({ staff, shift, shift_lapsed: lapsed }) {
    batch(() => {
      this.staff.value = staff;
      this.shift.value = shift;
      if (!lapsed) this.#lapsedNoted = false; // another one is news again
      this.shiftLapsed.value = this.#lapsedNoted ? null : lapsed;
    });
  }

  #onWelcome(welcome) {
    batch(() => {
      this.room.value = welcome.room;
      this.sittings.value = new Map((welcome.sittings ?? []).map((sitting) => [sitting.candidate, sitting]));
      this.messages.value = [...(welcome.messages ?? [])].reverse();
      this.violations.value = [...welcome.violations].reverse();
      this.notes.value = [...welcome.notes].reverse();
      this.#onStaff(welcome);
      this.materials.value = welcome.materials;
      this.lists.value = welcome.lists;
    });
    this.error.value = null;
    if (!this.sees || hasEnded(welcome.room)) return;
    // The subscription of an earlier connection ended with it; `show` waits until the new one stands.
    void this.wall.start(Math.min(MOST_SLOTS, this.sittings.value.size + SPARE_TILES));
    this.wall.show(this.#visible, this.#focus);
  }
}
