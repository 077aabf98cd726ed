"""A draft that was never published goes with all that it holds, or not at all; what was published once stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.exam import office_events as o
from proctor.ledger import tables as ledger
from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from tests.support.clock import MORNING, SteppedClock
from tests.support.commits import FailingCommit, HeldCommit
from tests.support.house import PDF, PLAN, Exam, Server, exam_times, invigilator_page, office_page, plan_exam, running
from tests.support.turn_taking import AskedLock, Gate
from tests.support.world import World

BY_NAME = {"staff": False, "roster": False}
STARTS_AT = MORNING + timedelta(days=2)
NOBODY = "số báo danh,họ và tên\n099,Người Khác\n".encode()


def held(server: Server, exam: Exam) -> set[str]:
    return World(server, exam, "", "", {}).held()


async def draft(office: Page, exam: Exam) -> Exam:
    """Another exam with the same people, for which codes were issued, and two sealed papers; never published."""
    body = {"title": "Nhầm", "starts_at": exam_times(STARTS_AT)["starts_at"], "staff": True, "roster": True}
    made = await office.post(f"/api/exams/{exam.exam}/clone", body)
    (room,) = made["rooms"]
    codes = (await office.post(f"/api/rooms/{room['room']}/codes", {}))["candidates"]
    for use in ("main", "reserve"):
        assert "sha256" in await office.put(f"/api/exams/{made['exam']}/paper?use={use}", data=PDF)
    return Exam(
        made["exam"], room["room"], STARTS_AT, {each["number"]: each["code"] for each in codes},
        {each["number"]: each["candidate"] for each in codes},
    )  # fmt: skip


def last_kind(server: Server, room: str) -> str:
    """Of the newest entry of a room's log, which stays."""
    *_, last = ledger.read(server.house.rooms._engine, room)
    return last.kind


async def bare(office: Page, starts_at: datetime = STARTS_AT) -> str:
    """A draft that was begun and has no room yet."""
    made = await office.post("/api/exams", {"title": "Nháp", **exam_times(starts_at)})
    return str(made["exam"])


async def acts_on(office: Page, exam: str) -> list[Any]:
    """What every act on a draft as a whole is answered."""
    path, starts_at = f"/api/exams/{exam}", exam_times(STARTS_AT)["starts_at"]
    answers = (
        await office.put(path, {"title": "Sửa", **exam_times(STARTS_AT)}),
        await office.put(f"{path}/plan", PLAN),
        await office.post(f"{path}/rooms", {"title": "Phòng 2"}),
        await office.put(f"{path}/paper?use=main", data=PDF),
        await office.put(f"{path}/paper?use=reserve", data=PDF),
        await office.get(f"{path}/paper?use=main"),
        await office.post(f"{path}/publication"),
        await office.call("DELETE", f"{path}/publication", {"reason": "Sửa"}),
        await office.post(f"{path}/clone", {"title": "Bản sao", "starts_at": starts_at, **BY_NAME}),
    )
    return [code(answer) for answer in answers]


async def kept(office: Page, kind: str = "exam_removed") -> list[dict[str, Any]]:
    return [each for each in (await office.get("/api/office/events"))["events"] if each["kind"] == kind]


