"""Synthetic candidates go through an exam by the same doors as a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json

from proctor.rehearsal.candidate import Cast, Script, numbered, play_all
from tests.support.clock import SteppedClock
from tests.support.house import CHECKS, Server, invigilator_page, plan_exam


def test_of_twelve_candidates_one_drops_after_75_seconds_for_40() -> None:
    scripts = numbered([(f"{number:03}", "code") for number in range(12)])
    assert len({script.person for script in scripts}) == 12
    assert [(script.drops_after, script.gone_for) for script in scripts if script.drops_after] == [(75.0, 40.0)]


async def test_a_candidate_who_loses_the_network_is_seen_to_go_and_goes_on_where_it_was(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
    script = Script("001", exam.codes["001"], 0, drops_after=2.0, gone_for=1.0, writes_every=0.2)
    async with await invigilator_page(server) as invigilator:
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        playing = asyncio.create_task(play_all(Cast(server.url, exam.room, [script])))
        try:
            await invigilator.hear("sitting", lambda one: one["state"] == "waiting", seconds=20)
            await invigilator.tell("admit", candidates=[candidate], checks=CHECKS)
            await invigilator.hear("sitting", lambda one: one["answer"]["revision"] >= 2, seconds=20)
            gone = await invigilator.hear("sitting", lambda one: one["admitted_at"] and not one["connected"])
            assert gone["answer"]["revision"] < 20
            back = await invigilator.hear(
                "sitting", lambda one: one["epoch"] == 2 and one["connected"] and one["admitted_at"], seconds=20
            )
            assert back["answer"]["revision"] == gone["answer"]["revision"]
            handed_in = await invigilator.hear("sitting", lambda one: one["submitted_at"], seconds=30)
            assert handed_in["answer"]["revision"] == 20
            await asyncio.wait_for(playing, 10)
        finally:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing
    kinds = [event["kind"] for event in json.loads(await server.house.rooms.events(exam.room, 0))["events"]]
    assert kinds.count("candidate_connected") == 2
    assert live.state.sittings[candidate].paper_opened_at
