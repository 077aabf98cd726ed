// Pictures that stand still, for a wall whose network carries no moving ones: the server's small JPEGs, asked for one after
// the other, longest ago first. Between two of them the line is left to the focus and the sound for longer than one took.
import { signal } from "@preact/signals";

import { asking } from "../../lib/api.js";

const ANSWER_MS = 20_000;
const REST = 3; // times what the last one took
const LEAST_REST_MS = 500;
const STANDS_MS = 10_000; // the server makes no newer one before

export class StillPictures {
  pictures = signal(new Map()); // candidate -> { url, takenAt }

  #link;
  #wanted = [];
  #askedAt = new Map();
  #timer;
  #giveUp = null; // an AbortController, while one is asked for

  /** `link`: the RoomConnection. */
  constructor(link) {
    this.#link = link;
  }

  /** Whose pictures are wanted, those that matter most first; nobody's any more: what there is stays until it is dropped. */
  want(candidates) {
    const rested = this.#wanted.length === 0;
    this.#wanted = candidates;
    if (candidates.length === 0) {
      clearTimeout(this.#timer);
      this.#giveUp?.abort();
    } else if (rested && !this.#giveUp) {
      this.#timer = setTimeout(() => this.#next(), 0);
    }
  }

  /** A moving picture of the candidate is there. */
  drop(candidate) {
    this.#put(candidate, null);
  }

  close() {
    this.want([]);
    for (const candidate of [...this.pictures.value.keys()]) this.drop(candidate);
  }

  #put(candidate, picture) {
    const pictures = new Map(this.pictures.value);
    const before = pictures.get(candidate);
    if (!before && !picture) return;
    if (before) URL.revokeObjectURL(before.url);
    if (picture) pictures.set(candidate, picture);
    else pictures.delete(candidate);
    this.pictures.value = pictures;
  }

  async #next() {
    const asked = (candidate) => this.#askedAt.get(candidate) ?? -Infinity;
    const [candidate] = [...this.#wanted].sort((one, other) => asked(one) - asked(other)); // a sort that is stable
    const begun = performance.now();
    const early = STANDS_MS - (begun - asked(candidate));
    if (early <= 0) {
      this.#askedAt.set(candidate, begun);
      await this.#ask(candidate);
    }
    if (this.#wanted.length === 0) return;
    const rest = early > 0 ? early : Math.max(LEAST_REST_MS, REST * (performance.now() - begun));
    this.#timer = setTimeout(() => this.#next(), rest);
  }

  async #ask(candidate) {
    const { api, path } = this.#link;
    const giveUp = new AbortController();
    this.#giveUp = giveUp;
    const limit = setTimeout(() => giveUp.abort(), ANSWER_MS);
    try {
      const answer = await fetch(`${api.base}${path}/candidates/${candidate}/picture`, { headers: asking(api.role), signal: giveUp.signal });
      if (!answer.ok) return; // who has left; the next round asks again
      const jpeg = await answer.blob();
      if (this.#wanted.includes(candidate)) this.#put(candidate, { url: URL.createObjectURL(jpeg), takenAt: answer.headers.get("Proctor-Taken-At") });
    } catch {
      // no network, or nobody wants it any more
    } finally {
      clearTimeout(limit);
      this.#giveUp = null;
    }
  }
}
