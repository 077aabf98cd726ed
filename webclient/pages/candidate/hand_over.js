// What this page has of the text and the server has not, once nothing is saved from here any more.
//
// Where another device writes, the server shows it there and changes nothing. When the time is over, it is kept as evidence that
// counts for nothing (A14.2b.7); once the room has ended the server takes nothing more, and it stays on this computer. A server
// that is not there, or is busy, or whose room is held is asked again; what else it refuses stays refused.

import { signal } from "@preact/signals";

const AGAIN_MS = 3000;
const OVER = ["after_submit_by", "already_submitted", "referred"]; // why nothing of the work is saved any more

/** The text that the server does not take, and will not. */
export const notTaken = signal(null);

/** `{base_revision, text, written_at}` of `answers`, null if nothing is late. A save that is under way may have been in time. */
export async function lateOf(answers) {
  await answers.flush(); // sends nothing more
  const { unsent, state: { lateAt, handed, excess, localAt } } = answers;
  if (!unsent?.text.trim() || lateAt || handed || excess > 0) return null;
  return { ...unsent, ...(localAt && { written_at: new Date(localAt).toISOString() }) };
}

const isForNow = ({ isNetwork, status, code }) => isNetwork || code === "too_fast" || status >= 500 || ["room_held", "not_late"].includes(code);

export class HandOver {
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

  /** `replaced`: another device has the place, and this page no socket. */
  async hand(replaced) {
    clearTimeout(this.#timer);
    const { connection, work: { answers } } = this.#candidate;
    const may = replaced || (connection.value.state === "connected" && OVER.includes(answers.state.readOnly));
    if (!may || this.#busy || this.#closing.aborted) return;
    this.#busy = true;
    try {
      if (!replaced || !(await this.#leaveWords())) await this.#handLate();
    } catch (error) {
      if (isForNow(error) && !this.#closing.aborted) this.#timer = setTimeout(() => void this.hand(replaced), AGAIN_MS);
    } finally {
      this.#busy = false;
    }
  }

  // Whether the server has it now, or has it already.
  async #leaveWords() {
    const { link, work: { answers } } = this.#candidate;
    const { unsent } = answers;
    if (!unsent) return true;
    try {
      await link.api.post(`${link.path}/words`, unsent);
      await answers.handed(unsent.text);
      return true;
    } catch (error) {
      if (OVER.includes(error.code)) return false;
      throw error;
    }
  }

  async #handLate() {
    const { link, work: { answers } } = this.#candidate;
    const late = await lateOf(answers);
    if (answers.state.excess > 0) notTaken.value = answers.state.text; // more than an answer may be
    if (!late || late.text === notTaken.value) return;
    try {
      const { received_at: at } = await link.api.post(`${link.path}/late-text`, late);
      await answers.keptLate(late.text, at);
    } catch (error) {
      if (isForNow(error)) throw error;
      if (error.code === "nothing_late") await answers.handed(late.text);
      else notTaken.value = late.text;
    }
  }
}
