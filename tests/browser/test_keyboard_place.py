"""Whoever works by keyboard goes on where they were, when what they pressed is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import (
    open_room,
    paper_is_open,
    reach_the_photos,
    sign_in_candidate,
    sign_in_staff,
    start_writing,
)
from tests.support.clock import MORNING
from tests.support.house import Server, exam_times, office_page

pytestmark = pytest.mark.browser

FOCUS = "document.activeElement?.dataset.testid"
KEPT = "document.activeElement !== document.body && document.activeElement?.isConnected"
READY = "document.querySelector('.booth video')?.videoWidth > 0"


async def press(page: Page, control: str) -> None:
    await page.get_by_test_id(control).focus()
    await page.keyboard.press("Enter")


@pytest.mark.long  # test_accessible.py walks the same way by keyboard
async def test_the_keyboard_stays_on_the_way_in_and_when_a_tab_takes_the_exam_back(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await sign_in_candidate(page, server, "002", exam.codes["002"])
        await reach_the_photos(page)
        await until(page, READY)
        await press(page, "take-face")
        await until(page, f"{FOCUS} === 'keep-face'")
        await press(page, "retake-face")
        await until(page, f"{FOCUS} === 'take-face'")
        await until(page, READY)
        await page.keyboard.press("Enter")
        await until(page, f"{FOCUS} === 'keep-face'")
        await page.keyboard.press("Enter")
        await page.get_by_test_id("booth-card").wait_for()
        await until(page, KEPT)
        await page.keyboard.press("Tab")
        assert await page.evaluate(FOCUS) == "take-card", "the next key is at the next thing to do"

        first = await new_page(browser, errors)
        await start_writing(first, server, clock, exam, "001", invigilator)
        second = await first.context.new_page()
        await second.goto(f"{server.url}/candidate")
        await paper_is_open(second)
        await first.get_by_test_id("superseded").wait_for()
        await press(first, "use-here")
        await first.get_by_test_id("superseded").wait_for(state="detached")
        await until(first, KEPT)
        assert await first.evaluate("document.querySelector('.exam').contains(document.activeElement)")
    assert errors == []


@pytest.mark.long  # test_accessible.py walks the office by keyboard
async def test_the_keyboard_stays_when_a_room_is_removed(server: Server) -> None:
    errors: list[str] = []
    async with await office_page(server) as office:
        exam = await office.post("/api/exams", {"title": "Môn mới", **exam_times(MORNING)})
        for number in (1, 2):
            await office.post(f"/api/exams/{exam['exam']}/rooms", {"title": f"Phòng {number}"})
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("exam-open").click()
        await page.get_by_test_id("room-remove").first.focus()
        await page.keyboard.press("Enter")
        await press(page, "room-remove-ok")
        await until(page, "document.querySelectorAll('[data-testid=room]').length === 1")
        await until(page, KEPT)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('[data-testid=room]') !== null"), "among the rooms"
    assert errors == []
