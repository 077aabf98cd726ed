// The photographed pages of a work, in order.
//
// A page is known by a token: the id of its upload while it is under way (lib/files.js), the server's file once it is
// there. The order and each photograph are kept in IndexedDB, so that they survive a reload, and so that a page can be
// turned or put back. Files are never changed: turning a page or taking it again sends another file in its place, and
// once that is there the old one is taken out of the work (`replaces` of lib/files.js), whatever the connection and the page do
// meanwhile; from the start it is neither listed nor handed in. What another device sent is put at the end, in the order in which it was photographed
// there: that is the number in a page's name, which a turned page and one taken again keep. Several come at once, and the
// later one may be there first.
//
// `files` is a Files; `remove(file)` takes a file out of the work on the server, `fetchContent(file)` brings its bytes.

import { Emitter } from "./emitter.js";
import { safeName } from "./file_name.js";
import { MOST_FILES, placesOf } from "./files.js";
import { looksLike } from "./photos.js";

const NAME = /^trang-(\d+)\.\w+$/;
const TURN_SETTLES_MS = 1200; // a page lying on its head is turned twice, and sent once

/** Whether a file of the work is a photographed page, whichever device sent it. */
export const isPage = ({ name }) => NAME.test(name);

const TIMERS = { set: (act, ms) => setTimeout(act, ms), clear: (timer) => clearTimeout(timer) };

export class Pages extends Emitter {
  #store;
  #prefix;
  #files;
  #photos;
  #remove;
  #fetchContent;
  #timers;
  #order = [];
  #known = new Map(); // token -> {faults}
  #about = new Map(); // token -> {phone, number}, of all that were ever listed
  #moved = new Map(); // upload id -> file
  #turning = new Map(); // token -> {turns, timer}
  #unseen = new Set(); // files that arrived, and that the server's list does not hold yet
  #shown = []; // tokens as they were listed last
  #there = new Set(); // files of the work on the server
  #highest = 0; // number of the page named last
  #busy = 0;
  #working = new Set(); // tokens of pages that are being changed

  inherited = false; // they were put in order at another device, which did not come along, and not yet at this one
  removed = []; // [{token, index, number}], the newest last
  replaced = new Set(); // of the files listed last, those in whose place another one is on its way

