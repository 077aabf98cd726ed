"""Real Chromiums publish to and watch the real server."""

import asyncio

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright

from proctor.media.datagrams import host_and_port
from proctor.media.server import MediaServer
from proctor.rehearsal.client import SyntheticPublisher
from tests.browser.chromium import chromium, until
from tests.media.page import site
from tests.media.support import RecordingSink
from tests.media.support import until as until_true

pytestmark = pytest.mark.browser


async def test_chromium_publishes_simulcast_and_another_watches_it_with_sound(server: MediaServer):
    room, states, stalled = server.room("r"), [], asyncio.Event()

    def on_state(publisher: str, state: str) -> None:
        states.append(state)
        if state == "stalled":
            stalled.set()

    other = SyntheticPublisher(3)
    await other.accept(await room.publish("other", other.offer(), sink=None, on_state=lambda *_: None))
    other.start()
    http = TestServer(site(room, on_state, tiles=2))
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
            room.show(await wall.evaluate("window.subscription"), {"t0": "camera", "t1": "other"}, "camera")

            await until(wall, "videos['0'].videoWidth === 320 && videos['1'].videoWidth === 320")
            await until(wall, "videos['2'].videoWidth === 640")  # the large layer can take seconds to start
            await until(wall, "window.loudness() > 0.01")
            before = await wall.evaluate("window.decoded()")
            goals = {mid: before[mid][0] + 8 for mid in "012"}
            await until(wall, f"decoded().then(now => Object.entries({goals}).every(([m, n]) => now[m][0] >= n))")
            after = await wall.evaluate("window.decoded()")
            assert [after[mid][2] for mid in "012"] == [0, 0, 0]

            health = room.health()["camera"]
            assert health["state"] == "connected" and health["audio_level"] > 0.001
            assert health["kbps"]["l"] > 5 and health["kbps"]["h"] > health["kbps"]["l"]
            audio = await camera.evaluate(
                """async () => { for (const s of (await pc.getStats()).values())
                   if (s.type === 'outbound-rtp' && s.kind === 'audio') return s.packetsSent }"""
            )
            assert 0 < audio < 2000

            room.show(await wall.evaluate("window.subscription"), {"t0": "other"}, "other")
            width = "videos['0'].videoWidth"
            frames = (await wall.evaluate("window.decoded()"))["0"][0]
            await until(wall, f"window.decoded().then(now => now['0'][0] > {frames + 8})")
            assert await wall.evaluate(width) == 320

            await camera.close()  # says no goodbye
            await asyncio.wait_for(stalled.wait(), 10)
            assert states == ["connected", "stalled"]
        finally:
            await other.stop()
            await http.close()


@pytest.mark.long
async def test_chromium_publishes_over_ipv6_alone():
    server, sink = MediaServer(host="::", port=0, announce=["::1"]), RecordingSink()
    await server.start()
    http = TestServer(site(server.room("r"), lambda *told: None, tiles=0, sink=sink))
    await http.start_server()
    async with async_playwright() as playwright, chromium(playwright) as browser:
        camera = await browser.new_page()
        try:
            await camera.goto(str(http.make_url("/publish")))
            await camera.evaluate("window.ready")
            await until(camera, "pc.connectionState === 'connected'")
            await until_true(lambda: {layer for _, layer, *_ in sink.packets} == {"", "l", "h"}, 25)
            assert all(":" in host_and_port(address)[0] for address in server._mux._by_address)
        finally:
            await http.close()
            await server.close()
