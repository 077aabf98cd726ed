// Photographs of pages: what a file is by its first bytes, and the worker that prepares it.

const STARTS = [
  ["image/jpeg", [0xff, 0xd8, 0xff]], ["image/png", [0x89, 0x50, 0x4e, 0x47]], ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["application/pdf", [0x25, 0x50, 0x44, 0x46]], ["application/zip", [0x50, 0x4b, 3, 4]],
];
const HEIC = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"];
const CLAIMS = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", heic: "image/heic",
  heif: "image/heic", pdf: "application/pdf", docx: "application/zip", xlsx: "application/zip", pptx: "application/zip",
};

/** The media type that the first bytes of a Blob tell, "" when they tell none that we know. */
export async function looksLike(blob) {
  const start = new Uint8Array(await blob.slice(0, 32).arrayBuffer());
  const word = (from, to) => String.fromCharCode(...start.slice(from, to));
  const found = STARTS.find(([, magic]) => magic.every((byte, index) => start[index] === byte));
  if (found) return found[0];
  if (word(0, 4) === "RIFF" && word(8, 12) === "WEBP") return "image/webp";
  if (word(4, 8) === "ftyp") return HEIC.includes(word(8, 12)) ? "image/heic" : word(8, 12).startsWith("avi") ? "image/avif" : "";
  return "";
}

/** Whether a file's name says something else than its first bytes (`looks`). */
export function isMisnamed(name, looks) {
  const claim = CLAIMS[name.toLowerCase().split(".").pop()];
  return claim !== undefined && claim !== looks;
}

export class Photos {
  #worker = null;
  #waiting = new Map(); // id -> {resolve, reject}
  #count = 0;

  /**
   * `{photo, faults}` of a photograph turned clockwise by so many quarters. Rejects with "undecodable" when it is no
   * picture that this browser knows, with something else when the browser cannot do it at all.
   */
  prepare(blob, turns = 0) {
    this.#worker ??= this.#start();
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, blob, turns });
    });
  }

  #start() {
    const worker = new Worker("/lib/photo_worker.js", { type: "module" });
    worker.onmessage = ({ data: { id, error, ...made } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(made);
      else reject(new Error(error));
    };
    worker.onerror = (event) => { // it could not be started, or broke: who waits is told, the next one starts anew
      event.preventDefault();
      this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(new Error("worker"));
      this.#waiting.clear();
    };
    return worker;
  }
}
