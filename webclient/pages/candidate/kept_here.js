// Small things that a reload, or a page that crashed, must not lose and the server need not know: a message that was begun,
// the part of the exam that was open. They stay on this computer (localStorage) until they are over, or the candidate leaves.
import { effect, signal } from "@preact/signals";

import { forget, keep, recall, recalled } from "../../lib/memory.js";

const PREFIX = "here/";

/** A signal with a string, by `name` of candidate and room; `initial` is not kept. */
export function keptHere(name, initial) {
  const key = PREFIX + name;
  const kept = signal(recall(key) ?? initial);
  effect(() => {
    const { value } = kept;
    if (value === initial) forget(key);
    else keep(key, value);
  });
  return kept;
}

/** Nobody is signed in: keep nothing of anybody. */
export function forgetAllHere() {
  recalled(PREFIX).forEach(forget);
}
