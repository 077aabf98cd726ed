// The candidate's paper on this page: sealed ahead of time, opened with its key, changed for the reserve paper.
import { batch, signal } from "@preact/signals";

import { preload } from "../../lib/pdf.js";

const RETRY_MS = 2000;

export class PaperDesk {
  #fetchSealed;
  #tellOpened;
  #tellNotShown;
  #onError;
  #aborter = new AbortController();
  #digest = null; // of the paper that counts, as far as this page knows
  #opened = null;
  #drawn = null; // what came onto the screen, and what of it the server knows
  #told = null;
  #telling = null;
  #notShown = null; // what could not be drawn here, and what of it the staff were told
  #notShownTold = null;
  #fetching = null;

  paper = null; // lib/paper.js, once this computer's store is open
  state = signal("none"); // none, fetching, sealed, open, damaged
  pdf = signal(null); // ArrayBuffer of the opened paper

  /** `fetchSealed()` gets the bytes, `tellOpened(digest)` tells the server that the paper is shown, `tellNotShown()` the staff
   *  that it cannot be. */
  constructor({ fetchSealed, tellOpened, tellNotShown, onError }) {
    this.#fetchSealed = fetchSealed;
    this.#tellOpened = tellOpened;
    this.#tellNotShown = tellNotShown;
    this.#onError = onError;
  }

  /** Have the paper whose ciphertext has this digest; the reserve paper has another one than the paper before. */
  async fetch(digest) {
    if (this.#digest && this.#digest !== digest) {
      batch(() => {
        this.pdf.value = null;
        this.state.value = "none";
      });
    }
    this.#digest = digest;
    if (this.state.value === "open") return;
    this.#fetching ??= this.#fetch(digest).catch(this.#onError).finally(() => { this.#fetching = null; });
    await this.#fetching;
  }

  async #fetch(digest) {
    if (this.state.value === "none") this.state.value = "fetching";
    await this.paper.fetchAhead(digest, this.#fetchSealed, this.#aborter.signal);
    if (this.state.value !== "open") this.state.value = "sealed";
    preload().catch(() => {}); // asked for again when the paper is drawn
  }

  /** The key came: open the paper. A copy that it does not fit is fetched once more, in case this computer spoilt it. */
  async takeKey(key) {
    if (!this.#digest) return;
    for (const again of [true, false]) {
      await this.fetch(this.#digest);
      await this.paper.keepKey(key);
      if ((await this.open()) || !again) return;
    }
  }

  /** Open what this computer has. Answers false for a copy that cannot be opened, which is then let go of. */
  async open() {
    try {
      const opened = this.pdf.value ? { bytes: this.pdf.value, digest: this.#opened } : await this.paper.open();
      if (!opened) return true;
      this.#opened = opened.digest;
      this.#digest ??= opened.digest; // the page began without a network
      batch(() => {
        this.pdf.value = opened.bytes;
        this.state.value = "open";
      });
      return true;
    } catch {
      this.state.value = "damaged";
      await this.paper.forget();
      return false;
    }
  }

  /** The paper is on the screen. A page of it that was still being drawn when another paper came counts for nothing. */
  async shown() {
    if (!this.pdf.value) return;
    this.#drawn = this.#opened;
    this.#telling ??= this.#tell().finally(() => { this.#telling = null; });
    await this.#telling;
  }

  /** What this computer remembers of it. */
  get memory() {
    return { notShown: this.#notShownTold };
  }

  recall({ notShown = null }) {
    this.#notShown = this.#notShownTold = notShown;
  }

  /** What is open cannot be drawn on this page, which its staff hear once for each paper. Resolves to whether they were told now. */
  async notShown() {
    const digest = this.#opened;
    if (!digest || this.#notShown === digest) return false;
    this.#notShown = digest;
    const told = () => this.#tellNotShown().catch((error) => { // each time makes another message: not again where one may have arrived
      if (!error.isNetwork || error.details.unsent) throw error;
    });
    if (!(await this.#untilHeard(told))) return false;
    this.#notShownTold = digest;
    return true;
  }

  // Once for each paper.
  async #tell() {
    let refused = false;
    while (this.#told !== this.#drawn && !refused) {
      const digest = this.#drawn;
      refused = !(await this.#untilHeard(() => this.#tellOpened(digest)));
      if (!refused) this.#told = digest;
    }
  }

  // Again while the link is down; false for what the server refused, or once the page is closed.
  async #untilHeard(tell) {
    while (!this.#aborter.signal.aborted) {
      try {
        await tell();
        return true;
      } catch (error) {
        if (!error.isNetwork) return false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return false;
  }

  close() {
    this.#aborter.abort();
  }
}
