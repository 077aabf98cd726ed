"""A room at another address than the page's own server's: after `join`, everything of the room goes there.

The other address is another port; behind it is the same house, and what is looked at is where the pages send.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import (
    finished,
    has_recorded,
    open_room,
    saved_on_the_server,
    sign_in_staff,
    start_writing,
)
from tests.support.command import free_port
from tests.support.elsewhere import elsewhere

pytestmark = pytest.mark.browser

OF_A_ROOM = re.compile(r"(?:http|ws)://localhost:(\d+)(?:/api/rooms/[^/]+/([^?/]*)|/socket\.io/)")


class Asked:
    """What of a room a page asked for, at which port, since it joined. Before, it looks at the rooms there are."""

    def __init__(self, page: Page) -> None:
        self.at: dict[int, set[str]] = {}
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        if found := OF_A_ROOM.match(url):
            what = found[2] or "socket"
            if what == "join":
                self.at.setdefault(int(found[1]), set()).clear()
            else:
                self.at.setdefault(int(found[1]), set()).add(what)


async def test_after_join_everything_of_a_room_goes_to_the_rooms_address(tmp_path: Path) -> None:
    errors: list[str] = []
    there = free_port()
    async with (
        open_room(tmp_path, candidates=1, public_url=f"http://localhost:{there}") as (server, clock, exam, invigilator),
        elsewhere(there, server.url),
        shared_chromium() as browser,
    ):
        candidate, here = exam.candidates["001"], int(server.url.rpartition(":")[2])
        page, watcher, technician, inspector = [await new_page(browser, errors) for _ in range(4)]
        asked = [Asked(each) for each in (page, watcher, technician, inspector)]

        async def comes(one: Page, role: str) -> None:
            await sign_in_staff(one, server, role, role)
            await one.get_by_test_id("choose-room").click()

        await asyncio.gather(
            start_writing(page, server, clock, exam, "001", invigilator),
            sign_in_staff(watcher, server, "invigilator", "invigilator"), comes(technician, "tech_support"),
        )  # fmt: skip
        await page.locator("#answer").fill("Ở một địa chỉ khác.")
        await saved_on_the_server(page)
        await page.get_by_test_id("file-input").set_input_files(
            {"name": "bài.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}
        )
        await page.get_by_test_id("file").wait_for()
        await invigilator.tell("ask_again", candidate=candidate, subject="face", text="Bỏ khẩu trang ra.")
        await until(page, "document.querySelector('[data-testid=asked-again] video')?.videoWidth > 0")
        await page.get_by_test_id("take-face").click()
        await page.get_by_test_id("keep-face").click()
        await page.get_by_test_id("asked-again").wait_for(state="detached")
        await until(watcher, f"document.querySelector('[data-candidate={candidate}] video')?.videoWidth > 0")
        await watcher.locator(f"[data-testid=tile][data-candidate={candidate}]").click()  # and the photographs in focus
        await until(watcher, "document.querySelector('[data-testid=focus] [data-testid=photo-face]')?.naturalWidth > 0")
        await until(technician, f"document.querySelector('[data-candidate={candidate}]').dataset.state === 'live'")
        await has_recorded(server, exam.room, candidate, seconds=1)
        await finished(server, exam.room, candidate)

        await comes(inspector, "inspector")
        await inspector.get_by_test_id("sitting").click()
        await until(inspector, "document.querySelector('[data-testid=player]')?.dataset.ready === 'true'")
        await inspector.get_by_test_id("photographs").locator("summary").click()
        await until(inspector, "document.querySelector('[data-testid=photograph]')?.naturalWidth > 0")

        for each in asked:
            assert each.at[here] == set(), "asked of the page's own server"
        assert [each.at[there] for each in asked] == [
            {"socket", "paper", "files", "photos"}, {"socket", "candidates"}, {"socket"},
            {"state", "events", "recordings", "candidates"},
        ]  # fmt: skip
    assert errors == []
