"""Whom a shift left in two rooms, as the office reads it (pages/office/in_two_rooms.js)."""

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SAID = """async (people) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { InTwoRooms } = await import("/pages/office/in_two_rooms.js");
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${InTwoRooms} people=${people} />`, root);
  return [...root.querySelectorAll("li")].map((one) => one.textContent);
}"""


def person(name: str, room: str, exam: str) -> dict[str, str]:
    return {"full_name": name, "room": room, "room_title": "Phòng 1", "exam_title": exam}


async def test_people_are_named_by_the_room_they_are_in_as_well(module_page: Page):
    people = [person("An", "r_1", "Triết học"), person("Bình", "r_2", "Kinh tế"), person("Chi", "r_1", "Triết học")]
    assert await module_page.evaluate(SAID, people) == [
        "Phòng 1, Triết học (2): An, Chi", "Phòng 1, Kinh tế (1): Bình",
    ]  # fmt: skip
