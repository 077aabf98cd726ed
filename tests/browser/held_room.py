"""A room whose server was down when its paper was due, as the people in it see it come back."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.browser.chromium import new_page, shared_chromium
from tests.browser.entering import admit_from_queue, open_in_the_lobby, sign_in_staff, stage_is
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import Exam, Server, plan_exam, running


@dataclass
class HeldRoom:
    """The pages of a candidate and of an invigilator in the room, and one of the office, which is signed in."""

    server: Server
    clock: SteppedClock
    exam: Exam
    page: Page
    invigilator: Page
    office: Page


@contextlib.asynccontextmanager
async def held_at_the_release(folder: Path, *, regime: str = "A", **candidates_page: int) -> AsyncIterator[HeldRoom]:
    """Four minutes after the release that was missed; no page may have had an error by the end."""
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        shared_chromium(face=True) as home,
        shared_chromium() as desk,
    ):
        page = await new_page(home, errors, **candidates_page)
        invigilator, office = await new_page(desk, errors), await new_page(desk, errors)
        async with running(folder, clock) as server:
            exam = await plan_exam(server, regime=regime)
            clock.jump_to(exam.starts_at - timedelta(minutes=10))
            await sign_in_staff(invigilator, server, "invigilator", "invigilator")
            await invigilator.get_by_test_id("wall").wait_for()
            await open_in_the_lobby(page, server, exam, "001")
            await admit_from_queue(invigilator)
            await stage_is(page, "exam")
        await page.get_by_test_id("offline-notice").wait_for()
        clock.jump_to(exam.starts_at + timedelta(minutes=4))

        async with running(folder, clock, listen=urlsplit(server.url).port or 0) as server:
            await page.get_by_test_id("held").wait_for()
            await invigilator.get_by_test_id("room-held").wait_for()
            await sign_in_staff(office, server, "office", "office")
            yield HeldRoom(server, clock, exam, page, invigilator, office)
        assert errors == []
