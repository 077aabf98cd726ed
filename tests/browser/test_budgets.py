"""What a slow computer and a thin network may cost a candidate: measured in a real exam page that sends its camera.

Keys: DevTools slow the page's main thread to a quarter; its workers, the encoder and the rest of the browser run at the
machine's own speed, on all its cores, and share them with the server. Sixteen keys a second go into a long work, in at
most three rounds. In every round played 95 % of the keys are shown within the bar; that every key is, one round has to
show, and the first that does is the last. A key counts to the end of the frame that shows it, rounded to 8 ms, and as 0
below 16 ms.

Network: what leaves the browser is held to 600 kbit/s, all of it together; what comes to it is not, and no packet is
lost but by the full queue of 0.4 s. The exam is open by the time anything is measured, over the same line.

A figure beside each test is printed; docs/DEVICES.md keeps those of a run.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.browser.camera import portrait, tone
from tests.browser.chromium import CHROMIUM, chromium, lends_to, new_page, until
from tests.browser.entering import open_room, saved_on_the_server, start_writing
from tests.support.house import Server
from tests.support.network import Neighbour, neighbour, relayed, why_no_neighbour

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.measured]

KEYSTROKE_MS = 100
ROUNDS = 3  # at most; for the longest key the best one counts, since other work on the machine may spoil some
SAVED_WITHIN_S = 5.0
UPLOAD_BITS = 600_000

# From each key to the end of the frame that shows it, on the page's own clock. Event Timing counts from the moment that
# the system had the key, so that what the main thread kept waiting counts too; it rounds to 8 ms.
TIMED = """() => {
  window.keys = [];
  window.pressed = 0;
  addEventListener('keydown', () => { window.pressed += 1; });
  const note = (entries) => { for (const one of entries) if (one.name === 'keydown') window.keys.push(one.duration); };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'event', durationThreshold: 16 });
  window.lastKeys = async () => { // a key is told of once the frame after it was shown
    for (let frame = 0; frame < 3; frame += 1) await new Promise((done) => requestAnimationFrame(done));
    note(observer.takeRecords());
  };
}"""


async def test_typing_on_a_computer_four_times_slower_stays_under_a_tenth_of_a_second(tmp_path: Path) -> None:
    """95 % of the keys in each round, and in one of at most `ROUNDS` every key."""
    errors: list[str] = []
    face, voice = portrait(tmp_path / "face.y4m"), tone(tmp_path / "voice.wav", 440.0)
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        async_playwright() as playwright,
        chromium(playwright, camera=face, microphone=voice) as browser,
    ):
        page = await new_page(browser, errors)
        await start_writing(page, server, clock, exam, "001", invigilator)
        await page.locator("#answer").fill("Bài làm dài. " * 1500)  # some twenty pages are there already
        await saved_on_the_server(page)
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        await arrives(live, candidate, picture=50, sound=5)
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        await page.locator("#answer").focus()
        await page.keyboard.press("Control+End")
        await page.evaluate(TIMED)
        for _ in range(ROUNDS):
            ordered = await typed(page)
            p95, most = ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]
            print(f"{len(ordered)} keystrokes at a quarter of the speed: 95 % within {p95} ms, the longest {most} ms")
            assert p95 < KEYSTROKE_MS
            if most < KEYSTROKE_MS:  # what the page itself does wrong, it does in each round
                break
        assert most < KEYSTROKE_MS
        await arrives(live, candidate, picture=20, sound=5)
    assert errors == []


async def typed(page: Page) -> list[float]:
    """What each key took, in milliseconds, the fastest first: sixteen keys a second, while saves go on beside them."""
    await page.evaluate("window.keys = []; window.pressed = 0")
    for letter in "Câu trả lời được gõ liền tay, như khi còn ít thời gian. " * 3:
        await page.keyboard.type(letter)
        await asyncio.sleep(0.06)
    await page.evaluate("window.lastKeys()")
    keys = sorted(await page.evaluate("window.keys"))
    assert keys  # the observer was there, and something was slower than it reports
    pressed = await page.evaluate("window.pressed")  # letters that no key of the layout has come without one
    # Keys that took less than 16 ms are not reported: they are the fast ones.
    return [0.0] * max(0, pressed - len(keys)) + keys


@pytest.fixture
def thin() -> Iterator[Neighbour]:
    """The way to a second address of this machine lets 600 kbit/s through, and no more; media and HTTP take it."""
    if why := why_no_neighbour():
        pytest.skip(why)
    with neighbour() as other:
        shape = ["tc", "-n", other.namespace, "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", f"{UPLOAD_BITS}bit",
                 "burst", "4kb", "latency", "400ms"]  # fmt: skip
        made = subprocess.run(shape, check=False, capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"no shaping here: {made.stderr.strip()}")
        yield other


async def test_over_600_kbit_s_text_is_saved_in_five_seconds_a_file_arrives_and_picture_and_sound_go_on(
    thin: Neighbour, tmp_path: Path
) -> None:
    errors: list[str] = []
    face, voice = portrait(tmp_path / "face.y4m"), tone(tmp_path / "voice.wav", 440.0)
    photograph = tmp_path / "bai.jpg"
    photograph.write_bytes(os.urandom(600_000))
    async with (
        open_room(tmp_path, media_host="0.0.0.0", announce=[thin.address]) as (server, clock, exam, invigilator),
        relayed(server.url, thin.address) as url,
        async_playwright() as playwright,
        chromium(
            playwright, camera=face, microphone=voice, executable=thin.running(str(CHROMIUM), tmp_path, lends_to(url))
        ) as browser,
    ):
        page = await new_page(browser, errors)
        await start_writing(page, Server(server.house, url), clock, exam, "001", invigilator)
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        await arrives(live, candidate, picture=50, sound=5)
        await page.get_by_test_id("file-input").set_input_files(photograph)
        began = time.monotonic()
        await page.get_by_test_id("file-pending").wait_for()
        waits = []
        for number in range(3):
            await page.locator("#answer").fill(f"Câu trả lời, lần {number}.")
            typed = time.monotonic()
            await saved_text(live, candidate, f"Câu trả lời, lần {number}.")
            waits.append(time.monotonic() - typed)
        await until(page, "document.querySelectorAll('[data-testid=file]').length === 1", seconds=60)
        uploaded = time.monotonic() - began
        kbps = live.media.connections.health()[candidate]["kbps"]
        print(f"saved after {[round(wait, 1) for wait in waits]} s; 600 kB uploaded in {uploaded:.1f} s; {kbps} kbit/s")
        assert max(waits) < SAVED_WITHIN_S
        (known,) = live.state.sittings[candidate].files
        assert known.sha256 == hashlib.sha256(photograph.read_bytes()).hexdigest()
        assert uploaded > 600_000 * 8 / UPLOAD_BITS  # the limit was one
        await arrives(live, candidate, picture=20, sound=5)
    assert errors == []


async def arrives(live: Any, candidate: str, *, picture: float, sound: float) -> None:
    """Wait until picture and sound come at such rates, in kbit/s."""
    async with asyncio.timeout(30):
        while True:
            kbps = live.media.connections.health().get(candidate, {"kbps": {}})["kbps"]
            if kbps.get("h", 0) + kbps.get("l", 0) > picture and kbps.get("audio", 0) > sound:
                return
            await asyncio.sleep(0.2)


async def saved_text(live: Any, candidate: str, text: str) -> None:
    async with asyncio.timeout(30):
        while live.state.sittings[candidate].text != text:
            await asyncio.sleep(0.02)
