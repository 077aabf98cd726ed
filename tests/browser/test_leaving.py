"""A candidate leaves no running exam by accident: Back and closing the tab ask, until the work is handed in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Dialog, Page

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import until
from tests.browser.entering import at_work, paper_is_open, saved_on_the_server, stage_is

pytestmark = pytest.mark.browser


def questions(page: Page) -> asyncio.Queue[str]:
    """What the browser itself asks, each answered with no."""
    asked: asyncio.Queue[str] = asyncio.Queue()

    async def answer(dialog: Dialog) -> None:
        await dialog.dismiss()
        asked.put_nowait(dialog.type)

    page.on("dialog", answer)
    return asked


async def test_back_and_closing_ask_while_the_exam_runs_and_not_afterwards(tmp_path: Path) -> None:
    async with at_work(tmp_path, coming_from="/") as (page, server, _clock, _exam):
        await page.locator("#answer").fill("Đang viết.")
        await saved_on_the_server(page)

        for _ in range(2):  # not the first time only
            await page.evaluate("history.back()")
            await page.get_by_test_id("stay-dialog").get_by_text("Bài chưa được nộp").wait_for()
            assert await looked_at_by_axe(page, "stay") == []
            await page.keyboard.press("Enter")
            await page.get_by_test_id("stay-dialog").wait_for(state="detached")
            assert page.url == f"{server.url}/candidate"
            assert await page.locator("#answer").input_value() == "Đang viết."

        asked = questions(page)
        await page.evaluate("addEventListener('beforeunload', ({ returnValue }) => { window.question = returnValue; })")
        await page.close(run_before_unload=True)
        assert await asyncio.wait_for(asked.get(), 10) == "beforeunload"
        assert await page.evaluate("window.question"), "browsers before Chrome 119 ask for this alone"
        await page.evaluate("history.back()")
        await page.get_by_test_id("stay-leave").click()  # was asked, and is not asked twice
        await page.get_by_test_id("role-candidate").click()
        await paper_is_open(page)
        assert asked.empty()

        await page.get_by_test_id("submit").click()
        await page.get_by_test_id("submit-confirm").click()
        await stage_is(page, "receipt")
        await until(page, "history.state === null")
        await page.go_back()
        assert page.url == f"{server.url}/"
        await page.go_forward()
        await stage_is(page, "receipt")
        closed = asyncio.Event()
        page.on("close", lambda _: closed.set())
        await page.close(run_before_unload=True)
        await asyncio.wait_for(closed.wait(), 10)
        assert asked.empty()
