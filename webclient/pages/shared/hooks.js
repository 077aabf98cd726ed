// Hooks that several pages use.
import { useEffect, useReducer, useState } from "preact/hooks";

import { serverClock } from "../../lib/time.js";

/** Server time in milliseconds, drawn anew every `everyMs`. */
export function useNow(everyMs = 1000) {
  const [now, setNow] = useState(() => serverClock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverClock.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Draw the component again whenever one of the emitter's events fires. */
export function useEvents(emitter, ...names) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const stops = names.map((name) => emitter?.on(name, () => redraw()));
    return () => stops.forEach((stop) => stop?.());
  }, [emitter]);
}

/** Where the keyboard is: the focused element and all it stands in. */
function standpoint() {
  const place = [];
  for (let element = document.activeElement; element && element !== document.body; element = element.parentElement) place.push(element);
  return place;
}

// A control that is disabled, or gone, leaves the focus nowhere: the keyboard goes on as near as there is anything.
function comeBack([control, ...around]) {
  requestAnimationFrame(() => {
    if (!control || document.activeElement !== document.body) return;
    const place = control.isConnected && !control.disabled ? control : around.find((element) => element.isConnected);
    if (!place) return;
    if (place !== control && !place.hasAttribute("tabindex")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  });
}

/** `[run, busy, error]`: run an asynchronous act, one at a time, and hold the error it ends in. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const run = async (act) => {
    if (busy) return undefined;
    const place = standpoint();
    setBusy(true);
    setError(null);
    try {
      return await act();
    } catch (failure) {
      setError(failure);
      return undefined;
    } finally {
      setBusy(false);
      comeBack(place);
    }
  };
  return [run, busy, error, setError];
}

/** `value` as it was when it last stood still for `ms`. */
export function useSettled(value, ms) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
