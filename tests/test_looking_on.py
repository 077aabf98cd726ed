"""Who looks on in a room without being assigned to it, as an inspector may (X35), is on its log by name and time."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    second_room,
)

GOES = ("staff_refused", "staff_entered", "staff_left")


async def comings_and_goings(server: Server, exam: Exam) -> list[tuple[str, str, dict[str, Any]]]:
    """When, what and who, as the office reads the room's log; of inspectors alone."""
    async with await office_page(server) as office:
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
    inspectors = {each["data"]["staff"] for each in log if each["data"].get("role") == "inspector"}
    return [
        (each["at"], each["kind"], each["data"])
        for each in log
        if each["kind"] in GOES and each["data"]["staff"] in inspectors
    ]


async def test_an_inspector_of_no_room_is_named_on_the_log_of_the_one_entered(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    hoa = await server.house.office.create_staff(OPERATOR, "hoa", "Thanh tra Hòa", "inspector", PASSWORD)
    known = {"staff": hoa.staff, "role": "inspector", "full_name": "Thanh tra Hòa"}
    async with Page(server.url, "inspector") as inspector, await candidate_page(server, exam, "001") as candidate:
        await inspector.sign_in("hoa", PASSWORD)
        early, entered = (exam.starts_at - timedelta(minutes=minutes) for minutes in (40, 20))
        clock.jump_to(early)
        assert code(await inspector.join(exam.room)) == "gate_closed"
        assert code(await inspector.get(f"/api/rooms/{exam.room}/state")) == "gate_closed"
        clock.jump_to(entered)
        assert code(await inspector.get(f"/api/rooms/{exam.room}/state")) is None
        async with await invigilator_page(server) as desk:
            await desk.join(exam.room)
            await reach_lobby(candidate, exam.room)
            for step in (lambda: inspector.join(exam.room), inspector.leave):
                desk.heard.clear()
                await step()
                await desk.hear("staff")  # told when the coming, and the going, is on the log
            await desk.tell("send_message", to="room", text="Chào các bạn.")
            await candidate.hear("message")
        assert hoa.staff not in str(candidate.heard)
        assert "Hòa" not in str(candidate.heard)
    found = await comings_and_goings(server, exam)
    assert found == [
        (moment(early), "staff_refused", {**known, "minutes_before_start": 40}),
        (moment(entered), "staff_entered", {**known, "minutes_before_start": 20}),
        (moment(entered), "staff_left", {"staff": hoa.staff, "happened_at": None}),
    ]


async def test_who_is_assigned_is_named_once_by_the_assignment(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at)
    async with Page(server.url, "inspector") as inspector:
        await inspector.sign_in("inspector", PASSWORD)
        await inspector.join(exam.room)
        ((_, kind, entered),) = await comings_and_goings(server, exam)
    assert (kind, entered["full_name"]) == ("staff_entered", "")


async def test_an_inspector_who_only_replays_is_named_on_the_log(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    hoa = await server.house.office.create_staff(OPERATOR, "hoa", "Thanh tra Hòa", "inspector", PASSWORD)
    one = exam.candidates["001"]
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    async with await invigilator_page(server) as desk, await candidate_page(server, exam, "001") as candidate:
        await desk.join(exam.room)
        await reach_lobby(candidate, exam.room)
    async with Page(server.url, "inspector") as inspector:
        await inspector.sign_in("hoa", PASSWORD)
        assert "error" not in await inspector.get(f"/api/rooms/{exam.room}/recordings/{one}")
        photo = server.house.rooms.get(exam.room).state.sittings[one].photos["face"].photo
        await inspector.call("GET", f"/api/rooms/{exam.room}/candidates/{one}/photos/{photo}")
        await inspector.get(f"/api/rooms/{exam.room}/events")  # what it answers is from before this look
        log = (await inspector.get(f"/api/rooms/{exam.room}/events"))["events"]
    seen = [(each["kind"], each["data"]) for each in log if each["kind"].endswith("_viewed")]
    named = {"by": hoa.staff, "full_name": "Thanh tra Hòa"}
    assert seen == [("recording_viewed", named), ("photos_viewed", named), ("log_viewed", named)]


async def test_nobody_but_the_office_reads_a_room_before_it_is_open(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office, AsyncExitStack() as stack:
        draft = await second_room(office, exam)
        names = {"invigilator": exam.room, "supervisor": exam.room, "tech_support": exam.room, "inspector": exam.room,
                 "supervisor2": draft, "inspector ": draft}  # fmt: skip
        pages = {}
        for name in names:
            page = pages[name] = await stack.enter_async_context(Page(server.url, name.rstrip("2 ")))
            assert code(await page.sign_in(name.strip(), PASSWORD)) is None

        async def answers() -> dict[str, str | None]:
            return {name: code(await page.get(f"/api/rooms/{names[name]}/state")) for name, page in pages.items()}

        async def read() -> set[tuple[str, str | None]]:
            """What an inspector, and the supervisors, are answered on the ways into the rooms' records."""
            ways = {("inspector", exam.room): ("events", "recordings", f"recordings/{exam.candidates['001']}",
                                               f"recordings/{exam.candidates['001']}/g_1", "support-log"),
                    ("inspector ", draft): ("events", "recordings", "support-log"),
                    ("supervisor", exam.room): ("support-log",), ("supervisor2", draft): ("support-log",)}  # fmt: skip
            told = [(name, room, await pages[name].get(f"/api/rooms/{room}/{way}"))
                    for (name, room), each in ways.items() for way in each]  # fmt: skip
            return {("draft" if room == draft else name, code(answer)) for name, room, answer in told}

        async def reported() -> dict[str, object]:
            told = {name: await page.get(f"/api/exams/{exam.exam}/support-log") for name, page in pages.items()
                    if name.rstrip("2 ") in ("supervisor", "inspector")}  # fmt: skip
            return {name: code(each) or [room["room"] for room in each["rooms"]] for name, each in told.items()}

        async def offered() -> dict[str, bool]:
            told = {name: (await page.get("/api/me"))["rooms"] for name, page in pages.items()}
            return {name: next(each["open"] for each in told[name] if each["room"] == names[name]) for name in names}

        of_draft = dict.fromkeys(("supervisor2", "inspector "), "not_published")
        clock.jump_to(exam.starts_at - timedelta(minutes=30, milliseconds=1))
        assert await answers() == dict.fromkeys(names, "gate_closed") | of_draft
        for room in (exam.room, draft):
            assert code(await office.get(f"/api/rooms/{room}/state")) is None
        assert not any((await offered()).values())
        assert await read() == {("inspector", "gate_closed"), ("supervisor", "gate_closed"), ("draft", "not_published")}
        assert set((await reported()).values()) <= {"gate_closed", "not_published"}
        for way in ("events", "support-log"):
            assert code(await office.get(f"/api/rooms/{draft}/{way}")) is None
        both = (await office.get(f"/api/exams/{exam.exam}/support-log"))["rooms"]
        assert {each["room"] for each in both} == {exam.room, draft}
        clock.advance(milliseconds=1)
        assert await answers() == dict.fromkeys(names) | of_draft
        assert await offered() == {name: names[name] == exam.room for name in names}
        assert await read() == {
            ("inspector", None), ("inspector", "not_found"), ("supervisor", None), ("draft", "not_published"),
        }  # fmt: skip
        assert await reported() == {
            "inspector": [exam.room], "inspector ": [exam.room], "supervisor": [exam.room],
            "supervisor2": "not_published",
        }  # fmt: skip
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert "staff_refused" not in [each["kind"] for each in log]  # nobody asked to come in
