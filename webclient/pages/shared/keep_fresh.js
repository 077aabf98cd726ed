// Loading again and again what tells of no change by itself; soon where it failed, since a server that is started anew is
// back within seconds. A page that nobody sees loads nothing.
const AGAIN_MS = 2000;

/** Call `load` now, and every so many milliseconds after it resolved. Returns what ends it. */
export function keepFresh(load, everyMs) {
  let timer = 0;
  let ended = false;
  const run = async () => {
    let next = everyMs;
    try {
      if (!document.hidden) await load();
    } catch {
      next = Math.min(AGAIN_MS, everyMs);
    }
    if (!ended) timer = setTimeout(run, next);
  };
  void run();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
