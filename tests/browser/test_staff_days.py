"""The days of those who neither invigilate nor replay, in real Chromiums: the head of a unit who confirms a paper, the
technician, the supervisor; and the office's worst hour, a server that was down when the paper was due."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page

from proctor.rehearsal.page import Page as Caller
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import LOOK, network, new_page, picture, shared_chromium, until
from tests.browser.entering import (
    open_room,
    paper_is_open,
    saved_on_the_server,
    sending,
    sign_in_staff,
    start_writing,
)
from tests.browser.held_room import held_at_the_release
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    DECISION,
    PASSWORD,
    PDF,
    PLAN,
    UNIT,
    Exam,
    Server,
    candidate_page,
    exam_times,
    office_page,
    reach_lobby,
    running,
)

pytestmark = pytest.mark.browser

INVIGILATORS_ACTS = ("admit", "admit-all", "run-open", "broadcast", "focus-flag", "suspend", "check-again")


MEDIA, RATE, LOSS, BROWSER = "Hình, tiếng", "Tốc độ", "Mất gói", "Trình duyệt"  # columns of the console


async def comes_true(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.sleep(0.02)


async def regime_b(server: Server) -> tuple[str, str]:
    """An exam of regime B with a paper; returns exam and digest of the sealed paper."""
    async with await office_page(server) as office:
        exam = await office.post("/api/exams", {"title": "Kinh tế vi mô", **exam_times(MORNING + timedelta(hours=2))})
        basis = {"ground": "epidemic", "description": "Dịch", "ministry_guidance": DECISION}
        plan = {**PLAN, "regime": "B", "unit": UNIT, "basis": basis}
        planned = await office.put(f"/api/exams/{exam['exam']}/plan", plan)
        assert "error" not in planned, planned
        paper = await office.put(f"/api/exams/{exam['exam']}/paper", data=PDF)
    return exam["exam"], paper["sha256"]


async def make_the_head(office: Page) -> None:
    """The office gives the head of the unit an account, which it cannot without saying of which unit."""
    await office.get_by_test_id("staff-open").click()
    await office.get_by_test_id("staff-role").select_option("unit_head")
    for field, text in (("full-name", "Trưởng bộ môn"), ("name", "truongbomon"), ("password", PASSWORD)):
        await office.get_by_test_id(f"staff-{field}").fill(text)
    await office.get_by_test_id("staff-create").click()
    assert await office.get_by_test_id("staff-unit").evaluate("(field) => field.validity.valueMissing")
    await office.get_by_test_id("staff-unit").fill(UNIT)
    await office.get_by_test_id("staff-create").click()
    await office.get_by_test_id("staff-dialog").get_by_role("status").get_by_text("Trưởng bộ môn").wait_for()
    await office.locator("[data-name=truongbomon]").get_by_text(UNIT).wait_for()
    await office.get_by_test_id("staff-close").click()


async def test_the_head_of_a_unit_reads_the_paper_and_then_confirms_it(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        running(tmp_path, SteppedClock(MORNING, flowing=True)) as server,
        shared_chromium() as desk,
    ):
        exam, sha256 = await regime_b(server)
        office, head = await new_page(desk, errors), await new_page(desk, errors, width=390, height=844)
        await sign_in_staff(office, server, "office", "office")
        await make_the_head(office)
        await office.get_by_test_id("exam-open").click()
        unmet = office.get_by_test_id("unmet").locator("[data-code=paper_confirmation]")
        await unmet.wait_for()

        await sign_in_staff(head, server, "unit_head", "truongbomon")
        card = head.locator(f"[data-testid=serve-exam][data-exam={exam}]")
        assert sha256 in await card.inner_text()
        assert await head.get_by_test_id("paper-confirm").is_disabled(), "nobody confirms what was not opened"
        assert await looked_at_by_axe(head, "unit head") == []
        await picture(head, "unit-head-phone")
        async with head.context.expect_page() as opening:
            await head.get_by_test_id("paper-read").click()
        await (await opening.value).close()
        await head.get_by_test_id("paper-confirm").click()
        await card.locator(".badge.ok").wait_for()
        await unmet.wait_for(state="detached")

        await office.get_by_test_id("reserve-paper-input").set_input_files(
            {"name": "du-phong.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        await head.get_by_test_id("reserve-paper-read").wait_for()
        assert await head.get_by_test_id("reserve-paper-confirm").is_disabled()
        assert await looked_at_by_axe(head, "unit head with a reserve paper") == []
        async with head.context.expect_page() as opening:
            await head.get_by_test_id("reserve-paper-read").click()
        await (await opening.value).close()
        await picture(head, "unit-head-reserve")
        await head.get_by_test_id("reserve-paper-confirm").click()
        await until(head, "() => document.querySelectorAll('[data-testid=serve-exam] .badge.ok').length === 2")
        assert errors == []


async def test_the_technician_sees_who_is_in_trouble_and_helps(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium(face=True) as home,
        shared_chromium() as desk,
    ):
        page, technician = await new_page(home, errors), await new_page(desk, errors)
        await sign_in_staff(technician, server, "tech_support", "tech_support")
        await technician.get_by_test_id("choose-room").click()
        candidate = exam.candidates["001"]
        row = technician.locator(f"[data-testid=console-row][data-candidate={candidate}]")
        assert await row.get_attribute("data-state") == "absent"

        await start_writing(page, server, clock, exam, "001", invigilator)
        await until(technician, f"document.querySelector('[data-candidate={candidate}]').dataset.state === 'live'")
        rate = f"document.querySelector('[data-candidate={candidate}] [data-name=\"{RATE}\"]').innerText"
        assert await until(technician, f"Number({rate}.match(/^(\\d+) kbit.s$/)?.[1]) > 50")
        assert await row.locator(f"[data-name='{BROWSER}']").inner_text() == "chrome/linux"
        assert await row.locator(f"[data-name='{MEDIA}']").inner_text() == "đang nhận"
        await loses_packets(technician, server, exam, "002")

        await row.get_by_test_id("console-open").click()
        person = technician.get_by_test_id("console-person")
        await technician.get_by_test_id("diagnose").click()
        findings = technician.get_by_test_id("findings")
        await findings.get_by_text("đang gửi").wait_for()
        told = await findings.inner_text()
        assert "Fake Default Audio Input" in told, "the microphone's own name, from the candidate's page"
        assert "Mozilla" not in told

        await page.get_by_test_id("hand").click()
        await page.get_by_test_id("talk-open").click()
        await page.get_by_test_id("talk-text").fill("Em không nghe thấy gì.")
        await page.get_by_test_id("talk-send").click()
        await technician.get_by_test_id("log-answer").click()
        await technician.get_by_test_id("message-text").fill("Em rút tai nghe ra rồi cắm lại nhé.")
        await technician.get_by_test_id("message-send").click()
        await page.get_by_test_id("talk").get_by_text("cắm lại").wait_for()
        await page.keyboard.press("Escape")
        assert await page.get_by_test_id("message").count() == 0, "read in the conversation"
        await person.get_by_role("button", name="hạ tay").click()
        await until(technician, "!document.querySelector('[data-testid=console-row] .badge.low')")
        assert server.house.rooms.get(exam.room).state.sittings[candidate].hand_raised_at is None

        await network(page, offline=True)
        await until(technician, f"document.querySelector('[data-candidate={candidate}]').dataset.state === 'offline'",
                    seconds=60)  # fmt: skip
        await technician.get_by_test_id("worst-first").check()
        first = technician.get_by_test_id("console-row").first
        assert await first.get_attribute("data-candidate") == candidate
        assert await technician.locator("video").count() == 0, "no pictures here, and no work"
        await picture(technician, "technician")
        await network(page)
        await until(technician, f"document.querySelector('[data-candidate={candidate}]').dataset.state !== 'offline'",
                    seconds=30)  # fmt: skip
        assert errors == []


async def loses_packets(technician: Page, server: Server, exam: Exam, number: str) -> None:
    """The console marks the losses of a candidate of whose packets each tenth is lost on its way."""
    candidate = exam.candidates[number]
    loss = technician.locator(f"[data-testid=console-row][data-candidate={candidate}] [data-name='{LOSS}']")
    async with await candidate_page(server, exam, number) as page:
        await reach_lobby(page, exam.room)
        async with sending(page, 1, loses_every=10):
            marked = loss.locator(".badge.low", has_text="%")
            await marked.wait_for()
            told = re.fullmatch(r"(\d+,\d) %", (await marked.inner_text()).strip())
            assert told
            assert 2 <= float(told[1].replace(",", ".")) < 40


def listen(page: Page, heard: list[str]) -> None:
    """Keep what the page's sockets are told."""
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))


