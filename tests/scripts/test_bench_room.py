"""`scripts/bench_room`: the figures of one small room, as whoever reads its last line finds them."""

from __future__ import annotations

import json
import sys

import pytest

from tests.support.command import TOP, started

PUBLISHERS = 4


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
