"""Rooms at a glance (pages/supervisor/overview.js) where the server does not answer about one."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route

pytestmark = pytest.mark.browser

STATE = {
    "room": {"room": "r", "phase": "writing", "unattended_before": [], "briefings_missing": [], "times": {}},
    "sittings": [{"candidate": "c", "state": "waiting", "connected": True, "asked": {}}],
    "messages": [], "violations": [], "staff": [], "lists": None,
}  # fmt: skip
OVERVIEW = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { Overview } = await import("/pages/supervisor/overview.js");
  const root = document.body.appendChild(document.createElement("main"));
  const rooms = [{ room: "r", title: "Phòng 1", exam_title: "Triết học" }];
  render(html`<${Overview} role="supervisor" rooms=${rooms} />`, root);
}"""


async def test_a_room_that_is_not_read_has_no_figures_and_is_asked_again(module_page: Page) -> None:
    page = module_page
    answers: list[Route] = []

    async def changes(route: Route) -> None:
        await route.fulfill(json={"count": 1})

    async def state(route: Route) -> None:
        answers.append(route)
        refused = {"error": {"code": "internal", "vi": "Lỗi", "en": "Error"}}
        failing = len(answers) < 3
        await route.fulfill(status=500 if failing else 200, json=refused if failing else STATE)

    await page.route("**/api/changes*", changes)
    await page.route("**/api/rooms/r/state", state)
    await page.clock.install()
    await page.evaluate(OVERVIEW)
    await page.get_by_test_id("error").wait_for()
    assert await page.locator(".counts").count() == 0
    assert await page.get_by_test_id("glance-waits").inner_text() == "Chưa biết gì về phòng này; trang tự hỏi lại."
    while not await page.locator(".counts").count():
        await page.clock.run_for(1000)  # it waits some seconds before it asks again
    figures = await page.locator(".counts dd").all_inner_texts()
    assert figures[:3] == ["1", "1", "0"]
    assert await page.get_by_test_id("error").count() == await page.get_by_test_id("glance-waits").count() == 0