@pytest.mark.long  # tests/test_exam_day.py steps the clock
async def test_a_system_clock_that_was_moved_is_an_alarm_to_all_staff(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, _, _invigilator),
        shared_chromium() as desk,
    ):
        pages = {role: await new_page(desk, errors) for role in ("invigilator", "supervisor", "tech_support")}
        heard: dict[str, list[str]] = {role: [] for role in pages}
        for role, page in pages.items():
            listen(page, heard[role])
            await sign_in_staff(page, server, role, role)
        await pages["supervisor"].get_by_test_id("glance-open").click()
        await pages["tech_support"].get_by_test_id("choose-room").click()
        clock.stepped = 0.9
        async with asyncio.timeout(20):  # a page that is told for the second time has drawn what it was told before
            while any(sum('"clock_step_s":0.9' in frame for frame in told) < 2 for told in heard.values()):
                await asyncio.sleep(0.1)
        for page in pages.values():
            assert await page.get_by_test_id("clock-stepped").count() == 0, "slewed, not moved"
        clock.stepped = -7200.0
        for role, page in pages.items():
            alarm = page.get_by_test_id("clock-stepped")
            await alarm.get_by_text("Đồng hồ của máy chủ bị chỉnh lùi 7200 giây").wait_for()
            assert await looked_at_by_axe(page, f"{role}, a clock that was moved") == []
            await picture(page, f"clock-stepped-{role}")
            await page.set_viewport_size({"width": 390, "height": 844})
            await picture(page, f"clock-stepped-{role}-phone")
        clock.stepped = 0.0
        for page in pages.values():
            await page.get_by_test_id("clock-stepped").wait_for(state="detached")
    assert errors == []


