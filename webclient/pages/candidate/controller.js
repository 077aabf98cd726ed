// Everything a candidate's page does, without a pixel of it: wires the room connection, the way in (entrance.js), the work
// (exam_work.js), the paper (paper_desk.js), the camera (own_camera.js), the staff's words (staff.js) and this computer's memory
// (page_memory.js) to one another, and shows the result as signals that the components read.
//
// Order of events: sign in -> (join in the background) -> device check -> consent -> lobby -> admitted: fetch the
// sealed paper -> key at release -> write -> submit -> receipt. After a reload the server's welcome, or this
// computer's memory when there is no network, puts the page back where it was.

import { batch, effect, signal } from "@preact/signals";

import { t } from "../../lib/i18n.js";
import { Paper } from "../../lib/paper.js";
import { RoomConnection } from "../../lib/room.js";
import { measureRoundTrip } from "../../lib/round_trip.js";
import { MemoryStore, eraseWork, openStore } from "../../lib/store.js";
import { serverClock } from "../../lib/time.js";
import { WakeLock } from "../../lib/wake_lock.js";
import { Entrance } from "./entrance.js";
import { ExamWork } from "./exam_work.js";
import { keptHere } from "./kept_here.js";
import { OwnCamera } from "./own_camera.js";
import { PageMemory } from "./page_memory.js";
import { PaperDesk } from "./paper_desk.js";
import { Staff } from "./staff.js";
import { barred } from "./stage.js";

const IMPORT_AGAIN_MS = 2000;

export class Candidate {
  connection = signal({ state: "idle", refusal: null });
  room = signal(null);
  sitting = signal(null);
  receipt = signal(null);
  readmission = signal(false);
  shifted = signal(false); // the office moved the exam's times while this page was open
  storeMissing = signal(false);
  knows = signal(false); // the server's word on this sitting is at hand; what is remembered may be so no more
  handedIn = null; // when, at another device
  awaited = {}; // and what that submission waits for, or what became of it, as /api/me tells
  recalled = null; // the sitting as this computer remembers it, where another device has the place
  asksReceipt = signal(false); // here, before the end
  askFirst = null; // whether the place is at another device, or somebody else here, by now: resolves to true once this page has given way
  #begun = signal([]); // the server's word on what another device began to send and did not end
  error = signal(null);

  #closing = new AbortController();
  #afterTheEnd = null;

