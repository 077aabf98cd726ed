// A sign-out, until the server has heard it.
//
// The session is in a cookie that no script can end: nobody is signed out before the server says so, and a page looks so no
// sooner. Until then this computer remembers, by role, whose session is to end, and it is sent again as soon as there is a
// connection. A page that opens meanwhile sends it first, before it shows anything of the session. Only who asked for it, in the
// page where that was, may still stay; the server carries out no sign-out whose asker has given it up.

import { Api } from "./api.js";
import { forget, keep, recall } from "./memory.js";
import { keyOf, stage } from "./to_sign_out.js";

const ANSWER_MS = 8000; // so long one is waited for before it is said that it did not arrive
const AGAIN_MS = 3000;

export class SignOut {
  mayStay = false; // it was asked for in this page
  onHeard = null; // awaited once the session of who is shown has ended; null while the page shows nobody
  #role;
  #key;
  #under = null; // {mark, isKept} of the one that is under way
  #request = null;
  #wake = () => {};

  constructor(role) {
    this.#role = role;
    this.#key = keyOf(role);
    addEventListener("online", () => this.#wake());
    addEventListener("storage", ({ key, newValue: mark }) => { // another tab that shows the session may be closed before it is heard
      if (key === this.#key && mark) setTimeout(() => this.onHeard && recall(key) === mark && void this.#end(mark, true), ANSWER_MS);
    });
  }

  /** Sign `subject` out. Resolves once that has happened, or whoever it is stays. */
  async send(subject) {
    const mark = JSON.stringify({ subject, once: Math.random() });
    if (!this.#under) await this.#end(mark, keep(this.#key, mark), true);
  }

  /** For a page that opens: what an earlier one left. Resolves to the subject whose session has ended now, null if none has. */
  async finish() {
    const mark = recall(this.#key);
    return mark && !this.#under && (await this.#end(mark, true)) ? JSON.parse(mark).subject : null;
  }

  /** Who asked for it stays. */
  stay() {
    if (this.#stands) forget(this.#key);
    this.#under = null;
    stage.value = null;
    this.#request?.abort();
    this.#wake();
  }

  // Not where somebody stays, or signed in since, in whichever tab.
  get #stands() {
    const { mark, isKept } = this.#under ?? {};
    return Boolean(mark) && (!isKept || recall(this.#key) === mark);
  }

  async #end(mark, isKept, mayStay = false) {
    if (this.#under) return false;
    const under = this.#under = { mark, isKept };
    const stands = () => this.#under === under && this.#stands;
    this.mayStay = mayStay;
    stage.value = "sending";
    let isHeard = false;
    while (stands() && !(isHeard = await this.#isHeard(JSON.parse(mark).subject))) {
      if (!stands()) break;
      stage.value = "unheard";
      await this.#pause();
    }
    if (isHeard) {
      if (stands()) forget(this.#key);
      await this.onHeard?.();
    }
    if (this.#under === under) {
      this.#under = null;
      stage.value = null;
    }
    return isHeard;
  }

  async #isHeard(subject) {
    const request = this.#request = new AbortController();
    const limit = setTimeout(() => request.abort(), ANSWER_MS);
    try {
      await new Api(this.#role).signOut(subject, request.signal);
      return true;
    } catch ({ code }) {
      return code === "not_signed_in"; // it has ended already, or somebody else has signed in here since
    } finally {
      clearTimeout(limit);
    }
  }

  #pause() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, AGAIN_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
