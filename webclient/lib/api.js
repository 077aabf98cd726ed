// HTTP requests to the server, for one role.
//
// A browser may be signed in with several roles at once; each request names the one it speaks for. Of a role it holds one
// session, the newest: so a page also names whom it shows, and the server refuses it once somebody else signed in here. Every
// failure becomes an ApiError with a stable code: the server's own, or `network` when no answer came.

import { Emitter } from "./emitter.js";

/** Tells pages that their session has ended, here, in another tab, or by its time: "signed_out", with the role. */
export const sessions = new Emitter();

/** Tells that the server answers again after it could not be reached: "reached". */
export const reachable = new Emitter();
let isLost = false;

const persons = new Map(); // role -> the subject whom this page shows

/** From now on requests of `role` speak for `subject`. */
export function speakFor(role, subject) {
  persons.set(role, subject);
}

/** What a request tells of who asks. */
export const asking = (role) => ({ "Proctor-Role": role, ...(persons.get(role) && { "Proctor-Subject": persons.get(role) }) });

const ANSWER_MS = 30_000; // for what is asked and small: a connection may die without a word
const OPEN_MS = 8000; // for who is signed in: a page shows nothing before it knows
const BRIEF_MS = 2500;

const OWN_CLOCK = "Proctor-Client-Time";

/** What the clock of this computer shows, which a candidate's requests tell as evidence: to be asked for each request. */
export const ownClock = (role) => (["candidate", "phone"].includes(role) ? { [OWN_CLOCK]: new Date().toISOString() } : {});

export class ApiError extends Error {
  constructor({ code, vi, en, details }, status = 0) {
    super(code);
    this.code = code;
    this.sentences = { vi, en };
    this.details = details ?? {};
    this.status = status;
  }

  get isNetwork() {
    return this.code === "network" || this.code === "timeout";
  }
}

export class Api {
  brief = false; // while the server cannot be reached, and what is asked of it is only to tell so: given up soon

  /** `base` is the address of the server that holds a room (`room_url`); empty for this page's own server. */
  constructor(role, base = "") {
    this.role = role;
    this.base = base;
  }

  /** Whoever is signed in, also when this page still shows and speaks for somebody else; `soon`: there is something to show
   *  meanwhile. */
  async me({ soon = false } = {}) {
    const response = await this.#fetch("/api/me", { headers: { "Proctor-Subject": "" }, signal: AbortSignal.timeout(soon ? BRIEF_MS : OPEN_MS) });
    return guardNetwork(() => response.json());
  }

  /** What sign_out.js tells of the session of `subject`; `last`: it goes out also as the page is closed. Not so while it is there: a
   *  browser holds on to such a request, and to its connection, though it was given up. */
  async leave(path, subject, mark, signal, last = false) {
    await this.#fetch(path, { method: "POST", body: JSON.stringify({ mark: String(mark) }), headers: { "Content-Type": "application/json", "Proctor-Subject": subject }, signal, keepalive: last });
  }

  get(path, signal = AbortSignal.timeout(this.brief ? BRIEF_MS : ANSWER_MS)) {
    return this.#json("GET", path, undefined, undefined, signal);
  }

  /** Without a limit unless `signal` sets one: what was given up may have been done. */
  post(path, body = {}, signal = undefined) {
    return this.#json("POST", path, JSON.stringify(body), "application/json", signal);
  }

  /** `seen`: the edition that this replaces; where there is another by now, nothing is changed. */
  put(path, body, { seen } = {}) {
    return this.#json("PUT", path, JSON.stringify(body), "application/json", undefined, seen ? { "If-Match": `"${seen}"` } : {});
  }

  delete(path, body, { seen } = {}) {
    return this.#json("DELETE", path, body && JSON.stringify(body), body && "application/json", undefined, seen ? { "If-Match": `"${seen}"` } : {});
  }

  /** Take a file out of the work; tus answers without a body. */
  async tusDelete(path) {
    await this.#fetch(path, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" }, signal: AbortSignal.timeout(ANSWER_MS) });
  }

  /** Whether all of a file has arrived. */
  async tusWhole(path) {
    const { headers } = await this.#fetch(path, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" }, signal: AbortSignal.timeout(ANSWER_MS) });
    return headers.get("Upload-Offset") === headers.get("Upload-Length");
  }

  /** Send a form with files; the browser writes its own content type. */
  postForm(path, form) {
    return this.#json("POST", path, form);
  }

  /** Send a file's bytes as they are, such as a list. */
  postFile(path, content) {
    return this.#json("POST", path, content, "application/octet-stream");
  }

  /** The body of an answer as an ArrayBuffer. */
  async bytes(path, { headers = {}, signal } = {}) {
    const response = await this.#fetch(path, { headers, signal });
    return guardNetwork(() => response.arrayBuffer());
  }

  /** Ask for a file with a JSON body; the answer as a Blob. */
  async postForFile(path, body) {
    const response = await this.#fetch(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    return guardNetwork(() => response.blob());
  }

  /** A link that a browser can follow by itself, which cannot carry the role in a header. */
  link(path) {
    const subject = persons.get(this.role);
    return `${this.base}${path}${path.includes("?") ? "&" : "?"}role=${this.role}${subject ? `&subject=${subject}` : ""}`;
  }

  /** PUT a file and tell the progress (0 to 1); fetch cannot report what it has sent, XMLHttpRequest can. */
  upload(path, file, type, onProgress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", this.base + path);
      request.withCredentials = true;
      for (const [name, value] of Object.entries({ ...asking(this.role), ...ownClock(this.role) })) request.setRequestHeader(name, value);
      request.setRequestHeader("Content-Type", type);
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onload = () => {
        const answer = parseJson(request.responseText);
        if (request.status < 300 && answer) resolve(answer);
        else {
          if (answer?.error?.code === "not_signed_in") sessions.emit("signed_out", this.role);
          reject(new ApiError(answer?.error ?? { code: "internal" }, request.status));
        }
      };
      request.onerror = () => reject(new ApiError({ code: "network" }));
      request.send(file);
    });
  }

  async #json(method, path, body, type, signal, more = {}) {
    const headers = type ? { "Content-Type": type, ...more } : more;
    const response = await this.#fetch(path, { method, body, headers, signal });
    return guardNetwork(() => response.json());
  }

  async #fetch(path, { method = "GET", body, headers = {}, signal, keepalive = false } = {}) {
    const asked = { method, body, signal, keepalive, credentials: "include", cache: "no-store" };
    asked.headers = this.role ? { ...asking(this.role), ...ownClock(this.role), ...headers } : headers;
    const response = await guardNetwork(() => fetch(this.base + path, asked));
    if (response.ok) return response;
    const answer = parseJson(await guardNetwork(() => response.text()));
    if (answer?.error?.code === "not_signed_in") sessions.emit("signed_out", this.role);
    throw new ApiError(answer?.error ?? { code: "internal" }, response.status);
  }
}

async function guardNetwork(act) {
  try {
    const answer = await act();
    if (isLost) reachable.emit("reached");
    isLost = false;
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    isLost = true;
    throw new ApiError({ code: "network" });
  }
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
