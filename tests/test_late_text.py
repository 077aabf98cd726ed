"""A text that comes when the time is over: evidence in the office's archive and on the log (A14.2b.7)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
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
from tests.test_late_files import MINUTE, SUBMIT_BY, archive, at_work

SAVED = "Câu 1. Đã lưu."
TEXT = "Câu 1. Đã lưu. Câu 2. Viết khi mất mạng."
OWN = "2026-11-20T01:02:03.000Z"
CLOCK = "Proctor-Client-Time"


async def save(page: Page) -> None:
    saved = await page.tell("save_answer", epoch=page.epoch, base_revision=0, text=SAVED, client_time="")
    assert saved["revision"] == 1


async def hand_over(page: Page, exam: Exam, text: str = TEXT) -> Any:
    page.http.headers[CLOCK] = OWN
    given = {"base_revision": 1, "text": text, "written_at": moment(exam.starts_at + SUBMIT_BY - MINUTE)}
    return await page.post(f"/api/rooms/{exam.room}/late-text", given)


async def on_the_log(server: Server, exam: Exam) -> list[dict[str, Any]]:
    async with await office_page(server) as office:
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
    return [each["data"] for each in log if each["kind"] == "late_text_kept"]


async def test_it_is_kept_once_told_and_found_in_the_archive_after_a_restart(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server, candidates=1)
        page = await candidate_page(server, exam, "001")
        async with await invigilator_page(server) as invigilator:
            clock.jump_to(exam.starts_at)
            await invigilator.join(exam.room)
            await reach_lobby(page, exam.room)
            await admit(invigilator, exam.candidates["001"])
            await save(page)
            clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
            kept = await hand_over(page, exam)
            assert undescribed([("POST /api/rooms/{room}/late-text", kept)]) == []
            assert (kept["sha256"], kept["characters"]) == (hashlib.sha256(TEXT.encode()).hexdigest(), len(TEXT))
            assert kept["received_at"] == moment(exam.starts_at + SUBMIT_BY + MINUTE)
            told = await page.hear("me", lambda me: me["late_texts"])
            assert told["late_texts"] == [kept]
            assert (told["state"], told["answer"]["characters"]) == ("admitted", len(SAVED))
            seen = await invigilator.hear("sitting", lambda one: one["late_texts"])
            assert seen["late_texts"] == [kept]
            await page.leave()
    async with running(tmp_path, clock) as server:
        async with page:
            page.url = server.url  # the same browser, with its cookies
            clock.jump_to(exam.starts_at + SUBMIT_BY + 2 * MINUTE)
            assert await hand_over(page, exam) == kept  # the answer was lost
            clock.jump_to(exam.starts_at + SUBMIT_BY + 6 * MINUTE)
            assert await hand_over(page, exam) == kept
            assert code(await hand_over(page, exam, "Viết thêm.")) == "room_ended"
        (entry,) = await on_the_log(server, exam)
        assert (entry["text"], entry["client_time"]) == (TEXT, OWN)
        inside = await archive(server, exam.room)
    folder = "001_Thí sinh 001"
    assert inside[f"unsubmitted/{folder}/answer.txt"].decode() == SAVED
    (listed,) = json.loads(inside[f"rejected/{folder}/rejected.json"])["files"]
    assert inside[f"rejected/{folder}/{listed['name']}"].decode() == TEXT
    assert listed["name"].endswith("Z_answer.txt")
    assert listed == {
        "name": listed["name"], "received_at": kept["received_at"], "bytes": len(TEXT.encode()), "why": "late",
        "sha256": kept["sha256"], "declared": False, "client_time": OWN, "written_at": kept["written_at"],
    }  # fmt: skip


async def test_beside_work_that_was_collected_it_is_no_part_of_it(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=1)
    async with await office_page(server) as office:
        await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "thu bài đã lưu"})
        await publish_exam_as(office, exam.exam, exam.room, rules={"collect_saved": True})
    async with at_work(server, clock, exam) as (page, _):
        await save(page)
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        receipt = await page.hear("receipt")
        assert (await hand_over(page, exam))["why"] == "late"
        assert code(await hand_over(page, exam, SAVED)) == "nothing_late"
    inside = await archive(server, exam.room)
    folder = "001_Thí sinh 001"
    assert inside[f"{folder}/answer.txt"].decode() == SAVED
    assert hashlib.sha256(inside[f"{folder}/submission.json"]).hexdigest() == receipt["sha256"]
    assert [content.decode() for name, content in inside.items() if name.endswith("Z_answer.txt")] == [TEXT]


async def test_two_at_the_same_moment_are_one_entry(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=1)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        first, second = await asyncio.gather(hand_over(page, exam), hand_over(page, exam))
        assert first == second
    assert len(await on_the_log(server, exam)) == 1


@pytest.mark.parametrize("written", ["giờ", "9" * 41, "2026-11-20T01:02:03<b>"])
async def test_what_no_clock_shows_is_refused(server: Server, clock: SteppedClock, written: str) -> None:
    exam = await plan_exam(server, candidates=1)
    async with await candidate_page(server, exam, "001") as page:
        given = {"base_revision": 1, "text": TEXT, "written_at": written}
        assert code(await page.post(f"/api/rooms/{exam.room}/late-text", given)) == "bad_request"
        given["written_at"] = ""
        assert code(await page.post(f"/api/rooms/{exam.room}/late-text", given)) == "not_admitted"
