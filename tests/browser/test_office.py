"""The office makes mistakes, and is told at the place where they can be mended; nothing wrong is kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from proctor.rehearsal.page import Page as Staff
from proctor.rehearsal.page import code
from proctor.views import moment
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import open_room, paper_is_open, reach_the_lobby, sign_in_staff, stage_is
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    PDF,
    PLAN,
    Server,
    admit,
    candidate_page,
    office_page,
    plan_exam,
    reach_lobby,
)

pytestmark = pytest.mark.browser


def upload(name: str, content: bytes, kind: str = "application/pdf") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


async def open_exam(page: Page, server: Server) -> None:
    await sign_in_staff(page, server, "office", "office")
    await page.get_by_role("button", name="Triết học").click()
    await page.get_by_test_id("exam-heading").wait_for()


async def test_times_rosters_and_accounts_that_are_wrong(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam = await plan_exam(server)
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("exam-new").click()
        await page.get_by_test_id("exam-title").fill("Môn sai giờ")
        starts = await page.get_by_test_id("exam-starts_at").input_value()
        for field, value, words in (
            ("release_at", "2026-11-23T00:01", "không được sớm hơn giờ bắt đầu"),
            ("release_at", starts, None),
            ("submit_by", starts, "phải sau giờ phát đề"),
        ):
            await page.get_by_test_id(f"exam-{field}").fill(value)
            if words:
                await page.locator(f"#{field}_wrong").get_by_text(words).wait_for()
                assert await page.get_by_test_id(f"exam-{field}").get_attribute("aria-invalid") == "true"
                assert await page.get_by_test_id("exam-create").is_disabled()
        assert await page.get_by_test_id("exam-past").count() == 0
        await page.get_by_test_id("exam-starts_at").fill("2025-11-24T08:00")
        await page.get_by_test_id("exam-past").wait_for()  # a year that was mistyped
        await picture(page, "office-wrong-times")
        await page.keyboard.press("Escape")
        await page.get_by_test_id("typed-discard").click()
        assert [exam.title for exam in await server.house.exams.all_exams()] == ["Triết học Mác - Lênin"]

        await page.get_by_role("button", name="Triết học").click()
        await page.get_by_test_id("roster-open").click()
        roster = page.get_by_test_id("roster-input")
        people = "".join(f"{n:03},Người {n}\n" for n in range(3, 52))  # two are there already: 51
        head = "số báo danh,họ và tên\n"
        for text, where, words in (
            (head + "003,\n,Người\n003,Lặp lại\n003,Lặp lại\n", "roster-rows", "Số báo danh"),
            (head + people, "roster-error", "không quá 50"),
            ("tên,tuổi\nA,3\n", "roster-error", ""),
            ("", "roster-error", ""),
        ):
            await roster.set_input_files(upload("danh-sach.csv", text.encode(), "text/csv"))
            await page.get_by_test_id(where).get_by_text(words).first.wait_for()
            assert await page.get_by_test_id("roster-import").is_disabled()
        assert len(server.house.rooms.get(exam.room).state.sittings) == 2
        await page.keyboard.press("Escape")

        await page.go_back()  # to the list, and not away from the office
        await page.get_by_test_id("exam-new").wait_for()
        await page.go_forward()
        await page.get_by_test_id("exam-heading").wait_for()
        await page.go_back()
        await page.get_by_test_id("staff-open").click()
        for name, password, words in (("invigilator", PASSWORD, "đã có người dùng"), ("moi", "ngan", None)):
            await page.get_by_test_id("staff-full-name").fill("Cán bộ mới")
            await page.get_by_test_id("staff-name").fill(name)
            await page.get_by_test_id("staff-password").fill(password)
            await page.get_by_test_id("staff-create").click()
            if words:
                await page.get_by_test_id("staff-error").get_by_text(words).wait_for()
            else:
                assert await page.evaluate("document.querySelector('#staff_password').validity.tooShort")
        assert await server.house.people.staff_by_name("moi") is None
    async with await office_page(server) as office:
        short = {"name": "moi", "full_name": "Cán bộ mới", "role": "invigilator", "password": "ngan"}
        assert code(await office.post("/api/staff", short)) == "password_too_short"
    assert errors == []


async def test_papers_that_lie_are_too_large_or_come_too_late(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await open_exam(page, server)
        before = server.house.rooms.get(exam.room).state.paper
        paper = page.get_by_test_id("paper-input")
        for content, words in ((b"MZ not a PDF", "không phải PDF"), (b"%PDF-1.7" + bytes(20_000_000), "lớn hơn 20 MB")):
            (tmp_path / "de.pdf").write_bytes(content)
            await paper.set_input_files(tmp_path / "de.pdf")
            await page.get_by_test_id("paper-error").get_by_text(words).wait_for()
        assert server.house.rooms.get(exam.room).state.paper == before
        await paper.set_input_files(upload("de-moi.pdf", PDF + b"\n"))
        await page.get_by_test_id("paper-replace-confirm").click()
        replaced = page.get_by_test_id("paper-sealed")
        await replaced.wait_for()
        await page.get_by_test_id("paper-error").wait_for(state="detached")
        await page.wait_for_function(
            "(old) => !document.body.innerText.includes(old)", arg=before.sha256 if before else ""
        )
        await page.get_by_text("Đang nạp").wait_for(state="detached")  # the page may hear of it before the rooms
        now = server.house.rooms.get(exam.room).state.paper
        assert now != before

        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        await paper.set_input_files(upload("qua-muon.pdf", PDF))  # which is asked about while the first one is fetched
        await page.get_by_test_id("replace-pages").wait_for()
        await candidate.get(f"/api/rooms/{exam.room}/paper")
        await page.get_by_test_id("paper-locked").wait_for()
        assert await paper.count() == 0, "nor is it offered any more"
        await page.get_by_test_id("paper-replace-confirm").click()
        await page.get_by_test_id("paper-error").get_by_text("không thể thay").wait_for()
        assert server.house.rooms.get(exam.room).state.paper == now
        clock.advance(minutes=int(timedelta(hours=3) / timedelta(minutes=1)))
        async with page.expect_download() as pulling:
            await page.get_by_test_id("submissions").click()
        assert Path(await (await pulling.value).path()).read_bytes()[:2] == b"PK"
    assert errors == []


async def test_a_draft_is_corrected_until_it_is_right(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam = await plan_exam(server, candidates=3)
    async with await office_page(server) as office:
        await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng thừa"})
        await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "sửa giờ"})
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await open_exam(page, server)
        await page.get_by_test_id("exam-edit").click()
        before = await server.house.exams.exam(exam.exam)
        starts = await page.get_by_test_id("exam-starts_at").input_value()
        later = starts.replace("2026-11-23", "2026-11-24")
        await page.get_by_test_id("exam-starts_at").fill(later)
        await picture(page, "office-edit")
        await page.get_by_test_id("exam-create").click()
        await page.get_by_test_id("exam-form").wait_for(state="detached")
        now = await server.house.exams.exam(exam.exam)
        assert now.starts_at - before.starts_at == now.end_at - before.end_at == timedelta(days=1)

        await page.get_by_test_id("plan-open").click()
        await page.get_by_test_id("plan-grace").fill("10")
        number = page.get_by_test_id("plan-grace_decision-number")
        await number.fill("12/QĐ")  # a decision that is only begun is asked for, not thrown away
        await page.get_by_test_id("plan-save").click()
        assert await page.evaluate("document.querySelector('#grace_decision_signed_on').validity.valueMissing")
        await number.fill("")
        await page.get_by_test_id("plan-save").click()
        await page.get_by_test_id("plan-dialog").wait_for(state="detached")
        await page.locator("[data-code=grace_decision]").wait_for()  # and publication waits for it
        assert (await server.house.exams.exam(exam.exam)).plan.rules.upload_grace_minutes == 10

        assert await page.get_by_test_id("room-remove").count() == 1  # not the one with candidates
        await page.get_by_test_id("room-remove").click()
        await picture(page, "office-remove-room")
        await page.get_by_test_id("room-remove-ok").click()
        await page.get_by_role("heading", name="Phòng thừa").wait_for(state="detached")
        room = page.get_by_test_id("room")
        await room.locator("summary").click()
        row = room.locator("tr[data-number='003']")
        await row.get_by_test_id("candidate-remove").click()
        await page.get_by_test_id("reason").fill("xin thôi dự thi")
        await page.get_by_test_id("reason-ok").click()
        await row.wait_for(state="detached")
        assert len(server.house.rooms.get(exam.room).state.sittings) == 2
    assert errors == []


async def test_what_is_opened_next_begins_from_what_the_exam_is_now(server: Server, clock: SteppedClock) -> None:
    errors: list[str] = []
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "sửa giờ"})
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await open_exam(page, server)
        await page.get_by_test_id("exam-edit").click()
        await page.get_by_test_id("exam-title").fill("Triết học Mác")
        lists: asyncio.Queue[Route] = asyncio.Queue()
        await page.route("**/api/exams", lists.put)  # a slow network
        await page.get_by_test_id("exam-create").click()
        first, second = await lists.get(), await lists.get()  # the form's own, and the one that a change asks for
        assert await page.get_by_test_id("exam-form").is_visible(), "closed before the page knows what was saved"
        late = await first.fetch()
        async with await office_page(server) as office:
            await office.put(f"/api/exams/{exam.exam}/plan", {**PLAN, "form": "oral"})
        async with page.expect_response("**/api/exams") as newer:
            await second.continue_()
        await (await newer.value).finished()
        await first.fulfill(response=late)
        await page.unroute("**/api/exams", lists.put)
        await page.get_by_test_id("exam-form").wait_for(state="detached")
        await page.get_by_test_id("plan-open").click()
        await page.get_by_test_id("plan-save").click()
        await page.get_by_test_id("plan-dialog").wait_for(state="detached")
    assert errors == []


async def test_what_waits_in_a_room_stands_in_the_list_of_exams(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("exam-list").wait_for()
        until = (clock.now() + timedelta(minutes=40)).isoformat()
        delayed = await invigilator.tell("delay_release", until=until, reason="mất điện cả khu")
        assert "error" not in delayed, delayed
        alarm = page.get_by_test_id("exam-alarm")
        await alarm.get_by_text("mất điện cả khu").wait_for()
        await picture(page, "office-alarm")
        await page.set_viewport_size({"width": 390, "height": 844})
        await picture(page, "office-alarm-phone")
        await page.get_by_test_id("exam-open").click()
        await page.get_by_test_id("room-alarm").get_by_text("mất điện cả khu").wait_for()
        clock.jump_to(server.house.rooms.get(exam.room).state.release_due_at())
        await page.get_by_test_id("room-alarm").get_by_text("chưa phổ biến").wait_for()
    assert errors == []


async def staffed_anew(server: Server, room: str) -> None:
    """Another technician takes the old one's place, and has not taken the assignment yet."""
    async with await office_page(server) as office:
        people = {each["role"]: each["subject"] for each in (await office.get("/api/staff"))["staff"]}
        new = {"name": "stand-in", "full_name": "Kỹ thuật viên mới", "role": "tech_support", "password": PASSWORD}
        people["tech_support"] = (await office.post("/api/staff", new))["subject"]
        chosen = [people[role] for role in ("invigilator", "supervisor", "tech_support")]
        assert "error" not in await office.put(f"/api/rooms/{room}/staff", {"staff": chosen})


