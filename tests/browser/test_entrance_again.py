"""On the way into the lobby a page asks only for what was not given yet: after a reload before the room is open and
afterwards, after a send that hung, and after another device that came in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Route

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, reach_the_photos, sign_in_candidate, take_photos
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import invigilator_page, office_page, plan_exam, running

pytestmark = pytest.mark.browser

# What of the way in this computer keeps: names, none when nothing is kept at all.
KEPT = """() => new Promise((done) => {
  const opening = indexedDB.open('proctor');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('session').objectStore('session').get('entrance');
    asked.onsuccess = ({ target: { result: kept } }) => {
      done(kept ? ['agreed', ...Object.keys(kept.photos), ...(kept.still ? ['still'] : [])] : []);
    };
  };
})"""
SESSION_ENDS = "the session ends"
TOO_OLD = """() => new Promise((done) => {
  const opening = indexedDB.open('proctor');
  opening.onsuccess = () => {
    const store = opening.result.transaction('session', 'readwrite').objectStore('session');
    store.get('entrance').onsuccess = ({ target }) => {
      store.put({ ...target.result, since: Date.now() - 3 * 60 * 60 * 1000 }, 'entrance').onsuccess = () => done();
    };
  };
})"""
READY = "document.querySelector('.booth video')?.videoWidth > 0"


@pytest.mark.long  # test_without_microphone.py loads the lobby anew
async def test_what_was_acknowledged_before_a_reload_is_not_asked_again(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        contextlib.AsyncExitStack() as leaving,
        shared_chromium() as browser,
    ):
        exam = await plan_exam(server)
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        candidate = exam.candidates["001"]
        page = await new_page(browser, errors)
        await sign_in_candidate(page, server, "001", exam.codes["001"])
        await reach_the_photos(page)
        await until(page, READY)
        await until(page, f"({KEPT})().then((kept) => kept.includes('still'))")  # of the device check, taken beside
        await page.context.set_offline(True)
        await page.get_by_test_id("photos-kept").get_by_text("tự gửi lên khi có mạng lại").wait_for()
        await page.get_by_test_id("take-face").click()
        await page.get_by_test_id("keep-face").click()
        await page.get_by_test_id("booth-card").wait_for()
        await page.get_by_test_id("photos-kept").wait_for()
        await page.context.set_offline(False)
        await page.get_by_test_id("photos-kept").wait_for(state="detached")

        await page.reload()  # no invigilator has come: nothing of it is with the server
        await page.get_by_test_id("booth-card").wait_for()
        known = server.house.rooms.get(exam.room).state.sittings[candidate]
        assert (known.epoch, known.consented_at, known.photos) == (0, None, {})
        invigilator = await leaving.enter_async_context(await invigilator_page(server))
        await invigilator.join(exam.room)
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and "face" in sitting["photos"]
        )
        await until(page, f"({KEPT})().then((kept) => kept.join() === 'agreed')")  # the page knows it too

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
        await page.get_by_test_id("photos-kept").wait_for()
        await page.context.set_offline(False)
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and sitting["state"] == "waiting"
        )
        await page.reload()  # and now nothing
        await page.locator("[data-testid=lobby-state][data-state=waiting]").wait_for()
        await until(page, f"({KEPT})().then((kept) => kept.length === 0)")
        async with await office_page(server) as office:
            events = await office.get(f"/api/rooms/{exam.room}/events?candidate={candidate}")
        kinds = Counter(each["kind"] for each in events["events"])
        assert (kinds["consented"], kinds["rules_accepted"], kinds["lobby_entered"]) == (1, 1, 1), kinds
        assert kinds["photo_taken"] - 1 == 2, "one of the camera's view, the face and the card once each"

        # Another device begins. The first takes the way in back, and gives again what the other one undid.
        other = await new_page(browser, errors)
        await sign_in_candidate(other, server, "001", exam.codes["001"])
        await other.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        await page.get_by_test_id("talk-open").wait_for()
        assert await page.get_by_test_id("use-here").count() == 0, "it may turn out that the camera there fails"
        await other.get_by_test_id("play-tone").click()
        await other.get_by_test_id("tone-heard").click()
        await other.get_by_test_id("device-ok").click()
        await page.get_by_test_id("use-here").wait_for()
        assert await looked_at_by_axe(page, "lobby, open at another device") == []
        assert await page.locator("video").count() == 0, "nobody is filmed who is not seen"
        assert await page.get_by_test_id("talk-open").count() == 0, "it would reach nobody from here"
        await picture(page, "lobby-superseded")
        await page.get_by_test_id("use-here").click()
        await other.get_by_test_id("superseded").wait_for()
        assert await other.get_by_test_id("consent-box").count() == 0, "what it would be given goes nowhere"
        await page.get_by_test_id("booth-face").wait_for()
        await take_photos(page)  # which this page, loaded anew since, has no more
        await page.get_by_test_id("lobby-state").wait_for()
        await other.get_by_test_id("use-here").click()
        await page.get_by_test_id("use-here").wait_for()
        invigilator.heard.clear()
        await page.get_by_test_id("use-here").click()  # both photographs are still in this page now
        await invigilator.hear(
            "sitting", lambda sitting: sitting["candidate"] == candidate and sitting["state"] == "waiting"
        )
        assert await page.get_by_test_id("error").all_inner_texts() == []
        await page.get_by_test_id("sign-out").click()  # from the lobby
        await page.get_by_test_id("sign-in-number").wait_for()
    assert errors == []


async def test_who_leaves_leaves_no_photograph_on_the_computer(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path, candidates=3) as (server, _clock, exam, _invigilator), shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_candidate(page, server, "001", exam.codes["001"])
        await reach_the_photos(page)
        held, answered = asyncio.Event(), asyncio.Event()

        async def hold(route: Route) -> None:
            answer = await route.fetch()
            held.set()
            await answered.wait()
            await route.fulfill(response=answer)

        await page.route("**/photos/face", hold, times=1)
        for subject in ("face", "card"):
            await until(page, READY)
            await page.get_by_test_id(f"take-{subject}").click()
            await page.get_by_test_id(f"keep-{subject}").click()
        await held.wait()
        assert {"face", "card"} <= set(await page.evaluate(KEPT))
        await page.get_by_test_id("sign-out").click()
        await page.get_by_test_id("sign-in-number").wait_for()
        async with page.expect_event("requestfinished", lambda request: request.url.endswith("/photos/face")):
            answered.set()
        await page.evaluate("fetch('/api/me').then(() => {})")  # what the page does with the answer was begun
        assert await page.evaluate(KEPT) == []

        # What a page cannot erase while it is closed, the next one does.
        for number, gone in (("002", SESSION_ENDS), ("003", TOO_OLD)):
            await sign_in_candidate(page, server, number, exam.codes[number])
            await reach_the_photos(page)
            await until(page, f"({KEPT})().then((kept) => kept.length)")
            await page.goto(server.url)  # closed, so that it writes nothing any more
            if gone == SESSION_ENDS:
                await page.context.clear_cookies()
            else:
                await page.evaluate(TOO_OLD)
            assert await page.evaluate(KEPT) != []
            await page.goto(f"{server.url}/candidate")
            await page.locator("[data-testid=sign-in-number], [data-testid=stage]").wait_for()
            assert await page.evaluate(KEPT) == []
    assert errors == []
