"""Handwritten pages: photographed at the exam computer and with the candidate's telephone, put in order, handed in, and
pulled by the office byte for byte."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from tests.browser.chromium import network, new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, start_writing
from tests.support.house import office_page

pytestmark = pytest.mark.browser

HEIC = (Path(__file__).parents[1] / "support/page.heic").read_bytes()
ALL_THERE = """(count) => { const pages = [...document.querySelectorAll('[data-testid=page]')];
  return pages.length === count && pages.every((page) => page.dataset.state === 'there'); }"""
ORDER = "() => [...document.querySelectorAll('[data-testid=page]')].map((page) => page.dataset.file)"
# The page is at that place, and the focus is at one of its buttons.
MOVED = """([token, place]) => { const page = document.querySelectorAll('[data-testid=page]')[place];
  return page.dataset.token === token && page.contains(document.activeElement) && !document.activeElement.disabled; }"""
# The photographs that this device keeps, by the server's file, in base64.
KEPT = """async (name) => {
  const { openStore } = await import('/lib/store.js');
  const store = await openStore(name);
  const kept = {};
  for (const key of await store.getAllKeys('page')) {
    const { blob } = await store.get('page', key);
    if (!blob) continue;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    kept[key.split('/').pop()] = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  }
  store.close();
  return kept;
}"""


async def take(page: Page, count: int) -> None:
    """Photograph so many pages with the camera dialog."""
    await page.get_by_test_id("page-camera").click()
    for number in range(1, count + 1):
        await page.get_by_test_id("camera-take").click()
        await page.get_by_test_id("camera-said").get_by_text(f"Đã chụp {number} trang").wait_for()
    await picture(page, f"camera-{page.viewport_size['width']}")
    await page.get_by_test_id("camera-close").click()


async def pair(laptop: Page, phone: Page) -> None:
    await laptop.get_by_test_id("phone-open").click()
    await laptop.get_by_test_id("phone-code").wait_for()
    await picture(laptop, "phone-code")
    await phone.goto(str(await laptop.get_by_test_id("phone-link").text_content()))
    await phone.locator("[data-testid=phone][data-state=open]").wait_for()
    await laptop.get_by_test_id("phone-paired").wait_for()
    await laptop.get_by_test_id("phone-close").click()


async def test_pages_from_laptop_and_telephone_reach_the_office_in_order(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        laptop = await new_page(browser, errors)
        phone = await new_page(browser, errors, width=390, height=844, has_touch=True, is_mobile=True)
        await phone.route("**/phone/changes?*", lambda route: None)  # held for longer than the test takes
        await start_writing(laptop, server, clock, exam, "001", invigilator)
        await take(laptop, 2)
        await until(laptop, ALL_THERE, 2)
        await until(laptop, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")

        await pair(laptop, phone)
        assert "token" not in phone.url
        await take(phone, 1)
        await laptop.locator("[data-testid=page][data-source=phone]").wait_for()
        await until(phone, ALL_THERE, 1)
        await network(phone, offline=True)
        await take(phone, 1)
        await phone.get_by_test_id("phone-offline").wait_for()
        await picture(phone, "phone-offline")
        assert await laptop.get_by_test_id("page").count() == 3
        await network(phone)
        await until(laptop, ALL_THERE, 4)
        await until(phone, ALL_THERE, 2)
        await picture(phone, "phone-pages")

        # The iPhone's own form comes as it is, and is shown small.
        photo = {"name": "IMG_0001.HEIC", "mimeType": "image/heic", "buffer": HEIC}
        await laptop.get_by_test_id("page-input").set_input_files(photo)
        await until(laptop, ALL_THERE, 5)
        shown = "[data-testid=page][data-name$='.heic'] img"
        await until(laptop, "(shown) => document.querySelector(shown)?.naturalWidth === 480", shown)
        lie = {"name": "trang.jpg", "mimeType": "image/jpeg", "buffer": b"MZ this is no picture"}
        await laptop.get_by_test_id("page-input").set_input_files(lie)
        await laptop.get_by_test_id("page-refused").get_by_text("không phải là ảnh").wait_for()
        await laptop.get_by_test_id("file-input").set_input_files(lie)
        await laptop.get_by_test_id("file-misnamed").wait_for()

        # By keys: the first page goes to the end; the focus goes with it.
        first = await laptop.get_by_test_id("page").first.get_attribute("data-token")
        await laptop.get_by_test_id("page-later").first.focus()
        for place in range(1, 5):
            await laptop.keyboard.press("Enter")
            await until(laptop, MOVED, [first, place])

        # Turned by a quarter, it is sent anew, in its place; and one taken out comes back where it was.
        before = await laptop.evaluate(ORDER)
        await laptop.get_by_test_id("page-turn").nth(3).click()
        await until(laptop, f"(before) => ({ALL_THERE})(5) && ({ORDER})()[3] !== before[3]", before)
        turned = await laptop.evaluate(ORDER)
        assert [turned[:3], turned[4]] == [before[:3], before[4]]
        await laptop.get_by_test_id("page-remove").nth(1).click()
        await until(laptop, ALL_THERE, 4)
        await picture(laptop, "pages-laptop")
        await laptop.get_by_test_id("page-undo").click()
        await until(laptop, ALL_THERE, 5)
        order = await laptop.evaluate(ORDER)
        assert [order[0], *order[2:]] == [turned[0], *turned[2:]]

        # A reload changes nothing.
        await laptop.reload()
        await until(laptop, f"(order) => JSON.stringify(({ORDER})()) === JSON.stringify(order)", order)
        kept = {**await phone.evaluate(KEPT, "proctor_phone"), **await laptop.evaluate(KEPT, "proctor")}
        await network(phone, offline=True)
        await take(phone, 1)
        await laptop.get_by_test_id("submit").click()
        await laptop.get_by_test_id("submit-confirm").click()
        await laptop.get_by_test_id("receipt").wait_for()
        await network(phone)
        await phone.get_by_test_id("phone-unsent").get_by_text("1 ảnh chưa gửi kịp").wait_for()
        await picture(phone, "phone-closed")

        async with await office_page(server) as office:
            pulled = await office.get(f"/api/rooms/{exam.room}/submissions.zip")
        with zipfile.ZipFile(io.BytesIO(pulled["body"])) as archive:
            names = sorted(name for name in archive.namelist() if "/files/" in name)
            pages = [archive.read(name) for name in names[:5]]
        assert [name.rsplit("/", 1)[1][:3] for name in names] == ["01_", "02_", "03_", "04_", "05_", "06_"]
        assert pages == [content(kept, file) for file in order]
        assert HEIC in pages
    assert errors == []


def content(kept: dict[str, Any], file: str) -> bytes:
    return base64.b64decode(kept[file])


@pytest.mark.long  # tests/test_phones.py
async def test_a_telephone_that_was_ended_is_told(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        laptop = await new_page(browser, errors)
        phone = await new_page(browser, errors, width=390, height=844, has_touch=True, is_mobile=True)
        await start_writing(laptop, server, clock, exam, "001", invigilator)
        await pair(laptop, phone)
        await laptop.get_by_test_id("phone-open").click()
        await laptop.get_by_test_id("phone-revoke").click()
        await laptop.get_by_test_id("phone-paired").wait_for(state="detached")
        await phone.get_by_test_id("phone-ended").get_by_text("không còn được ghép").wait_for()
        assert await phone.get_by_test_id("page-camera").is_disabled()
        await picture(phone, "phone-ended")
        await phone.goto(f"{server.url}/phone#room={exam.room}&token=used-long-ago")
        await phone.get_by_test_id("phone-ended").get_by_text("mã QR mới").wait_for()

        asked: list[str] = []  # whatever the address calls a room, no other door is asked
        phone.on("request", lambda request: asked.append(urlsplit(request.url).path))
        async with phone.expect_response(lambda response: "/api/" in response.url):
            await phone.evaluate("location.hash = 'room=../../none&token=none'")
        await phone.get_by_test_id("phone-ended").wait_for()
        # The link is no link, and this is no telephone of that room.
        assert [path for path in asked if path.startswith("/api/")] == ["/api/rooms/..%2F..%2Fnone/phone"] * 2
    assert errors == []


@pytest.mark.long  # tests/test_phones.py
async def test_a_telephone_whose_time_was_over_goes_on_when_the_office_gives_more(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
        await office_page(server) as office,
    ):
        async def give(number: str, minutes: int) -> None:
            path = f"/api/rooms/{exam.room}/candidates/{exam.candidates[number]}/extra-time"
            assert "error" not in await office.put(path, {"minutes": minutes, "reason": "Mất mạng"})

        laptop = await new_page(browser, errors)
        phone = await new_page(browser, errors, width=390, height=844, has_touch=True, is_mobile=True)
        await start_writing(laptop, server, clock, exam, "001", invigilator)
        await pair(laptop, phone)
        await give("002", 5)  # so that the room stays open
        clock.jump_to(exam.starts_at + timedelta(minutes=90, seconds=1))
        await phone.get_by_test_id("phone-closed").wait_for()
        await give("001", 5)
        await phone.get_by_test_id("phone-said").get_by_text("Chưa gửi ảnh nào").wait_for()
        await take(phone, 1)
        await until(laptop, ALL_THERE, 1)
    assert errors == []


ONLY_ONE_CAMERA = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
let lent = 0;
navigator.mediaDevices.getUserMedia = (wanted) =>
  (wanted.video && lent++ ? Promise.reject(new DOMException("busy", "NotReadableError")) : real(wanted));
"""


async def test_where_the_camera_is_lent_once_a_page_is_a_still_of_the_recorded_picture(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        laptop = await new_page(browser, errors)
        await laptop.add_init_script(ONLY_ONE_CAMERA)
        await start_writing(laptop, server, clock, exam, "001", invigilator)
        await take(laptop, 1)
        await until(laptop, ALL_THERE, 1)
        assert await laptop.get_by_test_id("page-fault").get_attribute("data-fault") == "small"
        # Letting go of the dialog took nothing away from the recording.
        await until(laptop, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")
        assert await laptop.evaluate(
            "document.querySelector('[data-testid=self-view]').srcObject.getVideoTracks()[0].readyState"
        ) == "live"  # fmt: skip
    assert errors == []
