"""A log of more than one piece, read by an inspector and the office: whole, no answer heavier than a megabyte."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, Response, expect

from tests.browser.chromium import new_page, shared_chromium
from tests.browser.entering import sign_in_staff
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    plan_exam,
    reach_lobby,
    running,
)

pytestmark = pytest.mark.browser

PIECE = 1_000_000
TEXT = 180_000


async def write_a_long_log(server: Server, clock: SteppedClock, exam: Exam) -> None:
    """Two replace the whole of a long text four times each, as often as a page may at once; then one is noted."""
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await admit(invigilator, *exam.candidates.values())
        clock.jump_to(exam.starts_at)
        for page in (first, second):
            await page.hear("paper_key")
            for revision in range(4):
                saved = await page.tell("save_answer", epoch=page.epoch, base_revision=revision,
                                        text=str(revision) * TEXT, client_time="")  # fmt: skip
                assert "error" not in saved, saved
        await invigilator.tell("note_violation", candidate=exam.candidates["001"], category="phone", text="Máy")


async def all_read(page: Page, first: str, last: str) -> None:
    """The list shows what stands in the first piece and what stands in the last."""
    await page.get_by_test_id("events-all").click()
    for kind in (first, last):
        await expect(page.locator(f"[data-testid=event][data-kind={kind}]").first).to_be_attached()


async def test_a_log_of_several_pieces_is_read_whole(tmp_path, clock: SteppedClock) -> None:
    errors: list[str] = []
    heard: list[Response] = []
    async with shared_chromium() as browser, running(tmp_path, clock) as server:
        assert clock.now() == MORNING
        exam = await plan_exam(server)
        await write_a_long_log(server, clock, exam)
        desk, office = [await new_page(browser, errors) for _ in range(2)]
        for page in (desk, office):
            page.on("response", lambda response: heard.append(response) if "/events?" in response.url else None)
        await sign_in_staff(desk, server, "inspector", "inspector")
        await desk.get_by_test_id("choose-room").click()
        await desk.locator(f"[data-testid=sitting][data-candidate={exam.candidates['001']}]").click()
        await all_read(desk, "room_planned", "violation_noted")
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-open").click()
        await office.get_by_test_id("room-log-open").click()
        await all_read(office, "room_planned", "violation_noted")
        weights = [len(body) for body in await asyncio.gather(*(response.body() for response in heard))]
        assert len(weights) >= 4
        assert max(weights) <= PIECE < sum(weights) / 2

        # A piece that does not come is said, and read on from where it stopped; nothing is called empty meanwhile.
        await office.get_by_test_id("room-log-dialog").get_by_role("button", name="Đóng").click()
        await office.route(re.compile(r"/events\?after=[1-9]"), lambda route: route.abort(), times=1)
        await office.get_by_test_id("room-log-open").click()
        await office.get_by_test_id("log-again").wait_for()
        await office.get_by_test_id("events-incidents").click()
        await office.locator("[data-testid=events-incidents][aria-pressed=true]").wait_for()
        assert await office.get_by_text("Không có mục nào.").count() == 0
        await office.get_by_test_id("log-again").click()
        await expect(office.locator("[data-testid=event][data-kind=violation_noted]")).to_be_attached()
        for each in ("events?*", "recordings"):
            await desk.route(f"**/{each}", lambda route: route.abort())
        await desk.reload()
        await desk.locator(".sitting_list [role=alert]").wait_for()
    assert errors == []
