"""How often a page without a socket looks again (lib/changes.js)."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

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


# A server that is refused once and then vanishes with what was sent to it: only from the third question on it is back.
VANISHED = """async (late) => {
  const { whenChanged } = await import("/lib/changes.js");
  const later = window.setTimeout, repeating = window.setInterval;
  window.setTimeout = (act, ms, ...given) => later(act, ms > 20_000 ? ms : 0, ...given);
  window.setInterval = (act) => repeating(act, 10);
  const open = new Set();
  let asked = 0, most = 0, first;
  const api = { get: (path, signal) => new Promise((resolve, reject) => {
    asked += 1;
    open.add(signal);
    most = Math.max(most, open.size);
    const ends = (how, what) => { open.delete(signal); how(what); };
    signal.onabort = () => ends(reject, signal.reason);
    if (asked === 1) ends(reject, new Error("network"));
    else if (asked === 2) first = () => ends(resolve, { count: 9 });
    else if (late && asked === 6) first();
    else if (!late && asked === 3) ends(resolve, { count: 9 });
  }) };
  const looks = [];
  let stop;
  await new Promise((resolve, reject) => {
    later(reject, 5000, new Error("it did not come back"));
    stop = whenChanged(api, "/changes", async () => {
      looks.push(api.brief);
      if (looks.length === 2) resolve();
    });
  });
  const left = open.size;
  stop();
  Object.assign(window, { setTimeout: later, setInterval: repeating });
  return { looks, most, left };
}"""


@pytest.mark.parametrize("late", [False, True], ids=["dead connection", "slow way"])
async def test_a_server_that_vanished_is_found_by_another_question_and_on_a_slow_way_by_the_first(
    module_page: Page, late: bool
):
    shown = await module_page.evaluate(VANISHED, late)
    assert shown == {"looks": [True, False], "most": 2, "left": 0}


BRIEF = """async () => {
  const { Api } = await import("/lib/api.js");
  const bounds = [], bound = AbortSignal.timeout, ask = window.fetch;
  AbortSignal.timeout = (ms) => { bounds.push(ms); return bound.call(AbortSignal, ms); };
  window.fetch = async () => new Response("{}");
  const api = new Api("phone");
  for (const brief of [false, true]) await Object.assign(api, { brief }).get("/api/me");
  Object.assign(window, { fetch: ask });
  AbortSignal.timeout = bound;
  return bounds;
}"""


async def test_what_is_asked_of_a_server_that_cannot_be_reached_is_given_up_soon(module_page: Page):
    assert await module_page.evaluate(BRIEF) == [30_000, 2500]
