"""A room whose log was altered is shown as such, and the rooms beside it go on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from proctor.app import opened_store
from proctor.ledger import tables
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import sign_in_staff
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import config_in, office_page, plan_exam, running, second_room

pytestmark = pytest.mark.browser


async def test_an_altered_room_says_so_to_all_staff(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            other = await second_room(office, exam)
            assert (await office.post(f"/api/exams/{exam.exam}/publication"))["published_at"]
    with opened_store(config_in(tmp_path)) as (_, engine), engine.begin() as connection:
        row = (tables.entries.c.room == exam.room) & (tables.entries.c.seq == 2)
        connection.execute(tables.entries.update().where(row).values(actor="nobody"))
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    async with running(tmp_path, clock) as server, shared_chromium() as browser:
        for role, name in (("invigilator", "invigilator"), ("inspector", "inspector"), ("office", "office")):
            desk = await new_page(browser, errors)
            await sign_in_staff(desk, server, role, name)
            if role == "office":
                await desk.get_by_test_id("exam-open").click()
            told = desk.get_by_test_id("unavailable")
            await told.get_by_text("bị sửa ở mục 2").wait_for()
            assert await told.count() == 1
            await picture(desk, f"broken-room-{role}")
            if role == "inspector":  # who may see every room
                await desk.locator(f"[data-testid=choose-room][data-room={other}]").click()
                await desk.get_by_text("Phòng 2").first.wait_for()
                await desk.get_by_test_id("choose-room").wait_for(state="detached")
    assert errors == []
