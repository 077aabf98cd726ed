"""Parts of the office's page, by themselves."""

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CARD = """async (room) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { RoomCard } = await import("/pages/office/room_card.js");
  const { Api } = await import("/lib/api.js");
  const root = document.body.appendChild(document.createElement("main"));
  const api = new Api("training_office");
  render(html`<${RoomCard} api=${api} exam=${{ times: {} }} room=${room} others=${[]} staff=${[]} />`, root);
  return root.textContent;
}"""
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


async def test_a_room_that_is_not_read_yet_is_said_nothing_false_of(module_page: Page):
    asleep = {"room": "r_1", "title": "Phòng 1", "phase": "ended", "staff": [],
              "candidates": [{"candidate": "c_1", "number": "001", "full_name": "An"}]}  # fmt: skip
    said = await module_page.evaluate(CARD, asleep)
    assert "Phòng 1" in said and "1Thí sinh" in said
    assert "Chưa phân công" not in said and "Đã nộp" not in said
