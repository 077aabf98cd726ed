"""A candidate hands in while a file is still being sent, as the page shows it; and one who was moved comes back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, Route
from playwright.async_api import Page as WebPage

from proctor.rehearsal.page import Page
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import (
    open_room,
    paper_is_open,
    reach_the_lobby,
    reach_the_photos,
    sign_in_candidate,
    start_writing,
)
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import CHECKS, PASSWORD, admit, invigilator_page, office_page, running
from tests.support.killable import STARTS_AT, KillableServer, planned
from tests.test_late_files import graceful, let_bytes_follow

pytestmark = pytest.mark.browser

FILE = {"name": "bang-tinh.ods", "mimeType": "application/octet-stream", "buffer": bytes(range(256)) * 12_000}


def held_until(may_go: asyncio.Event) -> Callable[[Route], Awaitable[None]]:
    """A route that lets the bytes of files wait."""

    async def hold(route: Route) -> None:
        if route.request.method == "PATCH":
            await may_go.wait()
        with contextlib.suppress(Error):  # its page was loaded again meanwhile
            await route.continue_()

    return hold


@pytest.mark.long  # tests/exam/test_upload_grace.py, tests/test_late_files.py, tests/webclient/test_files.py
async def test_the_page_goes_on_sending_what_the_submission_named(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        shared_chromium(face=True) as browser,
    ):
        exam = await graceful(server, 3)
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        page = await new_page(browser, errors)
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            await start_writing(page, server, clock, exam, "001", invigilator)
            may_go = asyncio.Event()
            await page.route("**/files/*", held_until(may_go))
            await page.get_by_test_id("file-input").set_input_files(FILE)
            await page.get_by_test_id("file-pending").wait_for()
            await page.get_by_test_id("submit").click()
            await page.get_by_test_id("submit-grace").wait_for()
            listed = await page.get_by_test_id("submit-files").inner_text()
            assert listed.strip() == "bang-tinh.ods (2,9 MB, đang gửi)"
            assert await page.get_by_test_id("submit-dialog").get_by_text("đang trống").count() == 0
            await picture(page, "submit-with-files-under-way")
            await page.get_by_test_id("submit-confirm").click()
            await page.get_by_test_id("receipt-awaited").wait_for()
            await picture(page, "receipt-awaits-files")
            await page.get_by_test_id("sign-out").click()
            await page.get_by_test_id("leave").get_by_text("1 tệp chưa gửi xong").wait_for()
            await page.get_by_test_id("leave-stay").click()
            clock.jump_to(exam.starts_at + timedelta(minutes=91))
            may_go.set()
            await page.get_by_test_id("receipt-completed").wait_for()
            await picture(page, "receipt-completed")
            known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
            assert known.completed_at and [work.bytes for work in known.files] == [len(FILE["buffer"])]


@pytest.mark.long  # tests/test_late_files.py, tests/webclient/test_own_exam.py
async def test_a_file_that_is_awaited_comes_from_where_it_lies_though_the_receipt_was_read_at_another_device(
    tmp_path: Path,
) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        shared_chromium(face=True) as browser,
    ):
        exam = await graceful(server, 3)
        candidate = exam.candidates["001"]
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        first, second = await new_page(browser, errors), await new_page(browser, errors)
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)

            async def goes_through_the_check(page: WebPage) -> None:
                await reach_the_photos(page)
                await (second if page is first else first).get_by_test_id("asked-elsewhere").wait_for()
                epoch = server.house.rooms.get(exam.room).state.sittings[candidate].last_epoch

                def is_ready(one: dict[str, Any]) -> bool:
                    return bool(one["pending"] and one["pending"]["epoch"] == epoch and one["pending"]["device"])

                await invigilator.hear("sitting", is_ready)
                told = await invigilator.tell("admit", candidates=[candidate], checks=CHECKS, seen={candidate: epoch})
                assert "error" not in told, told

            await start_writing(first, server, clock, exam, "001", invigilator)
            may_go = asyncio.Event()
            await first.route("**/files/*", held_until(may_go))
            await first.get_by_test_id("file-input").set_input_files(FILE)
            await first.get_by_test_id("file-pending").wait_for()
            await first.get_by_test_id("submit").click()
            await first.get_by_test_id("submit-confirm").click()
            await first.get_by_test_id("receipt-awaited").wait_for()

            await sign_in_candidate(second, server, "001", exam.codes["001"])
            await second.get_by_test_id("receipt-ask").click()
            await goes_through_the_check(second)
            await second.get_by_test_id("receipt-awaited").get_by_text("không có ở máy này").wait_for()
            assert await second.get_by_test_id("error").count() == 0

            await first.get_by_test_id("use-here").click()
            await first.get_by_test_id("receipt-awaited").get_by_text("phải cho máy này vào lại").wait_for()
            await second.get_by_test_id("asked-elsewhere").wait_for()
            await first.reload()
            await second.get_by_test_id("asked-elsewhere").wait_for(state="detached")
            await first.get_by_test_id("awaited-here").get_by_text("Tệp nằm ở máy này").wait_for()
            await picture(first, "awaited-file-lies-here")
            await first.get_by_test_id("awaited-use-here").click()
            await goes_through_the_check(first)
            may_go.set()
            await first.get_by_test_id("receipt-completed").wait_for()
            known = server.house.rooms.get(exam.room).state.sittings[candidate]
            assert known.completed_at and [work.bytes for work in known.files] == [len(FILE["buffer"])]
    assert errors == []


@pytest.mark.long  # tests/test_late_files.py, tests/webclient/test_files.py
async def test_a_page_loaded_again_while_the_server_is_killed_goes_on_sending_and_loses_no_time(tmp_path: Path) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, 1)
    candidate = exam.candidates["001"]
    errors: list[str] = []
    async with shared_chromium(face=True) as browser:
        page = await new_page(browser, errors, opens_offline=True)
        may_go = asyncio.Event()
        async with server.up():
            async with Page(server.url, "training_office") as office:
                await office.sign_in("training_office", PASSWORD)
                await let_bytes_follow(office, exam, 3)
            async with Page(server.url, "invigilator") as invigilator:
                await invigilator.sign_in("invigilator", PASSWORD)
                await server.jump_to(STARTS_AT)
                await invigilator.join(exam.room)
                await reach_the_lobby(page, server, "001", exam.codes["001"])
                await invigilator.hear("sitting", lambda sitting: sitting["state"] == "waiting")
                await admit(invigilator, candidate)
                await paper_is_open(page)
                await page.route("**/files/*", held_until(may_go))
                await page.get_by_test_id("file-input").set_input_files(FILE)
                await page.get_by_test_id("file-pending").wait_for()
                await page.get_by_test_id("submit").click()
                await page.get_by_test_id("submit-confirm").click()
                await page.get_by_test_id("receipt-awaited").wait_for()
                await server.jump_to(STARTS_AT + timedelta(minutes=92))  # of the three minutes one is left
                await server.kill()
        await page.reload()  # the page is this computer's own copy
        await page.get_by_test_id("receipt-awaited").wait_for()
        server.advance(minutes=2)
        may_go.set()
        async with server.up():
            await page.get_by_test_id("receipt-completed").wait_for()
            await picture(page, "receipt-completed-after-a-kill")
            server.command.terminate()
            assert await server.command.ended() == 0
        state, entries = server.room(exam.room)
        known = state.sittings[candidate]
        assert known.completed_at and known.incomplete_at is None
        assert [work.bytes for work in known.files] == [len(FILE["buffer"])]
        assert "awaiting_prolonged" in [entry.kind for entry in entries]
        assert errors == []


@pytest.mark.long  # tests/exam/test_moving.py
async def test_who_was_moved_from_the_lobby_comes_to_the_new_room_with_the_same_code(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _, exam, _invigilator),
        shared_chromium(face=True) as browser,
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
