"""`scripts/bench_room`: the figures of one small room, as whoever reads its last line finds them."""

from __future__ import annotations

import json
import sys

import pytest

from tests.support.command import TOP, started

PUBLISHERS = 4
# Of a full room with 50 candidates, all recorded, and three watchers. It took 0.105 to 0.166 of a core on machines of
# one kind, depending on what it costs them to wake up; what would double it is found on any of them.
CORES, MEGABYTES = 0.2, 200


@pytest.mark.measured  # it exits with 1 when its own packets leave late, which what runs beside it could cause
async def test_the_last_line_is_what_a_room_cost_and_that_all_of_it_arrived_and_was_recorded() -> None:
    bench = [sys.executable, TOP / "scripts/bench_room", "--publishers", str(PUBLISHERS), "--watchers", "2"]
    async with started([*bench, "--seconds", "2"]) as command:
        code = await command.ended(60)
    figures = json.loads(command.said.splitlines()[-1])
    assert list(figures) == ["cpu_cores", "rss_mb", "delivered", "recorded", "p99_forward_ms"]
    assert (figures["delivered"], figures["recorded"]) == (1.0, 1.0), command.said
    assert 0 < figures["cpu_cores"] < PUBLISHERS, command.said
    assert figures["rss_mb"] > 0
    assert figures["p99_forward_ms"] > 0
    assert code == 0, command.said


@pytest.mark.long  # a minute
@pytest.mark.measured
async def test_a_full_room_costs_at_most_so_much_of_a_core_and_of_memory() -> None:
    async with started([sys.executable, TOP / "scripts/bench_room", "--seconds", "60"]) as command:
        code = await command.ended(180)
    figures = json.loads(command.said.splitlines()[-1])
    print(figures)
    assert code == 0, command.said
    assert (figures["delivered"], figures["recorded"]) == (1.0, 1.0), command.said
    assert figures["rss_mb"] <= MEGABYTES, command.said
    assert figures["cpu_cores"] <= CORES, command.said
