// What a page answers about its keyboard: which controls Tab has to reach, where the focus is, and whether it shows.
// A group of radio buttons is one stop. Inside an open dialog only the dialog counts.
(() => {
  removeEventListener('focusin', window.keyboard?.keep);
  const CONTROLS = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex]';
  const scope = () => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert]');
  const about = (one) => one.dataset.testid ?? one.id ?? one.outerHTML.slice(0, 90);
  const visited = [];
  const keep = () => visited.push(window.keyboard.at());
  addEventListener('focusin', keep);
  window.keyboard = {
    keep,
    // Where the focus came since this was asked last, as `at` tells it.
    visited: () => visited.splice(0),
    // Every stop gets a number, so that the test can tell which ones it was at.
    stops() {
      const groups = new Set();
      document.querySelectorAll('[data-stop]').forEach((one) => one.removeAttribute('data-stop'));
      return [...scope().querySelectorAll(CONTROLS)].filter((one) => {
        if (one.disabled || one.tabIndex < 0 || !shown(one)) return false;
        if (one.type !== 'radio') return true;
        const [first, again] = [one.form?.id + one.name, groups.has(one.form?.id + one.name)];
        groups.add(first);
        return !again;
      }).map((one, index) => {
        one.dataset.stop = index;
        return about(one);
      });
    },
    // {stop, rings, inside}: number of the stop (null outside of all), whether its focus shows, whether it is in the dialog.
    at() {
      const one = document.activeElement;
      if (!one || one === document.body) return { stop: null, rings: true, inside: true, name: 'body' };
      const radio = one.type === 'radio' && [...document.querySelectorAll('[data-stop]')].find((other) => other.name === one.name);
      const drawn = [one, one.closest('label')].filter(Boolean).map((each) => getComputedStyle(each));
      return {
        stop: (radio || one).dataset.stop ?? null, name: about(one), inside: scope().contains(one),
        rings: drawn.some((style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'),
      };
    },
  };
})()
