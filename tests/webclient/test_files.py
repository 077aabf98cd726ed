"""`webclient/lib/files.js`: what is refused, and uploads that are given up before they have begun."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

# The first is dropped while its digest is computed. Two more go out one after the other, which it would have overtaken.
DROPPED = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const files = new Files({
    store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/api/rooms/none/files", role: "candidate",
  });
  const asked = [], waiting = new Map();
  const send = XMLHttpRequest.prototype.setRequestHeader;
  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    if (name === "Upload-Metadata") {
      asked.push(atob(value.split(",")[0].split(" ")[1]));
      waiting.get(asked.at(-1))?.();
    }
    return send.call(this, name, value);
  };
  const sent = (name) => new Promise((done) => {
    waiting.set(name, done);
    void files.take(new File([name], name), 0);
  });
  const { id } = await files.take(new File(["first"], "first.txt"), 0);
  await files.drop(id);
  await sent("second.txt");
  await sent("third.txt");
  return asked;
}"""


async def test_a_file_that_is_dropped_while_it_is_prepared_is_not_sent(module_page: Page) -> None:
    assert await module_page.evaluate(DROPPED) == ["second.txt", "third.txt"]


@pytest.mark.parametrize(
    ("size", "beside", "code"),
    [
        (1, 19, None), (1, 20, "too_many_files"), (0, 20, "file_empty"), (50_000_001, 20, "file_too_large"),
        (50_000_000, 19, None), (0, 0, "file_empty"),
    ],
)  # fmt: skip
async def test_a_file_that_no_place_would_help_is_told_what_is_wrong_with_it(
    module_page: Page, size: int, beside: int, code: str | None
) -> None:
    asked = f"import('/lib/files.js').then(({{ refusal }}) => refusal({{ size: {size} }}, {beside}))"
    assert await module_page.evaluate(asked) == code
