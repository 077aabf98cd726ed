// Hooks that several pages use.
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

import { reachable } from "../../lib/api.js";
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

/** Where the keyboard is, for `comeBack`: the focused element and all it stands in, each with its neighbours. */
export function standpoint() {
  const place = [];
  for (let element = document.activeElement; element && element !== document.body; element = element.parentElement) {
    place.push({ element, neighbours: [element.nextElementSibling, element.previousElementSibling] });
  }
  return place;
}

// A control that is disabled, or gone, leaves the focus nowhere: the keyboard goes on as near as there is anything.
// What went as a whole, as a room of a list, had one after it or before it.
export function comeBack(place) {
  requestAnimationFrame(() => {
    if (place.length === 0 || document.activeElement !== document.body) return;
    const [{ element: control }] = place;
    const left = place.findIndex(({ element }) => element.isConnected);
    if (left < 0) return;
    const usable = control.isConnected && !control.disabled;
    const beside = left > 0 ? place[left - 1].neighbours.find((one) => one?.isConnected) : place[1]?.element;
    const near = usable ? control : beside ?? place[left].element;
    if (!near) return;
    if (near !== control && !near.hasAttribute("tabindex")) near.tabIndex = -1;
    near.focus({ preventScroll: true });
  });
}

/** A ref for a part of a page that may go while the keyboard is in it: the keyboard goes on as near as there is anything. */
export function usePlace() {
  const part = useRef();
  useLayoutEffect(() => () => part.current?.contains(document.activeElement) && comeBack(standpoint()), []);
  return part;
}

/** `onClose`, or what else follows, for when an act of a dialog has been done: nothing once that is gone, and something else
 *  stands there. */
export function useClose(onClose) {
  const gone = useRef(false);
  useLayoutEffect(() => () => { gone.current = true; }, []);
  return (...told) => gone.current || onClose(...told);
}

/** `[run, busy, error]`: run an asynchronous act, one at a time, and hold the error it ends in: that the server cannot be
 *  reached, only as long as that is so. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  useEffect(() => (error?.isNetwork ? reachable.on("reached", () => setError(null)) : undefined), [error]);
  const running = useRef(false); // a second press may come before the page is drawn anew
  const run = async (act) => {
    if (running.current) return undefined;
    running.current = true;
    const place = standpoint();
    setBusy(true);
    setError(null);
    try {
      return await act();
    } catch (failure) {
      setError(failure);
      return undefined;
    } finally {
      running.current = false;
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
