"""What somebody has typed into a dialog is not thrown away by one key; an untouched dialog closes as ever."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import sign_in_staff
from tests.support.house import Server, plan_exam

pytestmark = pytest.mark.browser

FOCUS = "document.activeElement?.dataset.testid"


async def open_form(page: Page, typed: str = "") -> None:
    await page.get_by_test_id("exam-new").click()
    await page.get_by_test_id("exam-title").fill(typed)


async def test_escape_asks_before_typed_text_is_lost(server: Server) -> None:
    errors: list[str] = []
    await plan_exam(server)
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        title, asked = page.get_by_test_id("exam-title"), page.get_by_test_id("typed-dialog")

        for typed in ("", "   "):  # nothing that could be lost
            await open_form(page, typed)
            await page.keyboard.press("Escape")
            await title.wait_for(state="detached")
            assert await page.evaluate(FOCUS) == "exam-new"

        await open_form(page, "Môn viết dở")
        await page.keyboard.press("Escape")
        await asked.get_by_text("chưa được gửi hoặc lưu").wait_for()
        assert await looked_at_by_axe(page, "typed") == []
        await page.keyboard.press("Enter")  # the answer that loses nothing lies under the key
        await asked.wait_for(state="detached")
        assert await title.input_value() == "Môn viết dở"
        assert await page.evaluate(FOCUS) == "exam-title", "and one goes on where one was"

        for asks in (True, False, True, False, True):  # browsers let a page prevent only the first of several
            await page.keyboard.press("Escape")
            await asked.wait_for(state="visible" if asks else "detached")
            assert await title.input_value() == "Môn viết dở"
        await page.get_by_test_id("typed-discard").click()
        await title.wait_for(state="detached")
        assert await asked.count() == 0
        await until(page, f"{FOCUS} === 'exam-new'")

        await open_form(page, "Bỏ thật")  # a button says what it does
        await page.get_by_role("button", name="Hủy").click()
        await title.wait_for(state="detached")
    assert errors == []
