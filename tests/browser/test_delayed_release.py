"""An invigilator puts the release off: candidates in the room and in the lobby are told the new time, and why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from proctor.views import moment
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_in_the_lobby, open_room, paper_is_open
from tests.support.house import admit

pytestmark = pytest.mark.browser


@pytest.mark.long  # test_invigilator_acts.py puts a release off
async def test_a_release_that_is_put_off_is_told_with_its_time_and_reason(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        admitted = await new_page(browser, errors)
        waits = await new_page(browser, errors, width=390, height=844)
        await open_in_the_lobby(admitted, server, exam, "001")
        await open_in_the_lobby(waits, server, exam, "002")
        await admit(invigilator, exam.candidates["001"])
        put_off = moment(exam.starts_at + timedelta(minutes=15))
        assert "error" not in await invigilator.tell("delay_release", until=put_off, reason="Mất điện cả khu")
        for page in (admitted, waits):
            await page.get_by_test_id("delayed").get_by_text("Mất điện cả khu").wait_for()
        sealed = admitted.get_by_test_id("paper-state")
        await sealed.get_by_text("10:15:00").wait_for()
        await picture(waits, "lobby-delayed-phone")

        # The time that was planned passes: nobody is told that an invigilator is missing.
        clock.jump_to(exam.starts_at + timedelta(minutes=2))
        await until(admitted, "document.querySelector('[data-testid=countdown] strong').textContent <= '13:00'")
        await sealed.get_by_text("10:15:00").wait_for()
        assert "Không có cán bộ coi thi" not in await sealed.inner_text()
        facts = await waits.locator(".lobby dl").inner_text()
        assert "10:15:00" in facts
        assert "10:00:00" not in facts.replace("Giờ bắt đầu", "", 1).split("Phát đề")[-1]
        await picture(admitted, "exam-delayed")
        clock.jump_to(exam.starts_at + timedelta(minutes=15))
        await paper_is_open(admitted)
    assert errors == []
