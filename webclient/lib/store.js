// What a candidate's browser keeps on this computer, in IndexedDB.
//
//   session   key "candidate"     what the page needs to open without the network (never the sign-in itself)
//             key "entrance"      what was given on the way in before the server could take it (pages/candidate/entrance_memory.js)
//   answer    key room/candidate  the text as last typed, and versions that were set aside
//   paper     key room            the sealed paper, and its key once released
//   upload    key room/candidate/n   files that have not fully reached the server
//   page      key room/candidate/…   photographed pages, and their order (lib/pages.js)
//
// A browser may refuse IndexedDB (private windows, full disk). Then `openStore` fails and the page says so: working
// without a local copy is a choice for people, not for code.

import { openDB } from "idb";

import { forget } from "./memory.js";

const STORES = ["session", "answer", "paper", "upload", "page"];

export function openStore(name = "proctor") {
  return openDB(name, 2, {
    upgrade(database) {
      for (const store of STORES) if (!database.objectStoreNames.contains(store)) database.createObjectStore(store);
    },
  });
}

/**
 * Erase what this computer keeps of a candidate's work in a room, and the room's paper. The work is with the server, or it
 * is gone.
 */
export async function eraseWork(store, room, candidate) {
  const key = `${room}/${candidate}`;
  const all = IDBKeyRange.bound(`${key}/`, `${key}/\uffff`);
  for (const name of ["upload", "page"]) for (const one of await store.getAllKeys(name, all)) await store.delete(name, one);
  await store.delete("answer", key);
  await store.delete("paper", room);
  forget(`last_words/${key}`); // of lib/answers.js
}

/** Stands in when the browser keeps nothing: the exam works, but only until the page is closed. */
export class MemoryStore {
  #kept = new Map();

  async get(store, key) {
    return this.#kept.get(`${store}/${key}`);
  }

  async put(store, value, key) {
    this.#kept.set(`${store}/${key}`, value);
  }

  async delete(store, key) {
    this.#kept.delete(`${store}/${key}`);
  }

  async getAllKeys() {
    return [];
  }
}
