// What was given on the way in and the server does not have yet: results of the check, agreement, photographs of face and
// card. It stays on this computer so that a reload asks for the rest alone, and no longer than it may: until the server has
// it, at most three hours, and not once the candidate signed out or the sign-in ended. Since no page can erase while it is
// closed, the next one that opens here does it before anything else.
import { openStore } from "../../lib/store.js";

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

  /** A browser that keeps nothing has been told of already. */
  async write(given) {
    if (this.#isClosed) return;
    this.#since ??= Date.now();
    await this.#store.put("session", { ...given, whose: this.#whose, since: this.#since }, MEMORY).catch(() => {});
  }

  async forget() {
    this.#since = null;
    await this.#store.delete("session", MEMORY).catch(() => {});
  }

  /** Whatever is still under way, nothing is written any more. */
  close() {
    this.#isClosed = true;
  }
}

/** For a page that opens: erase what is too old; all of it where nobody `isSignedIn`. */
export async function forgetLeftovers(isSignedIn) {
  const store = await openStore().catch(() => null);
  const kept = await store?.get("session", MEMORY).catch(() => null);
  if (kept && (!isSignedIn || isStale(kept))) await store.delete("session", MEMORY).catch(() => {});
  store?.close();
}
