"""`proctor rehearse`: a whole exam with synthetic people, and what it says of a school's readiness."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proctor.clock import ServerClock
from proctor.office_log import OPERATOR
from proctor.rehearsal.candidate import Fared
from proctor.rehearsal.page import Page
from proctor.rehearsal.processes import listening, usage
from proctor.rehearsal.rehearse import Wanted, rehearse
from proctor.rehearsal.report import NOT_READY, READY, VOID, as_json, as_text, judge
from proctor.rehearsal.room_run import Played
from proctor.rehearsal.stage import Account, NotStaged, StagedRoom
from proctor.rehearsal.watcher import TileSeen, Watcher
from tests.support.house import PASSWORD, PDF, Server, running

SOMEBODY = Account("s_1", "invigilator", "dien-tap-invigilator-1", "x")
ROOM = StagedRoom("r_1", "Phòng 1", {"01": "c_1", "02": "c_2"}, [("01", "A"), ("02", "B")], SOMEBODY, SOMEBODY)


def played(**more: Any) -> Played:
    """A room in which everything went well, but for `more`."""
    fared = [Fared(number, lobby=1.0, media=0.1, submitted=True, sent=1000, late=5) for number in ("01", "02")]
    tiles = [TileSeen(frames=300, packets=900, missing=1) for _ in range(2)]
    well = Played(ROOM, fared, [0.1, 0.2], tiles, {"01": 1.0, "02": 0.995})
    return replace(well, **more)


def test_a_room_in_which_everything_went_well_is_ready() -> None:
    report = judge([played()], server_cores=0.2, server_mb=120.0)
    (room,) = report.rooms
    assert (report.verdict, room.verdict, room.limits) == (READY, READY, ())
    assert (room.recorded_least, room.submitted, room.lobby_longest) == (0.995, 2, 1.0)
    assert report.on_time == pytest.approx(0.995)
    told = json.loads(as_json(report))
    assert told["rooms"][0]["room"] == "Phòng 1" and told["server_cores"] == 0.2
    assert "sẵn sàng / ready" in as_text(report) and "\n" not in as_json(report)


def others(**more: Any) -> list[Fared]:
    """Two candidates, the second one with `more`."""
    first, second = played().fared
    for name, value in more.items():
        setattr(second, name, value)
    return [first, second]


@pytest.mark.parametrize(
    ("more", "limit"),
    [
        ({"fared": others(lobby=16.0)}, "join"), ({"fared": others(lobby=None)}, "join"),
        ({"fared": others(media=None)}, "media"), ({"media": "media_unreachable"}, "media"),
        ({"opened": [0.1, 5.1]}, "opening"), ({"opened": [0.1]}, "opening"),
        ({"tiles": [TileSeen(packets=980, missing=20)]}, "delivered"), ({"tiles": [TileSeen()]}, "delivered"),
        ({"tiles": [TileSeen(packets=900, freezes=1, longest=1.2)] * 2}, "freezes"),
        ({"tiles": [TileSeen(packets=900, freezes=1, longest=3.1)] + [TileSeen(packets=900)] * 99}, "freezes"),
        ({"worst_level": "half_rate"}, "thinned"),
        ({"recorded": {"01": 1.0, "02": 0.98}}, "recorded"), ({"recorded": {"01": 1.0}}, "recorded"),
        ({"fared": others(back=10.1)}, "return"), ({"fared": others(submitted=False)}, "submitted"),
        ({"fared": others(refusals=["room_capacity"])}, "refused"),
    ],
)  # fmt: skip
def test_what_limited_it_is_named(more: dict[str, Any], limit: str) -> None:
    report = judge([played(**more), played()], server_cores=None, server_mb=None)
    assert (report.verdict, report.rooms[0].limits) == (NOT_READY, (limit,))
    assert report.rooms[1].verdict == READY, "the other room stands for itself"
    assert "→" in as_text(report)


def test_of_a_machine_that_sends_too_late_nothing_is_said() -> None:
    report = judge([played(fared=others(late=100, submitted=False))], server_cores=None, server_mb=None)
    assert (report.verdict, report.rooms[0].limits) == (VOID, ("generator", "submitted"))
    assert judge([], server_cores=None, server_mb=None).verdict == NOT_READY


async def test_a_watcher_remembers_the_least_that_it_was_sent() -> None:
    async with Page("http://localhost:1", "supervisor") as page:
        watcher = Watcher(page, ["c_1"])
        assert watcher.worst_level == "all"
        for level in ("half_rate", "stills", "small_focus"):
            watcher.told("thinned", {"subscription": "v_1", "level": level})
        watcher.told("vitals", {})
        assert watcher.worst_level == "stills"


async def test_what_the_server_refuses_is_told_before_anybody_plays(tmp_path: Path) -> None:
    async with running(tmp_path, ServerClock()) as server:
        await server.house.office.create_staff(OPERATOR, "lan", "Lan", "training_office", PASSWORD)
        with pytest.raises(NotStaged) as refused:
            await rehearse(server.url, "lan", "another password", PDF, Wanted(), None)
        step, error = refused.value.args
        assert (step, error["code"]) == ("sign-in", "wrong_credentials")
        assert (await server.house.office.exams()) == []


async def test_the_process_behind_a_port_is_found_and_what_it_takes(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    mine = listening(port)
    assert mine is not None
    used = usage(mine)
    assert used is not None and used.cpu > 0 and used.memory > 20e6
    assert listening(1) is None and usage(1 << 30) is None


@pytest.mark.long  # it plays an exam of a minute by the real clock
async def test_an_exam_is_played_from_outside_and_judged(tmp_path: Path) -> None:
    async with running(tmp_path, ServerClock()) as server:
        await server.house.office.create_staff(OPERATOR, "lan", "Lan", "training_office", PASSWORD)
        steps: list[str] = []
        wanted = Wanted(rooms=2, candidates=2, watchers=2, loss=2.0, outage=3.0, minutes=1, lead=8.0)
        report = await rehearse(server.url, "lan", PASSWORD, PDF, wanted, None, steps.append)
        assert len(steps) == 4
        for room in report.rooms:
            assert room.submitted == room.candidates == 2
            assert room.lobby_longest is not None and room.opened_longest is not None
            assert room.back_longest is not None, "one lost the network and came back"
            assert room.delivered is not None and room.delivered > 0.99
            assert room.recorded_least is not None and room.recorded_least > 0.9
            assert room.level == "all"
        assert report.verdict in (READY, VOID, NOT_READY)
        (exam,) = await server.house.office.exams()
        assert exam["title"].startswith("Diễn tập") and len(exam["rooms"]) == 2
        # Another one may begin before that one is over, with other accounts.
        again = asyncio.create_task(rehearse(server.url, "lan", PASSWORD, PDF, replace(wanted, rooms=1), None))
        async with asyncio.timeout(60):
            while len(await server.house.office.exams()) < 2 or again.done():
                assert not again.done(), again.exception()
                await asyncio.sleep(0.2)
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)
