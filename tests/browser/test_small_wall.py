"""An invigilator with a telephone, a tablet or a laptop sees tiles at once, and all that stands on them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

# Whole tiles on the screen as it stands, without scrolling.
IN_SIGHT = """() => [...document.querySelectorAll('[data-testid=tile]')]
  .map((one) => one.getBoundingClientRect()).filter(
  ({ top, bottom, left, right }) => top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth).length"""
# What stands in the corner of a tile and lies beyond its picture.
CUT = """() => [...document.querySelectorAll('.tile_corner > *')].filter((one) => {
  const box = one.getBoundingClientRect(), place = one.closest('.tile_picture').getBoundingClientRect();
  return box.left < place.left || box.right > place.right || box.bottom > place.bottom;
}).map((one) => one.textContent)"""
# Whether all that the countdown says is there, and stands beside the mark of the recording, not under it.
MOMENT = """() => {
  const moment = document.querySelector('.bar_moment'), said = document.createRange();
  said.selectNodeContents(moment.lastElementChild);
  const { right, bottom } = said.getBoundingClientRect();
  return right <= document.querySelector('[data-testid=recording-health]').getBoundingClientRect().left
    && bottom <= moment.getBoundingClientRect().bottom;
}"""
BAR = "document.querySelector('.room_bar').getBoundingClientRect().height"
SIZES = ((390, 844, 4), (1024, 768, 10), (1366, 768, 10))


async def test_tiles_come_first_on_every_screen(tmp_path: Path) -> None:
    errors: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        server, clock, exam, colleague = await stack.enter_async_context(open_room(tmp_path, candidates=10))
        for number in ("001", "002", "003"):
            page = await stack.enter_async_context(await candidate_page(server, exam, number))
            await reach_lobby(page, exam.room)
            if number == "001":
                one = exam.candidates[number]
                await admit(colleague, one)
                await page.hear("me", lambda me: me["state"] == "admitted")
                assert "error" not in await page.tell("raise_hand")
                noted = await colleague.tell("note_violation", candidate=one, category="phone")
                assert "error" not in noted, noted
                away = await colleague.tell("begin_absence", candidate=one)
                assert "error" not in away, away
        browser = await stack.enter_async_context(shared_chromium())
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await until(desk, "document.querySelectorAll('[data-testid=queue-entry]').length === 2")
        await desk.locator(".tile_flag").wait_for()
        for width, height, least in SIZES:
            await desk.set_viewport_size({"width": width, "height": height})
            await until(desk, f"({IN_SIGHT})() >= {least}")
            await picture(desk, f"small-wall-{width}")
            assert await desk.evaluate(CUT) == []
            assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")

        # On a telephone: one line, the clock in it; who waits is behind a button, all the rest behind another.
        await desk.set_viewport_size({"width": 390, "height": 844})
        assert await desk.evaluate(BAR) < 60
        assert await desk.get_by_test_id("server-clock").is_visible()
        assert await desk.get_by_test_id("room-countdown").is_visible()
        assert await desk.get_by_test_id("queue-toggle").inner_text() == "2"
        assert not await desk.get_by_test_id("queue-entry").first.is_visible()
        await desk.get_by_test_id("queue-toggle").click()
        await desk.get_by_test_id("queue-entry").first.wait_for()
        await picture(desk, "small-wall-queue")
        await desk.get_by_test_id("queue-toggle").click()
        await desk.get_by_test_id("queue-entry").first.wait_for(state="hidden")
        for testid in ("run-open", "broadcast", "log-toggle", "language", "layout", "chip-waiting"):
            assert not await desk.get_by_test_id(testid).is_visible()
        await desk.get_by_test_id("bar-menu").click()
        for testid in ("run-open", "broadcast", "log-toggle", "language", "layout", "chip-waiting"):
            assert await desk.get_by_test_id(testid).is_visible()
        await picture(desk, "small-wall-menu")
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("run-open").wait_for(state="hidden")
        await until(desk, "document.activeElement.dataset.testid === 'bar-menu'")
        await desk.keyboard.press("Enter")
        await desk.get_by_test_id("chip-waiting").click()
        await until(desk, "document.querySelectorAll('[data-testid=tile]').length === 2")
        assert await desk.evaluate(BAR) < 60
        assert await desk.evaluate(IN_SIGHT) == 2

        # The longest countdown, and until when, still have their place.
        clock.jump_to(exam.starts_at)
        await desk.get_by_role("timer").filter(has_text="1:29").wait_for()
        await picture(desk, "small-wall-writing")
        assert await desk.evaluate(MOMENT)
        assert await desk.evaluate(BAR) < 60
    assert errors == []
