"""A real Chromium plays a sitting through webclient/lib/replay.js.

The sitting: picture and sound for 4 s at 640x360 and 4 s at 320x180 in one segment, 2 s at 480x270 in another, 4 s of
nothing, 3 s of sound alone, 4 s of both. Every picture shows its own time, which the page reads back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from proctor.recording.recorder import Recorder
from proctor.recording.service import RecordingService
from tests.browser.chromium import chromium
from tests.recording import support as s

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),  # one browser plays for all
]
LIBRARY = Path(__file__).parents[2] / "webclient" / "lib"

PAGE = """<!doctype html><video id="video" width="640" height="360"></video><script type="module">
import { Replay } from "/lib/replay.js";
const manifest = await (await fetch("/manifest")).json();
const fetched = [], errors = [], gaps = [], segments = [];
const fetchSegment = async (id, signal) => {
  fetched.push(id);
  const answer = await fetch("/segment/" + id, { signal });
  if (!answer.ok) throw new Error(answer.status);
  return answer.arrayBuffer();
};
const video = document.querySelector("video");
const replay = new Replay({ video, manifest, fetchSegment });
replay.on("error", (error) => errors.push([error.code, error.details]));
replay.on("gap", (gap) => gap && gaps.push(gap));
replay.on("segment", (segment) => segments.push(segment.id));
let ended = false;
replay.on("ended", () => { ended = true; });
const audio = new AudioContext();
const analyser = audio.createAnalyser();
audio.createMediaElementSource(video).connect(analyser);
analyser.connect(audio.destination);
const canvas = new OffscreenCanvas(160, 90);
const context = canvas.getContext("2d", { willReadFrequently: true });
const samples = [];   // pictures as they are shown: what they say, and what the player says
const shown = () => {
  context.drawImage(video, 0, 0, 160, 90);
  const pixels = context.getImageData(0, 10, 160, 1).data;
  let milliseconds = 0;
  for (let bit = 0; bit < 16; bit++) {
    milliseconds = milliseconds * 2 + (pixels[(bit * 10 + 5) * 4] > 128 ? 1 : 0);
  }
  return milliseconds;
};
const watch = () => video.requestVideoFrameCallback((now, frame) => {
  samples.push({ says: shown(), wall: replay.currentWallClock - manifest.segments[0].start_ms,
                 width: frame.width });
  watch();
});
watch();
const level = () => {
  const wave = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(wave);
  return Math.max(...wave.map(Math.abs));
};
const until = async (what, limit = 15000) => {
  for (const begin = performance.now(); performance.now() - begin < limit;) {
    if (what()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
};
Object.assign(window, { replay, manifest, video, fetched, errors, gaps, segments, samples, shown, level, until,
                        audio, isEnded: () => ended });
window.ready = true;
</script>"""


@dataclass(frozen=True)
class Sitting:
    """A recorded sitting as an inspector's browser gets it."""

    manifest: dict[str, Any]
    segments: dict[str, bytes]  # WebM by the segment's id


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Where recordings are finalised; one for all tests, since it is slow to start."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as started:
        yield started


async def recorded(root: Path, pool: Executor, act: Callable[[Recorder], None]) -> Sitting:
    """What is kept of a sitting in which `act` gave the recorder its packets."""
    events = s.Events()
    service = RecordingService(root=root, key=s.KEY, clock=s.FakeClock(), pool=pool, on_event=events)
    await service.start()
    act(service.recorder("room", "anna", request_keyframe=lambda layer: None))
    await service.finish("room", "anna")
    manifest = service.manifest(events.of("segment_closed"))
    names = [one["id"] for one in manifest["segments"]]
    segments = {name: await s.stored(service, "room", "anna", name) for name in names}
    await service.close()
    return Sitting(manifest, segments)


def sit(sink: Recorder) -> None:
    """The sitting that the top of this file tells of."""
    tone = s.sound(10.02, always=True)
    clips = {0: s.pictures(640, 360, 15, 4.0), 4: s.pictures(320, 180, 15, 4.0, 4000),
             8: s.pictures(480, 270, 15, 2.0, 8000)}  # fmt: skip
    # One connection whose camera shrinks and grows at keyframes in midstream, as encoders do when the network narrows.
    changing = [replace(picture, at=picture.at + since) for since, clip in clips.items() for picture in clip]
    s.feed(sink, s.video_packets(changing, start=1000.0) + s.audio_packets(tone, start=1000.0))
    sink.closed()
    s.feed(sink, s.audio_packets(tone[:50], start=1014.0))
    sink.closed()
    again = s.pictures(640, 360, 15, 4.0, 17_000)
    s.feed(sink, s.video_packets(again, start=1017.0) + s.audio_packets(tone[:67], start=1017.0))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory, pool: Executor) -> Sitting:
    return await recorded(tmp_path_factory.mktemp("recordings"), pool, sit)


@pytest.fixture
def sitting(whole: Sitting) -> Sitting:
    """A test's own copy of the manifest."""
    return Sitting(deepcopy(whole.manifest), whole.segments)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@asynccontextmanager
async def player(
    browser: Browser, manifest: dict[str, Any], segments: dict[str, bytes], kept: Path = Path()
) -> AsyncIterator[Page]:
    """A page that plays a sitting; ends with an error when the page had one."""

    async def segment(request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"].split("-")[0]
        if name not in segments:
            raise web.HTTPNotFound
        return web.Response(body=segments[name], content_type="video/webm")

    async def file(request: web.Request) -> web.StreamResponse:
        """A segment by HTTP Range, as aiohttp serves files."""
        name = request.match_info["id"]
        path = kept / f"{name}.webm"
        path.write_bytes(segments[name])
        return web.FileResponse(path)

    async def manifest_json(_: web.Request) -> web.Response:
        return web.json_response(manifest)

    app = web.Application()
    app.router.add_get("/", _html)
    app.router.add_get("/manifest", manifest_json)
    app.router.add_get("/segment/{id}", segment)
    app.router.add_get("/file/{id}", file)
    app.router.add_static("/lib", LIBRARY)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    page = await browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    try:
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_function("window.ready", timeout=10_000)
        yield page
        assert problems == []
    finally:
        await page.close()
        await runner.cleanup()


async def _html(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


def wrong_in_time(samples: list[dict[str, Any]], more_than: int) -> list[Any]:
    """What keeps these from being more than so many pictures of which each is shown when the player says that it was
    taken, to 200 ms; empty when nothing does."""
    shown = len({one["says"] for one in samples})
    return [*([] if shown > more_than else [shown]), *(one for one in samples if abs(one["says"] - one["wall"]) >= 200)]


@pytest_asyncio.fixture(loop_scope="module")
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
        await page.evaluate("replay.rate = 2; replay.play()")
        assert await page.evaluate("until(isEnded, 15000)")
        errors = await page.evaluate("errors")
        assert [(code, details["segment"]) for code, details in errors] == [("segment_unavailable", "s0")]
        assert await page.evaluate("gaps.length") >= 1


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


# What has to run alone comes last: the recording is made, and the browser started, beside other tests.


# A browser that has to wait for a processor shows pictures late, or not at all, whatever the player does. What the
# player does wrong it does in each of so many plays; the bar has to be met, whole, in one. After seconds without a
# picture Chromium takes the long one for the pace and drops some of the next (35 to 41 of 45 are seen, on an idle
# machine too), which is why it is met in most plays and not in all.
PLAYS = 5


@pytest.mark.measured
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


@pytest.mark.measured
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
