// Hear that something changed on the server, on pages that have no socket: a request that is answered when it does.
//
// Nothing is asked while the page is hidden, since a held request takes one of the browser's few connections; it is asked
// at once when the page is looked at again. Of many windows that are all in sight only a few hold a request, and the
// others ask again and again: all six connections of a browser would be held otherwise, and every click would wait.
// What is told is only that the page should look again, at most twice a second where a look takes less than that.

const BETWEEN_MS = 500; // from one look to the next, however long a look takes: what changes meanwhile shall be seen within a second
const BREATH_MS = 100; // but a server that takes longer is not asked without end
const AGAIN_MS = 2000; // after a failure: no network, or a server that is being started
const HELD_AT_ONCE = 3; // by all windows of this browser
const OVERDUE_MS = 25_000; // the server answers after 20 s in any case: the connection died without a word

/** Call `act` now, whenever `path` tells of a change, and while it cannot be asked; where it rejects, it is called again.
 *  It tells the user of its errors itself. Returns what ends it. */
export function whenChanged(api, path, act) {
  let ended = false;
  let held = new AbortController();
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const shown = () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  const onHidden = () => document.hidden && held.abort();
  const watch = async () => {
    let count = 0;
    while (!ended) {
      if (document.hidden) {
        await shown();
        continue;
      }
      held = new AbortController();
      const { signal } = held;
      const timer = setTimeout((one) => one.abort("overdue"), OVERDUE_MS, held);
      let told = null;
      try {
        told = await holding((may) => api.get(`${path}?after=${may ? count : 0}`, signal)); // after 0: answered at once
      } catch {
        if (signal.aborted && signal.reason !== "overdue") continue;
      } finally {
        clearTimeout(timer);
      }
      const begun = performance.now();
      const looked = ended || told?.count === count || await act().then(() => true, () => false);
      const knows = Boolean(told) && looked;
      count = knows ? told.count : 0; // whatever happened meanwhile: the next answer comes at once
      await pause(knows ? Math.max(BREATH_MS, BETWEEN_MS - (performance.now() - begun)) : AGAIN_MS);
    }
  };
  document.addEventListener("visibilitychange", onHidden);
  void watch();
  return () => {
    ended = true;
    held.abort();
    document.removeEventListener("visibilitychange", onHidden);
  };
}

/** What `ask(may)` answers; `may` tells whether it may hold a request, which it then counts for until it is answered. */
async function holding(ask) {
  for (let place = 0; navigator.locks && place < HELD_AT_ONCE; place += 1) {
    const held = await navigator.locks.request(`changes ${place}`, { ifAvailable: true }, async (lock) => lock && { told: await ask(true) });
    if (held) return held.told;
  }
  return ask(!navigator.locks);
}
