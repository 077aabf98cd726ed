// Everything a candidate's page does, without a pixel of it: wires the room connection, the answer, the paper, the
// files and the camera to one another, and shows the result as signals that the components read.
//
// Order of events: sign in -> (join in the background) -> device check -> consent -> lobby -> admitted: fetch the
// sealed paper -> key at release -> write -> submit -> receipt. After a reload the server's welcome, or this
// computer's memory when there is no network, puts the page back where it was.

import { batch, computed, signal } from "@preact/signals";

import { Answers } from "../../lib/answers.js";
import { sha256OfText } from "../../lib/digest.js";
import { Paper } from "../../lib/paper.js";
import { RoomConnection } from "../../lib/room.js";
import { MemoryStore, eraseWork, openStore } from "../../lib/store.js";
import { serverClock } from "../../lib/time.js";
import { WakeLock } from "../../lib/wake_lock.js";
import { Entrance } from "./entrance.js";
import { keptHere } from "./kept_here.js";
import { OwnCamera } from "./own_camera.js";
import { PaperDesk } from "./paper_desk.js";
import { barred } from "./stage.js";
import { Work } from "./work.js";

const MEMORY = "candidate"; // key of the page's own memory in the session store
const IMPORT_AGAIN_MS = 2000;
const LAST_SAVES_BEFORE_MS = [5000, 1500]; // the text as it stands is sent again this long before submit-by

export class Candidate {
  connection = signal({ state: "idle", refusal: null });
  room = signal(null);
  sitting = signal(null);
  receipt = signal(null);
  readmission = signal(false);
  shifted = signal(false); // the office moved the exam's times while this page was open
  messages = signal([]);
  seen = signal([]);
  materials = signal([]);
  lists = signal(null);
  work = new Work(computed(() => (this.sitting.value?.files ?? []).filter(({ sha256 }) => sha256)));
  storeMissing = signal(false);
  handedIn = null; // when, at another device
  asksReceipt = signal(false); // here, before the end
  error = signal(null);

  #told = new Set(); // messages that the server knows to be seen
  #tabs = null;
  #closing = new AbortController();
  #clockKept = false;
  #lastSaves = [];
  #saveRefused = null; // the error that is shown for it
  #afterTheEnd = null;
  #handing = null;

  awake = new WakeLock();
  camera = new OwnCamera({
    request: (name, payload) => this.link.request(name, payload), epoch: () => this.#epoch, onChecked: () => this.publishWhenWanted(),
  });
  devices = this.camera.devices;
  publishing = this.camera.publishing;
  entrance = new Entrance(this);

