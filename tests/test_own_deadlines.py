"""Time ends for each candidate at the own deadline: what is collected then, and a server that was down at it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from proctor.exam.room import Decision
from proctor.rehearsal.page import Page, code
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    publish_exam_as,
    reach_lobby,
    running,
    shared_workers,
)
from tests.support.tus import beginning, going_on

WORKING = timedelta(minutes=90)


async def write(page: Page, text: str, base: int = 0) -> str | None:
    """Save an answer; the code of the refusal, if it is one."""
    saved = await page.tell("save_answer", epoch=page.epoch, base_revision=base, text=text, client_time="")
    return code(saved)


async def extra_time(server: Server, exam: Exam, number: str, minutes: int) -> None:
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}/candidates/{exam.candidates[number]}/extra-time"
        assert code(await office.put(path, {"minutes": minutes, "reason": "Khuyết tật"})) is None


async def start(clock: SteppedClock, exam: Exam, invigilator: Page, *pages: Page) -> None:
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    await invigilator.join(exam.room)
    for page in pages:
        await reach_lobby(page, exam.room)
    await admit(invigilator, *exam.candidates.values())
    clock.jump_to(exam.starts_at)
    for page in pages:
        await page.hear("paper_key")


async def collecting(server: Server) -> Exam:
    """An exam that takes saved work as handed in."""
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        assert code(await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "Thu bài"})) is None
        await publish_exam_as(office, exam.exam, exam.room, rules={"collect_saved": True})
    return exam


async def looked_at(server: Server, exam: Exam) -> None:
    """The room's timer has done what is due now."""
    room = server.house.rooms.get(exam.room)
    room.timer.look()
    while room.timer._rescheduled.is_set():
        await asyncio.sleep(0)
    await room.act("test", lambda state, now: Decision())


async def test_who_is_not_heard_of_since_the_deadline_is_not_judged_until_then(
    server: Server, clock: SteppedClock
) -> None:
    """X31: a page that fell silent just before may have been away already."""
    exam = await collecting(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as there,
        await candidate_page(server, exam, "002") as away,
    ):
        await start(clock, exam, invigilator, there, away)
        for page in (there, away):
            assert await write(page, "Bài làm") is None
            await page.fall_silent()
        clock.jump_to(exam.starts_at + WORKING + timedelta(milliseconds=2))
        await looked_at(server, exam)
        known = server.house.rooms.get(exam.room).state
        assert [each.submitted_at for each in known.sittings.values()] == [None, None]
        assert not known.submission_closed
        await there.tell("ping_clock", client_time=0.0)
        assert (await there.hear("receipt"))["submission"]
        clock.monotonic_ahead = 5.0  # so long the other one says nothing, and comes back before its socket was given up
        async with contextlib.AsyncExitStack() as old:
            old.push_async_callback(away.socket.disconnect)  # type: ignore[union-attr]
            away.socket = None
            welcome = await away.join(exam.room)
        await invigilator.hear("room", lambda room: room["submission_closed"])
        assert (welcome["receipt"], welcome["me"]["state"]) == (None, "admitted")
        sitting = server.house.rooms.get(exam.room).state.sittings[exam.candidates["002"]]
        assert sitting.not_collected == exam.starts_at + WORKING
        assert sitting.losses[0].since == exam.starts_at


