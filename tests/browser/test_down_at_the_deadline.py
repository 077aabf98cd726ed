"""The server is away while a candidate's time ends, and back: at every moment one sentence says how it stands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import saved_on_the_server, start_writing
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import invigilator_page, office_page, plan_exam, running

pytestmark = pytest.mark.browser

LAST_SECONDS = "/^00:[01]/.test(document.querySelector('[data-testid=countdown] strong')?.textContent)"


async def told(page: Page) -> str:
    """The one notice over paper and answer."""
    (notice,) = await page.locator(".alerts .notice").all_inner_texts()
    return notice


@pytest.mark.long  # tests/test_killed_at_the_deadline.py
async def test_a_deadline_that_passes_while_the_server_is_away_is_told_in_one_sentence(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        answer = page.get_by_test_id("answer")
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server)
            deadline = exam.starts_at + timedelta(minutes=90)
            clock.jump_to(exam.starts_at - timedelta(minutes=10))
            async with await invigilator_page(server) as invigilator:
                await invigilator.join(exam.room)
                await start_writing(page, server, clock, exam, "001", invigilator)
            await answer.fill("Câu 1.")
            await saved_on_the_server(page)
            clock.jump_to(deadline - timedelta(seconds=12))
            await until(page, LAST_SECONDS)
            await page.get_by_test_id("hand").click()  # what the server tells by now, the page counts from
            await page.locator("[data-testid=hand][aria-pressed=true]").wait_for()
        await page.get_by_test_id("offline-notice").get_by_text("Bạn cứ làm tiếp").wait_for()
        await answer.fill("Câu 1. Viết khi máy chủ tắt.")
        await page.get_by_test_id("offline-notice").get_by_text("đã hết hạn nộp bài lúc 11:30:00").wait_for()
        assert "cứ làm tiếp" not in await told(page)
        await picture(page, "down-at-the-deadline")

        clock.jump_to(deadline + timedelta(minutes=2))
        async with running(tmp_path, clock, listen=urlsplit(server.url).port or 0) as server:
            await page.get_by_test_id("held").wait_for()
            await page.locator("[data-testid=connection-state][data-state=connected]").wait_for()
            await page.locator("[data-testid=save-state][data-state=kept]").wait_for()
            assert "tạm dừng" in await told(page)
            assert await page.get_by_test_id("submit").is_disabled()
            await picture(page, "held-at-the-deadline")

            async with await office_page(server) as office:
                given = {"outcome": "shift", "minutes": 10, "reason": "Máy chủ ngừng."}
                assert "error" not in await office.post(f"/api/rooms/{exam.room}/hold", given)
            await page.get_by_test_id("held").wait_for(state="detached")
            await saved_on_the_server(page)
            await answer.fill("Câu 1. Viết khi máy chủ tắt. Viết tiếp.")
            await saved_on_the_server(page)
            known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
            assert known.text == "Câu 1. Viết khi máy chủ tắt. Viết tiếp."
    assert errors == []
