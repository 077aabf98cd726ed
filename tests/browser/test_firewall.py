"""A network that drops UDP: a candidate sits behind it, and an invigilator watches from behind it.

nftables drops it in a network namespace, so that browsers find it out as they do at home. What they fall back on is the
media port over TCP and, where that is dropped too, a TURN server (Debian's coturn).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from proctor.media.datagrams import host_and_port
from tests.browser.camera import portrait, tone
from tests.browser.chromium import CHROMIUM, LOOK, chromium, hears, lends_to, new_page, until
from tests.browser.entering import finished, has_recorded, open_room, sign_in_staff, start_writing
from tests.support.coturn import TURNSERVER, coturn
from tests.support.house import Server
from tests.support.network import Neighbour, neighbour, relayed, why_no_firewall

pytestmark = [pytest.mark.browser, pytest.mark.long]

HERTZ = 440


@pytest.fixture
def fenced() -> Iterator[Neighbour]:
    """A machine whose network a test fences in."""
    if why := why_no_firewall():
        pytest.skip(why)
    with neighbour() as other:
        yield other


async def test_where_udp_is_dropped_picture_and_sound_go_over_tcp(fenced: Neighbour, tmp_path: Path) -> None:
    fenced.drop_udp()
    async with sent_recorded_and_watched(fenced, tmp_path) as server:
        mux = server.house.media._mux
        assert len(mux._by_address) >= 2 and all(address in mux._tcp for address in mux._by_address)
    assert fenced.dropped() > 0  # it was UDP that they tried first


async def test_where_only_the_ports_of_pages_and_turn_are_open_a_relay_carries_picture_and_sound(
    fenced: Neighbour, tmp_path: Path
) -> None:
    if not TURNSERVER:
        pytest.skip("no coturn (apt install coturn)")
    async with coturn(tmp_path, fenced.address) as relay:
        turn = [f"turn:{relay.host}:{relay.port}?transport=tcp"]
        async with sent_recorded_and_watched(
            fenced, tmp_path, turn=turn, turn_secret=relay.secret, fence_to=relay.port
        ) as server:
            mux = server.house.media._mux
            assert not mux._tcp and {host_and_port(address)[0] for address in mux._by_address} == {relay.host}


@contextlib.asynccontextmanager
async def sent_recorded_and_watched(
    fenced: Neighbour, folder: Path, *, fence_to: int = 0, **more: Any
) -> AsyncIterator[Server]:
    """A candidate there is recorded and an invigilator there sees and hears it. With `fence_to`, pages and that port
    are all that they reach."""
    errors: list[str] = []
    face, voice = portrait(folder / "face.y4m"), tone(folder / "voice.wav", HERTZ)
    async with (
        open_room(
            folder, day=datetime.now(UTC), media_host="0.0.0.0", announce=[fenced.address], **more
        ) as (server, clock, exam, invigilator),
        relayed(server.url, fenced.address) as url,
        async_playwright() as playwright,
        chromium(
            playwright, camera=face, microphone=voice, executable=fenced.running(str(CHROMIUM), folder, lends_to(url))
        ) as browser,
    ):
        if fence_to:
            fenced.drop_udp(but_tcp=[int(url.rpartition(":")[2]), fence_to])
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
        yield server
        await finished(server, exam.room, candidate)
    assert errors == []
