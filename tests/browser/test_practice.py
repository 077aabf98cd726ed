"""The practice room on a telephone, by touch, by somebody who never signed in."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.browser.chromium import HERTZ, LOOK, hears, new_page, picture, shared_chromium, until
from tests.browser.test_narrow import BESIDE_SUBMIT
from tests.browser.test_pages_for_everyone import faults
from tests.support.house import Server

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


# What the practice left in this browser: texts and photographs.
KEPT = """() => new Promise((done) => {
  const asked = indexedDB.open('proctor-practice');
  asked.onsuccess = () => {
    const keys = ['answer', 'page'].map((name) => new Promise((got) => {
      const all = asked.result.transaction(name).objectStore(name).getAllKeys();
      all.onsuccess = () => got(all.result);
    }));
    void Promise.all(keys).then((found) => done(found.flat()));
  };
})"""


def sheet() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((1200, 1600), 90).convert("RGB").save(made, "JPEG")
    return made.getvalue()


@pytest.mark.long  # test_accessible.py walks through the practice
async def test_the_whole_practice_by_touch_on_a_telephone(server: Server, tmp_path: Path) -> None:
    errors: list[str] = []
    found: list[str] = []
    async with shared_chromium(face=True) as browser:
        page = await new_page(browser, errors, **PHONE)
        asked: list[str] = []
        page.on("request", lambda request: "/api/" in request.url and asked.append(request.url.split("/api/")[1]))
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("practice-open").tap()
        await page.get_by_text("THI THỬ – không tính điểm").first.wait_for()
        await page.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        found += await faults(page, narrow=True)
        await picture(page, "practice-check")
        assert await page.get_by_test_id("check-still").count() == 0  # nothing is kept of the practice
        await page.get_by_test_id("play-tone").tap()
        await page.get_by_test_id("tone-not-heard").tap()  # said, and no obstacle
        await page.get_by_test_id("device-ok").tap()

        # Its own picture and sound, back from the server.
        await until(page, f"({LOOK})('[data-testid=loop-video]')?.contrast > 10")
        await page.locator("[data-testid=loop][data-state=good]").wait_for()
        assert int(await page.get_by_test_id("loop-kbps").get_attribute("data-kbps") or 0) > 80
        await page.get_by_test_id("loop-hear").check()
        await hears(page, "[data-testid=loop-video]", HERTZ)
        found += await faults(page, narrow=True)
        await picture(page, "practice-loop")
        await page.get_by_test_id("practice-exam").tap()
        await page.get_by_test_id("practice-tour").wait_for()
        await picture(page, "practice-tour")
        await page.get_by_test_id("practice-start").tap()

        await page.get_by_test_id("practice-mark").wait_for()
        await page.locator("[data-testid=paper-state][data-state=sealed]").wait_for()
        await page.locator("[data-testid=paper-page-1][data-drawn]").wait_for()
        found += await faults(page, narrow=True)
        await picture(page, "practice-paper")
        await page.get_by_test_id("tab-answer").tap()
        await page.locator("#answer").fill("Bài làm thử của tôi.")
        await page.locator("[data-testid=save-state][data-state=server]").wait_for()
        assert "trên máy này" in await page.get_by_test_id("save-state").inner_text()
        assert await page.evaluate(BESIDE_SUBMIT), "handing in needs no row of its own"
        await picture(page, "practice-answer")
        await page.get_by_test_id("hand").tap()
        await page.get_by_test_id("message").get_by_text("THI THỬ: khi bạn giơ tay").wait_for()
        await page.get_by_test_id("message-seen").tap()
        await page.get_by_test_id("message").wait_for(state="detached")

        await page.get_by_test_id("tab-files").tap()
        await page.get_by_test_id("page-camera").tap()
        await until(page, "document.querySelector('[data-testid=camera-video]')?.videoWidth > 0")
        await page.get_by_test_id("camera-take").tap()
        await page.get_by_test_id("camera-said").get_by_text("1").wait_for()
        await page.get_by_test_id("camera-close").tap()
        await page.get_by_test_id("page-input").set_input_files(
            {"name": "trang.jpg", "mimeType": "image/jpeg", "buffer": sheet()}
        )
        await expect(page.locator("[data-testid=page][data-state=there]")).to_have_count(2)
        assert await page.get_by_test_id("phone-open").count() == 0  # there is no sitting that it could be let into
        found += await faults(page, narrow=True)
        await picture(page, "practice-pages")

        await page.get_by_test_id("submit").tap()
        await expect(page.get_by_test_id("submit-confirm")).to_be_enabled()
        await page.get_by_test_id("submit-confirm").tap()
        await page.get_by_test_id("receipt").get_by_text("trang-01.jpg").wait_for()
        await page.get_by_text("Biên nhận mẫu – THI THỬ, không tính điểm").wait_for()
        found += await faults(page, narrow=True)
        await picture(page, "practice-receipt")

        # Nothing went into a room, and nothing stays: not on the server, not here.
        assert {one.split("/")[0].split("?")[0] for one in asked} <= {"me", "time", "practice"}
        assert [path for path in server.house.config.recordings.rglob("*") if path.is_file()] == []
        await until(page, "document.querySelectorAll('video').length === 0")
        async with asyncio.timeout(5):
            while server.house.media.room("practice").health():
                await asyncio.sleep(0.05)
        await page.get_by_test_id("practice-again").tap()
        await page.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        assert await page.evaluate(KEPT) == []
        assert found == [], "\n".join(found)
    assert errors == []
