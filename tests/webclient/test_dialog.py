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


REASON = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { ReasonDialog } = await import("/pages/shared/reason_dialog.js");
  for (const name of ["base", "invigilator"]) await new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })));
  window.leaves = 0;
  const act = () => new Promise((done, failed) => {
    window.arrives = done;
    const told = { code: "x", sentences: { vi: "Đã có người quyết." } };
    window.refused = () => failed(Object.assign(new Error("x"), told));
  });
  const root = document.body.appendChild(document.createElement("main"));
  window.show = (there) => render(there && html`<${ReasonDialog} title="Đình chỉ" verb="Đình chỉ" act=${act}
    onClose=${() => { leaves += 1; }} />`, root);
  show(true);
}"""


async def test_a_reason_that_is_being_sent_is_not_left_unawares_and_closes_nothing_once_it_is(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(REASON)
    field = page.get_by_test_id
    await field("reason").fill("Dùng tài liệu")
    await field("reason-ok").click()
    await field("working").get_by_text("Đang gửi").wait_for()
    assert await field("reason").is_disabled()
    await picture(page, "reason-working")
    by_itself = field("reason-dialog").evaluate  # as a browser closes one at the second Escape in a row
    for leave in (lambda: page.keyboard.press("Escape"), lambda: by_itself("(dialog) => dialog.close()")):
        await leave()
        await field("still-out").wait_for()
        await page.keyboard.press("Escape")
        await field("still-out").wait_for(state="detached")
        assert await field("reason-dialog").evaluate("(dialog) => dialog.open")
    await field("dialog-close").click()
    await page.evaluate("refused()")
    await field("error").get_by_text("Đã có người quyết.").wait_for()
    assert await page.evaluate("leaves") == 0
    assert await field("reason").input_value() == "Dùng tài liệu"
    assert await page.evaluate("document.activeElement.dataset.testid") == "dialog-close"
    await field("reason-ok").click()
    await field("dialog-close").click()
    await field("still-out-leave").click()
    assert await page.evaluate("leaves") == 1
    await page.evaluate("show(false)")  # as its page does then
    await page.evaluate("arrives()")
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert await page.evaluate("leaves") == 1, "what stands in its place by now"
