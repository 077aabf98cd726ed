"""What the training office gives to several rooms of an exam goes to all of them in one act, or to none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proctor.rehearsal.page import Page, code
from tests.support.clock import SteppedClock
from tests.support.house import PASSWORD, PDF, Server, invigilator_page, office_page, plan_exam, second_room


async def steered(office: Page) -> list[tuple[str, str]]:
    log = (await office.get("/api/office/events"))["events"]
    return [(each["data"]["room"], each["data"]["act"]) for each in log if each["kind"] == "room_steered"]


async def test_a_correction_and_the_reserve_paper_go_to_all_rooms_that_are_named_or_to_none(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as first,
        Page(server.url, "invigilator") as second,
    ):
        other = await second_room(office, exam)
        await office.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=PDF)
        assert (await office.post(f"/api/exams/{exam.exam}/publication"))["published_at"]
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await second.sign_in("invigilator2", PASSWORD)
        await first.join(exam.room)
        clock.jump_to(exam.starts_at)
        await first.hear("room", lambda room: room["released_at"] is not None)
        body = {"nature": "correction", "title": "Câu 2", "text": "1945", "rooms": [other]}
        path = f"/api/rooms/{exam.room}"
        alone = f"/api/rooms/{other}/materials"  # nobody attends the other room, so its paper is not out
        assert code(await office.post(alone, {**body, "rooms": []})) == "not_released"
        assert await steered(office) == []
        named = {**body, "act": "one"}
        material = (await office.post(f"{path}/materials", named))["material"]
        assert (await first.hear("material"))["material"] == material
        assert code(await second.get(f"/api/rooms/{other}/materials/{material}")) == "not_released"

        welcome = await second.join(other)
        assert welcome["room"]["released_at"]
        assert [(each["material"], each["text"]) for each in welcome["materials"]] == [(material, "1945")]
        assert code(await second.get(f"/api/rooms/{other}/materials/{material}")) == "not_found"  # it has no file
        assert (await office.post(f"{path}/materials", named))["material"] == material  # the answer was lost
        lives = [server.house.rooms.get(room) for room in (exam.room, other)]
        assert [len(live.state.materials) for live in lives] == [1, 1]
        another = (await office.post(f"{path}/materials", {**named, "text": "1954"}))["material"]
        assert another != material  # whatever it is called, it takes the place of nothing else
        assert code(await office.post(f"{path}/paper/reserve", {"reason": "Lộ đề", "rooms": [other]})) is None
        reserve = await server.house.exams.paper(exam.exam, "reserve")
        papers = [server.house.rooms.get(room).state.paper for room in (exam.room, other)]
        assert [paper.sha256 for paper in papers if paper] == [reserve.sha256] * 2
        assert await steered(office) == [
            (room, act)
            for act in ("give_material", "give_material", "use_reserve_paper")
            for room in (exam.room, other)
        ]


@pytest.mark.parametrize("act", ["materials", "paper/reserve"])
async def test_a_room_of_another_exam_is_not_reached(server: Server, clock: SteppedClock, act: str) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        await office.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=PDF)
        copied = {"title": "Đợt 2", "starts_at": (exam.starts_at + timedelta(days=7)).isoformat()}
        clone = await office.post(f"/api/exams/{exam.exam}/clone", {**copied, "staff": False, "roster": False})
        (elsewhere,) = (each["room"] for each in clone["rooms"])
        body = {"reason": "Lộ đề"} if act == "paper/reserve" else {"nature": "file", "title": "Bảng", "text": "1"}
        refused = await office.post(f"/api/rooms/{exam.room}/{act}", {**body, "rooms": [elsewhere]})
        assert code(refused) == "not_found"
        assert await steered(office) == []
