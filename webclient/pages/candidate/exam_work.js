// The work of an exam: saved and sent to the room as long as it may be written, closed when it may not, handed in. What the
// server does not have then goes to hand_over.js.
import { computed } from "@preact/signals";

import { sha256OfText } from "../../lib/digest.js";
import { serverClock } from "../../lib/time.js";
import { Work } from "./work.js";

const IMPORT_AGAIN_MS = 2000;
const LAST_SAVES_BEFORE_MS = [5000, 1500]; // the text as it stands is sent again this long before submit-by

export class ExamWork extends Work {
  #candidate;
  #closing;
  #lastSaves = [];
  #saveRefused = null; // the error that is shown for it
  #handing = null;
  #deliver = null; // of submission.js
  #recalled = false; // the submission is that of an earlier page

  /** `closing`: the signal that the page is left. */
  constructor(candidate, closing) {
    super(computed(() => (candidate.sitting.value?.files ?? []).filter(({ sha256 }) => sha256)));
    this.#candidate = candidate;
    this.#closing = closing;
  }

  /** Begin with what this computer keeps. `elsewhere`: another device writes. */
  async begin(elsewhere) {
    const candidate = this.#candidate;
    const { link, store, error, identity: { room, subject } } = candidate;
    const key = `${room}/${subject}`;
    const [{ Answers }, { Files }, { deliver }] = await Promise.all([
      import("../../lib/answers.js"), import("../../lib/files.js"), import("./submission.js"),
    ]); // after the first screen, as the pages
    this.#deliver = deliver;
    const tabs = new BroadcastChannel(`answer/${key}`);
    this.#closing.addEventListener("abort", () => tabs.close());
    const answers = new Answers({
      store, key, tabs, now: () => serverClock.now(),
      save: (save) => link.request("save_answer", { epoch: link.joined.epoch, ...save }),
    });
    answers.on("refused", (refusal) => {
      if (refusal.code === "room_held") answers.close("held"); // the server knew it before this page
      else if (!refusal.isNetwork) error.value = this.#saveRefused = refusal;
    });
    answers.on("saved", () => { if (error.value === this.#saveRefused) error.value = null; });
    const files = new Files({
      store, prefix: `${key}/`, role: "candidate", endpoint: () => `${link.api.base}${link.path}/files`, mayReplace: () => !candidate.submitted,
    });
    files.on("suspended", () => this.settle());
    await this.open({
      store, prefix: `${key}/`, answers, files, remove: (file) => link.api.tusDelete(`${link.path}/files/${file}`).then(() => files.removed(file)),
      fetchContent: (file) => link.api.bytes(`${link.path}/files/${file}/content`),
    });
    await answers.load();
    if (elsewhere) void this.handOver(true);
    await this.pages.load();
    await files.load();
    const whileOpen = { signal: this.#closing };
    addEventListener("pagehide", () => answers.lastWords(), whileOpen);
    document.addEventListener("visibilitychange", () => document.hidden && !this.readOnly.value && void answers.keepLocally(), whileOpen);
  }

  /** What the work holds, by the word of the server: it may have been changed at another device. */
  meet({ files }) {
    this.files.meet(files.map(({ file }) => file));
  }

  /** Whether anything may be written now; text and files that waited for a permission go on by themselves. */
  settle() {
    const candidate = this.#candidate;
    const room = candidate.room.value;
    if (candidate.isAway) return undefined; // nothing is decided here any more: the work goes on elsewhere, and is closed there
    if (candidate.submitted) return this.#close("already_submitted");
    if (!room || (candidate.held && !room.released_at)) return undefined;
    const over = ["after", "ended"].includes(room.phase) || (room.released_at && serverClock.known && serverClock.now() > Date.parse(candidate.deadline));
    const suspended = candidate.sitting.value?.suspended && "suspended";
    const closed = candidate.held ? suspended || "held" : over ? "after_submit_by" : suspended; // who is held waits for the office, not for the clock
    if (closed) {
      const isDecided = this.answers.state.readOnly === "held" && closed !== "held";
      this.#close(closed);
      if (isDecided) this.#sendOn(); // what is no work any more is kept as evidence
      return undefined;
    }
    if (candidate.connection.value.state === "connected") this.files.lifted(); // else nothing tells that it is lifted
    if (["after_submit_by", "suspended", "held"].includes(this.answers.state.readOnly)) { // the office gave time, or the invigilator lets go on
      void this.answers.reopen();
      this.#sendOn();
    }
    return undefined;
  }

  #sendOn() {
    this.files.again();
    this.files.resume();
  }

  #close(why) {
    this.answers.close(why);
    if (this.#candidate.connection.value.state === "connected") void this.handOver(false);
  }

  /** What this page has of the text and the server has not, once nothing is saved from here any more. `replaced` as in hand_over.js. */
  async handOver(replaced) {
    if (!this.answers.unsent || this.#closing.aborted) return;
    const { HandOver } = await import("./hand_over.js").catch(() => ({}));
    if (!HandOver) return void setTimeout(() => void this.handOver(replaced), IMPORT_AGAIN_MS);
    this.#handing ??= new HandOver(this.#candidate, this.#closing);
    void this.#handing.hand(replaced);
  }

  /** The `receipt` tells what was handed in: the text of this page may be that one, though another device saved it. */
  async handedIn({ text_sha256: sha256 }) {
    const { text } = this.answers.state;
    if ((await sha256OfText(text)) === sha256) await this.answers.handed(text);
  }

  /** The deadline may be another: save shortly before it, and look once it is over. */
  scheduleLastSaves() {
    this.#lastSaves.forEach(clearTimeout);
    const left = Date.parse(this.#candidate.deadline) - serverClock.now();
    this.#lastSaves = LAST_SAVES_BEFORE_MS.filter((before) => left > before)
      .filter((before) => left - before < 2 ** 31)
      .map((before) => setTimeout(() => void this.answers.flush(), left - before));
    if (left > 0 && left < 2 ** 31) this.#lastSaves.push(setTimeout(() => this.settle(), left + 50));
  }

  /** Hand in: the newest text first, then the submission over exactly that; `received(receipt)` hears of it. Throws what went
   *  wrong; of what went out only once it is known. Nothing is written meanwhile (`submission`). */
  async submit(received) {
    const { link, grace } = this.#candidate;
    const { answers, submission } = this;
    let next = null; // what is said once it is known
    submission.value = { stage: "saving" };
    try {
      await this.#saved();
      submission.value = { stage: "naming" };
      const files = await this.named(grace > 0);
      if (answers.state.dirty) await this.#saved(); // another tab has handed its last words over
      const { revision, state: { text } } = answers;
      const named = { revision, text_sha256: await sha256OfText(text), files: files.map(({ id, ...one }) => one) };
      const at = serverClock.now();
      submission.value = { stage: "sent", at };
      void this.#candidate.memory.write();
      const receipt = await this.#deliver(link, named, () => { submission.value = { stage: "open", at }; });
      received(receipt);
      const awaited = new Set(receipt.awaited?.map(({ file }) => file));
      for (const [index, { id, file }] of files.entries()) { // what has arrived meanwhile is there under its own name
        if (id && !file && awaited.has(receipt.files[index].file)) await this.files.awaitAs(id, receipt.files[index].file);
      }
      for (const { id, state } of this.files.pending) { // left out knowingly: a page opened anew would send it again, and be refused
        if (state === "failed" && !files.some((one) => one.id === id)) void this.files.drop(id);
      }
    } catch (error) {
      const { stage, at } = submission.value ?? {};
      if (stage === "open" && error.code !== "superseded" && !this.#candidate.submitted) next = { stage: "lost", at };
      throw error;
    } finally {
      submission.value = next;
      void this.#candidate.memory.write();
      await this.files.answered();
    }
  }

  /** When a submission went out that is not answered; null for none. */
  get sentAt() {
    const { stage, at } = this.submission.value ?? {};
    return ["sent", "open"].includes(stage) ? at : null;
  }

  /** An earlier page of this computer was left with a submission that went out `at`, and no answer had come. */
  recallSent(at) {
    this.#recalled = true;
    this.submission.value = { stage: "open", at };
  }

  /** By the word of a new connection: of an earlier one the server takes nothing any more. */
  tellRecalled() {
    if (!this.#recalled) return;
    this.#recalled = false;
    const { submitted, readmission } = this.#candidate;
    this.submission.value = submitted || readmission.value ? null : { ...this.submission.value, stage: "lost" };
  }

  /** The connection is refused for good: nothing will tell, and why it is refused is read instead. */
  forgetRecalled() {
    if (!this.#recalled) return;
    this.#recalled = false;
    this.submission.value = null;
  }

  /** The submission waits for files that an earlier page of this computer named and had not begun to send. What had begun by the
   *  time that it went out, under a name that it does not know, begins anew. */
  async claim(awaited) {
    const goesOn = (one) => awaited.some(({ file }) => file === one.awaited || file === one.file);
    for (const { file, name, bytes, begun } of awaited) {
      if (begun || this.files.pending.some((one) => one.awaited === file)) continue; // the page goes on with it
      const named = this.files.pending.find((one) => !goesOn(one) && one.name === name && one.bytes === bytes);
      if (named) await this.files.awaitAs(named.id, file);
    }
  }

  async #saved() {
    if (!(await this.answers.flush())) throw Object.assign(new Error("not_saved"), { code: "not_saved" });
  }
}
