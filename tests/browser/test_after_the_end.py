"""After the end, in the pages: an invigilator who loads the page anew closes the exam; candidates sign in and read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import admit, candidate_page, office_page, reach_lobby

pytestmark = pytest.mark.browser

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


async def test_the_room_is_closed_and_read_after_a_reload(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, other),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        shared_chromium() as browser,
    ):
        one, two = exam.candidates.values()
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await admit(other, one, two)
        clock.jump_to(exam.starts_at)
        await first.hear("paper_key")
        await other.tell("note_violation", candidate=two, category="phone", text="Cầm điện thoại")
        noted = await other.tell("note_violation", candidate=one, category="left_view", text="Rời khung hình")
        assert (await first.tell("submit", epoch=first.epoch, revision=0, text_sha256=EMPTY, files=[]))["submission"]
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("wall").wait_for()
        await desk.keyboard.press("b")
        words = "Mời cả phòng kiểm tra lại họ tên trên bài làm."
        await desk.get_by_test_id("message-text").fill(words)
        looking = {role: await new_page(browser, errors) for role in ("supervisor", "tech_support")}
        for role, page in looking.items():
            await sign_in_staff(page, server, role, role)
        await looking["supervisor"].get_by_test_id("glance-open").click()
        await looking["supervisor"].get_by_test_id("wall").wait_for()
        await looking["tech_support"].get_by_test_id("choose-room").click()
        await looking["tech_support"].get_by_test_id("console").wait_for()
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=10))

        # Who looked on sees that it is over, and nobody's picture missing.
        await looking["supervisor"].get_by_test_id("closed-room").get_by_text("Không còn hình").wait_for()
        assert await looking["supervisor"].get_by_test_id("run-open").count() == 0
        await looking["tech_support"].get_by_test_id("room-over").wait_for()
        await picture(looking["supervisor"], "over-supervisor")
        for page in looking.values():
            await page.close()

        # The wall makes room for what is left; what was being written stays, and is not sent any more.
        await desk.get_by_test_id("closed-room").wait_for()
        await desk.get_by_test_id("message-send").click()
        await desk.get_by_test_id("message-dialog").get_by_text("Buổi thi đã kết thúc").wait_for()
        assert await desk.get_by_test_id("message-text").input_value() == words
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("typed-discard").click()
        await desk.get_by_test_id("message-dialog").wait_for(state="detached")

        # It is the same after a reload.
        await desk.reload()
        closed = desk.get_by_test_id("closed-room")
        await closed.get_by_text("2 ghi nhận vi phạm chưa quyết định").wait_for()
        assert await desk.get_by_test_id("wall").count() == 0
        await picture(desk, "closed-room")
        await desk.keyboard.press("h")
        # The lists are read before they go out, and what is undecided is said.
        await desk.get_by_test_id("publish-lists").click()
        await desk.get_by_test_id("publish-dialog").get_by_text("Thí sinh 002").wait_for()
        await desk.get_by_test_id("publish-undecided").get_by_text("Còn 2 ghi nhận").wait_for()
        await picture(desk, "publish-preview")
        # Another invigilator confirms a violation meanwhile: nothing goes out that was not read.
        decided = {"violation": noted["violation"], "status": "confirmed", "reason": "Thấy rõ"}
        assert "error" not in await other.tell("decide_violation", **decided)
        await desk.get_by_test_id("publish-confirm").click()
        await desk.get_by_test_id("publish-dialog").get_by_text("Danh sách vừa thay đổi").wait_for()
        await desk.get_by_test_id("publish-dialog").get_by_text("Thí sinh 001").wait_for()
        assert server.house.rooms.get(exam.room).state.closing is None
        await picture(desk, "publish-changed")
        await desk.get_by_test_id("publish-confirm").click()
        await desk.get_by_test_id("run-dialog").get_by_test_id("published-lists").get_by_text("Thí sinh 002").wait_for()
        await desk.get_by_test_id("hand-over-not").get_by_text("Còn 1 ghi nhận vi phạm chưa quyết định").wait_for()
        assert await desk.get_by_test_id("hand-over").is_disabled()
        await desk.keyboard.press("Escape")
        await first.leave()
        await second.leave()

        # Who did not hand in signs in at another computer: the lists, and nothing to write.
        page = await new_page(browser, errors, width=390, height=844)
        await page.route("**/after_the_end.js", lambda route: route.abort(), times=1)
        await page.clock.install()
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("sign-in-submit").click()
        assert await page.evaluate("document.querySelector('#number').validationMessage") == "Hãy điền vào ô này."
        await page.get_by_test_id("sign-in-number").fill("002")
        await page.get_by_test_id("sign-in-code").fill(exam.codes["002"])
        await page.get_by_test_id("sign-in-submit").click()
        await page.locator("[data-testid=closing-lists][data-version='1']").wait_for()
        await page.get_by_test_id("over").wait_for()
        assert await page.evaluate("document.querySelectorAll('main :is(textarea, input, video)').length") == 0
        await until(page, "document.querySelector('[data-testid=server-clock]')?.textContent >= '11:35'")
        await picture(page, "after-the-end-lists")

        # The note is confirmed now, the lists are corrected, and the open page comes to know.
        await closed.get_by_test_id("violation-confirm").click()
        await desk.get_by_test_id("reason-ok").click()
        await closed.get_by_text("Không còn ghi nhận").wait_for()
        await desk.get_by_test_id("run-open").click()
        await desk.get_by_test_id("publish-lists").click()
        await desk.get_by_test_id("reason").fill("Xác nhận vi phạm sau giờ thi")
        await desk.get_by_test_id("publish-confirm").click()
        await desk.get_by_test_id("hand-over").click()
        await desk.get_by_test_id("handover-state").wait_for()
        await picture(desk, "closed-handed-over")
        await page.clock.fast_forward(20_000)  # it looks again by itself
        await page.locator("[data-testid=closing-lists][data-version='2']").wait_for()
        await until(page, "document.querySelectorAll('[data-testid=closing-lists] li').length === 3")
        await page.get_by_test_id("over").get_by_text("Máy chủ không có bài làm nào của bạn").wait_for()

        # Who handed in finds the receipt.
        page = await new_page(browser, errors)
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("sign-in-number").fill("001")
        await page.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await page.get_by_test_id("sign-in-submit").click()
        shown = await page.get_by_test_id("receipt").get_attribute("data-submission")
        assert shown == server.house.rooms.get(exam.room).state.sittings[one].submission
        await page.locator("[data-testid=closing-lists][data-version='2']").wait_for()
        await picture(page, "after-the-end-receipt")
        await page.reload()
        await page.get_by_test_id("receipt").wait_for()

        # A room that is over cannot be entered by its supervisor, who reads what became of it.
        supervisor = await new_page(browser, errors)
        await sign_in_staff(supervisor, server, "supervisor", "supervisor")
        await supervisor.get_by_text("Chưa có phòng nào đang mở.").wait_for()
        await supervisor.get_by_test_id("look-back").click()
        outcome = supervisor.get_by_test_id("look-back-dialog")
        corrected = outcome.locator("[data-testid=published-lists][data-version='2']")
        await corrected.get_by_text("Thí sinh 002").first.wait_for()
        assert await outcome.get_by_test_id("glance-open").count() == 0
        await picture(supervisor, "look-back")

        # Once the office has received everything, what is left is to correct the lists.
        async with await office_page(server) as office:
            handover = server.house.rooms.get(exam.room).state.handover
            assert handover is not None
            received = await office.post(f"/api/rooms/{exam.room}/handover/receipt", {"handover": handover.handover})
            assert "error" not in received
        await desk.keyboard.press("Escape")
        await desk.set_viewport_size({"width": 390, "height": 844})
        await picture(desk, "closed-room-phone")
        for shown in (desk.locator(".room_name"), desk.get_by_test_id("language")):
            assert await shown.is_visible()
        await desk.get_by_test_id("leave").click()
        await desk.get_by_test_id("choose-room").get_by_text("Đính chính danh sách").click()
        await closed.get_by_text("đã nhận").first.wait_for()
        await desk.get_by_test_id("run-open").click()
        assert await desk.get_by_test_id("hand-over").is_disabled()
        await desk.get_by_test_id("publish-lists").click()
        await desk.get_by_test_id("publish-same").wait_for()
    assert errors == []
