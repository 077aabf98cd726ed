// Hear that something changed on the server, on pages that have no socket: a request that is answered when it does.
//
// Nothing is asked while the page is hidden, since a held request takes one of the browser's few connections; it is asked
// at once when the page is looked at again. What is told is only that the page should look again, at most twice a second.

const BETWEEN_MS = 500;
const AGAIN_MS = 2000; // after a failure: no network, or a server that is being started

/** Call `act` now, whenever `path` tells of a change, and while it cannot be asked; `act` handles its own errors. Returns what ends it. */
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
      try {
        ({ count } = await api.get(`${path}?after=${count}`, held.signal));
        if (!ended) await act();
        await pause(BETWEEN_MS);
      } catch {
        if (held.signal.aborted) continue;
        count = 0; // whatever happened meanwhile: the next answer comes at once
        await act();
        await pause(AGAIN_MS);
      }
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