  constructor({ store, prefix, files, photos, remove, fetchContent, timers = TIMERS }) {
    super();
    this.#store = store;
    this.#prefix = prefix;
    this.#files = files;
    this.#photos = photos;
    this.#remove = remove;
    this.#fetchContent = fetchContent;
    this.#timers = timers;
    files.on("uploaded", ({ id, file }) => {
      this.#there.add(file);
      void this.#arrived(id, file);
    });
    files.on("out", ({ file }) => void this.#store.delete("page", this.#key(file)));
    // Where the work was handed in meanwhile, the receipt tells whether the old one is in it (pages/candidate/receipt.js).
    files.on("stays", ({ code }) => code !== "already_submitted" && this.emit("error", { code: "replaced_stays" }));
    files.on("paused", () => this.#leaveTurns());
    files.on("returned", () => void this.load().then(() => this.emit("change"))); // the other tab may have moved some
  }

  /** Something is still being prepared or turned; what is handed in now would not be what is seen. */
  get busy() {
    return this.#busy > 0 || this.#turning.size > 0 || this.#unseen.size > 0;
  }

  async load() {
    const kept = await this.#store.get("page", `${this.#prefix}order`);
    this.#order = kept?.order ?? [];
    this.removed = kept?.removed ?? [];
    this.#highest = kept?.highest ?? 0;
    this.inherited = kept?.inherited ?? false;
    for (const token of this.#order) {
      const photograph = await this.#store.get("page", this.#key(token)); // none of a page that another device sent
      if (photograph) this.#known.set(token, { faults: photograph.faults ?? [] });
    }
  }

  /**
   * The pages in order: `[{token, file, name, number, bytes, state, sent, error, faults, turns, working, kept}]`;
   * `kept`: the photograph is on this device. `complete` are the files that the server has, `pending` those under way.
   */
  list(complete, pending) {
    const found = new Map();
    for (const { file, ...rest } of complete) {
      this.#unseen.delete(file);
      if (isPage(rest) && !this.#files.leaving.has(file)) found.set(file, { ...rest, token: file, file, state: "there" });
    }
    for (const { id, ...rest } of pending.filter(isPage)) {
      const token = this.#now(id);
      found.delete(rest.file); // until its upload is answered it keeps its place under the name it has here
      if (!found.has(token)) found.set(token, { ...rest, token, file: null, id });
    }
    for (const file of this.#files.leaving) this.#unseen.delete(file);
    for (const token of this.#unseen) if (!found.has(token)) found.set(token, { name: "", bytes: 1, sent: 1, token, file: null, state: "sending" });
    for (const [token, { name, phone }] of found) if (isPage({ name })) this.#about.set(token, { phone, number: Number(NAME.exec(name)[1]) });
    this.replaced = new Set(pending.filter(({ state }) => state !== "failed").flatMap(({ replaces = [] }) => replaces.map(this.#now)));
    for (const token of this.replaced) found.delete(token);
    for (const token of found.keys()) {
      if (this.#order.includes(token)) continue;
      const place = this.#placeOf(token);
      this.#order = [...this.#order.slice(0, place), token, ...this.#order.slice(place)];
    }
    this.#shown = this.#order.filter((token) => found.has(token));
    this.#there = new Set(complete.map(({ file }) => file));
    return this.#shown.map((token) => ({
      ...found.get(token), number: this.#about.get(token)?.number, faults: this.#known.get(token)?.faults ?? [], turns: this.#turning.get(token)?.turns ?? 0,
      working: this.#working.has(token), kept: this.#known.has(token),
    }));
  }

  /** Take photographs in, at the end. Answers `{refused: [{name, code}], faults}`, faults being those of the last one. */
  async add(blobs) {
    const refused = [];
    let last = [];
    for (const blob of blobs) {
      const name = blob.name ? safeName(blob.name) : "";
      const made = await this.#whileBusy(() => this.#made(blob));
      if (!made) {
        refused.push({ name, code: "not_a_picture" });
        continue;
      }
      const { id, code } = await this.#send(made);
      if (code) {
        refused.push({ name, code });
        continue;
      }
      last = made.faults;
      this.#arrange([...this.#shown.filter((token) => token !== id), id]);
      await this.#changed();
    }
    return { refused, faults: last };
  }

  /** Put a page elsewhere. */
  async place(token, index) {
    const others = this.#shown.filter((one) => one !== token);
    others.splice(Math.max(0, Math.min(index, others.length)), 0, token);
    this.#arrange(others);
    await this.confirmOrder();
  }

  /** Their order is as it should be. */
  async confirmOrder() {
    this.inherited = false;
    await this.#changed();
  }

  /** This device goes on with the work of another one. */
  async takeOver() {
    this.inherited = true;
    await this.#changed();
  }

  /** Turn a page clockwise by a quarter; it is sent anew when it was left alone for a moment. */
  turn(token) {
    const before = this.#turning.get(token);
    this.#timers.clear(before?.timer);
    const turns = ((before?.turns ?? 0) + 1) % 4;
    this.#turning.set(token, { turns, timer: this.#timers.set(() => void this.#turned(token), TURN_SETTLES_MS) });
    this.emit("change");
  }

  /** Try one refused upload again, by its `id`. */
  retry(id) {
    this.#files.retry(id);
  }

  /** Another photograph in place of a page. Answers as `add`. */
  async retake(token, blob) {
    const made = await this.#whileBusy(() => this.#made(blob));
    if (!made) return { refused: [{ name: blob.name ? safeName(blob.name) : "", code: "not_a_picture" }], faults: [] };
    await this.#whileBusy(() => this.#replace(token, made), token);
    return { refused: [], faults: made.faults };
  }

  /** Take a page out of the work; `undo` puts it back. */
  async remove(token) {
    await this.#whileBusy(async () => {
      const now = this.#now(token);
      const isHereOnly = now.startsWith(this.#prefix); // then nobody else has it
      const blob = isHereOnly ? await this.photo(now) : await this.#blob(now);
      const index = Math.max(0, this.#shown.indexOf(now));
      const number = this.#numberOf(now);
      await this.#takeAway(now);
      this.#arrange(this.#shown.filter((one) => one !== now));
      if (blob) {
        await this.#store.put("page", { blob, faults: this.#known.get(now)?.faults ?? [] }, this.#key(now));
        this.removed = [...this.removed, { token: now, index, number }];
      }
      await this.#changed();
    }, token);
  }

  /** Put back the page that was taken out last. Answers as `add`. */
  async undo() {
    const last = this.removed.at(-1);
    if (!last) return { refused: [], faults: [] };
    return this.#whileBusy(async () => {
      const { blob, faults } = await this.#store.get("page", this.#key(last.token));
      const { id, code } = await this.#send({ photo: blob, faults, type: await looksLike(blob) }, last.number);
      if (code) return { refused: [{ name: "", code }], faults: [] };
      this.removed = this.removed.slice(0, -1);
      const others = this.#shown.filter((token) => token !== id);
      this.#arrange([...others.slice(0, last.index), id, ...others.slice(last.index)]);
      await this.#store.delete("page", this.#key(last.token));
      await this.#changed();
      return { refused: [], faults };
    });
  }

  /** The photograph itself, if this device has it. */
  async photo(token) {
    return (await this.#store.get("page", this.#key(token)))?.blob ?? null;
  }

  /** Keep nothing on this computer. */
  async forget() {
    const all = IDBKeyRange.bound(this.#prefix, `${this.#prefix}\uffff`);
    for (const key of await this.#store.getAllKeys("page", all)) await this.#store.delete("page", key);
  }

  // Before the one that it stands for, which may have been moved; else before the one that it overtook, at the end if there is
  // none: one of the same device, sent elsewhere.
  #placeOf(token) {
    const from = (one) => (this.#known.has(one) || !this.#about.has(one) ? null : this.#about.get(one).phone ?? "");
    const { number } = this.#about.get(token) ?? {};
    const first = (test) => this.#order.findIndex((one) => from(token) !== null && from(one) === from(token) && test(this.#about.get(one).number));
    const places = [first((other) => other === number), first((other) => other > number)];
    return places.find((place) => place >= 0) ?? this.#order.length;
  }

  // Which what stands for it is to have: none of another device's, since from then on it is one of this device.
  #numberOf(token) {
    return this.#known.has(token) ? this.#about.get(token)?.number : undefined;
  }

  #arrange(tokens) {
    this.#order = tokens;
    this.#shown = tokens;
  }

  #now = (token) => this.#moved.get(token) ?? token;

  #key = (token) => (token.startsWith(this.#prefix) ? token : `${this.#prefix}${token}`);

  async #whileBusy(act, token = null) {
    this.#busy += 1;
    this.#working.add(token);
    this.emit("change");
    try {
      const done = await act();
      this.emit("done");
      return done;
    } finally {
      this.#busy -= 1;
      this.#working.delete(token);
      this.emit("change");
    }
  }

  // What is handed in of a photograph, or null when it is none. HEIC that this browser cannot decode goes as it is, and
  // so does every picture in a browser that cannot prepare any.
  async #made(blob, turns = 0) {
    const looks = await looksLike(blob);
    if (!looks.startsWith("image/")) return null;
    try {
      return { ...(await this.#photos.prepare(blob, turns)), type: "image/jpeg" };
    } catch (error) {
      return error.message !== "undecodable" || looks === "image/heic" ? { photo: blob, faults: [], type: looks } : null;
    }
  }

  // Under the `number` of the page that it stands for, or the next one.
  async #send({ photo, faults, type }, number = this.#highest + 1, replaces = [], places = this.#places) {
    this.#highest = Math.max(this.#highest, number);
    const name = `trang-${String(number).padStart(2, "0")}.${type.split("/")[1].replace("jpeg", "jpg")}`;
    const file = new File([photo], name, { type });
    const { id, code } = await this.#files.take(file, places, (id) => this.#store.put("page", { blob: file, faults }, this.#key(id)), replaces);
    if (code) return { code };
    this.#known.set(id, { faults });
    return { id };
  }

  // Another tab has the work: what was not sent yet is not sent from here, or it would be taken away there.
  #leaveTurns() {
    for (const { timer } of this.#turning.values()) this.#timers.clear(timer);
    this.#turning.clear();
    this.emit("change");
  }

  async #turned(asked) {
    const token = this.#turning.has(asked) ? asked : this.#now(asked); // its upload ended meanwhile
    const { turns } = this.#turning.get(token);
    this.#turning.delete(token);
    if (turns === 0) return this.emit("change");
    return this.#whileBusy(async () => {
      const made = await this.#made(await this.#blob(this.#now(token)), turns);
      if (made) await this.#replace(token, made);
    }, token).catch((error) => this.emit("error", error));
  }

  // The new one first: a page is never away because a connection broke between the two. When the work is full there is
  // no room for both at the server: the old one goes as soon as the new one is kept here, and not where that is refused.
  async #replace(token, made) {
    const old = this.#now(token);
    const full = this.#places >= MOST_FILES;
    const { id, code } = await this.#send(made, this.#numberOf(old), [old, ...this.#standsFor(old)], this.#places - (full ? 1 : 0));
    if (code) throw Object.assign(new Error(code), { code });
    const now = this.#now(token);
    // The old one is shown no more, and keeps its place behind the new one, should that be refused.
    this.#order = this.#order.filter((one) => one !== id).flatMap((one) => (one === now ? [id, now] : [one]));
    this.#shown = this.#order.filter((one) => one === id || (one !== now && this.#shown.includes(one)));
    await this.#changed();
    if (!now.startsWith(this.#prefix)) return void (full && (await this.#files.takeOut(now, id))); // else it goes once the new one is there
    await this.#files.drop(now);
    await this.#store.delete("page", this.#key(now));
    this.emit("change");
  }

  // Files at the server in whose place this upload is on its way.
  #standsFor(id) {
    return (this.#files.pending.find((one) => one.id === id)?.replaces ?? []).filter((old) => !old.startsWith(this.#prefix));
  }

  get #places() {
    return placesOf([...this.#there, ...this.#unseen], this.#files);
  }

  async #takeAway(token) {
    this.#unseen.delete(token);
    if (token.startsWith(this.#prefix)) {
      for (const old of this.#standsFor(token)) if (this.replaced.has(old)) await this.#files.takeOut(old);
      await this.#files.drop(token);
    } else {
      await this.#remove(token);
      this.#there.delete(token); // the server's list says so a little later
    }
  }

  async #blob(token) {
    return (await this.photo(token)) ?? new Blob([await this.#fetchContent(token)]);
  }

  async #arrived(id, file) {
    const kept = await this.#store.get("page", this.#key(id));
    if (!kept) return;
    this.#moved.set(id, file);
    this.#unseen.add(file);
    if (this.#turning.has(id)) {
      this.#turning.set(file, this.#turning.get(id));
      this.#turning.delete(id);
    }
    // The server's list may have told of the file before: then it stood here beside its own upload.
    const named = (tokens) => (tokens.includes(id) ? tokens.filter((one) => one !== file).map((one) => (one === id ? file : one)) : tokens);
    if (this.#about.has(id)) this.#about.set(file, this.#about.get(id));
    this.#order = named(this.#order);
    this.#shown = named(this.#shown);
    await this.#store.put("page", kept, this.#key(file));
    this.#known.set(file, { faults: kept.faults });
    await this.#store.delete("page", this.#key(id));
    await this.#changed();
  }

  async #changed() {
    const kept = { order: this.#order, removed: this.removed, highest: this.#highest, inherited: this.inherited };
    await this.#store.put("page", kept, `${this.#prefix}order`);
    this.emit("change");
  }
}
