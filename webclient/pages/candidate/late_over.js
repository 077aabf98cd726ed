// What the server did not have of the text when the time was over: handed over once, as evidence that counts for nothing
// (A14.2b.7). Once the room has ended the server takes nothing more, and it stays on this computer.

import { signal } from "@preact/signals";

const AGAIN_MS = 3000;
export const OVER = ["after_submit_by", "already_submitted", "referred"]; // why nothing of the work is saved any more

/** The text that the server does not take, and will not. */
export const notTaken = signal(null);

/** `{base_revision, text, written_at}` of `answers`, null if nothing is late. A save that is under way may have been in time. */
export async function lateOf(answers) {
  await answers.flush(); // sends nothing more
  const { unsent, state: { lateAt, excess, localAt } } = answers;
  if (!unsent?.text.trim() || lateAt || excess > 0) return null;
  return { ...unsent, ...(localAt && { written_at: new Date(localAt).toISOString() }) };
}

export class LateOver {
  #candidate;
  #closing;
  #timer = 0;
  #busy = false;

  /** `closing`: the signal that the page is left. */
  constructor(candidate, closing) {
    this.#candidate = candidate;
    this.#closing = closing;
    closing.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** `replaced`: another device has the place, and this one no socket. A server that is not there, or is busy, is asked again. */
  async hand(replaced) {
    clearTimeout(this.#timer);
    const { connection, link, work: { answers } } = this.#candidate;
    const may = replaced || (connection.value.state === "connected" && OVER.includes(answers.state.readOnly));
    if (!may || this.#busy || this.#closing.aborted) return;
    this.#busy = true;
    try {
      const late = await lateOf(answers);
      if (!late || late.text === notTaken.value) return;
      try {
        const { received_at: at } = await link.api.post(`${link.path}/late-text`, late);
        await answers.keptLate(late.text, at);
      } catch ({ isNetwork, status, code }) {
        const forNow = isNetwork || status === 429 || status >= 500 || ["room_held", "not_late"].includes(code);
        if (forNow && !this.#closing.aborted) this.#timer = setTimeout(() => void this.hand(replaced), AGAIN_MS);
        else notTaken.value = late.text;
      }
    } finally {
      this.#busy = false;
    }
  }
}
