"""Forwarding goes on beside every heavy job of the house: p99 from sender to viewer under 20 ms (DESIGN, pinned 1).

Publishers, server and viewer share one event loop here, so that whatever blocks the loop or fights for the
interpreter lock shows in the delays.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from PIL import Image

from proctor.exam import events as e
from proctor.exam.room import Decision
from proctor.rehearsal.client import SyntheticPublisher, SyntheticViewer, play
from proctor.rehearsal.page import Page
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    PDF,
    Exam,
    Server,
    candidate_page,
    exam_times,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
)

PUBLISHERS = 10
SECONDS = 4.0
BOUND = 0.020
ROUNDS = 5  # other work on the machine may spoil some; what a job itself holds up shows in every one
LARGE_PDF = PDF[:-6] + bytes(19_900_000) + PDF[-6:]


@dataclass
class Scene:
    """A room in which people publish, one watches, and a candidate is at work."""

    server: Server
    exam: Exam
    candidate: Page
    publishers: list[SyntheticPublisher]
    viewer: SyntheticViewer
    photograph: str = ""  # path of a photographed page


def large_photograph() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((4000, 3000), 60).save(made, "JPEG")
    return made.getvalue()


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    # One candidate sends here what is meant for hundreds of them.
    monkeypatch.setattr("proctor.uploads._MOST_FILES_EVER", 10_000)
    monkeypatch.setattr("proctor.uploads._MOST_BYTES_EVER", 1 << 40)
    clock = SteppedClock(MORNING, flowing=True)
    publishers = [SyntheticPublisher(number % 2, stamp=True) for number in range(PUBLISHERS)]  # two encodings do
    async with running(tmp_path, clock) as server, contextlib.AsyncExitStack() as stack:
        exam = await plan_exam(server)
        clock.jump_to(exam.starts_at - timedelta(minutes=5))
        invigilator = await stack.enter_async_context(await invigilator_page(server))
        await invigilator.join(exam.room)
        candidate = await stack.enter_async_context(await candidate_page(server, exam, "001"))
        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        clock.jump_to(exam.starts_at)
        await candidate.hear("paper_key")
        media, recording = server.house.media.room("watched"), server.house.recording
        for number, publisher in enumerate(publishers):
            name = f"p{number}"
            recorder = recording.recorder("watched", name, request_keyframe=lambda layer: None)
            answer = await media.publish(name, publisher.offer(), sink=recorder, on_state=lambda *_: None)
            await publisher.accept(answer)
        viewer = SyntheticViewer()
        subscription = await media.subscribe("v", tiles=PUBLISHERS)
        await media.accept(subscription.id, viewer.answer(subscription.offer_sdp))
        await viewer.connect()
        media.show(subscription.id, {f"t{number}": f"p{number}" for number in range(PUBLISHERS)}, "p0")
        playing = asyncio.create_task(play(publishers))
        async with asyncio.timeout(10):
            while sum(len(slot.delays) for slot in viewer.slots.values()) < 5 * PUBLISHERS:
                await asyncio.sleep(0.05)
        yield Scene(server, exam, candidate, publishers, viewer)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        await asyncio.gather(viewer.stop(), *(publisher.stop() for publisher in publishers))


async def finalise_segments(scene: Scene) -> None:
    recording = scene.server.house.recording
    for number in range(PUBLISHERS):
        await recording.finish("watched", f"p{number}")


async def hash_an_upload(scene: Scene) -> None:
    size = "20000000"
    url = f"{scene.server.url}/api/rooms/{scene.exam.room}/files"
    role = {"Proctor-Role": "candidate"}
    name = "filename " + base64.b64encode(b"x.bin").decode()
    async with scene.candidate.http.post(
        url, headers={**role, "Upload-Length": size, "Upload-Metadata": name}
    ) as created:
        location = created.headers["Location"]
    cookie = "; ".join(f"{each.key}={each.value}" for each in scene.candidate.http.cookie_jar)
    sending = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.upload", scene.server.url + location, cookie, size
    )
    assert await sending.wait() == 0
    await scene.candidate.call("DELETE", location)


async def archive_submissions(scene: Scene) -> None:
    async with await office_page(scene.server) as office:
        answer = await office.get(f"/api/rooms/{scene.exam.room}/submissions.zip")
        assert answer["status"] == 200


async def check_passwords(scene: Scene) -> None:
    async with Page(scene.server.url, "invigilator") as page:
        await asyncio.gather(*(page.sign_in("invigilator", PASSWORD) for _ in range(10)))


async def seal_a_paper(scene: Scene) -> None:
    office = scene.server.house.office
    planned = await office.create_exam("s", "x", scene.server.house.rooms.get(scene.exam.room).state.schedule)
    await office.load_paper("s", planned["exam"], LARGE_PDF)


async def read_a_long_log(scene: Scene) -> None:
    live = scene.server.house.rooms.get(scene.exam.room)
    if live.state.seq < 5_000:
        for _ in range(20):
            seen = tuple(e.MessageSeen(candidate=scene.exam.candidates["001"], message="m") for _ in range(250))
            await live.act("s", lambda room, now, seen=seen: Decision(seen))
    assert len(await scene.server.house.rooms.events(scene.exam.room, 0)) > 500_000


async def print_the_slips_of_a_full_room(scene: Scene) -> None:
    """A workbook is read, fifty are enrolled, and their slips typeset."""
    marked = secrets.token_hex(4)  # else those of the run before would be in two rooms at once
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ("number", "full_name"))
        for row in range(1, 51):
            sheet.write_row(row, 0, (f"{row:03}", f"Nguyễn Thị Ngọc Ánh {marked} {row}"))
    async with await office_page(scene.server) as office:
        planned = await office.post("/api/exams", {"title": "x", **exam_times(scene.exam.starts_at)})
        room = (await office.post(f"/api/exams/{planned['exam']}/rooms", {"title": "x"}))["room"]
        told = await office.call("POST", f"/api/rooms/{room}/roster", data=out.getvalue())
        codes = {each["candidate"]: each["code"] for each in told["candidates"]}
        assert len(codes) == 50
        assert (await office.post(f"/api/rooms/{room}/slips.pdf", {"codes": codes}))["status"] == 200
async def show_a_page_small(scene: Scene) -> None:
    """A telephone's photograph of 12 million pixels."""
    if not scene.photograph:
        role = {"Proctor-Role": "candidate"}
        files = f"{scene.server.url}/api/rooms/{scene.exam.room}/files"
        large = large_photograph()
        async with scene.candidate.http.post(files, headers={**role, "Upload-Length": str(len(large))}) as created:
            scene.photograph = created.headers["Location"]
        part = {**role, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        async with scene.candidate.http.patch(scene.server.url + scene.photograph, headers=part, data=large) as sent:
            assert sent.status == 204
    shown = await scene.candidate.get(f"{scene.photograph}/preview")
    assert shown["body"].startswith(b"\xff\xd8")


@pytest.mark.measured
@pytest.mark.parametrize(
    "job",
    [
        finalise_segments, hash_an_upload, archive_submissions, check_passwords, seal_a_paper, read_a_long_log,
        print_the_slips_of_a_full_room,
        show_a_page_small,
    ],
    ids=lambda job: job.__name__,
)
async def test_forwarding_is_not_held_up_by(job: Callable[[Scene], Awaitable[None]], scene: Scene) -> None:
    await job(scene)  # once before, so that a worker's own start is not what is measured
    measured: list[float] = []
    while len(measured) < ROUNDS and (not measured or measured[-1] >= BOUND):
        measured.append(await p99_beside(job, scene))
    assert measured[-1] < BOUND, measured


async def p99_beside(job: Callable[[Scene], Awaitable[None]], scene: Scene) -> float:
    """Run the job again and again; the 99th percentile of the delays meanwhile, in seconds."""
    before = {mid: len(slot.delays) for mid, slot in scene.viewer.slots.items()}
    end, runs = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        await job(scene)
        runs += 1
        await asyncio.sleep(0.05)  # measures a rate: jobs come one after another, as people ask for them
    delays = sorted(
        delay for mid, slot in scene.viewer.slots.items() for delay in slot.delays[before.get(mid, 0) :]
    )
    assert runs >= 1
    assert len(delays) > 0.9 * SECONDS * (PUBLISHERS * 8 + 15)
    p99 = delays[int(0.99 * len(delays))]
    print(f"\n{job.__name__}: {runs} runs, {len(delays)} frames, p50 {1000 * delays[len(delays) // 2]:.1f} ms, "
          f"p99 {1000 * p99:.1f} ms, worst {1000 * delays[-1]:.1f} ms")  # fmt: skip
    return p99
