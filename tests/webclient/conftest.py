"""Runs the pages' modules in a real Chromium: the folder as a static site, a blank page with the pages' import map."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import chromium

WEBCLIENT = Path(__file__).parents[2] / "webclient"
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".html": "text/html"}


async def _file(request: web.Request) -> web.StreamResponse:
    path = WEBCLIENT / request.match_info["path"]
    if not path.is_file():
        raise web.HTTPNotFound
    kind = TYPES.get(path.suffix, "application/octet-stream")
    return web.Response(body=path.read_bytes(), content_type=kind)


async def _blank(request: web.Request) -> web.Response:
    index = (WEBCLIENT / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="importmap">.*?</script>', index)
    assert found
    return web.Response(text=f"<!doctype html><title>test</title>{found[0]}", content_type="text/html")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of a file, each with a profile of its own."""
    async with async_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[str]:
    """The address of the pages' files."""
    app = web.Application()
    app.add_routes([web.get("/", _blank), web.get("/{path:.+}", _file)])
    runner = web.AppRunner(app)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def module_page(browser: Browser, site: str) -> AsyncIterator[Page]:
    """A blank page that can import the pages' modules. Ends with an error when the page had one."""
    errors: list[str] = []
    context = await browser.new_context()
    page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(site)
    yield page
    await context.close()
    assert errors == []
