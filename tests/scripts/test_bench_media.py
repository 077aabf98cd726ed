"""`scripts/bench_media`: a small comparison with Janus, as whoever reads its last line finds it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import TOP, started
from tests.support.janus import why_no_janus
from tests.support.network import why_no_neighbour

BENCH = [sys.executable, TOP / "scripts/bench_media", "--publishers", "3", "--seconds", "3", "--rounds", "1"]
RATIOS = ["ingest", "full_1", "full_3", "full_5", "wall"]
OURS = ["rooms_per_core", "mb_base", "mb_per_room"]


@pytest.fixture
def comparable() -> None:
    """Skips where the comparison cannot be made."""
    if why := why_no_janus() or why_no_neighbour():
        pytest.skip(why)


def namespaces() -> str:
    return subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout


@pytest.mark.long  # two minutes
@pytest.mark.measured  # what runs beside it could make its own packets late, and void
async def test_the_last_line_tells_what_all_costs_beside_janus_and_nothing_is_left_behind(comparable: None) -> None:
    async with started([*BENCH, "--most-rooms", "2"]) as command:
        code = await command.ended(300)
    figures = json.loads(command.said.splitlines()[-1])
    assert list(figures) == [*RATIOS, *OURS]
    assert code == 0, command.said
    assert all(0.1 < figures[name] < 10 for name in RATIOS), command.said
    assert figures["rooms_per_core"] == 2, command.said  # the most that it was to try; six people fill no core
    assert 50 < figures["mb_base"] < 300 and 0 < figures["mb_per_room"] < 60, command.said
    assert f"proctor-{command.pid}-" not in namespaces()


@pytest.mark.long
async def test_one_that_is_ended_takes_its_servers_namespaces_and_files_along(
    comparable: None, tmp_path: Path
) -> None:
    bench = [*BENCH, "--lines", "ingest", "--seconds", "60"]
    async with started(bench, {"TMPDIR": str(tmp_path)}) as command:
        await command.says("line ", 60)
        async with asyncio.timeout(30):
            while not list(tmp_path.glob("*/*/log")):  # of the first server
                await asyncio.sleep(0.05)
        assert f"proctor-{command.pid}-" in namespaces()
        command.terminate()
        assert await command.ended(30) != 0
    assert f"proctor-{command.pid}-" not in namespaces()
    assert list(tmp_path.iterdir()) == []


async def test_without_janus_it_says_so_in_one_sentence() -> None:
    async with started(BENCH, {"PATH": str(TOP / "nowhere"), "PYTHONPATH": os.pathsep.join(sys.path)}) as command:
        assert await command.ended() == 2
    assert command.said == (
        "bench_media compares with Janus in network namespaces: there is no `janus` (apt install "
        "--no-install-recommends janus)\n"
    )
