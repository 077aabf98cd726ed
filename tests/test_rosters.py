"""What the office does with candidates and staff lists, through its routes: all of it, or nothing."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from socketio.exceptions import ConnectionError as SocketRefused

from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import (
    CHECKS,
    PASSWORD,
    Exam,
    Server,
    candidate_page,
    exam_times,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
    sit_until_over,
)
from tests.support.pdf import pages

HEAD = "Số báo danh,Họ và tên,Mã học viên,Cùng địa điểm,Hỗ trợ đề nghị,Số phút thêm đề nghị\n"


async def send(office: Page, path: str, rows: str, head: str = HEAD) -> Any:
    return await office.call("POST", path, data=(head + rows).encode())


async def kinds(office: Page) -> list[str]:
    return [event["kind"] for event in (await office.get("/api/office/events"))["events"]]


async def second_room(office: Page, exam: Exam, title: str = "Phòng 2") -> str:
    return str((await office.post(f"/api/exams/{exam.exam}/rooms", {"title": title}))["room"])


async def another_exam(office: Page, starts_at: Any) -> str:
    """An exam with one room; the room."""
    made = await office.post("/api/exams", {"title": "Kinh tế chính trị", **exam_times(starts_at)})
    return str((await office.post(f"/api/exams/{made['exam']}/rooms", {"title": "Phòng A"}))["room"])


def numbers(server: Server, room: str) -> list[str]:
    return sorted(known.number for known in server.house.rooms.get(room).state.sittings.values())


def problems(answer: Any) -> list[tuple[int, str, str]]:
    return [(row["row"], row["column"], row["code"]) for row in answer["error"]["details"]["rows"]]


# -- rosters ----------------------------------------------------------------------------------------------------------


async def test_a_wish_is_kept_for_the_office_and_grants_nothing(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}/roster"
        rows = "101,Lê Văn A,HV1,Nhà A,Xe lăn,30\n102,Lê Văn B,HV2,Nhà A,,\n"
        preview = await send(office, path + "?dry=1", rows)
        assert preview["candidates"][0] == {
            "number": "101", "full_name": "Lê Văn A", "identity": "HV1", "shares_place": "Nhà A", "wish": "Xe lăn",
            "wished_minutes": 30,
        }  # fmt: skip
        assert numbers(server, exam.room) == ["001", "002"]
        imported = await send(office, path, rows)
        listed = {row["number"]: row for row in (await office.get(path))["candidates"]}
        assert (listed["101"]["wish"], listed["101"]["wished_minutes"]) == ("Xe lăn", 30)
        assert listed["101"]["code_issued_at"]
        state = server.house.rooms.get(exam.room).state
        assert state.sittings[imported["candidates"][0]["candidate"]].shares_place == "Nhà A"
        log = str((await office.get(f"/api/rooms/{exam.room}/events"))["events"])
        assert "Nhà A" in log and "Xe lăn" not in log
        sittings = (await office.get(f"/api/rooms/{exam.room}/state"))["sittings"]
        assert sorted(each["shares_place"] for each in sittings) == ["", "", "Nhà A", "Nhà A"]


async def test_a_workbook_is_imported_and_a_bad_one_changes_nothing(server: Server) -> None:
    exam = await plan_exam(server)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ("SBD", "Họ tên"))
        sheet.write_number(1, 0, 12, workbook.add_format({"num_format": "000"}))
        sheet.write_string(1, 1, "Trần Văn Bình")
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}/roster"
        assert (await office.call("POST", path, data=out.getvalue()))["candidates"][0]["number"] == "012"
        await send(office, path, "003,Đỗ Ba,hv3\n")
        before = await kinds(office)
        for content, refusal in (
            (out.getvalue()[:200], "list_unreadable"), (b"", "list_empty"), (b"x" * 1_000_001, "too_large"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "list_old_excel"),
            ((HEAD + "103,C\n,D\n").encode(), "roster_rows"),
            ((HEAD + "103,C,HV1\n104,c,hv1\n").encode(), "roster_rows"),
            ((HEAD + "103,Đỗ Ba,HV3\n").encode(), "roster_rows"),  # enrolled as 003 below
        ):  # fmt: skip
            assert code(await office.call("POST", path, data=content)) == refusal
        assert numbers(server, exam.room) == ["001", "002", "003", "012"]
        assert await kinds(office) == before


async def test_templates_are_what_the_import_reads(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        room = await another_exam(office, exam.starts_at + timedelta(days=1))
        for form in ("csv", "xlsx"):
            for kind, path in (("roster", f"/api/rooms/{room}/roster?dry=1"), ("staff", "/api/staff/import?dry=1")):
                file = await office.get(f"/api/lists/{kind}/template.{form}")
                assert file["headers"]["Content-Disposition"].endswith(f'.{form}"')
                assert (await office.call("POST", path, data=file["body"]))["imported"] == 2
        assert code(await office.get("/api/lists/people/template.csv")) == "not_found"
        assert code(await office.get("/api/lists/roster/template.exe")) == "not_found"
    async with await invigilator_page(server) as invigilator:
        assert code(await invigilator.get("/api/lists/roster/template.csv")) == "forbidden"


async def test_one_person_in_two_rooms_at_once_is_refused_or_warned_about(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}/roster"
        await send(office, path, "101,Lê Văn A,HV1\n102,Lê Văn B,\n")
        next_door = f"/api/rooms/{await second_room(office, exam)}/roster"
        overlapping = f"/api/rooms/{await another_exam(office, exam.starts_at + timedelta(minutes=30))}/roster"
        later = f"/api/rooms/{await another_exam(office, exam.starts_at + timedelta(hours=5))}/roster"
        before = await kinds(office)
        for where, rows, expected in (
            (next_door, "201,Ai đó\n101,Người khác\n", [(3, "number", "in_this_exam")]),
            (next_door, "201,lê văn a,hv1\n", [(2, "full_name", "same_person")]),
            (overlapping, "102,Lê Văn B\n", [(2, "full_name", "same_person")]),
        ):
            for dry in ("?dry=1", ""):
                refused = await send(office, where + dry, rows)
                assert code(refused) == "candidate_elsewhere"
                assert problems(refused) == expected
                assert refused["error"]["details"]["rows"][0]["room_title"] == "Phòng 1"
        assert await kinds(office) == before
        for where, rows, warned in (
            (later, "102,Lê Văn B\n", []),
            (overlapping, "101,Người khác\n102,Khác nữa\n", ["same_number", "same_number"]),
            (next_door, "202,Lê Văn B\n203,Lê Văn A,HV9\n", ["same_name"]),
        ):
            answer = await send(office, where + "?dry=1", rows)
            assert [row["code"] for row in answer["warnings"]] == warned
            assert (await send(office, where, rows))["imported"] == rows.count("\n")


async def test_who_comes_into_two_rooms_by_a_shift_is_told_to_the_office(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}"
        await send(office, f"{path}/roster", "101,Lê Văn A,HV1\n102,Lê Văn B,HV2\n")
        ends = server.house.rooms.get(exam.room).state.schedule.end_at
        later = await another_exam(office, ends + timedelta(minutes=45))  # staff come half an hour before
        await send(office, f"/api/rooms/{later}/roster", "301,Lê Văn B,HV2\n302,Ai đó,\n")
        invigilator = await server.house.people.staff_by_name("invigilator")
        assert "error" not in await office.put(f"/api/rooms/{later}/staff", {"staff": [invigilator.staff]})

        async def shifted(minutes: int) -> list[tuple[str, str]]:
            seen = moment(server.house.rooms.get(exam.room).state.schedule.submit_by)
            wanted = {"minutes": minutes, "seen": seen, "reason": "Mất điện"}
            told = await office.post(f"{path}/times/shift", wanted)
            return [(one["full_name"], one["room_title"]) for one in told["in_two_rooms"]]

        clock.jump_to(exam.starts_at + timedelta(minutes=1))
        assert await shifted(15) == []
        assert await shifted(15) == [("Cán bộ invigilator", "Phòng A")]
        assert await shifted(30) == [("Lê Văn B", "Phòng A"), ("Cán bộ invigilator", "Phòng A")]
        elsewhere = await send(office, f"/api/rooms/{later}/roster?dry=1", "101,Lê Văn A,HV1\n")
        assert code(elsewhere) == "candidate_elsewhere"  # by the times of the room, not by those of its exam


async def test_a_shift_stands_although_who_comes_into_two_rooms_by_it_cannot_be_found_out(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = await plan_exam(server)
    room = server.house.rooms.get(exam.room)
    before = room.state.schedule

    async def fails(*_: object) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr("proctor.occupancy.Occupancy.in_two_rooms", fails)
    async with await office_page(server) as office:
        clock.jump_to(exam.starts_at + timedelta(minutes=1))
        wanted = {"minutes": 15, "seen": moment(before.submit_by), "reason": "Mất điện"}
        assert await office.post(f"/api/rooms/{exam.room}/times/shift", wanted) == {"in_two_rooms": []}
        again = await office.post(f"/api/rooms/{exam.room}/times/shift", wanted)
    assert code(again) == "times_changed", "said twice, the times move once"
    assert room.state.schedule.submit_by == before.submit_by + timedelta(minutes=15)


# -- staff ------------------------------------------------------------------------------------------------------------


async def test_a_staff_list_makes_accounts_whose_passwords_are_told_once(server: Server) -> None:
    await plan_exam(server)
    head = "Tên đăng nhập,Họ và tên,Vai trò\n"
    async with await office_page(server) as office:
        before = await kinds(office)
        for rows, expected in (
            ("lan,Lê Thị Lan,coi thi\nhoa,Hoa,bảo vệ\n", [(3, "role", "unknown_role")]),
            ("lan,Lê Thị Lan,coi thi\nInvigilator,Hoa,coi thi\n", [(3, "name", "name_taken")]),
            ("invigilator,Lan,coi thi\nhoa,Hoa,bảo vệ\n", [(2, "name", "name_taken"), (3, "role", "unknown_role")]),
        ):
            refused = await send(office, "/api/staff/import", rows, head)
            assert (code(refused), problems(refused)) == ("staff_rows", expected)
        rows = "lan,Lê Thị Lan,Cán bộ coi thi\nminh,Đỗ Minh,Thanh tra\n"
        assert (await send(office, "/api/staff/import?dry=1", rows, head))["dry"] is True
        assert await kinds(office) == before
        made = await send(office, "/api/staff/import", rows, head)
        roles = {each["name"]: each["role"] for each in made["staff"]}
        assert roles == {"lan": "invigilator", "minh": "inspector"}
        events = (await office.get("/api/office/events"))["events"]
        assert [event["kind"] for event in events[len(before) :]] == ["account_made"] * 2
        for each in made["staff"]:
            assert each["password"] not in str(events)
            async with Page(server.url, each["role"]) as page:
                assert (await page.sign_in(each["name"], each["password"]))["subject"] == each["subject"]
        assert code(await send(office, "/api/staff/import", rows, head)) == "staff_rows"


async def test_the_unit_of_a_person_stands_with_the_assignment(server: Server) -> None:
    """A14.2b.2, A21.3"""
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        head = "Tên đăng nhập,Họ và tên,Vai trò,Đơn vị công tác\n"
        made = await send(office, "/api/staff/import", "lan,Lê Thị Lan,coi thi,Khoa Triết học\n", head)
        minh = {"name": "minh", "full_name": "Đỗ Minh", "role": "invigilator", "password": "mot mat khau dai"}
        assert code(await office.post("/api/staff", {**minh, "unit": "K" * 201})) == "bad_request"
        by_hand = await office.post("/api/staff", {**minh, "unit": "Khoa Dân tộc"})
        room = (await office.get(f"/api/exams/{exam.exam}"))["rooms"][0]
        people = [each["subject"] for each in (*room["staff"], made["staff"][0], by_hand)]
        path = f"/api/rooms/{exam.room}/staff"
        room = await office.put(path, {"staff": people})
        units = {each["full_name"]: each["unit"] for each in room["staff"] if each["unit"]}
        assert units == {"Lê Thị Lan": "Khoa Triết học", "Đỗ Minh": "Khoa Dân tộc"}
        told = [each["data"] for each in (await office.get("/api/office/events"))["events"]]
        assert [each["unit"] for each in told if each.get("unit")] == ["Khoa Triết học", "Khoa Dân tộc"]
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assigned = [each["data"]["unit"] for each in log if each["kind"] == "staff_assigned"]
        assert assigned[-2:] == ["Khoa Triết học", "Khoa Dân tộc"]


async def test_a_staff_list_that_cannot_be_logged_makes_no_account(server: Server) -> None:
    async with await office_page(server) as office:
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["before"]
        rows = "name,full_name,role\nlan,Lan,coi thi\n"
        assert code(await office.call("POST", "/api/staff/import", data=rows.encode())) == "internal"
        assert await server.house.people.staff_by_name("lan") is None


async def test_an_invigilator_runs_one_room_at_a_time_and_an_inspector_oversees_several(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        staff = {each["name"]: each["subject"] for each in (await office.get("/api/staff"))["staff"]}
        room = await second_room(office, exam)
        half_an_hour_after = await another_exam(office, exam.starts_at + timedelta(minutes=95 + 29))
        after = await another_exam(office, exam.starts_at + timedelta(minutes=95 + 30))
        before = await kinds(office)
        for busy in (room, half_an_hour_after):
            asked = [subject for name, subject in staff.items() if name not in ("office", "it_unit")]
            refused = await office.put(f"/api/rooms/{busy}/staff", {"staff": asked})
            assert code(refused) == "staff_elsewhere"
            assert [row["subject"] for row in refused["error"]["details"]["staff"]] == [staff["invigilator"]]
            assert "Phòng 1" in refused["error"]["vi"]
        assert await kinds(office) == before
        assert "error" not in await office.put(f"/api/rooms/{room}/staff", {"staff": [staff["inspector"]]})
        assert "error" not in await office.put(f"/api/rooms/{after}/staff", {"staff": [staff["invigilator"]]})


async def test_what_two_pages_ask_for_at_once_is_done_once(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        rooms = [await second_room(office, exam, title) for title in ("Phòng 2", "Phòng 3")]
        rows = "Tên đăng nhập,Họ và tên,Vai trò\nlan,Lê Thị Lan,coi thi\n"
        made = await asyncio.gather(*(send(office, "/api/staff/import", rows, "") for _ in range(2)))
        assert sorted(str(code(answer)) for answer in made) == ["None", "staff_rows"]
        lan = next(answer["staff"][0]["subject"] for answer in made if "staff" in answer)
        enrolled = await asyncio.gather(*(send(office, f"/api/rooms/{room}/roster", "101,A\n") for room in rooms))
        assert sorted(str(code(answer)) for answer in enrolled) == ["None", "candidate_elsewhere"]
        staffed = await asyncio.gather(*(office.put(f"/api/rooms/{room}/staff", {"staff": [lan]}) for room in rooms))
        assert sorted(str(code(answer)) for answer in staffed) == ["None", "staff_elsewhere"]
        log = await kinds(office)
        assert (log.count("account_made"), log.count("roster_imported"), log.count("room_staffed")) == (7, 2, 2)


# -- moving -----------------------------------------------------------------------------------------------------------


async def test_a_candidate_is_moved_before_the_start_and_keeps_number_and_code(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=50)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "007") as candidate,
    ):
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        assert code(await send(office, f"/api/rooms/{exam.room}/roster", "051,Thêm một\n")) == "room_capacity"
        to = await second_room(office, exam)
        seat = f"/api/rooms/{exam.room}/candidates/{exam.candidates['007']}"
        assert code(await office.put(f"{seat}/extra-time", {"minutes": 5, "reason": "Khuyết tật"})) is None
        path = f"{seat}/move"
        assert await office.post(path, {"to": to}) == {}

        gone = await invigilator.hear("sitting", lambda sitting: sitting["state"] == "moved_out")
        assert gone["candidate"] == exam.candidates["007"]
        await candidate.hear("signed_out")
        assert code(await candidate.get("/api/me")) == "not_signed_in"
        assert (numbers(server, to), len(numbers(server, exam.room))) == (["007"], 49)
        assert (await send(office, f"/api/rooms/{exam.room}/roster", "051,Thêm một\n"))["imported"] == 1
        assert code(await office.post(path, {"to": to})) == "not_found"  # told twice, done once

        async with await candidate_page(server, exam, "007") as again:  # with the code of the slip in hand
            assert (await again.get("/api/me"))["room"] == to
            assert code(await again.join(exam.room)) == "not_assigned"
            assert code(await again.join(to)) == "waiting_for_invigilator"
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [event["data"]["to"] for event in log if event["kind"] == "candidate_moved_out"] == [to]
        assert [event["kind"] for event in (await office.get(f"/api/rooms/{to}/events"))["events"]] == [
            "room_planned", "paper_loaded", "candidate_enrolled", "extra_time_granted",
        ]  # fmt: skip
        assert (await kinds(office))[-2:] == ["candidate_moved", "roster_imported"]
        back = f"/api/rooms/{to}/candidates/{exam.candidates['007']}/move"
        assert code(await office.post(back, {"to": exam.room})) == "room_capacity"
        assert numbers(server, to) == ["007"]
        refused = (await office.get(f"/api/rooms/{exam.room}/events"))["events"][-1]
        assert (refused["kind"], refused["data"]["number"], refused["data"]["on_roster"]) == (
            "roster_refused", "007", 50,
        )  # fmt: skip


async def test_a_move_is_refused_after_admission_after_the_start_and_to_another_exam(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        to = await second_room(office, exam)
        elsewhere = await another_exam(office, exam.starts_at + timedelta(hours=5))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        before = await kinds(office)

        async def move(number: str, room: str) -> str | None:
            path = f"/api/rooms/{exam.room}/candidates/{exam.candidates.get(number, 'c_no')}/move"
            return code(await office.post(path, {"to": room}))

        assert await move("001", to) == "already_admitted"
        assert await move("002", exam.room) == "same_room"
        assert await move("002", elsewhere) == "same_room"
        assert await move("002", "r_no") == "not_found"
        assert await move("999", to) == "not_found"
        clock.jump_to(exam.starts_at)
        assert await move("002", to) == "move_too_late"
        assert await kinds(office) == before
        assert (numbers(server, exam.room), numbers(server, to)) == (["001", "002"], [])


async def test_of_an_admission_and_a_move_at_once_one_wins_whole(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        to = await second_room(office, exam)
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/move"
        moved, admitted = await asyncio.gather(
            office.post(path, {"to": to}), invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        )
        if moved == {}:
            assert (admitted["admitted"], admitted["skipped"]) == ([], [exam.candidates["001"]])
            assert (numbers(server, exam.room), numbers(server, to)) == (["002"], ["001"])
        else:
            assert (code(moved), admitted["admitted"]) == ("already_admitted", [exam.candidates["001"]])
            assert (numbers(server, exam.room), numbers(server, to)) == (["001", "002"], [])


@pytest.mark.parametrize("failures", [["", "", "before"], ["", "", ""]])
async def test_a_move_that_was_cut_short_is_finished_at_the_next_start(
    tmp_path: Path, clock: SteppedClock, failures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            to = await second_room(office, exam)
            await office.post(f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/late", {"reason": "Tàu trễ"})
            path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/move"
            if failures[-1]:  # the office's and the old room's entries are written, the new room's is not
                FailingCommit(server.house.rooms._engine).failures = list(failures)
            else:  # both logs are written, the candidate's row is not
                monkeypatch.setattr(server.house.people, "move_candidate", None)
            assert code(await office.post(path, {"to": to})) == "internal"
            assert numbers(server, exam.room) == ["002"]
            await send(office, f"/api/rooms/{exam.room}/roster", "301,Lê Văn A\n")
    async with running(tmp_path, clock) as server:
        assert (numbers(server, exam.room), numbers(server, to)) == (["002", "301"], ["001"])
        async with await candidate_page(server, exam, "001") as candidate:
            assert (await candidate.get("/api/me"))["room"] == to
        moved = server.house.rooms.get(to).state
        assert moved.sittings[exam.candidates["001"]].late_allowed
        before = moved.seq
    async with running(tmp_path, clock) as server:
        assert server.house.rooms.get(to).state.seq == before + 1  # the restart, and nothing else


# -- codes and papers -------------------------------------------------------------------------------------------------


async def test_a_new_code_ends_the_old_one_and_whoever_came_in_with_it(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
        await candidate_page(server, exam, "002") as admitted,
    ):
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await reach_lobby(admitted, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["002"]], checks=CHECKS)
        old = dict(exam.codes)
        told = (await office.post(f"/api/rooms/{exam.room}/codes", {}))["candidates"]
        exam.codes = {row["number"]: row["code"] for row in told}
        assert sorted(exam.codes) == ["001", "002"]
        await candidate.hear("signed_out")
        assert (await admitted.tell("ping_clock", client_time=1.0))["server_time"]  # seen by an invigilator: stays
        for number in ("001", "002"):
            async with Page(server.url, "candidate") as page:
                answer = await page.post("/api/sign-in/candidate", {"number": number, "code": old[number]})
                assert code(answer) == "wrong_credentials"
            async with await candidate_page(server, exam, number):
                pass
        last = (await office.get("/api/office/events"))["events"][-1]
        assert (last["kind"], sorted(last["data"]["candidates"])) == ("codes_issued", sorted(exam.candidates.values()))
        assert not any(each in str(last) for each in exam.codes.values())

        one = await office.post(f"/api/rooms/{exam.room}/codes", {"candidates": [exam.candidates["001"]]})
        assert [row["number"] for row in one["candidates"]] == ["001"]
        for body, refusal in (({"candidates": ["c_no"]}, "not_found"), ({"candidates": []}, "bad_request")):
            assert code(await office.post(f"/api/rooms/{exam.room}/codes", body)) == refusal
        await sit_until_over(server, clock, exam)
        assert code(await office.post(f"/api/rooms/{exam.room}/codes", {})) == "room_ended"


async def test_of_two_people_who_issue_codes_at_once_the_second_is_told_of_the_first(
    server: Server, clock: SteppedClock
) -> None:
    """Or the first one's slips would open nothing, and nobody would know."""
    exam = await plan_exam(server, candidates=2)
    path, one = f"/api/rooms/{exam.room}", exam.candidates["001"]
    async with await office_page(server) as first, await office_page(server) as second:

        async def seen(*numbers: str) -> str | None:
            rows = [row for row in (await first.get(f"{path}/roster"))["candidates"] if row["number"] in numbers]
            return max((row["code_issued_at"] for row in rows if row["code_issued_at"]), default=None)

        before, of_all = await seen("001"), await seen("001", "002")
        clock.jump_to(clock.now() + timedelta(seconds=1))
        both = [page.post(f"{path}/codes", {"candidates": [one], "seen": before}) for page in (first, second)]
        answers = await asyncio.gather(*both)
        assert sorted(str(code(answer)) for answer in answers) == ["None", "changed_meanwhile"]
        (told,) = [answer["candidates"] for answer in answers if "candidates" in answer]
        exam.codes["001"] = told[0]["code"]
        async with await candidate_page(server, exam, "001"):
            pass
        assert code(await second.post(f"{path}/codes", {"seen": of_all})) == "changed_meanwhile", "001 is one of all"
        assert code(await second.post(f"{path}/codes", {"seen": None})) == "changed_meanwhile"
        other = {"candidates": [exam.candidates["002"]], "seen": await seen("002")}
        assert len((await second.post(f"{path}/codes", other))["candidates"]) == 1, "of another nothing has changed"
        assert len((await second.post(f"{path}/codes", {"seen": await seen("001", "002")}))["candidates"]) == 2


