"""A candidate without a microphone: told plainly, let in with picture only, and whoever looks knows (reading X46)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import LOOK, new_page, picture, shared_chromium, until
from tests.browser.entering import (
    confirm_admission,
    finished,
    has_sent,
    open_room,
    sign_in_staff,
    stage_is,
    take_photos,
)

pytestmark = pytest.mark.browser

# A computer that has a camera and no microphone.
NO_MICROPHONE = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) =>
  (wanted.audio ? Promise.reject(new DOMException("no", "NotFoundError")) : real(wanted));
"""


async def test_a_written_exam_is_taken_and_recorded_with_picture_only(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, _invigilator),
        shared_chromium(face=True) as browser,
    ):
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        page = await new_page(browser, errors, width=390, height=844)
        await page.add_init_script(NO_MICROPHONE)
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("sign-in-number").fill("001")
        await page.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await page.get_by_test_id("sign-in-submit").click()

        # The lack is said, and what has to be answered is the tone only.
        await page.locator("[data-testid=check-microphone][data-state=not_found]").wait_for()
        assert "bạn vẫn dự thi được, chỉ có hình" in await page.get_by_test_id("no-microphone").inner_text()
        assert await page.get_by_test_id("device-ok").is_disabled()
        await page.get_by_test_id("play-tone").click()
        await page.get_by_test_id("tone-not-heard").click()
        await page.get_by_test_id("diagnosis-speaker").get_by_text("Bạn vẫn thi được").wait_for()
        await picture(page, "check-no-microphone")
        await page.get_by_test_id("device-ok").click()
        for box in ("consent-box", "rules-box"):
            await page.get_by_test_id(box).check()
        await page.get_by_test_id("consent-ok").click()
        await take_photos(page)
        await page.locator("[data-testid=lobby-state][data-state=waiting]").wait_for()

        # The whole report of the device check, as the log keeps it (A24.1.1).
        report = live.state.sittings[candidate].device_report
        assert report == {
            "camera": {"ok": True, "label": report["camera"]["label"], "width": 640, "height": 360},
            "microphone": {"ok": False, "label": "", "level": 0, "cause": "not_found"},
            "speaker": {"ok": False},
            "network": {"ok": True, "round_trip_ms": report["network"]["round_trip_ms"]},
            "browser": "chrome/linux", "language": "vi",
        }  # fmt: skip
        assert report["camera"]["label"]
        assert report["network"]["round_trip_ms"] >= 0

        # After a reload what was answered stands.
        await page.reload()
        await page.locator("[data-testid=lobby-state][data-state=waiting]").wait_for()
        assert live.state.sittings[candidate].device_report["speaker"] == {"ok": False}

        # Invigilator and technician see it before they act.
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        entry = desk.get_by_test_id("queue-entry")
        await entry.get_by_text("Không có micro – chỉ có hình").wait_for()
        await desk.get_by_test_id("admit").click()
        await until(desk, f"({LOOK})('[data-testid=admit-video]')?.contrast > 10")
        said = await desk.get_by_test_id("admit-devices").inner_text()
        assert "Micro: chưa được" in said
        assert "Loa: không nghe được" in said
        assert "Mạng: tốt" in said
        assert "Không có micro" in said
        await picture(desk, "admit-no-microphone")
        help_desk = await new_page(browser, errors)
        await sign_in_staff(help_desk, server, "tech_support", "tech_support")
        await help_desk.get_by_test_id("choose-room").click()
        told = help_desk.locator(f"[data-testid=console-row][data-candidate={candidate}]")
        assert "Loa: không nghe được" in await told.get_by_test_id("console-devices").inner_text()
        assert await told.get_by_test_id("no-microphone").count() == 1
        await picture(help_desk, "console-no-microphone")

        # In the exam the picture is sent and recorded; that no sound comes is said where its level would stand.
        await confirm_admission(desk)
        await stage_is(page, "exam")
        said = await page.get_by_test_id("device-lost").inner_text()
        assert "chỉ hình được gửi và ghi" in said
        tile = desk.locator(f"[data-testid=tile][data-candidate={candidate}]")
        await tile.get_by_test_id("no-sound").wait_for()
        await tile.get_by_test_id("tile-recorded").wait_for()
        assert live.vitals()["candidates"][candidate]["sound"] is False
        await picture(desk, "wall-no-microphone")
        await tile.click()
        await desk.get_by_test_id("focus").get_by_test_id("no-sound").wait_for()
        clock.jump_to(exam.starts_at)
        await has_sent(live, candidate, packets=400)
        await finished(server, exam.room, candidate)

        # The replay has the picture, and says that the sound is missing.
        segment = max(live.segments(candidate), key=lambda each: each["video_frames"])
        assert segment["audio_packets"] == 0
        assert segment["video_frames"] > 20
        assert {"kind": "audio", "from_ms": 0, "to_ms": segment["duration_ms"]} in segment["holes"]
        inspector = await new_page(browser, errors)
        await sign_in_staff(inspector, server, "inspector", "inspector")
        await inspector.get_by_test_id("choose-room").click()
        await inspector.locator(f"[data-testid=sitting][data-candidate={candidate}]").click()
        await inspector.get_by_test_id("player-no-sound").wait_for()
        await inspector.get_by_test_id("no-microphone-recorded").get_by_text("thí sinh không có micro").wait_for()
        await inspector.get_by_test_id("player-play").click()
        await until(inspector, f"({LOOK})('[data-testid=player-video]')?.contrast > 10")
        await picture(inspector, "replay-no-sound")
    assert errors == []
