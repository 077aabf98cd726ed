"""What the office plans and decides from its page: an exam of regime B from its withdrawal to its publication; with the
room under way, extra time that was wished for, a file for all, and somebody who came too late."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page

from proctor.exam.plan import RoomRules
from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page as RehearsalPage
from proctor.rehearsal.page import code
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import (
    admit_from_queue,
    open_room,
    paper_is_open,
    reach_the_lobby,
    sign_in_staff,
    stage_is,
    start_writing,
)
from tests.support.clock import MORNING, SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import (
    PASSWORD,
    UNIT,
    Exam,
    Server,
    invigilator_page,
    office_page,
    plan_exam,
    publish_exam_as,
    running,
    second_room,
)

pytestmark = pytest.mark.browser

LATE = 15  # minutes
SIGNED: FilePayload = {"name": "hướng dẫn.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 signed"}
DIGEST = hashlib.sha256(SIGNED["buffer"]).hexdigest()
WISHES = (
    "số báo danh,họ và tên,cùng địa điểm,số phút thêm đề nghị\n"
    "101,Trần Thị Một,Nhà văn hóa xã A,10\n"
    "102,Lê Văn Hai,Nhà văn hóa xã A,\n"
)


async def open_exam(page: Page, server: Server) -> None:
    await sign_in_staff(page, server, "office", "office")
    await page.get_by_test_id("exam-open").click()
    await page.get_by_test_id("exam-heading").wait_for()


async def test_the_office_takes_a_publication_back_and_plans_the_exam_by_regime_b(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        running(tmp_path, SteppedClock(MORNING, flowing=True)) as server,
        shared_chromium() as browser,
    ):
        exam = await plan_exam(server)
        for name, as_written in (("pho", UNIT.upper()), ("truong", UNIT)):
            await server.house.office.create_staff(OPERATOR, name, "Trưởng bộ môn", "unit_head", PASSWORD, as_written)
        page = await new_page(browser, errors)
        await open_exam(page, server)
        card = page.get_by_test_id("publication")
        assert await page.get_by_test_id("plan-save").count() == 0
        await page.get_by_test_id("withdraw").click()
        assert await page.get_by_test_id("reason-ok").is_disabled(), "who had a day fixed is told why it falls"
        await page.get_by_test_id("reason").fill("Chuyển sang quy chế đào tạo từ xa.")
        await picture(page, "withdraw")
        await page.get_by_test_id("reason-ok").click()
        await page.locator("[data-testid=publication][data-published=false]").wait_for()
        assert not server.house.rooms.get(exam.room).state.published

        await page.get_by_test_id("plan-open").click()
        await page.get_by_test_id("plan-programme").wait_for()
        await page.get_by_test_id("plan-regime").select_option("B")
        await page.get_by_test_id("plan-programme").wait_for(state="detached")
        assert await page.get_by_test_id("plan-party_consent-number").count() == 0, "consents are of regime A (A4)"
        unit = page.get_by_test_id("plan-unit")
        assert await unit.locator("option").all_inner_texts() == ["–", UNIT], "of those who have a head to confirm it"
        await unit.select_option(UNIT)
        await page.get_by_test_id("plan-ground").select_option("epidemic")
        await page.get_by_test_id("plan-description").fill("Dịch trong vùng")
        for part, value in (("number", "88/BGDĐT"), ("signed_on", "2026-11-02"), ("signer", "Bộ trưởng")):
            await page.get_by_test_id(f"plan-ministry_guidance-{part}").fill(value)
        await page.get_by_test_id("plan-late").fill(str(LATE))
        await page.get_by_test_id("plan-collect").check()
        guidance = page.get_by_test_id("plan-ministry_guidance-digest")
        await page.get_by_test_id("plan-ministry_guidance-copy").set_input_files(SIGNED)
        await guidance.get_by_text(DIGEST).wait_for()
        assert await page.get_by_test_id("plan-ministry_guidance-copy-chosen").inner_text() == SIGNED["name"]
        await page.get_by_test_id("plan-conditions-copy").set_input_files({**SIGNED, "buffer": b"another"})
        await page.get_by_test_id("plan-conditions-take-out").click()
        await page.get_by_test_id("plan-conditions-digest").wait_for(state="detached")
        assert await page.get_by_test_id("plan-conditions-copy-chosen").inner_text() == ""
        await guidance.scroll_into_view_if_needed()
        assert await looked_at_by_axe(page, "plan") == []
        await picture(page, "plan-regime-b")
        await page.set_viewport_size({"width": 390, "height": 844})
        await guidance.scroll_into_view_if_needed()
        await picture(page, "plan-regime-b-phone")
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.get_by_test_id("plan-save").click()
        await page.get_by_test_id("plan-dialog").wait_for(state="detached")
        unmet = page.get_by_test_id("unmet").locator("li")
        await unmet.and_(page.locator("[data-code=paper_confirmation]")).wait_for()
        assert await unmet.count() == 1, "nothing else is missing"
        assert await page.get_by_test_id("publish").is_disabled()
        await picture(page, "plan-regime-b-missing")
        await confirm_paper(server, exam)
        await unmet.wait_for(state="detached")
        await page.get_by_test_id("publish").click()
        await card.and_(page.locator("[data-published=true]")).wait_for()
        plan = (await server.house.exams.exam(exam.exam)).plan
        assert (plan.regime, plan.basis.ground, plan.basis.description) == ("B", "epidemic", "Dịch trong vùng")
        assert plan.unit == UNIT
        assert (plan.basis.ministry_guidance.digest, plan.conditions.digest) == (DIGEST, None)
        assert await entered_last(server) == DIGEST
        assert plan.rules == RoomRules(late_minutes=LATE, collect_saved=True)
        assert server.house.rooms.get(exam.room).state.rules == plan.rules, "the room learned it"

        # What was entered stands in the dialog when the exam is a draft again.
        await page.get_by_test_id("withdraw").click()
        await page.get_by_test_id("reason").fill("Sửa giờ.")
        await page.get_by_test_id("reason-ok").click()
        await page.locator("[data-testid=publication][data-published=false]").wait_for()
        await page.get_by_test_id("plan-open").click()
        assert await page.get_by_test_id("plan-regime").input_value() == "B"
        assert await page.get_by_test_id("plan-unit").input_value() == UNIT
        assert await page.get_by_test_id("plan-ministry_guidance-number").input_value() == "88/BGDĐT"
        assert await page.get_by_test_id("plan-late").input_value() == str(LATE)
        assert await page.get_by_test_id("plan-collect").is_checked()
        await guidance.get_by_text(DIGEST).wait_for()
    assert errors == []


async def entered_last(server: Server) -> str:
    """The digest of the ministry's guidance as the office's log has it."""
    async with await office_page(server) as office:
        log = (await office.get("/api/office/events"))["events"]
    plans = [each["data"]["plan"] for each in log if each["kind"] == "plan_set"]
    return str(plans[-1]["basis"]["ministry_guidance"]["digest"])


async def confirm_paper(server: Server, exam: Exam) -> None:
    """The head of the unit, without a browser."""
    async with RehearsalPage(server.url, "unit_head") as head:
        await head.sign_in("truong", PASSWORD)
        told = await head.get(f"/api/exams/{exam.exam}")
        digest = {"sha256": told["paper"]["sha256"]}
        assert "error" not in await head.post(f"/api/exams/{exam.exam}/paper/confirmation", digest)


async def with_wishes_and_a_limit(server: Server) -> Exam:
    """Two more candidates, from one place, and a limit for who comes late."""
    exam = await plan_exam(server, candidates=1)
    async with await office_page(server) as office:
        await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "Bổ sung"})
        imported = await office.call("POST", f"/api/rooms/{exam.room}/roster", data=WISHES.encode())
        for row in imported["candidates"]:
            exam.codes[row["number"]], exam.candidates[row["number"]] = row["code"], row["candidate"]
        await publish_exam_as(office, exam.exam, exam.room, rules={"late_minutes": LATE})
    return exam


async def steer(office: Page, act: str, reason: str) -> None:
    """Send what was filled in."""
    if reason:
        await office.get_by_test_id("steer-reason").fill(reason)
    await picture(office, f"steer-{act}")
    assert await looked_at_by_axe(office, f"steer-{act}") == []
    await office.get_by_test_id("steer-ok").click()
    await office.get_by_test_id("steer-done").wait_for()


async def test_a_publication_that_was_cut_short_says_what_stands_and_is_finished(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        running(tmp_path, SteppedClock(MORNING, flowing=True)) as server,
        shared_chromium() as browser,
    ):
        exam = await plan_exam(server)
        path = f"/api/exams/{exam.exam}/publication"
        async with await office_page(server) as office:
            second = await second_room(office, exam)
            assert "error" not in await office.call("DELETE", path, {"reason": "Đổi giờ"})
            commits = FailingCommit(server.house.rooms._engine)
            commits.failures = ["", "", "before"]  # the office's entry and one room's are written
            assert code(await office.post(path)) == "internal"
        page = await new_page(browser, errors)
        await open_exam(page, server)
        told = await page.get_by_test_id("partly-published").inner_text()
        assert sorted(re.findall(r"Phòng \d", told)) == ["Phòng 1", "Phòng 2"]
        assert "Chưa công bố" in told
        assert await page.get_by_test_id("withdraw").is_enabled()
        await picture(page, "partly-published")
        await page.get_by_test_id("publish").click()
        await page.get_by_test_id("partly-published").wait_for(state="detached")
        assert all(server.house.rooms.get(room).state.published for room in (exam.room, second))
    assert errors == []


@pytest.mark.long  # tests/test_wishes.py, tests/test_closing_day.py
async def test_the_office_grants_wishes_gives_a_file_and_lets_in_who_came_too_late(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        shared_chromium() as browser,
    ):
        exam = await with_wishes_and_a_limit(server)
        live, one = server.house.rooms.get(exam.room), exam.candidates["101"]
        page, late, office, desk = [await new_page(browser, errors) for _ in range(4)]
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            await start_writing(page, server, clock, exam, "101", invigilator)

        # Who shares a place with somebody is marked on the wall, and the place is named in the focus view.
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        tile = desk.locator(f"[data-testid=tile][data-candidate={one}]")
        await tile.get_by_test_id("tile-shares-place").get_by_text("Cùng địa điểm").wait_for()
        assert await desk.get_by_test_id("tile-shares-place").count() == 2, "and nobody else"
        await picture(desk, "shares-place")
        await tile.click()
        await desk.get_by_test_id("focus-shares-place").get_by_text("Nhà văn hóa xã A").wait_for()
        await picture(desk, "shares-place-focus")
        await desk.get_by_test_id("focus-close").click()

        await open_exam(office, server)
        await office.get_by_test_id("steer-open").click()
        await office.get_by_test_id("steer-wishes").click()
        assert await office.get_by_test_id("steer-wish").count() == 1
        await office.get_by_test_id("steer-move-end").check()
        await steer(office, "wishes", "Theo quyết định 7.")
        await page.get_by_test_id("extra-time").filter(has_text="10 phút").wait_for()
        assert {known.number: known.extra_minutes for known in live.state.sittings.values()} == {
            "001": 0, "101": 10, "102": 0,
        }  # fmt: skip

        await office.get_by_test_id("steer-material").click()
        await office.get_by_label("Loại").select_option("file")
        await office.get_by_test_id("steer-title").fill("Bảng số liệu")
        file = {"name": "bang.txt", "mimeType": "text/plain", "buffer": "Năm 2025: 8,02 %".encode()}
        # The button speaks the page's language; the browser's own field would speak the browser's.
        field = office.locator("#material_file")
        assert await field.locator("xpath=..").inner_text() == "Chọn tệp"
        assert await field.evaluate("(one) => getComputedStyle(one).clipPath") == "inset(50%)"
        await field.set_input_files(file)
        await office.get_by_test_id("material-file-chosen").get_by_text("bang.txt").wait_for()
        await steer(office, "material", "")
        given = page.get_by_test_id("material")
        await given.get_by_text("Bảng số liệu").wait_for()
        await picture(page, "material-file")
        address = await given.get_by_test_id("material-file").get_attribute("href")
        assert await page.evaluate("(it) => fetch(it).then((told) => told.text())", address) == "Năm 2025: 8,02 %"
        await page.get_by_test_id("material-received").click()
        await given.wait_for(state="detached")
        await page.get_by_test_id("materials").locator("summary").click()
        await page.get_by_test_id("materials").get_by_test_id("material-file").wait_for()

        # Past the limit nobody comes to the lobby, until the office makes an exception: then the page goes on by
        # itself, and what the others were given comes with the admission.
        clock.jump_to(exam.starts_at + timedelta(minutes=LATE + 1))
        await reach_the_lobby(late, server, "001", exam.codes["001"])
        await late.get_by_text("Đã quá giờ cho phép vào muộn").wait_for()
        await late.get_by_text("Đang chờ Phòng Quản lý đào tạo cho phép vào muộn").wait_for()
        await late.get_by_test_id("talk-open").click()
        await late.get_by_test_id("talk-text").fill("Em bị kẹt xe.")
        await late.get_by_test_id("talk-send").click()
        await late.get_by_test_id("talk").locator("li.own").wait_for()
        await late.keyboard.press("Escape")
        await picture(late, "too-late")
        asks = f"[data-testid=attention-item][data-why=message][data-candidate={exam.candidates['001']}]"
        await desk.locator(asks).wait_for()
        assert await desk.get_by_test_id("queue-entry").count() == 0
        await office.get_by_test_id("steer-shift").click()
        await office.get_by_test_id("steer-reason").fill("Kẹt xe")
        await office.get_by_test_id("steer-late").click()
        assert await office.get_by_test_id("steer-reason").input_value() == "Kẹt xe", "typed once, for whichever act"
        offered = await office.get_by_test_id("steer-candidate").locator("option").all_inner_texts()
        assert offered == ["– chọn –", "001 Thí sinh 001", "102 Lê Văn Hai"], "who is in the room came in time"
        await office.get_by_test_id("steer-candidate").select_option(exam.candidates["001"])
        await steer(office, "late", "Kẹt xe do lũ.")
        await late.locator("[data-testid=lobby-state][data-state=waiting]").wait_for()
        assert await late.get_by_text("Đã quá giờ cho phép vào muộn").count() == 0
        assert await late.get_by_test_id("material").count() == 0, "it is of the paper"
        await admit_from_queue(desk)
        await stage_is(late, "exam")
        await paper_is_open(late)
        await late.get_by_test_id("material").get_by_text("Bảng số liệu").wait_for()
        await late.get_by_test_id("material-received").click()
        await late.get_by_test_id("material").wait_for(state="detached")
    assert errors == []


@pytest.mark.long  # tests/test_one_at_a_time.py
async def test_two_who_assign_at_once_do_not_undo_one_another(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, _invigilator),
        await office_page(server) as colleague,
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await open_exam(page, server)
        await page.get_by_test_id("assign-open").click()
        stand_in = {"name": "hai", "full_name": "Cán bộ Hai", "role": "invigilator", "password": PASSWORD}
        person = (await colleague.post("/api/staff", stand_in))["subject"]
        staff = server.house.rooms.get(exam.room).state.staff
        assert "error" not in await colleague.put(f"/api/rooms/{exam.room}/staff", {"staff": [*staff, person]})
        await page.get_by_test_id("assign-save").click()
        await page.get_by_test_id("assign-dialog").get_by_text("Người khác vừa sửa nội dung này").wait_for()
        assert person in server.house.rooms.get(exam.room).state.staff
        await page.keyboard.press("Escape")
        await page.get_by_text("Cán bộ Hai (cán bộ coi thi").wait_for()
        await page.get_by_test_id("assign-open").click()
        assert await page.locator(f"[data-testid=assign-person][data-subject={person}]").is_checked()
        await page.get_by_test_id("assign-save").click()
        await page.get_by_test_id("assign-dialog").wait_for(state="detached")
    assert errors == []
