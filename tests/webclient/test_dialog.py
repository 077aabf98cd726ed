"""A dialog that is longer than the screen (pages/shared/dialog.js, styles/base.css)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

# `inside`: the buttons stand in a form, as in a dialog that sends one; else the dialog is given them.
LONG = """async (inside) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { Dialog } = await import("/pages/shared/dialog.js");
  await new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/styles/base.css", onload: done })));
  const root = document.body.appendChild(document.createElement("main"));
  const buttons = html`<button>Hủy</button><button class="primary" id="ok">Lưu</button>`;
  const lines = Array.from({ length: 40 }, (_, index) => html`<div class="field">
    <label for=${`f_${index}`}>Dòng ${index}</label><input id=${`f_${index}`} /></div>`);
  const body = inside ? html`<form class="stack">${lines}<div class="actions">${buttons}</div></form>` : lines;
  render(html`<${Dialog} title="Dài" actions=${inside ? null : buttons}>${body}<//>`, root);
}"""
# Whether the buttons are in sight and nothing lies over them; and over the last field, once it is scrolled to.
IN_SIGHT = """(id) => {
  const { left, top, width, height } = document.getElementById(id).getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height - 2)?.id === id;
}"""


@pytest.mark.parametrize("inside", [True, False])
async def test_its_buttons_are_always_in_sight_and_cover_nothing_for_good(module_page: Page, inside: bool) -> None:
    page = module_page
    await page.evaluate(LONG, inside)
    for width, height in ((1366, 768), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate("document.querySelector('dialog').scrollTo(0, 0)")
        await picture(page, f"dialog-long-{width}")
        assert await page.evaluate(IN_SIGHT, "ok")
        for index in (30, 39):  # what the keyboard comes to is not under them
            await page.locator(f"#f_{index}").focus()
            assert await page.evaluate(IN_SIGHT, f"f_{index}")
            assert await page.evaluate(IN_SIGHT, "ok")


FORM = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { ExamForm } = await import("/pages/office/exam_form.js");
  await Promise.all(["base", "console", "office"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  const refused = Object.assign(new Error("x"), { code: "x", sentences: { vi: "Lịch mâu thuẫn." } });
  const api = { post: () => Promise.reject(refused) };
  const opening = { A: [{ from: "2024-02-12", minutes: 30, article: { vi: "A", en: "A" } }] };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${ExamForm} api=${api} opening=${opening} onClose=${() => {}} />`, root);
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
async def test_the_form_of_an_exam_can_be_sent_with_an_error_in_it_which_is_seen(
    module_page: Page, width: int, height: int
) -> None:
    page = module_page
    await page.set_viewport_size({"width": width, "height": height})
    await page.evaluate(FORM)
    await page.get_by_test_id("exam-title").fill("Triết học")
    button = await page.get_by_test_id("exam-create").bounding_box()
    assert button and button["y"] + button["height"] <= height
    await page.mouse.click(button["x"] + 5, button["y"] + 5)
    await page.get_by_test_id("exam-form-error").wait_for()
    after = await page.get_by_test_id("exam-create").bounding_box()
    assert after and after["y"] + after["height"] <= height
    await picture(page, f"exam-form-error-{width}")
    said = await page.get_by_test_id("exam-form-error").bounding_box()
    assert said and said["y"] + said["height"] <= after["y"]
