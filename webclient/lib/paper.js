// The sealed paper: fetched ahead, kept sealed on this computer, opened when the key comes.
//
// Bytes on the wire: 12 bytes of nonce, then AES-256-GCM ciphertext with its tag; the exam's id is the additional
// data. The ciphertext is useless without the key, which the server gives to everyone at the release.

const NONCE_BYTES = 12;
const RETRY_MS = 2000;

export class Paper {
  #store;
  #room;

  constructor({ store, room }) {
    this.#store = store;
    this.#room = room;
  }

  /**
   * Have the sealed paper on this computer; asks again until it is here. `digest` tells versions apart (an office
   * may replace a paper before release), `fetchSealed` gets the bytes, `signal` stops the asking.
   */
  async fetchAhead(digest, fetchSealed, signal) {
    const kept = await this.#store.get("paper", this.#room);
    if (kept?.digest === digest) return;
    for (;;) {
      try {
        const sealed = await fetchSealed();
        await this.#store.put("paper", { digest, sealed, key: null }, this.#room);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!error.isNetwork && error.code !== "internal" && error.code !== "closing") throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Keep the released key beside the paper, so that a reload without the network shows it again. */
  async keepKey(paperKey) {
    const kept = await this.#store.get("paper", this.#room);
    if (kept) await this.#store.put("paper", { ...kept, key: paperKey }, this.#room);
  }

  /** The PDF's bytes and whose digest they have sealed, or null while paper or key is missing; throws `paper_damaged`. */
  async open() {
    const kept = await this.#store.get("paper", this.#room);
    return kept?.key ? { bytes: await unseal(kept.sealed, kept.key), digest: kept.digest } : null;
  }

  /** Forget the local copy, as after a mismatch. */
  async forget() {
    await this.#store.delete("paper", this.#room);
  }
}

/** Decrypt `sealed` (ArrayBuffer) with a PaperKey `{exam, key}`. */
export async function unseal(sealed, { exam, key }) {
  const bytes = Uint8Array.from(atob(key), (character) => character.charCodeAt(0));
  const cryptoKey = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
  const algorithm = {
    name: "AES-GCM", iv: new Uint8Array(sealed, 0, NONCE_BYTES), additionalData: new TextEncoder().encode(exam),
  };
  try {
    return await crypto.subtle.decrypt(algorithm, cryptoKey, new Uint8Array(sealed, NONCE_BYTES));
  } catch {
    throw Object.assign(new Error("paper_damaged"), { code: "paper_damaged" });
  }
}
