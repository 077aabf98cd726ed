"""Time ends for each candidate at the own deadline: what is collected then, and a server that was down at it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

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
)

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


async def test_saved_work_is_collected_at_the_own_deadline_with_a_receipt(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        assert code(await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "Thu bài"})) is None
        await publish_exam_as(office, exam.exam, exam.room, rules={"collect_saved": True})
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


async def test_a_server_that_was_down_at_one_deadline_holds_that_candidate_and_lets_the_other_go_on(
    tmp_path: Path,
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
        clock.jump_to(exam.starts_at + WORKING + timedelta(minutes=2))
        port = urlsplit(server.url).port or 0
        async with (
            running(tmp_path, clock, listen=port) as server,
            await invigilator_page(server) as invigilator,
            await office_page(server) as office,
        ):
            await invigilator.join(exam.room)
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
