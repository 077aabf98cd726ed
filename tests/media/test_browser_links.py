"""A real Chromium publishes to and another watches the real server over a bad network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright

from proctor.media.downlink import Level
from proctor.media.server import MediaServer
from proctor.rehearsal.link import Conditions, Link
from tests.browser.chromium import chromium, until
from tests.media.page import site
from tests.media.support import RecordingSink

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.measured]

SECONDS = 30
# The longest time between two pictures of each tile, as they are shown, from now on.
WATCH = """() => { window.longest = {};
  for (const [mid, video] of Object.entries(videos)) {
    let last = null;
    const shown = (now) => {
      if (last !== null) longest[mid] = Math.max(longest[mid] ?? 0, now - last);
      last = now;
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  } }"""
# In two seconds: how many pictures a second of the tiles and the focus, and what share of the sound was made up.
FLOW = """async () => {
  const now = async () => { const found = {};
    for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp')
      found[s.mid] = s.kind === 'video' ? s.framesDecoded : [s.concealedSamples, s.totalSamplesReceived];
    return found; };
  const before = await now();
  await new Promise((done) => setTimeout(done, 2000));
  const after = await now(), flow = {};
  for (const mid in after) flow[mid] = Array.isArray(after[mid])
    ? (after[mid][0] - before[mid][0]) / (after[mid][1] - before[mid][1]) : (after[mid] - before[mid]) / 2;
  return flow; }"""
STATS = """async () => { const found = {};
  for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'video')
    found[s.mid] = { lost: s.packetsLost, again: s.retransmittedPacketsReceived, decoded: s.framesDecoded };
  return found; }"""


async def test_at_five_percent_and_a_fifth_of_a_second_nobody_sees_a_freeze_of_a_second(server: MediaServer) -> None:
    room, sink = server.room("r"), RecordingSink()
    async with Link(("127.0.0.1", server.port), Conditions(loss=0.05, delay=0.1, jitter=0.01)) as link:
        own, theirs = f" {server.port} typ", f" {link.port} typ"
        pages = site(room, lambda *told: None, 1, sink=sink, told=lambda sdp: sdp.replace(own, theirs))
        http = TestServer(pages)
        await http.start_server()
        async with async_playwright() as playwright, chromium(playwright) as browser:
            camera, wall = await browser.new_page(), await browser.new_page()
            try:
                await camera.goto(str(http.make_url("/publish")))
                await camera.evaluate("window.ready")
                await until(camera, "pc.connectionState === 'connected'")
                await wall.goto(str(http.make_url("/watch")))
                await wall.evaluate("window.ready")
                await until(wall, "pc.connectionState === 'connected'")
                room.show(await wall.evaluate("window.subscription"), {"t0": "camera"}, "camera")
                await until(wall, "videos['0'].videoWidth === 320 && videos['1'].videoWidth === 640")
                await wall.evaluate(WATCH)
                await asyncio.sleep(SECONDS)  # the time that is measured
                longest, stats = await wall.evaluate("longest"), await wall.evaluate(STATS)
                assert all(longest[mid] < 1000 for mid in ("0", "1")), (longest, stats)
                assert all(stats[mid]["again"] > 0 for mid in ("0", "1")), stats
                assert server.counters["rtx_repaired"] > 0
            finally:
                await http.close()


TILES = 12


async def test_a_slow_line_takes_sharpness_then_rate_then_movement_and_never_sound(server: MediaServer) -> None:
    room = server.room("r")
    levels: list[Level] = []
    async with Link(("127.0.0.1", server.port), Conditions(delay=0.02)) as link:
        own, theirs = f" {server.port} typ", f" {link.port} typ"
        pages = site(room, lambda *told: None, TILES, told=lambda sdp: sdp.replace(own, theirs),
                     on_level=lambda name: levels.append(Level[name.upper()]))  # fmt: skip
        http = TestServer(pages)
        await http.start_server()
        async with async_playwright() as playwright, chromium(playwright) as browser:
            camera, wall = await browser.new_page(), await browser.new_page()
            try:
                for page, path in ((camera, "/publish"), (wall, "/watch")):
                    await page.goto(str(http.make_url(path)))
                    await page.evaluate("window.ready")
                    await until(page, "pc.connectionState === 'connected'")
                subscription = await wall.evaluate("window.subscription")
                room.show(subscription, {f"t{number}": "camera" for number in range(TILES)}, "camera")
                await until(wall, f"videos['0'].videoWidth === 320 && videos['{TILES}'].videoWidth === 640")
                await asyncio.sleep(15)  # in which the camera finds its rate
                assert levels == []
                whole, demands = await wall.evaluate(FLOW), room._viewers[subscription]._demands()

                focus, sound = str(TILES), str(TILES + 1)

                async def flows(
                    kbps: float | None, level: Level, holds: Callable[[dict[str, float]], bool]
                ) -> None:
                    """The level is reached, and shows as `holds` says; now and then the one above is tried."""
                    link.change(link.there.conditions, Conditions(delay=0.02, rate=kbps and kbps * 1000))
                    flow: dict[str, float] = {}
                    try:
                        async with asyncio.timeout(120):
                            while levels[-1:] != [level] or not holds(flow):
                                flow = await wall.evaluate(FLOW)
                    except TimeoutError:
                        raise AssertionError((level, levels, flow, whole)) from None

                quarter = 1.3 * demands[Level.QUARTER_RATE]
                await flows(
                    quarter,
                    Level.QUARTER_RATE,
                    lambda flow: 0 < flow.get("0", 0) < 0.6 * whole["0"] and flow[focus] > 1,
                )
                await until(wall, f"videos['{TILES}'].videoWidth === 320")
                await flows(
                    1.5 * demands[Level.STILLS], Level.STILLS, lambda flow: flow["0"] == 0 and flow[focus] > 1
                )
                await flows(
                    1.5 * demands[Level.SOUND], Level.SOUND,
                    lambda flow: flow["0"] == flow[focus] == 0 and flow[sound] < 0.1,
                )  # fmt: skip
                await flows(
                    None, Level.ALL, lambda flow: all(flow[mid] > 0.7 * whole[mid] for mid in ("0", focus))
                )
                await until(wall, f"videos['{TILES}'].videoWidth === 640")
            finally:
                await http.close()


async def test_a_slow_uplink_costs_the_large_layer_and_it_comes_back(server: MediaServer) -> None:
    """By our feedback the browser finds what its line carries, and gives up the large layer first."""
    room, sink = server.room("r"), RecordingSink()
    async with Link(("127.0.0.1", server.port), Conditions(delay=0.02)) as link:
        own, theirs = f" {server.port} typ", f" {link.port} typ"
        pages = site(room, lambda *told: None, 1, sink=sink, told=lambda sdp: sdp.replace(own, theirs))
        http = TestServer(pages)
        await http.start_server()
        async with async_playwright() as playwright, chromium(playwright) as browser:
            camera = await browser.new_page()
            try:
                await camera.goto(str(http.make_url("/publish")))
                await camera.evaluate("window.ready")

                async def layers(seconds: float = 4.0) -> dict[str, int]:
                    """How many packets of each came in the next seconds."""
                    before = len(sink.packets)
                    await asyncio.sleep(seconds)
                    room.open_deferred("camera")
                    return {layer: sum(one[1] == layer for one in sink.packets[before:]) for layer in ("h", "l", "")}

                async def come(holds: Callable[[dict[str, int]], bool], seconds: float) -> None:
                    found: dict[str, int] = {}
                    try:
                        async with asyncio.timeout(seconds):
                            while not holds(found := await layers()):
                                pass
                    except TimeoutError:
                        raise AssertionError(found) from None

                await come(lambda found: found["h"] > 40 and found["l"] > 20, 30)
                link.change(Conditions(delay=0.02, rate=150_000), Conditions(delay=0.02))
                await come(lambda found: found["h"] == 0 and found["l"] > 10 and found[""] > 30, 60)
                link.change(Conditions(delay=0.02))
                await come(lambda found: found["h"] > 40 and found["l"] > 20, 90)
            finally:
                await http.close()
