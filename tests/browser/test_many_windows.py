"""More windows of one browser in sight than it opens connections: each goes on working, and hears of what changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, shared_chromium
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import admit, candidate_page, reach_lobby

# tests/web/test_changes.py holds how changes are told; nine windows are a browser's whole work for a while
pytestmark = [pytest.mark.browser, pytest.mark.long]

WINDOWS = 9  # a browser opens six connections to a server
WITHIN_MS = 6000  # a held request is answered after 20 s


async def test_nine_windows_of_the_office_load_and_hear_of_an_admission(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=1) as (server, _clock, exam, invigilator),
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        first = await new_page(browser, errors)
        await sign_in_staff(first, server, "office", "office")
        await first.get_by_test_id("exam-open").first.wait_for()
        windows = [first]
        for _ in range(WINDOWS - 1):
            window = await first.context.new_page()
            window.on("pageerror", lambda error: errors.append(str(error)))
            await window.goto(f"{server.url}/office#exam={exam.exam}", timeout=WITHIN_MS)
            await window.get_by_test_id("count-admitted").wait_for(timeout=WITHIN_MS)
            windows.append(window)
        assert await windows[-1].evaluate("document.visibilityState") == "visible"
        await first.goto(f"{server.url}/office#exam={exam.exam}", timeout=WITHIN_MS)
        await first.reload(timeout=WITHIN_MS)

        await reach_lobby(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])
        admitted = [window.get_by_test_id("count-admitted").filter(has_text="1") for window in windows]
        await asyncio.gather(*(each.wait_for(timeout=WITHIN_MS) for each in admitted))
    assert errors == []
