"""The page's view of the server's clock (lib/time.js), and the language in which it tells it (lib/i18n.js)."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

CLOCK = """async (steps) => {
  const { ServerClock } = await import("/lib/time.js");
  let local = 0;
  const clock = new ServerClock(() => local);
  const told = [];
  for (const [act, ...given] of steps) {
    if (act === "at") local = given[0];
    else if (act === "sample") clock.sample(given[0], new Date(given[1]).toISOString(), given[2]);
    else if (act === "forget") clock.forget();
    else if (act === "told") clock.told(new Date(given[0]).toISOString());
    else told.push(clock.now());
  }
  return told;
}"""


async def test_the_exchange_with_the_shortest_round_trip_counts(module_page: Page):
    steps = [
        ["sample", 0, 1_000_050, 100],  # the middle of a symmetric exchange: 1,000,000 ahead
        ["sample", 200, 1_000_290, 600],  # 90 out of 400 ms: an uneven path, 110 wrong
        ["now"],
    ]
    assert await module_page.evaluate(CLOCK, [*steps]) == [1_000_000]


async def test_time_goes_on_between_exchanges(module_page: Page):
    assert await module_page.evaluate(
        CLOCK, [["sample", 0, 5_010, 20], ["at", 20], ["now"], ["at", 1_020], ["now"]]
    ) == [5_020, 6_020]


async def test_a_step_of_a_clock_drops_the_exchanges_before_it(module_page: Page):
    steps = [["sample", 0, 1_000_005, 10], ["sample", 1_000, 2_001_050, 1_100], ["at", 1_100], ["now"]]
    assert await module_page.evaluate(CLOCK, steps) == [2_001_100]


async def test_after_forgetting_the_last_offset_holds_until_a_new_exchange(module_page: Page):
    steps = [["sample", 0, 1_000_005, 10], ["forget"], ["now"], ["sample", 0, 1_000_055, 50], ["now"]]
    assert await module_page.evaluate(CLOCK, steps) == [1_000_000, 1_000_030]


async def test_a_stamp_that_comes_unasked_counts_only_after_a_step(module_page: Page):
    steps = [["sample", 0, 1_000_005, 10], ["told", 999_000], ["now"], ["told", 2_000_000], ["now"]]
    assert await module_page.evaluate(CLOCK, [*steps, ["sample", 0, 2_000_055, 50], ["now"]]) == [
        1_000_000, 2_000_000, 2_000_030,
    ]  # fmt: skip


FORMAT = "async ([name, ...given]) => (await import('/lib/time.js'))[name](...given)"


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (["formatClock", "2026-11-22T01:30:00.000Z"], "08:30:00"),
        (["formatClock", "2026-11-22T17:00:00.000Z"], "00:00:00"),
        (["formatDateTime", "2026-12-31T17:05:00.000Z"], "00:05 01/01/2027"),
        (["formatCountdown", 5_400_000], "1:30:00"),
        (["formatCountdown", 59_001], "01:00"),
        (["formatCountdown", 1], "00:01"),
        (["formatCountdown", 0], "00:00"),
        (["formatCountdown", -5_000], "00:00"),
        (["formatElapsed", 134_900], "02:14"),
        (["localInputToIso", "2026-11-22T08:30"], "2026-11-22T01:30:00.000Z"),
        (["localInputToIso", ""], None),
        (["isoToLocalInput", "2026-11-21T17:00:00.000Z"], "2026-11-22T00:00"),
        (["dateToIso", "9999-12-31T16:59:00Z"], "9999-12-31T16:59:00.000Z"),
        (["dateToIso", "9999-12-31T17:00:00Z"], None),
    ],
)
async def test_moments_are_written_in_vietnam_time(module_page: Page, call: list[object], answer: str | None):
    assert await module_page.evaluate(FORMAT, call) == answer


async def test_a_page_is_vietnamese_whatever_the_browser_speaks_until_somebody_chooses(module_page: Page):
    assert (await module_page.evaluate("navigator.language")).startswith("en")
    shown = "async () => (await import('/lib/i18n.js')).language.value + document.documentElement.lang"
    assert await module_page.evaluate(shown) == "vivi"
    await module_page.evaluate("async () => (await import('/lib/i18n.js')).setLanguage('en')")
    await module_page.reload()
    assert await module_page.evaluate(shown) == "enen"


@pytest.mark.parametrize("value", ["0002-12-31T08:00", "0020-02-28T00:00", "0202-03-01T23:59", "9999-12-31T23:59"])
async def test_what_a_field_holds_while_a_year_is_typed_reads_back_as_it_is(module_page: Page, value: str):
    iso = await module_page.evaluate(FORMAT, ["localInputToIso", value])
    assert await module_page.evaluate(FORMAT, ["isoToLocalInput", iso]) == value
