"""What draws a paper (lib/pdf.js) comes late, too, where the network was away when it was first asked for."""

import asyncio

import pytest
from playwright.async_api import Page, Route

from tests.support.house import PDF

pytestmark = pytest.mark.browser

PRELOAD = "import('/lib/pdf.js').then(({ preload }) => preload()).then(() => true, () => false)"
OPENED = "import('/lib/pdf.js').then(({ openPdf }) => openPdf(new Uint8Array(bytes)))"
PAGES = f"(bytes) => {OPENED}.then((pdf) => pdf.numPages)"


@pytest.mark.parametrize("missing", ["pdf.min.mjs", "pdf.worker.min.mjs"])
async def test_it_is_loaded_anew_after_a_failure(module_page: Page, missing: str) -> None:
    async def cut(route: Route) -> None:
        await route.abort()

    there = f"**/{missing}*"
    await module_page.route(there, cut)
    async with asyncio.timeout(20):
        assert [await module_page.evaluate(PRELOAD) for _ in range(2)] == [False, False]
        await module_page.unroute(there)
        assert await module_page.evaluate(PRELOAD)
        assert await module_page.evaluate(PAGES, list(PDF)) > 0
