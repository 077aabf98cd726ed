"""The practice room: picture and sound come back, to their own page alone; bounded, and nothing of it is kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from proctor import practice
from proctor.errors import ProctorError
from proctor.media import rtp
from proctor.practice import LASTS, MOST, MOST_AT_ADDRESS, Practice
from proctor.rehearsal.client import SyntheticPublisher, SyntheticViewer
from proctor.rehearsal.page import Page, code
from tests.support.clock import SteppedClock
from tests.support.house import Server


async def send(page: Page, name: str, person: int = 0) -> SyntheticPublisher:
    publisher = SyntheticPublisher(person)
    answer = await page.post(f"/api/practice/{name}/publish", {"sdp": publisher.offer()})
    await publisher.accept(answer["sdp"])
    publisher.start()
    return publisher


async def watch(page: Page, name: str) -> tuple[SyntheticViewer, asyncio.Event]:
    """What comes back; the event: a picture that began with a keyframe, and sound."""
    came, kinds = asyncio.Event(), set()

    def note(slot: object, packet: rtp.Packet) -> None:
        kinds.add(getattr(slot, "kind"))  # noqa: B009
        if kinds == {"audio", "video"}:
            came.set()

    viewer = SyntheticViewer(note)
    offered = await page.post(f"/api/practice/{name}/subscribe")
    assert {slot["slot"] for slot in offered["slots"]} == {"focus"}
    assert await page.post(f"/api/practice/{name}/accept", {"sdp": viewer.answer(offered["sdp"])}) == {}
    await viewer.connect()
    return viewer, came


def everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_picture_and_sound_come_back_and_the_figures_tell_of_them(server: Server, clock: SteppedClock) -> None:
    async with Page(server.url, "") as page:
        begun = await page.post("/api/practice")
        assert begun["seconds"] == 300
        name = begun["practice"]
        assert (await page.get(f"/api/practice/{name}"))["media"] == "none"
        publisher = await send(page, name)
        viewer, came = await watch(page, name)
        await asyncio.wait_for(came.wait(), 10)
        async with asyncio.timeout(10):
            while (found := await page.get(f"/api/practice/{name}"))["kbps"].get("h", 0) < 50:
                await asyncio.sleep(0.6)
        assert (found["media"], found["loss"], found["seconds"]) == ("connected", 0.0, 300)
        assert viewer.unknown == 0

        # Nothing of it is kept, and no log has grown.
        assert everything_in(server.house.config.recordings) == []
        assert server.house.recording.health()["sittings"] == {}
        assert list(server.house.rooms.awake()) == []

        clock.advance(seconds=LASTS.total_seconds())
        async with asyncio.timeout(5):
            while code(await page.get(f"/api/practice/{name}")) != "not_found":
                await asyncio.sleep(0.6)
        assert server.house.media.room("practice").health() == {}
        await asyncio.gather(publisher.stop(), viewer.stop())


async def test_each_page_gets_back_its_own_picture_and_knows_no_other(server: Server) -> None:
    async with Page(server.url, "") as page:
        names = [(await page.post("/api/practice"))["practice"] for _ in range(2)]
        sending = await send(page, names[0])
        viewer, came = await watch(page, names[1])  # which sends nothing itself
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(came.wait(), 1.0)
        assert [slot.packets for slot in viewer.slots.values()] == [0, 0]
        for route in ("publish", "subscribe", "accept"):
            assert code(await page.post(f"/api/practice/guess/{route}", {"sdp": "v=0"})) == "not_found"
        assert code(await page.post(f"/api/practice/{names[0]}/publish", {"sdp": "nonsense"})) == "bad_sdp"
        assert (await page.get(f"/api/practice/{names[0]}"))["media"] == "connected"  # a bad offer changed nothing
        assert await page.call("DELETE", f"/api/practice/{names[0]}") == {}
        assert code(await page.get(f"/api/practice/{names[0]}")) == "not_found"
        assert await page.call("DELETE", f"/api/practice/{names[0]}") == {}  # said twice, as by a page that goes away
        await asyncio.gather(sending.stop(), viewer.stop())


async def test_a_whole_room_practises_behind_one_address_and_another_still_gets_a_place(server: Server) -> None:
    assert MOST_AT_ADDRESS == 50  # A14.2a
    async with Page(server.url, "") as page:
        begun = [await page.post("/api/practice") for _ in range(MOST_AT_ADDRESS)]
        assert [code(answer) for answer in begun] == [None] * MOST_AT_ADDRESS
        refused = await page.post("/api/practice")
        assert (code(refused), refused["status"]) == ("practice_full", 503)
        elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
        url = server.url.replace("localhost", "127.0.0.1") + "/api/practice"
        async with aiohttp.ClientSession(connector=elsewhere) as http, http.post(url, json={}) as answer:
            assert answer.status == 200
        await page.call("DELETE", f"/api/practice/{begun[0]['practice']}")
        assert code(await page.post("/api/practice")) is None


async def test_a_practice_asks_too_often_alone(server: Server) -> None:
    async with Page(server.url, "") as page:
        one, other = [(await page.post("/api/practice"))["practice"] for _ in range(2)]
        answers = [code(await page.get(f"/api/practice/{one}")) for _ in range(40)]
        assert answers[:20] == [None] * 20
        assert "too_fast" in answers[20:]
        assert code(await page.get(f"/api/practice/{other}")) is None


class _Media:
    """A media room that only remembers who was taken out."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def unpublish(self, name: str) -> None:
        self.ended.append(name)

    def unsubscribe(self, name: str) -> None: ...

    def ice_servers(self, name: str, good_for: timedelta) -> list[Any]:
        return []


class _Time(SteppedClock):
    seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


async def test_the_room_is_full_until_somebody_goes_or_sends_nothing() -> None:
    media, clock = _Media(), _Time()
    room = Practice(media, clock)  # type: ignore[arg-type]
    names = [room.begin(f"10.0.0.{number}")["practice"] for number in range(MOST)]
    with pytest.raises(ProctorError, match="practice_full"):
        room.begin("10.0.1.1")
    room._media_changed(names[0], "connected")
    clock.seconds += practice.IDLE_SECONDS + 1
    room.begin("10.0.1.1")  # the silent ones have made way
    assert set(media.ended) == set(names[1:])
    await room.close()


async def test_beginning_again_and_again_is_throttled_by_address() -> None:
    room = Practice(_Media(), _Time())  # type: ignore[arg-type]
    told = []
    for _ in range(64):
        try:
            room.end(room.begin("10.0.0.1")["practice"])
            told.append("begun")
        except ProctorError as refusal:
            told.append(refusal.code)
    assert told == ["begun"] * 60 + ["too_fast"] * 4
    room.end(room.begin("10.0.0.2")["practice"])
    await room.close()
