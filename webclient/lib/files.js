// Files of a candidate's work: uploaded by tus 1.0, resumed after a reload, a crash or a lost connection.
//
// A chosen file is first copied into IndexedDB, so that an upload goes on after a reload without choosing it again.
// Its SHA-256 is computed here and compared with what the server received; only then is the local copy dropped: that all
// bytes are there does not say what the server makes of them.
// The server's list is the truth; `pending` holds what is not fully there yet, `leaving` what is to go from there. A copy that
// is gone cannot be sent on: that is said, and the file has to be chosen again.

import { Api, ApiError, asking, ownClock } from "./api.js";
import { sha256OfFile } from "./digest.js";
import { Emitter } from "./emitter.js";

export const MOST_FILES = 20;
export const MOST_BYTES = 50_000_000;
const CHUNK_BYTES = 1024 * 1024;
const RETRY_DELAYS = [0, 500, 1000, 2000, 2000];
const AGAIN_MS = 3000;
const OWN = ["checksum_mismatch", "not_as_declared", "too_large", "evidence_full", "copy_gone", "file_gone"]; // of the file, not of how things stand
const HEALS = [423, 429]; // the server is busy with this file, or was asked too often
const OVER = ["not_found", "already_submitted", "after_submit_by", "room_ended"]; // there is nothing to take out any more
const PLACES = `${MOST_FILES} files`; // what the server says that was passed where all places are taken
const PLACE_AGAIN_MS = 5000;
const KEPT = ["kept_as_evidence", "kept_while_suspended"];

// Whether it may be asked for again at once, where nothing else is done about it. A refusal with reasons is none of that, though
// its status is the one by which tus tells of a piece that went to the wrong place.
function mayPass({ originalResponse: response }) {
  const status = response?.getStatus() ?? 0;
  const misplaced = status === 409 && [undefined, "upload_mismatch"].includes(parse(response.getBody())?.error?.code);
  return navigator.onLine && (status < 400 || status >= 500 || status === 423 || misplaced);
}

/** Why a file cannot be taken beside `count` others, first what no place for it would mend; null if it can. */
export function refusal({ size }, count) {
  if (size === 0) return "file_empty";
  if (size > MOST_BYTES) return "file_too_large";
  return count >= MOST_FILES ? "too_many_files" : null;
}

/** How many places of a work are taken: of the files `there`, by the server's names, and of `pending`, each once: the server may
 *  tell of a file before its upload is answered. */
export function placesOf(there, { pending, leaving }) {
  const taken = new Set([...there, ...pending.map(({ id, file }) => file ?? id)]);
  return [...taken].filter((one) => !leaving.has(one)).length;
}

/**
 * Take the `chosen` into `files`, beside `there` that are complete; `replacing(file)` names those whose place one takes.
 * Answers the refused ones: `[{name, code}]`.
 */
export async function takeAll(files, chosen, there, replacing = () => []) {
  let count = placesOf(there.map(({ file }) => file), files); // counted here: what arrives meanwhile leaves `pending` before `there` is known to grow
  const refused = [];
  for (const file of chosen) {
    const { code } = await files.take(file, count, undefined, replacing(file));
    if (code) refused.push({ name: file.name, code });
    else count += 1;
  }
  return refused;
}

export class Files extends Emitter {
  #store;
  #prefix;
  #endpoint;
  #role;
  #session;
  #mayReplace;
  #running = new Map(); // local id -> tus.Upload, or what stands for it while it is prepared
  #closed = false;
  #online = true;
  #paused = false; // another tab goes on with them: nothing is sent from here
  #arrived = new Map(); // local id -> the server's name for it
  #suspended = new Set(); // local ids that came while the exam was suspended: they are sent again once it goes on
  #unwanted = new Map(); // key in the store -> {url, work, by} of what the server has and the candidate does not want; `work`: whole; `by`: what stands for it, by its id here or the server's name
  #met = null; // the server's names for what it has, told with this connection and not looked at yet
  #stayed = new Set(); // files that were to go, where the server let nothing go any more
  #named = new Set(); // local ids that a submission under way names: their copies stay until it is answered

