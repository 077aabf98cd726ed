// What the telephone does, without a pixel of it: comes in by the link, keeps photographs, sends them, hears of the end.
//
// Photographs wait in IndexedDB until the server has them, whatever the network does. The telephone knows nothing of the
// exam but whose work it is and until when; how it stands is asked when something changed, since it has no socket.
//
// Of several tabs, which share the photographs, one sends: the one that was let in last. It takes the lock; the one before
// stops and waits until it gets the lock back, which is when the other one is closed.

import { signal } from "@preact/signals";

import { Api } from "../../lib/api.js";
import { whenChanged } from "../../lib/changes.js";
import { Files } from "../../lib/files.js";
import { Pages } from "../../lib/pages.js";
import { Photos } from "../../lib/photos.js";
import { openStore } from "../../lib/store.js";
import { serverClock } from "../../lib/time.js";

const MEMORY = "phone"; // key of the room in the session store
const USE = "phone_use"; // and of the link that is being used, {token, act}
const PAIRING = "phone_pairing"; // and of what each pairing has another of: the server knows the telephone by another name then
const SENDS = "phone sends"; // name of the lock
const COME_IN_MS = 10_000; // a connection may die without a word, and the same may be asked again
const ENDED = new Set(["phone_revoked", "not_signed_in", "phone_link_ended", "already_submitted", "after_submit_by", "not_found", "forbidden", "not_admitted", "readmission_needed", "before_release"]);

export class Sender {
  standing = signal(null); // the answer of GET …/phone
  ended = signal(null); // the error that ended it
  left = signal(null); // {taken, unsent} photographs, of which nothing sends the latter any more; null while that is not known
  elsewhere = signal(false); // another tab sends
  offline = signal(false);
  refused = signal(null); // the error that the server answers for now: it is asked again
  items = signal([]);
  error = signal(null);
  pages = null;

  #api = new Api("phone");
  #room = null;
  #token = null; // of the link, until it was used
  #asking = null; // one question at a time: a link is good once
  #askAgain = false;
  #pairing = null;
  #files = null;
  #unwatch = () => {};
  #store = null;

  #again;

  /** `again()`: the other tab is closed, and this one can begin anew. */
  constructor({ again = () => {} } = {}) {
    this.#again = again;
  }

  /** Come in by the link in the address bar, or as the telephone that this one was before a reload. */
  async open() {
    this.#store = await openStore("proctor_phone");
    const asked = new URLSearchParams(location.hash.slice(1));
    this.#room = asked.get("room") ?? (await this.#store.get("session", MEMORY)) ?? null;
    this.#token = asked.get("token");
    this.#pairing = (await this.#store.get("session", PAIRING)) ?? null;
    if (this.#room) await this.#ask();
    else this.#end({ code: "phone_no_link" });
    if (!this.#isOver) this.#unwatch = whenChanged(this.#api, `${this.#path}/changes`, () => this.#ask());
    // Whether there is a network is known by asking: the held question alone may hang for as long as it is held.
    for (const told of ["online", "offline"]) addEventListener(told, () => void this.#ask());
  }

  get mayTake() {
    return Boolean(this.standing.value?.open) && !this.ended.value && !this.elsewhere.value;
  }

  /** Ask how things stand; what is asked meanwhile is asked once more after it. Resolves to whether there was an answer. */
  async #ask() {
    if (this.#isOver || !this.#room) return true;
    this.#askAgain = true;
    return (this.#asking ??= this.#askOn());
  }

  async #askOn() {
    while (this.#askAgain && !this.#isOver) {
      this.#askAgain = false;
      try {
        await this.#start(this.#token ? await this.#comeIn() : await this.#api.get(this.#path));
        this.#tell(null);
      } catch (error) {
        if (ENDED.has(error.code)) this.#end(error);
        else this.#tell(error);
      }
    }
    this.#asking = null;
    return !this.offline.value && !this.refused.value;
  }

  // Why there is no standing just now; null where there is one.
  #tell(error) {
    this.offline.value = Boolean(error?.isNetwork);
    if (!error && this.error.value?.isNetwork) this.error.value = null;
    this.refused.value = this.offline.value ? null : error;
  }

  async #comeIn() {
    // The link is good once: after an answer that was lost, also beyond a reload, the same is asked again.
    const known = await this.#store.get("session", USE);
    const use = known?.token === this.#token ? known : { token: this.#token, act: crypto.randomUUID() };
    await this.#store.put("session", use, USE);
    const asked = AbortSignal.timeout(COME_IN_MS);
    const ended = (error) => (error.code === "phone_link_ended" ? this.#goOn(error) : Promise.reject(error));
    const standing = await this.#api.post(this.#path, use, asked).then(async (answer) => {
      this.#pairing = use.act;
      await this.#store.put("session", use.act, PAIRING);
      return answer;
    }, ended);
    this.#token = null;
    await this.#store.delete("session", USE);
    history.replaceState(null, "", "/phone"); // good once: nothing is lost with it
    await this.#store.put("session", this.#room, MEMORY);
    return standing;
  }

