"""The wall: fifty live candidates on one page, an invigilator who only uses keys, and two of them at once."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.async_api import Page

from proctor.rehearsal.page import Page as RehearsalPage
from tests.browser.chromium import LOOK, new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import CHECKS, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

TILE = "[data-testid=tile][data-candidate={}]"
# Tiles whose picture moves, by the frames that were decoded between two looks.
FRAMES = """() => Object.fromEntries([...document.querySelectorAll('[data-testid=tile]')].map((tile) =>
  [tile.dataset.candidate, tile.querySelector('video').getVideoPlaybackQuality().totalVideoFrames]))"""
INSIDE = """() => { const wall = document.querySelector('[data-testid=wall]').getBoundingClientRect();
  return [...document.querySelectorAll('[data-testid=tile]')].every((tile) => {
    const box = tile.getBoundingClientRect();
    return box.left >= wall.left - 1 && box.right <= wall.right + 1 && box.bottom <= wall.bottom + 1; }); }"""


@pytest.mark.measured
async def test_fifty_tiles_live_on_one_page(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=50) as (server, _clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        cast = {"url": server.url.replace("localhost", "127.0.0.1"), "room": exam.room, "candidates": [
            {"number": number, "code": exam.codes[number], "person": place % 3}  # encoding each face takes a second
            for place, number in enumerate(exam.codes)
        ]}  # fmt: skip
        playing = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "proctor.rehearsal.candidate", stdin=asyncio.subprocess.PIPE
        )
        assert playing.stdin is not None
        try:
            playing.stdin.write(json.dumps(cast).encode() + b"\n")
            for candidate in exam.candidates.values():
                await invigilator.hear(
                    "sitting", lambda s, c=candidate: s["candidate"] == c and s["state"] == "waiting", seconds=60
                )
            await invigilator.tell("admit", candidates=list(exam.candidates.values()), checks=CHECKS)
            desk = await new_page(browser, errors)
            await sign_in_staff(desk, server, "invigilator", "invigilator")
            await until(desk, "document.querySelectorAll('[data-testid=tile][data-state=live]').length === 50")
            await until(desk, f"Object.values(({FRAMES})()).every((frames) => frames > 0)", seconds=30)
            assert await desk.evaluate(INSIDE)
            before, started = await desk.evaluate(FRAMES), time.perf_counter()
            busy = {process.pid: sum(process.cpu_times()[:2]) for process in renderers()}
            await asyncio.sleep(3)  # measures a rate
            after, took = await desk.evaluate(FRAMES), time.perf_counter() - started
            cpu = sum(sum(process.cpu_times()[:2]) - busy[process.pid] for process in renderers()) / took
            rates = sorted((after[one] - before[one]) / took for one in after)
            print(f"\n50 tiles: {rates[0]:.1f} to {rates[-1]:.1f} frames/s, renderer {cpu:.2f} core")
            assert len(rates) == 50
            assert rates[0] > 3
            await picture(desk, "wall-50")

            # Fixed grids page through them; the tiles of the second page live too.
            await desk.get_by_test_id("layout").select_option(label="5 × 4")
            await desk.keyboard.press("Escape")
            await desk.get_by_test_id("broadcast").focus()
            await desk.keyboard.press("PageDown")
            last = exam.candidates["040"]
            await until(desk, f"({LOOK})('{TILE.format(last)} video')?.contrast > 10")
            assert await desk.get_by_test_id("tile").count() == 20
            assert await desk.evaluate(INSIDE)
            await desk.keyboard.press("PageDown")
            await until(desk, "document.querySelectorAll('[data-testid=tile]').length === 10")  # the third and last
            await desk.keyboard.press("PageUp")
            await until(desk, "document.querySelectorAll('[data-testid=tile]').length === 20")
        finally:
            playing.stdin.close()
            await playing.wait()
        # All of them are gone at once: every tile says so in words.
        await until(desk, "document.querySelectorAll('[data-testid=tile][data-state=offline]').length === 20")
        assert "Mất kết nối 00:" in await desk.locator(TILE.format(last)).inner_text()
        await desk.reload()
        await until(desk, "document.querySelectorAll('[data-testid=tile]').length === 50")
    assert errors == []


def renderers() -> list[psutil.Process]:
    """The renderer processes of the browsers this test started."""
    own = psutil.Process().children(recursive=True)
    return [process for process in own if "--type=renderer" in process.cmdline()]


async def test_keys_alone_admit_focus_note_and_write(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        shared_chromium() as browser,
    ):
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await reach_lobby(first, exam.room)
        await desk.get_by_test_id("queue-entry").wait_for()
        await desk.keyboard.press("a")
        await desk.get_by_test_id("admit-dialog").wait_for()
        for check in ("eligibility", "camera"):
            await tab_to(desk, f"check-{check}")
            await desk.keyboard.press("Space")
        await tab_to(desk, "admit-confirm")
        await desk.keyboard.press("Enter")
        await first.hear("me", lambda me: me["state"] == "admitted")
        await desk.get_by_test_id("admit-dialog").wait_for(state="detached")  # it gives the focus back
        admitted_at = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].admitted_at
        clock.jump_to(admitted_at + timedelta(seconds=40))
        await desk.reload()  # a page hears of the clock when it connects
        await desk.locator(TILE.format(exam.candidates["001"])).focus()
        await desk.keyboard.press("ArrowRight")
        await desk.keyboard.press("ArrowLeft")
        await desk.keyboard.press("Enter")
        await desk.get_by_test_id("focus").wait_for()
        await desk.keyboard.press("f")
        await desk.get_by_test_id("flag-dialog").wait_for()
        await desk.keyboard.press("4")
        await tab_to(desk, "flag-back")
        await desk.keyboard.press("ArrowDown")  # 30 seconds
        await tab_to(desk, "flag-save")
        await desk.keyboard.press("Enter")
        noted = await other.hear("violation")
        assert (noted["candidate"], noted["category"]) == (exam.candidates["001"], "left_view")
        since, until_ = (datetime.fromisoformat(noted[end]) for end in ("from", "to"))
        assert until_ - since == timedelta(seconds=30)
        assert until_ <= datetime.fromisoformat(noted["at"])
        await desk.get_by_test_id("flag-dialog").wait_for(state="detached")
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("wall").wait_for()
        await desk.locator(TILE.format(exam.candidates["001"])).focus()
        for key, text in (("m", "Nhắn riêng."), ("b", "Nhắn cả phòng.")):
            await desk.keyboard.press(key)
            await desk.get_by_test_id("message-dialog").wait_for()
            await tab_to(desk, "message-text")
            await desk.keyboard.type(text)
            await tab_to(desk, "message-send")
            await desk.keyboard.press("Enter")
            await first.hear("message", lambda sent, text=text: sent["text"] == text)
            await desk.get_by_test_id("message-dialog").wait_for(state="detached")
        await desk.keyboard.press("?")
        await desk.get_by_role("heading", name="Phím tắt").wait_for()
        await desk.keyboard.press("Escape")

        # What was noted and written is still there after a reload, and the wall comes back by itself.
        await desk.reload()
        await desk.get_by_test_id("wall").wait_for()
        await desk.get_by_test_id("log-toggle").click()
        log = await desk.get_by_test_id("log").inner_text()
        assert "Rời khung hình" in log
        span = await desk.get_by_test_id("violation-range").inner_text()
        assert re.fullmatch(r"từ \d\d:\d\d:\d\d đến \d\d:\d\d:\d\d", span)
        assert "Nhắn riêng." in log
        await desk.locator(TILE.format(exam.candidates["001"])).click()
        beside = await desk.get_by_test_id("focus-log").inner_text()
        assert "Rời khung hình" in beside and "Nhắn riêng." in beside
        await picture(desk, "focus-log")
        await desk.get_by_test_id("focus-close").click()

        # Two admit at the same time: the second is told.
        await reach_lobby(second, exam.room)
        entry = desk.get_by_test_id("queue-entry")
        await entry.wait_for()
        await second_first(other, desk, exam.candidates["002"])
        assert "002" in await desk.get_by_test_id("overtaken").inner_text()
    assert errors == []


async def second_first(other: RehearsalPage, desk: Page, candidate: str) -> None:
    """The other invigilator is faster than the one who still looks at the photographs."""
    await desk.get_by_test_id("admit").click()
    for check in ("eligibility", "camera"):
        await desk.get_by_test_id(f"check-{check}").check()
    await other.tell("admit", candidates=[candidate], checks=CHECKS)
    await desk.get_by_test_id("admit-confirm").click()
    await desk.get_by_test_id("overtaken").wait_for()


async def tab_to(page: Page, testid: str) -> Any:
    """Press Tab until the element has the focus."""
    for _ in range(25):
        if await page.evaluate("document.activeElement?.dataset.testid") == testid:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{testid} cannot be reached with Tab")
