"""`scripts/run` where everything is installed: how soon a person can look around."""

from __future__ import annotations

import pytest

from tests.scripts.demonstration import demo, links, signed_in
from tests.support.command import Stopwatch


@pytest.mark.measured
async def test_a_second_start_serves_its_page_and_says_its_links_within_three_seconds(installed, places) -> None:
    async with demo(installed, places) as (command, _):
        await links(command)  # its exam is planned, and goes on into the next start
        command.interrupt()
        assert await command.ended() == 0
    watch = Stopwatch()
    async with demo(installed, places) as (command, url):
        served = watch.seconds
        tokens = await links(command)
        took = watch.seconds
        print(f"second start: page {served:.2f} s, links {took:.2f} s")
        assert took < 3.0
        async with await signed_in(url, "inspector", tokens["inspector"]) as inspector:
            phases = sorted(room["phase"] for room in (await inspector.get("/api/me"))["rooms"])
        assert phases.count("ended") == 1
        assert "First start" not in command.said
