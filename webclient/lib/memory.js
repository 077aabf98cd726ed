// Small things that a browser keeps from page to page. Some keep nothing and refuse even to be asked: there a page works
// too, for as long as it is open.
const tried = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};

/** What is kept under `key`, or null. `area`: "sessionStorage" ends with the tab. */
export const recall = (key, area = "localStorage") => tried(() => window[area].getItem(key));

/** Keep a string; whether it is kept. */
export const keep = (key, value, area = "localStorage") => tried(() => window[area].setItem(key, value)) === undefined;

export const forget = (key) => tried(() => localStorage.removeItem(key));

/** The keys that begin with `prefix`. */
export const recalled = (prefix) => tried(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? [];
