"""The browser's process of a page dies in the middle of writing: what was typed, and who is recorded, come back."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from playwright.async_api import Error

from tests.browser.chromium import network, until
from tests.browser.entering import at_work, finished, has_recorded, paper_is_open

pytestmark = pytest.mark.browser

STATE = "document.querySelector('[data-testid=save-state]')?.dataset.state"


async def test_a_page_that_crashes_comes_back_with_its_text_and_is_recorded_on(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, server, _clock, exam):
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        await has_recorded(server, exam.room, candidate, seconds=1)
        before, context = live.state.sittings[candidate].epoch, page.context
        await network(page, offline=True)  # nothing but this computer has the text
        await page.locator("#answer").fill("Gõ ngay trước khi trang sập")
        await page.get_by_test_id("save-state").get_by_text("Đã lưu trên máy lúc").wait_for()
        async with page.expect_event("crash"):
            devtools = await context.new_cdp_session(page)
            crash = asyncio.create_task(devtools.send("Page.crash"))
        crash.cancel()  # who would answer is gone
        with contextlib.suppress(asyncio.CancelledError, Error):
            await crash

        again = await context.new_page()
        await again.goto(f"{server.url}/candidate")
        await paper_is_open(again)
        await until(again, "document.querySelector('#answer').value === 'Gõ ngay trước khi trang sập'")
        await until(again, f"{STATE} === 'server'")
        sitting = live.state.sittings[candidate]
        assert sitting.text == "Gõ ngay trước khi trang sập"
        assert sitting.epoch > before
        await until(again, "document.querySelector('[data-testid=media-state]')?.dataset.state === 'sending'")
        await has_recorded(server, exam.room, candidate, seconds=1)
        await finished(server, exam.room, candidate, segments=2)
