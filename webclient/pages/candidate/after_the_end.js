// No page joins a room that has ended. Receipt and lists are read without, again and again: a list may come, or be corrected,
// late (A14.2dd).
import { batch } from "@preact/signals";

import { measureRoundTrip } from "../../lib/round_trip.js";

const AGAIN_MS = 10_000;

export class AfterTheEnd {
  #candidate;
  #timer = 0;
  #stopped = false;

  constructor(candidate) {
    this.#candidate = candidate;
  }

  async look() {
    clearTimeout(this.#timer);
    const candidate = this.#candidate;
    try {
      await measureRoundTrip(); // no socket keeps the clock
      const { room, me, receipt, lists } = await candidate.link.api.get(`${candidate.link.path}/result`);
      if (this.#stopped) return;
      batch(() => {
        candidate.room.value = room;
        candidate.sitting.value = me;
        candidate.knows.value = true;
        candidate.readmission.value = false;
        candidate.receipt.value = receipt;
        candidate.staff.lists.value = lists;
        candidate.error.value = null;
      });
      candidate.work.answers.close(me.state === "submitted" ? "already_submitted" : "after_submit_by");
      await candidate.entrance.forget();
      await candidate.memory.write();
    } catch (error) {
      if (error.code === "not_signed_in") return void candidate.link.stop("signed_out", error);
      if (!error.isNetwork) candidate.error.value = error;
    }
    if (!this.#stopped && candidate.connection.value.refusal?.code === "room_ended") this.#timer = setTimeout(() => void this.#again(), AGAIN_MS);
    return undefined;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #again() {
    if (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
    if (!this.#stopped) await this.look();
  }
}
