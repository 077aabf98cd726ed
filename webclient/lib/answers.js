// The candidate's text: kept on this computer first, then on the server, never lost between the two.
//
// Every edit reaches IndexedDB within 200 ms and the server 2 s after the last keystroke, at least every 8 s while
// typing. A save names the revision it builds on. The server's newest revision can differ from the local base when
// the same candidate wrote elsewhere; then both texts are shown, the candidate chooses, and the other is set aside. Once the time
// is over there is nothing to choose any more: the own text stays, and the other is set aside as `undecided`.
//
//   record = {text, base, own, sent, dirty, edited_at, set_aside: [{text, at, origin, undecided}], late: {text, at}, handed}
//   base    revision that the text builds on
//   own     whether a tab of this computer saved that revision
//   sent    the text last handed to the server. If its acknowledgement was lost, the server holds exactly this text
//           under a revision we never heard of: that is our own save, not a difference.
//   late    a text that the server keeps as evidence, and since when
//   handed  a text that the server has though it was not saved from here: for the device that took the place, or handed in there
//
// One tab writes at a time. A tab that has to stop hands what the server does not have to the one that goes on, through
// `tabs`, a BroadcastChannel: that one read IndexedDB when it was opened, or 200 ms before the last keystroke.
//
// IndexedDB does not finish while a page goes away, a write that has begun no more than one that has not. What it has
// not confirmed by then takes the one road that is synchronous: `localStorage`, under `last_words/…`, from where `load`
// picks it up.
//
// A text beyond MOST_CHARACTERS stays whole on this computer and goes to the server once it is short enough: to cut it would
// lose the end of what somebody pasted, without a word.
//
// No UI in here: `state` is a plain object, `change` tells when it is new, `refused` why the server did not take a save, and
// `saved` that it took one. Time comes in through `timers` and `now`.

import { Emitter } from "./emitter.js";
import { forget, keep, recall } from "./memory.js";

export const MOST_CHARACTERS = 200_000; // as the server has it, which counts an emoji as one
export const LOCAL_DELAY_MS = 200;
export const SERVER_IDLE_MS = 2000;
export const SERVER_WHILE_TYPING_MS = 8000;
const RETRY_MS = 2000;
const CLOSING_CODES = new Set(["superseded", "after_submit_by", "already_submitted", "referred", "suspended"]);
const OVER = new Set(["after_submit_by", "already_submitted", "referred"]); // nothing goes into the work any more
// A length limit can cut an emoji in two, and half of one is not text that the server could keep.
const wellFormed = (text) => text.toWellFormed?.() ?? text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
const excessOf = (text) => (text.length > MOST_CHARACTERS ? Math.max(0, [...text].length - MOST_CHARACTERS) : 0);
const realTimers = { set: (act, ms) => setTimeout(act, ms), clear: (timer) => clearTimeout(timer) };

export class Answers extends Emitter {
  #store;
  #key;
  #save;
  #timers;
  #now;
  #tabs;
  #record = { text: "", base: 0, sent: null, dirty: false, edited_at: null, set_aside: [] };
  #kept = this.#record; // the record that IndexedDB last confirmed
  #localTimer = null;
  #serverTimer = null;
  #oldestUnsaved = null;
  #writing = Promise.resolve();
  #sending = null;
  #offered = []; // what other devices had not saved, and waits to be shown
  #online = false;

  state = { text: "", excess: 0, localAt: null, serverAt: null, dirty: false, readOnly: null, conflict: null, setAside: [], handed: false, storeError: false };

  /** `save({base_revision, text})` sends `save_answer` and answers `{revision, sha256, saved_at}` or throws. */
  constructor({ store, key, save, tabs, timers = realTimers, now = Date.now }) {
    super();
    this.#store = store;
    this.#key = key;
    this.#save = save;
    this.#timers = timers;
    this.#now = now;
    this.#tabs = tabs;
    tabs.onmessage = ({ data }) => void this.#handedOver(data);
  }

  get revision() {
    return this.#record.base;
  }

  /** What this computer remembers; call before anything else. */
  async load() {
    const kept = await this.#store.get("answer", this.#key);
    const lastWords = JSON.parse(recall(`last_words/${this.#key}`));
    const newest = (lastWords?.edited_at ?? -1) > (kept?.edited_at ?? -1) ? lastWords : kept;
    if (newest) this.#record = newest;
    if (newest === kept) this.#kept = this.#record;
    this.#show({ localAt: newest?.edited_at ?? null });
    if (newest === lastWords && lastWords) await this.keepLocally();
    forget(`last_words/${this.#key}`);
  }

