"""Real Chromiums with fake cameras, and what tests ask of their pages.

To start a browser costs more than most of what a test does in it, so the tests of a process share two, each test in
profiles of its own: cookies, storage, workers and caches are a profile's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.async_api import Browser, CDPSession, Error, Page, Playwright, async_playwright
from pytest_asyncio import is_async_test

from tests.browser.camera import portrait, tone

CHROMIUM = Path(os.environ.get("PROCTOR_CHROMIUM", "/usr/bin/chromium"))
ARTEFACTS = Path(os.environ.get("PROCTOR_ARTEFACTS", "test-artefacts"))
_DEVTOOLS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    # Playwright's own list, which this one replaces, and two popups of the address bar that nobody sees here: Chromium
    # loads a page for them with each window, which is half of what a window costs; nor a process kept in reserve for
    # the next page, which costs as much as a small one.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,"
    "SpareRendererForSitePerProcess",
]


def lends_to(url: str) -> str:
    """The argument by which it lends an address the camera, as it does to an encrypted page."""
    return f"--unsafely-treat-insecure-origin-as-secure={url}"


@contextlib.asynccontextmanager
async def chromium(
    playwright: Playwright,
    *,
    camera: Path | None = None,
    microphone: Path | None = None,
    executable: Path = CHROMIUM,
    home: Path | None = None,
) -> AsyncIterator[Browser]:
    """A browser whose camera and microphone play files; with `home`, one that trusts what is trusted there."""
    files = []
    if camera:
        files.append(f"--use-file-for-fake-video-capture={camera}")
    if microphone:
        files.append(f"--use-file-for-fake-audio-capture={microphone}")
    environment = {**os.environ, "HOME": str(home)} if home else None
    browser = await playwright.chromium.launch(
        executable_path=executable, args=[*_ARGUMENTS, *files], env=environment
    )
    try:
        async with _pictures_of_a_failure(browser):
            yield browser
    finally:
        await browser.close()


HERTZ = 440
_shared: dict[bool, Browser] = {}
_lasting = contextlib.AsyncExitStack()


@contextlib.asynccontextmanager
async def shared_chromium(*, face: bool = False) -> AsyncIterator[Browser]:
    """The browser that the tests of this process share; what a test opens in it is closed with the test. Its camera
    and microphone are Chromium's own test card and beep; with `face` it is another one, before which a person sits
    and a tone of `HERTZ` sounds."""
    if face not in _shared or not _shared[face].is_connected():
        _shared[face] = await _lasting.enter_async_context(_start(face))
    browser = _shared[face]
    try:
        async with _pictures_of_a_failure(browser):
            yield browser
    finally:
        for context in browser.contexts:
            await context.close()


@contextlib.asynccontextmanager
async def _start(face: bool) -> AsyncIterator[Browser]:
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        files = {"camera": portrait(folder / "1.y4m"), "microphone": tone(folder / "1.wav", HERTZ)} if face else {}
        async with async_playwright() as playwright, chromium(playwright, **files) as browser:
            yield browser


def one_loop(folder: Path, items: list[pytest.Item]) -> None:
    """Let the tests in a folder run on the one loop of the process, without which they cannot share a browser."""
    for item in items:
        if folder in item.path.parents and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


async def close_shared_chromiums() -> None:
    """At the end of the process's tests."""
    _shared.clear()
    await _lasting.aclose()


@contextlib.asynccontextmanager
async def _pictures_of_a_failure(browser: Browser) -> AsyncIterator[None]:
    """What the pages showed when the test failed."""
    try:
        yield
    except BaseException:
        for number, page in enumerate(page for context in browser.contexts for page in context.pages):
            with contextlib.suppress(Error):
                await picture(page, f"failed-{id(browser):x}-{number}")
        raise


async def new_page(
    browser: Browser,
    errors: list[str],
    *,
    width: int = 1366,
    height: int = 768,
    opens_offline: bool = False,
    **context_options: Any,
) -> Page:
    """A page in its own profile, in Vietnamese; scripts' errors go to `errors`.

    Only one that `opens_offline` may keep its files for that (`sw.js`): to load them all once more is a quarter of what
    coming in costs.
    """
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN",
                                        timezone_id="Asia/Ho_Chi_Minh", accept_downloads=True,
                                        service_workers="allow" if opens_offline else "block",
                                        **context_options)  # fmt: skip
    page = await context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    return page


async def until(page: Page, expression: str, argument: Any = None, seconds: float = 25) -> Any:
    """Wait until `expression`, possibly a promise, is true in the page; what it is then."""
    async with asyncio.timeout(seconds):
        while not (value := await page.evaluate(expression, argument)):
            await asyncio.sleep(0.1)
        return value


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot as an artefact of the run."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"{name}.png")


# What a <video> shows now: size, mean colour, and how much it differs from a flat surface.
LOOK = """(selector) => {
  const video = document.querySelector(selector);
  if (!video || !video.videoWidth) return null;
  const canvas = new OffscreenCanvas(64, 36), context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 64, 36);
  const { data } = context.getImageData(0, 0, 64, 36);
  const mean = [0, 0, 0]; let squares = 0;
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) mean[c] += data[i + c] / (64 * 36);
  for (let i = 0; i < data.length; i += 4) squares += (data[i] - mean[0]) ** 2 / (64 * 36);
  return { width: video.videoWidth, height: video.videoHeight, mean, contrast: Math.sqrt(squares),
           frames: video.getVideoPlaybackQuality().totalVideoFrames };
}"""

# The strongest frequency in a live stream's or a file's sound, in hertz, and its level in decibels.
LISTEN = """async (selector) => {
  const video = document.querySelector(selector);
  window.ears ??= new Map();
  const key = video.srcObject ?? video;
  if (!window.ears.has(key)) {
    const context = new AudioContext();
    await context.resume();
    const source = video.srcObject
      ? context.createMediaStreamSource(video.srcObject) : context.createMediaElementSource(video);
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    source.connect(analyser);
    if (!video.srcObject) analyser.connect(context.destination);
    window.ears.set(key, analyser);
  }
  const analyser = window.ears.get(key);
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  let best = 0;
  levels.forEach((level, bin) => { if (level > levels[best]) best = bin; });
  return { hertz: best * analyser.context.sampleRate / analyser.fftSize, level: levels[best] };
}"""


async def hears(page: Page, selector: str, hertz: float) -> None:
    """Wait until the loudest frequency of the element is `hertz`."""
    async with asyncio.timeout(20):
        while True:
            heard = await page.evaluate(LISTEN, selector)
            if abs(heard["hertz"] - hertz) < 12 and heard["level"] > -60:
                return
            await asyncio.sleep(0.2)


async def network(page: Page, *, offline: bool = False, upload_bytes_per_second: int = -1) -> None:
    """The network of this one page, from now on."""
    if page not in _DEVTOOLS:  # each session has its own idea of the network, and the strictest counts
        _DEVTOOLS[page] = await page.context.new_cdp_session(page)
        await _DEVTOOLS[page].send("Network.enable")
    devtools = _DEVTOOLS[page]
    await devtools.send(
        "Network.emulateNetworkConditions",
        {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload_bytes_per_second},
    )
