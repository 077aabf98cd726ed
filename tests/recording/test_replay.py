"""A real Chromium plays a sitting (`playing.py`) through webclient/lib/replay.js."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.recording.playing import Sitting, player

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),  # the browser is shared
]


@pytest_asyncio.fixture(loop_scope="session")
async def seekable(browser: Browser, sitting: Sitting) -> AsyncIterator[Page]:
    async with player(browser, sitting.manifest, sitting.segments) as page:
        yield page


@pytest.mark.parametrize(("second", "width"), [(18.5, 640), (5.5, 320), (1.25, 640), (7.9, 320), (9.0, 480)])
async def test_a_seek_shows_the_picture_of_that_wall_clock_moment(
    seekable, second: float, width: int
) -> None:
    page: Page = seekable
    wanted = round(second * 1000)
    await page.evaluate(f"replay.seek(manifest.segments[0].start_ms + {wanted})")
    found = await page.evaluate(
        f"until(() => !video.seeking && Math.abs(shown() - {wanted}) < 200 && video.videoWidth == {width})"
    )
    state = await page.evaluate("({shown: shown(), width: video.videoWidth, errors, at: video.currentTime})")
    assert found, state
    assert await page.evaluate("replay.currentWallClock - manifest.segments[0].start_ms") == pytest.approx(
        wanted, abs=200
    )


async def test_sound_is_heard_with_and_without_a_picture_and_rests_in_a_pause(seekable) -> None:
    page: Page = seekable
    for second in (2.0, 14.5):
        await page.evaluate(f"replay.seek(manifest.segments[0].start_ms + {second * 1000})")
        await page.evaluate("audio.resume().then(() => replay.play())")
        assert await page.evaluate("until(() => level() > 0.1)"), second
    await page.evaluate("replay.pause()")
    assert await page.evaluate("until(() => level() < 0.001)")


async def test_a_shown_gap_keeps_the_wall_clock_running_and_tells_where_it_is(seekable) -> None:
    page: Page = seekable
    await page.evaluate("replay.skipGaps = false; replay.rate = 8")
    await page.evaluate("replay.seek(manifest.gaps[0].from_ms + 1000); replay.play()")
    gap = await page.evaluate("({current: replay.currentGap, expected: manifest.gaps[0]})")
    assert gap["current"] == gap["expected"]
    assert await page.evaluate("until(() => replay.currentWallClock > manifest.gaps[0].from_ms + 3000)")
    assert await page.evaluate("until(() => replay.currentGap === null && video.currentTime > 14, 5000)")
    assert await page.evaluate("errors") == []


@pytest.mark.parametrize("before_end", [0.01, 0.05, 0.1, 0.2, 0.28])
async def test_a_seek_to_the_last_moments_before_a_gap_shows_a_picture_and_goes_on_into_the_gap(
    seekable, before_end: float
) -> None:
    page: Page = seekable
    await page.evaluate("replay.skipGaps = false")
    await page.evaluate(f"replay.seek(manifest.gaps[0].from_ms - {before_end * 1000})")
    found = await page.evaluate("until(() => !video.seeking && Math.abs(shown() - 9700) < 350, 5000)")
    assert found, await page.evaluate("({at: video.currentTime, state: video.readyState, shown: shown()})")
    await page.evaluate("replay.play()")
    assert await page.evaluate("until(() => replay.currentGap !== null, 4000)")
    await page.evaluate("replay.seek(replay.endMs)")
    assert await page.evaluate("until(isEnded, 4000)")
    assert await page.evaluate("errors") == []


# A page that is busy hears 400 ms late that a segment is in the source, whose pictures are there by then.
HEARS_LATE = """const listen = SourceBuffer.prototype.addEventListener;
SourceBuffer.prototype.addEventListener = function (name, heard) {
  listen.call(this, name, (event) => setTimeout(() => heard(event), 400));
};"""


async def test_a_busy_page_shows_the_last_moments_before_a_gap_too(seekable) -> None:
    page: Page = seekable
    await page.evaluate(HEARS_LATE)
    await page.evaluate("replay.skipGaps = false; replay.seek(manifest.gaps[0].to_ms + 500)")  # another source
    await page.evaluate("replay.seek(manifest.gaps[0].from_ms - 50)")
    found = await page.evaluate("until(() => !video.seeking && Math.abs(shown() - 9700) < 350, 5000)")
    assert found, await page.evaluate("({at: video.currentTime, state: video.readyState, shown: shown()})")
    assert await page.evaluate("errors") == []


@pytest.mark.parametrize("before_end", [0.03, 0.1, 0.17, 0.2])
async def test_an_element_that_starves_before_the_end_of_what_there_is_is_moved_on(seekable, before_end: float) -> None:
    """The element asks for more pictures ahead than exist, as it does after it once ran dry."""
    page: Page = seekable
    await page.evaluate("replay.skipGaps = false; replay.seek(manifest.segments[1].start_ms + 500)")
    assert await page.evaluate("until(() => !video.seeking && video.readyState >= 3 && video.buffered.length > 1)")
    await page.evaluate(f"replay.play(); video.currentTime = video.buffered.end(0) - {before_end}")
    assert await page.evaluate("until(() => replay.currentGap !== null, 4000)"), await page.evaluate(
        "({at: video.currentTime, state: video.readyState})"
    )
    gap = await page.evaluate("({now: replay.currentGap, told: gaps, expected: manifest.gaps[0]})")
    assert gap["now"] == gap["expected"]
    assert gap["told"] == [gap["expected"]]


@pytest.mark.parametrize(
    ("second", "decoded", "goes_on"),
    [
        (9.2, "0", True),  # near the end, and nothing is decoded any more
        (9.2, "Math.floor(performance.now() / 300)", False),  # near the end, but pictures are still being decoded
        (6.0, "0", False),  # far from the end
    ],
)
async def test_a_decoder_that_is_slow_is_waited_for(seekable, second: float, decoded: str, goes_on: bool) -> None:
    page: Page = seekable
    await page.evaluate("replay.skipGaps = false; replay.play()")
    assert await page.evaluate("until(() => video.currentTime > 0.3 && video.buffered.length > 1)")
    await page.evaluate(f"replay.seek(manifest.segments[0].start_ms + {second * 1000})")
    assert await page.evaluate("until(() => !video.seeking && video.readyState >= 3)")
    await page.evaluate(
        f"""video.playbackRate = 0;  // the time stands
        Object.defineProperty(video, "readyState", {{ get: () => 2 }});
        Object.defineProperty(video, "webkitAudioDecodedByteCount", {{ get: () => 0 }});
        video.getVideoPlaybackQuality = () => ({{ totalVideoFrames: {decoded} }});"""
    )
    assert await page.evaluate("until(() => replay.currentGap !== null, 2500)") == goes_on


async def test_what_is_finalised_while_the_player_waits_in_a_gap_is_played(browser: Browser, sitting: Sitting) -> None:
    whole = sitting.manifest
    begin, late = whole["segments"][0]["start_ms"], whole["segments"][1]
    holed = whole | {"segments": [one for one in whole["segments"] if one is not late]}
    async with player(browser, holed, sitting.segments) as page:
        await page.evaluate(f"replay.skipGaps = false; replay.seek({begin} + 8300); replay.play()")
        assert await page.evaluate("replay.currentGap.to_ms") == begin + 14_000
        assert await page.evaluate(f"until(() => replay.currentWallClock > {begin} + 8600)")
        await page.evaluate("(whole) => replay.update(whole)", whole)
        assert await page.evaluate("replay.currentGap") is None
        clock = await page.evaluate(f"replay.currentWallClock - {begin}")
        assert 8600 < clock < 9600
        shown = "until(() => samples.some((one) => one.says > 8600 && one.says < 10000))"
        assert await page.evaluate(shown), await page.evaluate("({at: video.currentTime, samples})")
        # After it, the rest of the gap is waited through, and is told with its new beginning.
        assert await page.evaluate("until(() => replay.currentGap !== null, 5000)")
        assert await page.evaluate("replay.currentGap") == whole["gaps"][0]
        # A gap that has not changed goes on where it was.
        assert await page.evaluate(f"until(() => replay.currentWallClock > {begin} + 11000)")
        await page.evaluate("(whole) => replay.update(whole)", whole)
        assert await page.evaluate(f"replay.currentWallClock - {begin}") == pytest.approx(11_000, abs=300)
        assert await page.evaluate("replay.currentGap") == whole["gaps"][0]
        assert await page.evaluate("errors") == []


async def test_a_first_segment_that_is_finalised_last_is_placed_before_the_others(
    browser: Browser, sitting: Sitting
) -> None:
    whole = sitting.manifest
    begin = whole["segments"][0]["start_ms"]
    late = whole | {"segments": whole["segments"][1:]}
    async with player(browser, late, sitting.segments) as page:
        await page.evaluate(f"replay.seek({begin} + 9000)")
        assert await page.evaluate("until(() => !video.seeking && Math.abs(shown() - 9000) < 200)")
        await page.evaluate("(whole) => replay.update(whole)", whole)
        for second in (9000, 2000, 18_500):
            if second != 9000:
                await page.evaluate(f"replay.seek({begin} + {second})")
            found = await page.evaluate(
                f"until(() => !video.seeking && video.readyState >= 2 && Math.abs(shown() - {second}) < 200)"
            )
            assert found, second
            assert await page.evaluate(f"replay.currentWallClock - {begin}") == pytest.approx(second, abs=200)
        assert await page.evaluate("errors") == []


async def test_a_segment_that_cannot_be_had_is_told_and_stepped_over(browser: Browser, sitting: Sitting) -> None:
    manifest = sitting.manifest
    manifest["segments"][1]["id"] = "s0"
    async with player(browser, manifest, sitting.segments) as page:
        await page.evaluate("replay.rate = 4; replay.play()")
        assert await page.evaluate("until(isEnded, 15000)")
        errors = await page.evaluate("errors")
        assert [(code, details["segment"]) for code, details in errors] == [("segment_unavailable", "s0")]
        assert await page.evaluate("gaps.length") >= 1


async def test_a_segment_that_the_network_kept_away_is_waited_for(browser: Browser, sitting: Sitting) -> None:
    whole = sitting.manifest
    first = whole | {"segments": whole["segments"][:1]}
    async with player(browser, first, sitting.segments) as page:
        await page.evaluate(
            """(whole) => {
              const fetched = replay._fetch;
              window.asked = 0;
              window.away = true;
              replay._fetch = (...which) => {
                if (!away) return fetched(...which);
                asked += 1;
                return Promise.reject(Object.assign(new Error("network"), { isNetwork: true }));
              };
              replay.update(whole);
              replay.rate = 2;
              replay.play();
            }""",
            whole,
        )
        end = whole["segments"][0]["start_ms"] + whole["segments"][0]["duration_ms"]
        assert await page.evaluate(f"until(() => asked >= 2 && replay.currentWallClock > {end} - 1000, 15000)")
        await page.evaluate("away = false")
        assert await page.evaluate(f"until(() => replay.currentWallClock > {end} + 1000, 10000)")
        shown = "replay.currentSegment?.id"
        assert await page.evaluate(f"until(() => {shown} === '{whole['segments'][1]['id']}', 5000)")
        assert await page.evaluate("errors") == []


async def test_only_the_segments_near_a_seek_are_fetched(browser: Browser, sitting: Sitting) -> None:
    manifest = sitting.manifest
    first = manifest["segments"]
    manifest["segments"] = [
        one | {"id": f"{one['id']}-{hour}", "start_ms": one["start_ms"] + hour * 3_600_000}
        for hour in range(4)
        for one in first
    ]
    async with player(browser, manifest, sitting.segments) as page:
        assert await page.evaluate("until(() => fetched.length >= 2)")
        await page.evaluate("replay.seek(manifest.segments[15].start_ms + 1000)")
        assert await page.evaluate("until(() => samples.some((one) => one.wall > 3 * 3600000))")
        # The first hour is let go of, and nothing between was ever there.
        assert await page.evaluate("until(() => video.buffered.length && video.buffered.start(0) > 3 * 3600 - 30)")
        hours = {name.split("-")[1] for name in await page.evaluate("fetched")}
        assert hours == {"0", "3"}


async def test_a_single_segment_plays_and_seeks_in_a_plain_video_element(
    browser: Browser, sitting: Sitting, tmp_path: Path
) -> None:
    manifest = sitting.manifest
    async with player(browser, manifest, sitting.segments, tmp_path) as page:
        await page.evaluate("replay.destroy(); video.src = '/file/' + manifest.segments[0].id")
        assert await page.evaluate("until(() => video.readyState >= 3)")
        duration = await page.evaluate("video.duration")
        assert duration * 1000 == pytest.approx(manifest["segments"][0]["duration_ms"], abs=40)
        await page.evaluate("video.currentTime = 3.0")
        assert await page.evaluate("until(() => !video.seeking && Math.abs(shown() - 3000) < 100)")
        await page.evaluate("video.play()")
        assert await page.evaluate("until(() => video.currentTime > 3.4 && shown() > 3200)")
