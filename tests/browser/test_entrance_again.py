"""On the way into the lobby a page asks only for what the server has not acknowledged yet: after a reload, after a send
that hung, and after another device that came in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import chromium, new_page, picture, until
from tests.browser.entering import open_room
from tests.support.house import Exam, Server, office_page

pytestmark = pytest.mark.browser

READY = "document.querySelector('.booth video')?.videoWidth > 0"


async def sign_in(page: Page, server: Server, exam: Exam) -> None:
    await page.goto(f"{server.url}/candidate")
    await page.get_by_test_id("sign-in-number").fill("001")
    await page.get_by_test_id("sign-in-code").fill(exam.codes["001"])
    await page.get_by_test_id("sign-in-submit").click()


async def test_what_was_acknowledged_before_a_reload_is_not_asked_again(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, invigilator),
        async_playwright() as playwright,
        chromium(playwright) as browser,
    ):
        candidate = exam.candidates["001"]
        page = await new_page(browser, errors)
        await sign_in(page, server, exam)
        await page.get_by_test_id("play-tone").click()
        await page.get_by_test_id("tone-heard").click()
        await page.get_by_test_id("device-ok").click()
        await page.get_by_test_id("consent-box").check()
        await page.get_by_test_id("rules-box").check()
        await page.get_by_test_id("consent-ok").click()
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
        hangs = asyncio.Event()

        async def hang(_: Route) -> None:
            hangs.set()

        await page.route("**/photos/card", hang, times=1)
        await page.get_by_test_id("keep-card").click()
        await page.locator("[data-testid=lobby-state][data-state=expected]").wait_for()
        await asyncio.wait_for(hangs.wait(), 10)
        await page.context.set_offline(True)  # the answer to the first never comes
        await page.locator("[data-testid=lobby-state]:not([data-connection=connected])").wait_for()
        await page.context.set_offline(False)
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and sitting["state"] == "waiting"
        )
        async with await office_page(server) as office:
            events = await office.get(f"/api/rooms/{exam.room}/events?candidate={candidate}")
        kinds = Counter(each["kind"] for each in events["events"])
        assert (kinds["consented"], kinds["rules_accepted"], kinds["lobby_entered"]) == (1, 1, 1), kinds
        assert kinds["photo_taken"] - 1 == 2, "one of the camera's view, the face and the card once each"

        # Another device begins. The first takes the way in back, and gives again what the other one undid.
        other = await new_page(browser, errors)
        await sign_in(other, server, exam)
        await other.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        await page.get_by_test_id("use-here").wait_for()
        assert await looked_at_by_axe(page, "lobby, open at another device") == []
        await picture(page, "lobby-superseded")
        await page.get_by_test_id("use-here").click()
        await other.get_by_test_id("superseded").wait_for()
        await page.get_by_test_id("booth-face").wait_for()  # which this page, loaded anew since, has no more
        await until(page, READY)
        await page.get_by_test_id("take-face").click()
        await page.get_by_test_id("keep-face").click()
        await page.get_by_test_id("lobby-state").wait_for()
        await other.get_by_test_id("use-here").click()
        await page.get_by_test_id("use-here").wait_for()
        invigilator.heard.clear()
        await page.get_by_test_id("use-here").click()  # both photographs are still in this page now
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and sitting["state"] == "waiting"
        )
        assert await page.get_by_test_id("error").count() == 0
    assert errors == []
