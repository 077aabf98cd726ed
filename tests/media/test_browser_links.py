"""A real Chromium publishes to and another watches the real server over a bad network."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright

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
