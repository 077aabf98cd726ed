"""Who runs a room looks at the recording of a violation from the log, in real Chromium: the part that was noted, played
from where it begins; and the supervisor does the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from proctor.views import moment
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import LOOK, new_page, picture, shared_chromium, until
from tests.browser.entering import finished, has_recorded, open_room, sending, sign_in_staff
from tests.support.house import admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser


async def test_the_clip_of_a_violation_is_played_on_the_wall(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        one = exam.candidates["001"]
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, one)
        async with sending(candidate, 0):
            await has_recorded(server, exam.room, one, seconds=4)
            now = moment(clock.now())
            seen = {"candidate": one, "category": "phone", "text": "Cầm điện thoại", "from": now, "to": now}
            assert "error" not in await invigilator.tell("note_violation", **seen)
            await has_recorded(server, exam.room, one, seconds=6)
        await finished(server, exam.room, one)
        pages = {}
        for role in ("invigilator", "supervisor"):
            page = pages[role] = await new_page(browser, errors)
            await sign_in_staff(page, server, role, role)
            if role == "supervisor":
                await page.get_by_test_id("glance-open").click()
            await page.get_by_test_id("wall").wait_for()
            await page.get_by_test_id("log-toggle").click()
            await page.get_by_test_id("log").get_by_test_id("clip-open").press("Enter")
            dialog = page.get_by_test_id("clip-dialog")
            assert "001 Thí sinh 001 · Dùng điện thoại" in await dialog.locator("h2").first.inner_text()
            await until(page, f"({LOOK})('[data-testid=clip-video]')?.contrast > 10")
            assert await page.get_by_test_id("clip-part").count() >= 1, "a change of layers begins another segment"
            await page.get_by_test_id("clip-span").wait_for()
            await picture(page, f"clip-{role}")
            assert await looked_at_by_axe(page, f"clip, {role}") == []
            await page.keyboard.press("Escape")
            await dialog.wait_for(state="detached")
            await until(page, "document.activeElement.dataset.testid === 'clip-open'")  # the keyboard's place was kept
    assert errors == []
