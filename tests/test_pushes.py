"""What the office and an invigilator do reaches every page of a full room within a second, and those beside it.

Fifty candidates and the staff over real sockets, beside the server on one loop: the figures are an upper bound, since
the pages' share of the work is in them. Other pages have no socket: the office, the IT unit, the head of the academic
unit, a supervisor and an inspector before they enter, the replay of a room that still runs, a candidate's telephone.
Their held request is answered, and then they ask for what they show. The office's is asked again at once here, to see
what the server takes; the others as seldom as `webclient/lib/changes.js` does, which is the rest of the second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from proctor.exam.permissions import Role
from proctor.live_room import LiveRoom
from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    PDF,
    UNIT,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)

WITHIN_SECONDS = 1.0
CANDIDATES = 50
STAFF = ("supervisor", "tech_support", "inspector")
BETWEEN_SECONDS, BREATH_SECONDS = 0.5, 0.1  # as BETWEEN_MS and BREATH_MS of webclient/lib/changes.js

Fits = Callable[[Any], bool]


@dataclass
class Office:
    """The office's page, and how far it has read."""

    page: Page
    exam: Exam
    count: int = 0
    seq: int = 0
    found: int = 0  # the number of the entry that was looked for last

    async def look(self) -> tuple[dict[str, Any], dict[str, int]]:
        """The room as the exam's page draws it, and the kinds of what is new on its log, with the first of each."""
        exam = await self.page.get(f"/api/exams/{self.exam.exam}")
        log = await self.page.get(f"/api/rooms/{self.exam.room}/events?after={self.seq}")
        self.seq = max((entry["seq"] for entry in log["events"]), default=self.seq)
        return exam["rooms"][0], {entry["kind"]: entry["seq"] for entry in reversed(log["events"])}

    async def catch_up(self) -> None:
        """Read all there is, so that only what follows is news."""
        told = None
        while told != self.count:
            told, self.count = self.count, (await self.page.get("/api/changes?after=0"))["count"]
            await self.look()

    async def sees(self, kind: str, shows: Fits) -> float:
        """When the page has the entry of that kind and draws a room that shows it."""
        read: dict[str, int] = {}
        while True:
            self.count = (await self.page.get(f"/api/changes?after={self.count}"))["count"]
            room, kinds = await self.look()
            read = kinds | read
            if kind in read and shows(room):
                self.found = read[kind]
                return time.monotonic()


@dataclass
class Lister:
    """A page that lists rooms, and draws what `path` answers whenever its held request is answered."""

    page: Page
    path: str
    live: LiveRoom
    changes: str = "/api/changes"
    looks: list[tuple[float, int]] = field(default_factory=list)  # when, and up to which entry of the room's log
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        """Until it is cancelled."""
        count = 0
        while True:
            told = (await self.page.get(f"{self.changes}?after={count}"))["count"]
            begun = time.monotonic()
            if told != count:
                count, seq = told, await self.look()
                self.looks.append((time.monotonic(), seq))
                self.news.set()
            await asyncio.sleep(max(BREATH_SECONDS, BETWEEN_SECONDS - (time.monotonic() - begun)))

    async def look(self) -> int:
        """Read what the page draws; up to which entry of the room's log that is."""
        least = self.live.state.seq
        drawn = await self.page.get(self.path)
        assert code(drawn) is None, drawn
        shown = drawn.get("room")
        return int(shown["seq"]) if isinstance(shown, dict) else least

    async def drew(self, seq: int) -> float:
        """When it first drew a room with that entry."""
        while True:
            for when, known in self.looks:
                if known >= seq:
                    return when
            self.news.clear()
            await self.news.wait()


@dataclass
class Replay(Lister):
    """The inspector's page at the replay of a room that still runs: it reads how the room stands, and on in its log."""

    read: int = 0  # the last entry

    async def look(self) -> int:
        async def read_on() -> None:
            more = True
            while more:
                piece = await self.page.get(f"/api/rooms/{self.live.room}/events?after={self.read}")
                assert code(piece) is None, piece
                more = piece["more"]
                self.read = max((entry["seq"] for entry in piece["events"]), default=self.read)

        await asyncio.gather(super().look(), read_on())
        return self.read