async def test_the_supervisor_sees_how_a_room_is_attended_and_looks_on(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium(face=True) as home,
        shared_chromium() as desk,
    ):
        page, supervisor = await new_page(home, errors), await new_page(desk, errors)
        await start_writing(page, server, clock, exam, "001", invigilator)
        next_door = await a_room_of_another_exam(server, clock.now() + timedelta(minutes=20))
        await sign_in_staff(supervisor, server, "supervisor", "supervisor")
        other = supervisor.locator(f"[data-testid=glance][data-room={next_door}]")
        await other.get_by_text("Phòng 2").wait_for()
        assert await supervisor.get_by_test_id("glance").count() == 2, "all rooms of the supervisor"
        glance = supervisor.locator(f"[data-testid=glance][data-room={exam.room}]")
        await glance.get_by_text("đang có mặt").wait_for()
        came = glance.get_by_test_id("first-entry").first
        assert "phút so với giờ bắt đầu" in await came.inner_text(), "late or not, it is said when they came (A14.2c.1)"
        assert await glance.get_by_test_id("glance-unattended-before").count() == 0
        await invigilator.leave()
        await supervisor.get_by_test_id("glance-unattended").wait_for()
        await picture(supervisor, "supervisor-unattended")
        clock.jump_to(clock.now() + timedelta(minutes=3))
        await invigilator.join(exam.room)
        await supervisor.get_by_test_id("glance-unattended").wait_for(state="detached")
        ((left, back),) = server.house.rooms.get(exam.room).state.unattended_before
        assert timedelta(minutes=3) <= back - left < timedelta(minutes=4)
        told = await glance.get_by_test_id("glance-unattended-before").inner_text()
        assert told == f"Phòng đã không có cán bộ coi thi: {in_vietnam(left)}–{in_vietnam(back)}", "how it was attended"
        await picture(supervisor, "supervisor-attended-again")

        await glance.get_by_test_id("glance-open").click()
        tile = f"[data-testid=tile][data-candidate={exam.candidates['001']}]"
        await until(supervisor, f"({LOOK})('{tile} video')?.contrast > 10")
        await supervisor.locator(tile).click()
        await until(supervisor, f"({LOOK})('[data-testid=focus-video]')?.contrast > 10")
        await acts_on_nothing(supervisor)
        await picture(supervisor, "supervisor-focus")
        desk_of = server.house.rooms.get(exam.room)
        watching = len(desk_of.state.present)
        await supervisor.go_back()  # the browser's own Back leaves the room, and comes to all of them
        await glance.wait_for()
        await comes_true(lambda: len(desk_of.state.present) < watching)
        await supervisor.go_forward()
        await supervisor.locator(tile).wait_for()
        await supervisor.get_by_test_id("leave").click()
        await glance.wait_for()
        assert errors == []


