// A page whose modules were broken off on the way, as by a change of network while it opens, is loaded again by itself.
//
// A classic script, since it has to run where no module does. The words in the page stand all the while, with the link
// that loads it by hand. A few times within a minute, and not before there is a network: whatever keeps the modules
// away for longer is nothing that loading again would mend.
(() => {
  const TRIED = `opening ${location.pathname}`;
  const WAITS_MS = [300, 1000, 3000];
  const FORGOTTEN_MS = 60_000;

  const unopened = () => document.querySelector("#app > .opening:only-child") !== null;

  const tries = () => {
    const [count, at] = (sessionStorage.getItem(TRIED) ?? "").split(" ").map(Number);
    return Date.now() - at < FORGOTTEN_MS ? count : 0;
  };

  const again = (tried) => {
    if (!unopened()) return;
    sessionStorage.setItem(TRIED, `${tried + 1} ${Date.now()}`);
    location.reload();
  };

  addEventListener("error", ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || target.type !== "module" || !unopened()) return;
    try {
      const tried = tries();
      if (tried >= WAITS_MS.length) return;
      const soon = () => setTimeout(again, WAITS_MS[tried], tried);
      if (navigator.onLine) soon();
      else addEventListener("online", soon, { once: true });
    } catch { /* a browser that keeps nothing cannot count, and must not go round for ever */ }
  }, true);
})();
