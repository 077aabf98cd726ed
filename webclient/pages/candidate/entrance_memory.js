// What was given on the way in and the server does not have yet, photographs among it: kept on this computer for a reload,
// three hours at most and no longer than the sign-in lasts. What a closed page cannot erase, the next one that opens does.
import { openStore } from "../../lib/store.js";
import { forgetSubmitted } from "./page_memory.js";

const MEMORY = "entrance"; // key in the session store
const KEPT_FOR_MS = 3 * 60 * 60 * 1000;

const isStale = (kept) => !(Math.abs(Date.now() - kept.since) < KEPT_FOR_MS); // the computer's clock, which may be set back

export class EntranceMemory {
  #store;
  #whose;
  #since = null; // when the oldest of it was given
  #isClosed = false;

  /** `whose`: of which candidate in which room it is. */
  constructor(store, whose) {
    this.#store = store;
    this.#whose = whose;
  }

  /** What is kept, null if nothing; another's, or what is too old, is erased. */
  async read() {
    const kept = await this.#store.get("session", MEMORY).catch(() => null);
    if (!kept) return null;
    if (kept.whose !== this.#whose || isStale(kept)) {
      await this.forget();
      return null;
    }
    this.#since = kept.since;
    return kept;
  }

  async write(given) {
    if (this.#isClosed) return;
    this.#since ??= Date.now();
    await this.#store.put("session", { ...given, whose: this.#whose, since: this.#since }, MEMORY).catch(() => {});
  }

  async forget() {
    this.#since = null;
    await this.#store.delete("session", MEMORY).catch(() => {});
  }

  /** Write nothing any more. */
  close() {
    this.#isClosed = true;
  }
}

/** For a page that opens: erase what is too old; all of it, and work that was handed in, where nobody `isSignedIn`. */
export async function forgetLeftovers(isSignedIn) {
  const store = await openStore().catch(() => null);
  const kept = await store?.get("session", MEMORY).catch(() => null);
  if (!isSignedIn) await forgetSubmitted(store);
  if (kept && (!isSignedIn || isStale(kept))) await store.delete("session", MEMORY).catch(() => {});
  store?.close();
}
