"""What happened is on the log, also when the database failed at that moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

from proctor.coding import RoomFold
from proctor.exam import events as e
from proctor.exam.room import Decision
from proctor.facts import SERVER
from proctor.ledger import tables
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import Server, candidate_page, invigilator_page, plan_exam, reach_lobby, running


async def test_facts_outlast_a_database_that_fails_and_keep_order_and_time(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    live = server.house.rooms.get(exam.room)
    candidate = exam.candidates["001"]
    clock.jump_to(exam.starts_at)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        invigilator_id = next(iter(live.state.present))
        seq, _ = live.actor.head
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["before"] * 2
        happened = clock.now()
        live.media._changed(candidate, "stalled")
        await invigilator.leave()
        live.media.recorded(candidate, "segment_closed", {"segment": "0001", "started_at": "t"})
        async with asyncio.timeout(10):
            while commits.failures:
                await asyncio.sleep(0.01)
            clock.advance(seconds=5)
            assert await live.tell(SERVER, lambda room, now: Decision((e.ClockStepped(seconds=1.0),)))
    assert invigilator_id not in live.state.present
    written = list(tables.read(server.house.rooms._engine, exam.room, seq))
    kinds = [entry.kind for entry in written]
    assert kinds[0] == "media_changed"
    assert sorted(kinds[1:4]) == ["room_unattended", "segment_closed", "staff_left"]  # somebody waits in the lobby
    assert kinds[4] == "clock_stepped"
    told = RoomFold().decode(written[0].kind, written[0].payload or b"")
    assert told == e.MediaChanged(candidate=candidate, state="stalled", happened_at=happened)
    assert written[0].at > happened


async def test_a_room_that_closes_while_the_database_fails_does_not_hang(tmp_path: Path, clock: SteppedClock) -> None:
    async with asyncio.timeout(20):
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server, candidates=1)
            live = server.house.rooms.get(exam.room)
            commits = FailingCommit(server.house.rooms._engine)
            commits.failures = ["before"] * 1_000
            told = live.tell(SERVER, lambda room, now: Decision((e.ClockStepped(seconds=1.0),)))
        assert await told is False
