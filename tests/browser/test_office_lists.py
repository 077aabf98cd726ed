"""The office before an exam: lists in, codes and papers out, somebody moved, the whole planned again."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from playwright.async_api import Locator, Page, Route

from proctor.rehearsal.page import Page as RehearsalPage
from proctor.rehearsal.page import code
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import sign_in_staff
from tests.browser.test_office import open_exam, upload
from tests.support.clock import SteppedClock
from tests.support.house import Exam, Server, candidate_page, office_page, plan_exam, reach_lobby
from tests.support.pdf import pages

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(*rows: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


async def saved(page: Page, button: Locator) -> bytes:
    """The file that a click saves."""
    async with page.expect_download() as downloading:
        await button.click()
    return Path(await (await downloading.value).path()).read_bytes()


async def two_rooms(server: Server) -> tuple[Exam, str]:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        room = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"}))["room"]
    return exam, room


def card(page: Page, room: str) -> Locator:
    return page.locator(f"[data-testid=room][data-room={room}]")


async def test_a_roster_comes_in_as_a_workbook_and_its_slips_go_out(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    _, room = await two_rooms(server)
    head = ("SBD", "Họ và tên", "Mã học viên", "Cùng địa điểm", "Hỗ trợ đề nghị", "Số phút thêm đề nghị")
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await open_exam(page, server)
        await card(page, room).get_by_test_id("roster-open").click()
        for form, begins in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
            assert (await saved(page, page.get_by_test_id(f"template-{form}"))).startswith(begins)

        roster = page.get_by_test_id("roster-input")
        await roster.set_input_files(upload("hai.xlsx", workbook(head, ("001", "Người khác"), ("", "Ai")), XLSX))
        await page.get_by_test_id("roster-rows").get_by_text("để trống").wait_for()
        await roster.set_input_files(upload("trung.xlsx", workbook(head, ("001", "Người khác")), XLSX))
        await page.get_by_test_id("roster-rows").get_by_text("đã có trong một phòng khác").wait_for()
        await picture(page, "office-roster-elsewhere")
        await roster.set_input_files(upload("khoa.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
        await page.get_by_test_id("roster-error").get_by_text(".xls").wait_for()
        assert await page.get_by_test_id("roster-import").is_disabled()

        good = workbook(
            (*head, "Ngày sinh"),
            ("101", "Nguyễn Thị Ngọc Ánh", "HV1", "Nhà A", "Cỡ chữ lớn, nghỉ giữa giờ", "15", "01/02/2003"),
            ("102", "Thí sinh 002", "", "Nhà A"),
        )
        await roster.set_input_files(upload("danh-sach.xlsx", good, XLSX))
        await page.get_by_test_id("roster-preview").get_by_text("Cỡ chữ lớn").wait_for()
        assert await page.locator("[data-testid=list-warning-rows] tr[data-code=same_name]").count() == 1
        assert "Mã học viên" in await page.get_by_test_id("list-columns").locator("p").first.inner_text()
        assert await page.get_by_test_id("list-ignored").inner_text() == "Không đọc các cột: “Ngày sinh”."
        await picture(page, "office-roster-preview")
        await page.get_by_test_id("roster-import").click()
        await page.get_by_test_id("codes-dialog").wait_for()
        codes = await page.get_by_test_id("code").all_inner_texts()
        await picture(page, "office-codes")
        (text,) = pages(await saved(page, page.get_by_test_id("codes-slips")))
        assert len(codes) == 2 and all(each in text for each in codes)
        assert "Nguyễn Thị Ngọc Ánh" in text
        told = (await saved(page, page.get_by_test_id("codes-download"))).decode("utf-8-sig")
        assert [row[2] for row in csv.reader(io.StringIO(told))] == ["Mã thi", *codes]
        await page.get_by_test_id("codes-close").click()

        await card(page, room).locator("summary").click()
        notes = card(page, room).locator("tr[data-number='101']").get_by_test_id("candidate-notes")
        await notes.get_by_text("Đề nghị (chưa duyệt): Cỡ chữ lớn, nghỉ giữa giờ, thêm 15 phút").wait_for()
        attendance = await saved(page, card(page, room).get_by_test_id("attendance"))
        assert "101 Nguyễn Thị Ngọc Ánh Nhà A" in pages(attendance)[0]
        assert "Họ và tên" in pages(attendance)[0]
        await page.get_by_test_id("language").click()
        attendance = await saved(page, card(page, room).get_by_test_id("attendance"))
        assert "Full name" in pages(attendance)[0], "in the language of the page"
        await page.get_by_test_id("language").click()
        await card(page, room).scroll_into_view_if_needed()
        await picture(page, "office-room-card")
    async with RehearsalPage(server.url, "candidate") as candidate:
        assert "error" not in await candidate.post("/api/sign-in/candidate", {"number": "101", "code": codes[0]})
    assert errors == []


async def test_codes_are_issued_anew_and_a_candidate_is_moved(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam, _ = await two_rooms(server)
    async with await office_page(server) as office:
        room = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 3"}))["room"]
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await open_exam(page, server)
        first = card(page, exam.room)
        await first.locator("summary").click()
        row = first.locator("tr[data-number='002']")
        await row.get_by_test_id("code-reissue").click()
        await page.get_by_text("Mã cũ hết hiệu lực ngay").wait_for()
        await page.get_by_test_id("codes-issue-confirm").click()
        issued = await page.get_by_test_id("code").inner_text()
        close = page.get_by_test_id("codes-close")
        await close.click()
        await page.get_by_text("Bạn chưa tải hay in").wait_for()
        await close.click()
        await page.get_by_test_id("codes-dialog").wait_for(state="detached")

        await row.get_by_test_id("move").click()
        await page.get_by_test_id("move-to").select_option(room)
        await picture(page, "office-move")
        await page.get_by_test_id("move-confirm").click()
        await page.get_by_test_id("move-dialog").wait_for(state="detached")
        await card(page, room).locator("summary").click()
        await card(page, room).locator("tr[data-number='002']").wait_for()
        assert await first.locator("tr[data-number='002']").count() == 0

        await first.get_by_test_id("codes-open").click()
        await page.get_by_test_id("codes-issue-confirm").click()
        await page.get_by_test_id("codes").wait_for()
        assert len(await page.get_by_test_id("code").all_inner_texts()) == 1
        for _ in range(2):
            await close.click()
        # From the start on nobody is moved (A14.2b.5); who does not sit the exam is still taken off the list.
        clock.jump_to(exam.starts_at)
        await first.get_by_test_id("move").wait_for(state="detached")
        await first.get_by_test_id("candidate-remove").wait_for()
    async with RehearsalPage(server.url, "candidate") as candidate:
        signed_in = await candidate.post("/api/sign-in/candidate", {"number": "002", "code": issued})
        assert signed_in["room"] == room
        for number in ("001", "002"):
            old = {"number": number, "code": exam.codes[number]}
            assert code(await candidate.post("/api/sign-in/candidate", old)) == "wrong_credentials"
    assert errors == []


async def test_a_staff_list_and_a_clone(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam, _ = await two_rooms(server)
    head = ("Tên đăng nhập", "Họ và tên", "Vai trò")
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("staff-open").click()
        await page.get_by_test_id("staff-list-open").click()
        staff = page.get_by_test_id("staff-input")
        await staff.set_input_files(upload("sai.xlsx", workbook(head, ("lan", "Lan", "Bảo vệ")), XLSX))
        await page.get_by_test_id("staff-rows").get_by_text("không phải tên một vai trò").wait_for()
        people = workbook(head, ("lan", "Lê Thị Lan", "Cán bộ coi thi"), ("minh", "Đỗ Minh", "Thanh tra"))
        await staff.set_input_files(upload("can-bo.xlsx", people, XLSX))
        await page.get_by_test_id("staff-preview").get_by_text("Cán bộ thanh tra").wait_for()
        await picture(page, "office-staff-preview")
        await page.get_by_test_id("staff-import").click()
        await page.get_by_test_id("passwords").wait_for()
        passwords = await page.get_by_test_id("password").all_inner_texts()
        await picture(page, "office-passwords")
        assert (await saved(page, page.get_by_test_id("passwords-download"))).count(b"\r\n") == 3
        await page.get_by_test_id("passwords-close").click()
        await page.get_by_test_id("staff-close").click()

        await page.get_by_role("button", name="Triết học").click()
        await page.get_by_test_id("clone-open").click()
        await page.get_by_test_id("clone-start").fill("2026-11-23T10:30")
        await page.get_by_test_id("clone-confirm").click()
        await page.get_by_test_id("clone-error").get_by_text("ở một phòng thi khác cùng giờ").wait_for()
        await page.get_by_test_id("clone-title").fill("Triết học, đợt 2")
        await page.get_by_test_id("clone-start").fill("2026-11-30T10:00")
        await page.get_by_test_id("clone-roster").check()
        await picture(page, "office-clone")
        await page.get_by_test_id("clone-confirm").click()
        await page.get_by_role("heading", name="Triết học, đợt 2").wait_for()
        assert await page.get_by_test_id("exam-heading").get_attribute("data-exam") != exam.exam
        await page.locator("summary").first.click()
        await page.get_by_text("Chưa cấp mã thi").first.wait_for()
        await picture(page, "office-cloned")
        await the_copies_go_again(page, server, exam)
    async with RehearsalPage(server.url, "invigilator") as invigilator:
        assert "error" not in await invigilator.sign_in("lan", passwords[0])
    assert errors == []


async def the_copies_go_again(page: Page, server: Server, exam: Exam) -> None:
    """One by a colleague while its name is being typed, which is told and loses nothing; another from this page."""
    mistake = await page.get_by_test_id("exam-heading").get_attribute("data-exam")
    await page.get_by_test_id("exam-edit").click()
    await page.get_by_test_id("exam-title").fill("Triết học, đợt hai")
    async with await office_page(server) as colleague:
        assert await colleague.call("DELETE", f"/api/exams/{mistake}") == {}
        again = {"title": "Nhập nhầm", "starts_at": "2026-12-01T03:00:00Z", "staff": True, "roster": True}
        assert "error" not in await colleague.post(f"/api/exams/{exam.exam}/clone", again)
    gone = page.get_by_test_id("draft-gone")
    await gone.wait_for()
    await page.get_by_test_id("exam-create").click()
    await page.get_by_test_id("exam-form-error").locator("[data-code=not_found]").wait_for()
    assert await page.get_by_test_id("exam-title").input_value() == "Triết học, đợt hai"
    await page.keyboard.press("Escape")
    await page.get_by_test_id("typed-discard").click()
    await gone.get_by_text("Bản nháp này đã bị xóa").wait_for()
    await page.get_by_role("button", name="← Kỳ thi").click()

    await page.get_by_role("button", name="Nhập nhầm").click()
    opener = page.get_by_test_id("draft-remove")
    await opener.focus()
    await page.keyboard.press("Enter")
    asking = page.get_by_test_id("draft-remove-dialog")
    await asking.get_by_text("“Nhập nhầm”").wait_for()
    await asking.get_by_text("danh sách thí sinh (2)").wait_for()  # the copy may still have been under way
    assert await asking.get_by_role("listitem").count() == 3, "rooms, candidates, plan; no paper was copied"
    assert await looked_at_by_axe(page, "draft-remove") == []
    await picture(page, "draft-remove")
    await page.keyboard.press("Escape")
    await asking.wait_for(state="detached")
    assert await opener.evaluate("(one) => document.activeElement === one")
    await page.keyboard.press("Enter")

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/api/exams/*", lose_the_answer, times=1)
    await page.get_by_test_id("draft-remove-ok").click()
    await page.get_by_test_id("draft-remove-error").locator("[data-code=network]").wait_for()
    await page.get_by_test_id("draft-remove-ok").click()  # says it again, of a draft that is gone by now
    told = page.locator("[role=status][data-testid=draft-removed]")
    await told.get_by_text("Đã xóa bản nháp “Nhập nhầm”.").wait_for()
    assert await page.evaluate("document.activeElement.tagName") == "H1"
    await picture(page, "draft-removed")
    assert await page.get_by_test_id("exam-open").count() == 1
    await page.evaluate("(exam) => { location.hash = `exam=${exam}`; }", exam.exam)  # as Forward goes, past the list
    await page.get_by_test_id("exam-heading").wait_for()
    await page.go_back()
    await page.get_by_test_id("exam-open").wait_for()
    assert await told.count() == 0, "said once"
    await page.get_by_test_id("exam-open").click()
    await page.get_by_test_id("exam-heading").wait_for()
    assert await opener.count() == 0, "what was published stays"
    assert [one.exam for one in await server.house.exams.all_exams()] == [exam.exam]


@pytest.mark.long  # tests/test_staff_passwords.py
async def test_whoever_forgot_a_password_is_told_another_one(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    await two_rooms(server)
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("staff-open").click()
        row = page.locator("[data-testid=staff-list] [data-name=invigilator]")
        await picture(page, "office-staff")
        await row.get_by_test_id("password-reset").click()
        await page.get_by_test_id("password-reset-dialog").get_by_text("bị đăng xuất ở mọi nơi").wait_for()
        await picture(page, "office-password-reset")
        await page.get_by_test_id("password-reset-confirm").click()
        password = await page.get_by_test_id("password").inner_text()
        assert await looked_at_by_axe(page, "another password") == []
        await picture(page, "office-password-told")
        assert password.encode() in await saved(page, page.get_by_test_id("passwords-download"))
        await page.get_by_test_id("passwords-close").click()
        await page.get_by_test_id("passwords-dialog").wait_for(state="detached")
        await page.set_viewport_size({"width": 390, "height": 844})
        await picture(page, "office-staff-phone")
        await row.get_by_test_id("password-reset").click()
        await page.get_by_test_id("password-reset-confirm").click()
        again = await page.get_by_test_id("password").inner_text()
        await picture(page, "office-password-told-phone")
        await page.get_by_test_id("passwords-close").click()
        await page.get_by_test_id("passwords-close").click()
        await page.get_by_test_id("staff-close").click()
        await page.get_by_test_id("office-log-open").click()
        log = page.get_by_test_id("office-log-dialog")
        await log.get_by_text("đặt lại mật khẩu tài khoản “invigilator” của Cán bộ invigilator").first.wait_for()
        assert again not in await log.inner_text()
    async with RehearsalPage(server.url, "invigilator") as invigilator:
        assert code(await invigilator.sign_in("invigilator", password)) == "wrong_credentials"
        assert "error" not in await invigilator.sign_in("invigilator", again)
    assert errors == []


@pytest.mark.long  # test_pages_for_everyone.py holds the office on a telephone
async def test_the_dialogs_fit_a_phone(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam, room = await two_rooms(server)
    head = ("SBD", "Họ và tên", "Mã học viên", "Cùng địa điểm", "Hỗ trợ đề nghị", "Số phút thêm đề nghị")
    good = workbook(head, ("101", "Nguyễn Thị Ngọc Ánh", "HV1", "Nhà A", "Cỡ chữ lớn", "15"))

    async def fits(page: Page, name: str) -> None:
        await picture(page, f"office-{name}-phone")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.evaluate(
            "[...document.querySelectorAll('dialog[open]')].every((one) => one.scrollWidth <= one.clientWidth)"
        )

    async with shared_chromium() as browser:
        page = await new_page(browser, errors, width=390, height=844)
        await open_exam(page, server)
        await fits(page, "exam")
        await card(page, room).get_by_test_id("roster-open").click()
        await page.get_by_test_id("roster-input").set_input_files(upload("a.xlsx", good, XLSX))
        await page.get_by_test_id("roster-preview").wait_for()
        await fits(page, "roster-preview")
        await page.get_by_test_id("roster-import").click()
        await page.get_by_test_id("codes").wait_for()
        await fits(page, "codes")
        for _ in range(2):
            await page.get_by_test_id("codes-close").click()
        await card(page, exam.room).locator("summary").click()
        await card(page, exam.room).scroll_into_view_if_needed()
        await fits(page, "room-card")
        await card(page, exam.room).get_by_test_id("move").first.click()
        await fits(page, "move")
        await page.keyboard.press("Escape")
        await page.get_by_test_id("clone-open").click()
        await fits(page, "clone")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="English").click()  # the office's own texts change with the others
        await page.get_by_role("button", name="Clone exam").wait_for()
        await page.reload()
        await page.get_by_role("button", name="Clone exam").wait_for()
    assert errors == []


@pytest.mark.long  # tests/exam/test_moving.py
async def test_who_is_moved_leaves_the_queue_of_the_old_room(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam, room = await two_rooms(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "invigilator", "invigilator")
        await page.get_by_test_id("queue-count").wait_for()
        await reach_lobby(candidate, exam.room)
        entry = page.get_by_test_id("queue-entry")
        await entry.wait_for()
        moved = await office.post(
            f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/move", {"to": room}
        )
        assert moved == {}
        await entry.wait_for(state="detached")
        assert await page.get_by_test_id("queue-count").inner_text() == "0"
    assert errors == []
