"""A file that staff may not be able to open is sent only when the candidate, told so, wants it; others go at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import open_room, start_writing

pytestmark = pytest.mark.browser

NAMES = "[...document.querySelectorAll('[data-testid=file] .file_name')].map((one) => one.innerText.trim())"


def made(name: str) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": name.encode()}


async def test_an_unusual_file_waits_for_the_candidates_word(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await start_writing(page, server, clock, exam, "001", invigilator)
        chosen, asked = page.get_by_test_id("file-input"), page.get_by_test_id("unusual-files")
        await chosen.set_input_files([made("virus.exe"), made("ghi chú.txt"), made("không đuôi")])
        await asked.get_by_text("có thể không mở được").wait_for()
        assert await asked.locator("li").all_inner_texts() == ["virus.exe", "không đuôi"]
        assert await page.evaluate("document.activeElement.dataset.testid") == "unusual-discard", "the careful answer"
        await until(page, f"{NAMES}.join() === 'ghi chú.txt'")  # what is usual did not wait
        await page.keyboard.press("Enter")
        await asked.wait_for(state="detached")
        assert await page.get_by_test_id("file-pending").count() == 0

        await chosen.set_input_files([made("mô hình.blend")])
        await page.get_by_test_id("unusual-send").click()
        await until(page, f"{NAMES}.includes('mô hình.blend')")
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert [work.name for work in known.files] == ["ghi chú.txt", "mô hình.blend"]
    assert errors == []