@pytest.mark.parametrize("text", ["Bài làm, và một tệp", ""])
async def test_a_file_whose_last_byte_came_in_time_is_collected_however_long_it_takes_to_read(
    server: Server, clock: SteppedClock, tmp_path: Path, text: str
) -> None:
    """A14.2b.7; for who writes on paper it is the whole work."""
    exam = await collecting(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await admit(invigilator, exam.candidates["001"])
        clock.jump_to(exam.starts_at)
        await page.hear("paper_key")
        clock.jump_to(exam.starts_at + WORKING - timedelta(seconds=1))
        if text:
            assert await write(page, text) is None
        created = await page.call("POST", f"/api/rooms/{exam.room}/files", headers=beginning(4))
        gate = tmp_path / "gate"
        os.mkfifo(gate)
        busy = shared_workers().submit(gate.read_bytes)  # the only worker there is
        with contextlib.ExitStack() as afterwards:
            afterwards.callback(gate.write_bytes, b"go on")
            path = created["headers"]["Location"]
            sent = asyncio.create_task(page.call("PATCH", path, data=b"%PDF", headers=going_on()))
            room = server.house.rooms.get(exam.room)
            async with asyncio.timeout(10):
                while not room.heard._taking_in[exam.candidates["001"]]:
                    await asyncio.sleep(0.01)
            clock.jump_to(exam.starts_at + WORKING + timedelta(milliseconds=2))
            await page.tell("ping_clock", client_time=0.0)
            await looked_at(server, exam)
            assert not room.state.submission_closed
        busy.result()
        assert (await sent)["status"] == 204
        receipt = await page.hear("receipt")
        assert [file["sha256"] for file in receipt["files"]] == [hashlib.sha256(b"%PDF").hexdigest()]
        assert not room.state.sittings[exam.candidates["001"]].late_files


async def test_a_server_that_stood_still_over_the_deadline_holds_the_room(server: Server, clock: SteppedClock) -> None:
    exam = await collecting(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
        await candidate_page(server, exam, "002") as other,
    ):
        await start(clock, exam, invigilator, page, other)
        assert await write(page, "Bài làm") is None
        server.house.rooms._pulse._last -= 60.0
        clock.jump_to(exam.starts_at + WORKING + timedelta(seconds=30))
        held = await invigilator.hear("room", lambda room: room["hold"] is not None)
        assert (held["hold"]["missed"], held["hold"]["candidates"]) == ("deadline", 2)
        assert await write(page, "Bài làm, viết tiếp", 1) == "room_held"


async def test_saved_work_is_collected_at_the_own_deadline_with_a_receipt(server: Server, clock: SteppedClock) -> None:
    exam = await collecting(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        await start(clock, exam, invigilator, first, second)
        await extra_time(server, exam, "002", 5)
        assert await write(first, "Bài của 001") is None
        assert await write(second, "Bài của 002") is None
        clock.jump_to(exam.starts_at + WORKING + timedelta(milliseconds=2))
        receipt = await first.hear("receipt")
        assert receipt["submission"] and receipt["ledger"]["signature"]
        assert receipt["collected"] == {"because": None}
        assert await write(second, "Bài của 002, viết tiếp", 1) is None
        clock.jump_to(exam.starts_at + WORKING + timedelta(minutes=5, milliseconds=2))
        await second.hear("receipt")
        await invigilator.hear("room", lambda room: room["submission_closed"])


async def test_time_that_was_granted_before_the_room_opened_counts_in_it(server: Server, clock: SteppedClock) -> None:
    """A decision on an accommodation is there long before: it is entered as soon as the exam is published."""
    exam = await plan_exam(server, starts_at=MORNING + timedelta(hours=8))
    async with await office_page(server) as office:
        (room,) = (await office.get(f"/api/exams/{exam.exam}"))["rooms"]
        assert (room["phase"], room["published"]) == ("closed", True)
    await extra_time(server, exam, "002", 5)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        await start(clock, exam, invigilator, first, second)
        assert await write(second, "Bài của 002") is None
        clock.jump_to(exam.starts_at + WORKING + timedelta(minutes=5))
        assert await write(first, "muộn") == "after_submit_by"
        assert await write(second, "Bài của 002, viết tiếp", 1) is None
        clock.advance(seconds=0.001)
        assert await write(second, "muộn", 2) == "after_submit_by"


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(seconds=-1)], ids=["after it", "just before it"])
async def test_a_server_that_was_down_at_one_deadline_holds_that_candidate_and_lets_the_other_go_on(
    back: timedelta, tmp_path: Path
) -> None:
    clock = SteppedClock(MORNING)
    async with contextlib.AsyncExitStack() as pages:
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server)
            first = await pages.enter_async_context(await candidate_page(server, exam, "001"))
            second = await pages.enter_async_context(await candidate_page(server, exam, "002"))
            async with await invigilator_page(server) as invigilator:
                await start(clock, exam, invigilator, first, second)
                await extra_time(server, exam, "002", 5)
                assert await write(first, "Bài của 001") is None
                clock.jump_to(exam.starts_at + WORKING - timedelta(seconds=4))
        clock.jump_to(exam.starts_at + WORKING + back)
        port = urlsplit(server.url).port or 0
        async with (
            running(tmp_path, clock, listen=port) as server,
            await invigilator_page(server) as invigilator,
            await office_page(server) as office,
        ):
            await invigilator.join(exam.room)
            if back < timedelta():
                clock.jump_to(exam.starts_at + WORKING + timedelta(seconds=2))
                await invigilator.hear("room", lambda room: room["hold"] is not None)
            held, free = await first.join(exam.room), await second.join(exam.room)
            assert (held["room"]["hold"]["missed"], held["room"]["hold"]["candidates"]) == ("deadline", 1)
            assert (held["me"]["held"], free["me"]["held"]) == (True, False)
            assert await write(first, "muộn", 1) == "room_held"
            assert await write(second, "Bài của 002") is None
            path = f"/api/rooms/{exam.room}/hold"
            wrong = {"outcome": "refer_to_deferral", "reason": "Máy chủ ngừng"}
            assert code(await office.post(path, wrong)) == "bad_request"  # of regime B
            assert code(await office.post(path, {"outcome": "accept_saved", "reason": "Máy chủ ngừng"})) is None
            assert (await first.hear("receipt"))["submission"]
            assert await write(second, "Bài của 002, viết tiếp", 1) is None
            clock.jump_to(exam.starts_at + WORKING + timedelta(minutes=5, milliseconds=2))
            await invigilator.hear("room", lambda room: room["submission_closed"])
            await invigilator.tell("publish_lists")
            assert (await first.hear("lists"))["did_not_submit"] == ["Thí sinh 002"]