  leaving = new Set(); // files that the server has, or had, and that are no part of the work any more
  pending = []; // {id, name, bytes, sent, state: "waiting" | "sending" | "failed", error, awaited, replaces, file: the server's name for it, full: it waits for a place, "begun" or "whole"}

  /** `prefix` names the candidate's uploads in the store; `endpoint()` is the tus creation address; `mayReplace()`: whether
   *  one file may still take the place of another, which nothing does once it was named in a submission; `session`: as whom
   *  they are sent, where the server tells another nothing of what one began. */
  constructor({ store, prefix, endpoint, role, session = null, mayReplace = () => true }) {
    super();
    this.#store = store;
    this.#prefix = prefix;
    this.#endpoint = endpoint;
    this.#role = role;
    this.#session = session;
    this.#mayReplace = mayReplace;
  }

  /** Continue what an earlier page left unfinished. */
  async load() {
    for (const id of await this.#store.getAllKeys("upload", IDBKeyRange.bound(this.#prefix, `${this.#prefix}\uffff`))) {
      const { file, name, url, session = null, awaited = "", replaces = [], suspended, unwanted, work = false, by = null } = (await this.#store.get("upload", id)) ?? {};
      if (this.#named.has(id) || !(file || unwanted)) continue; // arrived, or gone by now
      if (unwanted) {
        this.#unwanted.set(id, { url: unwanted, work, by });
        this.#leave(nameIn(unwanted), true);
        continue;
      }
      this.#list(id, { name, bytes: file.size, awaited, replaces, file: url && session === this.#session ? nameIn(url) : undefined });
      if (!suspended) continue;
      this.#suspended.add(id);
      this.#update(id, { state: "failed", error: new ApiError(suspended) });
    }
  }

  /**
   * Take one file beside `count` others: its `{id}` here, or the `{code}` of a refusal. `before(id)` is awaited before it is
   * sent. It takes the place of those that `replaces` names, by id or as the server calls them, once it has arrived.
   */
  async take(file, count, before = async () => {}, replaces = []) {
    const code = refusal(file, count);
    if (code) return { code };
    const id = `${this.#prefix}${crypto.randomUUID()}`;
    await before(id);
    await this.#store.put("upload", { file, name: file.name, url: null, replaces }, id);
    this.#list(id, { name: file.name, bytes: file.size, replaces });
    void this.#run(id);
    return { id };
  }

  /** Files of the work that were to go, and that the server has not let go. */
  get staying() {
    return [...this.#stayed, ...[...this.#unwanted.values()].filter(({ work }) => work).map(({ url }) => nameIn(url))];
  }

  /** What the work holds at the server by the word of a new connection, by the server's names: another device may have changed it. */
  meet(there) {
    this.#met = new Set(there);
  }

  /** The candidate took `file` out of the work here: what it stands for goes all the same. */
  async removed(file) {
    await this.#standIn(file, null);
  }

  /** The room is connected again: go on with everything that waits. What was refused does not (`again`, `retry`). */
  resume() {
    this.#online = true;
    if (this.#paused) return void this.#takeBack();
    this.#leaveOutdated();
    if (!this.#closed) for (const key of [...this.#unwanted.keys()]) void this.#takeOut(key);
    for (const { id, state } of this.pending) if (state !== "failed") void this.#run(id);
    return undefined;
  }

  /** What is on its way, as a submission names it: `[{id, file, sha256, bytes, name, type}]`; `file` is "" if not begun.
   *  Throws `copy_gone` where one was to be named whose copy is gone, which is said of it then. */
  async named() {
    const named = [];
    this.#named = new Set(this.pending.map(({ id }) => id));
    for (const { id, state } of this.pending) {
      const kept = await this.#store.get("upload", id);
      if (state === "failed" || !this.pending.some((one) => one.id === id)) continue;
      if (!kept) {
        this.#gone(id);
        throw Object.assign(new Error("copy_gone"), { code: "copy_gone" });
      }
      const url = this.#running.get(id)?.url ?? kept.url;
      named.push({ id, file: url ? nameIn(url) : "", sha256: await sha256OfFile(kept.file), bytes: kept.file.size, name: kept.name, type: kept.file.type || "application/octet-stream" });
    }
    return named;
  }

  /** The submission that waits for this upload calls it `file`; what began, or arrived, under another name begins anew. */
  async awaitAs(id, file) {
    const upload = this.#running.get(id);
    this.#running.delete(id);
    await upload?.abort().catch(() => {});
    const kept = await this.#store.get("upload", id);
    if (!kept) return;
    await this.#store.put("upload", { ...kept, url: null, awaited: file }, id);
    this.#list(id, { name: kept.name, bytes: kept.file.size });
    this.#update(id, { awaited: file, file });
    void this.#run(id);
  }

  /** The submission that named them is answered: copies of what has arrived are not needed any more. */
  async answered() {
    const named = [...this.#named];
    this.#named.clear();
    for (const id of named) if (!this.pending.some((one) => one.id === id)) await this.#store.delete("upload", id);
  }

  /**
   * How things stand may be another by now, as after signing in anew: what was refused for that goes on at the next `resume`.
   * What is wrong with a file itself stays; its candidate may `retry`.
   */
  again() {
    for (const { id, state, error } of this.pending) {
      if (state === "failed" && !this.#suspended.has(id) && !OWN.includes(error?.code)) this.#update(id, { state: "waiting", error: null });
    }
  }

  /** Try one refused upload again. */
  retry(id) {
    this.#update(id, { state: "waiting", error: null });
    void this.#run(id);
  }

  away() {
    this.#online = false;
    for (const { id, full } of this.pending) if (full) this.#update(id, { full: false }); // it waits for more than a place
  }

  /** Another tab goes on with them, and two would stop each other at the server. `resume` takes them up again. */
  pause() {
    this.away();
    this.#paused = true;
    const running = [...this.#running];
    this.#running.clear();
    for (const [id, upload] of running) {
      void upload.abort();
      this.#update(id, { state: "waiting" });
    }
    this.emit("paused");
  }

  // What the other tab sent or gave up needs nothing any more; what it began goes on from here.
  async #takeBack() {
    for (const { id, error } of this.pending) {
      if (error?.code === "copy_gone" || (await this.#store.get("upload", id))) continue;
      this.pending = this.pending.filter((one) => one.id !== id);
    }
    this.emit("change");
    await this.load();
    if (!this.#online) return; // taken over once more
    this.#paused = false;
    this.emit("returned");
    this.resume();
  }

  /** Take out of the work what the server has as `file`: now, or once it can be told; that outlives the page. `by`: the upload that
   *  takes its place, without which it stays. */
  async takeOut(file, by = null) {
    const key = await this.#unwant(`${this.#endpoint()}/${file}`, true, by);
    if (!this.#closed && !this.#paused) void this.#takeOut(key);
  }

  /** Give up an upload that has not finished. */
  async drop(id) {
    const upload = this.#running.get(id);
    this.#running.delete(id);
    await upload?.abort().catch(() => {});
    const { file, error } = this.pending.find((one) => one.id === id) ?? {};
    const begun = error?.code === "copy_gone" && file && `${this.#endpoint()}/${file}`; // the copy knew where
    const url = upload?.url ?? (await this.#store.get("upload", id))?.url ?? (begun && (await this.#isPart(begun)) ? begun : null);
    const key = url && (await this.#unwant(url));
    await this.#forget(id);
    if (key) await this.#takeOut(key);
  }

  /** More is accepted after all: the office gave time, or a suspension is lifted. */
  reopen() {
    if (this.#closed) this.again();
    this.#closed = false;
    this.lifted();
    this.resume();
  }

  /** The exam goes on: what came while it was suspended counts for nothing yet, and is sent again. */
  lifted() {
    const kept = [...this.#suspended].filter((id) => this.pending.some((one) => one.id === id));
    this.#suspended.clear();
    for (const id of kept) this.retry(id);
  }

  /** Nothing is accepted any more. */
  close() {
    this.#closed = true;
    for (const { id, full } of this.pending) if (full) this.#update(id, { full: false }); // no place is waited for any more
    for (const upload of this.#running.values()) void upload?.abort();
    this.#running.clear();
  }

  // `anew`: not where it was left, since the server refuses to say where that is; it says why to who announces a file.
  async #run(id, { anew = false } = {}) {
    if (this.#closed || this.#paused || this.#running.has(id) || this.#suspended.has(id)) return;
    const prepared = { url: null, abort: async () => {} };
    this.#running.set(id, prepared);
    let current = prepared;
    try {
      const stored = await this.#store.get("upload", id);
      if (!stored) return void (this.#running.get(id) === prepared && this.#gone(id));
      const { refused, suspended, ...kept } = stored; // tried again, it is not refused any more
      const isOwn = (kept.session ?? null) === this.#session;
      const uploadUrl = anew || !isOwn ? null : kept.url;
      const { Upload } = await tus();
      const digest = await sha256OfFile(kept.file);
      if (this.#running.get(id) !== prepared) return; // dropped, closed or begun anew meanwhile
      let received = null; // the digest of what arrived as work; of bytes alone nothing is known yet
      let code = null; // why a whole file is no work, told to who asks where to go on: an answer was lost
      const upload = new Upload(kept.file, {
        endpoint: uploadUrl ? null : this.#endpoint(), uploadUrl, chunkSize: CHUNK_BYTES, retryDelays: RETRY_DELAYS,
        headers: asking(this.#role), storeFingerprintForResuming: false, onShouldRetry: mayPass,
        metadata: { filename: kept.name, filetype: kept.file.type || "application/octet-stream", ...(kept.awaited && { awaited: kept.awaited }) },
        onBeforeRequest: (request) => {
          request.getUnderlyingObject().withCredentials = true;
          for (const [name, value] of Object.entries(ownClock(this.#role))) request.setHeader(name, value);
        },
        onUploadUrlAvailable: () => {
          upload.options.endpoint = null; // with one, any failure to ask how far it is would announce the file once more
          this.#update(id, { file: nameIn(upload.url), full: false });
          void this.#store.put("upload", { ...kept, replaces: this.#replacedBy(id), url: upload.url, session: this.#session }, id);
        },
        onProgress: (sent) => this.#update(id, { sent, state: "sending" }),
        onAfterResponse: (request, response) => {
          received = response.getHeader("Upload-Sha256");
          code = response.getHeader("Upload-Refused");
        },
        onSuccess: () => {
          if (code) this.#kept(id, upload, { code });
          else if (!received) this.#wait(id, upload);
          else if (received !== digest) void this.#damaged(id, upload);
          else void this.#finish(id, upload.url, digest, this.#mayReplace() ? this.#replacedBy(id) : []);
        },
        onError: (error) => void this.#fail(id, upload, error, anew),
      });
      current = upload;
      this.#running.set(id, upload);
      this.#update(id, { state: "sending" });
      upload.start();
    } catch (error) {
      await this.#fail(id, current, error);
    }
  }

  #gone(id) {
    this.#running.delete(id);
    this.#update(id, { state: "failed", error: { code: "copy_gone" } });
  }

  #replacedBy(id) {
    return this.pending.find((one) => one.id === id)?.replaces ?? [];
  }

  // What is to take the place of an upload that arrived takes that of the server's file, also for a page that opens later.
  async #arrivedAs(id, file) {
    this.#arrived.set(id, file);
    await this.#standIn(id, file);
    for (const { id: newer, replaces: before } of this.pending.filter(({ replaces }) => replaces.includes(id))) {
      const replaces = before.map((old) => (old === id ? file : old));
      this.#update(newer, { replaces });
      const kept = await this.#store.get("upload", newer);
      if (kept) await this.#store.put("upload", { ...kept, replaces, url: this.#running.get(newer)?.url ?? kept.url }, newer);
    }
  }

  // What it replaces goes: what is still on its way is given up, and what the server has is taken out, which is remembered first.
  async #finish(id, url, digest, replaces = []) {
    this.#running.delete(id);
    await this.#arrivedAs(id, nameIn(url));
    const arrived = (old) => (old.startsWith(this.#prefix) ? this.#arrived.get(old) : old); // none of what was given up
    const replaced = replaces.filter((old) => !this.pending.some((one) => one.id === old)).map(arrived).filter((old) => old && !this.leaving.has(old));
    const keys = [];
    for (const old of replaced) keys.push(await this.#unwant(`${this.#endpoint()}/${old}`, true, nameIn(url)));
    this.emit("uploaded", { id, file: nameIn(url), sha256: digest });
    await this.#forget(id);
    for (const key of keys) void this.#takeOut(key);
    for (const old of replaces) if (this.pending.some((one) => one.id === old)) await this.drop(old);
  }

  // No answer: wait and go on. A refusal: say why, keep the local copy until the candidate drops it.
  async #fail(id, upload, error, anew = true) {
    if (this.#running.get(id) !== upload) return; // given up, or begun anew, meanwhile
    const response = error.originalResponse;
    const answer = response && parse(response.getBody())?.error;
    if (KEPT.includes(answer?.code)) return void this.#kept(id, upload, answer);
    if (answer?.code === "too_large" && answer.details?.limit === PLACES) return this.#waitForPlace(id, upload, answer.details.whole ? "whole" : "begun");
    if (!response || response.getStatus() >= 500 || HEALS.includes(response.getStatus())) return this.#wait(id, upload);
    this.#running.delete(id);
    const asked = error.originalRequest?.getMethod() === "HEAD"; // which is answered without words
    const isGone = asked && response.getStatus() === 404; // taken out of the work elsewhere
    if (asked && !isGone && !anew) return void this.#run(id, { anew: true });
    const told = isGone ? { file: undefined, error: { code: "file_gone" } } : { error: answer ? new ApiError(answer) : { code: error.code ?? "internal" } };
    this.#update(id, { state: "failed", full: false, ...told });
    const kept = await this.#store.get("upload", id); // an opening page need not keep every one (page_memory.js)
    if (kept) await this.#store.put("upload", { ...kept, ...(isGone && { url: null }), refused: told.error.code }, id);
  }

  // It goes on in a moment, from wherever the server is by then.
  #wait(id, upload) {
    if (this.#running.get(id) !== upload) return;
    this.#running.delete(id);
    this.#update(id, { state: "waiting", full: false });
    this.emit("unanswered");
    setTimeout(() => this.#online && void this.#run(id), AGAIN_MS);
  }

  // What was begun and left, as by a page that was closed, takes a place for a while; or somebody takes a file out. `full`: which
  // of the two is waited for; where all are whole, only the latter.
  #waitForPlace(id, upload, full) {
    if (this.#running.get(id) !== upload) return;
    this.#running.delete(id);
    this.#update(id, { state: "waiting", full });
    if (this.#mayReplace()) void this.#makePlace(id);
    setTimeout(() => this.#online && this.pending.some((one) => one.id === id && one.full) && void this.#run(id), PLACE_AGAIN_MS);
  }

  // Without one it would never come, and what it replaces goes only once it has come: that goes first, what comes is kept here.
  async #makePlace(id) {
    for (const old of this.#replacedBy(id)) if (!old.startsWith(this.#prefix) && !this.leaving.has(old)) await this.takeOut(old, id);
  }

  // What the server has is not what lies here: said, and taken out of the work, where it would be handed in as the file.
  // What lies here is kept, and sent anew only when the candidate wants it, or a page opens.
  async #damaged(id, upload) {
    const kept = await this.#store.get("upload", id);
    if (this.#running.get(id) !== upload || !kept) return;
    const key = await this.#unwant(upload.url);
    await this.#store.put("upload", { ...kept, url: null, refused: "checksum_mismatch" }, id); // first: it is begun anew from that
    this.#running.delete(id);
    this.#update(id, { state: "failed", error: { code: "checksum_mismatch" }, file: undefined });
    await this.#takeOut(key);
  }

  // The server has it as evidence; its list says as what.
  #kept(id, upload, answer) {
    if (this.#running.get(id) !== upload) return;
    this.#running.delete(id);
    void (answer.code === "kept_while_suspended" ? this.#keepSuspended(id, answer) : this.#forget(id));
  }

  // It is kept here, to be sent anew under another name once the exam goes on.
  async #keepSuspended(id, answer) {
    this.#suspended.add(id);
    this.#update(id, { state: "failed", full: false, error: new ApiError(answer), file: undefined });
    const kept = await this.#store.get("upload", id);
    if (kept) await this.#store.put("upload", { ...kept, url: null, refused: answer.code, suspended: answer }, id);
    setTimeout(() => this.emit("suspended"), AGAIN_MS); // it may be lifted before the answer came
  }

  // Another tab may have sent the rest of it, and erased the copy for that. Where that is not known, it is left.
  async #isPart(url) {
    return new Api(this.#role).tusWhole(url).then((isWhole) => !isWhole, () => false);
  }

  // Remembered before it is tried: there need not be a network, and a place in the work would be gone for nothing.
  async #unwant(url, work = false, by = null) {
    await this.#standIn(nameIn(url), by);
    const key = [...this.#unwanted].find(([, one]) => one.url === url)?.[0] ?? `${this.#prefix}${crypto.randomUUID()}`;
    await this.#remember(key, Object.assign(this.#unwanted.get(key) ?? {}, { url, work, by }));
    this.#leave(nameIn(url), true);
    return key;
  }

  async #remember(key, unwanted) {
    const { url, work, by } = unwanted;
    this.#unwanted.set(key, unwanted);
    await this.#store.put("upload", { unwanted: url, work, by }, key);
  }

  // `now` stands for all that `before` stood for.
  async #standIn(before, now) {
    for (const [key, unwanted] of this.#unwanted) if (unwanted.by === before) await this.#remember(key, Object.assign(unwanted, { by: now }));
  }

  // What stands for it was taken out at another device, where both were seen: nothing would be left of it.
  #leaveOutdated() {
    for (const [key, { url, by, asked }] of this.#met ? this.#unwanted : []) {
      const stands = !by || this.#met.has(by) || this.pending.some(({ id }) => id === by);
      if (stands || asked) continue;
      this.#unwanted.delete(key);
      void this.#store.delete("upload", key);
      this.#leave(nameIn(url), false);
    }
    this.#met = null;
  }

  // What is not answered, or refused for now, is tried at the next connection; a server that is busy, in a moment. What was to
  // go and may not any more is part of the work again.
  async #takeOut(key) {
    const unwanted = this.#unwanted.get(key);
    if (!unwanted || unwanted.asked) return; // once at a time
    const { url, work } = unwanted;
    unwanted.asked = true;
    const error = await new Api(this.#role).tusDelete(url).then(() => null, (failure) => failure);
    unwanted.asked = false;
    if (!error || OVER.includes(error.code)) {
      this.#unwanted.delete(key);
      await this.#store.delete("upload", key);
      const isGone = !error || error.code === "not_found";
      if (work && !isGone) this.#stayed.add(nameIn(url));
      this.#leave(nameIn(url), isGone);
      for (const { id, full } of this.pending) if (full && isGone) void this.#run(id); // there may be a place now
      if (isGone || work) this.emit(isGone ? "out" : "stays", { file: nameIn(url), code: error?.code });
      return;
    }
    if (error.isNetwork || error.status === 423 || error.status >= 500) setTimeout(() => this.#online && !this.#closed && this.#unwanted.has(key) && void this.#takeOut(key), AGAIN_MS);
  }

  #leave(file, isLeaving) {
    this.leaving = new Set([...this.leaving].filter((one) => one !== file).concat(isLeaving ? [file] : []));
    this.emit("change");
  }

  async #forget(id) {
    if (!this.#named.has(id)) await this.#store.delete("upload", id);
    this.pending = this.pending.filter((one) => one.id !== id);
    this.emit("change");
  }

  #list(id, { name, bytes, awaited = "", replaces = [], file }) {
    if (this.pending.some((one) => one.id === id)) return;
    this.pending = [...this.pending, { id, name, bytes, sent: 0, state: "waiting", error: null, awaited, replaces, file }];
    this.emit("change");
  }

  #update(id, changes) {
    this.pending = this.pending.map((one) => (one.id === id ? { ...one, ...changes } : one));
    this.emit("change");
  }
}

/** The server's name of a file, of its `url`. */
const nameIn = (url) => url.split("/").pop();

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// The library is a classic bundle that leaves its name on the window; it is only loaded when a file is sent.
const tus = async () => {
  await import("tus-js-client");
  return window.tus;
};
