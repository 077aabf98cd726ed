"""The bar over the wall has two rows on a laptop, however long the names are, and hides nothing of what it counts,
there or on a smaller screen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import sign_in_staff
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import plan_exam, running

pytestmark = pytest.mark.browser

TITLE = "Thi kết thúc học phần Những nguyên lý cơ bản của chủ nghĩa Mác - Lênin, lớp Cao cấp lý luận chính trị K74.B12"
ROOM = "Phòng thi trực tuyến số 01 khu vực đồng bằng sông Cửu Long, đợt tháng 11"
PARTS = ".room_bar :is(button, select, time, .badge, .bar_moment *)"
BAR = """(parts) => {
  const cut = (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline';
  const outside = [...document.querySelectorAll(parts)].filter(
    (one) => one.getBoundingClientRect().right > innerWidth || cut(one));
  const { height } = document.querySelector('.room_bar').getBoundingClientRect();
  return { rows: Math.round(height / 38), outside: outside.map((one) => one.outerHTML.slice(0, 90)) };
}"""
# On how many heights the controls stand that turn the pages.
TURNS = """() => {
  const turns = document.querySelector('[data-testid=turn-pages]').parentElement.querySelectorAll('select, button');
  return new Set([...turns].map((one) => one.getBoundingClientRect()).map(({ top, bottom }) => top + bottom)).size;
}"""
FIFTY = "document.querySelectorAll('.room_bar .chip b').forEach((one) => { one.textContent = '50'; })"


@pytest.mark.long  # it changes with words and styles alone
async def test_long_names_leave_the_bar_at_two_rows(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with running(tmp_path, clock) as server, shared_chromium() as browser:
        exam = await plan_exam(server, candidates=10, title=TITLE, room_title=ROOM)
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        page = await new_page(browser, errors)
        await page.clock.install()
        await sign_in_staff(page, server, "invigilator", "invigilator")
        await page.get_by_test_id("layout").select_option("0")  # several pages, and a button to turn them
        await page.get_by_test_id("turn-pages").wait_for()
        await page.get_by_test_id("recording-health").wait_for()
        for called in ("Coi thi – Phòng thi trực tuyến", "Invigilator – Online exam room"):
            await until(page, "(called) => document.title === called", called)
            await picture(page, "room-bar")
            assert await page.evaluate(BAR, PARTS) == {"rows": 2, "outside": []}
            await page.get_by_test_id("language").click()
        turn, place = page.get_by_test_id("turn-pages"), page.locator(".room_bar span[title^='Trang']")
        assert await place.get_attribute("title") == "Trang 1/3"
        await turn.click()
        for number in (2, 3, 1):  # by themselves, each after a while
            await page.clock.fast_forward(15_000)
            await page.locator(f".room_bar span[title='Trang {number}/3']").wait_for()
        await turn.click()
        name = page.get_by_test_id("room-name")
        assert await name.get_attribute("title") == f"{ROOM}, {TITLE}"

        # A full room counts to fifty.
        await page.evaluate(FIFTY)
        assert await page.evaluate(BAR, PARTS) == {"rows": 2, "outside": []}

        # On a tablet and in a telephone's menu it has more rows: nothing is cut, nor what turns pages torn apart.
        for width, height, rows in ((1024, 768, 3), (390, 844, 9)):
            await page.set_viewport_size({"width": width, "height": height})
            if width == 390:
                await page.get_by_test_id("bar-menu").click()
            await picture(page, f"room-bar-{width}")
            found = await page.evaluate(BAR, PARTS)
            assert found["outside"] == []
            assert found["rows"] <= rows
            assert await page.evaluate(TURNS) == 1
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
