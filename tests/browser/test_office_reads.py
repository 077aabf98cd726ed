"""What the office receives it can read: the published lists, the log of a room, and its own log, in words."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import open_room, sign_in_staff
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
)

pytestmark = pytest.mark.browser


async def sit_and_hand_over(server: Server, clock: SteppedClock, exam: Exam) -> None:
    """001 is admitted and breaks the rules, nobody hands in; the lists are published, everything is handed over."""
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as first:
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(first, exam.room)
        await admit(invigilator, exam.candidates["001"])
        clock.jump_to(exam.starts_at)
        await first.hear("paper_key")
        noted = await invigilator.tell("note_violation", candidate=exam.candidates["001"], category="phone", text="Máy")
        await invigilator.tell("decide_violation", violation=noted["violation"], status="confirmed", reason="Thấy rõ")
        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=10))
        await invigilator.hear("room", lambda room: room["submission_closed"])
        await invigilator.tell("publish_lists")
        await first.tell("closing_seen", version=1)
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=10))
        await invigilator.hear("room", lambda room: room["phase"] == "ended")
        assert "handover" in await invigilator.tell("hand_over")


async def fits(page: Page, name: str) -> None:
    """Nothing to complain of for axe, at a laptop's size and a telephone's, and nothing wider than the screen."""
    for kind, width, height in (("", 1366, 768), ("-phone", 390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        await picture(page, f"{name}{kind}")
        assert await looked_at_by_axe(page, name) == []
        assert await page.evaluate(
            "[...document.querySelectorAll('dialog[open]')].every((one) => one.scrollWidth <= one.clientWidth)"
        )
    await page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.long  # tests/webclient/test_sentences.py
async def test_the_hand_over_is_read_in_words_before_and_after_the_receipt(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with shared_chromium() as browser:
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server)
            await sit_and_hand_over(server, clock, exam)
            page = await new_page(browser, errors)
            await sign_in_staff(page, server, "office", "office")
            await page.get_by_test_id("exam-open").click()
            await page.get_by_test_id("steer-open").click()
            dialog = page.get_by_test_id("steer-dialog")
            lists = page.get_by_test_id("published-lists")
            assert [line for line in (await lists.inner_text()).split("\n") if line] == [
                "Thí sinh không nộp bài", "001 Thí sinh 001", "Thí sinh vi phạm quy chế thi", "001 Thí sinh 001",
            ]  # fmt: skip
            delay = await page.get_by_test_id("handover-delay").inner_text()
            assert re.fullmatch(r"Thời gian từ giờ kết thúc đến khi bàn giao: 00:\d\d\.", delay)  # A14.2e sets none
            await page.get_by_test_id("lists-reached").locator("summary").click()
            assert "Đã xem: 001 Thí sinh 001" in await page.get_by_test_id("lists-reached").inner_text()
            await fits(page, "office-handover")
            assert await looked_at_by_axe(page, "office-handover") == []

            # The log opens over it, in words: the room's own, then that of one candidate, then incidents.
            await page.get_by_test_id("handover-log").click()
            log = page.get_by_test_id("room-log-dialog")
            await log.get_by_text("Cán bộ invigilator công khai cuối giờ, bản 1").wait_for()
            assert "23/11/2026" in await log.get_by_test_id("event").first.inner_text()
            assert await log.locator("[data-kind=violation_noted]").count() == 0
            await fits(page, "office-room-log")
            await page.get_by_test_id("room-log-candidate").select_option(exam.candidates["001"])
            await log.get_by_text("Cán bộ invigilator ghi nhận: Dùng điện thoại").wait_for()
            assert await log.locator("[data-kind=candidate_enrolled]").count() == 1
            await page.get_by_test_id("room-log-candidate").select_option("")
            await log.get_by_test_id("events-incidents").click()
            noted = log.locator("[data-kind=violation_noted][data-level=confirmed]")
            await noted.get_by_text("001 Thí sinh 001").wait_for()
            await fits(page, "office-room-log-incidents")
            await page.keyboard.press("Escape")
            await log.wait_for(state="detached")

            await page.get_by_test_id("steer-ok").click()
            await page.get_by_test_id("handover-received").get_by_text("Phòng Quản lý đào tạo đã nhận lúc").wait_for()
            await page.keyboard.press("Escape")
            await dialog.wait_for(state="detached")
            await page.get_by_test_id("steer-open").click()
            await lists.wait_for()
            assert await page.get_by_test_id("steer-ok").count() == 0, "it was received, once"
            await page.keyboard.press("Escape")
            await dialog.wait_for(state="detached")

            # Lists that are corrected later have to be handed over again, and the office is told.
            alarm = page.get_by_test_id("room-alarm")
            clock.jump_to(exam.starts_at + timedelta(minutes=105))
            async with await invigilator_page(server) as invigilator:
                await invigilator.join(exam.room)
                state = server.house.rooms.get(exam.room).state
                ((violation, noted),) = state.violations.items()
                decided = {"violation": violation, "status": "dismissed", "reason": "Nhầm"}
                await invigilator.tell("decide_violation", **decided, replaces=noted.decision.seq)
                assert await alarm.count() == 0
                await invigilator.tell("publish_lists", reason="Đính chính", replaces=state.acts["closing"].seq)
                await alarm.filter(has_text="chờ cán bộ coi thi bàn giao lại").wait_for()
                await picture(page, "office-handover-wanted")
                again = await invigilator.tell("hand_over")
                await alarm.filter(has_text="đã bàn giao").wait_for()
                assert await alarm.count() == 1
            await page.get_by_test_id("steer-open").click()
            await page.get_by_test_id("handover-delay").filter(has_text=re.compile(r": 10:\d\d")).wait_for()
            await page.get_by_test_id("steer-ok").click()
            await page.get_by_test_id("handover-received").wait_for()
            assert server.house.rooms.get(exam.room).state.handover.handover == again["handover"]

        # A server that started since lists the room as one that ended; whoever opens the exam reads the same.
        async with running(tmp_path, clock, listen=int(server.url.rsplit(":", 1)[1])) as server:
            await page.goto(f"{server.url}/office#exam={exam.exam}")
            await page.reload()
            await page.get_by_test_id("steer-open").click()
            await lists.get_by_text("Thí sinh 001").first.wait_for()
            await page.get_by_test_id("handover-log").click()
            await log.get_by_text("Phòng Quản lý đào tạo xác nhận đã nhận hồ sơ").first.wait_for()
    assert errors == []


async def test_the_offices_own_log_is_read_in_words_newest_first(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _, exam, _invigilator),
        await office_page(server) as office,
        shared_chromium() as browser,
    ):
        path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['002']}"
        assert "error" not in await office.put(f"{path}/extra-time", {"minutes": 5, "reason": "Khuyết tật"})
        await office.call("DELETE", path, {"reason": "Nghỉ học"})
        page, inspector = await new_page(browser, errors), await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("office-log-open").click()
        log = page.get_by_test_id("office-log-dialog")
        await log.get_by_test_id("office-event").first.wait_for()
        said = [line.split("\n")[-1] for line in await log.get_by_test_id("office-event").all_inner_texts()]
        room = "“Phòng 1, Triết học Mác - Lênin”"
        assert said[:3] == [
            f"Phòng Đào tạo đưa một thí sinh ra khỏi danh sách của {room}. Lý do: Nghỉ học",
            f"Phòng Đào tạo điều hành {room}: thêm giờ. Khuyết tật",
            "Phòng Đào tạo công bố kỳ thi “Triết học Mác - Lênin”",
        ]
        assert said[-1] == "Bắt đầu nhật ký của Phòng Quản lý đào tạo"
        assert PASSWORD not in " ".join(said)
        await fits(page, "office-own-log")

        await sign_in_staff(inspector, server, "inspector", "inspector")
        await inspector.get_by_test_id("office-log-open").click()
        await inspector.get_by_test_id("office-event").first.get_by_text("Nghỉ học").wait_for()
        await fits(inspector, "inspector-office-log")
    assert errors == []