async def test_a_draft_goes_with_its_rooms_its_people_their_codes_and_its_papers(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office, Page(server.url, "candidate") as candidate:
        mistake = await draft(office, exam)
        signing = {"number": "001", "code": mistake.codes["001"]}
        assert "error" not in await candidate.post("/api/sign-in/candidate", signing)
        told = await office.get(f"/api/exams/{mistake.exam}")
        assert (await office.get(f"/api/exams/{exam.exam}"))["removable"] is None
        papers = list(server.house.config.papers.glob(f"{mistake.exam}-*"))
        assert len(papers) == 2

        seen = {"If-Match": f'"{told["removable"]}"'}
        assert await office.call("DELETE", f"/api/exams/{mistake.exam}", headers=seen) == {}
        assert [each["exam"] for each in (await office.get("/api/exams"))["exams"]] == [exam.exam]
        tables = tuple(f'INSERT INTO "{table}"' for table in ("exam", "room", "candidate", "paper", "session"))
        rows = [row for row in held(server, exam) if row.startswith(tables)]
        assert {row.split('"')[1] for row in rows} == {"exam", "room", "candidate", "paper", "session"}
        gone = (mistake.exam, mistake.room, *mistake.candidates.values())
        assert [row for row in rows if any(it in row for it in gone)] == []
        assert not any(path.exists() for path in papers)
        (entry,) = await kept(office)
        assert entry["actor"] == (await office.get("/api/me"))["subject"]
        assert entry["data"] == {"exam": mistake.exam, "title": "Nhầm", "rooms": [mistake.room]}
        assert last_kind(server, mistake.room) == "room_removed"

        assert code(await candidate.get("/api/me")) == "not_signed_in"
        assert code(await candidate.post("/api/sign-in/candidate", signing)) == "wrong_credentials"
        for answer in (
            await office.call("DELETE", f"/api/exams/{mistake.exam}"),
            await office.put(f"/api/exams/{mistake.exam}", {"title": "Sửa", **exam_times(STARTS_AT)}),
            await office.put(f"/api/exams/{mistake.exam}/plan", PLAN),
            await office.post(f"/api/exams/{mistake.exam}/rooms", {"title": "Phòng 2"}),
            await office.post(f"/api/exams/{mistake.exam}/publication"),
            await office.call("POST", f"/api/rooms/{mistake.room}/roster", data=NOBODY),
            await office.put(f"/api/rooms/{mistake.room}/staff", {"staff": []}),
        ):
            assert (answer["status"], code(answer)) == (404, "not_found")
        assert len(await kept(office)) == 1
        again = await draft(office, exam)  # the same people are free at that time
        assert [room["room"] for room in (await office.get(f"/api/exams/{again.exam}"))["rooms"]] == [again.room]


async def test_what_was_published_once_stays_and_so_does_what_was_changed_or_cannot_be_read(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        path, mistake = f"/api/exams/{exam.exam}", await draft(office, exam)
        before = held(server, exam)
        refused = await office.call("DELETE", path)
        assert (refused["status"], code(refused)) == (409, "was_published")
        stale = await office.call("DELETE", f"/api/exams/{mistake.exam}", headers={"If-Match": '"0000000000000000"'})
        assert (stale["status"], code(stale)) == (412, "changed_meanwhile")
        assert held(server, exam) == before

        assert "error" not in await office.call("DELETE", f"{path}/publication", {"reason": "Sửa giờ"})
        for candidate in exam.candidates.values():
            body = {"reason": "Chuyển kỳ thi"}
            await office.call("DELETE", f"/api/rooms/{exam.room}/candidates/{candidate}", body)
        assert code(await office.call("DELETE", path)) == "was_published"
        assert await office.call("DELETE", f"/api/rooms/{exam.room}") == {}
        before = held(server, exam)
        assert code(await office.call("DELETE", path)) == "was_published", "with no room left that would know"
        assert (await office.get(path))["removable"] is None

        rooms = server.house.rooms
        rooms._leave_closed(mistake.room, RuntimeError("altered"))
        assert code(await office.call("DELETE", f"/api/exams/{mistake.exam}")) == "chain_broken"
        assert (await office.get(f"/api/exams/{mistake.exam}"))["removable"] is None
        assert held(server, exam) == before


@pytest.mark.parametrize("what", ["times", "room", "candidate", "staff", "paper", "reserve"])
async def test_it_goes_only_with_what_the_office_saw_of_it(server: Server, what: str) -> None:
    """A colleague adds something while somebody reads what would go along."""
    exam = await plan_exam(server)
    async with await office_page(server) as office, await office_page(server) as colleague:
        mistake = await draft(office, exam)
        path, room = f"/api/exams/{mistake.exam}", f"/api/rooms/{mistake.room}"
        seen = {"If-Match": f'"{(await office.get(path))["removable"]}"'}
        changed = await {
            "times": lambda: colleague.put(path, {"title": "Sửa", **exam_times(STARTS_AT)}),
            "room": lambda: colleague.post(f"{path}/rooms", {"title": "Phòng 2"}),
            "candidate": lambda: colleague.call("POST", f"{room}/roster", data=NOBODY),
            "staff": lambda: colleague.put(f"{room}/staff", {"staff": []}),
            "paper": lambda: colleague.put(f"{path}/paper?use=main", data=PDF),
            "reserve": lambda: colleague.put(f"{path}/paper?use=reserve", data=PDF),
        }[what]()
        assert "error" not in changed
        before = held(server, exam)
        refused = await office.call("DELETE", path, headers=seen)
        assert (refused["status"], code(refused)) == (412, "changed_meanwhile")
        assert held(server, exam) == before
        now = {"If-Match": f'"{(await office.get(path))["removable"]}"'}
        assert await office.call("DELETE", path, headers=now) == {}


async def test_an_import_that_the_removal_meets_is_not_taken_along(server: Server) -> None:
    """It holds the room when the removal is asked for, which then finds what it did."""
    exam = await plan_exam(server)
    async with await office_page(server) as office, await office_page(server) as colleague:
        mistake = await draft(office, exam)
        path = f"/api/exams/{mistake.exam}"
        seen = {"If-Match": f'"{(await office.get(path))["removable"]}"'}
        actor = server.house.rooms.get(mistake.room).actor
        actor._deciding = lock = AskedLock()
        commit = HeldCommit(server.house.rooms._engine)
        importing = asyncio.create_task(colleague.call("POST", f"/api/rooms/{mistake.room}/roster", data=NOBODY))
        await commit.reached()
        removing = asyncio.create_task(office.call("DELETE", path, headers=seen))
        await lock.waited()
        commit.go_on()
        assert "error" not in await importing
        assert code(await removing) == "changed_meanwhile"
        assert len((await office.get(path))["rooms"][0]["candidates"]) == 3


async def test_an_exam_whose_times_went_by_unpublished_is_removed_after_a_restart_too(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            mistake = await draft(office, exam)
    clock.jump_to(STARTS_AT + timedelta(days=1))
    for _ in range(2):  # the first start ends the room, the second leaves it asleep
        async with running(tmp_path, clock) as server, await office_page(server) as office:
            assert mistake.exam in [each["exam"] for each in (await office.get("/api/exams"))["exams"]]
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert server.house.rooms.is_dormant(mistake.room)
        listed = {each["exam"]: each["removable"] for each in (await office.get("/api/exams"))["exams"]}
        assert listed[mistake.exam] is None, "nobody knows yet what would go along"
        told = (await office.get(f"/api/exams/{mistake.exam}"))["removable"]
        assert await office.call("DELETE", f"/api/exams/{mistake.exam}", headers={"If-Match": f'"{told}"'}) == {}
        assert last_kind(server, mistake.room) == "room_removed"


async def test_a_removal_that_was_cut_short_is_done_by_saying_it_again_or_by_the_next_start(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            first, second = await draft(office, exam), None
            before = held(server, exam)
            commits = FailingCommit(server.house.rooms._engine)
            commits.failures = ["before"]
            assert code(await office.call("DELETE", f"/api/exams/{first.exam}")) == "internal"
            assert held(server, exam) == before
            rows = FailingCommit(server.house.exams._engine.sync_engine)
            rows.failures = ["before"]  # the entries are on the logs, the rows are still there
            assert code(await office.call("DELETE", f"/api/exams/{first.exam}")) == "internal"
            assert (await office.get(f"/api/exams/{first.exam}"))["removable"]
            entries, before = len((await office.get("/api/office/events"))["events"]), held(server, exam)
            assert set(await acts_on(office, first.exam)) == {"not_found"}
            assert code(await office.call("DELETE", f"/api/rooms/{first.room}")) == "not_found"
            assert (len((await office.get("/api/office/events"))["events"]), held(server, exam)) == (entries, before)
            assert await office.call("DELETE", f"/api/exams/{first.exam}") == {}
            assert len(await kept(office)) == 1
            second = await draft(office, exam)
            rows.failures = ["before"]
            assert code(await office.call("DELETE", f"/api/exams/{second.exam}")) == "internal"
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert [each["exam"] for each in (await office.get("/api/exams"))["exams"]] == [exam.exam]
        assert [each["data"]["exam"] for each in await kept(office)] == [first.exam, second.exam]
        assert not list(server.house.config.papers.glob(f"{second.exam}-*"))


async def test_a_draft_without_rooms_is_given_none_once_its_removal_was_begun(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            done, begun = await bare(office), await bare(office)
            assert await office.call("DELETE", f"/api/exams/{done}") == {}
            rows = FailingCommit(server.house.exams._engine.sync_engine)
            rows.failures = ["before"]
            assert code(await office.call("DELETE", f"/api/exams/{begun}")) == "internal"
            assert set(await acts_on(office, begun)) == {"not_found"}
            assert (await office.get(f"/api/exams/{begun}"))["rooms"] == []
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert [each["exam"] for each in (await office.get("/api/exams"))["exams"]] == [exam.exam]
        assert [each["data"]["exam"] for each in await kept(office)] == [done, begun]


async def test_what_stands_on_the_log_as_removed_and_as_published_stays(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        gone = o.ExamRemoved(exam=exam.exam, title="Triết học", rooms=(exam.room,))
        await server.house.office_log.put(OPERATOR, gone)
        before = held(server, exam)
    for _ in range(2):
        async with running(tmp_path, clock) as server, await office_page(server) as office:
            assert code(await office.call("DELETE", f"/api/exams/{exam.exam}")) == "was_published"
            assert (await office.get(f"/api/exams/{exam.exam}"))["published_at"]
            tables = tuple(f'INSERT INTO "{table}"' for table in ("exam", "candidate", "paper"))
            assert {row for row in before if row.startswith(tables)} <= held(server, exam)
            assert list(server.house.config.papers.glob(f"{exam.exam}-*"))


# What a colleague asks for while a removal is being written, and the lock that it waits at: the exam's or a room's.
MEANWHILE: dict[str, tuple[str, Callable[[Page, Exam], Coroutine[Any, Any, Any]]]] = {
    "removal": ("exam", lambda page, gone: page.call("DELETE", f"/api/exams/{gone.exam}")),
    "times": (
        "exam", lambda page, gone: page.put(f"/api/exams/{gone.exam}", {"title": "Sửa", **exam_times(STARTS_AT)}),
    ),
    "room": ("exam", lambda page, gone: page.post(f"/api/exams/{gone.exam}/rooms", {"title": "Phòng 2"})),
    "staff": ("room", lambda page, gone: page.put(f"/api/rooms/{gone.room}/staff", {"staff": []})),
    "roster": ("room", lambda page, gone: page.call("POST", f"/api/rooms/{gone.room}/roster", data=NOBODY)),
    "codes": ("room", lambda page, gone: page.post(f"/api/rooms/{gone.room}/codes", {})),
    "acknowledgement": ("room", lambda page, gone: page.post(f"/api/rooms/{gone.room}/acknowledgement")),
    "its room": ("exam", lambda page, gone: page.call("DELETE", f"/api/rooms/{gone.room}")),
}  # fmt: skip


@pytest.mark.parametrize("act", MEANWHILE)
async def test_who_acts_on_it_meanwhile_is_told_and_leaves_nothing(server: Server, act: str) -> None:
    exam = await plan_exam(server)
    place, asked = MEANWHILE[act]
    another = invigilator_page if act == "acknowledgement" else office_page
    async with await office_page(server) as office, await another(server) as colleague:
        mistake, lock = await draft(office, exam), AskedLock()
        if place == "exam":
            server.house.office.planning._locks._locks[mistake.exam] = lock
        else:
            server.house.rooms.get(mistake.room).actor._deciding = lock
        before = len((await office.get("/api/office/events"))["events"])
        commit = HeldCommit(server.house.rooms._engine)
        removing = asyncio.create_task(office.call("DELETE", f"/api/exams/{mistake.exam}"))
        await commit.reached()
        acting = asyncio.create_task(asked(colleague, mistake))
        try:
            await lock.waited()
        finally:
            commit.go_on()
        assert await removing == {}
        assert code(await acting) == "not_found"
        assert len((await office.get("/api/office/events"))["events"]) == before + 1
        assert last_kind(server, mistake.room) == "room_removed"


async def test_a_room_is_removed_once_however_many_ask_for_it(server: Server) -> None:
    async with await office_page(server) as office, await office_page(server) as colleague:
        draft_of = await bare(office)
        room = (await office.post(f"/api/exams/{draft_of}/rooms", {"title": "Phòng 1"}))["room"]
        server.house.office.planning._locks._locks[draft_of] = lock = AskedLock()
        commit = HeldCommit(server.house.rooms._engine)
        first = asyncio.create_task(office.call("DELETE", f"/api/rooms/{room}"))
        await commit.reached()
        second = asyncio.create_task(colleague.call("DELETE", f"/api/rooms/{room}"))
        try:
            await lock.waited()
        finally:
            commit.go_on()
        assert [code(await first), code(await second)] == [None, "not_found"]
        assert len(await kept(office, "room_removed")) == 1
        assert last_kind(server, room) == "room_removed"


async def test_a_room_whose_removal_was_cut_short_goes_by_saying_it_again(
    server: Server, clock: SteppedClock
) -> None:
    """Until then it does not go on by itself either, as a room does whose times go by."""
    async with await office_page(server) as office:
        draft_of = await bare(office, MORNING + timedelta(hours=1))
        room = (await office.post(f"/api/exams/{draft_of}/rooms", {"title": "Phòng 1"}))["room"]
        rows = FailingCommit(server.house.exams._engine.sync_engine)
        rows.failures = ["before"]
        assert code(await office.call("DELETE", f"/api/rooms/{room}")) == "internal"
        assert code(await office.put(f"/api/rooms/{room}/staff", {"staff": []})) == "not_found"
        timer = server.house.rooms.get(room).timer._task
        clock.jump_to(MORNING + timedelta(hours=4))
        assert timer is not None
        await asyncio.wait_for(timer, 10)
        assert last_kind(server, room) == "room_removed"
        assert await office.call("DELETE", f"/api/rooms/{room}") == {}
        assert len(await kept(office, "room_removed")) == 1
        assert (await office.get(f"/api/exams/{draft_of}"))["rooms"] == []


async def test_nobody_is_in_a_draft_whose_rows_are_still_to_go(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        mistake = await draft(office, exam)
        staff = [each["subject"] for each in (await office.get(f"/api/exams/{mistake.exam}"))["rooms"][0]["staff"]]
        other = await bare(office)
        path = f"/api/rooms/{(await office.post(f'/api/exams/{other}/rooms', {'title': 'Phòng 2'}))['room']}"
        roster = "số báo danh,họ và tên\n001,Thí sinh 001\n".encode()
        assert code(await office.put(f"{path}/staff", {"staff": staff})) == "staff_elsewhere"
        assert code(await office.call("POST", f"{path}/roster?dry=1", data=roster)) == "candidate_elsewhere"
        rows = FailingCommit(server.house.exams._engine.sync_engine)
        rows.failures = ["before"]
        assert code(await office.call("DELETE", f"/api/exams/{mistake.exam}")) == "internal"
        assert (await office.call("POST", f"{path}/roster?dry=1", data=roster))["warnings"] == []
        assert "error" not in await office.put(f"{path}/staff", {"staff": staff})


async def test_who_asked_while_a_draft_went_is_told_of_nobody_in_it(server: Server) -> None:
    """They were found there, and its rows are gone when it is to be said where that is."""
    exam = await plan_exam(server)
    async with await office_page(server) as office, await office_page(server) as colleague:
        mistake = await draft(office, exam)
        staff = [each["subject"] for each in (await office.get(f"/api/exams/{mistake.exam}"))["rooms"][0]["staff"]]
        other = await bare(office)
        path = f"/api/rooms/{(await office.post(f'/api/exams/{other}/rooms', {'title': 'Phòng 2'}))['room']}"
        roster = "số báo danh,họ và tên\n001,Thí sinh 001\n".encode()
        naming = (Gate(server.house.office._occupancy, "titles"), Gate(server.house.rosters._occupancy, "titles"))
        asked = [
            asyncio.create_task(colleague.put(f"{path}/staff", {"staff": staff})),
            asyncio.create_task(colleague.call("POST", f"{path}/roster?dry=1", data=roster)),
        ]
        for gate in naming:
            await gate.reached()
        assert await office.call("DELETE", f"/api/exams/{mistake.exam}") == {}
        for gate in naming:
            gate.open()
        assigned, dry = await asyncio.gather(*asked)
        assert len(assigned["staff"]) == len(staff)
        assert dry["warnings"] == []


async def test_pages_look_again_once_it_is_gone(server: Server) -> None:
    exam = await plan_exam(server)
    house = server.house
    async with await office_page(server) as office, await office_page(server) as colleague:
        mistake = await draft(office, exam)
        closing = Gate(house.rooms.get(mistake.room), "close")
        rows = Gate(house.exams, "remove_exam")
        removing = asyncio.create_task(office.call("DELETE", f"/api/exams/{mistake.exam}"))
        await rows.reached()
        seen = house.changes.count()
        rows.open()
        try:
            await closing.reached()
            told = house.changes.count()
            listed = [each["exam"] for each in (await colleague.get("/api/exams"))["exams"]]
        finally:
            closing.open()
        assert await removing == {}
        assert (told != seen, listed) == (True, [exam.exam])
