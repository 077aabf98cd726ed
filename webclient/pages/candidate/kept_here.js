// Small things that a reload, or a page that crashed, must not lose and the server need not know: a message that was begun,
// the part of the exam that was open. They stay on this computer (localStorage) until they are over, or the candidate leaves.
import { effect, signal } from "@preact/signals";

const PREFIX = "here/";

/** A signal with a string, by `name` of candidate and room; `initial` is not kept. */
export function keptHere(name, initial) {
  const key = PREFIX + name;
  const kept = signal(initial);
  try {
    kept.value = localStorage.getItem(key) ?? initial;
  } catch { /* the browser keeps nothing: it is had until the page is closed */ }
  effect(() => {
    const { value } = kept;
    try {
      if (value === initial) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch { /* as above */ }
  });
  return kept;
}

/** Nobody is signed in: keep nothing of anybody. */
export function forgetAllHere() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
