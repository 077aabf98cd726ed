"""The sealed paper: what the office may do with it, and until when."""

from __future__ import annotations

from datetime import timedelta

from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    PDF,
    PLAN,
    PLAN_B,
    UNIT,
    Server,
    candidate_page,
    exam_times,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)


async def test_a_preview_is_the_paper_and_is_on_the_log_of_every_room(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        preview = await office.get(f"/api/exams/{exam.exam}/paper")
        assert preview["body"] == PDF
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [event["actor"] for event in events if event["kind"] == "paper_previewed"] == [
            (await office.get("/api/me"))["subject"]
        ]


async def test_a_paper_may_be_replaced_until_a_candidate_has_it(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    path = f"/api/exams/{exam.exam}/paper"
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        first = (await office.get("/api/exams"))["exams"][0]["paper"]
        second = await office.put(path, data=PDF + b"\n%%EOF\n")
        assert second["sha256"] != first["sha256"]
        clock.jump_to(exam.starts_at - timedelta(minutes=5))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        assert (await candidate.get(f"/api/rooms/{exam.room}/paper"))["status"] == 200
        assert code(await office.put(path, data=PDF)) == "paper_locked"
        assert (await office.get(path))["body"] == PDF + b"\n%%EOF\n"
        listed = (await office.get("/api/exams"))["exams"][0]["paper"]
        assert {key: listed[key] for key in second} == second


async def test_a_new_room_gets_the_paper_that_is_there(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        room = await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"})
        live = server.house.rooms.get(room["room"])
        assert live.state.paper == server.house.rooms.get(exam.room).state.paper


async def unit_head_page(server: Server) -> Page:
    """The page of the head of the academic unit, whose account is made if there is none."""
    if await server.house.people.staff_by_name("unit_head") is None:
        await server.house.office.create_staff(OPERATOR, "unit_head", "Trưởng đơn vị", "unit_head", PASSWORD, UNIT)
    return await head_of_a_unit(server, "unit_head")


async def head_of_a_unit(server: Server, name: str) -> Page:
    page = Page(server.url, "unit_head")
    assert "error" not in await page.sign_in(name, PASSWORD)
    return page


async def test_a_published_paper_of_regime_b_is_replaced_once_the_publication_is_withdrawn(server: Server) -> None:
    """What the head of the unit confirmed is what is published (B22.4)."""
    exam = await plan_exam(server, regime="B")
    path, publication = f"/api/exams/{exam.exam}/paper", f"/api/exams/{exam.exam}/publication"
    async with await office_page(server) as office:
        before = (await office.get("/api/exams"))["exams"][0]["paper"]
        assert before["confirmed_at"]
        assert code(await office.put(path, data=PDF + b"\n%%EOF\n")) == "paper_published"
        assert (await office.get("/api/exams"))["exams"][0]["paper"] == before
        assert code(await office.call("DELETE", publication, {"reason": "Thay đề"})) is None
        assert code(await office.put(path, data=PDF + b"\n%%EOF\n")) is None
        listed = (await office.get("/api/exams"))["exams"][0]
        assert listed["paper"]["confirmed_at"] is None
        assert "paper_confirmation" in listed["readiness"]["unmet"]
        refused = await office.post(publication)
        assert code(refused) == "not_publishable" and "paper_confirmation" in refused["error"]["details"]["unmet"]


async def test_an_exam_of_regime_b_is_refused_and_published_by_regime_b_alone(server: Server) -> None:
    """Nothing of A is cited, also while it is a draft, whose room does not know its regime yet (X37)."""
    exam = await plan_exam(server, regime="B")
    async with await office_page(server) as office:
        assert (await office.get(f"/api/exams/{exam.exam}"))["readiness"]["citations"] == [
            "B22.2.1", "B22.2.2", "B21.3", "B22.4",
        ]  # fmt: skip
        copied = {"title": "Bản sao", "starts_at": moment(exam.starts_at + timedelta(days=7)), "staff": False}
        clone = await office.post(f"/api/exams/{exam.exam}/clone", {**copied, "roster": False})
        for room, more in ((exam.room, 49), (clone["rooms"][0]["room"], 51)):
            roster = "number,full_name\n" + "".join(f"{number},An {number}\n" for number in range(200, 200 + more))
            refused = (await office.call("POST", f"/api/rooms/{room}/roster", data=roster.encode()))["error"]
            assert (refused["code"], refused["details"]["citation"]) == ("room_capacity", "B21.3, B22.2.2")
            assert "14" not in refused["vi"] + refused["en"]
        times = {**exam_times(exam.starts_at), "release_at": moment(exam.starts_at - timedelta(minutes=1))}
        refused = (await office.put(f"/api/exams/{clone['exam']}", {"title": "Bản sao", **times}))["error"]
        assert (refused["code"], refused["details"]["citation"]) == ("schedule_contradiction", "B21.3, B22.2.2")


async def test_a_day_before_the_regime_is_refused_and_spoils_no_list(server: Server) -> None:
    """Regulation B gives figures from 12 February 2024; a year that was mistyped has none (X01)."""
    long_ago = MORNING.replace(year=2023)
    async with await office_page(server) as office:
        made = await office.post("/api/exams", {"title": "Năm ghi nhầm", **exam_times(long_ago)})
        plan = f"/api/exams/{made['exam']}/plan"
        refused = (await office.put(plan, {**PLAN, **PLAN_B}))["error"]
        assert (refused["code"], refused["details"]["unmet"]) == ("schedule_contradiction", "before_the_regime")
        assert [each["title"] for each in (await office.get("/api/exams"))["exams"]] == ["Năm ghi nhầm"]
        assert code(await office.put(plan, PLAN)) is None


async def test_a_reserve_paper_of_regime_b_is_used_once_the_head_of_the_unit_confirmed_it(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, regime="B")
    async with await unit_head_page(server) as head, await office_page(server) as office:
        paper, because = f"/api/exams/{exam.exam}/paper", {"reason": "Đề lộ"}
        clock.jump_to(exam.starts_at)
        use = f"/api/rooms/{exam.room}/paper/reserve"
        assert code(await office.post(use, because)) == "not_found"
        first = await office.put(f"{paper}?use=reserve", data=PDF)
        assert code(await office.post(use, because)) == "paper_unconfirmed"
        assert (await head.get(f"{paper}?use=reserve"))["body"] == PDF
        confirmed = {"sha256": first["sha256"], "use": "reserve"}
        assert code(await head.post(f"{paper}/confirmation", {"sha256": first["sha256"]})) == "paper_changed"
        assert code(await head.post(f"{paper}/confirmation", confirmed)) is None
        second = await office.put(f"{paper}?use=reserve", data=PDF + b"\n%%EOF\n")  # another one, that nobody confirmed
        assert code(await office.post(use, because)) == "paper_unconfirmed"
        assert code(await head.post(f"{paper}/confirmation", confirmed)) == "paper_changed"
        assert code(await head.post(f"{paper}/confirmation", {"sha256": second["sha256"], "use": "reserve"})) is None
        assert code(await office.post(use, because)) is None
        assert server.house.rooms.get(exam.room).state.paper.sha256 == second["sha256"]
        log = (await office.get("/api/office/events?after=0"))["events"]
        told = [each["data"]["use"] for each in log if each["kind"] == "paper_confirmed"]
        assert told == ["main", "reserve", "reserve"]


async def test_a_head_of_a_unit_reads_and_confirms_no_paper_of_regime_a(server: Server) -> None:
    exam = await plan_exam(server)
    async with await unit_head_page(server) as head, await office_page(server) as office:
        paper = f"/api/exams/{exam.exam}/paper"
        reserve = await office.put(f"{paper}?use=reserve", data=PDF)
        for use in ("main", "reserve"):
            assert code(await head.get(f"{paper}?use={use}")) == "not_of_regime_b"
            asked = {"sha256": reserve["sha256"], "use": use}
            assert code(await head.post(f"{paper}/confirmation", asked)) == "not_of_regime_b"
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [each for each in events if each["kind"] == "paper_previewed"] == []


async def test_the_head_of_another_unit_neither_sees_nor_reads_nor_confirms_a_paper(server: Server) -> None:
    """B22.4: it is the head of the unit that sets the paper."""
    exam = await plan_exam(server, regime="B")
    path, paper = f"/api/exams/{exam.exam}", f"/api/exams/{exam.exam}/paper"
    await server.house.office.create_staff(OPERATOR, "other", "Trưởng khác", "unit_head", PASSWORD, "Khoa Luật")
    await server.house.office.create_staff(OPERATOR, "second", "Cùng đơn vị", "unit_head", PASSWORD, "khoa  KINH TẾ ")
    async with (
        await office_page(server) as office,
        await head_of_a_unit(server, "other") as other,
        await head_of_a_unit(server, "second") as second,
    ):
        reserve = await office.put(f"{paper}?use=reserve", data=PDF)
        confirmation = {"sha256": reserve["sha256"], "use": "reserve"}
        assert (await other.get("/api/exams"))["exams"] == []
        assert code(await other.get(path)) == "other_unit"
        assert code(await other.get(f"{paper}?use=reserve")) == "other_unit"
        assert code(await other.post(f"{paper}/confirmation", confirmation)) == "other_unit"
        assert (await office.get(path))["reserve"]["confirmed_at"] is None
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [each for each in events if each["kind"] == "paper_previewed"] == []

        assert [each["exam"] for each in (await second.get("/api/exams"))["exams"]] == [exam.exam]
        assert (await second.get(path))["title"]
        assert (await second.get(f"{paper}?use=reserve"))["body"] == PDF
        assert code(await second.post(f"{paper}/confirmation", confirmation)) is None
        assert (await office.get(path))["reserve"]["confirmed_at"]


async def test_an_exam_of_regime_b_names_the_unit_that_sets_its_paper(server: Server) -> None:
    exam = await plan_exam(server, regime="B")
    plan = {**PLAN, **PLAN_B}
    path, reason = f"/api/exams/{exam.exam}", {"reason": "Sửa"}
    async with await office_page(server) as office, await unit_head_page(server) as head:
        assert code(await office.call("DELETE", f"{path}/publication", reason)) is None
        for unit in ("Khoa Luật", "", " "):  # the paper was confirmed by the head of the unit that is named
            refused = await office.put(f"{path}/plan", {**plan, "unit": unit})
            assert code(refused) == "paper_confirmed" and UNIT in refused["error"]["vi"]
        assert code(await office.put(f"{path}/plan", {**plan, "unit": f" {UNIT.upper()}"})) is None
        assert (await office.get(path))["readiness"]["unmet"] == []

        loaded = await office.put(f"{path}/paper", data=PDF)
        assert code(await office.put(f"{path}/plan", {**plan, "unit": " "})) is None
        refused = await office.post(f"{path}/publication")
        assert refused["error"]["details"]["unmet"] == ["unit", "paper_confirmation"]
        assert code(await head.post(f"{path}/paper/confirmation", {"sha256": loaded["sha256"]})) == "other_unit"
        assert code(await office.put(f"{path}/plan", {**plan, "unit": "x" * 201})) == "bad_request"
        assert code(await office.put(f"{path}/plan", plan)) is None
        assert code(await head.post(f"{path}/paper/confirmation", {"sha256": loaded["sha256"]})) is None
        reserve = await office.put(f"{path}/paper?use=reserve", data=PDF)
        await office.put(f"{path}/paper", data=PDF)
        confirmed = {"sha256": reserve["sha256"], "use": "reserve"}
        assert code(await head.post(f"{path}/paper/confirmation", confirmed)) is None
        assert code(await office.put(f"{path}/plan", {**plan, "unit": "Khoa Luật"})) == "paper_confirmed", "the reserve"


async def test_the_account_of_a_head_of_a_unit_names_the_unit(server: Server) -> None:
    account = {"name": "truong", "full_name": "Trưởng", "role": "unit_head", "password": PASSWORD}
    async with await office_page(server) as office:
        for unit in ({}, {"unit": "  "}):
            assert code(await office.post("/api/staff", account | unit)) == "unit_needed"
        listed = "name,full_name,role,unit\na,An,unit_head,\nb,Bình,invigilator,\n"
        refused = await office.call("POST", "/api/staff/import", data=listed.encode())
        assert [(bad["row"], bad["column"], bad["code"]) for bad in refused["error"]["details"]["rows"]] == [
            (2, "unit", "empty")
        ]
        assert len((await office.get("/api/staff"))["staff"]) == 1, "the office alone"
