"""What the telephone says of the photographs that it was to send."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SAID = """async (states) => {
  const { saidOf } = await import("/pages/phone/said.js");
  const { key, count } = saidOf(states.map((state) => ({ state })));
  return [key, count];
}"""


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], ["phone.none", 0]),  # none was taken, or the only one was refused
        (["there", "there"], ["phone.all_sent", 2]),
        (["there", "sending", "waiting", "failed"], ["phone.waiting", 2]),
        (["there", "failed"], ["phone.failed", 1]),
    ],
)
async def test_nothing_is_said_to_be_sent_that_was_not(
    module_page: Page, states: list[str], said: list[object]
) -> None:
    assert await module_page.evaluate(SAID, states) == said
