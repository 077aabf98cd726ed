"""A page whose scripts do not come says so, and can be loaded again."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.chromium import new_page, picture, shared_chromium
from tests.support.house import Server

PAGES = sorted((Path(__file__).parents[2] / "webclient").glob("*.html"))


async def lost(route: Route) -> None:
    await route.abort("internetdisconnected")


async def test_every_page_says_it_with_the_same_words() -> None:
    words = re.compile(r'<div id="app">(<p class="opening">.*</p>)</div>')
    said = {path.name: words.findall(path.read_text(encoding="utf-8")) for path in PAGES}
    assert "candidate.html" in said
    assert list(said.values()) == [said["candidate.html"]] * len(PAGES)
    assert said["candidate.html"]
    scripts = [re.findall(r'<script src="(.*?)"', path.read_text(encoding="utf-8")) for path in PAGES]
    assert scripts == [["/lib/opening.js"]] * len(PAGES)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["candidate", "invigilator"])
async def test_a_page_whose_scripts_were_broken_off_is_loaded_again_by_itself(server: Server, name: str) -> None:
    async with shared_chromium() as browser:
        page = await new_page(browser, [])
        await page.route("**/lib/i18n.js", lost, times=1)
        await page.goto(f"{server.url}/{name}")
        await expect(page.locator("#app > :not(.opening)").first).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["candidate", "invigilator"])
async def test_a_page_opens_where_the_browser_keeps_nothing(server: Server, name: str) -> None:
    errors: list[str] = []
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await page.add_init_script("""for (const area of ['localStorage', 'sessionStorage'])
          Object.defineProperty(window, area, { get() { throw new DOMException('denied', 'SecurityError'); } });""")
        await page.goto(f"{server.url}/{name}")
        await page.get_by_test_id("sign-in-submit").wait_for()
        await page.get_by_test_id("language").click()
        await page.get_by_test_id("sign-in-submit").get_by_text("Sign in").wait_for()
    assert errors == []


@pytest.mark.browser
async def test_a_page_whose_scripts_do_not_come_says_so_and_is_loaded_again(server: Server) -> None:
    async with shared_chromium() as browser:
        pages = {name: await new_page(browser, []) for name in ("candidate", "invigilator")}

        async def says_so(name: str, page: Page) -> None:
            tried = asyncio.Semaphore(0)
            page.on("requestfailed", lambda request: "i18n" in request.url and tried.release())
            await page.route("**/lib/i18n.js", lost)
            await page.goto(f"{server.url}/{name}")
            opening = page.locator(".opening")
            assert await opening.is_hidden(), "the first seconds are quiet"
            async with asyncio.timeout(30):
                for _ in range(4):  # and it came up by itself in none
                    await tried.acquire()
            await page.wait_for_load_state()
            await page.evaluate("document.getAnimations().forEach((one) => one.finish())")
            await expect(opening).to_be_visible()
            if name == "candidate":
                await picture(page, "opening")
            await page.unroute("**/lib/i18n.js")
            await opening.get_by_role("link").click()
            await expect(page.locator("#app > :not(.opening)").first).to_be_visible()
            await page.evaluate("document.getAnimations().forEach((one) => one.finish())")
            await expect(opening).to_be_hidden()

        await asyncio.gather(*(says_so(name, page) for name, page in pages.items()))  # each waits for seconds
