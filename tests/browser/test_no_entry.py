"""Who waits to be admitted is promised nothing that cannot happen: no time left, a held room, no exam held."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from proctor.rehearsal.page import code
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import (
    open_in_the_lobby,
    open_room,
    reach_the_photos,
    sign_in_candidate,
    stage_is,
)
from tests.support.house import admit, candidate_page, office_page, reach_lobby

pytestmark = pytest.mark.browser

WORKING = timedelta(minutes=90)
PROMISE = "sẽ cho vào phòng thi"


async def test_who_has_no_time_left_is_told_so_and_who_has_some_goes_on_waiting(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as home,
    ):
        page, late = await new_page(home, errors), await new_page(home, errors, width=390, height=844)
        candidate = exam.candidates["001"]
        state = page.get_by_test_id("lobby-state")
        await open_in_the_lobby(page, server, exam, "001")
        await sign_in_candidate(late, server, "002", exam.codes["002"])
        await reach_the_photos(late)
        await late.get_by_test_id("booth-face").wait_for()
        clock.jump_to(exam.starts_at)
        await invigilator.hear("room", lambda room: room["released_at"] is not None)
        await state.get_by_text(PROMISE).wait_for()
        await page.get_by_test_id("lobby-next").wait_for()
        assert "Đúng giờ phát đề" not in await page.get_by_test_id("lobby-next").inner_text(), "it is over"
        assert await late.get_by_test_id("no-entry").count() == 0

        async with await office_page(server) as office:
            path = f"/api/rooms/{exam.room}/candidates/{candidate}/extra-time"
            assert "error" not in await office.put(path, {"minutes": 3, "reason": "Mất điện"})
        await page.get_by_test_id("extra-time").wait_for()
        clock.jump_to(exam.starts_at + WORKING + timedelta(seconds=1))
        await late.get_by_test_id("no-entry").get_by_text("Đã qua hạn nộp bài (11:30:00)").wait_for()
        await state.get_by_text(PROMISE).wait_for()
        assert await page.get_by_test_id("lobby-next").count() == 1, "this one has time left"

        clock.jump_to(exam.starts_at + WORKING + timedelta(minutes=3, seconds=1))
        await state.get_by_text("Đã qua hạn nộp bài (11:33:00)").wait_for()
        assert code(await admit(invigilator, candidate)) == "work_over"
        assert await page.get_by_test_id("lobby-next").count() == 0
        await picture(page, "lobby-work-over")
        assert await looked_at_by_axe(page, "lobby, no time left") == []
    assert errors == []


async def test_in_a_held_room_one_waits_for_the_office_and_is_told_when_the_exam_is_not_held(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=3) as (server, clock, exam, invigilator),
        shared_chromium() as home,
        await candidate_page(server, exam, "003") as third,
        await office_page(server) as office,
    ):
        page, photographing = await new_page(home, errors), await new_page(home, errors, width=390, height=844)
        state = page.get_by_test_id("lobby-state")
        await reach_lobby(third, exam.room)
        await admit(invigilator, exam.candidates["003"])
        await open_in_the_lobby(page, server, exam, "001")
        await sign_in_candidate(photographing, server, "002", exam.codes["002"])
        await reach_the_photos(photographing)
        await photographing.get_by_test_id("booth-face").wait_for()
        await invigilator.leave()
        await third.hear("room", lambda room: not room["invigilator_present"])
        clock.jump_to(exam.starts_at)
        await third.hear("room", lambda room: room["release_held"])
        clock.jump_to(exam.starts_at + WORKING + timedelta(seconds=1))

        await state.get_by_text("chờ Phòng Quản lý đào tạo quyết định").wait_for()
        await page.get_by_test_id("held").get_by_text("không có cán bộ coi thi").wait_for()
        assert await page.get_by_test_id("lobby-next").count() == 0
        await photographing.get_by_test_id("no-entry").get_by_text("chờ Phòng Quản lý đào tạo quyết định").wait_for()
        await picture(page, "lobby-held")

        decided = {"outcome": "refer_to_makeup", "minutes": 0, "reason": "Không có cán bộ coi thi."}
        assert "error" not in await office.post(f"/api/rooms/{exam.room}/hold", decided)
        for each, name in ((page, "lobby-called-off"), (photographing, "photos-called-off")):
            await stage_is(each, "lobby")
            await each.get_by_test_id("lobby-state").get_by_text("không tiến hành").wait_for()
            await each.get_by_test_id("referred").get_by_text("thi bổ sung").wait_for()
            assert await each.get_by_test_id("lobby-next").count() == 0
            await picture(each, name)
            assert await looked_at_by_axe(each, name) == []
        assert await photographing.get_by_test_id("booth-face").count() == 0, "nobody needs it any more"
    assert errors == []
