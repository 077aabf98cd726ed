"""The inspector's player: speeds, keys, a gap, one candidate after another, one who has no recording, and an exam that
still runs."""

from __future__ import annotations

import asyncio
import itertools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page as RehearsalPage
from tests.browser.chromium import LOOK, chromium, new_page, picture, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import CHECKS, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

PLAYER = "document.querySelector('[data-testid=player]')?.dataset"
WALL_CLOCK = f"Number({PLAYER}.wallClock)"


async def send(page: RehearsalPage, seconds: float, person: int) -> None:
    """Picture and sound for a while."""
    publisher = SyntheticPublisher(person)
    answer = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer())
    await publisher.accept(answer["sdp"])
    publisher.start()
    await asyncio.sleep(seconds)  # the recording has to contain that much
    await publisher.stop()


async def choose(page: Page, candidate: str) -> None:
    await page.locator(f"[data-testid=sitting][data-candidate={candidate}]").click()
    await until(page, f"(c) => {PLAYER}?.candidate === c", candidate)


async def test_the_player_while_the_exam_still_runs(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=3) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        async_playwright() as playwright,
        chromium(playwright) as browser,
    ):
        one, two, absent = exam.candidates.values()
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[one, two], checks=CHECKS)
        await asyncio.gather(send(first, 7, 0), send(second, 7, 1))
        clock.advance(seconds=20)  # nobody sends: a gap of a little more than that
        await send(first, 6, 0)
        live = server.house.rooms.get(exam.room)
        await asyncio.gather(*(server.house.recording.finish(exam.room, each) for each in (one, two)))
        async with asyncio.timeout(10):
            while len(live.segments(one)) < 2 or not live.segments(two):
                await asyncio.sleep(0.05)

        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "inspector", "inspector")
        await desk.get_by_test_id("choose-room").click()
        await choose(desk, absent)
        await desk.get_by_test_id("no-recording").wait_for()
        for key in ("j", "k", "l", " ", "+"):
            await desk.keyboard.press(key)

        await choose(desk, one)
        await until(desk, f"{PLAYER}.ready === 'true' && {WALL_CLOCK} > 0")
        await until(desk, f"({LOOK})('[data-testid=player-video]')?.contrast > 10")
        await desk.keyboard.press(" ")
        await until(desk, f"{PLAYER}.playing === 'true'")
        for rate in (0.5, 2, 4, 8):
            await desk.get_by_test_id(f"rate-{rate}").click()
            await until(desk, f"document.querySelector('[data-testid=player-video]').playbackRate === {rate}")
        await desk.get_by_test_id("rate-1").click()
        await desk.get_by_test_id("wall-clock").click()
        await desk.keyboard.press("k")
        await until(desk, f"{PLAYER}.playing === 'false'")

        # Into the gap, by the keys; it is said in words and can be passed over.
        start, end = edges(live.segments(one))
        before = await desk.evaluate(WALL_CLOCK)
        await desk.keyboard.press("l")
        await until(desk, f"(before) => {WALL_CLOCK} >= before + 9000", before)
        await seek(desk, (start + end) / 2)
        await desk.get_by_test_id("gap").get_by_text("Không có bản ghi từ").wait_for()
        await picture(desk, "replay-gap")
        await desk.get_by_test_id("gap").get_by_role("button").click()
        await desk.get_by_test_id("gap").wait_for(state="detached")
        await until(desk, f"(end) => {WALL_CLOCK} >= end - 200", end)
        await desk.keyboard.press("j")
        await until(desk, f"(end) => {WALL_CLOCK} < end - 5000", end)

        await choose(desk, two)
        await until(desk, f"{PLAYER}.ready === 'true'")
        await desk.keyboard.press("k")
        await until(desk, f"(() => {{ const look = ({LOOK})('[data-testid=player-video]'); "
                          "return look?.contrast > 10 && look.frames > 5; })()")  # fmt: skip
        assert clock.now() < exam.starts_at + timedelta(minutes=90)
        assert live.state.phase(clock.now()) == "entry"
    assert errors == []


def edges(segments: list[dict[str, Any]]) -> tuple[float, float]:
    """Where the longest gap begins and ends, in milliseconds since 1970."""
    moments = [(datetime.fromisoformat(s["started_at"]), datetime.fromisoformat(s["ended_at"])) for s in segments]
    gaps = [(before[1], after[0]) for before, after in itertools.pairwise(moments)]
    begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    return begin.timestamp() * 1000, end.timestamp() * 1000


async def seek(page: Page, wall_clock: float) -> None:
    await page.evaluate(
        """(to) => { const seek = document.querySelector('[data-testid=seek]');
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(seek, to);
          seek.dispatchEvent(new Event('input', { bubbles: true })); }""",
        str(round(wall_clock)),
    )
