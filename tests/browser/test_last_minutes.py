"""That time runs out is said in words, once at each mark, and it hides neither the text nor takes the keyboard away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from proctor.views import moment
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import picture, until
from tests.browser.entering import at_work
from tests.support.house import office_page

pytestmark = pytest.mark.browser

LISTEN = """() => {
  const region = document.querySelector('[data-testid=last-minutes]');
  window.said = [];
  new MutationObserver(() => window.said.push(region.innerText.trim())).observe(
    region, { childList: true, characterData: true, subtree: true });
  return region.getAttribute('role');
}"""
LATE = "Đang viết. Viết tiếp khi mất mạng."
COVERED = """() => {
  const [text, said] = ['#answer', '[data-testid=last-minutes]'].map((one) => document.querySelector(one));
  return said.getBoundingClientRect().bottom > text.getBoundingClientRect().top;
}"""


async def told_that_it_is_evidence(page: Page) -> None:
    notice = page.get_by_test_id("after-submit-by")
    words = await notice.get_by_test_id("late-text").inner_text()
    assert "lúc 11:33:2" in words
    assert "không tính là bài nộp" in words
    assert await page.locator("[data-testid=save-state][data-state=late]").inner_text()
    assert await page.locator("#answer").input_value() == LATE


async def said_at(page: Page, minutes: int) -> None:
    await until(page, f"document.querySelector('[data-testid=last-minutes]').dataset.minutes === '{minutes}'")


async def test_the_last_minutes_are_said_once_each_and_anew_when_time_is_given(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, server, clock, exam):
        submit_by = exam.starts_at + timedelta(minutes=90)
        await page.locator("#answer").fill("Đang viết.")
        assert await page.evaluate(LISTEN) == "status"
        clock.jump_to(submit_by - timedelta(minutes=10, seconds=3))
        await said_at(page, 10)
        assert await page.evaluate("document.activeElement.id") == "answer"
        assert not await page.evaluate(COVERED)
        await picture(page, "last-minutes")
        assert await looked_at_by_axe(page, "last minutes") == []
        clock.jump_to(submit_by - timedelta(minutes=5, seconds=1))
        await said_at(page, 5)
        async with await office_page(server) as office:
            path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/extra-time"
            await office.put(path, {"minutes": 3, "reason": "Bù giờ mất điện."})
        await page.get_by_test_id("last-minutes").get_by_text("11:33:00").wait_for()
        submit_by += timedelta(minutes=3)
        clock.jump_to(submit_by - timedelta(minutes=5))
        await said_at(page, 5)
        clock.jump_to(submit_by - timedelta(minutes=1))
        await said_at(page, 1)
        await page.context.set_offline(True)
        await page.get_by_test_id("offline-notice").wait_for()
        await page.locator("#answer").fill(LATE)
        clock.jump_to(submit_by + timedelta(seconds=20))
        await page.context.set_offline(False)
        await told_that_it_is_evidence(page)
        assert await page.evaluate("document.querySelector('[data-testid=last-minutes]').childElementCount") == 0
        assert await page.evaluate("window.said") == [
            "Còn không đến 10 phút: hãy nộp bài trước 11:30:00.",
            "Còn không đến 5 phút: hãy nộp bài trước 11:30:00.",
            "Còn không đến 10 phút: hãy nộp bài trước 11:33:00.",
            "Còn không đến 5 phút: hãy nộp bài trước 11:33:00.",
            "Còn không đến 1 phút: hãy nộp bài trước 11:33:00.",
            "",
        ]
        await page.reload()
        await told_that_it_is_evidence(page)
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        (late,) = known.late_texts
        assert (late.text, known.text, known.submission) == (LATE, "Đang viết.", None)
        assert late.written_at < moment(submit_by) < moment(late.received_at)
