// A sign-out, until the server has heard it.
//
// The session is in a cookie that no script can end: nobody is signed out before the server says so, and a page looks so no
// sooner. Until then this computer remembers, by role, whose session is to end, and it is sent again as soon as there is a
// connection. A page that opens meanwhile sends it first, before it shows anything of the session. Only who asked for it, in the
// page where that was, may still stay. What was sent may lie somewhere on its way, and cannot be called back: so the server is told
// which one is withdrawn, and answers whether that came in time. Where it did not, the session has ended, and that is said.
//
// What was heard is told to the other pages of this browser, of which one may have no connection by which it would hear of it, and
// one may lie behind the Back button.

import { Api } from "./api.js";
import { forget, keep, recall } from "./memory.js";
import { keyOf, stage, stayed } from "./to_sign_out.js";

const SIGN_OUT = "/api/sign-out", WITHDRAW = "/api/sign-out/withdraw"; // of one mark the server carries out what it hears first
const ANSWER_MS = 8000; // so long one is waited for before it is said that it did not arrive
const AGAIN_MS = 3000;

export class SignOut {
  mayStay = false; // it was asked for in this page
  onHeard = null; // awaited once the session of who is shown has ended; null while the page shows nobody
  onLate = null; // called where that was so before who stays was heard
  onBeside = null; // called once another page has ended the session of who is shown
  #role;
  #key;
  #endedKey;
  #under = null; // {mark, isKept} of the one that is under way
  #withdrawing = null; // the mark of one whose withdrawal is
  #request = null;
  #wake = () => {};

  constructor(role) {
    this.#role = role;
    this.#key = keyOf(role);
    this.#endedKey = `signed_out/${role}`;
    addEventListener("online", () => this.#wake());
    addEventListener("pagehide", () => this.#last());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // whose session may have ended since it was left
    addEventListener("storage", ({ key, newValue: mark }) => { // another tab that shows the session may be closed before it is heard
      if (key === this.#endedKey && mark) this.#endedBeside();
      if (key === this.#key && mark) setTimeout(() => this.onHeard && recall(key) === mark && void this.#end(mark, true), ANSWER_MS);
    });
  }

  #endedBeside() {
    this.#under = null;
    stage.value = null;
    this.#request?.abort();
    this.#wake();
    this.onBeside?.();
  }

  /** Sign `subject` out. Resolves once that has happened, or whoever it is stays. */
  async send(subject) {
    const mark = JSON.stringify({ subject, once: Math.random() });
    this.#withdrawing = null;
    if (!this.#under) await this.#end(mark, keep(this.#key, mark), true);
  }

  /** For a page that opens: what an earlier one left. Resolves to the subject whose session has ended now, null if none has. */
  async finish() {
    const mark = recall(this.#key);
    return mark && !this.#under && (await this.#end(mark, true)) ? JSON.parse(mark).subject : null;
  }

  /** Who asked for it stays. */
  stay() {
    const { mark } = this.#under ?? {};
    if (this.#stands) forget(this.#key);
    this.#under = null;
    stage.value = null;
    this.#request?.abort();
    this.#wake();
    if (mark) void this.#withdraw(mark);
  }

  async #withdraw(mark) {
    this.#withdrawing = mark;
    stayed.value = true;
    const { subject, once } = JSON.parse(mark);
    while (this.#withdrawing === mark) {
      try {
        await new Api(this.#role).leave(WITHDRAW, subject, once, AbortSignal.timeout(ANSWER_MS));
        this.#withdrawing = null;
        stayed.value = false;
        return;
      } catch ({ code }) {
        if (code === "not_signed_in") {
          this.#withdrawing = null;
          this.onLate?.();
          return;
        }
      }
      await this.#pause();
    }
  }

  // The page is being closed: what was not answered goes out once more, in a way that outlives it.
  #last() {
    const mark = this.#stands ? this.#under.mark : this.#withdrawing;
    if (!mark) return;
    const { subject, once } = JSON.parse(mark);
    void new Api(this.#role).leave(this.#stands ? SIGN_OUT : WITHDRAW, subject, once, undefined, true).catch(() => {});
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
    while (stands() && !(isHeard = await this.#isHeard(JSON.parse(mark)))) {
      if (!stands()) break;
      stage.value = "unheard";
      await this.#pause();
    }
    if (isHeard) {
      if (stands()) forget(this.#key);
      keep(this.#endedKey, mark); // which the other pages hear
      forget(this.#endedKey);
      await this.onHeard?.();
    }
    if (this.#under === under) {
      this.#under = null;
      stage.value = null;
    }
    return isHeard;
  }

  async #isHeard({ subject, once = "" }) {
    const request = this.#request = new AbortController();
    const limit = setTimeout(() => request.abort(), ANSWER_MS);
    try {
      await new Api(this.#role).leave(SIGN_OUT, subject, once, request.signal);
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
