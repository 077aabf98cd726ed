"""Runs the pages' modules in a real Chromium: the folder as a static site, a blank page with the pages' import map.

A window costs more than most of these tests, so the tests of a file follow one another in one. What a page keeps, it
keeps by origin, and each test has an origin of its own: a name. Scripts, timers and listeners end with the document.
"""

import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Error, Page

from tests.browser.chromium import one_loop, shared_chromium

HERE = Path(__file__).parent
WEBCLIENT = HERE.parents[1] / "webclient"
SIZE = {"width": 1280, "height": 720}
_numbers = itertools.count()  # of the tests
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    one_loop(HERE, items)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser that all tests of the process share."""
    async with shared_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _port() -> AsyncIterator[int]:
    """Where the pages' files are served."""
    app = web.Application()
    app.add_routes([web.get("/", _blank), web.get("/{path:.+}", _file)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
def site(_port: int) -> str:
    """An address of the pages' files that no other test has had: browsers take every name under localhost for this
    machine (RFC 6761), and for a secure context."""
    return f"http://t{next(_numbers)}.localhost:{_port}/"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _windows() -> list[Page]:
    """The window that the tests of a file share, once one of them has opened it."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def module_page(browser: Browser, site: str, _windows: list[Page]) -> AsyncIterator[Page]:
    """A blank page that can import the pages' modules. Ends with an error when the page had one.

    A test may answer its requests, set its size and its clock. What else outlasts a document (scripts that run at its
    start, functions of the test that it can call, permissions) wants a page of the test's own: `browser` makes one.
    """
    errors: list[str] = []

    def keep(error: Error) -> None:
        errors.append(str(error))

    if not _windows:
        context = await browser.new_context(viewport=SIZE)
        _windows.append(await context.new_page())
        _windows[0].set_default_timeout(10_000)
    page = _windows[0]
    await page.goto(site)
    page.on("pageerror", keep)
    yield page
    if not page.is_closed():
        await page.goto("about:blank")  # what ends with the document, and is wrong only then, is an error too
    page.remove_listener("pageerror", keep)
    if page.is_closed() or await page.evaluate("'__pwClock' in globalThis"):  # a clock cannot be taken out again
        await _windows.pop().context.close()
    else:
        await page.unroute_all(behavior="ignoreErrors")
        await page.context.clear_cookies()
        if page.viewport_size != SIZE:
            await page.set_viewport_size(SIZE)
    assert errors == []
