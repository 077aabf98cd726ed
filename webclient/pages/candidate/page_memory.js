// What this computer remembers of the page, so that it opens where it stood without a network too: who is here, the room, the
// sitting, the receipt, since when a submission is out that was not answered, which messages were seen, of which paper the staff heard that it cannot be shown, and how far the
// server's clock is ahead.
import { eraseWork, openStore } from "../../lib/store.js";
import { serverClock } from "../../lib/time.js";
import { leftBehind } from "./work.js";

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
    const { identity, room, sitting, receipt, staff, desk, store, storeMissing, work } = this.#candidate;
    this.knowsClock = serverClock.known;
    const memory = {
      identity, room: room.value, sitting: sitting.value, receipt: receipt.value, ...staff.memory, ...desk.memory,
      sentAt: work.sentAt,
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

/** Remember nobody. */
export async function forgetIdentity() {
  const store = await openStore().catch(() => null);
  await store?.delete("session", MEMORY).catch(() => {});
  store?.close();
}

// What is kept of the uploads that are not done, as lib/files.js lists them.
async function uploadsOf(store, { room, subject }) {
  const uploads = [];
  for (const id of await store.getAllKeys("upload", IDBKeyRange.bound(`${room}/${subject}/`, `${room}/${subject}/\uffff`))) {
    const { unwanted, refused, url, awaited } = (await store.get("upload", id)) ?? { unwanted: true }; // gone by now
    if (!unwanted) uploads.push({ state: refused ? "failed" : "waiting", error: { code: refused }, awaited, file: url?.split("/").pop() });
  }
  return uploads;
}

/** Of who handed in and left without signing out: as at a sign-out (controller.js). What the server may not have stays. */
export async function forgetSubmitted(store) {
  const page = await store?.get("session", MEMORY).catch(() => null);
  if (page?.sitting?.state !== "submitted") return;
  const { room, subject } = page.identity;
  const { text = "", dirty = false, set_aside: setAside = [], late, handed } = (await store.get("answer", `${room}/${subject}`).catch(() => null)) ?? {};
  const answer = { text, dirty, setAside, lateAt: late?.text === text, handed: handed === text };
  const left = leftBehind(page.receipt ?? {}, answer, await uploadsOf(store, page.identity));
  if (left.text + left.files > 0) return;
  await eraseWork(store, room, subject).catch(() => {});
  await store.delete("session", MEMORY).catch(() => {});
}
