// Hear that something changed on the server, on pages that have no socket: a request that is answered when it does.
//
// Nothing is asked while the page is hidden, since a held request takes one of the browser's few connections; it is asked
// at once when the page is looked at again. Of many windows that are all in sight only a few hold a request, and the
// others ask again and again: all six connections of a browser would be held otherwise, and every click would wait.
// What is told is only that the page should look again, at most twice a second where a look takes less than that.
//
// A server whose process was killed resets its connections, and the page notices at once. One that vanished with its
// network leaves them open: what was sent into them is never answered, also when the server is back. So once it could not
// be reached, a late question is asked anew beside the first, and a look that is only to tell so is given up soon.

const BETWEEN_MS = 500; // from one look to the next, however long a look takes: what changes meanwhile shall be seen within a second
const BREATH_MS = 100; // but a server that takes longer is not asked without end
const AGAIN_MS = 2000; // after a failure: no network, or a server that is being started
const HELD_AT_ONCE = 3; // by all windows of this browser
const OVERDUE_MS = 25_000; // the server answers after 20 s in any case: the connection died without a word
const PROBE_MS = 2500; // of a server that could not be reached: a page shall be back within five seconds of it

/** Call `act` now, whenever `path` tells of a change, and while it cannot be asked; where it rejects, or resolves to false,
 *  it is called again. It tells the user of its errors itself. Returns what ends it. */
export function whenChanged(api, path, act) {
  let ended = false;
  let held = new AbortController();
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const shown = () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  const onHidden = () => document.hidden && held.abort();
  const watch = async () => {
    let count = 0;
    let lost = false; // the last question was not answered
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
        if (lost) {
          told = await insisting((one) => api.get(`${path}?after=0`, one), signal);
          held.abort(); // where another question was answered
        } else told = await holding((may) => api.get(`${path}?after=${may ? count : 0}`, signal)); // after 0: answered at once
      } catch {
        if (signal.aborted && signal.reason !== "overdue") continue;
      } finally {
        clearTimeout(timer);
      }
      lost = !told;
      api.brief = lost;
      const begun = performance.now();
      const looked = ended || told?.count === count || await act().then((done) => done !== false, () => false);
      api.brief = false;
      const knows = !lost && looked;
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

/** What `ask(signal)` answers; where that is late, it is asked again and again beside the first question, which is
 *  nevertheless waited for: on a slow way only that one is answered. */
async function insisting(ask, signal) {
  let probe = null;
  let timer = 0;
  const answered = new Promise((resolve) => {
    timer = setInterval(() => {
      probe?.abort();
      probe = new AbortController();
      ask(probe.signal).then(resolve, () => {});
    }, PROBE_MS);
  });
  try {
    return await Promise.race([ask(signal), answered]);
  } finally {
    clearInterval(timer);
    probe?.abort();
  }
}
