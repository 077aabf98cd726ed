"""What the office and an invigilator do reaches every page of a full room within a second.

Fifty candidates and the staff over real sockets, beside the server on one loop: the figures are an upper bound, since
the pages' share of the work is in them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    PDF,
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


class Watching:
    """A page that notes when a message that fits arrives."""

    def __init__(self, page: Page, message: str, fits: Callable[[Any], bool]) -> None:
        self.arrived = asyncio.get_running_loop().create_future()
        self._fits = fits
        self._message = message
        assert page.socket is not None
        page.socket.on("*", self._hear)

    async def _hear(self, message: str, body: Any = None) -> None:
        if message == self._message and not self.arrived.done() and self._fits(body):
            self.arrived.set_result(time.monotonic())


async def slowest(
    pages: list[Page], message: str, fits: Callable[[Any], bool], act: Callable[[], Awaitable[Any]]
) -> float:
    """Seconds from the act to the last of the pages that hears of it."""
    watching = [Watching(page, message, fits) for page in pages]
    begun = time.monotonic()
    answer = await act()
    assert code(answer) is None, answer
    async with asyncio.timeout(10):
        return max(await asyncio.gather(*(each.arrived for each in watching))) - begun


async def full_room(
    server: Server, clock: SteppedClock, stack: AsyncExitStack
) -> tuple[Exam, Page, list[Page], list[Page]]:
    """Everybody in the room before the start: the invigilator's page, all of staff, the candidates."""
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
    assert len((await admit(invigilator, *exam.candidates.values()))["admitted"]) == CANDIDATES
    return exam, invigilator, staff, candidates


@pytest.mark.measured
async def test_every_act_reaches_every_page_within_a_second(server: Server, clock: SteppedClock) -> None:
    async with AsyncExitStack() as stack:
        exam, invigilator, staff, candidates = await full_room(server, clock, stack)
        office = await stack.enter_async_context(await office_page(server))
        everybody = [*staff, *candidates]
        await office.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=PDF + b"\n% reserve")
        live = server.house.rooms.get(exam.room)
        room, first = f"/api/rooms/{exam.room}", exam.candidates["001"]
        one = [*staff, candidates[0]]
        figures: dict[str, float] = {}

        async def release() -> dict[str, Any]:
            clock.jump_to(live.state.release_due_at())
            return {}

        def said(page: dict[str, Any]) -> bool:
            return bool(page["candidate"] == first)

        later = moment(live.state.last_deadline() + timedelta(minutes=10))
        shift = {"minutes": 10, "seen": moment(live.state.schedule.submit_by)}
        until = (exam.starts_at + timedelta(minutes=5)).isoformat()
        figures["delay"] = await slowest(
            everybody, "room", lambda told: told["delay"],
            lambda: invigilator.tell("delay_release", until=until, reason="mất điện"),
        )  # fmt: skip
        figures["shift"] = await slowest(
            everybody, "room", lambda told: told["last_deadline"] == later,
            lambda: office.post(f"{room}/times/shift", {**shift, "reason": "lùi giờ"}),
        )  # fmt: skip
        keys: set[str] = set()

        def new_key(told: dict[str, Any]) -> bool:
            return told["key"] not in keys

        figures["release"] = max(
            await asyncio.gather(
                slowest(staff, "room", lambda told: told["released_at"], release),
                slowest(candidates, "paper_key", new_key, _nothing),
            )
        )
        keys.add((await live.key_for(first) or {})["key"])
        figures["reserve paper"] = await slowest(
            candidates, "paper_key", new_key, lambda: office.post(f"{room}/paper/reserve", {"reason": "lộ đề"})
        )
        figures["correction"] = await slowest(
            everybody, "material", lambda told: told["nature"] == "correction",
            lambda: office.post(f"{room}/materials", {"nature": "correction", "title": "Câu 2", "text": "sửa số"}),
        )  # fmt: skip
        figures["file"] = await slowest(
            everybody, "material", lambda told: told["nature"] == "file",
            lambda: office.post(f"{room}/materials", {"nature": "file", "title": "Bảng số", "text": "xem tệp"}),
        )  # fmt: skip
        for name, message, act in (
            ("extra time", "extra_minutes", lambda: office.put(
                f"{room}/candidates/{first}/extra-time", {"minutes": 5, "reason": "quyết định 3"})),
            ("suspension", "suspended", lambda: invigilator.tell("suspend", candidate=first, reason="dùng điện thoại")),
        ):  # fmt: skip
            fits = lambda told, message=message: said(told) and told[message]  # noqa: E731
            times = await asyncio.gather(
                slowest(staff, "sitting", fits, act),
                slowest(one[-1:], "me", fits, _nothing),
            )
            figures[name] = max(times)
        print({name: f"{1000 * seconds:.0f} ms" for name, seconds in figures.items()})
        assert len(figures) == 8
        assert max(figures.values()) < WITHIN_SECONDS, figures


async def _nothing() -> dict[str, Any]:
    return {}
