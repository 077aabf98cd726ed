"""A sitting, and a page of a real Chromium that plays it through webclient/lib/replay.js.

The sitting: picture and sound for 4 s at 640x360 and 4 s at 320x180 in one segment, 2 s at 480x270 in another, 4 s of
nothing, 3 s of sound alone, 4 s of both. Every picture shows its own time, which the page reads back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Error, Page

from proctor.recording.recorder import Recorder
from proctor.recording.service import RecordingService
from tests.recording import support as s

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


@asynccontextmanager
async def player(
    browser: Browser, manifest: dict[str, Any], segments: dict[str, bytes], kept: Path = Path()
) -> AsyncIterator[Page]:
    """A page that plays a sitting; ends with an error when the page had one. One after the other they share a window,
    which costs more than a page, each at an address of its own."""

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
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    page = browser.contexts[0].pages[0] if browser.contexts else await browser.new_page()
    problems: list[str] = []

    def keep(error: Error) -> None:
        problems.append(str(error))

    page.on("pageerror", keep)
    try:
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_function("window.ready", timeout=10_000)
        yield page
        assert problems == []
    finally:
        page.remove_listener("pageerror", keep)
        await page.goto("about:blank")  # nothing of it plays on beside the next
        await runner.cleanup()


async def _html(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


def wrong_in_time(samples: list[dict[str, Any]], more_than: int) -> list[Any]:
    """What keeps these from being more than so many pictures of which each is shown when the player says that it was
    taken, to 200 ms; empty when nothing does."""
    shown = len({one["says"] for one in samples})
    return [*([] if shown > more_than else [shown]), *(one for one in samples if abs(one["says"] - one["wall"]) >= 200)]