async def test_a_ticket_that_was_fetched_with_an_old_code_opens_no_socket(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        await invigilator.join(exam.room)
        ticket = (await candidate.post(f"/api/rooms/{exam.room}/join"))["ticket"]
        await office.post(f"/api/rooms/{exam.room}/codes", {"candidates": [exam.candidates["001"]]})
        with pytest.raises(SocketRefused):
            await candidate.open_socket(ticket)


async def test_slips_are_printed_with_codes_that_work_and_with_no_others(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}/slips.pdf"
        told = (await office.post(f"/api/rooms/{exam.room}/codes", {}))["candidates"]
        codes = {row["candidate"]: row["code"] for row in told}
        printed = await office.post(path, {"codes": codes})
        assert printed["headers"]["Content-Type"] == "application/pdf"
        assert printed["headers"]["Cache-Control"] == "no-store"
        assert 'filename="phieu-ma-thi.pdf"' in printed["headers"]["Content-Disposition"]
        (text,) = pages(printed["body"])
        for row in told:
            assert row["code"] in text and row["full_name"] in text
        assert f"{server.url}/candidate" in text
        await office.post(f"/api/rooms/{exam.room}/codes", {"candidates": [exam.candidates["001"]]})
        other = {exam.candidates["002"]: codes[exam.candidates["002"]]}
        assert (await office.post(path, {"codes": other}))["status"] == 200
        english = await office.post(f"{path}?lang=en", {"codes": other})
        assert 'filename="exam-code-slips.pdf"' in english["headers"]["Content-Disposition"]
        (text,) = pages(english["body"])
        assert "Exam code" in text
        for wrong in (codes, {"c_no": "x"}, {**other, exam.candidates["001"]: "AAAA-BBBB-CCCC"}):
            assert code(await office.post(path, {"codes": wrong})) == "code_not_current"
        assert code(await office.post(path, {"codes": {}})) == "bad_request"


async def test_the_attendance_list_names_candidates_and_staff_of_the_room(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        listed = await office.get(f"/api/rooms/{exam.room}/attendance.pdf")
        assert 'filename="danh-sach-du-thi.pdf"' in listed["headers"]["Content-Disposition"]
        (text,) = pages(listed["body"])
        for words in ("001 Thí sinh 001", "002 Thí sinh 002", "Cán bộ coi thi", "Triết học Mác", "Phòng 1", "10:00"):
            assert words in text
        path = f"/api/rooms/{exam.room}/attendance.pdf"
        listed = await office.get(f"{path}?lang=en")
        assert 'filename="attendance-list.pdf"' in listed["headers"]["Content-Disposition"]
        (text,) = pages(listed["body"])
        for words in ("Staff of the room", "Technical support", "001 Thí sinh 001"):
            assert words in text
        assert code(await office.get(f"{path}?lang=fr")) == "bad_request"
        assert code(await office.get("/api/rooms/r_no/attendance.pdf")) == "not_found"


# -- cloning ----------------------------------------------------------------------------------------------------------


async def test_a_clone_has_shifted_times_rooms_staff_and_roster_and_nothing_else(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        await send(office, f"/api/rooms/{exam.room}/roster", "101,Lê Văn A,HV1,Nhà A,Xe lăn,30\n")
        await second_room(office, exam)
        gone = exam.candidates["002"]
        left = await office.call("DELETE", f"/api/rooms/{exam.room}/candidates/{gone}", {"reason": "Thôi học"})
        assert code(left) is None
        starts_at = exam.starts_at + timedelta(days=7)
        body = {"title": "Triết học, đợt 2", "starts_at": exam_times(starts_at)["starts_at"], "roster": True}
        clone = await office.post(f"/api/exams/{exam.exam}/clone", body)
        times = exam_times(starts_at)
        assert {key: clone["times"][key] for key in times} == times
        assert (clone["title"], clone["paper"]) == ("Triết học, đợt 2", None)
        original = (await office.get(f"/api/exams/{exam.exam}"))["plan"]
        assert original["conditions"] is not None
        assert [clone["plan"][part] for part in ("regime", "form", "rules", "conditions")] == [
            original[part] for part in ("regime", "form", "rules", "conditions")
        ]
        assert [room["title"] for room in clone["rooms"]] == ["Phòng 1", "Phòng 2"]
        room = clone["rooms"][0]
        roles = sorted(each["role"] for each in room["staff"])
        assert roles == ["inspector", "invigilator", "supervisor", "tech_support"]
        assert [each["number"] for each in room["candidates"]] == ["001", "101"]
        assert not {each["candidate"] for each in room["candidates"]} & set(exam.candidates.values())
        listed = (await office.get(f"/api/rooms/{room['room']}/roster"))["candidates"]
        assert [each["code_issued_at"] for each in listed] == [None] * 2
        assert (listed[1]["wish"], listed[1]["shares_place"], listed[1]["identity"]) == ("Xe lăn", "Nhà A", "HV1")
        events = (await office.get("/api/office/events"))["events"]
        assert [event["data"]["source"] for event in events if event["kind"] == "exam_created"] == ["", exam.exam]

        async with await candidate_page(server, exam, "001") as candidate:  # the old code opens the old exam alone
            assert (await candidate.get("/api/me"))["room"] == exam.room
        told = (await office.post(f"/api/rooms/{room['room']}/codes", {}))["candidates"]
        async with Page(server.url, "candidate") as candidate:
            answer = await candidate.post("/api/sign-in/candidate", {"number": "001", "code": told[0]["code"]})
            assert answer["room"] == room["room"]


async def test_a_clone_without_roster_and_staff_is_empty_rooms(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        body = {"title": "Trống", "starts_at": exam_times(exam.starts_at)["starts_at"], "staff": False}
        (room,) = (await office.post(f"/api/exams/{exam.exam}/clone", body))["rooms"]
        assert (room["candidates"], room["staff"]) == ([], [])


async def test_a_clone_that_overlaps_its_original_is_refused_before_anything_is_made(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        before = await kinds(office)
        starts_at = exam_times(exam.starts_at + timedelta(minutes=30))["starts_at"]
        for staff, roster, refusal in ((True, False, "staff_elsewhere"), (False, True, "candidate_elsewhere")):
            body = {"title": "x", "starts_at": starts_at, "staff": staff, "roster": roster}
            assert code(await office.post(f"/api/exams/{exam.exam}/clone", body)) == refusal
        body = {"title": "x", "starts_at": starts_at}
        assert code(await office.post("/api/exams/e_no/clone", body)) == "not_found"
        assert code(await office.post(f"/api/exams/{exam.exam}/clone", {**body, "starts_at": "soon"})) == "bad_request"
        assert await kinds(office) == before
        assert len((await office.get("/api/exams"))["exams"]) == 1


# -- who --------------------------------------------------------------------------------------------------------------


async def test_nobody_but_the_office_may_do_any_of_it(server: Server) -> None:
    exam = await plan_exam(server)
    candidate = exam.candidates["001"]
    async with (
        Page(server.url, "inspector") as inspector,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as sitting,
    ):
        await inspector.sign_in("inspector", PASSWORD)
        for page in (inspector, invigilator, sitting):
            for method, path in (
                ("POST", f"/api/rooms/{exam.room}/roster"), ("GET", f"/api/rooms/{exam.room}/roster"),
                ("POST", "/api/staff/import"), ("POST", f"/api/exams/{exam.exam}/clone"),
                ("POST", f"/api/rooms/{exam.room}/candidates/{candidate}/move"),
                ("POST", f"/api/rooms/{exam.room}/codes"), ("POST", f"/api/rooms/{exam.room}/slips.pdf"),
                ("GET", f"/api/rooms/{exam.room}/attendance.pdf"),
            ):  # fmt: skip
                assert code(await page.call(method, path)) == "forbidden", (page.role, path)
