"""After submit-by an invigilator is offered nothing that the server would refuse, and is told why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser


async def test_nobody_is_admitted_or_briefed_once_the_time_to_work_is_over(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, colleague),
        await candidate_page(server, exam, "001") as one,
        await candidate_page(server, exam, "002") as two,
        shared_chromium() as browser,
    ):
        await reach_lobby(one, exam.room)
        await admit(colleague, exam.candidates["001"])
        await reach_lobby(two, exam.room)
        clock.jump_to(exam.starts_at)
        await colleague.hear("room", lambda room: room["released_at"] is not None)
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("admit").wait_for()
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("brief-rules").wait_for()
        clock.jump_to(exam.starts_at + timedelta(minutes=91))
        await colleague.hear("room", lambda room: room["submission_closed"])
        await desk.get_by_test_id("brief-not").wait_for()
        assert "Đã hết giờ làm bài" in await desk.get_by_test_id("brief-not").inner_text()
        assert await desk.get_by_test_id("brief-rules").count() == 0
        assert await desk.get_by_test_id("publish-not").count() == 0
        assert "Mở sau khi buổi thi kết thúc" in await desk.get_by_test_id("hand-over-not").inner_text()
        await picture(desk, "offered-run")
        await desk.keyboard.press("Escape")
        assert await desk.get_by_test_id("admit").count() == 0
        assert "hết giờ làm bài" in await desk.get_by_test_id("admit-not").inner_text()
        await desk.keyboard.press("a")
        assert await desk.get_by_test_id("admit-dialog").count() == 0
        await picture(desk, "offered-queue")
        refused = await admit(colleague, exam.candidates["002"])
        assert refused["error"]["code"] == "work_over"

        # Who goes now was not lost.
        await one.leave()
        gone = desk.locator(f"[data-testid=tile][data-candidate={exam.candidates['001']}][data-state=left]")
        await gone.locator(".tile_word").get_by_text("Đã rời, chưa nộp bài").wait_for()
        assert await desk.get_by_test_id("attention-item").count() == 0
        await picture(desk, "left-with-nothing")
    assert errors == []
