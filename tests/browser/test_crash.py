"""A candidate's page crashes, as when memory runs out: opened anew, it stands where it was, and all goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.browser.chromium import network, new_page, shared_chromium, until
from tests.browser.entering import (
    finished,
    has_recorded,
    open_room,
    paper_is_open,
    saved_on_the_server,
    stage_is,
    start_writing,
)

pytestmark = pytest.mark.browser

KEPT_HERE = """() => new Promise((done) => {
  const opening = indexedDB.open('proctor');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('answer').objectStore('answer').getAll();
    asked.onsuccess = () => {
      opening.result.close();
      done(asked.result.some(({ text }) => text.endsWith('Vừa viết thêm.')));
    };
  };
})"""


async def test_after_a_crash_text_place_and_recording_go_on(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, clock, exam, invigilator), shared_chromium() as browser:
        candidate = exam.candidates["001"]
        page = await new_page(browser, errors, width=390, height=844, opens_offline=True)
        await start_writing(page, server, clock, exam, "001", invigilator)
        await has_recorded(server, exam.room, candidate, seconds=1)
        await page.get_by_test_id("tab-answer").click()
        await page.locator("#answer").fill("Trước khi trang hỏng.")
        await saved_on_the_server(page)
        await page.get_by_test_id("talk-open").click()
        await page.get_by_test_id("talk-text").fill("Máy em chạy")
        await page.keyboard.press("Escape")
        await network(page, offline=True)  # however long it takes, the server does not have the next words
        await page.get_by_test_id("offline-notice").wait_for()
        await page.locator("#answer").fill("Trước khi trang hỏng. Vừa viết thêm.")
        await until(page, KEPT_HERE)
        assert server.house.rooms.get(exam.room).state.sittings[candidate].text == "Trước khi trang hỏng."

        context = page.context
        devtools = await context.new_cdp_session(page)
        async with page.expect_event("crash"):
            crashing = asyncio.create_task(devtools.send("Page.crash"))  # which nobody is left to answer
        recorded_before = len(server.house.rooms.get(exam.room).segments(candidate))
        again = await context.new_page()
        again.set_default_timeout(20_000)
        again.on("pageerror", lambda error: errors.append(str(error)))
        await again.goto(f"{server.url}/candidate")
        await stage_is(again, "exam")
        assert await again.get_by_test_id("stage").get_attribute("data-tab") == "answer"
        await until(again, "document.querySelector('#answer').value === 'Trước khi trang hỏng. Vừa viết thêm.'")
        await saved_on_the_server(again)
        await paper_is_open(again)
        await again.get_by_test_id("talk-open").get_by_text("viết dở").wait_for()
        known = server.house.rooms.get(exam.room).state.sittings[candidate]
        assert known.text == "Trước khi trang hỏng. Vừa viết thêm."

        await again.locator("[data-testid=media-state][data-recorded=true]").wait_for()
        await has_recorded(server, exam.room, candidate, seconds=2)
        await finished(server, exam.room, candidate, segments=recorded_before + 1)
        last = server.house.rooms.get(exam.room).segments(candidate)[-1]
        assert last["ended_at"] > known.saved_at.strftime("%Y-%m-%dT%H:%M:%S"), "after the page was opened anew"
        crashing.cancel()
    assert errors == []
