"""Whom a briefing and the published lists reached, by name, on the pages of those who answer for the room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser


def part(page: Page, test_id: str, name: str = "") -> Locator:
    return page.locator(f"[data-testid={test_id}]" + (f"[data-name={name}]" if name else ""))


async def read(details: Locator, summary: str) -> list[str]:
    """Open what stands behind a count; its lines."""
    await details.get_by_text(summary).wait_for()
    await details.locator("summary").click()
    return [line.strip() for line in await details.locator("p").all_inner_texts()]


async def test_who_was_briefed_and_who_confirmed_it_is_told_by_name(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=4) as (server, _, exam, invigilator),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        await candidate_page(server, exam, "003") as away,
        shared_chromium() as browser,
    ):
        three = exam.candidates["003"]
        for page in (first, second, away):
            await reach_lobby(page, exam.room)
        await away.leave()
        await invigilator.hear("sitting", lambda one: one["candidate"] == three and not one["connected"])
        await invigilator.tell("hold_briefing", topic="rules")
        await first.tell("read_briefing", topic="rules")

        desk, inspector = await new_page(browser, errors), await new_page(browser, errors)
        lines = [
            "Chưa được phổ biến: 003 Thí sinh 003",
            "Có mặt khi phổ biến cho cả phòng: 001 Thí sinh 001, 002 Thí sinh 002",
            "Được phổ biến riêng sau đó: Không có.", "Đã được phổ biến, chưa xác nhận: 002 Thí sinh 002",
            "Đã xác nhận rõ: 001 Thí sinh 001",
        ]  # fmt: skip
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("run-open").click()
        assert await read(part(desk, "briefing-reached", "rules"), "1/3 thí sinh đã xác nhận rõ") == lines
        assert await part(desk, "briefing-reached", "submission").count() == 0, "nobody was told yet"
        await picture(desk, "briefing-reached")
        assert await looked_at_by_axe(desk, "who was briefed") == []
        await second.tell("read_briefing", topic="rules")
        await part(desk, "briefing-reached", "rules").get_by_text("2/3").wait_for()

        await sign_in_staff(inspector, server, "inspector", "inspector")
        await inspector.get_by_test_id("choose-room").click()
        lines[3:] = ["Đã được phổ biến, chưa xác nhận: Không có.", "Đã xác nhận rõ: 001 Thí sinh 001, 002 Thí sinh 002"]
        assert await read(part(inspector, "briefing-reached", "rules"), "2/3 thí sinh đã xác nhận rõ") == lines
        await picture(inspector, "briefing-reached-inspector")
        assert await looked_at_by_axe(inspector, "inspector, who was briefed") == []
        for page, name in ((desk, "briefing-reached"), (inspector, "briefing-reached-inspector")):
            await page.set_viewport_size({"width": 390, "height": 844})
            await picture(page, f"{name}-phone")
    assert errors == []


async def test_who_has_seen_the_published_lists_is_told_by_name(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=3) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        shared_chromium() as browser,
    ):
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await admit(invigilator, exam.candidates["001"], exam.candidates["002"])
        clock.jump_to(exam.starts_at)
        await first.hear("paper_key")
        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=10))
        await invigilator.hear("room", lambda room: room["submission_closed"])
        await invigilator.tell("publish_lists")
        await first.tell("closing_seen", version=1)
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=10))

        desk, inspector = await new_page(browser, errors), await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("closed-room").wait_for()
        await desk.get_by_test_id("run-open").click()
        told = ["Chưa xem: 002 Thí sinh 002", "Đã xem: 001 Thí sinh 001"]
        assert await read(part(desk, "lists-reached"), "1/2 thí sinh đã xem bản này") == told
        await picture(desk, "lists-reached")
        await second.post(f"/api/rooms/{exam.room}/result/seen", {"version": 1})
        await part(desk, "lists-reached").get_by_text("2/2").wait_for()
        await desk.set_viewport_size({"width": 390, "height": 844})
        await picture(desk, "lists-reached-phone")

        await sign_in_staff(inspector, server, "inspector", "inspector")
        await inspector.get_by_test_id("choose-room").click()
        told = ["Chưa xem: Không có.", "Đã xem: 001 Thí sinh 001, 002 Thí sinh 002"]
        assert await read(part(inspector, "lists-reached"), "2/2 thí sinh đã xem bản này") == told
    assert errors == []
