"""A dialog that nobody opened confirms nothing by the keys of somebody who is typing, and can be put off where
something else has to be done first."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, saved_on_the_server, start_writing
from tests.support.house import office_page

pytestmark = pytest.mark.browser

KEYS = ("Space", "Enter", "Space", "a")  # of somebody who goes on typing


async def type_on(page: Page) -> None:
    for key in KEYS:
        await page.keyboard.press(key)


async def test_what_comes_while_one_types_confirms_nothing(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, clock, exam, invigilator), shared_chromium() as browser:
        page = await new_page(browser, errors)
        await start_writing(page, server, clock, exam, "001", invigilator)
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        first_face = live.state.sittings[candidate].photos["face"]
        answer = page.get_by_test_id("answer")
        await answer.focus()

        await invigilator.tell("ask_again", candidate=candidate, subject="face", text="")
        asked = page.get_by_test_id("asked-again")
        await asked.wait_for()
        await type_on(page)
        await invigilator.tell("hold_briefing", topic="rules")
        await page.get_by_test_id("briefing").wait_for()
        await type_on(page)
        async with await office_page(server) as office:
            told = {"nature": "correction", "title": "Câu 2", "text": "Đọc là 1945"}
            assert "material" in await office.post(f"/api/rooms/{exam.room}/materials", told)
        await page.get_by_test_id("material").wait_for()
        await type_on(page)
        await picture(page, "uninvited")
        known = live.state.sittings[candidate]
        assert known.photos["face"] == first_face
        assert dict(known.asked) == {"face": ""}
        assert (set(known.briefings_read), list(known.materials_received)) == (set(), [])

        # Whoever means it gets there by the keyboard, from one to the next.
        for name in ("material", "briefing"):
            await page.get_by_test_id(name).focus()
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await page.get_by_test_id(name).wait_for(state="detached")
        known = live.state.sittings[candidate]
        assert "rules" in known.briefings_read
        assert len(known.materials_received) == 1
    assert errors == []


NO_CAMERA = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (wanted.video && !window.camera) throw new DOMException("gone", "NotFoundError");
  return open(wanted);
};
"""


async def test_who_cannot_take_the_photograph_puts_it_off_and_writes_on(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, clock, exam, invigilator), shared_chromium() as browser:
        page = await new_page(browser, errors, width=390, height=844)
        await start_writing(page, server, clock, exam, "001", invigilator)
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        await page.add_init_script(NO_CAMERA)
        await page.reload()
        await page.get_by_test_id("device-lost").wait_for()
        await invigilator.tell("ask_again", candidate=candidate, subject="face", text="Bỏ khẩu trang ra.")
        asked = page.get_by_test_id("asked-again")
        await expect(asked.get_by_test_id("take-face")).to_be_visible()
        await picture(page, "asked-without-camera")
        await asked.get_by_test_id("asked-later").click()
        await asked.wait_for(state="detached")
        waits = page.get_by_test_id("asked-waits")
        assert "Ảnh khuôn mặt “Bỏ khẩu trang ra.”" in await waits.inner_text()
        await page.get_by_test_id("tab-answer").click()
        await page.get_by_test_id("answer").fill("Em viết tiếp.")
        await saved_on_the_server(page)
        assert dict(live.state.sittings[candidate].asked) == {"face": "Bỏ khẩu trang ra."}, "it is still waited for"
        await picture(page, "asked-put-off")

        # The camera is there again: taken up, the photograph is taken, outlives a lost connection, and is sent.
        await page.evaluate("window.camera = true")
        await waits.get_by_test_id("asked-open").click()
        await asked.get_by_test_id("asked-reopen").click()
        await until(page, "document.querySelector('[data-testid=asked-again] video')?.videoWidth > 0")
        await asked.get_by_test_id("take-face").click()
        await asked.get_by_test_id("keep-face").wait_for()
        await page.context.set_offline(True)
        await asked.wait_for(state="detached")
        await page.context.set_offline(False)
        await asked.get_by_test_id("keep-face").click()
        await asked.wait_for(state="detached")
        assert await waits.count() == 0
        assert dict(live.state.sittings[candidate].asked) == {}

        # Asked for once more in the same words, it is asked for once more.
        await invigilator.tell("ask_again", candidate=candidate, subject="face", text="Bỏ khẩu trang ra.")
        await asked.get_by_test_id("take-face").wait_for()

        # In another tab the exam goes on: here nothing can be taken up until it comes back.
        await asked.get_by_test_id("asked-later").click()
        await waits.wait_for()
        newer = await page.context.new_page()
        await newer.goto(f"{server.url}/candidate")
        await page.get_by_test_id("superseded").wait_for()
        assert await waits.count() == 0
        await page.get_by_test_id("use-here").click()
        await waits.wait_for()
    assert errors == []
