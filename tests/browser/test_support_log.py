"""Whoever may read how long somebody waited for help saves it from the own page, in real Chromium: the supervisor, the
inspector and the office, with the same times."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import new_page, shared_chromium
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

OPENS = {"supervisor": "glance-open", "inspector": "choose-room", "office": "exam-open"}


async def saved(page: Page) -> list[list[str]]:
    """The rows of the table that the link saves."""
    async with page.expect_download() as saving:
        await page.get_by_test_id("support-log").first.click()
    return list(csv.reader(io.StringIO(Path(await (await saving.value).path()).read_text(encoding="utf-8-sig"))))


async def test_who_waited_how_long_is_saved_from_three_pages(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        one = exam.candidates["001"]
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, one)
        wrote = await candidate.tell("write_message", text="Đề mờ ạ.")
        clock.advance(seconds=40)
        answered = {"to": [one], "text": "Thử phóng to.", "answers": wrote["message"]}
        assert "error" not in await invigilator.tell("send_message", **answered)
        clock.advance(minutes=1)
        told = []
        for role, there in OPENS.items():
            page = await new_page(browser, errors)
            await sign_in_staff(page, server, role, role)
            await page.get_by_test_id(there).first.wait_for()
            if role != "supervisor":
                await page.get_by_test_id(there).first.click()
            told.append(await saved(page))
        assert told[0] == told[1] == told[2]
        heads, row = told[0]
        said = dict(zip(heads, row, strict=True))
        assert (said["Loại"], said["Thí sinh"]) == ("Tin nhắn", "Thí sinh 001")
        assert said["Người trả lời"] == "Cán bộ invigilator"
        assert 40 <= float(said["Số giây"]) < 60, "after how long"
    assert errors == []
