"""Two invigilators of one room: the first to decide wins and the second is told; what is open goes from one to the
other by name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page as RehearsalPage
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_in_the_lobby, open_room, sign_in_staff
from tests.support.clock import SteppedClock
from tests.support.house import PASSWORD, Exam, Server, admit, candidate_page, office_page, reach_lobby

pytestmark = pytest.mark.browser

TILE = "[data-testid=tile][data-candidate={}]"


@contextlib.asynccontextmanager
async def second_invigilator(server: Server, exam: Exam) -> AsyncIterator[RehearsalPage]:
    """A stand-in, assigned while the room is open, and in the room."""
    office = server.house.office
    member = await office.create_staff(OPERATOR, "hai", "Nguyễn Thị Hai", "invigilator", PASSWORD)
    staff = server.house.rooms.get(exam.room).state.staff
    await office.assign_staff(OPERATOR, exam.room, [*staff, member.staff])
    async with RehearsalPage(server.url, "invigilator") as page:
        await page.sign_in("hai", PASSWORD)
        await page.join(exam.room)
        yield page


async def both_come(server: Server, exam: Exam, other: RehearsalPage, *pages: RehearsalPage) -> None:
    for page in pages:
        await reach_lobby(page, exam.room)
    await admit(other, *exam.candidates.values())


async def release(clock: SteppedClock, exam: Exam, page: RehearsalPage) -> None:
    clock.jump_to(exam.starts_at)
    await page.hear("paper_key")


async def reason(desk: Page, text: str) -> None:
    await desk.get_by_test_id("reason").fill(text)
    await desk.get_by_test_id("reason-ok").click()


async def test_the_second_of_two_is_told_who_was_first_and_may_then_decide_otherwise(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        second_invigilator(server, exam) as second,
        await candidate_page(server, exam, "001") as first_candidate,
        await candidate_page(server, exam, "002") as second_candidate,
        shared_chromium() as browser,
    ):
        one = exam.candidates["001"]
        await both_come(server, exam, other, first_candidate, second_candidate)
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await release(clock, exam, first_candidate)
        await desk.locator(TILE.format(one)).click()
        await desk.get_by_test_id("focus").wait_for()

        # Both suspend: the other is faster while this one still writes the reason.
        await desk.keyboard.press("z")
        await desk.get_by_test_id("suspend-dialog").wait_for()
        await second.tell("suspend", candidate=one, reason="Dùng điện thoại")
        await until(desk, "document.querySelector('[data-testid=suspend]').textContent.includes('làm tiếp')")
        await reason(desk, "Có người khác")
        told = desk.get_by_test_id("suspend-dialog").get_by_test_id("error")
        await told.get_by_text("Nguyễn Thị Hai đã đình chỉ lúc").wait_for()
        assert "(Dùng điện thoại)" in await told.inner_text()
        await picture(desk, "overtaken")
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("typed-discard").click()
        await desk.get_by_test_id("suspend").click()  # having seen it: let the candidate go on
        await reason(desk, "Đã giải thích")
        await first_candidate.hear("me", lambda me: me["suspended"] == "Dùng điện thoại")
        await until(desk, "document.querySelector('[data-testid=suspend]').textContent.includes('Đình chỉ')")

        # Both answer one question: who is slower reads the other's answer before sending a second one.
        asked = await first_candidate.tell("write_message", text="Trang 2 in mờ ạ.")
        await desk.get_by_test_id("focus-log").get_by_test_id("log-answer").click()
        await second.tell("send_message", to=[one], text="Đã gửi lại trang 2.", answers=asked["message"])
        told = desk.get_by_test_id("message-dialog").get_by_test_id("message-answered")
        assert "Nguyễn Thị Hai đã trả lời lúc" in await told.inner_text()
        assert "“Đã gửi lại trang 2.”" in await told.inner_text()
        await picture(desk, "answered-by-another")
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("message-dialog").wait_for(state="detached")

        # A note that is dismissed counts no more; who dismissed may confirm after all.
        await second.tell("note_violation", candidate=one, category="phone")
        log = desk.get_by_test_id("focus-log")
        await log.get_by_test_id("violation-dismiss").click()
        await until(desk, "document.querySelector('[data-testid=chip-flagged] b').textContent === '1'")
        await reason(desk, "Chỉ là máy tính cầm tay")
        await log.locator("[data-status=dismissed]").wait_for()
        await until(desk, "document.querySelector('[data-testid=chip-flagged] b').textContent === '0'")
        await log.get_by_test_id("violation-confirm").click()
        assert await desk.get_by_test_id("reason-ok").is_disabled(), "a changed mind says why"
        await reason(desk, "Xem lại bản ghi: đúng là điện thoại")
        await log.locator("[data-status=confirmed]").wait_for()
        await until(desk, "document.querySelector('[data-testid=chip-flagged] b').textContent === '1'")

        # The camera is checked anew, with a finding that is not in order (A14.2c.5).
        await desk.get_by_test_id("check-again").click()
        await desk.get_by_test_id("found-failed").check()
        assert await desk.get_by_test_id("reason-ok").is_disabled(), "what is not in order has a reason"
        await picture(desk, "check-again")
        await reason(desk, "Camera quay lên trần")
        await desk.locator("[data-testid=found-camera][data-passed=false]").wait_for()
        assert "Camera quay lên trần" in await desk.get_by_test_id("found-camera").inner_text()
        await picture(desk, "check-found")
        events = [each for each in await log_of(server, exam) if each["kind"] == "check_made"]
        assert events[-1]["data"] | {"by": ""} == {
            "check": "camera", "passed": False, "reason": "Camera quay lên trần", "by": "", "photos": [],
        }  # fmt: skip
    assert errors == []


async def log_of(server: Server, exam: Exam) -> list[dict[str, object]]:
    async with await office_page(server) as office:
        events: list[dict[str, object]] = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        return events


@pytest.mark.long  # test_reached.py
async def test_briefings_receipts_and_what_is_open_are_named(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        second_invigilator(server, exam) as second,
        await candidate_page(server, exam, "001") as first_candidate,
        await candidate_page(server, exam, "002") as away,
        shared_chromium() as browser,
    ):
        two = exam.candidates["002"]
        await both_come(server, exam, other, first_candidate, away)
        desk, supervisor = await new_page(browser, errors), await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await sign_in_staff(supervisor, server, "supervisor", "supervisor")
        await supervisor.get_by_test_id("glance-unbriefed").wait_for()

        # Who is away during the briefing gets it alone on coming back.
        await away.leave()
        await other.hear("sitting", lambda sitting: sitting["candidate"] == two and not sitting["connected"])
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("brief-rules").click()
        await first_candidate.hear("me", lambda me: me["briefed"] == ["rules"])
        await desk.keyboard.press("Escape")
        welcome = await away.join(exam.room)
        assert welcome["me"]["briefed"] == ["rules"]
        given = [each for each in await log_of(server, exam) if each["kind"] == "briefing_given"]
        assert [(each["candidate"], each["data"]["topic"]) for each in given] == [(two, "rules")]  # type: ignore[index]

        # A delay and a release that waits stand in the supervisor's overview.
        until_then = (exam.starts_at + timedelta(minutes=5)).isoformat()
        await second.tell("delay_release", until=until_then, reason="Chờ mạng")
        await supervisor.get_by_test_id("glance-release-delayed").get_by_text("Chờ mạng").wait_for()
        clock.jump_to(exam.starts_at + timedelta(minutes=5))
        await first_candidate.hear("paper_key")

        # The other briefing is missing: the alarm stays over the release, for both, until somebody takes note.
        notice = desk.get_by_test_id("briefings-missing")
        await notice.get_by_text("Hướng dẫn nộp bài").wait_for()
        missing = supervisor.get_by_test_id("glance-briefings-missing")
        await missing.wait_for()
        await picture(desk, "briefings-missing")
        await picture(supervisor, "supervisor-briefings-missing")
        assert await looked_at_by_axe(supervisor, "supervisor, a missing briefing") == []
        await desk.get_by_test_id("briefings-missing-noted").click()
        await notice.wait_for(state="detached")
        await missing.wait_for(state="detached")

        # A correction: who has it, who has not.
        async with await office_page(server) as office:
            given = {"nature": "correction", "title": "Câu 2", "text": "Đọc là 1945"}
            material = (await office.post(f"/api/rooms/{exam.room}/materials", given))["material"]
        await first_candidate.tell("material_received", material=material)
        await desk.get_by_test_id("log-toggle").click()
        receipts = desk.get_by_test_id("receipts")
        await receipts.get_by_text("1/2 thí sinh đã nhận").wait_for()
        await receipts.locator("summary").click()
        assert "Chưa nhận: 002 Thí sinh 002" in await receipts.inner_text()
        await picture(desk, "material-receipts")

        # The shift goes over with what is open: of whom, and what.
        await first_candidate.tell("write_message", text="Em không thấy trang 2")
        await second.tell("note_violation", candidate=two, category="materials")
        staff = server.house.rooms.get(exam.room).state.staff.values()
        me = next(each.staff for each in staff if each.full_name == "Cán bộ invigilator")
        await second.tell("offer_shift", to=me, note="Về sớm")
        offered = desk.get_by_test_id("take-shift")
        await offered.wait_for()
        for key in ("Space", "Enter"):  # of somebody who is typing: they take no room
            await desk.keyboard.press(key)
        assert server.house.rooms.get(exam.room).state.shift is not None
        await desk.keyboard.press("Escape")
        await offered.wait_for(state="detached")
        await desk.get_by_test_id("shift-put-off").get_by_text("giao ca cho bạn").wait_for()
        await desk.get_by_test_id("shift-open-again").click()
        await offered.wait_for()
        matters = await desk.get_by_test_id("matter").all_inner_texts()
        said = next(text for text in matters if "Tin nhắn" in text)
        noted = next(text for text in matters if "Vi phạm" in text)
        assert "001 Thí sinh 001 · “Em không thấy trang 2”" in said
        assert "002 Thí sinh 002 · Dùng tài liệu" in noted
        await picture(desk, "take-shift")
        assert await looked_at_by_axe(desk, "take the shift") == []
        # A matter that came while they were read has to be read too.
        await first_candidate.tell("raise_hand")
        await desk.get_by_test_id("shift-take").click()
        await desk.get_by_test_id("take-shift").locator("[data-code=matters_changed]").wait_for()
        assert len(await desk.get_by_test_id("matter").all()) == len(matters) + 1
        await desk.get_by_test_id("matter").get_by_text("Giơ tay: 001 Thí sinh 001").wait_for()
        await desk.get_by_test_id("shift-take").click()
        await desk.get_by_test_id("take-shift").wait_for(state="detached")
        taken = {str(each["kind"]): each["data"] for each in await log_of(server, exam)}
        assert len(taken["shift_taken"]["matters"]) == len(matters) + 1  # type: ignore[index]
        assert "missing_briefings_acknowledged" in taken

        # And back, to somebody whom the office takes off the room before the shift is taken.
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("shift-open").click()
        await desk.get_by_test_id("reason-ok").click()
        await second.hear("staff", lambda told: told["shift"] is not None and told["shift"]["by"] == me)
        left = [each.staff for each in staff if each.full_name != "Nguyễn Thị Hai"]
        await server.house.office.assign_staff(OPERATOR, exam.room, left)
        lapsed = desk.get_by_test_id("shift-lapsed")
        await lapsed.get_by_text("Nguyễn Thị Hai không còn coi thi").wait_for()
        await desk.keyboard.press("Escape")
        await picture(desk, "shift-lapsed")
        assert await looked_at_by_axe(desk, "a shift that lapsed") == []
        await desk.get_by_test_id("shift-lapsed-noted").click()
        await lapsed.wait_for(state="detached")
        # Whatever else is told of the staff does not bring back what was noted.
        third = await server.house.office.create_staff(OPERATOR, "ba", "Lê Văn Ba", "invigilator", PASSWORD)
        await server.house.office.assign_staff(OPERATOR, exam.room, [*left, third.staff])
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("shift-open").click()
        await desk.locator("#shift_to option").filter(has_text="Lê Văn Ba").wait_for(state="attached")
        assert await lapsed.count() == 0, "who noted it is not told again"
    assert errors == []


async def test_a_release_that_waits_is_seen_by_the_supervisor_and_the_lists_by_who_was_refused(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page, supervisor = await new_page(browser, errors, width=390, height=844), await new_page(browser, errors)
        await sign_in_staff(supervisor, server, "supervisor", "supervisor")
        await open_in_the_lobby(page, server, exam, "001")
        one = exam.candidates["001"]
        await invigilator.hear("sitting", lambda known: known["candidate"] == one and known["state"] == "waiting")
        await invigilator.tell("refuse_entry", candidate=one, reason="Không đủ điều kiện dự thi")
        present = supervisor.get_by_test_id("glance").locator(".people .badge.ok")
        await present.wait_for()
        await invigilator.leave()
        await present.wait_for(state="detached")
        clock.jump_to(exam.starts_at)
        held = supervisor.get_by_test_id("glance-release-held")
        await held.wait_for()
        await picture(supervisor, "supervisor-release-held")
        await invigilator.join(exam.room)
        await held.wait_for(state="detached")
        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=10))
        await invigilator.hear("room", lambda room: room["submission_closed"])
        await invigilator.tell("publish_lists")
        await page.get_by_test_id("closing-lists").wait_for()
        await picture(page, "lists-refused")
        await invigilator.hear("sitting", lambda known: known["candidate"] == one and known["lists_seen"] == 1)
    assert errors == []


@pytest.mark.long  # test_uninvited.py holds dialogs that lose their ground
async def test_a_dialog_about_somebody_whom_the_office_takes_off_the_roster_leaves_the_page_alive(
    tmp_path: Path,
) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, _other),
        await candidate_page(server, exam, "001") as first_candidate,
        await candidate_page(server, exam, "002") as second_candidate,
        shared_chromium() as browser,
    ):
        one, two = exam.candidates.values()
        for page in (first_candidate, second_candidate):
            await reach_lobby(page, exam.room)
        desk, support = await new_page(browser, errors), await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await sign_in_staff(support, server, "tech_support", "tech_support")
        await support.get_by_test_id("choose-room").click()
        await support.locator(f"[data-testid=console-row][data-candidate={one}]").get_by_test_id("console-open").click()
        await support.get_by_test_id("console-person").wait_for()
        rosters = server.house.rosters

        await desk.locator(f"[data-testid=admit][data-candidate={one}]").click()
        await desk.get_by_test_id("admit-refuse").click()
        await desk.get_by_test_id("reason").fill("Không đủ điều kiện")
        await rosters.remove(OPERATOR, exam.room, one, "Nhầm danh sách")
        await desk.get_by_test_id("gone-dialog").get_by_text("Chưa có gì thay đổi").wait_for()
        await picture(desk, "gone")
        assert await looked_at_by_axe(desk, "a candidate who is gone") == []
        await desk.keyboard.press("Escape")
        await support.get_by_test_id("console-person").wait_for(state="detached")

        # A note keeps its name while it is written, and the key takes nobody who is gone.
        await desk.locator(TILE.format(two)).click()
        await desk.get_by_test_id("focus").wait_for()
        await desk.keyboard.press("f")
        await desk.get_by_test_id("flag-phone").check()
        await rosters.remove(OPERATOR, exam.room, two, "Nhầm danh sách")
        await until(desk, "document.querySelector('[data-testid=queue-count]').textContent === '0'")
        await desk.get_by_test_id("flag-dialog").get_by_text("002 Thí sinh 002").wait_for()
        await desk.get_by_test_id("flag-save").click()
        await desk.get_by_test_id("flag-dialog").get_by_test_id("error").wait_for()
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("flag-dialog").wait_for(state="detached")
        await desk.keyboard.press("f")
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("run-dialog").wait_for()
        assert await desk.get_by_test_id("flag-dialog").count() == 0
    assert errors == []
