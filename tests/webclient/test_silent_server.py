"""A server that takes requests and answers none: the candidate's page comes from what the service worker keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from tests.browser.chromium import new_page, until
from tests.support.command import Stopwatch
from tests.webclient.conftest import TYPES, WEBCLIENT

pytestmark = pytest.mark.browser

DEEP = "/pages/candidate/device_check.js"  # after all that the page begins with, level by level
READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
LOADED = "performance.getEntriesByType('resource').some(({ name, responseEnd }) => responseEnd && name.endsWith('%s'))"
VERSIONS = """import('/pages/candidate/leave.js').then(
  ({ version = null }) => [document.body.dataset.version ?? null, version])"""
NEWER = "caches.match('/candidate').then((kept) => kept.text()).then((text) => text.includes('data-version'))"


class Site:
    """The pages' files, as long as it answers; a later `version` stands in its page and in a module."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.answers.set()
        self.version = ""
        self.url = ""

    async def file(self, request: web.Request) -> web.StreamResponse:
        await self.answers.wait()
        name = "candidate.html" if request.path == "/candidate" else request.path[1:]
        path = WEBCLIENT / name
        if not path.is_file():
            raise web.HTTPServiceUnavailable
        text = path.read_bytes()
        if self.version and name == "candidate.html":
            text = text.replace(b"<body ", f'<body data-version="{self.version}" '.encode())
        if self.version and name == "pages/candidate/leave.js":
            text += f"\nexport const version = '{self.version}';".encode()
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return web.Response(body=text, content_type=kind, headers={"Cache-Control": "no-cache"})


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", site.file)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://localhost:{runner.addresses[0][1]}"
    yield site
    site.answers.set()
    await runner.cleanup()


async def test_one_silence_is_waited_for_and_what_comes_from_the_cache_is_of_one_version(
    browser: Browser, server: Site
) -> None:
    page: Page = await new_page(browser, [], opens_offline=True)
    await page.goto(f"{server.url}/candidate")
    await until(page, READY)
    await until(page, LOADED % DEEP)

    server.answers.clear()
    watch = Stopwatch()
    await page.reload(wait_until="commit")
    await until(page, LOADED % DEEP)
    print(f"loaded from the cache after {watch.seconds:.2f} s")
    assert 4 <= watch.seconds < 7.5  # one silence of four seconds, and not one at every level

    server.version = "new"
    server.answers.set()
    await until(page, NEWER)  # it has answered
    assert await page.evaluate(VERSIONS) == [None, None]  # the page is an old one, and so is what it asks for late
    await page.reload()
    assert await page.evaluate(VERSIONS) == ["new", "new"]

    server.answers.clear()  # a page that came from the network goes on in the same way
    watch = Stopwatch()
    await page.evaluate("import('/pages/candidate/exam.js').then(() => null)")
    assert 4 <= watch.seconds < 7.5
    await page.context.close()
