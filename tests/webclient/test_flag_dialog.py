"""The dialog in which a violation is noted (pages/invigilator/flag_dialog.js)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

FLAG = """async () => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { FlagDialog } = await import("/pages/invigilator/flag_dialog.js");
  await Promise.all(["base", "console", "invigilator"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  document.body.className = "invigilator";
  const at = "2026-11-23T03:00:00Z";
  const one = { candidate: "c", number: "001", full_name: "Trần An", admitted_at: at };
  const watched = { sittings: signal(new Map([["c", one]])), room: signal({ regime: "A" }) };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${FlagDialog} watched=${watched} candidate="c" onClose=${() => {}} />`, root);
}"""


async def test_the_button_that_waits_says_for_what(module_page: Page) -> None:
    page = module_page
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.evaluate(FLAG)
    save, waits = page.get_by_test_id("flag-save"), page.get_by_test_id("flag-waits")
    assert await save.is_disabled() and "chọn loại" in await waits.inner_text()
    for kind in ("impersonation", "other"):
        await page.get_by_test_id(f"flag-{kind}").check()
        assert await save.is_disabled() and "cần mô tả" in await waits.inner_text()
        said = page.locator("label", has=page.get_by_test_id(f"flag-{kind}"))
        assert "(phải mô tả)" in await said.inner_text()
    await picture(page, "flag-waits")
    await page.get_by_test_id("flag-text").fill("Người khác ngồi vào chỗ")
    assert await save.is_enabled() and await waits.count() == 0
    await page.get_by_test_id("flag-text").fill("")
    await page.get_by_test_id("flag-phone").check()
    assert await save.is_enabled() and await waits.count() == 0
