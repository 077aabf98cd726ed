"""A page that is loaded again on the way into the lobby asks only for what the server has not acknowledged yet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import open_room, reach_the_photos, sign_in_candidate
from tests.support.house import office_page

pytestmark = pytest.mark.browser

READY = "document.querySelector('.booth video')?.videoWidth > 0"


async def test_what_was_acknowledged_before_a_reload_is_not_asked_again(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        candidate = exam.candidates["001"]
        page = await new_page(browser, errors)
        await sign_in_candidate(page, server, "001", exam.codes["001"])
        await reach_the_photos(page)
        await page.get_by_test_id("booth-face").wait_for()
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and sitting["rules_accepted_at"]
        )

        await page.reload()  # before any photograph: consent and rules stand
        await page.get_by_test_id("booth-face").wait_for()
        await until(page, READY)
        await page.get_by_test_id("take-face").click()
        await page.get_by_test_id("keep-face").click()
        await page.get_by_test_id("booth-card").wait_for()
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and "face" in sitting["photos"]
        )

        await page.reload()  # between the two: only the card is missing
        await page.get_by_test_id("booth-card").wait_for()
        await until(page, READY)
        await page.get_by_test_id("take-card").click()
        await page.get_by_test_id("keep-card").click()
        await page.get_by_test_id("lobby-state").wait_for()
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and sitting["state"] == "waiting"
        )
        async with await office_page(server) as office:
            events = await office.get(f"/api/rooms/{exam.room}/events?candidate={candidate}")
        kinds = Counter(each["kind"] for each in events["events"])
        assert (kinds["consented"], kinds["rules_accepted"], kinds["lobby_entered"]) == (1, 1, 1), kinds
        assert kinds["photo_taken"] - 1 == 2, "one of the camera's view, the face and the card once each"
    assert errors == []
