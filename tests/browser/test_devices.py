"""Camera and microphone that are refused, missing, busy, unplugged or muted: plain words, and a way on."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Route, async_playwright

from tests.browser.camera import portrait
from tests.browser.chromium import LOOK, chromium, new_page, picture, shared_chromium, until
from tests.browser.entering import (
    at_work,
    check_devices_and_agree,
    open_room,
    sign_in_candidate,
    sign_in_staff,
    start_writing,
)
from tests.support.house import Exam, Server, plan_exam

pytestmark = pytest.mark.browser

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
WINDOWS = CHROME.format("Windows NT 10.0; Win64; x64")
MAC = CHROME.format("Macintosh; Intel Mac OS X 10_15_7")
ANDROID = CHROME.format("Linux; Android 14; Pixel 8").replace(" Safari", " Mobile Safari")

# The browser answers like one whose camera cannot be opened; the microphone works.
NO_CAMERA = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.broken = true;
navigator.mediaDevices.getUserMedia = (wanted) =>
  (wanted.video && window.broken ? Promise.reject(new DOMException("no", "%s")) : real(wanted));
"""


# What a browser does when a device is pulled out: the track ends, and says so.
PULLED_OUT = """(kind) => {
  const [track] = document.querySelector('[data-testid=self-view]').srcObject[`get${kind}Tracks`]();
  track.stop();
  track.dispatchEvent(new Event('ended')); }"""

# How often the page negotiated a connection, and which wake locks it asked for.
WATCHED = """
window.offers = 0;
window.locks = [];
const describe = RTCPeerConnection.prototype.setLocalDescription;
RTCPeerConnection.prototype.setLocalDescription = function (...given) {
  window.offers += 1;
  return describe.apply(this, given);
};
const ask = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (kind) => {
  window.lock = await ask(kind);
  window.locks.push(kind);
  return window.lock;
};
"""


@pytest.mark.parametrize(
    ("agent", "error", "cause", "words"),
    [
        (WINDOWS, "NotAllowedError", "not_allowed", ["đang chặn camera", "thanh địa chỉ", "Windows › Cài đặt"]),
        (MAC, "NotAllowedError", "not_allowed", ["đang chặn camera", "Cài đặt hệ thống › Quyền riêng tư"]),
        (ANDROID, "NotAllowedError", "not_allowed", ["đang chặn camera", "Cài đặt › Ứng dụng"]),
        (WINDOWS, "NotReadableError", "in_use", ["chương trình khác đang dùng", "Trên Windows", "“Kiểm tra lại”"]),
        (MAC, "NotFoundError", "not_found", ["không tìm thấy camera", "“Kiểm tra lại”"]),
    ],
    ids=["refused-windows", "refused-mac", "refused-android", "busy-windows", "missing-mac"],
)
async def test_the_device_check_says_what_is_wrong_and_how_to_mend_it(
    server: Server, tmp_path: Path, agent: str, error: str, cause: str, words: list[str]
) -> None:
    errors: list[str] = []
    exam = await plan_exam(server)
    async with shared_chromium() as browser:
        page = await new_page(browser, errors, user_agent=agent)
        await page.add_init_script(NO_CAMERA % error)
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("sign-in-number").fill("001")
        await page.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await page.get_by_test_id("sign-in-submit").click()
        await page.locator(f"[data-testid=check-camera][data-state={cause}]").wait_for()
        said = await page.get_by_test_id("diagnosis-camera").inner_text()
        for word in words:
            assert word in said
        assert await page.get_by_test_id("check-microphone").get_attribute("data-state") == "ok"
        assert await page.get_by_test_id("device-ok").is_disabled()
        assert "trước giờ thi" in await page.get_by_test_id("check-cannot").inner_text()
        await picture(page, f"check-{cause}")
        await page.evaluate("window.broken = false")
        await page.get_by_test_id("device-retry").click()
        await until(page, "document.querySelector('[data-testid=check-camera]').dataset.state === 'ok'")
        await page.get_by_test_id("play-tone").click()
        await page.get_by_test_id("tone-heard").click()
        await page.locator("[data-testid=device-ok]:enabled").wait_for()
        assert "một ảnh từ camera được gửi" in await page.get_by_test_id("check-still").inner_text()  # before it is
    assert errors == []