async def a_room_of_another_exam(server: Server, starts_at: datetime) -> str:
    """A second exam whose one room has the supervisor of the first, and an invigilator of its own."""
    async with await office_page(server) as office:
        everybody = {one["name"]: one["subject"] for one in (await office.get("/api/staff"))["staff"]}
        second = {"name": "invigilator2", "full_name": "Cán bộ 2", "role": "invigilator", "password": PASSWORD}
        staff = [(await office.post("/api/staff", second))["subject"]]
        staff += [everybody[name] for name in ("supervisor", "tech_support", "inspector")]
        exam = await office.post("/api/exams", {"title": "Kinh tế chính trị", **exam_times(starts_at)})
        made = await office.post(f"/api/exams/{exam['exam']}/rooms", {"title": "Phòng 2"})
        room = str(made["room"])
        roster = "số báo danh,họ và tên\n101,Thí sinh 101\n"
        for answer in (
            await office.call("POST", f"/api/rooms/{room}/roster", data=roster.encode()),
            await office.put(f"/api/rooms/{room}/staff", {"staff": staff}),
            await office.put(f"/api/exams/{exam['exam']}/paper", data=PDF),
            await office.put(f"/api/exams/{exam['exam']}/plan", PLAN),
        ):
            assert "error" not in answer, answer
        async with Caller(server.url, "it_unit") as it_unit:
            await it_unit.sign_in("it_unit", PASSWORD)
            assert "error" not in await it_unit.post(f"/api/rooms/{room}/support")
        published = await office.post(f"/api/exams/{exam['exam']}/publication")
        assert published.get("published_at"), published
    return room


def in_vietnam(moment: datetime) -> str:
    """As the pages show a moment of the day."""
    return moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%H:%M:%S")


async def acts_on_nothing(page: Page) -> None:
    """No control of an invigilator is on the page, and its keys do nothing."""
    for act in INVIGILATORS_ACTS:
        assert await page.get_by_test_id(act).count() == 0, act
    for key in ("a", "f", "m", "b", "z", "h"):
        await page.keyboard.press(key)
    assert await page.locator("dialog[open]").count() == 0


@pytest.mark.long  # test_office_steers.py decides about held rooms
async def test_a_room_whose_server_was_down_at_the_release_is_held_until_the_office_decides(tmp_path: Path) -> None:
    async with held_at_the_release(tmp_path) as held:
        server, clock, exam = held.server, held.clock, held.exam
        page, invigilator, office = held.page, held.invigilator, held.office
        async with await office_page(server) as planning:
            reserve = await planning.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=PDF)
            assert "sha256" in reserve, reserve
        await picture(page, "held")
        await picture(invigilator, "held-wall")
        assert (await invigilator.get_by_test_id("room-countdown").inner_text()).strip() == "Tạm dừng chờ quyết định"
        await invigilator.get_by_test_id("run-open").click()
        run = invigilator.get_by_test_id("run-dialog")
        await run.get_by_test_id("release-on-hold").wait_for()
        said = await run.inner_text()
        assert said.count("Phòng thi đang tạm dừng, chờ Phòng Quản lý đào tạo quyết định.") == 1, said
        assert "máy này" not in said and "phát tự động" not in said, said
        await invigilator.keyboard.press("Escape")
        await office.get_by_test_id("exam-open").first.click()
        await office.get_by_test_id("room-alarm").wait_for()
        await office.get_by_test_id("steer-open").click()
        await office.get_by_test_id("steer-outcome").select_option("shift")
        await office.get_by_test_id("steer-minutes").fill("10")
        await office.get_by_test_id("steer-reason").fill("Máy chủ ngừng 4 phút.")
        await picture(office, "held-office")
        await office.get_by_test_id("steer-ok").click()
        await page.get_by_test_id("held").wait_for(state="detached")
        await invigilator.get_by_test_id("room-held").wait_for(state="detached")
        assert await page.get_by_test_id("paper-state").get_attribute("data-state") == "sealed"
        clock.jump_to(exam.starts_at + timedelta(minutes=10))
        await paper_is_open(page)
        await page.get_by_test_id("answer").fill("Câu 1.")
        await saved_on_the_server(page)

        await office.get_by_test_id("steer-reserve").click()
        assert await looked_at_by_axe(office, "steer-reserve") == []
        await office.get_by_test_id("steer-reason").fill("Đề bị lộ.")
        await office.get_by_test_id("steer-ok").click()
        await page.get_by_test_id("paper-replaced").wait_for()
        await paper_is_open(page)
        assert await page.get_by_test_id("answer").input_value() == "Câu 1."
        live = server.house.rooms.get(exam.room)
        candidate = exam.candidates["001"]
        await comes_true(lambda: live.state.sittings[candidate].paper_opened_at is not None)
        assert live.state.paper.sha256 == reserve["sha256"]

        await office.get_by_test_id("steer-material").click()
        await office.get_by_test_id("steer-title").fill("Câu 2")
        await office.get_by_test_id("steer-text").fill("Sửa năm 1954 thành 1945.")
        await office.get_by_test_id("steer-ok").click()
        await page.get_by_test_id("material").get_by_text("1945").wait_for()
        await picture(page, "correction")
        await page.get_by_test_id("material-received").click()
        await comes_true(lambda: bool(live.state.sittings[candidate].materials_received))
