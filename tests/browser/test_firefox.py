"""One exam in a real Firefox: it sits as candidate, watches as invigilator and replays as inspector."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from PIL import Image

from proctor.live_room import LiveRoom
from tests.browser.chromium import LISTEN, LOOK
from tests.browser.entering import open_room
from tests.browser.firefox import EXECUTABLE, Firefox, FirefoxPage, firefox
from tests.support.house import PASSWORD, Server

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not EXECUTABLE.exists(), reason="no Firefox (apt install firefox-esr)"),
]

HERTZ = 1000  # of Firefox's fake microphone
RECORDED_SECONDS = 14  # longer than a page that hears nothing of the server waits before it publishes anew
BACKSPACE = "\ue003"  # WebDriver's key code
INK = """() => {
  const canvas = document.querySelector('[data-testid=paper-page-1]');
  if (!canvas) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] < 100 && data[i + 3]) dark++;
  return dark;
}"""
BUFFERED = """([selector, seconds]) => {
  const { buffered } = document.querySelector(selector);
  const lengths = Array.from({ length: buffered.length }, (_, i) => buffered.end(i) - buffered.start(i));
  return lengths.some((length) => length > seconds);
}"""


def by(test_id: str) -> str:
    return f"[data-testid={test_id}]"


async def state_is(page: FirefoxPage, test_id: str, state: str) -> None:
    await page.until("([at, state]) => document.querySelector(at)?.dataset.state === state", [by(test_id), state])


async def staff_page(browser: Firefox, server: Server, name: str) -> FirefoxPage:
    page = await browser.new_page()
    await page.goto(f"{server.url}/{name}")
    await page.fill(by("sign-in-name"), name)
    await page.fill(by("sign-in-password"), PASSWORD)
    await page.click(by("sign-in-submit"))
    return page


async def candidate_in_the_lobby(browser: Firefox, server: Server, code: str) -> FirefoxPage:
    page = await browser.new_page()
    await page.goto(f"{server.url}/candidate")
    await page.fill(by("sign-in-number"), "001")
    await page.fill(by("sign-in-code"), code)
    await page.click(by("sign-in-submit"))
    await state_is(page, "check-camera", "ok")
    await page.until("() => document.querySelector('[data-testid=microphone-level]').value > 0.3")
    await page.click(by("play-tone"))
    await page.click(by("tone-heard"))
    await page.click(by("device-ok"))
    await page.click(by("consent-box"))
    await page.click(by("rules-box"))
    await page.click(by("consent-ok"))
    for subject in ("face", "card"):
        await page.until("() => document.querySelector('.booth video')?.videoWidth > 0")
        await page.click(by(f"take-{subject}"))
        await page.click(by(f"keep-{subject}"))
    await page.until("() => Boolean(document.querySelector('[data-testid=lobby-state]'))")
    return page


async def test_firefox_sits_watches_and_replays(tmp_path: Path) -> None:
    async with (
        open_room(tmp_path, candidates=1) as (server, clock, exam, _invigilator),
        firefox(tmp_path) as browser,
    ):
        (candidate,) = exam.candidates.values()
        live = server.house.rooms.get(exam.room)
        page = await candidate_in_the_lobby(browser, server, exam.codes["001"])
        wall = await staff_page(browser, server, "invigilator")
        clock.jump_to(exam.starts_at)  # no step of the clock within the recording
        await wall.click(by("admit"))
        for check in ("eligibility", "camera", "identity"):
            await wall.click(by(f"check-{check}"))
        await wall.click(by("admit-confirm"))
        await watch(wall, candidate)
        await state_is(page, "paper-state", "open")
        assert await page.until(INK) > 500
        await asyncio.sleep(RECORDED_SECONDS)  # the recording has to contain that much
        await server.house.recording.finish(exam.room, candidate)
        async with asyncio.timeout(15):
            while not live.segments(candidate):
                await asyncio.sleep(0.05)
        await write_and_submit(page, live, candidate, tmp_path)
        await replay(browser, server, live, candidate)
    assert browser.errors == []


async def watch(wall: FirefoxPage, candidate: str) -> None:
    """The tile shows the small layer; focus shows the large one, with sound."""
    tile = f"[data-testid=tile][data-candidate={candidate}]"
    await wall.until(f"() => ({LOOK})('{tile} video')?.width === 320")
    await wall.click(tile)
    await wall.until(f"() => ({LOOK})('[data-testid=focus-video]')?.width === 640")
    async with asyncio.timeout(15):
        while abs((await wall.evaluate(LISTEN, by("focus-video")))["hertz"] - HERTZ) > 12:
            await asyncio.sleep(0.2)
    await wall.picture("firefox-focus")
    await wall.close()


async def write_and_submit(page: FirefoxPage, live: LiveRoom, candidate: str, folder: Path) -> None:
    """Text and paper survive a reload without the network; a photograph goes along; the receipt comes."""
    await page.fill("#answer", "Vật chất là phạm trù triết học.!")
    await page.type(BACKSPACE)
    await state_is(page, "save-state", "server")
    await page.offline(True)
    await page.until("() => document.querySelector('[data-testid=connection-state]').dataset.state !== 'connected'")
    await page.type(" Khi mất mạng.")
    await state_is(page, "save-state", "local")
    await page.reload()
    await state_is(page, "paper-state", "open")
    assert await page.until(INK) > 500
    await page.picture("firefox-offline")
    await page.offline(False)
    await state_is(page, "save-state", "server")
    assert live.state.sittings[candidate].text == "Vật chất là phạm trù triết học. Khi mất mạng."
    photograph = folder / "bài làm.jpg"
    photograph.write_bytes(b"\xff\xd8\xff\xe0" + os.urandom(1_000_000))
    await page.set_files(by("file-input"), photograph)
    await page.until("() => document.querySelectorAll('[data-testid=file]').length === 1")
    await page.until("() => document.querySelectorAll('[data-testid=file-pending]').length === 0")
    await photograph_pages(page, folder)
    names = [work.name for work in live.state.sittings[candidate].files]
    assert names == ["bài làm.jpg", "trang-01.jpg", "trang-02.jpg"]
    await page.click(by("submit"))
    await page.click(by("submit-confirm"))
    digest = await page.until("() => document.querySelector('[data-testid=receipt]')?.dataset.sha256")
    assert live.state.sittings[candidate].submission_sha256 == digest
    await page.close()


async def photograph_pages(page: FirefoxPage, folder: Path) -> None:
    """One from a picture, which the worker prepares, one with the camera."""
    sheet = folder / "trang.png"
    Image.effect_noise((3000, 2000), 80).save(sheet)
    await page.set_files(by("page-input"), sheet)
    await page.until("() => document.querySelector('[data-testid=page]')?.dataset.state === 'there'")
    await page.click(by("page-camera"))
    await page.until("() => document.querySelector('[data-testid=camera-take]').disabled === false")
    await page.click(by("camera-take"))
    await page.until("() => document.querySelector('[data-testid=camera-said]').innerText.includes('Đã chụp 1')")
    await page.click(by("camera-close"))
    await page.until("""() => { const pages = [...document.querySelectorAll('[data-testid=page]')];
      return pages.length === 2 && pages.every((one) => one.dataset.state === 'there'); }""")
    await page.until("() => document.querySelectorAll('[data-testid=page-picture]').length === 2")
    assert await page.evaluate("""async () => { const [first] = document.querySelectorAll('[data-testid=page-picture]');
      await first.decode(); return [first.naturalWidth, first.naturalHeight]; }""") == [2400, 1600]  # fmt: skip
    await page.picture("firefox-pages")


async def replay(browser: Firefox, server: Server, live: LiveRoom, candidate: str) -> None:
    """What was recorded is taken by Media Source, its longest segment whole, and plays."""
    duration = max(segment["duration_ms"] for segment in live.segments(candidate)) / 1000
    assert duration > RECORDED_SECONDS - 1
    page = await staff_page(browser, server, "inspector")
    await page.click(by("choose-room"))
    await page.click(f"[data-testid=sitting][data-candidate={candidate}]")
    await page.until("() => document.querySelector('[data-testid=player]')?.dataset.ready === 'true'")
    await page.click(by("player-play"))
    video = by("player-video")
    await page.until(f"() => ({LOOK})('{video}')?.frames > 20")
    await page.until(BUFFERED, [video, duration - 1])
    await page.picture("firefox-replay")
    await page.close()
