// What a page has opened of its list, kept in the address: loading the page again shows it again, and the browser's Back
// and Forward go between it and the list.
import { useEffect, useState } from "preact/hooks";

/** `[opened, open(id, replacing)]`, null for the list. `accepts(id)`: whether what the address asks for can be opened now;
 *  `within`: the names of what is opened inside it, and closed with it. */
export function useAddress(name, accepts = () => true, within = []) {
  const asked = () => {
    const id = new URLSearchParams(location.hash.slice(1)).get(name);
    return id && accepts(id) ? id : null;
  };
  const [opened, setOpened] = useState(asked);
  useEffect(() => {
    const follow = () => setOpened(asked());
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  });
  const open = (id, replacing = false) => {
    const all = new URLSearchParams(location.hash.slice(1)); // of what else the page has opened
    if (id) all.set(name, id);
    else all.delete(name);
    if (id !== opened) for (const inside of within) all.delete(inside);
    const address = String(all) ? `#${all}` : location.pathname;
    if (replacing) history.replaceState(null, "", address);
    else if (id !== opened) history.pushState(null, "", address);
    setOpened(id);
  };
  return [opened, open];
}
