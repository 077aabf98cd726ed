"""How often a page without a socket looks again (lib/changes.js)."""

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

# Looks that take so many milliseconds each, by a clock that only they move; how long the page paused after each.
PAUSES = """async (looks) => {
  const { whenChanged } = await import("/lib/changes.js");
  let now = 0;
  performance.now = () => now;
  const pauses = [];
  const later = window.setTimeout;
  let end, count = 0;
  const done = new Promise((resolve) => { end = resolve; });
  window.setTimeout = (act, ms, ...given) => {
    if (ms > 20_000) return later(act, ms, ...given); // how long an answer may take
    pauses.push(ms);
    return pauses.length < looks.length ? later(act, 0) : end();
  };
  const api = { get: async () => ({ count: count += 1 }) };
  const stop = whenChanged(api, "/changes", async () => { now += looks[pauses.length]; });
  await done;
  stop();
  window.setTimeout = later;
  return pauses;
}"""


async def test_it_looks_twice_a_second_however_long_a_look_takes_but_lets_a_slow_server_breathe(module_page: Page):
    assert await module_page.evaluate(PAUSES, [0, 200, 450, 3000]) == [500, 300, 100, 100]


# The question hangs; what is asked to wait so long goes by at once.
HANGING = """async () => {
  const { whenChanged } = await import("/lib/changes.js");
  const later = window.setTimeout;
  window.setTimeout = (act, ms, ...given) => later(act, ms > 20_000 ? 0 : ms, ...given);
  const hangs = (path, signal) => new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason); // as fetch does
    signal.onabort = () => reject(signal.reason);
  });
  const api = { get: hangs };
  let stop;
  const looked = await new Promise((resolve) => { stop = whenChanged(api, "/changes", async () => resolve(true)); });
  stop();
  window.setTimeout = later;
  return looked;
}"""


async def test_it_looks_again_when_the_held_question_hangs_for_longer_than_the_server_holds_one(module_page: Page):
    assert await module_page.evaluate(HANGING)


# A look that fails once, of a server that tells of one change only.
FAILING = """async () => {
  const { whenChanged } = await import("/lib/changes.js");
  const later = window.setTimeout;
  window.setTimeout = (act, ms, ...given) => later(act, ms > 20_000 ? ms : 0, ...given);
  const asked = [];
  const api = { get: async (path) => {
    asked.push(path);
    return path.endsWith("=7") ? new Promise(() => {}) : { count: 7 };
  } };
  let looks = 0, stop;
  await new Promise((resolve, reject) => {
    later(reject, 5000, new Error("it did not look again"));
    stop = whenChanged(api, "/changes", async () => {
      looks += 1;
      if (looks === 1) throw new Error("failed");
      resolve();
    });
  });
  stop();
  window.setTimeout = later;
  return asked;
}"""


async def test_a_look_that_failed_is_repeated_though_nothing_changes_any_more(module_page: Page):
    assert await module_page.evaluate(FAILING) == ["/changes?after=0", "/changes?after=0"]
