"""The paper opens for a full room at once, and a room is never fuller than the regulation lets it be."""

from __future__ import annotations

import asyncio
import base64
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from proctor.facts import SERVER
from proctor.keys import unseal
from proctor.rehearsal.page import Page, code
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


@pytest.mark.measured
async def test_fifty_candidates_can_read_within_a_second_of_the_release(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=50)
    async with AsyncExitStack() as stack:
        invigilator = await stack.enter_async_context(await invigilator_page(server))
        clock.jump_to(exam.starts_at - timedelta(minutes=20))
        await invigilator.join(exam.room)
        pages: list[Page] = []
        for number in exam.codes:
            page = await stack.enter_async_context(await candidate_page(server, exam, number))
            await reach_lobby(page, exam.room)
            pages.append(page)
        await invigilator.tell("admit", candidates=list(exam.candidates.values()), checks=CHECKS)
        sealed = [(await page.get(f"/api/rooms/{exam.room}/paper"))["body"] for page in pages]

        async def read(page: Page, ciphertext: bytes) -> float:
            key = await page.hear("paper_key")
            assert unseal(base64.b64decode(key["key"]), ciphertext, key["exam"]) == PDF
            return time.monotonic()

        reading = [asyncio.create_task(read(page, ciphertext)) for page, ciphertext in zip(pages, sealed, strict=True)]
        assert code(await pages[0].tell("paper_opened", sha256="0" * 64)) == "not_released"
        released = time.monotonic()
        clock.jump_to(exam.starts_at)
        moments = await asyncio.gather(*reading)
        assert max(moments) - released < 1.0
        state = server.house.rooms.get(exam.room).state
        assert all(known.paper_fetched_at and known.key_delivered_at for known in state.sittings.values())


async def test_a_release_that_goes_by_while_the_timer_writes_is_not_missed(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    async with await invigilator_page(server) as invigilator, await office_page(server) as office:
        await invigilator.join(exam.room)
        clock.jump_to(exam.starts_at - timedelta(milliseconds=50))
        await invigilator.tell("ping_clock", client_time=0.0)
        live = server.house.rooms.get(exam.room)
        act = live.actor.act

        async def slow(who: str, decide: Any, **more: Any) -> Any:
            done = await act(who, decide, **more)
            if who == SERVER and clock.now() < exam.starts_at:
                clock.jump_to(exam.starts_at + timedelta(milliseconds=50))  # so long the disk took
            return done

        monkeypatch.setattr(live.actor, "act", slow)
        path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/extra-time"
        assert code(await office.put(path, {"minutes": 5, "reason": "Khuyết tật", "end_at": None})) is None
        assert (await invigilator.hear("room", lambda room: room["released_at"]))["released_at"]


async def test_the_fifty_first_candidate_is_refused_with_the_article_and_nobody_is_added(server: Server) -> None:
    exam = await plan_exam(server, candidates=49)
    path = f"/api/rooms/{exam.room}/roster"
    async with await office_page(server) as office:
        two = "number,full_name\n101,Thí sinh 101\n102,Thí sinh 102\n".encode()
        for query in ("?dry=1", ""):
            refused = await office.call("POST", path + query, data=two)
            assert code(refused) == "room_capacity"
            assert refused["status"] == 422
            assert refused["error"]["details"] == {"capacity": 50, "rooms": 2, "citation": "A14.2a"}
        assert len(server.house.rooms.get(exam.room).state.sittings) == 49
        added = await office.call("POST", path, data="number,full_name\n101,Thí sinh 101\n".encode())
        assert added["imported"] == 1
        assert code(await office.call("POST", path, data="number,full_name\n102,Thí sinh 102\n".encode())) == (
            "room_capacity"
        )
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        me = (await office.get("/api/me"))["subject"]
        assert [(event["actor"], event["data"]) for event in log if event["kind"] == "roster_refused"] == [
            (me, {"by": me, "adding": 2, "on_roster": 49, "capacity": 50, "number": ""}),
            (me, {"by": me, "adding": 1, "on_roster": 50, "capacity": 50, "number": ""}),
        ]  # the acts, and not the look before


async def test_contradicting_times_are_refused_with_what_contradicts(server: Server) -> None:
    async with await office_page(server) as office:
        body = {
            "title": "x", "starts_at": "2026-11-23T03:00:00Z", "release_at": "2026-11-23T02:59:00Z",
            "working_minutes": 90, "submit_by": "2026-11-23T04:00:00Z", "end_at": "2026-11-23T03:50:00Z",
        }  # fmt: skip
        refused = await office.post("/api/exams", body)
        assert code(refused) == "schedule_contradiction"
        assert refused["error"]["details"]["unmet"] == "release_before_start, working_time, end_before_submit_by"
        assert (await office.get("/api/exams"))["exams"] == []
