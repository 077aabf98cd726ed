"""The office steers a room from its page, and the pages of the room tell it: time for everybody, a room called off."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from proctor.views import moment
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import (
    open_in_the_lobby,
    open_room,
    paper_is_open,
    saved_on_the_server,
    sign_in_staff,
    stage_is,
    start_writing,
)
from tests.browser.held_room import held_at_the_release
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import admit, invigilator_page, office_page, plan_exam, running

pytestmark = pytest.mark.browser

ANSWERS_HERE = """() => new Promise((done) => {
  const opening = indexedDB.open('proctor');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('answer').objectStore('answer').getAll();
    asked.onsuccess = () => {
      opening.result.close();
      done(asked.result.map(({ text }) => text));
    };
  };
})"""

WORKING = timedelta(minutes=90)
VALUES = "(all) => all.map(({ value }) => value)"


async def open_steering(office: Page) -> None:
    """Of the first exam in the list of the office, which is signed in."""
    await office.get_by_test_id("exam-open").first.click()
    await office.get_by_test_id("steer-open").click()


@pytest.mark.long  # tests/exam/test_times.py
async def test_the_office_gives_everybody_more_time_in_one_act(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page, office = await new_page(browser, errors), await new_page(browser, errors, width=390, height=844)
        await start_writing(page, server, clock, exam, "001", invigilator)
        await sign_in_staff(office, server, "office", "office")
        await open_steering(office)
        await office.get_by_test_id("steer-extra").click()
        assert await office.get_by_test_id("steer-candidate").input_value() == "", "nobody is chosen by default"
        await office.get_by_test_id("steer-candidate").select_option("everybody")
        await office.get_by_test_id("steer-minutes").fill("10")
        await office.get_by_test_id("steer-reason").fill("Ồn ngoài hành lang 10 phút.")
        await office.get_by_test_id("steer-ok").click()
        live = server.house.rooms.get(exam.room)
        assert {known.extra_minutes for known in live.state.sittings.values()} == {0}
        await office.get_by_test_id("steer-error").filter(has_text="11:35:00 23/11/2026").wait_for()
        await picture(office, "extra-for-all-phone")
        assert await looked_at_by_axe(office, "extra time for everybody") == []
        await office.get_by_test_id("steer-move-end").check()
        await office.get_by_test_id("steer-ok").click()
        await office.get_by_test_id("steer-done").wait_for()
        await page.get_by_test_id("extra-time").filter(has_text="10 phút").wait_for()
        assert {known.extra_minutes for known in live.state.sittings.values()} == {10}
        assert moment(live.state.schedule.end_at) == moment(exam.starts_at + WORKING + timedelta(minutes=10))
    # The refusal is the browser's one complaint: a response of 422.
    assert [error for error in errors if "422" not in error] == []


@pytest.mark.long  # tests/test_own_deadlines.py holds it at the server
async def test_extra_time_is_given_from_the_publication_on_and_nothing_else_before_the_room_opens(
    tmp_path: Path,
) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        shared_chromium() as browser,
    ):
        exam = await plan_exam(server)
        live = server.house.rooms.get(exam.room)
        assert live.state.phase(clock.now()) == "closed"
        office = await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await open_steering(office)
        tabs = await office.get_by_test_id("steer-dialog").get_by_role("tab").evaluate_all(
            "(all) => all.map((one) => one.dataset.testid)"
        )
        assert tabs == ["steer-extra"]
        await office.get_by_test_id("steer-candidate").select_option(exam.candidates["002"])
        await office.get_by_test_id("steer-minutes").fill("5")
        await office.get_by_test_id("steer-reason").fill("Khuyết tật")
        await picture(office, "extra-before-the-room-opens")
        await office.get_by_test_id("steer-ok").click()
        await office.get_by_test_id("steer-done").wait_for()
        assert [known.extra_minutes for known in live.state.sittings.values()] == [0, 5]

        async with await office_page(server) as asking:
            assert "error" not in await asking.call(
                "DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "Sửa giờ"}
            )
        await office.keyboard.press("Escape")
        await office.get_by_test_id("steer-open").wait_for(state="detached")  # a draft is corrected, not steered
    assert errors == []


@pytest.mark.parametrize(
    ("regime", "referral", "told", "of_the_other"),
    [
        pytest.param(
            "A", "makeup", "thi bổ sung, tính là thi lần 1", r"quy chế B|điểm I",
            marks=pytest.mark.long,  # its words are held by test_regimes.py
        ),
        ("B", "deferral", "ghi điểm I và thi ở đợt thi kế tiếp", r"quy chế A|thi bổ sung"),
    ],
)
async def test_a_room_whose_paper_the_server_missed_is_called_off(
    tmp_path: Path, regime: str, referral: str, told: str, of_the_other: str
) -> None:
    async with held_at_the_release(tmp_path, regime=regime, width=390, height=844) as held:
        page, invigilator, office = held.page, held.invigilator, held.office
        await office.get_by_test_id("exam-open").first.click()
        await office.get_by_test_id("steer-open").click()
        outcome = office.get_by_test_id("steer-outcome")
        offered = await outcome.locator("option").evaluate_all(VALUES)
        assert offered == ["shift", f"refer_to_{referral}"], "nothing of the other regime"
        await outcome.select_option(f"refer_to_{referral}")
        await office.get_by_test_id("steer-reason").fill("Máy chủ ngừng lâu.")
        assert await looked_at_by_axe(office, "steer-hold") == []
        await picture(office, "called-off-steer")
        await office.get_by_test_id("steer-ok").click()
        await page.get_by_test_id("referred").get_by_text(told).wait_for()
        await page.get_by_test_id("held").wait_for(state="detached")
        known = held.server.house.rooms.get(held.exam.room).state.sittings.values()
        assert [each.referred for each in known] == [referral] * 2, "who never came is referred as well"
        await invigilator.get_by_test_id("called-off").wait_for()
        await office.get_by_test_id("room-alarm").get_by_text("không tiến hành").wait_for()
        await picture(page, "called-off-candidate-phone")
        await picture(invigilator, "called-off-wall")
        assert await looked_at_by_axe(page, "candidate of a room that was called off") == []
        await office.keyboard.press("Escape")
        await office.get_by_test_id("room-log-open").click()
        await office.get_by_test_id("room-log-dialog").locator("[data-kind=hold_resolved]").first.wait_for()
        for each in (page, invigilator, office):
            assert not re.search(of_the_other, await each.locator("body").inner_text())
        held.clock.jump_to(held.exam.starts_at + timedelta(minutes=20))
        async with await office_page(held.server) as asking:
            (listed,) = (await asking.get("/api/exams"))["exams"]
        assert (listed["rooms"][0]["called_off"], listed["rooms"][0]["released_at"]) == (True, None)
        assert await page.get_by_test_id("paper-state").get_attribute("data-state") == "sealed"


async def test_a_room_whose_paper_nobody_released_waits_for_the_office_and_goes_on(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium(face=True) as home,
        shared_chromium() as desk,
    ):
        page, small = await new_page(home, errors), await new_page(home, errors, width=390, height=844)
        supervisor, office = await new_page(desk, errors), await new_page(desk, errors, width=390, height=844)
        for each, number in ((page, "001"), (small, "002")):
            await open_in_the_lobby(each, server, exam, number)
        await invigilator.hear("sitting", lambda sitting: sitting["number"] == "002" and sitting["state"] == "waiting")
        await admit(invigilator, *exam.candidates.values())
        await stage_is(page, "exam")
        await sign_in_staff(supervisor, server, "supervisor", "supervisor")
        await invigilator.leave()
        await sign_in_staff(office, server, "office", "office")
        alarm = "[data-testid=exam-alarm][data-code={}]"
        await supervisor.get_by_test_id("glance-unattended").wait_for()
        await office.locator(alarm.format("unattended")).wait_for()
        clock.jump_to(exam.starts_at)
        await supervisor.get_by_test_id("glance-release-held").wait_for()
        await office.locator(alarm.format("release-held")).wait_for()
        clock.jump_to(exam.starts_at + WORKING + timedelta(seconds=1))
        for each, name in ((page, "unreleased-candidate"), (small, "unreleased-candidate-phone")):
            await each.get_by_test_id("held").get_by_text("không có cán bộ coi thi").wait_for()
            assert await each.get_by_test_id("receipt").count() == 0
            assert await each.get_by_test_id("countdown").count() == 0, "nobody knows yet when the paper comes"
            await picture(each, name)
        await supervisor.get_by_test_id("glance-room-held").get_by_text("không có cán bộ coi thi").wait_for()
        assert await supervisor.get_by_test_id("glance-release-held").count() == 0, "one alarm for one matter"
        await picture(supervisor, "unreleased-supervisor")
        await office.locator(alarm.format("release-held")).wait_for(state="detached")
        await open_steering(office)
        offered = await office.get_by_test_id("steer-outcome").locator("option").evaluate_all(VALUES)
        assert offered == ["shift", "refer_to_makeup"]
        await office.get_by_test_id("steer-minutes").fill("120")
        await office.get_by_test_id("steer-reason").fill("Cán bộ coi thi kẹt xe.")
        await picture(office, "unreleased-steer-phone")
        await office.get_by_test_id("steer-ok").click()
        await page.get_by_test_id("held").wait_for(state="detached")
        await invigilator.join(exam.room)
        clock.jump_to(exam.starts_at + timedelta(minutes=120))
        await paper_is_open(page)
        assert errors == []


@pytest.mark.long  # tests/test_own_deadlines.py holds it at the server
async def test_who_has_time_left_writes_on_while_the_office_decides_for_the_others(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with shared_chromium() as browser:
        first, second, office = [await new_page(browser, errors) for _ in range(3)]
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server)
            clock.jump_to(exam.starts_at - timedelta(minutes=10))
            async with await invigilator_page(server) as invigilator:
                await invigilator.join(exam.room)
                for page, number in ((first, "001"), (second, "002")):
                    await start_writing(page, server, clock, exam, number, invigilator)
                    await page.get_by_test_id("answer").fill("Câu 1.")
                    await saved_on_the_server(page)
            async with await office_page(server) as giving:
                path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['002']}/extra-time"
                assert "error" not in await giving.put(path, {"minutes": 5, "reason": "Khuyết tật"})
            await second.get_by_test_id("extra-time").wait_for()
        await first.get_by_test_id("answer").fill("Câu 1. Viết khi máy chủ tắt.")
        await first.locator("[data-testid=save-state][data-state=local]").wait_for()
        clock.jump_to(exam.starts_at + WORKING + timedelta(minutes=2))

        async with running(tmp_path, clock, listen=urlsplit(server.url).port or 0) as server:
            await first.get_by_test_id("held").wait_for()
            await second.locator("[data-testid=connection-state][data-state=connected]").wait_for()
            await second.get_by_test_id("answer").fill("Câu 1. Câu 2.")
            await saved_on_the_server(second)
            assert await second.get_by_test_id("held").count() == 0
            await sign_in_staff(office, server, "office", "office")
            await open_steering(office)
            await office.get_by_test_id("room-alarm").filter(has_text="của 1 thí sinh").wait_for()
            await office.get_by_test_id("steer-outcome").select_option("accept_saved")
            await office.get_by_test_id("steer-reason").fill("Máy chủ ngừng 2 phút.")
            await picture(office, "held-deadline-office")
            await first.route("**/late-text", lambda route: route.abort())
            await office.get_by_test_id("steer-ok").click()
            await first.get_by_test_id("receipt").wait_for()
            assert server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].text == "Câu 1."
            await first.get_by_test_id("sign-out").click()  # the office may want to see what the server never had
            await first.get_by_test_id("leave").get_by_text("bài làm, 28 ký tự").wait_for()
            await first.get_by_test_id("leave-stay").click()
            assert await first.evaluate(ANSWERS_HERE) == ["Câu 1. Viết khi máy chủ tắt."]
            await first.unroute("**/late-text")
            await first.get_by_test_id("late-text").get_by_text("không tính là bài nộp").wait_for()
            known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
            assert [each.text for each in known.late_texts] == ["Câu 1. Viết khi máy chủ tắt."]
            await first.get_by_test_id("sign-out").click()  # the server has all of it
            await first.get_by_test_id("sign-in-number").wait_for()
            assert await first.evaluate(ANSWERS_HERE) == []
            await second.get_by_test_id("submit").click()
            await second.get_by_test_id("submit-confirm").click()
            await second.get_by_test_id("receipt").wait_for()
        assert errors == []
