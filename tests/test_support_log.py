"""The report of requests for help, over the real doors."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from proctor.exam.permissions import Role
from proctor.exam.room import Decision
from proctor.facts import SERVER
from proctor.rehearsal.page import Page, code
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)

KINDS = ["hand", "message", "diagnosis", "asked_again"]


async def test_the_office_the_supervisor_and_the_inspector_read_who_waited_how_long(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
        await office_page(server) as office,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        me = exam.candidates["001"]
        await admit(invigilator, me)
        await page.tell("raise_hand")
        clock.advance(seconds=20)
        await invigilator.tell("lower_hand", candidate=me)
        wrote = await page.tell("write_message", text="=1+1, đề mờ")
        clock.advance(seconds=30)
        await invigilator.tell("send_message", to=[me], text="thử phóng to", answers=wrote["message"])
        asked = await invigilator.tell("request_diagnosis", candidate=me)
        clock.advance(seconds=2)
        await page.hear("diagnose")
        await page.tell("report_diagnosis", diagnosis=asked["diagnosis"], findings={"browser": "x"})
        await invigilator.tell("ask_again", candidate=me, subject="face", text="chụp lại")
        await server.house.rooms.get(exam.room).tell(SERVER, lambda room, now: Decision())  # after the facts before it
        await invigilator.hear("diagnosis")
        assert undescribed([*page.heard, *invigilator.heard]) == []
        for path in (f"/api/rooms/{exam.room}/support-log", f"/api/exams/{exam.exam}/support-log"):
            told = await office.get(path)
            (room,) = told["rooms"]
            assert [each["kind"] for each in room["requests"]] == KINDS
            assert [each["seconds"] for each in room["requests"]] == [20, 30, 2, None]
            assert [each["answered_by_name"] for each in room["requests"]][:2] == ["Cán bộ invigilator"] * 2
            assert told["summary"]["message"]["median_seconds"] == 30
        table = await office.get(f"/api/exams/{exam.exam}/support-log?form=csv")
        assert table["headers"]["Content-Disposition"].startswith("attachment")
        heading, *lines = csv.reader(io.StringIO(table["body"].decode("utf-8-sig")))
        assert len(lines) == 4 and heading[0] == "Phòng"
        assert lines[0][1:4] == ["Giơ tay", "001", "Thí sinh 001"]
        table = await office.get(f"/api/exams/{exam.exam}/support-log?form=csv&lang=en")
        assert f'filename="support-{exam.exam}.csv"' in table["headers"]["Content-Disposition"]
        heading, *english = csv.reader(io.StringIO(table["body"].decode("utf-8-sig")))
        assert heading[:3] == ["Room", "Kind", "Candidate number"]
        assert [line[1] for line in english] == ["Hand raised", "Message", "Diagnosis", "Asked again"]
        assert [line[2:] for line in english] == [line[2:] for line in lines]
        assert code(await office.get(f"/api/rooms/{exam.room}/support-log?form=csv&lang=fr")) == "bad_request"
        assert code(await office.get(f"/api/rooms/{exam.room}/support-log?form=xml")) == "bad_request"
        assert code(await office.get("/api/exams/e_none/support-log")) == "not_found"


@pytest.mark.parametrize(("role", "refusal"), [
    (Role.SUPERVISOR, None), (Role.INSPECTOR, None), (Role.INVIGILATOR, "forbidden"), (Role.IT_UNIT, "forbidden"),
])  # fmt: skip
async def test_who_may_read_it(server: Server, clock: SteppedClock, role: Role, refusal: str | None) -> None:
    exam = await plan_exam(server, candidates=1)
    clock.jump_to(exam.starts_at - timedelta(minutes=30))
    async with Page(server.url, role) as page:
        await page.sign_in(role, PASSWORD)
        for path in (f"/api/rooms/{exam.room}/support-log", f"/api/exams/{exam.exam}/support-log"):
            assert code(await page.get(path)) == refusal
