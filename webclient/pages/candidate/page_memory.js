// What this computer remembers of the page, so that it opens where it stood without a network too: who is here, the room, the
// sitting, the receipt, which messages were seen, and how far the server's clock is ahead.
import { openStore } from "../../lib/store.js";
import { serverClock } from "../../lib/time.js";

const MEMORY = "candidate"; // key in the session store

export class PageMemory {
  knowsClock = false; // whether the server's clock was known when it was written last
  #candidate;
  #closing;

  /** `closing`: the signal that the page is left. */
  constructor(candidate, closing) {
    this.#candidate = candidate;
    this.#closing = closing;
  }

  /** What is kept of this candidate in this room, null if nothing. */
  async read() {
    const { store, identity } = this.#candidate;
    const kept = await store.get("session", MEMORY);
    return kept?.identity.subject === identity.subject && kept.identity.room === identity.room ? kept : null;
  }

  async write() {
    if (this.#closing.aborted) return; // what was under way keeps nothing of who left
    const { identity, room, sitting, receipt, staff, store, storeMissing } = this.#candidate;
    this.knowsClock = serverClock.known;
    const memory = {
      identity, room: room.value, sitting: sitting.value, receipt: receipt.value, ...staff.memory,
      ahead: serverClock.known ? serverClock.now() - Date.now() : null,
    };
    await store.put("session", memory, MEMORY).catch(() => { storeMissing.value = true; });
  }

  async forget() {
    await this.#candidate.store.delete("session", MEMORY);
  }
}

/** Who this computer remembers, for opening the page without a network; null when nobody. */
export async function rememberedIdentity() {
  const store = await openStore().catch(() => null);
  return (await store?.get("session", MEMORY))?.identity ?? null;
}
