"""A PDF that the office chooses is opened by its page before it is sent (pages/office/pdf_check.js)."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from playwright.async_api import Page

from tests.support.house import PDF

pytestmark = pytest.mark.browser


def made(pages: int, **password: str) -> bytes:
    """A PDF of empty pages."""
    writer, content = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(**password)
    writer.write(content)
    return content.getvalue()


# The card of an exam with or without a paper; what was sent is on `window.sent`.
CARD = """async ([paper, rooms]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { PaperCard } = await import("/pages/office/paper_card.js");
  window.sent = [];
  const api = { upload: async (path, file) => void sent.push([path, file.size]) };
  const exam = { exam: "e", plan: { regime: "A" }, rooms, paper, reserve: paper };
  const root = document.body.appendChild(document.createElement("main"));
  const reload = async () => {};
  render(html`<${PaperCard} api=${api} exam=${exam} reload=${reload} />
    <${PaperCard} api=${api} exam=${exam} reload=${reload} use="reserve" />`, root);
}"""
CANNOT_BE_USED = [
    (b"%PDF-1.7 of no page at all\n%%EOF", "pdf_unreadable"),
    (PDF[: len(PDF) // 2] + b"\n%%EOF", "pdf_unreadable"),
    (b"GIF89a", "pdf_unreadable"),
    (made(0), "pdf_empty"),
    (made(1, user_password="x"), "pdf_password"),
]


def file(content: bytes) -> Any:
    return {"name": "de.pdf", "mimeType": "application/pdf", "buffer": content}


@pytest.mark.parametrize("card", ["", "reserve-"])
async def test_a_paper_that_no_page_could_show_is_not_sent(module_page: Page, card: str) -> None:
    page = module_page
    await page.evaluate(CARD, [None, []])
    for content, code in CANNOT_BE_USED:
        await page.get_by_test_id(f"{card}paper-input").set_input_files(file(content))
        await page.locator(f"[data-testid={card}paper-error] [data-code={code}]").wait_for()
    assert await page.evaluate("sent") == []
    readable = made(3, user_password="", owner_password="x")  # which asks nobody who reads for a password
    await page.get_by_test_id(f"{card}paper-input").set_input_files(file(readable))
    await page.get_by_test_id(f"{card}paper-opened").get_by_text("3 trang").wait_for()
    await page.wait_for_function("sent.length === 1")
    use = "reserve" if card else "main"
    assert await page.evaluate("sent") == [[f"/api/exams/e/paper?use={use}", len(readable)]]


async def test_how_many_pages_another_paper_has_is_said_before_it_takes_the_place_of_the_first(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(CARD, [{"bytes": 1, "sha256": "…"}, []])
    await page.get_by_test_id("paper-input").set_input_files(file(CANNOT_BE_USED[0][0]))
    await page.get_by_test_id("paper-error").wait_for()
    assert await page.get_by_test_id("replace-dialog").count() == 0
    await page.get_by_test_id("paper-input").set_input_files(file(PDF))
    await page.get_by_test_id("replace-pages").get_by_text("2 trang").wait_for()
    assert await page.evaluate("sent") == []
    await page.get_by_test_id("paper-replace-confirm").click()
    await page.wait_for_function("sent.length === 1")


@pytest.mark.parametrize(
    ("room", "offered"),
    [
        ({"phase": "entry", "times": {}, "paper_locked": False}, True),
        ({"phase": "entry", "times": {}, "paper_locked": True}, False),
        ({"phase": "ended"}, False),  # long ago
    ],
)
async def test_another_paper_is_offered_only_where_the_server_takes_it(
    module_page: Page, room: dict[str, Any], offered: bool
) -> None:
    page = module_page
    await page.evaluate(CARD, [{"bytes": 1, "sha256": "…"}, [room]])
    assert await page.get_by_test_id("paper-input").count() == offered
    assert await page.get_by_test_id("paper-locked").count() == (not offered)
    assert await page.get_by_test_id("reserve-paper-input").count() == 1
