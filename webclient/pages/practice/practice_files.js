// The files of a practice: as lib/files.js to whoever adds pages, but nothing leaves this computer.
import { sha256OfFile } from "../../lib/digest.js";
import { Emitter } from "../../lib/emitter.js";
import { refusal } from "../../lib/files.js";
import { looksLike } from "../../lib/photos.js";
import { serverClock } from "../../lib/time.js";

const SENDING_MS = 400; // long enough to be seen, as an upload is

export class PracticeFiles extends Emitter {
  #prefix;
  #contents = new Map(); // file -> Blob

  leaving = new Set(); // nothing waits for a connection here
  staying = [];
  pending = [];
  complete = [];

  constructor(prefix) {
    super();
    this.#prefix = prefix;
  }

  async take(file, count, before = async () => {}, replaces = []) {
    const code = refusal(file, count);
    if (code) return { code };
    const id = `${this.#prefix}${crypto.randomUUID()}`;
    await before(id);
    this.pending = [...this.pending, { id, name: file.name, bytes: file.size, sent: file.size / 2, state: "sending", error: null, replaces }];
    this.emit("change");
    setTimeout(() => void this.#arrive(id, file, replaces), SENDING_MS);
    return { id };
  }

  async content(file) {
    return this.#contents.get(file).arrayBuffer();
  }

  remove(file) {
    this.#contents.delete(file);
    this.complete = this.complete.filter((one) => one.file !== file);
    this.emit("change");
  }

  async takeOut(file) {
    this.remove(file);
  }

  async drop(id) {
    this.pending = this.pending.filter((one) => one.id !== id);
    this.emit("change");
  }

  async #arrive(id, blob, replaces) {
    const sha256 = await sha256OfFile(blob);
    const looks = await looksLike(blob);
    if (!this.pending.some((one) => one.id === id)) return; // dropped meanwhile
    const file = crypto.randomUUID();
    this.#contents.set(file, blob);
    this.emit("uploaded", { id, file });
    this.pending = this.pending.filter((one) => one.id !== id);
    this.complete = [...this.complete, { file, name: blob.name, type: blob.type, bytes: blob.size, received: blob.size, sha256, source: "page", looks, at: new Date(serverClock.now()).toISOString() }];
    this.complete = this.complete.filter((one) => !replaces.includes(one.file));
    this.emit("change");
  }
}