@dataclass
class Audience:
    """Everybody who hears of an act."""

    office: Office
    everybody: list[Page]
    listers: list[Lister]

    async def slowest(
        self, act: Callable[[], Awaitable[Any]], kind: str, shows: Fits, *told: tuple[list[Page], str, Fits]
    ) -> float:
        """Seconds from the act to the last page that hears of it, and to the office's, which reads `kind`."""
        await self.office.catch_up()
        awaited = {"the office": asyncio.create_task(self.office.sees(kind, shows))}
        for pages, message, fits in told:
            for number, page in enumerate(pages):
                page.heard.clear()
                awaited[f"{page.role} {number}: {message}"] = asyncio.create_task(heard(page, message, fits))
        begun = time.monotonic()
        answer = await act()
        assert code(answer) is None, answer
        await asyncio.wait(awaited.values(), timeout=10)
        assert [name for name, each in awaited.items() if not each.done()] == [], kind
        async with asyncio.timeout(10):
            drawn = [await lister.drew(self.office.found) for lister in self.listers]
        return max(*(each.result() for each in awaited.values()), *drawn) - begun


async def heard(page: Page, message: str, fits: Fits) -> float:
    """When the page heard a message that fits."""
    await page.hear(message, fits, seconds=20)
    return time.monotonic()


def all_of(count: int, fits: Fits) -> Fits:
    """True once that many messages fitted, each of another candidate."""
    seen: set[str] = set()

    def fit(told: Any) -> bool:
        if fits(told):
            seen.add(told["candidate"])
        return len(seen) == count

    return fit


def anything(room: Any) -> bool:
    return True


async def full_room(
    server: Server, clock: SteppedClock, stack: AsyncExitStack
) -> tuple[Exam, Page, list[Page], list[Page]]:
    """Everybody there before the start, the candidates in the lobby: the invigilator's page, all of staff, the
    candidates."""
    exam = await plan_exam(server, candidates=CANDIDATES)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    invigilator = await stack.enter_async_context(await invigilator_page(server))
    staff = [invigilator]
    await invigilator.join(exam.room)
    for role in STAFF:
        page = await stack.enter_async_context(Page(server.url, role))
        await page.sign_in(role, PASSWORD)
        await page.join(exam.room)
        staff.append(page)
    candidates = []
    for number in sorted(exam.codes):
        page = await stack.enter_async_context(await candidate_page(server, exam, number))
        await reach_lobby(page, exam.room)
        candidates.append(page)
    return exam, invigilator, staff, candidates


async def listing(server: Server, exam: Exam, stack: AsyncExitStack) -> list[Lister]:
    """The pages that list this room, following."""
    live = server.house.rooms.get(exam.room)
    await server.house.office.create_staff(OPERATOR, "unit_head", "Trưởng", Role.UNIT_HEAD, PASSWORD, UNIT)
    state = f"/api/rooms/{exam.room}/state"
    paths = {"it_unit": "/api/exams", "unit_head": "/api/exams", "supervisor": state, "inspector": state}
    listers = []
    for role, path in paths.items():
        page = await stack.enter_async_context(Page(server.url, role))
        assert code(await page.sign_in(role, PASSWORD)) is None
        listers.append(Lister(page, path, live))
    listers.append(Replay(page, state, live))  # of the same inspector, in another window
    for lister in listers:
        stack.push_async_callback(ended, asyncio.create_task(lister.follow()))
    return listers