async def test_the_office_reads_a_room_as_it_stands(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        await office_page(server) as acting,
        await candidate_page(server, exam, "002") as second,
        shared_chromium() as browser,
    ):
        path, first = f"/api/rooms/{exam.room}", exam.candidates["001"]
        await staffed_anew(server, exam.room)
        wishing = "SBD,Họ và tên,Số phút thêm đề nghị\n101,Trần Văn Xin,5\n"
        assert "error" not in await acting.call("POST", f"{path}/roster", data=wishing.encode())

        # Nobody is a technician yet: the office is told, and the candidate what is waited for.
        page, candidate = await new_page(browser, errors), await new_page(browser, errors, width=390, height=844)
        await sign_in_staff(page, server, "office", "office")
        await page.locator("[data-testid=exam-alarm][data-code=unacknowledged]").get_by_text("kỹ thuật").wait_for()
        await picture(page, "office-unacknowledged")
        await reach_the_lobby(candidate, server, "001", exam.codes["001"])
        lobby = candidate.get_by_test_id("lobby-state")
        await lobby.get_by_text("thiếu cán bộ nhận nhiệm vụ: Cán bộ hỗ trợ kỹ thuật").wait_for()
        async with Staff(server.url, "tech_support") as technician:
            await technician.sign_in("stand-in", PASSWORD)
            assert "error" not in await technician.post(f"{path}/acknowledgement")
        await page.get_by_test_id("exam-alarm").wait_for(state="detached")
        await lobby.get_by_text("Bạn đã ở phòng chờ").wait_for()
        await reach_lobby(second, exam.room)
        assert "error" not in await invigilator.tell(
            "refuse_entry", candidate=exam.candidates["002"], reason="Không đúng người"
        )

        # Times that were moved, and more of them.
        shift = {"minutes": 10, "reason": "mất điện", "seen": moment(exam.starts_at + timedelta(minutes=90))}
        assert "error" not in await acting.post(f"{path}/times/shift", shift)
        await page.get_by_test_id("listed-submit_by").get_by_text("11:40").wait_for()
        extra = {"minutes": 4, "reason": "khuyết tật"}
        assert "error" not in await acting.put(f"{path}/candidates/{first}/extra-time", extra)
        await candidate.get_by_test_id("extra-time").get_by_text("11:44:00").wait_for()
        assert await candidate.locator(".lobby .facts").get_by_text("11:44:00").count() == 1
        await picture(candidate, "lobby-own-deadline-phone")
        await page.get_by_test_id("exam-open").click()
        await page.get_by_test_id("room-times").get_by_text("11:40:00").wait_for()

        # What was decided can still be read, and only read.
        await page.get_by_test_id("plan-open").click()
        assert await page.get_by_test_id("plan-form_decision-number").input_value() == "12/QĐ"
        assert await page.get_by_test_id("plan-form_decision-number").is_disabled()
        assert await page.get_by_test_id("plan-save").count() == 0
        assert await page.evaluate("document.querySelector('[data-testid=plan-dialog]').scrollTop") == 0
        await picture(page, "office-plan-published")
        await page.get_by_test_id("plan-close").click()

        # Who was refused, and who asks for time until it is granted.
        await page.get_by_test_id("room").locator("summary").click()
        rows = {number: page.locator(f"tr[data-number='{number}']") for number in ("001", "002", "101")}
        await rows["002"].get_by_text("Bị từ chối vào phòng").wait_for()
        await rows["002"].get_by_test_id("candidate-remove").wait_for()
        await rows["101"].get_by_text("Đề nghị (chưa duyệt): thêm 5 phút").wait_for()
        await page.get_by_test_id("steer-open").click()
        await page.get_by_test_id("steer-wishes").click()
        await page.get_by_test_id("steer-reason").fill("theo hồ sơ")
        await page.get_by_test_id("steer-move-end").check()
        await page.get_by_test_id("steer-ok").click()
        await page.get_by_test_id("steer-done").wait_for()
        await page.get_by_test_id("steer-ok").wait_for(state="detached")  # no wish is left to be granted
        await picture(page, "office-wishes-granted")
        await page.keyboard.press("Escape")
        await rows["101"].get_by_text("Được thêm 5 phút").wait_for()
        assert await rows["101"].get_by_text("chưa duyệt").count() == 0

        # Who is suspended, until the end and after it.
        assert "error" not in await admit(invigilator, first)
        await stage_is(candidate, "exam")
        clock.jump_to(server.house.rooms.get(exam.room).state.release_due_at())
        await paper_is_open(candidate)
        assert "error" not in await invigilator.tell("suspend", candidate=first, reason="Dùng tài liệu")
        await rows["001"].get_by_text("Bị đình chỉ thi: Dùng tài liệu").wait_for()
        await picture(page, "office-candidates-standing")
        clock.jump_to(exam.starts_at + timedelta(minutes=104, seconds=1))
        closed = candidate.get_by_test_id("after-submit-by")
        await closed.get_by_text("Vì bị đình chỉ nên bạn không nộp được bài").wait_for()
        assert await page.get_by_test_id("steer-open").count() == 1  # somebody else still has a minute
        clock.jump_to(exam.starts_at + timedelta(minutes=110))
        await candidate.get_by_test_id("over").get_by_text("đã bị đình chỉ: Dùng tài liệu").wait_for()
        await picture(candidate, "over-suspended-phone")
        await rows["001"].get_by_text("Bị đình chỉ thi: Dùng tài liệu").wait_for()
        await page.get_by_test_id("steer-open").wait_for(state="detached")  # nothing that the server would take
    assert errors == []
