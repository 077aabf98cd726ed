"""What a candidate's camera showed when a violation was noted: kept, told, looked at."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from proctor.exam.permissions import Role
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page, code
from proctor.rehearsal.pictures import LAYERS, sound_loop, video_loop
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    admit,
    candidate_page,
    config_in,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
)

PERSON = 3


@contextlib.asynccontextmanager
async def at_work(server: Server, clock: SteppedClock) -> AsyncIterator[tuple[Exam, Page, Page, SyntheticPublisher]]:
    """A candidate whose camera is on, admitted; the candidate's page, the invigilator's, the camera."""
    sound_loop(PERSON)
    for layer in LAYERS:
        video_loop(PERSON, layer)
    exam = await plan_exam(server, candidates=2)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        publisher = SyntheticPublisher(PERSON)
        answer = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer())
        await publisher.accept(answer["sdp"])
        publisher.start()
        await admit(invigilator, exam.candidates["001"])
        try:
            yield exam, page, invigilator, publisher
            assert undescribed([*page.heard, *invigilator.heard]) == []
        finally:
            await publisher.stop()


async def noted(invigilator: Page, candidate: str) -> Any:
    """Note a violation; what staff are told of it once its still is there, or is known not to be."""
    told = await invigilator.tell("note_violation", candidate=candidate, category="phone", text="nhìn xuống")
    return await invigilator.hear(
        "violation",
        lambda each: each["violation"] == told["violation"] and (each["still"] or each["still_missing"]),
    )


@pytest.mark.measured
async def test_a_violation_has_a_still_of_the_candidates_picture(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, _, invigilator, _), await office_page(server) as office:
        live = server.house.rooms.get(exam.room)
        await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 1)
        before = time.monotonic()
        violation = await noted(invigilator, exam.candidates["001"])
        assert time.monotonic() - before < 3  # a keyframe that was asked for, decoded by a worker
        still = violation["still"]
        assert (still["width"], still["height"]) == LAYERS["h"][:2]
        path = f"/api/rooms/{exam.room}/violations/{violation['violation']}/still"
        seen = await invigilator.get(path)
        assert seen["headers"]["Content-Type"] == "image/jpeg"
        assert hashlib.sha256(seen["body"]).hexdigest() == still["sha256"]
        picture = cv2.imdecode(np.frombuffer(seen["body"], np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (360, 640, 3)
        assert picture.std() > 10  # a person before a wall, not a flat colour
        (kept,) = (server.house.config.photos / exam.room / exam.candidates["001"]).glob(f"{still['still']}.sealed")
        assert b"JFIF" not in kept.read_bytes()
        assert (await office.get(path))["body"] == seen["body"]
        assert (await invigilator.get(path))["status"] == 200  # within a quarter of an hour: not logged again
        log = await office.get(f"/api/rooms/{exam.room}/events")
        views = [each for each in log["events"] if each["kind"] == "still_viewed"]
        assert len(views) == 2
        assert live.state.violations[violation["violation"]].still is not None


async def test_of_who_sends_the_small_picture_alone_a_new_one_is_asked_for(server: Server, clock: SteppedClock) -> None:
    """As of a browser whose uplink carries no more; it sends no keyframe that nobody asked for."""
    async with at_work(server, clock) as (exam, _, invigilator, publisher):
        candidate = exam.candidates["001"]
        await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 1)
        publisher.keyframes_unasked = False
        publisher._tracks = [track for track in publisher._tracks if track.name != "h"]
        recorder = server.house.rooms.get(exam.room).media._gates[candidate].recorder
        assert recorder is not None
        async with asyncio.timeout(10):
            while recorder.keyframe is None or recorder.keyframe.width != LAYERS["l"][0]:
                await asyncio.sleep(0.02)
        recorder.keyframe = None  # that was long ago
        still = (await noted(invigilator, candidate))["still"]
        assert still and (still["width"], still["height"]) == LAYERS["l"][:2]


async def test_without_a_picture_it_says_so(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, invigilator, publisher):
        nobody = await noted(invigilator, exam.candidates["002"])
        assert (nobody["still"], nobody["still_missing"]) == (None, "not_recorded")
        path = f"/api/rooms/{exam.room}/violations/{nobody['violation']}/still"
        assert code(await invigilator.get(path)) == "not_found"
        await publisher.stop()
        await page.leave()
        recorder = server.house.rooms.get(exam.room).media._gates[exam.candidates["001"]].recorder
        assert recorder is not None
        await invigilator.hear(
            "sitting", lambda each: each["number"] == "001" and each["admitted_at"] and not each["connected"]
        )
        async with asyncio.timeout(10):  # what was under way has come by then
            while exam.candidates["001"] in server.house.rooms.get(exam.room).media.connections.health():
                await asyncio.sleep(0.02)
        recorder.keyframe = None  # the last picture was long ago
        assert (await noted(invigilator, exam.candidates["001"]))["still_missing"] == "not_connected"


async def test_a_wall_without_moving_pictures_gets_small_ones(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        at_work(server, clock) as (exam, _, invigilator, publisher),
        Page(server.url, "supervisor") as supervisor,
        Page(server.url, "inspector") as inspector,
    ):
        await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 1)
        media = server.house.rooms.get(exam.room).media
        made: list[int] = []
        small = media._stills.small

        async def counted(keyframe: bytes) -> bytes:
            made.append(len(keyframe))
            return await small(keyframe)

        monkeypatch.setattr(media._stills, "small", counted)
        path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/picture"
        for each, role in ((supervisor, "supervisor"), (inspector, "inspector")):
            await each.sign_in(role, PASSWORD)
            assert code(await each.get(path)) == "not_in_room", "whoever looks is on the log"
            await each.join(exam.room)
        first, *others = await asyncio.gather(*(each.get(path) for each in (invigilator, supervisor, inspector)))
        assert first["headers"]["Content-Type"] == "image/jpeg"
        picture = cv2.imdecode(np.frombuffer(first["body"], np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (180, 320, 3) and picture.std() > 10
        assert len(first["body"]) < 16_000, "so that fifty go over a line that carries no video"
        assert [each["body"] for each in others] == [first["body"]] * 2 and len(made) == 1, "made once for all"
        age = (clock.now() - datetime.fromisoformat(first["headers"]["Proctor-Taken-At"])).total_seconds()
        assert 0 <= age < 12
        asked = publisher.keyframe_requests
        clock.monotonic_ahead += 11
        second = await invigilator.get(path)
        assert len(made) == 2 and publisher.keyframe_requests > asked, "one from now"
        assert second["headers"]["Proctor-Taken-At"] > first["headers"]["Proctor-Taken-At"]
        nobody = f"/api/rooms/{exam.room}/candidates/{exam.candidates['002']}/picture"
        assert code(await invigilator.get(nobody)) == "not_found"
        media.forget(exam.candidates["001"])
        assert code(await invigilator.get(path)) == "not_found"


@pytest.mark.parametrize(("role", "refusal"), [
    (Role.SUPERVISOR, None), (Role.INSPECTOR, None), (Role.TECH_SUPPORT, "forbidden"), (Role.IT_UNIT, "forbidden"),
])  # fmt: skip
async def test_who_may_look_at_a_still(
    server: Server, clock: SteppedClock, role: Role, refusal: str | None
) -> None:
    async with at_work(server, clock) as (exam, page, invigilator, _), Page(server.url, role) as other:
        violation = await noted(invigilator, exam.candidates["001"])
        path = f"/api/rooms/{exam.room}/violations/{violation['violation']}/still"
        await other.sign_in(role, PASSWORD)
        assert code(await other.get(path)) == refusal
        assert code(await page.get(path)) == "forbidden"


async def test_a_still_is_there_after_a_restart_and_one_that_was_being_made_is_told_missing(
    tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, clock) as server, at_work(server, clock) as (exam, _, invigilator, _):
        first = await noted(invigilator, exam.candidates["001"])
        live = server.house.rooms.get(exam.room)
        lost: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        lost.set_result(False)
        monkeypatch.setattr(live._facts, "add", lambda who, decide: lost)  # killed before the log has it
        second = await invigilator.tell("note_violation", candidate=exam.candidates["001"], category="other", text="x")
        await asyncio.gather(*live._tasks)
        monkeypatch.undo()
    async with running(tmp_path, clock) as server:
        room = server.house.rooms.get(exam.room).state
        assert room.violations[first["violation"]].still is not None
        assert room.violations[second["violation"]].still_missing == "server_restarted"
        live = server.house.rooms.get(exam.room)
        jpeg = await live.view_still("i", first["violation"])
        assert hashlib.sha256(jpeg).hexdigest() == first["still"]["sha256"]
    assert list(config_in(tmp_path).photos.glob(f"*/*/{first['still']['still']}.sealed"))