  work = new ExamWork(this, this.#closing.signal);
  memory = new PageMemory(this, this.#closing.signal);
  awake = new WakeLock();
  camera = new OwnCamera({
    request: (name, payload) => this.link.request(name, payload), epoch: () => this.link.joined.epoch,
    doubt: () => this.link.doubt(), onChecked: () => this.publishWhenWanted(),
  });
  devices = this.camera.devices;
  publishing = this.camera.publishing;
  entrance = new Entrance(this);

  /** `identity` is the answer of /api/me, or this computer's memory of it. */
  constructor(identity) {
    this.identity = identity;
    this.tab = keptHere(`${identity.room}/${identity.subject}/tab`, "paper"); // of the exam, on a narrow screen
    this.room.value = identity.plan ?? null; // title and times, until the server tells the whole room
    this.link = new RoomConnection("candidate", identity.room);
    this.staff = new Staff(this);
    this.desk = new PaperDesk({
      fetchSealed: () => this.link.api.bytes(`${this.link.path}/paper`), tellOpened: (sha256) => this.link.request("paper_opened", { sha256 }),
      tellNotShown: () => this.staff.write(t("paper.not_shown")),
      onError: (error) => { this.error.value = error; },
    });
    this.paperState = this.desk.state;
    this.pdf = this.desk.pdf;
    this.#closing.signal.addEventListener("abort", effect(() => { if (this.receipt.value) void this.work.handedIn(this.receipt.value); }));
    this.link.on("state", (state) => this.#onState(state));
    this.link.on("clock", () => { // a welcome may be quicker than the first comparison of the clocks
      if (this.held && this.work.readOnly.value === "after_submit_by") this.work.settle();
      if (this.memory.knowsClock) return;
      void this.memory.write();
      if (!this.room.value) return;
      this.work.scheduleLastSaves();
      this.work.settle();
    });
    this.link.on("welcome", (welcome) => void this.#onWelcome(welcome));
    this.link.on("room", (room) => this.#onRoom(room));
    this.link.on("me", (sitting) => this.#onSitting(sitting));
    this.link.on("paper_key", (key) => void this.#onKey(key));
    this.link.on("words_left", (words) => this.work.answers.offer(words));
    this.link.on("receipt", (receipt) => { this.receipt.value = receipt; });
    this.link.on("diagnose", ({ diagnosis }) => void this.#diagnose(diagnosis));
  }

  /** Whether the exam goes on elsewhere and this page has no part in it: another one took its place, or it was not let take it. */
  get isAway() {
    return ["superseded", "declined"].includes(this.connection.value.state);
  }

  get submitted() {
    return this.sitting.value?.state === "submitted";
  }

  /** Whether the work was handed in, here or at another device, whose receipt this page need not have. */
  get isHandedIn() {
    return this.sitting.value ? this.submitted : Boolean(this.handedIn);
  }

  /**
   * Open what this computer remembers, then connect. Who is at another device, `elsewhere`, joins only once the devices of
   * this one are checked: to join is to take the place there, or to ask for it; and where the work was `handedIn` there, only
   * for the receipt; what the submission `awaited` may lie here.
   */
  async open(elsewhere = false, handedIn = null, awaited = {}) {
    Object.assign(this, { elsewhere, handedIn, awaited });
    this.store = await openStore().catch(() => {
      this.storeMissing.value = true;
      return new MemoryStore();
    });
    this.desk.paper = new Paper({ store: this.store, room: this.identity.room });
    await this.work.begin(elsewhere);
    const kept = await this.memory.read();
    if (kept) {
      if (kept.ahead != null) serverClock.seed(kept.ahead);
      this.staff.recall(kept);
      this.desk.recall(kept);
      if (!elsewhere) { // what was so here before another device took the place is so no more
        batch(() => {
          this.room.value = kept.room;
          this.sitting.value = kept.sitting;
          this.receipt.value = kept.receipt;
        });
        if (kept.sitting?.state === "admitted") {
          if (kept.sentAt) this.work.recallSent(kept.sentAt);
          this.work.settle(); // the time goes on without a connection
          this.work.scheduleLastSaves();
          await this.desk.open();
        }
      } else if (handedIn && kept.receipt) { // but a receipt stays what it is
        this.recalled = kept.sitting;
        this.receipt.value = { ...kept.receipt, awaited: awaited.awaited ?? [], awaited_until: awaited.awaited_until };
      }
    }
    if (!elsewhere || this.room.value?.phase === "ended") this.link.start();
    else void measureRoundTrip().catch(() => {}); // no socket tells the time there
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

  /** Files that another device began to send and did not end, and that were not added here since: `[{file, name, bytes}]`. */
  get begunElsewhere() {
    const here = [...this.work.complete.value, ...this.work.pending.value];
    return this.#begun.value.filter(({ file, name, bytes }) => !here.some((one) => one.file === file || (one.name === name && one.bytes === bytes)));
  }

  /** Minutes for which bytes may follow that a submission named; 0 when only whole files count. */
  get grace() {
    return this.room.value?.upload_grace_minutes ?? 0;
  }

  /** Hand in. Throws what went wrong. */
  submit() {
    return this.work.submit((receipt) => {
      this.receipt.value = receipt;
      this.#onSitting({ ...this.sitting.value, state: "submitted", submitted_at: receipt.received_at, awaited: receipt.awaited });
    });
  }

  pageCamera(open) {
    this.camera.pageCamera(open);
  }

  paperShown() {
    return this.desk.shown();
  }

  async paperNotShown() {
    if (await this.desk.notShown()) await this.memory.write();
  }

  /** Signed in again after the session ended: go on where the page stood. */
  signedInAgain() {
    this.link.start();
    this.work.files.again();
  }

  /** What a sign-out leaves on this computer, since the server may not have it; null when nothing has to stay. */
  staysHere() {
    const receipt = this.isHandedIn ? (this.receipt.value ?? {}) : null;
    const stays = { ...this.work.unsent(receipt), paper: !receipt && this.paperState.value !== "none" };
    return Object.values(stays).some(Boolean) ? stays : null;
  }

  /** Leave this computer as it was, but for the work that the server may not have. */
  async forget() {
    await this.memory.forget();
    await this.entrance.forget();
    this.staff.unsent.value = "";
    this.tab.value = "paper";
    if (this.isHandedIn && !this.staysHere()) await eraseWork(this.store, this.identity.room, this.identity.subject);
  }

  /** Take the exam back from another tab or device, or ask for it once more. */
  async useHere() {
    this.asksReceipt.value = this.isHandedIn; // the device check first, where this page did without
    if (!this.entrance.checked.value && this.askFirst) { // nor does it ask before that, if it is at another device by now
      const left = await this.askFirst().catch(() => null);
      if (left) return;
      if (left === null) this.link.askFirst = this.askFirst; // without a network that is not known yet
    }
    await this.work.answers.reopen();
    this.link.resumes = false;
    this.link.start();
    this.work.settle(); // the time may be over by now, and no server within reach to say so
  }

  close() {
    this.#closing.abort();
    this.entrance.close();
    this.desk.close();
    this.#afterTheEnd?.stop();
    this.link.stop();
    this.camera.close();
    this.awake.release();
  }

  #noticeShift({ times }) {
    const before = this.room.value?.times;
    if (before && (before.release_at !== times.release_at || before.submit_by !== times.submit_by)) this.shifted.value = true;
  }

  // Signed in at another device than the one that was admitted: an invigilator has to admit this one, and the next welcome brings
  // the text.
  #noticeReadmission(sitting) {
    const waits = Boolean(sitting?.pending) && sitting.pending.epoch === this.link.joined?.epoch;
    this.readmission.value = waits;
    if (waits) this.work.opening.value = true;
  }

  #onState(state) {
    this.connection.value = state;
    if (state.state === "connected") return void this.work.connected(); // the welcome is about to come
    if (state.refusal?.code !== "room_ended") this.knows.value = false; // what was so at the end stays so
    this.work.answers.away();
    this.work.files.away();
    if (state.state === "superseded") {
      this.work.answers.close("superseded");
      this.work.files.pause();
      void this.work.handOver(true);
    }
    if (state.state === "signed_out") this.camera.stop();
    if (this.isAway) this.camera.letGo();
    if (state.refusal?.code === "room_ended") this.#lookAfterTheEnd();
    else if (state.state === "refused") this.work.forgetRecalled();
  }

  #lookAfterTheEnd() {
    this.camera.stop();
    this.work.files.close();
    import("./after_the_end.js").then(({ AfterTheEnd }) => {
      if (this.#closing.signal.aborted) return;
      this.#afterTheEnd ??= new AfterTheEnd(this);
      void this.#afterTheEnd.look();
    }, () => setTimeout(() => this.#closing.signal.aborted || this.#lookAfterTheEnd(), IMPORT_AGAIN_MS));
  }

  async #onWelcome(welcome) {
    const asked = this.readmission.value;
    serverClock.told(welcome.server_time); // what it tells is so by the time over there
    this.#noticeShift(welcome.room);
    batch(() => {
      this.room.value = welcome.room;
      this.sitting.value = welcome.me;
      this.knows.value = true;
      this.receipt.value = welcome.receipt ?? this.receipt.value;
      this.#begun.value = welcome.begun_elsewhere ?? [];
      this.#noticeReadmission(welcome.me);
      this.staff.meet(welcome);
      this.entrance.nowAsked(welcome.me?.asked);
    });
    this.work.tellRecalled();
    if (this.readmission.value) void this.work.handOver(true);
    else this.link.resumes = true;
    if (asked && !this.readmission.value) this.camera.stop(); // the picture of an admitted page is another one
    await this.memory.write();
    this.work.scheduleLastSaves();
    if (["admitted", "submitted"].includes(welcome.me?.state) && !this.readmission.value) {
      this.work.meet(welcome.me);
      this.work.settle();
      await this.work.answers.meet(welcome.draft, welcome.me.answer?.saved_at);
      if (this.work.opening.value) await this.work.takeOver();
      for (const words of welcome.words_left) this.work.answers.offer(words);
      await this.work.claim(welcome.receipt?.awaited ?? []);
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
    this.work.settle();
    this.work.scheduleLastSaves();
    void this.memory.write();
    if (this.sitting.value?.state === "admitted") void this.#fetchPaper();
    if (room.phase === "ended") {
      this.camera.stop();
      this.work.files.close();
      if (this.readmission.value) { // who was not let in any more reads the result as after the end
        this.link.stop();
        this.link.start();
      }
    }
  }

  #onSitting(sitting) {
    const { state: before, late_allowed: lateAllowed } = this.sitting.value ?? {};
    batch(() => {
      this.sitting.value = sitting;
      this.#noticeReadmission(sitting);
      this.entrance.nowAsked(sitting.asked);
    });
    if (this.readmission.value) return;
    this.work.scheduleLastSaves();
    if (sitting.state === "admitted" && before !== "admitted") this.work.meet(sitting);
    this.work.settle();
    void this.memory.write();
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
    if (paper && !this.submitted) await this.desk.fetch(paper.sha256); // the server gives none to who handed in
  }

  async #onKey(key) {
    await this.#fetchPaper();
    await this.desk.takeKey(key);
  }
}
