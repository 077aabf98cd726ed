"""A candidate hands in while a file is still being sent, as the page shows it; and one who was moved comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Route, async_playwright

from tests.browser.camera import portrait
from tests.browser.chromium import chromium, new_page, picture, until
from tests.browser.entering import open_room, reach_the_lobby, start_writing
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import invigilator_page, office_page, running
from tests.test_late_files import graceful

pytestmark = pytest.mark.browser

FILE = {"name": "bang-tinh.bin", "mimeType": "application/octet-stream", "buffer": bytes(range(256)) * 12_000}


async def test_the_page_goes_on_sending_what_the_submission_named(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        async_playwright() as playwright,
        chromium(playwright, camera=portrait(tmp_path / "1.y4m")) as browser,
    ):
        exam = await graceful(server, 3)
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        page = await new_page(browser, errors)
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            await start_writing(page, server, clock, exam, "001", invigilator)
            may_go = asyncio.Event()

            async def hold(route: Route) -> None:
                if route.request.method == "PATCH":
                    await may_go.wait()
                await route.continue_()

            await page.route("**/files/*", hold)
            await page.get_by_test_id("file-input").set_input_files(FILE)
            await page.get_by_test_id("file-pending").wait_for()
            await page.get_by_test_id("submit").click()
            await page.get_by_test_id("submit-grace").wait_for()
            await picture(page, "submit-with-files-under-way")
            await page.get_by_test_id("submit-confirm").click()
            await page.get_by_test_id("receipt-awaited").wait_for()
            await picture(page, "receipt-awaits-files")
            clock.jump_to(exam.starts_at + timedelta(minutes=91))
            may_go.set()
            await page.get_by_test_id("receipt-completed").wait_for()
            await picture(page, "receipt-completed")
            known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
            assert known.completed_at and [work.bytes for work in known.files] == [len(FILE["buffer"])]


async def test_who_was_moved_from_the_lobby_comes_to_the_new_room_with_the_same_code(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _, exam, _invigilator),
        async_playwright() as playwright,
        chromium(playwright, camera=portrait(tmp_path / "1.y4m")) as browser,
        await office_page(server) as office,
    ):
        page = await new_page(browser, errors)
        await reach_the_lobby(page, server, "001", exam.codes["001"])
        to = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"}))["room"]
        moved = await office.post(f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/move", {"to": to})
        assert moved == {}
        dialog = page.get_by_test_id("sign-in-again")
        await dialog.get_by_test_id("sign-in-number").fill("001")
        await dialog.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        async with page.expect_request(lambda request: request.url.endswith(f"/api/rooms/{to}/join")):
            await dialog.get_by_test_id("sign-in-submit").click()
        await until(page, "document.querySelector('[data-testid=sign-in-again]') === null")
