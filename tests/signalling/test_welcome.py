"""What a page is told first is not older than what it was told before, and what it missed by coming it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
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


async def test_a_page_that_is_declined_while_it_comes_in_is_told_so(server: Server, clock: SteppedClock) -> None:
    """The invigilator sees it ask a moment before it hears what is pushed to it."""
    exam = await plan_exam(server)
    candidate = exam.candidates["001"]
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
        await candidate_page(server, exam, "001") as new,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[candidate], checks=CHECKS)
        namespace = server.house.namespace
        asked, answered, standing = asyncio.Event(), asyncio.Event(), namespace._standing

        async def slow(sessions: Collection[str]) -> set[str]:
            asked.set()
            await answered.wait()
            return await standing(sessions)

        namespace._standing = slow
        joining = asyncio.create_task(new.join(exam.room))
        await asked.wait()
        asks = await invigilator.hear("sitting", lambda sitting: sitting["readmission"])
        declined = await invigilator.tell(
            "decline_device", candidate=candidate, epoch=asks["pending"]["epoch"], reason="Không đúng người",
            replaces=asks["acts"]["entry"]["seq"],
        )  # fmt: skip
        assert "error" not in declined
        answered.set()
        assert await new.hear("declined") == {"reason": "Không đúng người"}
        assert [name for name, _ in new.heard if name == "welcome"] == []
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)
