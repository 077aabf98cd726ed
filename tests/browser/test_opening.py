"""A page whose scripts do not come says so, and can be loaded again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.chromium import new_page, picture, shared_chromium
from tests.support.house import Server

PAGES = sorted((Path(__file__).parents[2] / "webclient").glob("*.html"))


async def test_every_page_says_it_with_the_same_words() -> None:
    words = re.compile(r'<div id="app">(<p class="opening">.*</p>)</div>')
    said = {path.name: words.findall(path.read_text(encoding="utf-8")) for path in PAGES}
    assert "candidate.html" in said
    assert list(said.values()) == [said["candidate.html"]] * len(PAGES)
    assert said["candidate.html"]


@pytest.mark.browser
async def test_a_page_whose_scripts_do_not_come_says_so_and_is_loaded_again(server: Server) -> None:
    async with shared_chromium() as browser:
        page = await new_page(browser, [], service_workers="block")  # which would have what was loaded before

        async def lost(route: Route) -> None:
            await route.abort()

        for name in ("candidate", "invigilator"):
            await page.route("**/lib/i18n.js", lost)
            await page.goto(f"{server.url}/{name}")
            opening = page.locator(".opening")
            assert await opening.is_hidden(), "the first seconds are quiet"
            await page.evaluate("document.getAnimations().forEach((one) => one.finish())")
            await expect(opening).to_be_visible()
            if name == "candidate":
                await picture(page, "opening")
            await page.unroute("**/lib/i18n.js")
            await opening.get_by_role("link").click()
            await expect(page.locator("#app > :not(.opening)").first).to_be_visible()
            await page.evaluate("document.getAnimations().forEach((one) => one.finish())")
            await expect(opening).to_be_hidden()
