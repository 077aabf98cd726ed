"""How a page tells from a connection's statistics that the server is still there (lib/media.js)."""

from typing import Any

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

COUNT = """async (entries) => {
  const { bytesReceived } = await import("/lib/media.js");
  return bytesReceived(new Map(entries.map((entry, index) => [index, entry])));
}"""
PAIRS = [{"type": "candidate-pair", "bytesReceived": 4000}, {"type": "candidate-pair"}]


@pytest.mark.parametrize(
    ("entries", "bytes_received"),
    [
        ([*PAIRS, {"type": "transport", "bytesReceived": 5080}], 5080),  # Chromium
        ([*PAIRS, {"type": "transport", "dtlsState": "connected"}], 4000),  # Firefox 153
        (PAIRS, 4000),
        ([], 0),
    ],
)
async def test_bytes_are_counted_wherever_the_browser_does(
    module_page: Page, entries: list[dict[str, Any]], bytes_received: int
) -> None:
    assert await module_page.evaluate(COUNT, entries) == bytes_received
