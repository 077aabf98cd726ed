"""Every page in both languages: no key shown, nothing wider than a telephone, readable contrast, every control named,
and a change of language keeps what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import (
    admit_from_queue,
    open_in_the_lobby,
    open_room,
    paper_is_open,
    sign_in_staff,
    stage_is,
    take_photos,
)
from tests.support.house import CHECKS

pytestmark = pytest.mark.browser

FAULTS = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8")

# Whether the element that has the focus shows it.
FOCUS_SEEN = """() => { const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'; }"""


async def faults(page: Page, *, narrow: bool = False) -> list[str]:
    """In the language that is on, then in the other one; the language is left as it was."""
    found = []
    for _ in range(2):
        found += [f"{page.url} {one}" for one in await page.evaluate(FAULTS, narrow)]
        before = await page.evaluate("document.documentElement.lang")
        await page.locator("[data-testid=language]").first.dispatch_event("click")
        await page.wait_for_function("(before) => document.documentElement.lang !== before", arg=before)
        await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    return found


async def test_the_candidates_pages_on_a_telephone(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors, width=390, height=844)
        await page.goto(server.url)
        await page.get_by_test_id("language").wait_for()
        found = await faults(page, narrow=True)
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("sign-in-number").fill("001")
        found += await faults(page, narrow=True)
        assert await page.get_by_test_id("sign-in-number").input_value() == "001"
        await page.keyboard.press("Tab")
        assert await page.evaluate(FOCUS_SEEN)
        await page.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await page.get_by_test_id("sign-in-submit").click()
        await page.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        found += await faults(page, narrow=True)
        await picture(page, "phone-check")
        await page.get_by_test_id("play-tone").click()
        await page.get_by_test_id("tone-heard").click()
        found += await faults(page, narrow=True)
        await page.get_by_test_id("device-ok").click()
        await page.get_by_test_id("consent-box").check()
        found += await faults(page, narrow=True)
        assert await page.get_by_test_id("consent-box").is_checked()
        await picture(page, "phone-consent")
        await page.get_by_test_id("rules-box").check()
        await page.get_by_test_id("consent-ok").click()
        await page.get_by_test_id("take-face").wait_for()
        found += await faults(page, narrow=True)
        await take_photos(page)
        await page.locator("[data-testid=lobby-state][data-state=waiting]").wait_for()
        found += await faults(page, narrow=True)
        await picture(page, "phone-lobby")
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        await stage_is(page, "exam")
        found += await faults(page, narrow=True)
        clock.jump_to(exam.starts_at)
        await paper_is_open(page)
        for tab in ("answer", "files", "paper"):
            await page.get_by_test_id(f"tab-{tab}").click()
            if tab == "answer":
                await page.locator("#answer").fill("Bài làm trên điện thoại.")
            found += await faults(page, narrow=True)
            await picture(page, f"phone-{tab}")
        await page.get_by_test_id("submit").click()
        await page.get_by_test_id("submit-dialog").wait_for()
        found += await faults(page, narrow=True)
        assert await page.get_by_test_id("submit-dialog").count() == 1
        await page.get_by_test_id("submit-confirm").click()
        await page.get_by_test_id("receipt").wait_for()
        found += await faults(page, narrow=True)
        await picture(page, "phone-receipt")
        assert found == [], "\n".join(found)
    assert errors == []


async def test_the_pages_of_staff(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, _invigilator),
        shared_chromium() as browser,
    ):
        candidate = await new_page(browser, errors)
        await open_in_the_lobby(candidate, server, exam, "001")
        page = await new_page(browser, errors)
        await page.goto(f"{server.url}/invigilator")
        await page.get_by_test_id("sign-in-name").wait_for()
        found = await faults(page)
        await sign_in_staff(page, server, "invigilator", "invigilator")
        await page.get_by_test_id("queue-entry").wait_for()
        found += await faults(page)
        await admit_from_queue(page)
        tile = page.locator("[data-testid=tile][data-state=live]")
        await tile.wait_for()
        found += await faults(page)
        await tile.click()
        found += await faults(page)
        await page.keyboard.press("f")
        await page.get_by_test_id("flag-text").fill("Đang viết")
        found += await faults(page)
        assert await page.get_by_test_id("flag-text").input_value() == "Đang viết"
        await page.keyboard.press("Escape")
        await page.get_by_test_id("typed-discard").click()
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("exam-new").click()
        await page.get_by_test_id("exam-title").fill("Đang đặt tên")
        found += await faults(page)
        assert await page.get_by_test_id("exam-title").input_value() == "Đang đặt tên"
        await picture(page, "office-form")
        await page.keyboard.press("Escape")
        await page.get_by_test_id("typed-discard").click()
        await page.get_by_test_id("staff-open").click()
        found += await faults(page)
        await page.get_by_test_id("staff-close").click()
        await page.get_by_role("button", name="Triết học").click()
        await page.get_by_test_id("exam-heading").wait_for()
        found += await faults(page)
        await picture(page, "office-exam")
        await page.get_by_test_id("roster-open").click()
        found += await faults(page)
        await sign_in_staff(page, server, "inspector", "inspector")
        await page.get_by_test_id("choose-room").wait_for()
        found += await faults(page)
        await page.get_by_test_id("choose-room").click()
        await page.get_by_test_id("sitting").first.click()
        await page.get_by_test_id("player").wait_for()
        found += await faults(page)
        await picture(page, "inspector-nothing")
        assert found == [], "\n".join(found)
    assert errors == []
