"""The list of exam rooms: into which of them it leads (pages/shared/room_choice.js)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, Route

pytestmark = pytest.mark.browser

AT = "2026-03-02T03:04:05Z"  # over, whatever the time is
TIMES = dict.fromkeys(("staff_entry_at", "starts_at", "release_at", "submit_by"), AT)

# What of each row can be pressed, or is said in its place; as an inspector's page has it, and as an invigilator's.
WAYS_IN = """async ([room, replays]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/log_texts.js");
  const { RoomChoice } = await import("/pages/shared/room_choice.js");
  const root = document.body.appendChild(document.createElement("main"));
  const watch = replays ? () => {} : undefined;
  const role = replays ? "inspector" : "invigilator";
  render(html`<${RoomChoice} rooms=${[room]} role=${role} onChoose=${() => {}} onWatch=${watch}
    beforeEntry replays=${replays} refresh=${() => {}} />`, root);
  const ways = "button[data-testid]:not(:disabled), span[data-testid]:not([data-testid=room-phase])";
  const found = [...root.querySelectorAll(ways)];
  const told = found.map((one) => one.dataset.testid);
  render(null, root);
  root.remove();
  return told;
}"""


def room(**told: Any) -> dict[str, Any]:
    return {"room": "r", "title": "Phòng 1", "exam_title": "Triết học", "times": TIMES, "acknowledged": True, **told}


@pytest.mark.parametrize(("told", "inspector", "invigilator"), [
    ({"phase": "entry", "published": True, "open": True}, ["choose-room", "watch-room"], ["choose-room"]),
    ({"phase": "entry", "published": False, "open": False}, ["draft-closed"], ["draft-closed"]),
    ({"phase": "ended", "published": False, "open": False}, ["choose-room"], []),
    ({"phase": "ended", "published": True, "open": False}, ["choose-room"], ["choose-room"]),
], ids=["open", "draft", "draft whose time is over", "ended"])  # fmt: skip
async def test_nothing_leads_into_a_room_of_a_draft(
    module_page: Page, told: dict[str, Any], inspector: list[str], invigilator: list[str]
) -> None:
    assert await module_page.evaluate(WAYS_IN, [room(**told), True]) == inspector
    assert await module_page.evaluate(WAYS_IN, [room(**told), False]) == invigilator


SAID = """async (room) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { RoomChoice } = await import("/pages/shared/room_choice.js");
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${RoomChoice} rooms=${[room]} role="inspector" onChoose=${() => {}} refresh=${() => {}} />`, root);
  const said = root.querySelector("[data-testid=room-phase]").textContent;
  render(null, root);
  root.remove();
  return said;
}"""


async def test_a_room_that_waits_for_a_decision_does_not_look_like_one_that_people_enter(module_page: Page) -> None:
    for told, said in (
        ({"phase": "entry"}, "Đang vào phòng"),
        ({"phase": "entry", "held": True}, "Tạm dừng chờ quyết định"),
        ({"phase": "entry", "called_off": True}, "Buổi thi không tiến hành"),
        ({"phase": "ended", "called_off": True}, "Đã kết thúc"),
    ):
        assert await module_page.evaluate(SAID, room(published=True, open=True, **told)) == said


@pytest.mark.parametrize(
    ("role", "count", "back"),  # `back`: a wait of two seconds, and the same for all
    [("tech_support", 1, True), ("tech_support", 0, False), ("invigilator", 1, False), ("supervisor", 1, False)],
)
async def test_a_list_that_cannot_be_asked_anew_says_so_until_it_can(
    module_page: Page, role: str, count: int, back: bool
) -> None:
    page, dead = module_page, False
    rooms = [room(phase="closed", published=True, open=False)]

    async def server(route: Route) -> None:
        if dead:
            await route.abort()
        elif "/changes" in route.request.url:
            await route.fulfill(json={"count": 1})
        elif "/time" in route.request.url:
            await route.fulfill(json={"server_time": AT})
        else:
            await route.fulfill(json={"subject": "k", "role": role, "full_name": "An", "rooms": rooms[:count]})

    await page.route("**/api/**", server)
    await page.evaluate(
        """(role) => {
          document.body.append(Object.assign(document.createElement("div"), { id: "app" }));
          return import(`/pages/${role}/main.js`);
        }""",
        role,
    )
    await page.get_by_role("heading", name="Chọn phòng").wait_for()
    said = page.get_by_test_id("rooms-failed")
    assert await said.count() == 0
    dead = True
    await said.wait_for()
    if back:
        dead = False
        await said.wait_for(state="detached")