async def test_who_has_no_camera_while_the_exam_runs_is_not_sent_to_a_time_before_it(tmp_path: Path) -> None:
    errors: list[str] = []
    async with at_work(tmp_path) as (page, server, _clock, exam):
        assert page.context.browser
        second = await new_page(page.context.browser, errors)
        await second.add_init_script(NO_CAMERA % "NotFoundError")
        await sign_in_candidate(second, server, "001", exam.codes["001"])
        await second.get_by_test_id("check-cannot").get_by_text("báo ngay").wait_for()  # once the clock is known
        said = await second.get_by_test_id("check-cannot").inner_text()
        assert "báo ngay" in said and "thiết bị khác" in said and "trước giờ thi" not in said, said
    assert errors == []


@pytest.mark.long  # tests/webclient/test_still.py measures such pictures as the page and the server do
async def test_a_dark_or_blurred_picture_is_said_at_the_check_and_told_to_the_invigilator(tmp_path: Path) -> None:
    errors: list[str] = []
    dark = portrait(tmp_path / "dark.y4m", tint=(0.1, 0.1, 0.1))
    blurred = portrait(tmp_path / "blurred.y4m", blur=8.0)
    async with (
        open_room(tmp_path) as (server, _clock, exam, _invigilator),
        async_playwright() as playwright,
        chromium(playwright, camera=dark) as in_the_dark,
        chromium(playwright, camera=blurred) as out_of_focus,
    ):
        await comes_with_a_poor_picture(
            in_the_dark,
            server,
            exam,
            "001",
            errors,
            fault="dark",
            check="Hình quá tối. Hãy bật đèn",
            lobby="Ảnh hơi tối",
        )
        still = camera_still(server, exam, "001")
        assert 0 < still.brightness < 45
        await comes_with_a_poor_picture(
            out_of_focus, server, exam, "002", errors, fault="blurred", check="Hình bị mờ. Hãy lau", lobby="Ảnh hơi mờ"
        )
        soft = camera_still(server, exam, "002")
        assert soft.brightness > 45
        assert 0 < soft.sharpness < 25

        desk = await new_page(in_the_dark, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        for number, measured, said in (
            ("001", f"sáng {round(still.brightness)}", "quá tối"),
            ("002", f"nét {round(soft.sharpness)}", "mờ"),
        ):
            await desk.locator(f"[data-testid=admit][data-candidate={exam.candidates[number]}]").click()
            told = desk.get_by_test_id("admit-still")
            assert measured in await told.inner_text()
            assert await told.locator(".badge").inner_text() == said
            await picture(desk, f"admit-poor-{number}")
            await desk.keyboard.press("Escape")
            await told.wait_for(state="detached")
    assert errors == []


async def comes_with_a_poor_picture(
    browser: Browser, server: Server, exam: Exam, number: str, errors: list[str], *, fault: str, check: str, lobby: str
) -> None:
    """A candidate reaches the lobby, and is told of the fault at the device check and there: advice, which keeps nobody
    out."""
    page = await new_page(browser, errors)
    await sign_in_candidate(page, server, number, exam.codes[number])
    await page.get_by_test_id("check-sight").get_by_text(check).wait_for()
    await picture(page, f"check-{fault}")
    await check_devices_and_agree(page)
    await page.get_by_test_id("dim").get_by_text(lobby).wait_for()


def camera_still(server: Server, exam: Exam, number: str) -> Any:
    """What the server measured of the picture of the device check."""
    return server.house.rooms.get(exam.room).state.sittings[exam.candidates[number]].photos["camera"]


async def test_the_device_check_tells_a_network_that_answers_late_or_not_at_all(server: Server) -> None:
    errors: list[str] = []
    exam = await plan_exam(server)
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        delay_s: float | None = 0.0

        async def answer(route: Route) -> None:
            if delay_s is None:
                await route.fulfill(status=503, body="")
                return
            await asyncio.sleep(delay_s)  # the slow network itself
            await route.continue_()

        await page.route("**/api/time", answer)
        line = page.get_by_test_id("check-network")
        await sign_in_candidate(page, server, "001", exam.codes["001"])
        for _ in range(10):  # an answer that waits for the processor is no slow network, and is measured anew
            await line.get_by_text(re.compile("ms – ")).wait_for()
            if "ms – tốt" in (said := await line.inner_text()):
                break
            async with page.expect_response("**/api/time"):
                await page.get_by_test_id("device-retry").click()
        assert "ms – tốt" in said
        assert await line.get_attribute("data-state") == "ok"

        delay_s = 0.3  # and the way to the server besides
        await page.get_by_test_id("device-retry").click()
        await line.get_by_text("hơi chậm, vẫn thi được").wait_for()
        assert await line.get_attribute("data-state") == "ok"
        told = re.search(r"(\d+) ms", await line.inner_text())
        assert told
        assert int(told[1]) >= 300
        await picture(page, "check-network-slow")

        delay_s = None
        await page.get_by_test_id("device-retry").click()
        await page.get_by_test_id("diagnosis-network").get_by_text("Không đo được mạng").wait_for()
        assert await line.get_attribute("data-state") == "network"
        assert "tốt" not in await line.inner_text()
        await picture(page, "check-network-lost")
        await page.get_by_test_id("play-tone").click()
        await page.get_by_test_id("tone-heard").click()
        await page.locator("[data-testid=device-ok]:enabled").wait_for()  # it keeps nobody out
    assert errors == []


async def test_a_camera_unplugged_in_the_exam_is_said_and_comes_back_into_the_recording(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await page.add_init_script(NO_CAMERA % "NotReadableError" + "window.broken = false;")
        clock.jump_to(exam.starts_at)  # no step of the clock within the recording
        await start_writing(page, server, clock, exam, "001", invigilator)
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        await large_layer(live, candidate, above=20)
        async with asyncio.timeout(10):
            while not server.house.recording.health()["sittings"][f"{exam.room}/{candidate}"]["segment"]:
                await asyncio.sleep(0.05)

        # What a browser does when a camera is pulled out: the track ends, and says so.
        await page.evaluate("window.broken = true")
        await page.evaluate(PULLED_OUT, "Video")
        said = await page.get_by_test_id("device-lost").inner_text()
        assert "Camera ngừng gửi hình" in said
        assert "rút" in said
        await page.locator("[data-testid=media-state][data-recorded=false]").wait_for()
        await picture(page, "camera-unplugged")
        await asyncio.sleep(1.5)  # the recording has to miss that much
        await page.locator("[data-testid=device-lost]", has_text="chương trình khác").wait_for()  # the page has tried
        await page.get_by_test_id("device-lost").get_by_text("rồi bấm “Mở lại camera và micro”").wait_for()
        await page.evaluate("window.broken = false")
        await page.get_by_test_id("reopen-devices").click()
        await page.get_by_test_id("device-lost").wait_for(state="detached")
        await page.locator("[data-testid=media-state][data-recorded=true]").wait_for()
        await until(page, f"({LOOK})('[data-testid=self-view]')?.frames > 3")
        await large_layer(live, candidate, above=20)
        await server.house.recording.finish(exam.room, candidate)
        async with asyncio.timeout(10):
            while not picture_missing(live.segments(candidate)) > 0.5:
                await asyncio.sleep(0.05)

        # Muted by a key of the computer, and back again.
        microphone = "document.querySelector('[data-testid=self-view]').srcObject.getAudioTracks()[0]"
        await page.evaluate(f"{microphone}.dispatchEvent(new Event('mute'))")
        said = await page.get_by_test_id("device-lost").inner_text()
        assert "Micro ngừng gửi tiếng" in said
        assert "đang tắt micro" in said
        await page.evaluate(f"{microphone}.dispatchEvent(new Event('unmute'))")
        await page.get_by_test_id("device-lost").wait_for(state="detached")
    assert errors == []


async def test_a_track_that_ends_or_stays_muted_is_opened_again_by_itself_and_the_screen_stays_on(
    tmp_path: Path,
) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await page.add_init_script(WATCHED)
        await start_writing(page, server, clock, exam, "001", invigilator)
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        await large_layer(live, candidate, above=20)
        assert await page.evaluate("[window.offers, window.locks]") == [1, ["screen"]]

        # After a call: the camera has ended, and no picture comes until the page has opened another one.
        await page.evaluate(PULLED_OUT, "Video")
        await page.get_by_test_id("device-lost").get_by_text("Trang đang tự mở lại").wait_for()
        await picture(page, "camera-mending")
        before = picture_packets(live, candidate)
        await page.get_by_test_id("device-lost").wait_for(state="detached")
        async with asyncio.timeout(10):
            while picture_packets(live, candidate) < before + 30:
                await asyncio.sleep(0.05)
        await until(page, f"({LOOK})('[data-testid=self-view]')?.frames > 3")

        # The microphone stays muted, as after a call on some phones.
        microphone = "document.querySelector('[data-testid=self-view]').srcObject.getAudioTracks()[0]"
        await page.evaluate(f"window.real = {microphone}.id")
        await page.evaluate(f"{microphone}.dispatchEvent(new Event('mute'))")
        await page.get_by_test_id("device-lost").wait_for()
        await page.get_by_test_id("device-lost").wait_for(state="detached")
        assert await page.evaluate(f"{microphone}.id !== window.real")
        async with asyncio.timeout(10):
            while live.media.connections.health()[candidate]["kbps"]["audio"] < 5:
                await asyncio.sleep(0.1)
        assert await page.evaluate("window.offers") == 1  # nothing was negotiated anew

        # Another page in front takes the lock away; whoever comes back has it again.
        await page.evaluate("window.lock.release()")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await until(page, "window.locks.length === 2 && !window.lock.released")
    assert errors == []


def picture_packets(live: Any, candidate: str) -> int:
    """Packets of the large picture that arrived so far."""
    return live.media.connections._publishers[candidate].streams["h"].packets


async def large_layer(live: Any, candidate: str, *, above: float) -> None:
    """Wait until the large picture arrives at more than such a rate, in kbit/s."""
    async with asyncio.timeout(20):
        while live.media.connections.health().get(candidate, {"kbps": {}})["kbps"].get("h", 0) <= above:
            await asyncio.sleep(0.1)


def picture_missing(segments: list[dict[str, Any]]) -> float:
    """The longest time without a picture that the recording tells of, in seconds: in a segment, or between two."""
    ends = [datetime.fromisoformat(segment["ended_at"]) for segment in segments]
    starts = [datetime.fromisoformat(segment["started_at"]) for segment in segments[1:]]
    between = [(start - end).total_seconds() for end, start in zip(ends, starts, strict=False)]
    inside = [
        (hole["to_ms"] - hole["from_ms"]) / 1000
        for segment in segments
        for hole in segment["holes"]
        if hole["kind"] == "video"
    ]
    return max([0.0, *between, *inside])


ZALO = ANDROID.replace("Pixel 8", "Pixel 8; wv") + " Zalo android/12100733 ZaloTheme/light ZaloLanguage/vi"


async def test_in_the_browser_of_another_application_the_way_out_comes_first_and_going_on_is_possible(
    server: Server,
) -> None:
    errors: list[str] = []
    async with shared_chromium() as browser:
        page = await new_page(
            browser, errors, width=390, height=844, user_agent=ZALO, permissions=["clipboard-read", "clipboard-write"]
        )
        await page.goto(f"{server.url}/candidate")
        said = await page.get_by_test_id("in-app").inner_text()
        for word in ("Hãy mở bằng Chrome", "bên trong Zalo", "Mở bằng trình duyệt"):
            assert word in said
        assert await page.get_by_test_id("sign-in").count() == 0
        link = await page.get_by_test_id("in-app-chrome").get_attribute("href") or ""
        assert link.startswith("intent://localhost:")
        assert "package=com.android.chrome" in link
        await page.get_by_test_id("in-app-copy").click()
        await page.get_by_test_id("in-app-copied").get_by_text("Đã sao chép").wait_for()
        assert await page.evaluate("navigator.clipboard.readText()") == f"{server.url}/candidate"
        await picture(page, "in-app")

        # Where there is no clipboard, the address is there to be marked and copied by hand.
        await page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
        await page.get_by_test_id("in-app-copy").click()
        marked = "(input) => [input.selectionStart, input.selectionEnd, input.value.length]"
        start, end, length = await page.get_by_test_id("in-app-address").evaluate(marked)
        assert (start, end) == (0, length)

        await page.get_by_test_id("in-app-go-on").click()
        await page.get_by_test_id("sign-in").wait_for()
        await page.reload()
        await page.get_by_test_id("sign-in").wait_for()  # said once
    assert errors == []
