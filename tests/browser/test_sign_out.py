"""Signing out in one tab, as the other tabs of that browser show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, saved_on_the_server, sign_in_staff, start_writing
from tests.support.house import PASSWORD

pytestmark = pytest.mark.browser


async def test_signing_out_in_one_tab_shows_in_the_others(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("watch").wait_for()
        office = await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-list").wait_for()
        writing = await new_page(browser, errors)
        await start_writing(writing, server, clock, exam, "001", invigilator)
        await until(writing, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")

        sign_out = """async (role) => (await fetch('/api/sign-out',
            {method: 'POST', headers: {'Proctor-Role': role, 'Content-Type': 'application/json'}, body: '{}'})).ok"""
        for page, role in ((desk, "invigilator"), (office, "training_office"), (writing, "candidate")):
            other = await page.context.new_page()
            await other.goto(f"{server.url}/api/time")
            assert await other.evaluate(sign_out, role)

        for page in (desk, office):
            await page.get_by_test_id("signed-out").wait_for()
            assert await page.locator("video").count() == 0
        await picture(desk, "signed-out")
        await writing.get_by_test_id("sign-in-again").wait_for()
        assert await writing.get_by_test_id("media-state").get_attribute("data-state") == "off"
        await picture(writing, "signed-out-candidate")

        await desk.get_by_test_id("sign-in-name").fill("invigilator")
        await desk.get_by_test_id("sign-in-password").fill(PASSWORD)
        await desk.get_by_test_id("sign-in-submit").click()
        await desk.get_by_test_id("watch").wait_for()
        await writing.get_by_test_id("sign-in-number").fill("001")
        await writing.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await writing.get_by_test_id("sign-in-submit").click()
        await until(writing, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")
        await writing.locator("#answer").fill("Đã đăng nhập lại.")
        await saved_on_the_server(writing)
    assert errors == []