  /** `identity` is the answer of /api/me, or this computer's memory of it. */
  constructor(identity) {
    this.identity = identity;
    const whose = `${identity.room}/${identity.subject}`;
    this.unsent = keptHere(`${whose}/unsent`, ""); // what is being written to staff
    this.tab = keptHere(`${whose}/tab`, "paper"); // of the exam, on a narrow screen
    this.room.value = identity.plan ?? null; // title and times, until the server tells the whole room
    this.link = new RoomConnection("candidate", identity.room);
    this.desk = new PaperDesk({
      fetchSealed: () => this.link.api.bytes(`${this.link.path}/paper`), tellOpened: (sha256) => this.link.request("paper_opened", { sha256 }),
      onError: (error) => { this.error.value = error; },
    });
    this.link.on("state", (state) => this.#onState(state));
    this.link.on("clock", () => { // a welcome may be quicker than the first comparison of the clocks
      if (this.#clockKept) return;
      void this.#remember();
      if (!this.room.value) return;
      this.#scheduleLastSaves();
      this.#settleAnswer();
    });
    this.link.on("welcome", (welcome) => void this.#onWelcome(welcome));
    this.link.on("room", (room) => this.#onRoom(room));
    this.link.on("me", (sitting) => this.#onSitting(sitting));
    this.link.on("paper_key", (key) => void this.#onKey(key));
    this.link.on("material", (material) => { this.materials.value = [...this.materials.value, material]; });
    this.link.on("words_left", (words) => this.work.answers.offer(words));
    this.link.on("receipt", (receipt) => { this.receipt.value = receipt; });
    this.link.on("lists", (lists) => { this.lists.value = lists; });
    this.link.on("diagnose", ({ diagnosis }) => void this.#diagnose(diagnosis));
    this.link.on("message", (message) => { this.messages.value = [...this.messages.value, message]; });
  }

  /** Whether the exam goes on elsewhere and this page has no part in it: another one took its place, or it was not let take it. */
  get isAway() {
    return ["superseded", "declined"].includes(this.connection.value.state);
  }

  get submitted() {
    return this.sitting.value?.state === "submitted";
  }

  /**
   * Open what this computer remembers, then connect. Who is at another device, `elsewhere`, joins only once the devices of
   * this one are checked: to join is to take the place there, or to ask for it; and where the work was `handedIn` there, only
   * for the receipt.
   */
  async open(elsewhere = false, handedIn = null) {
    this.elsewhere = elsewhere;
    this.handedIn = handedIn;
    this.store = await openStore().catch(() => {
      this.storeMissing.value = true;
      return new MemoryStore();
    });
    const key = `${this.identity.room}/${this.identity.subject}`;
    this.#tabs = new BroadcastChannel(`answer/${key}`);
    const answers = new Answers({
      store: this.store, key, tabs: this.#tabs, now: () => serverClock.now(),
      save: (save) => this.link.request("save_answer", { epoch: this.#epoch, ...save }),
    });
    answers.on("refused", (error) => {
      if (error.code === "room_held") answers.close("held"); // the server knew it before this page
      else if (!error.isNetwork) this.error.value = this.#saveRefused = error;
    });
    answers.on("saved", () => { if (this.error.value === this.#saveRefused) this.error.value = null; });
    this.desk.paper = new Paper({ store: this.store, room: this.identity.room });
    const { Files } = await import("../../lib/files.js"); // after the first screen, as the pages
    const files = new Files({
      store: this.store, prefix: `${key}/`, role: "candidate", endpoint: () => `${this.link.api.base}${this.link.path}/files`, mayReplace: () => !this.submitted,
    });
    files.on("uploaded", ({ replaced }) => replaced.forEach((old) => this.work.remove(old).catch((error) => { this.error.value = error; })));
    files.on("suspended", () => this.#settleAnswer());
    await this.work.open({
      store: this.store, prefix: `${key}/`, answers, files, remove: (file) => this.link.api.tusDelete(`${this.link.path}/files/${file}`),
      fetchContent: (file) => this.link.api.bytes(`${this.link.path}/files/${file}/content`),
    });
    await answers.load();
    if (elsewhere) void this.#handOver(true);
    await this.work.pages.load();
    await files.load();
    const kept = await this.store.get("session", MEMORY);
    if (kept?.identity.subject === this.identity.subject && kept.identity.room === this.identity.room) {
      if (kept.ahead != null) serverClock.seed(kept.ahead);
      this.seen.value = kept.seen;
      this.#told = new Set(kept.told ?? kept.seen);
      if (!elsewhere) { // what was so here before another device took the place is so no more
        batch(() => {
          this.room.value = kept.room;
          this.sitting.value = kept.sitting;
          this.receipt.value = kept.receipt;
        });
        if (kept.sitting?.state === "admitted") await this.desk.open();
      }
    }
    const { signal: whileOpen } = this.#closing;
    addEventListener("pagehide", () => answers.lastWords(), { signal: whileOpen });
    document.addEventListener("visibilitychange", () => document.hidden && !this.work.readOnly.value && void answers.keepLocally(), { signal: whileOpen });
    if (!elsewhere || this.room.value?.phase === "ended") this.link.start();
    if (!handedIn) void this.entrance.restore();
  }

  /** The devices of this page are checked: nothing keeps it from joining any more. */
  devicesChecked() {
    if (this.elsewhere && !this.#closing.signal.aborted && this.link.state === "idle") this.link.start();
  }

  checkDevices() {
    return this.camera.check();
  }

  /** Whether the devices, opened if they are not yet, are enough for this exam: only an oral one needs a microphone. */
  async devicesServe() {
    if (!this.devices.value) await this.checkDevices();
    const { camera, microphone } = this.devices.value;
    return Boolean(camera?.ok && (microphone.ok || this.room.value?.form !== "oral"));
  }

  readBriefing(topic) {
    return this.link.request("read_briefing", { topic });
  }

  hand(up) {
    return this.link.request(up ? "raise_hand" : "lower_hand");
  }

  write(text) {
    return this.link.request("write_message", { text });
  }

  receiveMaterial(material) {
    return this.link.request("material_received", { material });
  }

  materialLink(material) {
    return this.link.api.link(`${this.link.path}/materials/${material}`);
  }

  sawLists(version) {
    const { state, refusal } = this.connection.value;
    if ((this.sitting.value?.lists_seen ?? 0) >= version) return;
    if (state === "connected") this.link.request("closing_seen", { version }).catch(() => {}); // told again at the next connection
    else if (refusal?.code === "room_ended") this.link.api.post(`${this.link.path}/result/seen`, { version }).catch(() => {});
  }

  /** Until when this candidate may hand in, as an ISO string. */
  get deadline() {
    return this.sitting.value?.deadline ?? this.room.value.times.submit_by;
  }

  /** Whether the office has to decide about this candidate: no paper went out, or the server was down at the own deadline. */
  get held() {
    const hold = this.room.value?.hold;
    if (!hold || this.submitted) return false;
    return hold.missed !== "deadline" || Boolean(this.sitting.value?.held && serverClock.now() > Date.parse(this.deadline));
  }

  /** Why this candidate cannot be admitted at `now`, see stage.js; null while that may be, or the time is not known. */
  barredAt(now) {
    const { held, deadline } = this.room.value?.times ? this : {};
    return barred({ room: this.room.value, held, deadline, readmission: this.readmission.value, now: serverClock.known ? now : 0 });
  }

  /** What a candidate is told who waits for the office. */
  get heldText() {
    return this.room.value.hold.missed === "invigilator" ? "exam.held_unreleased" : "exam.held";
  }

  /** Minutes for which bytes may follow that a submission named; 0 when only whole files count. */
  get grace() {
    return this.room.value?.upload_grace_minutes ?? 0;
  }

  /** Hand in: the newest text first, then the submission over exactly that. Throws what went wrong. */
  async submit() {
    const { answers } = this.work;
    if (!(await answers.flush())) throw Object.assign(new Error("not_saved"), { code: "not_saved" });
    try {
      const files = await this.work.named(this.grace > 0);
      const receipt = await this.link.request("submit", {
        epoch: this.#epoch, revision: answers.revision, text_sha256: await sha256OfText(answers.state.text),
        files: files.map(({ id, ...named }) => named),
      });
      this.receipt.value = receipt;
      this.#onSitting({ ...this.sitting.value, state: "submitted", submitted_at: receipt.received_at, awaited: receipt.awaited });
      const awaited = new Set(receipt.awaited?.map(({ file }) => file));
      for (const [index, { id, file }] of files.entries()) { // what has arrived meanwhile is there under its own name
        if (id && !file && awaited.has(receipt.files[index].file)) await this.work.files.awaitAs(id, receipt.files[index].file);
      }
    } finally {
      await this.work.files.answered();
    }
  }

  pageCamera(open) {
    this.camera.pageCamera(open);
  }

  async markSeen(message) {
    this.seen.value = [...this.seen.value, message];
    await this.#remember();
    await this.#tellSeen(message);
  }

  async #tellSeen(message) {
    await this.link.request("message_seen", { message });
    this.#told.add(message);
    await this.#remember();
  }

  /** Signed in again after the session ended: go on where the page stood. */
  signedInAgain() {
    this.link.start();
    this.work.files.again();
  }

  /** What a sign-out leaves on this computer, since the server may not have it; null when nothing has to stay. */
  staysHere() {
    const receipt = this.submitted ? this.receipt.value : null;
    const stays = { ...this.work.unsent(receipt), paper: !receipt && this.paperState.value !== "none" };
    return Object.values(stays).some(Boolean) ? stays : null;
  }

  /** Leave this computer as it was, but for the work that the server may not have. */
  async forget() {
    await this.store.delete("session", MEMORY);
    await this.entrance.forget();
    this.unsent.value = "";
    this.tab.value = "paper";
    if (this.submitted && this.receipt.value && !this.staysHere()) await eraseWork(this.store, this.identity.room, this.identity.subject);
  }

  /** Take the exam back from another tab or device, or ask for it once more. */
  async useHere() {
    await this.work.answers.reopen();
    this.link.resumes = false;
    this.link.start();
  }

  close() {
    this.#closing.abort();
    this.entrance.close();
    this.desk.close();
    this.#afterTheEnd?.stop();
    this.#tabs?.close();
    this.link.stop();
    this.camera.close();
    this.awake.release();
  }

  #noticeShift({ times }) {
    const before = this.room.value?.times;
    if (before && (before.release_at !== times.release_at || before.submit_by !== times.submit_by)) this.shifted.value = true;
  }

  get #epoch() {
    return this.link.joined.epoch;
  }

  // Signed in at another device than the one that was admitted: an invigilator has to admit this one.
  #waitsForReadmission(sitting) {
    return Boolean(sitting?.pending) && sitting.pending.epoch === this.link.joined?.epoch;
  }

  #onState(state) {
    this.connection.value = state;
    if (state.state === "connected") return;
    this.work.answers.away();
    this.work.files.away();
    if (state.state === "superseded") {
      this.work.answers.close("superseded");
      this.work.files.pause();
      void this.#handOver(true);
    }
    if (state.state === "signed_out") this.camera.stop();
    if (this.isAway) this.camera.letGo();
    if (state.refusal?.code === "room_ended") this.#lookAfterTheEnd();
  }

  // What this page has of the text and the server has not, once nothing is saved from here any more.
  async #handOver(replaced) {
    if (!this.work.answers.unsent || this.#closing.signal.aborted) return;
    const { HandOver } = await import("./hand_over.js").catch(() => ({}));
    if (!HandOver) return void setTimeout(() => void this.#handOver(replaced), IMPORT_AGAIN_MS);
    this.#handing ??= new HandOver(this, this.#closing.signal);
    void this.#handing.hand(replaced);
  }

  #closeAnswer(why) {
    this.work.answers.close(why);
    if (this.connection.value.state === "connected") void this.#handOver(false);
  }

  #lookAfterTheEnd() {
    this.camera.stop();
    this.work.files.close();
    import("./after_the_end.js").then(({ AfterTheEnd }) => {
      if (this.#closing.signal.aborted) return;
      this.#afterTheEnd ??= new AfterTheEnd(this, () => this.#remember());
      void this.#afterTheEnd.look();
    }, () => setTimeout(() => this.#closing.signal.aborted || this.#lookAfterTheEnd(), IMPORT_AGAIN_MS));
  }

  async #onWelcome(welcome) {
    const asked = this.readmission.value;
    this.#noticeShift(welcome.room);
    batch(() => {
      this.room.value = welcome.room;
      this.sitting.value = welcome.me;
      this.receipt.value = welcome.receipt ?? this.receipt.value;
      this.readmission.value = this.#waitsForReadmission(welcome.me);
      this.messages.value = welcome.messages ?? [];
      this.materials.value = welcome.materials ?? [];
      this.lists.value = welcome.lists ?? this.lists.value;
      this.entrance.nowAsked(welcome.me?.asked);
    });
    const untold = this.messages.value.filter(({ message }) => this.seen.value.includes(message) && !this.#told.has(message));
    for (const { message } of untold) this.#tellSeen(message).catch(() => {}); // at the next connection
    if (this.readmission.value) void this.#handOver(true);
    else this.link.resumes = true;
    if (asked && !this.readmission.value) this.camera.stop(); // the picture of an admitted page is another one
    await this.#remember();
    this.#scheduleLastSaves();
    if (["admitted", "submitted"].includes(welcome.me?.state) && !this.readmission.value) {
      this.#settleAnswer();
      await this.work.answers.meet(welcome.draft, welcome.me.answer?.saved_at);
      for (const words of welcome.words_left) this.work.answers.offer(words);
      this.work.files.again(); // the room may have been held meanwhile, or this device admitted
      this.work.files.resume();
      if (!this.devices.value) await this.checkDevices();
      await this.#fetchPaper();
      if (welcome.paper_key) await this.#onKey(welcome.paper_key);
    } else if (welcome.me?.consented_at && welcome.me.device && !this.entrance.checked.value && !this.readmission.value) {
      await this.entrance.resume(welcome.me);
    }
    await this.entrance.enterWhenReady();
    this.publishWhenWanted();
  }

  #onRoom(room) {
    this.#noticeShift(room);
    serverClock.told(room.server_time);
    this.room.value = room;
    this.#settleAnswer();
    this.#scheduleLastSaves();
    void this.#remember();
    if (this.sitting.value?.state === "admitted") void this.#fetchPaper();
    if (room.phase === "ended") {
      this.camera.stop();
      this.work.files.close();
    }
  }

  #onSitting(sitting) {
    const { state: before, late_allowed: lateAllowed } = this.sitting.value ?? {};
    batch(() => {
      this.sitting.value = sitting;
      this.readmission.value = this.#waitsForReadmission(sitting);
      this.entrance.nowAsked(sitting.asked);
    });
    if (this.readmission.value) return;
    this.#scheduleLastSaves();
    this.#settleAnswer();
    void this.#remember();
    if (sitting.state === "submitted") {
      if (!sitting.awaited?.length) this.work.files.close();
    } else if (sitting.state === "admitted" && before !== "admitted") {
      void this.work.answers.meet(null);
      this.work.files.resume();
      void this.#fetchPaper();
    } else if (sitting.late_allowed && !lateAllowed && this.error.value?.code === "too_late") {
      void this.entrance.enter(); // it was refused before the office made an exception
    }
    this.publishWhenWanted();
  }

  // Whether anything may be written now; text and files that waited for a permission go on by themselves.
  #settleAnswer() {
    const room = this.room.value;
    if (this.submitted) return this.#closeAnswer("already_submitted");
    if (!room || (this.held && !room.released_at)) return undefined;
    const over = ["after", "ended"].includes(room.phase) || (room.released_at && serverClock.known && serverClock.now() > Date.parse(this.deadline));
    const suspended = this.sitting.value?.suspended && "suspended";
    const closed = this.held ? suspended || "held" : over ? "after_submit_by" : suspended; // who is held waits for the office, not for the clock
    if (closed) return this.#closeAnswer(closed);
    if (this.connection.value.state === "connected") this.work.files.lifted(); // else nothing tells that it is lifted
    if (["after_submit_by", "suspended", "held"].includes(this.work.answers.state.readOnly)) { // the office gave time, or the invigilator lets go on
      void this.work.answers.reopen();
      this.work.files.again();
      this.work.files.resume();
    }
    return undefined;
  }

  // Somebody who helps asked how this page is doing.
  async #diagnose(diagnosis) {
    const { diagnose } = await import("./diagnosis.js");
    const findings = await diagnose({
      stream: this.devices.value?.stream, publishing: this.publishing.value, publisher: this.camera.publisher, answers: this.work.answers,
    });
    await this.link.request("report_diagnosis", { diagnosis, findings }).catch(() => {}); // whoever asked asks again
  }

  /** Send picture and sound as soon as the room is to have them. */
  publishWhenWanted() {
    const wanted = ["waiting", "admitted", "submitted"].includes(this.sitting.value?.state)
      && (!this.readmission.value || (this.entrance.checked.value && this.entrance.consented.value))
      && this.connection.value.state === "connected" && this.room.value?.phase !== "ended";
    if (wanted) this.camera.publish();
  }

  async #fetchPaper() {
    const { paper } = this.room.value ?? {};
    if (paper) await this.desk.fetch(paper.sha256);
  }

  async #onKey(key) {
    await this.#fetchPaper();
    await this.desk.takeKey(key);
  }

  get paperState() {
    return this.desk.state;
  }

  get pdf() {
    return this.desk.pdf;
  }

  paperShown() {
    return this.desk.shown();
  }

  #scheduleLastSaves() {
    this.#lastSaves.forEach(clearTimeout);
    const left = Date.parse(this.deadline) - serverClock.now();
    this.#lastSaves = LAST_SAVES_BEFORE_MS.filter((before) => left > before)
      .filter((before) => left - before < 2 ** 31)
      .map((before) => setTimeout(() => void this.work.answers.flush(), left - before));
    if (left > 0 && left < 2 ** 31) this.#lastSaves.push(setTimeout(() => this.#settleAnswer(), left + 50));
  }

  async #remember() {
    if (this.#closing.signal.aborted) return; // what was under way keeps nothing of who left
    this.#clockKept = serverClock.known;
    const memory = {
      identity: this.identity, room: this.room.value, sitting: this.sitting.value, receipt: this.receipt.value, seen: this.seen.value, told: [...this.#told],
      ahead: serverClock.known ? serverClock.now() - Date.now() : null,
    };
    await this.store.put("session", memory, MEMORY).catch(() => { this.storeMissing.value = true; });
  }
}

/** Who this computer remembers, for opening the page without a network; null when nobody. */
export async function rememberedIdentity() {
  const store = await openStore().catch(() => null);
  return (await store?.get("session", MEMORY))?.identity ?? null;
}
