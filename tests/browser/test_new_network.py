"""A computer goes on at another address in the middle of an exam, and so do its picture, its recording, its wall."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from proctor.media.datagrams import host_and_port
from proctor.media.peer import Peer
from proctor.room_media import RecordingGate
from tests.browser.camera import portrait, tone
from tests.browser.chromium import CHROMIUM, LOOK, chromium, lends_to, new_page
from tests.browser.chromium import until as until_in
from tests.browser.entering import finished, has_recorded, open_room, sign_in_staff, start_writing
from tests.media.support import until
from tests.support.house import Server
from tests.support.network import Neighbour, neighbour, relayed, why_no_firewall

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.measured]

ROUTED, NEXT = "10.213.71.77", "10.213.71.78"
SECONDS = 4.0  # until all goes on
CONNECTED = "document.querySelector('[data-testid=connection-state]')?.dataset.state === 'connected'"
# When pictures of a tile were shown, in seconds from now back, looked at 20 times a second.
SHOWS = """(tile) => { window.shown = []; let before = 0;
  setInterval(() => { const frames = document.querySelector(tile)?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    if (frames !== before) shown.push(performance.now() / 1000);
    before = frames; }, 50); }"""
LONGEST = """([since, more]) => { const after = shown.filter((at) => at > since);
  return after.at(-1) > since + more && Math.max(...after.map((at, i) => at - (after[i - 1] ?? since))); }"""
SENDING = "document.querySelector('[data-testid=media-state]')?.dataset.state === 'sending'"


@pytest.fixture
def roaming() -> Iterator[Neighbour]:
    if why := why_no_firewall():
        pytest.skip(why)
    with neighbour() as other:
        yield other


def place(peer: Peer) -> str:
    """Where it is sent what is for it."""
    return host_and_port(peer._address)[0]


async def test_at_another_address_the_same_connection_and_recording_go_on(
    roaming: Neighbour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals: list[float] = []  # of what is recorded
    record = RecordingGate.rtp

    def noted(self: RecordingGate, *packet: Any) -> None:
        arrivals.append(packet[-1])
        record(self, *packet)

    monkeypatch.setattr(RecordingGate, "rtp", noted)
    errors: list[str] = []
    face, voice = portrait(tmp_path / "face.y4m"), tone(tmp_path / "voice.wav", 440)
    async with (
        open_room(
            tmp_path, day=datetime.now(UTC), media_host="0.0.0.0", announce=[roaming.address]
        ) as (server, clock, exam, invigilator),
        relayed(server.url, roaming.address) as url,
        async_playwright() as playwright,
        chromium(
            playwright,
            camera=face,
            microphone=voice,
            executable=roaming.running(str(CHROMIUM), tmp_path, lends_to(url)),
        ) as browser,
    ):
        page, wall, candidate = await new_page(browser, errors), await new_page(browser, errors), exam.candidates["001"]
        there = Server(server.house, url)
        await start_writing(page, there, clock, exam, "001", invigilator)
        await sign_in_staff(wall, there, "invigilator", "invigilator")
        tile = f"[data-testid=tile][data-candidate={candidate}] video"
        await until_in(wall, f"({LOOK})('{tile}')?.contrast > 10")
        await wall.evaluate(SHOWS, tile)
        await has_recorded(server, exam.room, candidate, seconds=3)
        room = server.house.rooms.get(exam.room)
        entry = room.media.connections._publishers[candidate]
        peer, keys, first = entry.peer, entry.peer.outbound, entry.peer.ufrag
        for address in (ROUTED, roaming.own):
            await asyncio.sleep(3)  # in which checks of a standing connection become rare
            roaming.appear_at(address)  # of which the browser learns nothing
            await until(lambda address=address: place(peer) == address, SECONDS)
        assert peer.ufrag == first, "it was followed; nothing was to be restarted"
        assert room.segments(candidate) == []

        for address in (NEXT, roaming.own):
            await asyncio.sleep(3)
            gone = room.state.sittings[candidate].connection_changed_at
            moved_at, since = time.monotonic(), await wall.evaluate("performance.now() / 1000")
            roaming.renumber(address)
            await until(lambda address=address: place(peer) == address and peer.outbound is keys, 3 * SECONDS)
            back = time.monotonic() - moved_at
            await until(lambda moved_at=moved_at: arrivals[-1] > moved_at + 0.5, SECONDS)
            gap = max(after - before for before, after in pairwise(arrivals) if after > moved_at)
            shows = await until_in(wall, LONGEST, [since, SECONDS])
            print(f"{address}: followed after {back:.2f} s, nothing came for {gap:.2f} s, shown for {shows:.2f} s")
            assert gap < SECONDS
            assert shows < SECONDS + 1  # the picture that it waits for was away for as long
            await until_in(page, f"{CONNECTED} && {SENDING}")
            assert room.state.sittings[candidate].connection_changed_at != gone, "another socket"
            assert room.media.connections._publishers[candidate] is entry and peer.ufrag != first
        assert peer.outbound is keys
        await has_recorded(server, exam.room, candidate, seconds=1)
        await finished(server, exam.room, candidate)
    assert errors == []
