"""At the release every page that waits shows the paper within a second (X34); as soon all pages show other times."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page

from proctor.rehearsal.page import code
from proctor.views import moment
from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import come_in, open_room, paper_is_open, sign_in_staff
from tests.support.house import Exam, Server, office_page

pytestmark = [pytest.mark.browser, pytest.mark.measured]

SEALED = "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'sealed'"
READY = "import('/lib/pdf.js').then(({ preload }) => preload()).then(() => true)"
# From when on `window.shown` waits until `where` holds `words`.
WATCH = """([where, words]) => { window.shown = new Promise((resolve) => {
  const look = () => document.querySelector(where)?.textContent.includes(words) && resolve(true);
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}); }"""


async def test_a_laptop_and_a_telephone_show_the_paper_within_a_second(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, clock, exam, invigilator), shared_chromium() as browser:
        pages = [await new_page(browser, errors), await new_page(browser, errors, width=390, height=844)]
        for page, number in zip(pages, exam.codes, strict=True):
            await come_in(page, server, exam, number, invigilator)
        for page in pages:  # as minutes before the release
            await until(page, SEALED)
            await until(page, READY)
        live = server.house.rooms.get(exam.room)
        clock.jump_to(exam.starts_at)
        await asyncio.gather(*map(paper_is_open, pages))
        async with asyncio.timeout(5):
            while not all(known.paper_opened_at for known in live.state.sittings.values()):
                await asyncio.sleep(0.02)
        took = [known.paper_opened_at - live.state.released_at for known in live.state.sittings.values()]
        print(f"readable after {', '.join(f'{each.total_seconds():.2f}' for each in took)} s")
        assert max(took) < timedelta(seconds=1)

        office, supervisor = await new_page(browser, errors), await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-open").click()
        await office.get_by_test_id("room").wait_for()
        await sign_in_staff(supervisor, server, "supervisor", "supervisor")
        await supervisor.get_by_test_id("glance").locator(".badge").first.wait_for()
        places = dict.fromkeys(pages, "[data-testid=shifted]") | {
            office: "[data-testid=room-times]", supervisor: "main table",
        }  # fmt: skip
        assert await shift_shown(server, exam, places) < 1
    assert errors == []


async def shift_shown(server: Server, exam: Exam, places: dict[Page, str]) -> float:
    """Seconds from the office's shift until the last page shows the new end of the time to write in its place."""
    submit_by = server.house.rooms.get(exam.room).state.schedule.submit_by
    words = (submit_by + timedelta(minutes=10)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%H:%M")
    for page, where in places.items():
        await page.evaluate(WATCH, [where, words])
    async with await office_page(server) as other:
        begun = time.monotonic()
        shift = {"minutes": 10, "seen": moment(submit_by), "reason": "Mất điện"}
        assert code(await other.post(f"/api/rooms/{exam.room}/times/shift", shift)) is None

        async def shown(page: Page) -> float:
            await page.evaluate("window.shown")
            return time.monotonic() - begun

        async with asyncio.timeout(10):
            took = await asyncio.gather(*map(shown, places))
    print(f"a shift shown after {', '.join(f'{each:.2f}' for each in took)} s")
    return max(took)
