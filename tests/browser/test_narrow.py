"""The exam on a telephone, 390 points wide: the paper can be made larger within its box, the language changed, a reload
comes back to the part that was open, and nothing touches the edge."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from proctor.live_room import LiveRoom
from proctor.rehearsal.page import Page as RehearsalPage
from tests.browser.chromium import network, new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, paper_is_open, start_writing

pytestmark = pytest.mark.browser

BOX = """() => {
  const box = document.querySelector('.pages'), page = box.querySelector('canvas').getBoundingClientRect();
  return { inside: box.clientWidth, wide: box.scrollWidth, page: page.width, left: box.scrollLeft,
           outside: document.documentElement.scrollWidth };
}"""
MARGINS = """() => {
  const { left, right } = document.querySelector('[data-testid=closing-lists]').getBoundingClientRect();
  return [left, innerWidth - right];
}"""
BESIDE_SUBMIT = """() => {
  const submit = document.querySelector('[data-testid=submit]');
  const { top, bottom } = submit.getBoundingClientRect();
  return [...document.querySelector('.exam_header').children].some((one) => {
    const box = one.getBoundingClientRect();
    return one !== submit && box.top < bottom && box.bottom > top;
  });
}"""
TEXT = "document.querySelector('#answer').getBoundingClientRect().toJSON()"
LINE_IN_SIGHT = """() => {
  const { scrollTop, clientHeight, scrollHeight } = document.querySelector('#answer');
  return scrollTop > 0 && scrollHeight - scrollTop - clientHeight < 20;
}"""
OVER = """(selector) => {
  const one = document.querySelector('[data-testid=message]').getBoundingClientRect();
  const other = document.querySelector(selector).getBoundingClientRect();
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}"""
WIDER_BY = "(by) => document.querySelector('.pages canvas').getBoundingClientRect().width > by * 350"


async def test_the_exam_on_a_narrow_screen(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, clock, exam, invigilator), shared_chromium() as browser:
        page = await new_page(browser, errors, width=390, height=844)
        await start_writing(page, server, clock, exam, "001", invigilator)
        await page.locator("[data-testid=paper-page-1][data-drawn]").wait_for()

        fitted = await page.evaluate(BOX)
        assert fitted["wide"] == fitted["inside"], "the whole width is seen first"
        assert fitted["page"] >= 370, "and no room is given away beside it"
        await picture(page, "narrow-paper")
        await page.get_by_test_id("zoom-in").click()
        await page.get_by_test_id("zoom-in").click()
        await until(page, WIDER_BY, 1.4)
        await page.locator(".pages").focus()
        await page.keyboard.press("+")
        await until(page, WIDER_BY, 1.9)
        large = await page.evaluate(BOX)
        assert large["wide"] > large["inside"], "it scrolls within its box"
        assert large["outside"] == 390, "and the page does not"
        assert abs(large["left"] + large["inside"] / 2 - large["wide"] / 2) < 12, "what was in the middle stays there"
        await picture(page, "narrow-paper-large")
        await page.keyboard.press("-")
        await page.keyboard.press("0")
        await until(page, "document.querySelector('.zoom_value').textContent === '100%'")
        assert await page.evaluate(BOX) == fitted

        await page.get_by_test_id("language").click()
        await page.get_by_test_id("tab-files").get_by_text("Files").wait_for()
        assert await page.evaluate(BESIDE_SUBMIT), "no row of its own"
        await picture(page, "narrow-english")
        await page.get_by_test_id("language").click()
        await page.get_by_test_id("tab-answer").click()
        live = server.house.rooms.get(exam.room)
        await messages_leave_the_text_alone(page, invigilator, live, exam.candidates["001"])
        await page.locator("#answer").fill("Viết trên điện thoại.")
        await page.reload()
        await paper_is_open(page)
        assert await page.get_by_test_id("stage").get_attribute("data-tab") == "answer"
        assert await page.locator("#answer").is_visible()

        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=10))
        await invigilator.hear("room", lambda room: room["submission_closed"])
        await invigilator.tell("publish_lists")
        await page.get_by_test_id("closing-lists").wait_for()
        assert min(await page.evaluate(MARGINS)) >= 8
        await picture(page, "narrow-lists")
    assert errors == []


async def messages_leave_the_text_alone(page: Page, invigilator: RehearsalPage, live: LiveRoom, one: str) -> None:
    """They stand together beside what is written, the newest first, and one press tells that those were read."""
    entries, message = page.get_by_test_id("message-entry"), page.get_by_test_id("message")

    async def send(*texts: str) -> None:
        for text in texts:
            assert "error" not in await invigilator.tell("send_message", to=[one], text=text)
        await entries.first.get_by_text(texts[-1]).wait_for()

    async def all_seen() -> None:
        async with asyncio.timeout(20):
            while not all(one in sent.seen_by for sent in live.state.messages):
                await asyncio.sleep(0.05)

    await page.locator("#answer").fill("\n".join(f"Dòng {number}." for number in range(80)))
    await page.keyboard.press("ControlOrMeta+End")
    await send("Xin ngồi gần lại.", "Xin bật đèn.")
    said = [text.split("\n")[-1] for text in await entries.all_inner_texts()]
    assert said == ["Xin bật đèn.", "Xin ngồi gần lại."]
    assert await page.evaluate(LINE_IN_SIGHT)
    for beside in ("#answer", "[data-testid=submit]", "[data-testid=tab-answer]"):
        assert not await page.evaluate(OVER, beside), beside
    await picture(page, "narrow-messages")
    await page.get_by_test_id("message-seen").get_by_text("cả 2").click()
    await all_seen()
    await message.wait_for(state="detached")
    assert await page.evaluate("document.activeElement.id") == "answer", "one goes on writing"

    # On a wide screen nothing moves that is being written.
    await page.set_viewport_size({"width": 1366, "height": 768})
    before = await page.evaluate(TEXT)
    await send(*(f"Tin thứ {number}." for number in range(1, 13)))
    assert await page.evaluate(TEXT) == before
    assert not await page.evaluate(OVER, "#answer")
    await picture(page, "wide-messages")

    # Read while there is no network, they are told of when there is one.
    await network(page, offline=True)
    await page.get_by_test_id("offline-notice").wait_for()
    await page.get_by_test_id("message-seen").get_by_text("cả 12").click()
    await message.wait_for(state="detached")
    await network(page)
    await all_seen()
    await page.set_viewport_size({"width": 390, "height": 844})