  // A link that was used up, perhaps by this telephone, which opened it again: it goes on as the one that it is, if it is one.
  #goOn(ended) {
    return this.#api.get(this.#path).catch((error) => {
      throw ENDED.has(error.code) ? ended : error;
    });
  }

  async #start(standing) {
    serverClock.told(standing.server_time);
    this.standing.value = standing;
    if (!this.#files) {
      await this.#takeOver();
      await this.#prepare(standing);
    }
    this.#list();
    this.#files.meet(standing.files.map(({ file }) => file));
    if (this.elsewhere.value) this.#files.pause();
    else if (standing.open) this.#files.reopen();
    else this.#files.close();
  }

  // Resolves once nothing is sent from another tab, where the browser can tell.
  #takeOver() {
    if (!navigator.locks) return undefined;
    return new Promise((taken) => {
      navigator.locks.request(SENDS, { steal: true }, () => {
        taken();
        return new Promise(() => {}); // as long as the page is open
      }).catch(({ name }) => (name === "AbortError" ? this.#giveWay() : taken())); // a browser may allow no locks: then all tabs send
    });
  }

  #giveWay() {
    this.elsewhere.value = true;
    this.#unwatch();
    this.#files?.pause();
    void navigator.locks.request(SENDS, () => {
      this.#again();
      return new Promise(() => {});
    }).catch(() => {}); // yet another tab took it over at once
  }

  get #isOver() {
    return Boolean(this.ended.value) || this.elsewhere.value;
  }

  async #prepare(standing) {
    const prefix = `${standing.room}/${standing.number}/`;
    const files = `${this.#roomPath}/files`;
    this.#files = new Files({ store: this.#store, prefix, role: "phone", session: this.#pairing, endpoint: () => files });
    const pages = new Pages({
      store: this.#store, prefix, files: this.#files, photos: new Photos(),
      remove: (file) => this.#api.tusDelete(`${files}/${file}`).then(() => this.#files.removed(file)),
      fetchContent: () => Promise.reject(Object.assign(new Error("not_here"), { code: "not_found" })),
    });
    pages.on("change", () => this.#list());
    pages.on("error", (error) => { this.error.value = error; });
    pages.on("done", () => { this.error.value = null; });
    this.#files.on("change", () => this.#list());
    for (const told of ["uploaded", "suspended", "unanswered"]) this.#files.on(told, () => void this.#ask());
    await pages.load();
    await this.#files.load();
    this.pages = pages;
  }

  #list() {
    if (this.pages) this.items.value = this.pages.list(this.standing.value.files, this.#files.pending);
    if (this.#files.pending.some(({ error }) => error?.code === "phone_revoked")) this.#end({ code: "phone_revoked" });
  }

  #end(error) {
    this.#unwatch();
    this.ended.value = error;
    this.#files?.close();
    void this.#count();
  }

  // From the store, since a telephone that was not let in lists nothing.
  async #count() {
    const all = this.#room ? IDBKeyRange.bound(`${this.#room}/`, `${this.#room}/\uffff`) : undefined;
    const kept = async (name) => Promise.all((await this.#store.getAllKeys(name, all)).map((key) => this.#store.get(name, key)));
    const unsent = (await kept("upload")).filter((one) => one?.file);
    const taken = (await kept("page")).flatMap((one) => one?.order ?? []);
    this.left.value = { taken: taken.length, unsent: unsent.length };
  }

  get #path() {
    return `${this.#roomPath}/phone`;
  }

  get #roomPath() {
    return `/api/rooms/${encodeURIComponent(this.#room)}`; // its name came in an address
  }
}
