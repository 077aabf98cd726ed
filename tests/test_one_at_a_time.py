"""Acts on one exam that meet, or that are cut short: what publication rests on, its paper, its withdrawal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor import office as office_module
from proctor.app import House
from proctor.exam.plan import Plan
from proctor.keys import seal_into
from proctor.occupancy import schedule_of
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit, HeldCommit
from tests.support.house import (
    PDF,
    PLAN,
    PLAN_B,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
    second_room,
)
from tests.support.turn_taking import AskedLock, Gate

OTHER = PDF + b"\n%%EOF\n"


async def draft(office: Page, exam: Exam) -> None:
    withdrawn = await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "sửa"})
    assert "error" not in withdrawn, withdrawn


ACTS: dict[str, tuple[Callable[[House, Exam], Awaitable[Any]], str | None]] = {
    "plan": (lambda house, exam: house.office.planning.set_plan("o", exam.exam, Plan("A")), "already_published"),
    "paper": (lambda house, exam: house.office.load_paper("o", exam.exam, OTHER), "paper_published"),
    "reserve": (lambda house, exam: house.office.load_paper("o", exam.exam, OTHER, "reserve"), None),
    "confirmation": (lambda house, exam: confirmed_by_its_head(house, exam, "0"), "paper_changed"),
    "room": (lambda house, exam: house.office.create_room("o", exam.exam, "Phòng 3"), None),
    "withdrawal": (lambda house, exam: house.office.withdraw("o", exam.exam, "sửa"), None),
    "publication": (lambda house, exam: house.office.publish("o", exam.exam), None),
}


async def confirmed_by_its_head(house: House, exam: Exam, sha256: str) -> None:
    head = await house.people.staff_by_name("unit_head")
    await house.office.planning.confirm_paper(head.staff, exam.exam, sha256)


@pytest.mark.parametrize("act", ACTS)
async def test_what_changes_what_a_publication_rests_on_waits_until_it_has_ended(server: Server, act: str) -> None:
    """Plan, paper, rooms and confirmation were looked at, and the exam is not published yet (A4, B22.2, B22.4)."""
    exam = await plan_exam(server, regime="B")
    house = server.house
    locks = house.office.planning._locks
    locks._locks[exam.exam] = lock = AskedLock()
    async with await office_page(server) as office:
        await draft(office, exam)
        ending = Gate(house.exams, "set_published")
        publishing = asyncio.ensure_future(office.post(f"/api/exams/{exam.exam}/publication"))
        await ending.reached()
        asked, refused = ACTS[act]
        acting = asyncio.ensure_future(asked(house, exam))
        try:
            await lock.waited()
        finally:
            ending.open()
        assert (await publishing)["published_at"]
        (outcome,) = await asyncio.gather(acting, return_exceptions=True)
        assert getattr(outcome, "code", None) == refused
        listed = await office.get(f"/api/exams/{exam.exam}")
        assert bool(listed["published_at"]) is (act != "withdrawal")
        assert listed["plan"]["basis"]["ground"] == "epidemic"
        assert listed["paper"]["confirmed_at"]
        assert house.rooms.get(exam.room).state.paper_stands


@pytest.mark.parametrize("act", ["times", "removal"])
async def test_a_draft_is_not_corrected_while_it_is_published(server: Server, act: str) -> None:
    exam = await plan_exam(server)
    house = server.house
    house.office.planning._locks._locks[exam.exam] = lock = AskedLock()
    async with await office_page(server) as office:
        await draft(office, exam)
        ending = Gate(house.exams, "set_published")
        publishing = asyncio.ensure_future(office.post(f"/api/exams/{exam.exam}/publication"))
        await ending.reached()
        planned = await house.exams.exam(exam.exam)
        body = {"title": "Khác", **(await office.get(f"/api/exams/{exam.exam}"))["times"]}
        kept = ("title", "starts_at", "release_at", "working_minutes", "submit_by", "end_at")
        if act == "times":
            acting = asyncio.ensure_future(office.put(f"/api/exams/{exam.exam}", {key: body[key] for key in kept}))
        else:
            acting = asyncio.ensure_future(office.call("DELETE", f"/api/rooms/{exam.room}"))
        try:
            await lock.waited()
        finally:
            ending.open()
        assert (await publishing)["published_at"]
        assert code(await acting) == "already_published"
        assert schedule_of(await house.exams.exam(exam.exam)) == schedule_of(planned)


async def test_the_plan_of_a_published_exam_is_not_changed(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        assert code(await office.put(f"/api/exams/{exam.exam}/plan", {**PLAN, **PLAN_B})) == "already_published"
        assert (await office.get(f"/api/exams/{exam.exam}"))["plan"]["regime"] == "A"


async def test_a_paper_is_refused_for_all_rooms_if_a_candidate_fetched_one_while_it_was_sealed(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = await plan_exam(server)
    path = f"/api/exams/{exam.exam}/paper"
    loop = asyncio.get_running_loop()
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        other = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 0"}))["room"]
        before = (await office.get(f"/api/exams/{exam.exam}"))["paper"]
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])

        def seal_after_a_fetch(*given: Any) -> Any:
            fetched = asyncio.run_coroutine_threadsafe(candidate.get(f"/api/rooms/{exam.room}/paper"), loop)
            assert fetched.result(10)["status"] == 200
            return seal_into(*given)

        monkeypatch.setattr(office_module, "seal_into", seal_after_a_fetch)
        assert code(await office.put(path, data=OTHER)) == "paper_locked"
        assert (await office.get(f"/api/exams/{exam.exam}"))["paper"] == before
        assert {server.house.rooms.get(room).state.paper.sha256 for room in (exam.room, other)} == {before["sha256"]}
        log = (await office.get("/api/office/events"))["events"]
        assert [each["data"]["sha256"] for each in log if each["kind"] == "paper_uploaded"] == [before["sha256"]]
        assert list(server.house.config.papers.glob("*.part")) == []


async def test_a_candidate_who_fetches_while_the_rooms_are_given_a_paper_gets_the_new_one(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    live = server.house.rooms.get(exam.room)
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])
        storing = Gate(server.house.exams, "add_paper")
        loading = asyncio.ensure_future(office.put(f"/api/exams/{exam.exam}/paper", data=OTHER))
        await storing.reached()
        asked = asyncio.Event()
        act = live.actor.act

        async def asking(*given: Any) -> Any:
            asked.set()
            return await act(*given)

        live.actor.act = asking  # type: ignore[method-assign]
        fetching = asyncio.ensure_future(candidate.get(f"/api/rooms/{exam.room}/paper"))
        await asyncio.wait_for(asked.wait(), 10)
        storing.open()
        loaded = await loading
        assert (await fetching)["status"] == 200
        fetched = [each for each in (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
                   if each["kind"] == "paper_fetched"]  # fmt: skip
        assert [each["data"]["sha256"] for each in fetched] == [loaded["sha256"]]
        assert live.state.paper.sha256 == loaded["sha256"]


async def published(office: Page, exam: Exam) -> tuple[bool, list[bool]]:
    """Whether the exam is published, and each of its rooms."""
    listed = await office.get(f"/api/exams/{exam.exam}")
    return bool(listed["published_at"]), [room["published"] for room in listed["rooms"]]


async def test_a_withdrawal_that_was_cut_short_is_done_by_saying_it_again(server: Server) -> None:
    exam = await plan_exam(server, regime="B")
    path = f"/api/exams/{exam.exam}/publication"
    async with await office_page(server) as office:
        await second_room(office, exam)
        assert "error" not in await office.post(path)
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["", "", "before"]  # the office's entry and one room's are written
        assert code(await office.call("DELETE", path, {"reason": "Thay đề"})) == "internal"
        assert (await published(office, exam))[0]
        assert sorted((await published(office, exam))[1]) == [False, True]
        assert code(await office.put(f"/api/exams/{exam.exam}/paper", data=OTHER)) == "paper_published"
        assert "error" not in await office.call("DELETE", path, {"reason": "Thay đề"})
        assert await published(office, exam) == (False, [False, False])


async def test_a_publication_that_was_cut_short_is_done_by_saying_it_again_and_leaves_no_draft_to_change(
    server: Server,
) -> None:
    exam = await plan_exam(server)
    path = f"/api/exams/{exam.exam}/publication"
    async with await office_page(server) as office:
        await second_room(office, exam)
        await draft(office, exam)
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["", "", "before"]
        assert code(await office.post(path)) == "internal"
        assert sorted((await published(office, exam))[1]) == [False, True]
        assert code(await office.put(f"/api/exams/{exam.exam}/plan", {"regime": "A"})) == "already_published"
        assert "error" not in await office.post(path)
        assert await published(office, exam) == (True, [True, True])
        commits.failures = []
        await draft(office, exam)
        commits.failures = ["", "", "before"]
        assert code(await office.post(path)) == "internal"
        await draft(office, exam)  # taken back instead
        assert await published(office, exam) == (False, [False, False])


@pytest.mark.parametrize("act", ["publication", "withdrawal"])
async def test_a_start_makes_an_exam_a_draft_again_whose_publication_stands_in_some_rooms(
    tmp_path: Path, clock: SteppedClock, act: str
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        path = f"/api/exams/{exam.exam}/publication"
        async with await office_page(server) as office:
            await second_room(office, exam)
            assert "error" not in await office.post(path)
            if act == "publication":
                await draft(office, exam)
            commits = FailingCommit(server.house.rooms._engine)
            commits.failures = ["", "", "before"]
            asked = office.post(path) if act == "publication" else office.call("DELETE", path, {"reason": "sửa"})
            assert code(await asked) == "internal"
            assert sorted((await published(office, exam))[1]) == [False, True]
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert await published(office, exam) == (False, [False, False])
        last = (await office.get("/api/office/events"))["events"][-1]
        assert (last["kind"], last["actor"], last["data"]["exam"]) == ("exam_withdrawn", "server", exam.exam)
        assert "error" not in await office.post(path)
        assert await published(office, exam) == (True, [True, True])


async def test_a_start_leaves_a_published_exam_with_a_new_room_as_it_is(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            await second_room(office, exam)
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert await published(office, exam) == (True, [True, False])


async def test_a_start_cannot_take_back_what_staff_may_have_entered_and_leaves_it(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        path = f"/api/exams/{exam.exam}/publication"
        async with await office_page(server) as office:
            await second_room(office, exam)
            await draft(office, exam)
            commits = FailingCommit(server.house.rooms._engine)
            commits.failures = ["", "", "before"]
            assert code(await office.post(path)) == "internal"
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert sorted((await published(office, exam))[1]) == [False, True]
        assert "error" not in await office.post(path)
        assert await published(office, exam) == (True, [True, True])


async def test_a_start_brings_a_paper_and_its_confirmation_to_rooms_that_missed_them(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server, regime="B")
        async with await office_page(server) as office:
            await draft(office, exam)
            commits = FailingCommit(server.house.rooms._engine)
            commits.failures = ["", "before"]
            assert code(await office.put(f"/api/exams/{exam.exam}/paper", data=OTHER)) == "internal"
            listed = await office.get(f"/api/exams/{exam.exam}")
            assert server.house.rooms.get(exam.room).state.paper.sha256 != listed["paper"]["sha256"]
            assert "paper" in listed["readiness"]["unmet"]
            # as a house that was begun before rooms heard of confirmations
            await server.house.exams.confirm_paper(exam.exam, listed["paper"]["sha256"], "u_head", clock.now())
            refused = await office.post(f"/api/exams/{exam.exam}/publication")
            assert code(refused) == "not_publishable"
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        state = server.house.rooms.get(exam.room).state
        assert state.paper.sha256 == listed["paper"]["sha256"]
        assert state.papers_confirmed >= {state.paper.sha256}
        told = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [each["actor"] for each in told if each["kind"] == "paper_confirmed"][-1] == "u_head"
        assert "error" not in await office.post(f"/api/exams/{exam.exam}/publication")


async def test_a_confirmation_that_was_cut_short_is_told_to_all_rooms_by_saying_it_again(server: Server) -> None:
    exam = await plan_exam(server, regime="B")
    async with await office_page(server) as office, Page(server.url, "unit_head") as head:
        await head.sign_in("unit_head", "correct horse battery")
        room = await second_room(office, exam)
        path = f"/api/exams/{exam.exam}/paper"
        sha256 = (await office.put(f"{path}?use=reserve", data=OTHER))["sha256"]
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["", "", "before"]
        asked = {"sha256": sha256, "use": "reserve"}
        assert code(await head.post(f"{path}/confirmation", asked)) == "internal"
        assert (await office.get(f"/api/exams/{exam.exam}"))["reserve"]["confirmed_at"] is None
        assert code(await head.post(f"{path}/confirmation", asked)) is None
        for each in (exam.room, room):
            assert sha256 in server.house.rooms.get(each).state.papers_confirmed
        third = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 3"}))["room"]
        assert sha256 in server.house.rooms.get(third).state.papers_confirmed


async def kept(office: Page, kind: str) -> list[Any]:
    return [each["data"] for each in (await office.get("/api/office/events"))["events"] if each["kind"] == kind]


async def test_the_offices_log_keeps_of_two_acts_that_meet_the_one_that_the_room_took(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    actor = server.house.rooms.get(exam.room).actor
    async with await office_page(server) as one, await office_page(server) as two:
        clock.jump_to(exam.starts_at - timedelta(minutes=5))
        actor._deciding = lock = AskedLock()
        body = {"minutes": 10, "seen": moment(exam.starts_at + timedelta(minutes=90)), "reason": "Mất điện"}
        path = f"/api/rooms/{exam.room}/times/shift"
        commits = HeldCommit(server.house.rooms._engine)
        first = asyncio.ensure_future(one.post(path, body))
        await commits.reached()
        second = asyncio.ensure_future(two.post(path, {**body, "reason": "Bão"}))
        try:
            await lock.waited()
        finally:
            commits.go_on()
        assert [code(await first), code(await second)] == [None, "times_changed"]
        assert [each["reason"] for each in await kept(one, "room_steered")] == ["Mất điện"]
        shifted = (await one.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [each["data"]["reason"] for each in shifted if each["kind"] == "times_shifted"] == ["Mất điện"]


async def test_the_offices_log_keeps_no_act_that_changed_nothing(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        clock.jump_to(exam.starts_at - timedelta(minutes=5))
        late = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/late"
        staff = [each["subject"] for each in (await office.get(f"/api/exams/{exam.exam}"))["rooms"][0]["staff"]]
        before = len(await kept(office, "room_staffed"))
        for _ in range(2):
            assert code(await office.post(late, {"reason": "Tàu trễ"})) is None
            assert code(await office.put(f"/api/rooms/{exam.room}/staff", {"staff": staff})) is None
        assert [each["act"] for each in await kept(office, "room_steered")] == ["allow_late"]
        assert len(await kept(office, "room_staffed")) == before


@pytest.mark.parametrize("act", ["move", "removal"])
async def test_an_admission_beside_a_move_finds_the_candidate_gone_as_the_offices_log_says(
    server: Server, clock: SteppedClock, act: str
) -> None:
    exam = await plan_exam(server)
    actor = server.house.rooms.get(exam.room).actor
    candidate = exam.candidates["001"]
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        to = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"}))["room"]
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        actor._deciding = lock = AskedLock()
        commits = HeldCommit(server.house.rooms._engine)
        path = f"/api/rooms/{exam.room}/candidates/{candidate}"
        asked = (
            office.post(f"{path}/move", {"to": to}) if act == "move"
            else office.call("DELETE", path, {"reason": "Không thi"})
        )  # fmt: skip
        going = asyncio.ensure_future(asked)
        await commits.reached()
        admitting = asyncio.ensure_future(admit(invigilator, candidate))
        try:
            await lock.waited()
        finally:
            commits.go_on()
        assert code(await going) is None
        assert (await admitting)["skipped"] == [candidate]
        kind = {"move": "candidate_moved", "removal": "candidate_removed"}[act]
        told = [each for each in (await office.get("/api/office/events"))["events"] if each["kind"] == kind]
        assert [each["candidate"] for each in told] == [candidate]
        assert candidate in server.house.rooms.get(exam.room).state.moved_out
