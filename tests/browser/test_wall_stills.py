"""A wall whose network carries no moving pictures: small ones stand in their place, each with its time, until they
move."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proctor.media.downlink import Downlink, Level
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.browser.test_own_picture import publish, shows
from tests.support.house import CHECKS, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

ON_TOP = """(selector) => {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  return Boolean(document.elementFromPoint(x + width / 2, y + height / 2)?.closest(selector));
}"""
MOVES = """async () => {
  const video = document.querySelector('[data-testid=tile] video');
  const frames = () => video.getVideoPlaybackQuality().totalVideoFrames;
  const before = frames();
  await new Promise((done) => setTimeout(done, 500));
  return frames() > before;
}"""


def carried(monkeypatch: pytest.MonkeyPatch) -> Callable[[Level], None]:
    """Says what the network of every viewer carries from now on."""
    now = [Level.ALL]

    def judge(self: Downlink, *_: Any) -> bool:
        changed, self.level = self.level is not now[0], now[0]
        return changed

    monkeypatch.setattr(Downlink, "judge", judge)
    return lambda level: now.__setitem__(0, level)


async def test_pictures_that_stand_tell_their_time_and_give_way_to_moving_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    carries = carried(monkeypatch)
    async with (
        open_room(tmp_path, candidates=2) as (server, _clock, exam, invigilator),
        await candidate_page(server, exam, "001") as page,
        shared_chromium() as browser,
    ):
        one = exam.candidates["001"]
        await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[one], checks=CHECKS)
        publisher = await publish(page, 0)
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await until(desk, shows(one))
        tile = desk.locator(f"[data-testid=tile][data-candidate={one}]")
        still, told = tile.get_by_test_id("tile-picture"), tile.get_by_test_id("tile-still")
        assert await still.count() == await told.count() == 0

        carries(Level.STILLS)
        await still.wait_for()
        await told.get_by_text("Hình lúc").wait_for()
        assert await still.evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [320, 180]
        assert "Hình lúc" in await tile.locator(".tile_foot .visually_hidden").inner_text()
        assert await desk.evaluate(ON_TOP, "[data-testid=tile-still]")
        await picture(desk, "wall-stills")
        await desk.set_viewport_size({"width": 390, "height": 844})
        await picture(desk, "wall-stills-phone")
        await desk.set_viewport_size({"width": 1366, "height": 768})

        await tile.click()
        await desk.get_by_test_id("focus-video").wait_for()
        assert await desk.get_by_test_id("focus-picture").count() == 0, "the large picture moves"
        carries(Level.SOUND)
        await desk.get_by_test_id("focus-picture").wait_for()
        await desk.get_by_test_id("focus-still").get_by_text("Hình lúc").wait_for()
        assert await desk.evaluate(ON_TOP, "[data-testid=focus-still]")
        await picture(desk, "focus-still")
        await desk.keyboard.press("Escape")

        carries(Level.ALL)
        await still.wait_for(state="detached")
        await told.wait_for(state="detached")
        assert await desk.evaluate(MOVES)
        assert errors == []
        await publisher.stop()
