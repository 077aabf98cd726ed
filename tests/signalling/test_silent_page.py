"""How soon the server notices that a page is gone which says no goodbye, as when its network or computer dies."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from proctor.exam.room import Room
from proctor.rehearsal.page import Page
from proctor.signalling.namespace import SILENT_SECONDS
from tests.support.clock import SteppedClock
from tests.support.house import Server, candidate_page, invigilator_page, plan_exam, reach_lobby

pytestmark = pytest.mark.measured

NOTICED = SILENT_SECONDS + 2.0  # it is looked at every second, also whether a ping is answered


async def die(page: Page) -> None:
    """Answer nothing any more, the socket being there."""
    await page.fall_silent()
    assert page.socket is not None

    async def take_nothing(packet: Any) -> None: ...

    page.socket.eio._receive_packet = take_nothing


async def test_a_page_that_died_is_given_up_within_eight_seconds_and_one_whose_timers_stand_still_is_not(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    dead, hidden = exam.candidates["001"], exam.candidates["002"]
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    async with (
        await invigilator_page(server) as invigilator,
        await invigilator_page(server) as another,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        await invigilator.join(exam.room)
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await another.join(exam.room)
        room = server.house.rooms.get(exam.room)

        def connected() -> set[str]:
            state: Room = room.state
            return {candidate for candidate, known in state.sittings.items() if known.connected}

        assert connected() == {dead, hidden} and room.presence._watchers == 2
        began = time.monotonic()
        await asyncio.gather(die(first), die(another), second.fall_silent())
        async with asyncio.timeout(NOTICED):
            while connected() != {hidden} or room.presence._watchers != 1:
                await asyncio.sleep(0.05)
        took = time.monotonic() - began
        print(f"noticed after {took:.2f} s")
        assert took > SILENT_SECONDS - 1.0
        await asyncio.sleep(NOTICED - took + 6.0)  # a whole interval of Socket.IO's pings more
        assert connected() == {hidden}
        assert (await second.tell("ping_clock", client_time=0.0))["server_time"]
