"""Pages that have no socket hear that something changed while they wait, and look again."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from proctor.exam import office_events
from proctor.office_log import SERVER
from proctor.rehearsal.page import Page
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
)

WITHIN_SECONDS = 1.0


async def count(page: Page) -> int:
    return int((await page.get("/api/changes?after=0"))["count"])


def held(page: Page, after: int, path: str = "/api/changes") -> asyncio.Task[dict[str, int]]:
    return asyncio.create_task(page.get(f"{path}?after={after}"))


async def at_work(stack: AsyncExitStack, server: Server, clock: SteppedClock) -> tuple[Exam, Page, Page]:
    """A candidate who writes, and the invigilator."""
    exam = await plan_exam(server, candidates=1)
    clock.jump_to(exam.starts_at)
    invigilator = await stack.enter_async_context(await invigilator_page(server))
    await invigilator.join(exam.room)
    candidate = await stack.enter_async_context(await candidate_page(server, exam, "001"))
    await reach_lobby(candidate, exam.room)
    await admit(invigilator, exam.candidates["001"])
    return exam, invigilator, candidate


@pytest.mark.measured
async def test_every_list_is_told_of_an_act_within_a_second(server: Server, clock: SteppedClock) -> None:
    async with AsyncExitStack() as stack:
        exam, invigilator, candidate = await at_work(stack, server, clock)
        known = exam.candidates["001"]
        office = await stack.enter_async_context(await office_page(server))
        supervisor = await stack.enter_async_context(Page(server.url, "supervisor"))
        await supervisor.sign_in("supervisor", PASSWORD)
        link = await candidate.post(f"/api/rooms/{exam.room}/phone/link")
        phone = await stack.enter_async_context(Page(server.url, "phone"))
        token = link["link"].rpartition("token=")[2]
        assert (await phone.post(f"/api/rooms/{exam.room}/phone", {"token": token}))["open"]
        own = f"/api/rooms/{exam.room}/phone"
        waiting = [
            held(office, await count(office)), held(supervisor, await count(supervisor)),
            held(phone, (await phone.get(f"{own}/changes"))["count"], f"{own}/changes"),
        ]  # fmt: skip
        begun = time.monotonic()
        assert "error" not in await invigilator.tell("suspend", candidate=known, reason="dùng điện thoại")
        await asyncio.gather(*waiting)
        (exams, room, standing) = await asyncio.gather(
            office.get("/api/exams"), supervisor.get(f"/api/rooms/{exam.room}/state"), phone.get(own)
        )
        assert time.monotonic() - begun < WITHIN_SECONDS
        assert room["sittings"][0]["suspended"]
        assert exams["exams"][0]["rooms"][0]["candidates"][0]["state"] == "admitted"
        assert standing["number"] == "001"


async def test_saving_a_draft_wakes_nobody(server: Server, clock: SteppedClock) -> None:
    async with AsyncExitStack() as stack:
        exam, invigilator, candidate = await at_work(stack, server, clock)
        office = await stack.enter_async_context(await office_page(server))
        before = await count(office)
        waiting = held(office, before)
        saved = await candidate.tell(
            "save_answer", epoch=candidate.epoch, base_revision=0, text="Câu 1",
            client_time="2026-11-23T00:00:00Z",
        )  # fmt: skip
        assert saved["revision"] == 1
        assert await count(office) == before
        assert not waiting.done()
        await invigilator.tell("suspend", candidate=exam.candidates["001"], reason="dùng điện thoại")
        assert (await waiting)["count"] > before


async def test_the_time_alone_is_told(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        waiting = held(office, await count(office))
        clock.jump_to(exam.starts_at)
        await waiting
        (listed,) = (await office.get("/api/exams"))["exams"]
        assert listed["rooms"][0]["phase"] != "closed"


async def test_a_server_that_stops_answers_those_who_wait(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        await plan_exam(server)
        async with await office_page(server) as office:
            waiting = held(office, await count(office))
            await server.house.say_closing()
            assert (await waiting)["count"]


async def test_what_the_server_puts_on_the_offices_log_by_itself_is_told(server: Server) -> None:
    """As a password that was set at the command line: no request says that something changed."""
    async with await office_page(server) as office:
        seen = await count(office)
        told = held(office, seen)
        await server.house.office_log.put(SERVER, office_events.ClockSetBack(seconds=-1.0))
        assert (await told)["count"] != seen
