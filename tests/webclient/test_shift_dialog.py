"""The dialog in which a room is offered to the next invigilator (pages/invigilator/shift_dialogs.js)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

OFFER = """async () => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { ApiError } = await import("/lib/api.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { OfferShift } = await import("/pages/invigilator/shift_dialogs.js");
  window.offered = [];
  window.staff = signal([]);
  const offerShift = async (...given) => { offered.push(given); throw new ApiError({ code: "network" }); };
  const watched = { subject: "s_me", staff, shift: signal(null), offerShift };
  const Part = () => html`<${OfferShift} watched=${{ ...watched, all: staff.value }} onClose=${() => {}} />`;
  render(html`<${Part} />`, document.body.appendChild(document.createElement("main")));
}"""
# Colleagues of the room by number, with whoever looks.
ARE = """(numbers) => {
  const one = (number) => ({ subject: `s_${number}`, full_name: `Cô ${number}`, role: "invigilator", present: true });
  staff.value = [{ ...one("me") }, ...numbers.map(one)];
}"""


async def test_who_is_assigned_while_it_is_open_can_be_given_the_room_and_who_is_not_any_more_gets_it_not(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(OFFER)
    dialog, to = page.get_by_test_id("shift-dialog"), page.locator("#shift_to")
    await page.evaluate(ARE, [])
    await dialog.wait_for()
    assert await to.count() == 0, "there is nobody"
    await page.evaluate(ARE, [1])
    await to.wait_for()
    assert await to.input_value() == "s_1"
    await page.evaluate(ARE, [2])
    await to.locator("option", has_text="Chọn người nhận").wait_for(state="attached")
    assert await to.input_value() == ""
    await page.get_by_test_id("reason-ok").click()
    assert await page.evaluate("offered") == [], "nobody else gets it unasked"
    await to.select_option("s_2")
    await page.get_by_test_id("reason-ok").click()
    await dialog.get_by_test_id("error").wait_for()
    assert await page.evaluate("offered") == [["s_2", "", 0]]


async def test_that_the_server_cannot_be_reached_is_said_for_as_long_as_it_cannot(module_page: Page) -> None:
    page = module_page
    await page.evaluate(OFFER)
    await page.evaluate(ARE, [1])
    error = page.get_by_test_id("shift-dialog").get_by_test_id("error")
    await page.get_by_test_id("reason-ok").click()
    await error.get_by_text("Không liên lạc được với máy chủ").wait_for()
    await page.route("**/api/somewhere", lambda route: route.abort())
    asked = "async () => { const { Api } = await import('/lib/api.js'); "
    asked += "await new Api('office').get('/api/somewhere').catch(() => {}); }"
    await page.evaluate(asked)
    assert await error.count() == 1
    await page.unroute("**/api/somewhere")
    await page.route("**/api/somewhere", lambda route: route.fulfill(json={}))
    await page.evaluate(asked)
    await error.wait_for(state="detached")
