"""What a page is told first is not older than what it was told before."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.clock import SteppedClock
from tests.support.house import CHECKS, Server, candidate_page, invigilator_page, plan_exam, reach_lobby


async def test_what_happens_while_a_page_is_being_welcomed_is_not_taken_back_by_the_welcome(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    candidate = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[candidate], checks=CHECKS)
        await page.hear("paper_key")
        live = server.house.rooms.get(exam.room)
        reading, read, key_of = asyncio.Event(), asyncio.Event(), live._paper_key

        async def slow(exam: str, sha256: str) -> bytes:  # as after a restart, when the key has to be read anew
            reading.set()
            await read.wait()
            return await key_of(exam, sha256)

        live._paper_key = slow
        joining = asyncio.create_task(page.join(exam.room))
        await reading.wait()
        await invigilator.tell("suspend", candidate=candidate, reason="Có người trong phòng.")
        read.set()
        welcome: dict[str, Any] = await joining
        assert welcome["paper_key"]
        assert welcome["me"]["suspended"]
