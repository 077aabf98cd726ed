"""A list of rooms that stays open learns of a new assignment and of other times by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from proctor.views import moment
from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import PASSWORD, office_page

pytestmark = pytest.mark.browser


async def test_open_lists_of_rooms_follow_the_office(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, _invigilator),
        await office_page(server) as office,
        shared_chromium() as browser,
    ):
        stand_in = {"name": "hai", "full_name": "Cán bộ Hai", "role": "invigilator", "password": PASSWORD}
        person = (await office.post("/api/staff", stand_in))["subject"]
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "hai")
        await desk.get_by_text("Bạn chưa được phân công").wait_for()
        technician = await new_page(browser, errors)
        await sign_in_staff(technician, server, "tech_support", "tech_support")
        await until(technician, "document.body.innerText.includes('11:30')")

        staff = server.house.rooms.get(exam.room).state.staff
        assert "error" not in await office.put(f"/api/rooms/{exam.room}/staff", {"staff": [*staff, person]})
        await desk.get_by_test_id("choose-room").wait_for()
        seen = moment(server.house.rooms.get(exam.room).state.schedule.submit_by)
        shift = {"minutes": 20, "reason": "Mất điện", "seen": seen}
        assert "error" not in await office.post(f"/api/rooms/{exam.room}/times/shift", shift)
        for page in (desk, technician):
            await until(page, "document.body.innerText.includes('11:50')")
    assert errors == []
