"""A network that drops UDP: a candidate sits behind it, and an invigilator watches from behind it.

nftables drops it in a network namespace, so that browsers find it out as they do at home. What they fall back on is the
media port over TCP.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser.camera import portrait, tone
from tests.browser.chromium import CHROMIUM, LOOK, chromium, hears, lends_to, new_page, until
from tests.browser.entering import finished, has_recorded, open_room, sign_in_staff, start_writing
from tests.support.house import Server
from tests.support.network import Neighbour, neighbour, relayed, why_no_firewall

pytestmark = [pytest.mark.browser, pytest.mark.long]

HERTZ = 440


@pytest.fixture
def fenced() -> Iterator[Neighbour]:
    if why := why_no_firewall():
        pytest.skip(why)
    with neighbour() as other:
        other.drop_udp()
        yield other


async def test_behind_a_firewall_that_drops_udp_one_publishes_is_recorded_and_another_watches(
    fenced: Neighbour, tmp_path: Path
) -> None:
    errors: list[str] = []
    face, voice = portrait(tmp_path / "face.y4m"), tone(tmp_path / "voice.wav", HERTZ)
    async with (
        open_room(tmp_path, media_host="0.0.0.0", announce=[fenced.address]) as (server, clock, exam, invigilator),
        relayed(server.url, fenced.address) as url,
        async_playwright() as playwright,
        chromium(
            playwright, camera=face, microphone=voice, executable=fenced.running(str(CHROMIUM), tmp_path, lends_to(url))
        ) as browser,
    ):
        candidate, there = exam.candidates["001"], Server(server.house, url)
        page, wall = await new_page(browser, errors), await new_page(browser, errors)
        await start_writing(page, there, clock, exam, "001", invigilator)
        await has_recorded(server, exam.room, candidate, seconds=3)

        await sign_in_staff(wall, there, "invigilator", "invigilator")
        tile = f"[data-testid=tile][data-candidate={candidate}]"
        await until(wall, f"({LOOK})('{tile} video')?.contrast > 10")
        await wall.locator(tile).click()
        await until(wall, f"({LOOK})('[data-testid=focus-video]')?.width === 640")
        await hears(wall, "[data-testid=focus-video]", HERTZ)

        mux = server.house.media._mux
        assert len(mux._by_address) >= 2 and all(address in mux._tcp for address in mux._by_address)
        assert fenced.dropped() > 0  # it was UDP that they tried first
        await finished(server, exam.room, candidate)
    assert errors == []