  /** What the server holds (the welcome's draft, or null): adopt it, go on from it, or show the difference. */
  async meet(draft, savedAt = null) {
    this.#online = true;
    if (draft) await this.#reconcile(draft);
    if (this.state.conflict?.offered) this.#show({ conflict: { ...this.state.conflict, mine: this.#record.text } });
    this.#askAboutOffered();
    if (savedAt && !this.#record.dirty) this.#show({ serverAt: savedAt });
    if (this.#record.dirty) this.#scheduleServer(0);
  }

  /** The connection is lost: edits go on, saves wait. */
  away() {
    this.#online = false;
  }

  edit(text) {
    if (this.state.readOnly || this.state.conflict || text === this.#record.text) return;
    this.#record = { ...this.#record, text: wellFormed(text), dirty: true, edited_at: this.#now() };
    this.#show({});
    this.#localTimer ??= this.#timers.set(() => void this.keepLocally(), LOCAL_DELAY_MS);
    this.#oldestUnsaved ??= this.#now();
    const latest = this.#oldestUnsaved + SERVER_WHILE_TYPING_MS - this.#now();
    this.#scheduleServer(Math.max(0, Math.min(SERVER_IDLE_MS, latest)));
  }

  /** The page goes away: keep at once what IndexedDB may not have yet. */
  lastWords() {
    if (this.#kept === this.#record) return;
    // Full or forbidden, what was kept up to 200 ms ago stands.
    if (!keep(`last_words/${this.#key}`, JSON.stringify(this.#record))) this.#show({ storeError: true });
  }

  /** Write the record to this computer now, as a page does when it is hidden. */
  async keepLocally() {
    this.#timers.clear(this.#localTimer);
    this.#localTimer = null;
    const record = this.#record;
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#store.put("answer", record, this.#key);
        this.#kept = record;
        this.#show({ localAt: record.edited_at, storeError: false });
      } catch {
        this.#show({ storeError: true });
      }
    });
    await this.#writing;
  }

  /** Bring the newest text to the server now. True when nothing is left to send. */
  async flush() {
    this.#timers.clear(this.#serverTimer);
    this.#serverTimer = null;
    this.#sending ??= this.#send().finally(() => { this.#sending = null; });
    const sent = await this.#sending;
    // Whoever asked may have typed after the save under way had taken its text.
    return sent && this.#record.dirty && !this.state.readOnly && !this.state.conflict ? this.flush() : sent;
  }

  /** End a shown difference: keep "mine" or "theirs"; the other is set aside, not deleted. */
  async choose(which) {
    const { mine, theirs, revision, offered } = this.state.conflict;
    if (offered) return this.#chooseOffered(which, { theirs, offered });
    const [kept, other] = which === "mine" ? [mine, theirs] : [theirs, mine];
    const aside = [{ text: other, at: this.#now(), origin: which === "mine" ? "server" : "here" }];
    const { text } = this.#record; // another tab may have handed its text over since the difference was shown
    if (text !== mine && text !== theirs) aside.push({ text, at: this.#now(), origin: "here" });
    this.#record = {
      ...this.#record, text: kept, base: revision, own: false, sent: theirs, dirty: which === "mine",
      set_aside: [...this.#besides(other), ...aside].filter(({ text: set }) => set !== kept),
    };
    await this.#chosen();
  }

  #besides(other) {
    return this.#record.set_aside.filter(({ text }) => text !== other);
  }

  // The time was over before anything was chosen.
  #keepBoth() {
    const { theirs, offered } = this.state.conflict;
    const aside = { text: theirs, at: this.#now(), undecided: true, origin: offered ? "device" : "server" };
    this.#record = { ...this.#record, set_aside: [...this.#besides(theirs), aside] };
    this.#show({ conflict: null });
    return this.keepLocally();
  }

  async #chosen() {
    this.#show({ conflict: null });
    this.#askAboutOffered();
    await this.keepLocally();
    if (this.#record.dirty) this.#scheduleServer(0);
  }

  /** No more writing, or not now: `superseded`, `suspended`, `held`, `after_submit_by` or `already_submitted`. The text stays to be read. */
  close(reason) {
    this.#timers.clear(this.#serverTimer);
    if (this.state.conflict && OVER.has(reason)) void this.#keepBoth();
    if (this.#localTimer !== null || this.#record.dirty) {
      void this.keepLocally().then(() => this.#tabs.postMessage(this.#record)).catch(() => {}); // the page was left meanwhile
    }
    this.#show({ readOnly: reason });
  }

  /** Writing goes on, as after the candidate took the exam back to this page, with what another tab kept meanwhile. */
  async reopen() {
    this.#merge(await this.#store.get("answer", this.#key));
    this.#show({ readOnly: null });
    this.#askAboutOffered();
    if (this.#record.dirty && this.#online) this.#scheduleServer(0);
  }

  /** What the server does not have of this text: `{base_revision, text}`, null if nothing. */
  get unsent() {
    const { dirty, base, text } = this.#record;
    return dirty ? { base_revision: base, text } : null;
  }

  /** The server keeps `text` as evidence since `at`. */
  async keptLate(text, at) {
    this.#record = { ...this.#record, late: { text, at } };
    await this.keepLocally();
  }

  /** The server has `text` in another way than by a save from here; where it is the own one, it need not stay. */
  async handed(text) {
    if (this.#record.handed === text) return;
    this.#record = { ...this.#record, handed: text };
    this.#show({});
    await this.keepLocally();
  }

  /** Another device had not saved this text when its place was taken: shown beside the own one, once, if it says more; as
   *  soon as something can be chosen, and the own text is what the server has of it. */
  offer({ sha256, text }) {
    if (this.state.conflict?.offered === sha256 || this.#offered.some((one) => one.sha256 === sha256)) return;
    this.#offered.push({ sha256, text });
    this.#askAboutOffered();
  }

  #askAboutOffered() {
    while (this.#offered.length > 0 && this.#online && !this.state.readOnly && !this.state.conflict) {
      const { sha256, text } = this.#offered.shift();
      const { met = [], text: mine, set_aside: setAside } = this.#record;
      const known = met.includes(sha256) || setAside.some((one) => one.text === text) || mine.startsWith(text);
      if (!known) this.#show({ conflict: { mine, theirs: text, offered: sha256 } });
    }
  }

  #chooseOffered(which, { theirs, offered }) {
    const { met = [], text: mine } = this.#record;
    const takes = which === "theirs";
    const aside = { text: takes ? mine : theirs, at: this.#now(), origin: takes ? "here" : "device" };
    this.#record = { ...this.#record, met: [...met, offered], set_aside: [...this.#record.set_aside, aside] };
    if (takes) this.#record = { ...this.#record, text: theirs, dirty: true, edited_at: this.#now() };
    return this.#chosen();
  }

  // The last keystrokes of a tab that had to stop while this one goes on.
  async #handedOver(record) {
    if (this.state.readOnly) return;
    this.#merge(record);
    this.#show({});
    await this.keepLocally();
    if (this.#record.dirty && this.#online) this.#scheduleServer(SERVER_IDLE_MS);
  }

  // The later of two records of one answer goes on; what only the earlier one has is set aside. Where that one was saved from this
  // computer meanwhile, as when words are handed over late, the later one builds on it: it is the same writing, no difference.
  #merge(other) {
    if (!other) return;
    const [earlier, later] = [this.#record, other].sort((a, b) => (a.edited_at ?? -1) - (b.edited_at ?? -1) || a.base - b.base);
    const known = new Set(later.set_aside.map(({ text }) => text)).add(later.text);
    const lost = [...earlier.set_aside];
    const { base, own, sent } = earlier;
    const saved = own && base > later.base && { base, own, sent, dirty: earlier.dirty || later.text !== sent }; // `sent` may be on its way yet
    if ((earlier.dirty || saved) && !later.text.startsWith(earlier.text)) lost.push({ text: earlier.text, at: this.#now(), origin: "here" });
    this.#record = { ...later, ...saved, set_aside: [...later.set_aside, ...lost.filter(({ text }) => !known.has(text))] };
  }

  #scheduleServer(delay) {
    this.#timers.clear(this.#serverTimer);
    this.#serverTimer = this.#timers.set(() => void this.flush(), delay);
  }

  async #send() {
    if (!this.#record.dirty) return true;
    if (!this.#online || this.state.readOnly || this.state.conflict || this.state.excess > 0) return false;
    const { text, base } = this.#record;
    this.#record = { ...this.#record, sent: text };
    await this.keepLocally(); // `sent` must survive a crash between the server's save and its acknowledgement
    try {
      const { revision, saved_at: savedAt } = await this.#save({ base_revision: base, text });
      const same = this.#record.text === text;
      this.#record = { ...this.#record, base: revision, own: true, dirty: !same };
      this.#oldestUnsaved = same ? null : this.#now();
      this.#show({ serverAt: savedAt });
      this.emit("saved");
      await this.keepLocally();
      return true;
    } catch (error) {
      if (error.code === "stale_revision") await this.#reconcile(error.details);
      else if (CLOSING_CODES.has(error.code)) this.close(error.code);
      else this.emit("refused", error);
      if (this.#record.dirty && !this.state.conflict && !this.state.readOnly && this.#online) this.#scheduleServer(RETRY_MS);
      return false;
    }
  }

  async #reconcile({ revision, text }) {
    const record = this.#record;
    if (revision <= record.base && record.dirty) return;
    if (revision < record.base && text !== record.text) {
      this.#record = { ...record, base: revision, dirty: true }; // the server knows less than it once acknowledged
      return;
    }
    if (!record.dirty || text === record.text) {
      this.#record = { ...record, text, base: revision, own: revision === record.base ? record.own : text === record.sent, sent: text, dirty: false };
      this.#oldestUnsaved = null;
    } else if (text === record.sent) {
      this.#record = { ...record, base: revision, own: true };
    } else {
      this.#show({ conflict: { mine: record.text, theirs: text, revision } });
      if (OVER.has(this.state.readOnly)) await this.#keepBoth();
      return;
    }
    this.#show({});
    await this.keepLocally();
  }

  #show(changes) {
    const { text, dirty, set_aside: setAside, late, handed } = this.#record;
    this.state = { ...this.state, text, excess: excessOf(text), dirty, setAside, lateAt: late?.text === text && late.at, handed: handed === text, ...changes };
    this.emit("change", this.state);
  }
}
