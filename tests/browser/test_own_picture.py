"""No picture stands under another's name, whatever the wall shows next."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from proctor.rehearsal import pictures
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page as RehearsalPage
from proctor.signalling.handlers import HANDLERS
from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import CHECKS, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

# The mean colours of every picture that a person before the screen could see, by the name it stood under: looked at
# before each paint.
WATCH = """() => {
  window.seen = [];
  const context = new OffscreenCanvas(16, 9).getContext('2d', { willReadFrequently: true });
  const look = () => {
    for (const video of document.querySelectorAll('[data-testid=tile] video, [data-testid=focus-video]')) {
      const name = video.closest('[data-candidate]').dataset.candidate;
      const { opacity, visibility } = getComputedStyle(video);
      if (opacity === '0' || visibility === 'hidden' || video.readyState < 2) continue;
      context.drawImage(video, 0, 0, 16, 9);
      const { data } = context.getImageData(0, 0, 16, 3);
      const mean = [0, 0, 0];
      for (let at = 0; at < data.length; at += 4) for (let c = 0; c < 3; c++) mean[c] += data[at + c] * 4 / data.length;
      window.seen.push({ name, mean, where: video.dataset.testid ?? 'tile' });
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


async def publish(page: RehearsalPage, person: int) -> SyntheticPublisher:
    publisher = SyntheticPublisher(person)
    answer = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer())
    await publisher.accept(answer["sdp"])
    publisher.start()
    return publisher


def shows(candidate: str) -> str:
    return f"document.querySelector('video[data-person={candidate}]') !== null"


def slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page says about its slots takes half a second to the server, as over a bad network; until then the
    pictures of the person before go on coming."""
    at_once = HANDLERS["show"]

    async def late(seat: Any, message: Any) -> Any:
        await asyncio.sleep(0.5)
        return await at_once(seat, message)

    monkeypatch.setitem(HANDLERS, "show", late)  # type: ignore[arg-type]


async def seen(page: Page) -> list[dict]:
    return await page.evaluate("window.seen.splice(0)")


def far(one: list[float], other: list[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.long  # tests/media/test_slot.py changes person at a keyframe; it changes with the wall alone
async def test_turning_pages_and_focus_shows_nobody_under_anothers_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    for person in (0, 6):  # encoded before anybody waits for an answer
        for layer in pictures.LAYERS:
            pictures.video_loop(person, layer)
        pictures.sound_loop(person)
    async with (
        open_room(tmp_path, candidates=5) as (server, _clock, exam, invigilator),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "005") as last,
        shared_chromium() as browser,
    ):
        one, five = exam.candidates["001"], exam.candidates["005"]
        for page in (first, last):
            await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[one, five], checks=CHECKS)
        publishers = await asyncio.gather(publish(first, 0), publish(last, 6))
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("layout").select_option(label="2 × 2")
        await desk.get_by_test_id("broadcast").focus()
        await until(desk, shows(one))
        await desk.evaluate(WATCH)
        slow_path(monkeypatch)

        # What each looks like, from a wall that has long come to rest.
        look = {}
        for candidate, key in ((one, "PageUp"), (five, "PageDown")):
            await desk.keyboard.press(key)
            await until(desk, shows(candidate))
            await seen(desk)
            await until(desk, "window.seen.length > 20")
            rested = await seen(desk)
            assert {picture["name"] for picture in rested} == {candidate}
            look[candidate] = rested[-1]["mean"]
        assert far(look[one], look[five]) > 40

        for turn in range(8):
            candidate, key = ((one, "PageUp"), (five, "PageDown"))[turn % 2]
            await desk.keyboard.press(key)
            await until(desk, shows(candidate))
            await desk.locator(f"[data-testid=tile][data-candidate={candidate}]").click()
            await until(desk, f"document.querySelector('[data-testid=focus-video]')?.dataset.person === '{candidate}'")
            await desk.keyboard.press("Escape")
            await desk.get_by_test_id("wall").wait_for()
            await until(desk, shows(candidate))
        shown = await seen(desk)
        for where in ("tile", "focus-video"):
            assert {picture["name"] for picture in shown if picture["where"] == where} == {one, five}
        wrong = [picture for picture in shown if far(picture["mean"], look[picture["name"]]) > 20]
        assert wrong == [], (len(wrong), len(shown), look)
        await asyncio.gather(*(publisher.stop() for publisher in publishers))
    assert errors == []
