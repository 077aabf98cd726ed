"""The sealed paper: what the office may do with it, and until when."""

from __future__ import annotations

from datetime import timedelta

from proctor.rehearsal.page import code
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    PDF,
    Server,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)


async def test_a_preview_is_the_paper_and_is_on_the_log_of_every_room(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        preview = await office.get(f"/api/exams/{exam.exam}/paper")
        assert preview["body"] == PDF
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [event["actor"] for event in events if event["kind"] == "paper_previewed"] == [
            (await office.get("/api/me"))["subject"]
        ]


async def test_a_paper_may_be_replaced_until_a_candidate_has_it(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    path = f"/api/exams/{exam.exam}/paper"
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        first = (await office.get("/api/exams"))["exams"][0]["paper"]
        second = await office.put(path, data=PDF + b"\n%%EOF\n")
        assert second["sha256"] != first["sha256"]
        clock.jump_to(exam.starts_at - timedelta(minutes=5))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        assert (await candidate.get(f"/api/rooms/{exam.room}/paper"))["status"] == 200
        assert code(await office.put(path, data=PDF)) == "paper_locked"
        assert (await office.get(path))["body"] == PDF + b"\n%%EOF\n"
        listed = (await office.get("/api/exams"))["exams"][0]["paper"]
        assert {key: listed[key] for key in second} == second


async def test_a_new_room_gets_the_paper_that_is_there(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        room = await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"})
        live = server.house.rooms.get(room["room"])
        assert live.state.paper == server.house.rooms.get(exam.room).state.paper
