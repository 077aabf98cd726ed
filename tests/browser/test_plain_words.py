"""Small truths of the office's pages and of signing in: what is offered, counted and said fits what is."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from proctor.rehearsal.page import Page as StaffPage
from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.clock import MORNING
from tests.support.house import PASSWORD, Server, admit, candidate_page, exam_times, office_page, reach_lobby

pytestmark = pytest.mark.browser

NO_NOTES = "getComputedStyle(document.querySelector('tr[data-number=\"002\"] td[data-name=\"Ghi chú\"]')).display"


async def test_an_ended_room_offers_no_joining_and_counts_nobody_as_sitting(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as candidate,
        shared_chromium() as browser,
    ):
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("exam-open").click()
        sitting = page.get_by_test_id("count-admitted").locator("dd")
        await sitting.get_by_text("1").wait_for()
        assert await page.get_by_test_id("roster-open").count() == await page.get_by_test_id("assign-open").count() == 1

        clock.jump_to(exam.starts_at)
        await candidate.hear("paper_key")

        # On a telephone the inspector's overview, with an alarm and somebody late in it, is no wider than the screen.
        clock.jump_to(exam.starts_at + timedelta(minutes=3))
        async with StaffPage(server.url, "supervisor") as supervisor:
            await supervisor.sign_in("supervisor", PASSWORD)
            await supervisor.join(exam.room)
        look = await new_page(browser, errors, width=390, height=844)
        await sign_in_staff(look, server, "inspector", "inspector")
        await look.get_by_test_id("first-entry").filter(has_text="muộn").wait_for()
        await picture(look, "inspector-phone")
        assert await look.evaluate("document.documentElement.scrollWidth") <= 390
        await look.close()

        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=10))
        await invigilator.hear("room", lambda room: room["submission_closed"])
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=10))
        await invigilator.hear("room", lambda room: room["phase"] == "ended")
        await page.get_by_test_id("roster-open").wait_for(state="detached")
        assert await page.get_by_test_id("assign-open").count() == 0
        assert await sitting.inner_text() == "0", "who did not hand in sits nowhere any more"
        assert await page.get_by_test_id("count-connected").locator("dd").inner_text() == "0"
        await page.get_by_text("Danh sách thí sinh", exact=False).first.click()
        await page.get_by_test_id("candidate-state").get_by_text("Chưa nộp bài").wait_for()

        # On a telephone nothing stands in a line of its own that is empty.
        await page.set_viewport_size({"width": 390, "height": 844})
        assert await page.evaluate(NO_NOTES) == "none"
        await picture(page, "ended-room-phone")
    assert errors == []


async def test_articles_are_named_in_words_and_what_was_done_is_said_once(server: Server) -> None:
    errors: list[str] = []
    async with await office_page(server) as office:
        await office.post("/api/exams", {"title": "Môn mới", **exam_times(MORNING + timedelta(hours=4))})
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        await sign_in_staff(page, server, "office", "office")
        await page.get_by_test_id("exam-open").click()
        articles = page.get_by_test_id("articles")
        assert await articles.inner_text() == (  # in the words of the server's refusals
            "Theo quy chế A: Điều 4 khoản 1 điểm a, Điều 4 khoản 1 điểm b, Điều 16 khoản 1, Điều 14 khoản 1, "
            "Điều 14 khoản 2 điểm b."
        )
        assert "A14.2b.4" in (await articles.get_attribute("title") or "")
        assert not re.search(r"\b[AB]\d+\.\d", await page.locator("body").inner_text())
        gap = """() => {
          const title = document.querySelector('#publication_title'), range = document.createRange();
          range.selectNodeContents(title.firstChild);
          return title.querySelector('.badge').getBoundingClientRect().left - range.getBoundingClientRect().right;
        }"""
        assert await page.evaluate(gap) >= 6, "the badge stands apart from its heading"

        await page.go_back()
        await page.get_by_test_id("staff-open").click()
        await page.get_by_test_id("staff-full-name").fill("Trần Thị Sáu")
        await page.get_by_test_id("staff-name").fill("sau")
        await page.get_by_test_id("staff-password").fill(PASSWORD)
        await page.get_by_test_id("staff-create").click()
        made = page.get_by_test_id("staff-dialog").get_by_text("Đã tạo tài khoản")
        await made.wait_for()
        await page.get_by_test_id("staff-full-name").press_sequentially("N")
        await made.wait_for(state="detached")
    assert errors == []


async def test_a_refused_sign_in_speaks_of_what_this_page_asks_for(server: Server) -> None:
    errors: list[str] = []
    async with shared_chromium() as browser:
        page = await new_page(browser, errors)
        error = page.get_by_test_id("sign-in-error")
        await sign_in_staff(page, server, "supervisor", "nobody")
        await error.get_by_text("không phải tài khoản của vai trò Cán bộ giám sát").wait_for()
        assert "mã thi" not in await error.inner_text()
        await page.goto(f"{server.url}/candidate")
        await page.get_by_test_id("sign-in-number").fill("001")
        await page.get_by_test_id("sign-in-code").fill("AAAA-BBBB")
        await page.get_by_test_id("sign-in-submit").click()
        await error.get_by_text("Số báo danh hoặc mã thi không đúng").wait_for()
        assert "mật khẩu" not in await error.inner_text()
        await page.goto(f"{server.url}/#link=nothing")
        await page.locator(".practice_link").wait_for()
        apart = """() => {
          const [link, words] = document.querySelector('.practice_link').children;
          return words.getBoundingClientRect().left - link.getBoundingClientRect().right;
        }"""
        assert await page.evaluate(apart) >= 8
        await until(page, "document.querySelector('.notice.high')?.textContent.includes('Đường dẫn đăng nhập này')")
    assert errors == []
