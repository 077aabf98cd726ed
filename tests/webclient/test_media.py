"""The media connections of a page (lib/media.js): how they come about, and how silence is told."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.chromium import until

pytestmark = pytest.mark.browser

COUNT = """async (entries) => {
  const { bytesReceived } = await import("/lib/media.js");
  return bytesReceived(new Map(entries.map((entry, index) => [index, entry])));
}"""
PAIRS = [{"type": "candidate-pair", "bytesReceived": 4000}, {"type": "candidate-pair"}]


@pytest.mark.parametrize(
    ("entries", "bytes_received"),
    [
        ([*PAIRS, {"type": "transport", "bytesReceived": 5080}], 5080),  # Chromium
        ([*PAIRS, {"type": "transport", "dtlsState": "connected"}], 4000),  # Firefox 153
        (PAIRS, 4000),
        ([], 0),
    ],
)
async def test_bytes_are_counted_wherever_the_browser_does(
    module_page: Page, entries: list[dict[str, Any]], bytes_received: int
) -> None:
    assert await module_page.evaluate(COUNT, entries) == bytes_received


RELAY = {"urls": ["turn:exam.example:3478"], "username": "1764500000:c_9", "credential": "secret"}
# A connection of `kind` whose requests are answered by `answers`, each in turn, then never. What browsers are given for
# their connections is in `given`; `asked` names the requests.
BEGIN = """async ([kind, answers]) => {
  const media = await import("/lib/media.js");
  window.given = [];
  window.asked = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super(configuration); given.push(configuration); }
  };
  const request = async (name) => {
    asked.push(name);
    const answer = answers.shift();
    if (answer === undefined) return new Promise(() => {});
    if (answer === "refused") throw new Error("no");
    if (answer === "late") { await new Promise((done) => { window.answered = done; }); return { ice_servers: [] }; }
    return answer;
  };
  window.made = kind === "Wall" ? new media.Wall({ request })
    : new media.Publisher({ request, epoch: () => 1, stream: new MediaStream() });
  void made.start(1);
}"""
NEXT = {"Publisher": "publish", "Wall": "subscribe"}


@pytest.mark.parametrize("kind", NEXT)
async def test_a_connection_is_made_with_the_relays_of_that_moment_and_tried_again_where_they_could_not_be_asked_for(
    module_page: Page, kind: str
) -> None:
    await module_page.evaluate(BEGIN, [kind, ["refused", {"ice_servers": [RELAY]}]])
    await until(module_page, f"asked.includes('{NEXT[kind]}')")
    assert await module_page.evaluate("asked") == ["ice_servers", "ice_servers", NEXT[kind]]
    assert await module_page.evaluate("given") == [{"iceServers": [RELAY]}]
    await module_page.evaluate("made.close()")


@pytest.mark.parametrize("kind", NEXT)
async def test_what_is_closed_while_it_asks_for_relays_makes_no_connection(module_page: Page, kind: str) -> None:
    await module_page.evaluate(BEGIN, [kind, ["late"]])
    await module_page.evaluate("made.close(); answered()")
    await module_page.evaluate("new Promise((done) => setTimeout(done))")
    assert await module_page.evaluate("[asked, given]") == [["ice_servers"], []]


async def test_what_is_refused_is_asked_for_again_for_ever_and_more_and_more_rarely(module_page: Page) -> None:
    await module_page.evaluate(BEGIN, ["Publisher", ["refused"] * 20])
    await until(module_page, "asked.length === 3")
    told = await module_page.evaluate("""new Promise((done) => {
      const began = performance.now(), before = asked.length;
      const timer = setInterval(() => {
        if (asked.length === before) return;
        clearInterval(timer);
        done(performance.now() - began);
      }, 20);
    })""")
    assert 1500 < told < 3000  # after 0.5 and 1 s, 2 s
    await module_page.evaluate("made.close()")
