"""A participant's address changes under a call, in network namespaces: all goes on, without a new handshake."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from proctor.media.datagrams import host_and_port
from proctor.media.server import MediaServer
from proctor.rehearsal import ways
from tests.browser.chromium import CHROMIUM, chromium, lends_to
from tests.browser.chromium import until as until_in
from tests.media.page import site
from tests.media.support import Participants, PushedClock, RecordingSink, until
from tests.support.network import Neighbour, neighbour, why_no_firewall

pytestmark = pytest.mark.measured

ANOTHER = "10.213.71.77"
SYNTHETIC, CHROMIUMS = 1.0, 4.0  # seconds until all goes on; Chromium checks a stable way every 2.5 s

# When something came from the server, in seconds of the page, looked at 20 times a second.
LISTEN = """() => { window.heard = []; let before = 0;
  setInterval(async () => { for (const s of (await pc.getStats()).values()) if (s.type === 'transport') {
    if (s.bytesReceived > before) heard.push(performance.now() / 1000);
    before = s.bytesReceived; } }, 50); }"""
SHOWN = """() => { window.shown = { 0: [], 1: [] };
  for (const mid in shown) { const look = (now) => { shown[mid].push(now / 1000);
    videos[mid].requestVideoFrameCallback(look); }; videos[mid].requestVideoFrameCallback(look); } }"""


@pytest.fixture
def roaming() -> Iterator[Neighbour]:
    """A machine that a router moves."""
    if why := why_no_firewall():
        pytest.skip(why)
    with neighbour() as other:
        yield other


@pytest.fixture
async def server(roaming: Neighbour, clock: PushedClock) -> AsyncIterator[MediaServer]:
    server = MediaServer(host="0.0.0.0", port=0, announce=[roaming.address], clock=clock)
    await server.start()
    yield server
    await server.close()


def longest(arrivals: list[float], since: float) -> float:
    """Seconds between two of them, the later of which came after `since`."""
    return max(after - before for before, after in pairwise(arrivals) if after > since)


def places(server: MediaServer) -> list[str]:
    """Where participants are sent what is for them."""
    return [host_and_port(peer._address)[0] for peer in server._mux._by_ufrag.values()]


async def test_a_synthetic_participant_is_followed_within_a_second(
    roaming: Neighbour, people: Participants, server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made_there(*arguments: object, make: Callable[..., object] = ways._socket) -> object:
        with roaming.inside():
            return make(*arguments)

    monkeypatch.setattr(ways, "_socket", made_there)
    sink, seen, fed_back = RecordingSink(), [], []
    publisher = await people.publisher("c0", sink=sink)
    viewer, subscription = await people.viewer(1, lambda *packet: seen.append(time.monotonic()))
    monkeypatch.setattr(publisher._connection, "_on_rtcp", lambda data: fed_back.append(time.monotonic()))
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    await until(lambda: all(slot.packets > 20 for slot in viewer.slots.values()))
    keys = [peer.outbound for peer in server._mux._by_ufrag.values()]
    assert places(server) == [roaming.own] * 2
    for address in (ANOTHER, roaming.own):
        moved_at = time.monotonic()
        roaming.appear_at(address)
        await until(lambda address=address: places(server) == [address] * 2)
        follows = time.monotonic() - moved_at
        so_far = [len(sink.packets), len(seen), len(fed_back)]
        await until(lambda so_far=so_far: all(
            many > before + 10 for many, before in zip(map(len, (sink.packets, seen, fed_back)), so_far, strict=True)
        ))  # fmt: skip
        recorded = longest([packet[-1] for packet in sink.packets], moved_at)
        print(f"{address} after {follows:.2f} s, recorded {recorded:.2f} s", end=", ")
        print(f"seen {longest(seen, moved_at):.2f} s, fed back {longest(fed_back, moved_at):.2f} s")
        assert recorded < SYNTHETIC
        assert longest(seen, moved_at) < SYNTHETIC
        assert longest(fed_back, moved_at) < SYNTHETIC
    assert [peer.outbound for peer in server._mux._by_ufrag.values()] == keys
    assert people.states == [("c0", "connected")]
    assert sink.closings == 0


@pytest.mark.browser
@pytest.mark.long
async def test_chromium_is_followed_within_four_seconds(
    roaming: Neighbour, server: MediaServer, tmp_path: Path
) -> None:
    room, sink, states, levels = server.room("r"), RecordingSink(), [], []
    pages = site(room, lambda *told: states.append(told), 1, sink=sink, on_level=levels.append)
    http = TestServer(pages, host=roaming.address)
    await http.start_server()
    url = str(http.make_url("")).rstrip("/")
    there = roaming.running(str(CHROMIUM), tmp_path, lends_to(url))
    async with async_playwright() as playwright, chromium(playwright, executable=there) as browser:
        camera, wall = await browser.new_page(), await browser.new_page()
        try:
            for page, path in ((camera, "publish"), (wall, "watch")):
                await page.goto(f"{url}/{path}")
                await page.evaluate("window.ready")
                await until_in(page, "pc.connectionState === 'connected'")
            room.show(await wall.evaluate("window.subscription"), {"t0": "camera"}, "camera")
            await until_in(wall, "videos['0'].videoWidth === 320 && videos['1'].videoWidth === 640")
            for page in (camera, wall):
                await page.evaluate(LISTEN)
            await wall.evaluate(SHOWN)
            keys = [peer.outbound for peer in server._mux._by_ufrag.values()]
            for address in (ANOTHER, roaming.own):
                await asyncio.sleep(3)  # in which checks of a standing connection become rare
                moved = await asyncio.gather(*map(now_in, (camera, wall)))
                moved_at = time.monotonic()
                roaming.appear_at(address)
                await until(lambda address=address: places(server) == [address] * 2)
                print(f"{address} after {time.monotonic() - moved_at:.2f} s", end=", ")
                for page, since in zip((camera, wall), moved, strict=True):
                    await until_in(page, f"heard.filter((at) => at > {since + CHROMIUMS}).length > 5")
                    gap = longest(await page.evaluate("heard"), since)
                    print(f"heard again after {gap:.2f} s", end=", ")
                    assert gap < CHROMIUMS
                shown = await wall.evaluate("shown")
                print({mid: round(longest(arrivals, moved[1]), 2) for mid, arrivals in shown.items()})
                assert all(longest(arrivals, moved[1]) < CHROMIUMS for arrivals in shown.values())
                room.open_deferred("camera")
                assert longest([packet[-1] for packet in sink.packets], moved_at) < SYNTHETIC  # nothing is waited for
            assert [peer.outbound for peer in server._mux._by_ufrag.values()] == keys
            assert states == [("camera", "connected")]
            assert levels == [], "what went to the old address is no congestion"
            assert sink.closings == 0
        finally:
            await http.close()


async def now_in(page: Page) -> float:
    return await page.evaluate("performance.now() / 1000")
