"""The queue and its dialog, drawn from a room that is made up: who belongs to "all", and how many are said to wait."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

# The queue of a room, the dialog of all, and the bar; then 2 is refused by a colleague while the dialog is open.
DRAW = """async (sittings) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { AdmitQueue } = await import("/pages/invigilator/admit_queue.js");
  const { AdmitDialog } = await import("/pages/invigilator/admit_dialog.js");
  const { RoomBar } = await import("/pages/invigilator/room_bar.js");
  const { AUTO } = await import("/pages/invigilator/grid.js");
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  const times = { submit_by: "2026-11-23T04:30:00Z", end_at: "2026-11-23T04:35:00Z" };
  const watched = new WatchedRoom("r", "s");
  const asked = [];
  watched.link.request = async (name, { candidates }) => {
    asked.push(candidates);
    return { skipped: [], overtaken: {}, not_ready: {} };
  };
  watched.room.value = { regime: "A", times, paper: {}, refuses: {}, out_of_time: [] };
  watched.sittings.value = new Map(sittings.map((one) => [one.candidate, one]));
  const people = sittings;
  const root = document.body.appendChild(document.createElement("main"));
  const part = (name) => [...root.querySelectorAll(`[data-testid=${name}]`)];
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const bar = html`<${RoomBar} watched=${watched} people=${people} layout=${AUTO} page=${0} pages=${1} />`;
  let all;
  render(html`<${AdmitQueue} watched=${watched} waiting=${people} onAdmit=${(them) => { all = them; }} />${bar}`, root);
  part("admit-all")[0].click();
  const said = Object.fromEntries(["queue-count", "queue-refused", "chip-waiting", "chip-refused"]
    .map((name) => [name, part(name)[0]?.textContent.trim()]));
  const reasons = part("queue-entry").map((one) => one.querySelector(".wrong")?.textContent.trim());
  render(html`<${AdmitDialog} watched=${watched} candidates=${all} onClose=${() => {}} />`, root);
  const refused = { ...watched.sittings.value.get("2"), state: "refused", refused: "Không có thẻ" };
  watched.sittings.value = new Map(watched.sittings.value).set("2", refused);
  for (const check of ["eligibility", "camera", "identity"]) {
    part(`check-${check}`)[0].click();
    await drawn();
  }
  const rows = part("admit-row").map((one) => [one.dataset.candidate, one.dataset.chosen,
    one.querySelector("[data-testid=row-refused]")?.textContent]);
  part("admit-confirm")[0].click();
  await drawn();
  render(null, root);
  return { all, said, reasons, rows, asked };
}"""


def waits(candidate: str, **more: Any) -> dict[str, Any]:
    return {"candidate": candidate, "number": candidate, "full_name": "Trần Một", "state": "waiting", "refused": "",
            "connected": True, "readmission": False, "checks": {}, "asked": {}, "photos": {}, "acts": {},
            "device": None, **more}  # fmt: skip


async def test_who_was_refused_is_not_among_all_and_is_counted_as_refused(module_page: Page) -> None:
    elsewhere = waits("4", state="admitted", readmission=True, pending={"epoch": 2, "device": None, "declined": None})
    drawn = await module_page.evaluate(
        DRAW, [waits("1"), waits("2"), waits("3"), waits("5", state="refused", refused="Nhầm người"), elsewhere]
    )
    assert drawn["all"] == ["1", "2", "3"]
    assert drawn["said"] == {
        "queue-count": "4", "queue-refused": "1 thí sinh chưa được cho vào, xem lý do bên dưới",
        "chip-waiting": "Đang chờ 3", "chip-refused": "Chưa cho vào 1",
    }  # fmt: skip
    assert drawn["reasons"] == [None, None, None, "Chưa cho vào: Nhầm người", None]
    # Refused since the dialog was opened: told with the reason, and left where it is.
    assert drawn["rows"] == [
        ["1", "true", None], ["2", "false", "Chưa cho vào: Không có thẻ"], ["3", "true", None],
    ]  # fmt: skip
    assert drawn["asked"] == [["1", "3"]]


# The queue in its column of the wall, and the dialog of one who asks to go on at another device.
STYLED = """async (one) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { AdmitQueue } = await import("/pages/invigilator/admit_queue.js");
  const { AdmitDialog } = await import("/pages/invigilator/admit_dialog.js");
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  await Promise.all(["base", "console", "invigilator"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  document.body.className = "invigilator";
  const watched = new WatchedRoom("r", "s");
  watched.room.value = { regime: "B", paper: {}, refuses: {}, out_of_time: [] };
  watched.sittings.value = new Map([[one.candidate, one]]);
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<div class="watch_body"><${AdmitQueue} watched=${watched} waiting=${[one]} /></div>
    <${AdmitDialog} watched=${watched} candidates=${[one.candidate]} onClose=${() => {}} />`, root);
}"""
# Buttons whose words come nearer to their edges than four pixels.
TIGHT = """() => [...document.querySelectorAll("button")].filter((one) => {
  if (!one.offsetParent) return false; // the queue, on a telephone
  const words = document.createRange(), box = one.getBoundingClientRect();
  words.selectNodeContents(one);
  const { left, right, top, bottom } = words.getBoundingClientRect();
  return left < box.left + 4 || right > box.right - 4 || top < box.top || bottom > box.bottom;
}).map((one) => one.textContent)"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
async def test_words_stay_inside_their_buttons_and_who_is_decided_on_can_be(
    module_page: Page, width: int, height: int
) -> None:
    page = module_page
    await page.set_viewport_size({"width": width, "height": height})
    device = {"camera": {}, "microphone": {}, "browser": "Chrome", "network": {"round_trip_ms": 40}}
    pending = {"epoch": 2, "device": device, "declined": None, "still": {"brightness": 20, "sharpness": 9}}
    await page.evaluate(STYLED, waits("4", state="admitted", readmission=True, pending=pending, device=device))
    await picture(page, f"admit-one-{width}")
    assert await page.evaluate(TIGHT) == []
    for button in ("admit-confirm", "admit-refuse"):
        box = await page.get_by_test_id(button).bounding_box()
        assert box and box["y"] + box["height"] <= height
