"""What an invigilator does from the page to one candidate or to the room, and what those whom it concerns see of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from proctor.office_log import OPERATOR
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import (
    admit_from_queue,
    come_in,
    open_in_the_lobby,
    open_room,
    paper_is_open,
    saved_on_the_server,
    sign_in_staff,
    stage_is,
    start_writing,
)
from tests.support.house import PASSWORD, Exam, Server, candidate_page, reach_lobby

pytestmark = pytest.mark.browser


async def ask(desk: Page, control: str, words: str) -> None:
    await desk.get_by_test_id(control).click()
    await desk.get_by_test_id("reason").fill(words)
    await desk.get_by_test_id("reason-ok").click()
    await desk.get_by_test_id("reason-dialog").wait_for(state="detached")


async def photographs_anew(page: Page, subject: str, words: str) -> None:
    """The candidate reads what is asked for, and does it."""
    asked = page.get_by_test_id("asked-again").filter(has_text=words)
    await asked.wait_for()
    await until(page, "document.querySelector('dialog .booth video')?.videoWidth > 0")
    await asked.get_by_test_id(f"take-{subject}").click()
    await asked.get_by_test_id(f"keep-{subject}").click()
    await asked.wait_for(state="detached")


async def shows_devices_anew(page: Page, words: str) -> None:
    asked = page.get_by_test_id("asked-again").filter(has_text=words)
    await asked.wait_for()
    await asked.get_by_test_id("asked-done").click()
    await asked.wait_for(state="detached")


async def write(page: Page, words: str) -> None:
    """The candidate writes to the staff."""
    await page.get_by_test_id("talk-open").click()
    await page.get_by_test_id("talk-text").fill(words)
    await page.get_by_test_id("talk-send").click()
    await page.get_by_test_id("talk").locator("li.own").get_by_text(words).wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_test_id("talk").wait_for(state="detached")


async def test_who_waits_is_asked_again_is_refused_with_a_reason_and_comes_in_after_all(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, _other),
        shared_chromium() as browser,
    ):
        page, desk = await new_page(browser, errors), await new_page(browser, errors)
        live, one = server.house.rooms.get(exam.room), exam.candidates["001"]
        await open_in_the_lobby(page, server, exam, "001")
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("admit").click()
        dialog = desk.get_by_test_id("admit-dialog")
        first_card = live.state.sittings[one].photos["card"]
        for opener in ("ask-face", "check-again", "admit-refuse"):  # the keyboard goes on where it left off
            await desk.get_by_test_id(opener).click()
            await desk.get_by_test_id("reason").wait_for()
            await desk.keyboard.press("Escape")
            await desk.get_by_test_id("reason").wait_for(state="detached")
            await until(desk, f"document.activeElement.dataset.testid === '{opener}'")
        await ask(desk, "ask-card", "Thẻ bị lóa, chụp lại giúp cô.")
        waits = dialog.get_by_text("Đã yêu cầu chụp lại thẻ. Thẻ bị lóa")
        await waits.wait_for()
        await page.get_by_test_id("asked-again").get_by_text("Thẻ bị lóa").wait_for()
        await picture(desk, "asked-from-admission")
        await picture(page, "asked-in-the-lobby")
        await photographs_anew(page, "card", "Thẻ bị lóa")
        await waits.wait_for(state="detached")
        assert live.state.sittings[one].photos["card"] != first_card

        # Two at once: one after the other on the candidate's page.
        await ask(desk, "ask-device", "Kiểm tra lại loa.")
        await ask(desk, "ask-face", "Bỏ khẩu trang ra em.")
        await shows_devices_anew(page, "Kiểm tra lại loa.")
        await photographs_anew(page, "face", "Bỏ khẩu trang")

        # Not let in: the candidate reads why, and is let in when it is settled.
        await desk.get_by_test_id("admit-refuse").click()
        assert await desk.get_by_test_id("reason-ok").is_disabled(), "nobody is refused without a reason"
        await desk.get_by_test_id("reason-dialog").get_by_role("button", name="Không đủ điều kiện dự thi").click()
        await desk.get_by_test_id("reason-ok").click()
        await dialog.wait_for(state="detached")
        refused = page.get_by_test_id("lobby-state")
        await refused.get_by_text("chưa cho vào: Không đủ điều kiện dự thi").wait_for()
        await desk.get_by_test_id("queue-entry").get_by_text("Chưa cho vào: Không đủ điều kiện").wait_for()
        await picture(desk, "refused-queue")
        await picture(page, "refused-candidate")
        await write(page, "Em có giấy xác nhận của khoa ạ.")
        await desk.locator("[data-testid=attention-item][data-why=message]").wait_for()

        # What is being written while the admission comes is there in the exam, whichever way the dialog is closed.
        await page.get_by_test_id("talk-open").click()
        await page.get_by_test_id("talk-text").fill("Em gửi ảnh giấy xác nhận")
        await admit_from_queue(desk)
        await stage_is(page, "exam")
        talk, unsent = page.get_by_test_id("talk"), page.get_by_test_id("talk-open").get_by_text("viết dở")
        words = "Em gửi ảnh giấy xác nhận"
        for close in (talk.get_by_role("button", name="Đóng").click, lambda: page.keyboard.press("Escape")):
            await unsent.click()
            assert await page.get_by_test_id("talk-text").input_value() == words
            await page.get_by_test_id("talk-text").fill(words := f"{words} ạ")
            await close()
            await talk.wait_for(state="detached")
        await page.reload()  # nor does a reload lose it
        await unsent.click()
        assert await page.get_by_test_id("talk-text").input_value() == words
        await page.get_by_test_id("talk-send").click()
        await talk.locator("li.own").get_by_text("Em gửi ảnh").wait_for()
        await unsent.wait_for(state="detached")
        await page.reload()
        await stage_is(page, "exam")
        assert await unsent.count() == 0, "what was sent is not begun any more"
    assert errors == []


async def test_an_invigilator_cares_for_one_who_writes(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        shared_chromium() as browser,
    ):
        page, desk = await new_page(browser, errors, width=390, height=844), await new_page(browser, errors)
        one = exam.candidates["001"]
        await come_in(page, server, exam, "001", other)
        clock.jump_to(exam.starts_at)
        await paper_is_open(page)
        await sign_in_staff(desk, server, "invigilator", "invigilator")

        # A raised hand stands on the wall; who comes takes it down.
        await page.get_by_test_id("hand").press("Enter")
        await until(page, "document.querySelector('[data-testid=hand]').ariaPressed === 'true'")
        await until(page, "document.activeElement.dataset.testid === 'hand'")  # the keyboard's place was kept
        await desk.locator("[data-testid=attention-item][data-why=hand]").click()
        await desk.get_by_test_id("lower-hand").click()
        await desk.get_by_test_id("lower-hand").wait_for(state="detached")
        await until(page, "document.querySelector('[data-testid=hand]').ariaPressed === 'false'")

        # Asked for from the focus view, over the work.
        await ask(desk, "again-camera", "Hạ camera xuống để thấy tay em.")
        await picture(desk, "asked-from-focus")
        # What is written meanwhile stands in what has to be answered, and can be read there.
        assert "error" not in await other.tell("send_message", to=[one], text="Em ngồi gần lại một chút.")
        asked = page.get_by_test_id("asked-again")
        await asked.get_by_text("Em ngồi gần lại một chút.").wait_for()
        await picture(page, "asked-while-writing-phone")
        await asked.get_by_test_id("message-seen").click()
        await page.get_by_test_id("message").wait_for(state="detached")
        await shows_devices_anew(page, "thấy tay em")
        await ask(desk, "again-face", "")
        await photographs_anew(page, "face", "")

        # A leave, with its beginning and its end on both pages.
        await desk.get_by_test_id("absence-begin").click()
        await desk.get_by_test_id("reason-dialog").get_by_role("button", name="Đi vệ sinh").click()
        await desk.get_by_test_id("reason-ok").click()
        await page.get_by_test_id("absent").get_by_text("được phép rời chỗ từ").wait_for()
        back = desk.get_by_test_id("absence-end")
        await back.wait_for()
        await picture(desk, "absent-focus")
        await picture(page, "absent-candidate-phone")
        await back.click()
        await page.get_by_test_id("absent").wait_for(state="detached")
        await desk.get_by_test_id("absence-begin").wait_for()
        known = server.house.rooms.get(exam.room).state.sittings[one]
        assert (known.absent_since, known.hand_raised_at, known.asked) == (None, None, {})
    assert errors == []


async def second_desk(page: Page, server: Server, exam: Exam) -> None:
    """A stand-in, assigned while the room is open, comes in by a page."""
    office = server.house.office
    member = await office.create_staff(OPERATOR, "hai", "Nguyễn Thị Hai", "invigilator", PASSWORD)
    await office.assign_staff(OPERATOR, exam.room, [*server.house.rooms.get(exam.room).state.staff, member.staff])
    await sign_in_staff(page, server, "invigilator", "hai")
    await page.get_by_test_id("wall").wait_for()


async def test_the_shift_goes_from_page_to_page(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, _clock, exam, _other),
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        first, second = await new_page(browser, errors), await new_page(browser, errors, width=390, height=844)
        await sign_in_staff(first, server, "invigilator", "invigilator")
        await second_desk(second, server, exam)
        await reach_lobby(candidate, exam.room)
        await first.get_by_test_id("queue-entry").wait_for()
        await first.get_by_test_id("run-open").click()
        await first.get_by_test_id("shift-open").click()
        offer = first.get_by_test_id("shift-dialog")
        assert "Nguyễn Thị Hai (đang có mặt)" in await offer.locator("select").inner_text()
        await offer.get_by_test_id("reason").fill("Cô đi họp, còn một em chờ.")
        await picture(first, "shift-offer")
        await offer.get_by_test_id("reason-ok").click()
        await offer.wait_for(state="detached")
        await first.get_by_test_id("shift-waits").get_by_text("đã giao cho Nguyễn Thị Hai, chờ nhận").wait_for()
        taking = second.get_by_test_id("take-shift")
        await taking.get_by_text("Cô đi họp").wait_for()
        assert "001 Thí sinh 001" in await taking.get_by_test_id("matter").first.inner_text()
        assert await first.get_by_test_id("take-shift").count() == 0, "it was not offered to who offers it"
        await picture(second, "shift-take-phone")
        await second.get_by_test_id("shift-take").click()
        await taking.wait_for(state="detached")
        room = server.house.rooms.get(exam.room).state
        assert room.shift is None
        await first.get_by_test_id("shift-waits").wait_for(state="detached")
    assert errors == []


async def test_the_release_is_put_off_and_the_office_shifts_the_other_times_equally(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        shared_chromium() as browser,
    ):
        page, desk, office = [await new_page(browser, errors) for _ in range(3)]
        await come_in(page, server, exam, "001", other)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-open").click()
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("delay-open").click()
        delay = desk.get_by_test_id("delay-dialog")
        await delay.locator("select").select_option("15")
        await delay.get_by_test_id("reason").fill("Mất điện cả khu.")
        await picture(desk, "delay")
        await delay.get_by_test_id("reason-ok").click()
        await delay.wait_for(state="detached")
        await page.get_by_test_id("delayed").get_by_text("lùi đến 10:15:00: Mất điện cả khu.").wait_for()
        await page.get_by_test_id("paper-state").get_by_text("Mở lúc 10:15:00").wait_for()
        alarm = office.get_by_test_id("room-alarm")
        await alarm.get_by_text("đề nghị lùi 15 phút: Mất điện cả khu.").wait_for()

        await office.get_by_test_id("steer-open").click()
        assert await office.get_by_test_id("steer-minutes").input_value() == "15", "as much as was asked for"
        await office.get_by_test_id("steer-minutes").fill("15")
        await office.get_by_test_id("steer-reason").fill("Theo đề nghị của phòng thi.")
        await picture(office, "delay-office")
        await office.get_by_test_id("steer-ok").click()
        await office.get_by_test_id("steer-done").wait_for()
        await page.get_by_test_id("shifted").get_by_text("phát đề 10:15:00, hạn nộp bài 11:45:00").wait_for()
        await alarm.wait_for(state="detached")
        await until(office, "document.querySelector('[data-testid=steer-minutes]').value === '10'")
        await office.keyboard.press("Escape")  # what was sent is nothing that could be lost
        await office.get_by_test_id("steer-dialog").wait_for(state="detached")
        schedule = server.house.rooms.get(exam.room).state.schedule
        assert schedule.submit_by == exam.starts_at + timedelta(minutes=105)
        assert schedule.end_at == exam.starts_at + timedelta(minutes=110)
        clock.jump_to(exam.starts_at + timedelta(minutes=14))  # past what was planned: nothing is said to be missing
        await page.reload()  # its clock is measured anew
        await until(page, "/^(1:00|0?0:)/.test(document.querySelector('[data-testid=countdown] strong')?.textContent)")
        sealed = page.locator("[data-testid=paper-state][data-state=sealed]")
        await sealed.wait_for()
        assert "Mở lúc 10:15:00" in await sealed.inner_text()
        await picture(page, "delayed-candidate")
        clock.jump_to(exam.starts_at + timedelta(minutes=15))
        await paper_is_open(page)
        await page.get_by_test_id("delayed").wait_for(state="detached")
        await until(page, "/^1:(30|29):/.test(document.querySelector('[data-testid=countdown] strong').textContent)")
        await picture(page, "delay-candidate")
    assert errors == []


async def test_who_is_suspended_writes_and_sends_nothing_and_goes_on_by_itself(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        one = exam.candidates["001"]
        await start_writing(page, server, clock, exam, "001", other)
        await page.locator("#answer").fill("Câu 1.")
        await saved_on_the_server(page)

        # A file is on its way when the exam is suspended.
        held: asyncio.Queue[Route] = asyncio.Queue()
        await page.route("**/files/*", held.put)
        file = {"name": "bai.txt", "mimeType": "text/plain", "buffer": b"Bai lam"}
        await page.get_by_test_id("file-input").set_input_files(file)
        on_its_way = await held.get()
        assert "error" not in await other.tell("suspend", candidate=one, reason="Nghi ngờ trao đổi bài")
        await page.get_by_test_id("suspended").get_by_text("Nghi ngờ trao đổi bài").wait_for()
        await on_its_way.continue_()
        await page.unroute("**/files/*", held.put)
        refused = page.locator("[data-testid=file-pending][data-state=failed]")
        await refused.get_by_text("đình chỉ").wait_for()
        await page.get_by_test_id("late-files-suspended").get_by_text("bai.txt").wait_for()
        assert not await page.get_by_test_id("answer").is_editable()
        assert await page.get_by_test_id("file-input").is_disabled()
        assert await page.get_by_test_id("submit").is_disabled()
        assert await page.locator(".alerts .notice.high").count() == 1, "said once"
        await picture(page, "suspended-candidate")

        replaces = server.house.rooms.get(exam.room).state.sittings[one].acts["suspension"].seq
        # Let go on: what waited is sent, and nothing tells of it any more.
        assert "error" not in await other.tell("resume", candidate=one, reason="Không có căn cứ", replaces=replaces)
        await page.get_by_test_id("file").get_by_text("bai.txt").wait_for()
        assert await page.locator(".alerts .notice.high").count() == 0
        await page.locator("#answer").fill("Câu 1. Câu 2.")
        await saved_on_the_server(page)
        await page.get_by_test_id("submit").click()
        assert await page.get_by_test_id("submit-confirm").is_enabled()

        # The dialog that stays open over the deadline hands nothing in, and leads back to no work.
        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=10))
        await page.get_by_test_id("submit-over").wait_for()
        assert await page.get_by_test_id("submit-confirm").count() == 0
        assert await page.get_by_test_id("submit-back").inner_text() == "Đóng"
    assert errors == []
