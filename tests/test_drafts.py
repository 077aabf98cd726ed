"""What the office corrects while an exam is a draft, and who it takes off a list: whole, logged, and not too late."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.regulation.local_time import LOCAL_TIME
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import MORNING, SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import (
    CHECKS,
    DECISION,
    PLAN,
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


async def drafted(server: Server, office: Page) -> Exam:
    """An exam with its people that is a draft again."""
    exam = await plan_exam(server)
    body = {"reason": "sửa giờ"}
    assert "error" not in await office.call("DELETE", f"/api/exams/{exam.exam}/publication", body)
    return exam


async def revise(office: Page, exam: Exam, starts_at: datetime, **more: Any) -> Any:
    return await office.put(f"/api/exams/{exam.exam}", {"title": "Triết học", **exam_times(starts_at), **more})


async def kinds(office: Page) -> list[str]:
    return [event["kind"] for event in (await office.get("/api/office/events"))["events"]]


async def test_a_draft_gets_another_name_and_other_times_in_all_its_rooms(server: Server) -> None:
    async with await office_page(server) as office:
        exam = await drafted(server, office)
        await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"})
        later = exam.starts_at + timedelta(days=1)
        revised = await revise(office, exam, later)
        assert (revised["title"], revised["times"]["starts_at"]) == ("Triết học", moment(later))
        assert [room["times"]["starts_at"] for room in revised["rooms"]] == [moment(later)] * 2
        assert (await kinds(office))[-1] == "exam_revised"
        assert "error" not in await revise(office, exam, later)  # said again, nothing changes in the rooms
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [event["kind"] for event in log].count("room_revised") == 1


async def test_the_publication_that_is_withdrawn_is_the_one_that_was_shown(server: Server, clock: SteppedClock) -> None:
    async with await office_page(server) as office:
        exam = await plan_exam(server)
        path = f"/api/exams/{exam.exam}/publication"
        shown = (await office.get(f"/api/exams/{exam.exam}"))["published_at"]

        async def withdraw(published_at: str) -> Any:
            as_shown = {"If-Match": f'"{published_at}"'}
            return await office.call("DELETE", path, {"reason": "Sửa đề"}, headers=as_shown)

        assert "error" not in await withdraw(shown)
        assert code(await withdraw(shown)) == "changed_meanwhile"  # a colleague's page, whose reason would be lost
        clock.advance(minutes=1)
        again = (await office.post(path))["published_at"]
        assert code(await withdraw(shown)) == "changed_meanwhile"
        assert (await office.get(f"/api/exams/{exam.exam}"))["published_at"] == again
        assert (await kinds(office)).count("exam_withdrawn") == 1
        assert "error" not in await withdraw(again)


async def test_times_that_contradict_that_are_published_or_at_which_people_are_elsewhere_change_nothing(
    server: Server,
) -> None:
    async with await office_page(server) as office:
        exam = await drafted(server, office)
        other = await office.post("/api/exams", {"title": "Khác", **exam_times(exam.starts_at + timedelta(days=1))})
        room = (await office.post(f"/api/exams/{other['exam']}/rooms", {"title": "Phòng"}))["room"]
        staff = [one["subject"] for one in (await office.get("/api/staff"))["staff"] if one["role"] == "invigilator"]
        assert "error" not in await office.put(f"/api/rooms/{room}/staff", {"staff": staff})
        before = await kinds(office)
        day = timedelta(days=1)
        assert code(await revise(office, exam, exam.starts_at, working_minutes=300)) == "schedule_contradiction"
        assert code(await revise(office, exam, exam.starts_at + day)) == "staff_elsewhere"
        assert code(await office.put("/api/exams/e_no", {"title": "x", **exam_times(exam.starts_at)})) == "not_found"
        assert "error" not in await office.post(f"/api/exams/{exam.exam}/publication")
        assert code(await revise(office, exam, exam.starts_at + 2 * day)) == "already_published"
        assert (await kinds(office))[len(before) :] == ["exam_published"]
        unchanged = await office.get(f"/api/exams/{exam.exam}")
        assert unchanged["times"]["starts_at"] == moment(exam.starts_at)


async def test_a_revision_that_was_cut_short_keeps_the_exam_from_publication_until_it_is_said_again(
    server: Server,
) -> None:
    async with await office_page(server) as office:
        exam = await drafted(server, office)
        await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"})
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["", "", "before"]  # the office and the first room, not the second
        later = exam.starts_at + timedelta(days=1)
        assert code(await revise(office, exam, later)) == "internal"
        assert "times" in (await office.get(f"/api/exams/{exam.exam}"))["readiness"]["unmet"]
        revised = await revise(office, exam, later)
        assert "times" not in revised["readiness"]["unmet"]
        assert {room["times"]["starts_at"] for room in revised["rooms"]} == {moment(later)}
        assert not any(room["supported"] for room in revised["rooms"])  # who agreed, agreed to another time


async def test_a_room_is_removed_when_it_is_empty_and_stays_removed(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        exam = await drafted(server, office)
        room = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"}))["room"]
        assert code(await office.call("DELETE", f"/api/rooms/{exam.room}")) == "room_not_empty"
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["", "before"]  # the office's entry is written, the room's is not
        assert code(await office.call("DELETE", f"/api/rooms/{room}")) == "internal"
        assert await office.call("DELETE", f"/api/rooms/{room}") == {}
        assert code(await office.call("DELETE", f"/api/rooms/{room}")) == "not_found"
        assert [one["room"] for one in (await office.get(f"/api/exams/{exam.exam}"))["rooms"]] == [exam.room]
        assert "error" not in await office.post(f"/api/exams/{exam.exam}/publication")
        assert code(await office.call("DELETE", f"/api/rooms/{exam.room}")) == "already_published"
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert [one["room"] for one in (await office.get(f"/api/exams/{exam.exam}"))["rooms"]] == [exam.room]


async def test_who_does_not_sit_the_exam_is_taken_off_the_list_until_admitted(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=3)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        await invigilator.join(exam.room)
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        path = f"/api/rooms/{exam.room}/candidates"
        for number, reason, refused in (
            ("001", "không dự thi", "already_admitted"), ("002", "  ", "reason_needed"), ("002", "không dự thi", None),
        ):  # fmt: skip
            answer = await office.call("DELETE", f"{path}/{exam.candidates[number]}", {"reason": reason})
            assert code(answer) == refused
        await second.hear("signed_out")
        gone = await invigilator.hear("sitting", lambda sitting: sitting["state"] == "moved_out")
        assert gone["number"] == "002"
        again = await second.post("/api/sign-in/candidate", {"number": "002", "code": exam.codes["002"]})
        assert code(again) == "wrong_credentials"
        assert (await kinds(office))[-1] == "candidate_removed"
        again = "số báo danh,họ và tên\n002,Người mới\n".encode()
        added = await office.call("POST", f"/api/rooms/{exam.room}/roster", data=again)
        assert added["imported"] == 1  # the number is free again
        clock.jump_to(exam.starts_at)
        await invigilator.hear("room", lambda room: room["released_at"])
        late = await office.call("DELETE", f"{path}/{exam.candidates['003']}", {"reason": "không dự thi"})
        assert code(late) == "roster_locked"


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(server: Server) -> None:
    async with await office_page(server) as office:
        exam = await drafted(server, office)
        path = f"/api/exams/{exam.exam}"
        (room,) = (shown := await office.get(path))["rooms"]
        plan, times, staff = shown["plan"], exam_times(exam.starts_at), [each["subject"] for each in room["staff"]]
        for what, body, edition in (
            (path, {"title": "Tên mới", **times}, shown["edition"]),
            (f"{path}/plan", plan, shown["edition"]),
            (f"/api/rooms/{exam.room}/staff", {"staff": staff[:1]}, room["staff_edition"]),
        ):
            as_shown = {"If-Match": f'"{edition}"'}
            other = {"If-Match": '"0000000000000000"'}
            before = await office.get(path)
            refused = await office.put(what, body, headers=other)
            assert (refused["status"], code(refused)) == (412, "changed_meanwhile"), what
            assert await office.get(path) == before
            assert "error" not in await office.put(what, body, headers=as_shown), what
            if what == path:  # the name was changed, so whoever shows the earlier one is told; put back for the next
                assert code(await office.put(what, body, headers=as_shown)) == "changed_meanwhile"
                assert "error" not in await office.put(what, {"title": shown["title"], **times})
        assert code(await office.put(what, {"staff": staff}, headers=as_shown)) == "changed_meanwhile"


async def test_an_exam_is_not_published_before_the_day_of_the_decision_it_rests_on(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, starts_at=MORNING + timedelta(days=3))
    path = f"/api/exams/{exam.exam}"
    async with await office_page(server) as office:
        assert code(await office.call("DELETE", f"{path}/publication", {"reason": "Sửa quyết định"})) is None
        tomorrow = {**DECISION, "signed_on": "2026-11-24"}
        planned = await office.put(f"{path}/plan", {**PLAN, "form_decision": tomorrow, "conditions": tomorrow})
        assert planned["readiness"]["unmet"] == ["form_decision_date", "conditions_date"]
    midnight = datetime(2026, 11, 24, tzinfo=LOCAL_TIME)
    clock.jump_to(midnight - timedelta(seconds=1))
    async with await office_page(server) as office:  # the session of the morning is over
        refused = await office.post(f"{path}/publication")
        assert code(refused) == "not_publishable"
        assert refused["error"]["details"]["unmet"] == ["form_decision_date", "conditions_date"]
        clock.jump_to(midnight)
        assert (await office.post(f"{path}/publication"))["published_at"]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"number": " "}, "Chưa đúng: số của quyết định về hình thức thi còn trống."),
        ({"signer": ""}, "Chưa đúng: người ký của quyết định về hình thức thi còn trống."),
        ({"signed_on": "0202-11-01"}, "Chưa đúng: ngày ký của quyết định về hình thức thi (năm"),
        ({"signed_on": "202026-11-01"}, "Chưa đúng: ngày ký của quyết định về hình thức thi (năm"),
        ({"signed_on": "2026-11-25"}, "Chưa đúng: ngày ký của quyết định về hình thức thi (năm"),
        ({"digest": hashlib.sha256(b"").hexdigest()},
         "Chưa đúng: bản đã ký của quyết định về hình thức thi là tệp rỗng."),
    ],
)  # fmt: skip
async def test_a_decision_that_cannot_be_meant_is_refused_by_its_name_and_changes_nothing(
    server: Server, part: dict[str, str], said: str
) -> None:
    async with await office_page(server) as office:
        exam = await drafted(server, office)
        path = f"/api/exams/{exam.exam}"
        before = await office.get(path)
        refused = await office.put(f"{path}/plan", {**PLAN, "form_decision": {**DECISION, **part}})
        assert code(refused) == "bad_request"
        assert refused["error"]["vi"].startswith(said)
        assert "form_decision" not in refused["error"]["en"]
        assert await office.get(path) == before
