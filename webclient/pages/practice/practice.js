// A practice exam: to the components of the candidate's page it looks like pages/candidate/controller.js, but no room is
// behind it. The text is kept on this computer by the same code as in an exam, files stay in this page, the staff's
// answers come from here, and the receipt is a sample.
import { computed, signal } from "@preact/signals";

import { Answers } from "../../lib/answers.js";
import { Capture } from "../../lib/capture.js";
import { sha256OfText } from "../../lib/digest.js";
import { t } from "../../lib/i18n.js";
import { preload } from "../../lib/pdf.js";
import { measureRoundTrip } from "../../lib/round_trip.js";
import { openStore } from "../../lib/store.js";
import { serverClock } from "../../lib/time.js";
import { WakeLock } from "../../lib/wake_lock.js";
import { Work } from "../candidate/work.js";
import { Loop } from "./loop.js";
import { PracticeFiles } from "./practice_files.js";

const STORE = "proctor-practice";
const PREFIX = "practice/";
const UNTIL_RELEASE_MS = 6_000;
const WORKING_MS = 10 * 60_000;
const ANSWER_MS = 1500; // staff take longer; this shows where an answer appears
const PAPER = "/pages/practice/paper.pdf";

const moment = (milliseconds) => new Date(milliseconds).toISOString();

export class Practice {
  practice = true;
  isAway = false;
  step = signal("check"); // check, loop, exam, receipt
  connection = signal({ state: "connected", refusal: null });
  readmission = signal(false); // there is no other device
  room = signal(null);
  sitting = signal({
    number: "THI-THU", full_name: "–", state: "admitted", suspended: "", absent_since: null, extra_minutes: 0, hand_raised_at: null,
    phone: null, materials_received: [], answer: { revision: 0, saved_at: null }, files: [],
  });
  identity = { full_name: "–" };
  receipt = signal(null);
  shifted = signal(false);
  staff = {
    messages: signal([]), seen: signal([]), materials: signal([]), lists: signal(null), unsent: signal(""),
    hand: (up) => this.#hand(up), write: (text) => this.#write(text), markSeen: (message) => this.#markSeen(message), sawLists() {},
  };
  tab = signal("paper");
  devices = signal(null);
  paperState = signal("sealed");
  pdf = signal(null);
  work = new Work(computed(() => this.sitting.value.files));
  storeMissing = signal(false);
  knows = signal(true); // nobody else decides anything here
  error = signal(null);

  awake = new WakeLock();
  capture = new Capture();
  loop = new Loop();
  publishing = this.loop.publishing;
  #timers = [];

  async open() {
    this.capture.on("change", (state) => {
      const before = this.devices.value;
      this.devices.value = { roundTripMs: before?.roundTripMs, ...state };
      if (state.stream !== before?.stream) this.loop.replace(state.stream);
    });
    addEventListener("offline", () => { this.connection.value = { state: "lost", refusal: null }; });
    addEventListener("online", () => {
      this.connection.value = { state: "connected", refusal: null };
      this.work.connected();
    });
    addEventListener("pagehide", () => {
      this.work.answers.lastWords();
      this.loop.stop();
    });
    this.store = await openStore(STORE);
    const answers = new Answers({
      store: this.store, key: PREFIX, tabs: new BroadcastChannel(STORE), now: () => serverClock.now(),
      save: async ({ base_revision: base }) => ({ revision: base + 1, saved_at: moment(serverClock.now()) }),
    });
    const files = new PracticeFiles(PREFIX);
    files.on("change", () => { this.sitting.value = { ...this.sitting.value, files: files.complete }; });
    await this.work.open({
      store: this.store, prefix: PREFIX, answers, files, remove: async (file) => files.remove(file), fetchContent: (file) => files.content(file),
    });
    await answers.load();
    await answers.meet(null);
    await this.work.pages.forget(); // what an earlier practice photographed
    preload().catch(() => {}); // the paper says so when it cannot be drawn
  }

  async checkDevices() {
    await this.capture.open();
    const roundTripMs = await measureRoundTrip(5).catch(() => null);
    this.devices.value = { ...this.devices.value, roundTripMs };
  }

  confirmDevices() {
    this.step.value = "loop";
    void this.tryMedia();
  }

  tryMedia() {
    return this.loop.start(this.devices.value.stream);
  }

  /** The paper, sealed for a moment as before an exam. */
  enterExam() {
    const now = serverClock.now();
    const [release, until] = [moment(now + UNTIL_RELEASE_MS), moment(now + UNTIL_RELEASE_MS + WORKING_MS)];
    this.room.value = {
      exam_title: t("practice.mark"), released_at: null, release_due_at: release, release_held: false, hold: null, delay: null, paper: { sha256: "" },
      times: { starts_at: release, release_at: release, submit_by: until, end_at: until },
    };
    this.step.value = "exam";
    this.awake.hold();
    this.#later(UNTIL_RELEASE_MS, () => this.#release(release));
    this.#later(UNTIL_RELEASE_MS + WORKING_MS, () => this.work.answers.close("after_submit_by"));
  }

  get deadline() {
    return this.room.value.times.submit_by;
  }

  #hand(up) {
    this.sitting.value = { ...this.sitting.value, hand_raised_at: up ? moment(serverClock.now()) : null };
    if (up) this.#later(ANSWER_MS, () => this.#say("s_1", "one", "practice.hand_seen"));
  }

  #write(text) {
    this.#add({ from: "me", to: "staff", text });
    this.#later(ANSWER_MS, () => this.#say("s_1", "one", "practice.answered"));
  }

  #markSeen(message) {
    this.staff.seen.value = [...this.staff.seen.value, message];
    return Promise.resolve();
  }

  paperShown() {}

  paperNotShown() {}

  pageCamera(open) {
    if (open) this.capture.hold();
    else this.capture.unhold();
  }

  async submit() {
    await this.work.answers.flush();
    const now = moment(serverClock.now());
    const text = await sha256OfText(this.work.answers.state.text);
    const files = this.work.filesInOrder().map(({ file, name, sha256 }) => ({ file, name, sha256 }));
    this.receipt.value = {
      submission: t("practice.mark"), received_at: now, text_sha256: text, files, sha256: await sha256OfText(text + JSON.stringify(files)),
      ledger: { seq: 0, head: t("practice.no_signature"), signature: t("practice.no_signature"), key_id: "" },
    };
    this.sitting.value = { ...this.sitting.value, state: "submitted", submitted_at: now };
    this.#end();
    this.step.value = "receipt";
  }

  async useHere() {}

  #end() {
    this.#timers.forEach(clearTimeout);
    this.loop.stop();
    this.capture.close();
    this.awake.release();
    void this.work.pages.forget();
    this.work.answers.close("already_submitted");
    void this.store.clear("answer"); // the next practice begins with an empty sheet
  }

  async #release(at) {
    this.room.value = { ...this.room.value, released_at: at };
    try {
      const response = await fetch(PAPER);
      if (!response.ok) throw new Error(String(response.status));
      this.pdf.value = await response.arrayBuffer();
      this.paperState.value = "open";
    } catch {
      this.paperState.value = "damaged";
    }
    this.#later(20_000, () => this.#say("s_1", "room", "practice.message"));
  }

  #say(from, to, key) {
    this.#add({ from, to, text: t(key) });
  }

  #add(message) {
    this.staff.messages.value = [...this.staff.messages.value, { message: crypto.randomUUID(), answers: "", at: moment(serverClock.now()), ...message }];
  }

  #later(ms, act) {
    this.#timers.push(setTimeout(act, ms));
  }
}
