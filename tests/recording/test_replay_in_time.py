"""A real Chromium shows the pictures of a sitting (`playing.py`) at the moments at which they were taken."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.recording import support as s
from tests.recording.playing import Sitting, player, recorded, wrong_in_time

pytestmark = [
    pytest.mark.browser,
    pytest.mark.measured,
    pytest.mark.asyncio(loop_scope="session"),  # the browser is shared
]

# A browser that has to wait for a processor shows pictures late, or not at all, whatever the player does. What the
# player does wrong it does in each of so many plays; the bar has to be met, whole, in one. After seconds without a
# picture Chromium takes the long one for the pace and drops some of the next (35 to 41 of 45 are seen, on an idle
# machine too), which is why it is met in most plays and not in all.
PLAYS = 5


async def test_replay_plays_across_resolutions_a_gap_and_sound_alone(browser: Browser, sitting: Sitting) -> None:
    manifest = sitting.manifest
    assert [one["width"] for one in manifest["segments"]] == [640, 480, 0, 640]
    assert len(manifest["gaps"]) == 1
    wrong = []
    for _ in range(PLAYS):
        wrong.append(await play_across(browser, sitting))
        if not any(wrong[-1].values()):
            break
    assert not any(wrong[-1].values()), wrong


async def play_across(browser: Browser, sitting: Sitting) -> dict[int, list[Any]]:
    """What was wrong with the pictures, by the moment from which each clip is."""
    manifest = sitting.manifest
    async with player(browser, manifest, sitting.segments) as page:
        await page.evaluate("replay.rate = 1.5; replay.play()")
        ended = await page.evaluate("until(isEnded, 25000)")
        state = await page.evaluate("({errors, gaps, segments, samples})")
        assert ended, state
        assert state["errors"] == []
        assert state["gaps"] == manifest["gaps"]
        assert state["segments"] == [one["id"] for one in manifest["segments"]]
        assert {sample["width"] for sample in state["samples"]} >= {640, 480, 320}
    clips = {low: [one for one in state["samples"] if low <= one["says"] < low + 4000] for low in (0, 4000, 17_000)}
    return {low: wrong_in_time(clip, 40) for low, clip in clips.items()}  # of 60 pictures


@pytest.mark.parametrize(("hole", "lost"), [
    (0.6, "picture"),
    pytest.param(4.5, "picture", marks=pytest.mark.long),  # few plays meet the bar: up to half a minute, all alone
    (2.0, "picture and sound"),
])  # fmt: skip
async def test_a_hole_inside_a_segment_plays_through(
    browser: Browser, pool: Executor, tmp_path: Path, hole: float, lost: str
) -> None:
    """As when the network lost pictures for a while: what comes after them is seen, at its time."""
    before, after = 1.0, 1.0 + hole
    clips = {0.0: s.pictures(640, 360, 15, before), after: s.pictures(640, 360, 15, 3.0, round(after * 1000))}
    moving = [replace(picture, at=picture.at + since) for since, clip in clips.items() for picture in clip]
    heard = [packet for packet in s.audio_packets(s.sound(after + 3.0, always=True), start=1000.0)
             if lost == "picture" or not before < packet.arrival - 1000.0 < after]  # fmt: skip
    packets = s.video_packets(moving, start=1000.0) + heard
    holed = await recorded(tmp_path, pool, lambda sink: s.feed(sink, packets))
    wrong = []
    for _ in range(PLAYS):
        async with player(browser, holed.manifest, holed.segments) as page:
            await page.evaluate("replay.skipGaps = false; replay.play()")
            assert await page.evaluate("until(isEnded, 15000)"), await page.evaluate("video.currentTime")
            samples = await page.evaluate("samples")
            assert await page.evaluate("errors") == []
        wrong.append(wrong_in_time([one for one in samples if one["says"] > after * 1000 - 1], 35))  # of 45 pictures
        if not wrong[-1]:
            break
    assert not wrong[-1], wrong