async def telephone(server: Server, exam: Exam, candidate: Page, stack: AsyncExitStack) -> Lister:
    """The telephone of a candidate who writes, following."""
    path = f"/api/rooms/{exam.room}/phone"
    link = (await candidate.post(f"{path}/link"))["link"]
    page = await stack.enter_async_context(Page(server.url, Role.PHONE))
    assert code(await page.post(path, {"token": link.partition("token=")[2]})) is None
    lister = Lister(page, path, server.house.rooms.get(exam.room), f"{path}/changes")
    stack.push_async_callback(ended, asyncio.create_task(lister.follow()))
    return lister


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.measured
async def test_every_act_reaches_every_page_within_a_second(server: Server, clock: SteppedClock) -> None:
    async with AsyncExitStack() as stack:
        exam, invigilator, staff, candidates = await full_room(server, clock, stack)
        office = await stack.enter_async_context(await office_page(server))
        await office.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=PDF + b"\n% reserve")
        everybody = [*staff, *candidates]
        live = server.house.rooms.get(exam.room)
        room, first = f"/api/rooms/{exam.room}", exam.candidates["001"]
        listers = await listing(server, exam, stack)
        hears = Audience(Office(office, exam), everybody, listers).slowest
        figures: dict[str, float] = {}
        keys: set[str] = set()

        async def pass_to(at: Any) -> dict[str, Any]:
            clock.jump_to(at)
            return {}

        def new_key(told: dict[str, Any]) -> bool:
            return told["key"] not in keys

        def of_first(fits: Fits) -> Fits:
            return lambda told: told["candidate"] == first and fits(told)

        def one_hears(fits: Fits) -> tuple[tuple[list[Page], str, Fits], ...]:
            return (staff, "sitting", of_first(fits)), (candidates[:1], "me", of_first(fits))

        figures["permission to be late"] = await hears(
            lambda: office.post(f"{room}/candidates/{first}/late", {"reason": "tàu trễ"}),
            "late_allowed", anything, *one_hears(lambda told: told["late_allowed"]),
        )  # fmt: skip
        assert len((await admit(invigilator, *exam.candidates.values()))["admitted"]) == CANDIDATES
        figures["hold"] = await hears(  # this process seems to have stood still over the whole exam
            lambda: pass_to(live.state.last_deadline() + timedelta(seconds=1)),
            "room_held", lambda plan: plan["hold"], (everybody, "room", lambda told: told["hold"]),
            (candidates, "me", lambda told: told["held"]),
        )  # fmt: skip
        figures["resolution"] = await hears(
            lambda: office.post(f"{room}/hold", {"outcome": "shift", "minutes": 120, "reason": "máy chủ đứng"}),
            "hold_resolved", lambda plan: not plan["hold"], (everybody, "room", lambda told: not told["hold"]),
            (candidates, "me", lambda told: not told["held"]),
        )  # fmt: skip
        until = moment(live.state.release_due_at() + timedelta(minutes=5))
        figures["delay"] = await hears(
            lambda: invigilator.tell("delay_release", until=until, reason="mất điện"),
            "release_delayed", lambda plan: plan["delay_reason"], (everybody, "room", lambda told: told["delay"]),
        )  # fmt: skip
        later = moment(live.state.last_deadline() + timedelta(minutes=10))
        shift = {"minutes": 10, "seen": moment(live.state.schedule.submit_by), "reason": "lùi giờ"}
        figures["shift"] = await hears(
            lambda: office.post(f"{room}/times/shift", shift),
            "times_shifted", lambda plan: plan["times"]["submit_by"] == later,
            (everybody, "room", lambda told: told["last_deadline"] == later),
        )  # fmt: skip
        await invigilator.leave()
        others = [*staff[1:], *candidates]
        figures["held release"] = await hears(
            lambda: pass_to(live.state.release_due_at()),
            "release_held", lambda plan: plan["release_held"], (others, "room", lambda told: told["release_held"]),
        )  # fmt: skip
        figures["release"] = await hears(
            lambda: invigilator.join(exam.room),  # nobody else may stand by a release
            "paper_released", lambda plan: plan["released_at"], (staff[1:], "room", lambda told: told["released_at"]),
            (candidates, "paper_key", new_key),
        )  # fmt: skip
        keys.add((await live.key_for(first) or {})["key"])
        listers.append(await telephone(server, exam, candidates[0], stack))
        figures["reserve paper"] = await hears(
            lambda: office.post(f"{room}/paper/reserve", {"reason": "lộ đề"}),
            "reserve_paper_used", anything, (staff, "room", lambda told: told["paper"]["replaced_at"]),
            (candidates, "paper_key", new_key),
        )  # fmt: skip
        figures["correction of the paper"] = await hears(
            lambda: office.post(f"{room}/materials", {"nature": "correction", "title": "Câu 2", "text": "sửa số"}),
            "material_given", anything, (everybody, "material", lambda told: told["title"] == "Câu 2"),
        )  # fmt: skip
        for number in (1, 2):
            form = aiohttp.FormData()
            material = {"nature": "file", "title": f"Bảng số {number}", "text": "xem tệp"}
            form.add_field("material", json.dumps(material), content_type="application/json")
            form.add_field("file", PDF, filename="bang.pdf", content_type="application/pdf")
            figures[f"file {number}"] = await hears(
                lambda form=form: office.call("POST", f"{room}/materials", data=form),
                "material_given", anything,
                (everybody, "material", lambda told, number=number: told["file"] and str(number) in told["title"]),
            )  # fmt: skip
        figures["extra time of one"] = await hears(
            lambda: office.put(f"{room}/candidates/{first}/extra-time", {"minutes": 5, "reason": "quyết định 3"}),
            "extra_time_granted", lambda plan: plan["candidates"][0]["extra_minutes"] == 5,
            *one_hears(lambda told: told["extra_minutes"] == 5),
        )  # fmt: skip
        more = {"minutes": 7, "seen": 5, "reason": "ồn", "move_end": True}
        everyone_has_more = [
            ([page], "sitting", all_of(CANDIDATES, lambda told: told["extra_minutes"] >= 7)) for page in staff
        ]
        figures["extra time of all"] = await hears(
            lambda: office.post(f"{room}/extra-time", more),
            "extra_time_granted", lambda plan: all(each["extra_minutes"] >= 7 for each in plan["candidates"]),
            *everyone_has_more, (candidates, "me", lambda told: told["extra_minutes"] >= 7),
        )  # fmt: skip
        figures["suspension"] = await hears(
            lambda: invigilator.tell("suspend", candidate=first, reason="dùng điện thoại"),
            "sitting_suspended", anything, *one_hears(lambda told: told["suspended"]),
        )  # fmt: skip
        seen = live.state.sittings[first].acts["suspension"].seq
        figures["resumption"] = await hears(
            lambda: invigilator.tell("resume", candidate=first, reason="nhầm người", replaces=seen),
            "sitting_resumed", anything, *one_hears(lambda told: not told["suspended"]),
        )  # fmt: skip
        second = await stack.enter_async_context(await candidate_page(server, exam, "001"))
        figures["another device that asks"] = await hears(
            lambda: second.join(exam.room),
            "candidate_connected", anything, (staff, "sitting", of_first(lambda told: told["readmission"])),
            (candidates[:1], "me", lambda told: told["pending"]),
        )  # fmt: skip
        figures["deadline"] = await hears(
            lambda: pass_to(live.state.last_deadline() + timedelta(milliseconds=2)),
            "submission_closed", anything, (everybody, "room", lambda told: told["submission_closed"]),
        )  # fmt: skip
        figures["closing lists"] = await hears(
            lambda: invigilator.tell("publish_lists"),
            "closing_published", lambda plan: plan["lists"], (everybody, "lists", lambda told: told["version"] == 1),
        )  # fmt: skip
        print({name: f"{1000 * seconds:.0f} ms" for name, seconds in figures.items()})
        assert len(figures) == 18
        assert max(figures.values()) < WITHIN_SECONDS, figures
