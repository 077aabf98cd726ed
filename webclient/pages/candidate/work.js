// The work on a candidate's page, in an exam and in a practice: the text, the photographed pages and the files, as signals
// that the components read. Where they go is the page's business (exam_work.js, practice/practice.js).

import { computed, signal } from "@preact/signals";

/**
 * What the server may not have of a work that was handed in, `{text, files}`, counted as `unsent` does: of the `receipt`, {} for none,
 * the `answer` ({text, dirty, setAside, lateAt, handed} of lib/answers.js) and the `uploads` that are not done ([{state, error, awaited, file}]
 * of lib/files.js).
 */
export function leftBehind(receipt, { text, dirty, setAside, lateAt, handed }, uploads) {
  const last = dirty && !lateAt && !handed ? [...text].length : 0; // dirty as when the server collected what it had (X31)
  const { missing, awaited = [] } = receipt;
  if (Object.keys(receipt).length === 0) { // handed in elsewhere: nothing tells that what was refused here is there
    const never = setAside.filter(({ origin }) => origin === "here").flatMap((one) => [...one.text]);
    return { text: last + never.length, files: uploads.length };
  }
  const isAwaited = (one) => awaited.some(({ file }) => file === one.awaited || file === one.file); // and may be taken yet, though it was refused once
  const stays = (one) => one.state !== "failed" || one.error?.code === "already_submitted" || isAwaited(one); // refused since it was handed in elsewhere: no part of it
  return { text: last, files: missing ? 0 : uploads.filter(stays).length };
}

export class Work {
  answers = null; // these three once `open` is done
  files = null;
  pages = null;
  answer = signal(null); // the state of lib/answers.js
  opening = signal(false); // the page was just let in at this device, and does not know yet what the server has of the text
  readOnly = computed(() => this.answer.value?.readOnly ?? null); // apart: it does not change with every key
  submission = signal(null); // one under way: {stage: "saving" | "naming" | "sent" | "open" | "lost", at}; `open`: sent at `at`, and no answer came; `lost`: nor did it arrive
  answerKept = computed(() => !this.answer.value?.storeError);
  #unfinished = signal([]);
  #leaving = signal(new Set());
  #staying = signal([]);
  // The server tells the room that a file is there before the upload itself is answered: it is shown once.
  pending = computed(() => this.#unfinished.value.filter(({ file, state }) => state === "failed" || !this.complete.value.some((one) => one.file === file)));
  pageChanges = signal(0); // counts them, so that `pageList` is made anew
  pageError = signal(null);
  pageList = computed(() => (this.pageChanges.value >= 0 && this.pages ? this.pages.list(this.complete.value, this.#unfinished.value) : []));

  /** `complete`: a signal of the files that have arrived whole. */
  constructor(complete) {
    this.complete = computed(() => complete.value.filter(({ file }) => !this.#leaving.value.has(file)));
  }

  /**
   * Begin with what is kept under `prefix` in `store`. `answers` and `files` are those of lib/, or the practice's; `remove(file)`
   * takes a file out of the work, `fetchContent(file)` brings its bytes.
   */
  async open({ store, prefix, answers, files, remove, fetchContent }) {
    this.answers = answers;
    this.files = files;
    this.remove = remove;
    answers.on("change", (state) => { this.answer.value = state; });
    files.on("change", () => {
      this.#unfinished.value = files.pending;
      this.#leaving.value = files.leaving;
      this.#staying.value = files.staying;
    });
    const [{ Pages }, { Photos }] = await Promise.all([import("../../lib/pages.js"), import("../../lib/photos.js")]); // after the first screen
    this.pages = new Pages({ store, prefix, files, photos: new Photos(), remove, fetchContent });
    this.pages.on("change", () => { this.pageChanges.value += 1; });
    this.pages.on("error", (error) => { this.pageError.value = error; });
    this.pages.on("done", () => { this.pageError.value = null; });
  }

  /** There is a connection again: what was said of its absence is over. */
  connected() {
    if (this.pageError.value?.isNetwork) this.pageError.value = null;
  }

  /** The text of another device is here: go on with it, and with its pages. */
  async takeOver() {
    this.opening.value = false;
    if (this.pageList.value.length > 1) await this.pages.takeOver();
  }

  /** What is handed in, in this order: the photographed pages as they lie, then the other files. No page that was turned or taken
   *  again since. */
  filesInOrder() {
    const complete = this.complete.value;
    const pages = this.pageList.value.map(({ file }) => complete.find((one) => one.file === file)).filter(Boolean);
    return [...pages, ...complete.filter((one) => !pages.includes(one) && !this.pages.replaced.has(one.file))];
  }

  /** What was replaced and handed in all the same, by the `receipt`: the server collects what it has (X31). */
  stayed(receipt) {
    return receipt.files.filter(({ file }) => this.#staying.value.includes(file));
  }

  /** What a submission names, in that order; with `coming` also what is on its way, whose bytes may follow. */
  async named(coming) {
    const there = this.filesInOrder().map(({ file, sha256 }) => ({ file, sha256 }));
    if (!coming || this.pending.value.length === 0) return there;
    const onTheWay = (await this.files.named()).filter(({ file }) => !there.some((one) => one.file === file)); // arrived, not yet answered
    const pages = this.pageList.value.map(({ file, id }) => there.find((one) => file && one.file === file) ?? onTheWay.find((one) => one.id === id)).filter(Boolean);
    return [...pages, ...[...there, ...onTheWay].filter((one) => !pages.includes(one))];
  }

  /**
   * What the server may not have, so that it has to stay on this computer when its candidate signs out: `{text, pages, files}`,
   * counted, the text in characters. After a submission, its `receipt` says what is still waited for; {} for one at another device.
   */
  unsent(receipt) {
    const unsent = this.pending.value;
    if (receipt) return { ...leftBehind(receipt, this.answers.state, unsent), pages: 0 };
    const { text, setAside } = this.answers.state;
    const pages = this.pageList.value.filter(({ kept }) => kept).length;
    return { text: [...text, ...setAside.flatMap((one) => [...one.text])].length, pages, files: unsent.length };
  }
}
