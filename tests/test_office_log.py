"""What the training office does is on its own log first, or is not done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from proctor.accounts import Accounts
from proctor.app import opened_store
from proctor.ledger import chain, tables
from proctor.office_log import LOG, OPERATOR, SERVER
from proctor.rehearsal.page import Page, code
from proctor.store.engine import async_engine
from proctor.store.people import People
from tests.support.clock import MORNING, SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import (
    DECISION,
    PASSWORD,
    PDF,
    PLAN,
    Server,
    config_in,
    exam_times,
    invigilator_page,
    office_page,
    plan_exam,
    running,
    sit_until_over,
)

NEW_EXAM = {"title": "Kinh tế chính trị", **exam_times(MORNING)}
NEW_STAFF = {"name": "lan", "full_name": "Cán bộ Lan", "role": "invigilator", "password": PASSWORD}


async def kinds(page: Page) -> list[str]:
    return [event["kind"] for event in (await page.get("/api/office/events"))["events"]]


async def test_every_act_of_the_office_is_on_its_log_with_who_did_it(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        subject = (await office.get("/api/me"))["subject"]
        people = {each["name"]: each["subject"] for each in (await office.get("/api/staff"))["staff"]}
        events = (await office.get("/api/office/events"))["events"]
    assert [(event["kind"], event["actor"]) for event in events] == [
        ("log_begun", SERVER), ("account_made", OPERATOR), ("exam_created", subject), ("room_created", subject),
        ("roster_imported", subject), *[("account_made", subject)] * 5, ("room_staffed", subject),
        ("paper_uploaded", subject), ("plan_set", subject), ("room_supported", people["it_unit"]),
        ("exam_published", subject),
    ]  # fmt: skip
    by_kind = {event["kind"]: event["data"] for event in events}
    assert by_kind["exam_created"]["exam"] == exam.exam
    assert by_kind["roster_imported"]["candidates"] == list(exam.candidates.values())
    assert PASSWORD not in str(events)
    list(chain.verify(tables.read(server.house.rooms._engine, LOG)))


async def test_the_digest_of_a_signed_copy_is_on_the_log_and_nothing_else_passes_for_one(server: Server) -> None:
    async with await office_page(server) as office:
        path = f"/api/exams/{(await office.post('/api/exams', NEW_EXAM))['exam']}/plan"
        for other in ("", "ab", "G" * 64, "A" * 64, "a" * 63, "a" * 65, f"{'a' * 64}\n"):
            told = await office.put(path, {**PLAN, "form_decision": {**DECISION, "digest": other}})
            assert code(told) == "bad_request", other
        signed = {**DECISION, "digest": "a1" * 32}
        told = await office.put(path, {**PLAN, "form_decision": signed})
        assert told["plan"]["form_decision"] == signed
        (entered,) = [each for each in (await office.get("/api/office/events"))["events"] if each["kind"] == "plan_set"]
    assert entered["data"]["plan"]["form_decision"] == signed
    assert entered["data"]["plan"]["conditions"] == DECISION


async def test_a_paper_that_no_room_has_yet_is_not_previewed_unseen(server: Server) -> None:
    async with await office_page(server) as office:
        exam = (await office.post("/api/exams", NEW_EXAM))["exam"]
        digest = (await office.put(f"/api/exams/{exam}/paper", data=PDF))["sha256"]
        assert (await office.get(f"/api/exams/{exam}/paper"))["status"] == 200
        last = (await office.get("/api/office/events"))["events"][-1]
    assert (last["kind"], last["data"]) == ("paper_previewed", {"exam": exam, "sha256": digest})


async def test_an_act_that_cannot_be_written_is_refused_and_not_carried_out(server: Server) -> None:
    exam = (await plan_exam(server)).exam
    commits = FailingCommit(server.house.rooms._engine)
    async with await office_page(server) as office:
        before = await kinds(office), (await office.get("/api/exams")), (await office.get("/api/staff"))
        for act in (
            office.post("/api/exams", NEW_EXAM),
            office.post("/api/staff", NEW_STAFF),
            office.post(f"/api/exams/{exam}/rooms", {"title": "Phòng 2"}),
            office.put(f"/api/exams/{exam}/paper", data=PDF),
            office.get(f"/api/exams/{exam}/paper"),
        ):
            commits.failures = ["before"]
            assert code(await act) == "internal"
        after = await kinds(office), (await office.get("/api/exams")), (await office.get("/api/staff"))
        assert after == before
        assert not list(server.house.config.papers.glob("*.part"))
        assert "subject" in await office.post("/api/staff", NEW_STAFF)


async def test_two_accounts_of_one_name_asked_for_at_once_leave_one_entry(server: Server) -> None:
    async with await office_page(server) as office:
        answers = await asyncio.gather(*(office.post("/api/staff", NEW_STAFF) for _ in range(3)))
        assert sorted(code(answer) for answer in answers if "error" in answer) == ["name_taken", "name_taken"]
        assert (await kinds(office)).count("account_made") == 2  # the office's own, and one


async def test_acts_that_are_refused_are_not_on_the_log(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        before = await kinds(office)
        roster = "số báo danh,họ và tên\n099,Thí sinh\n".encode()
        path = f"/api/rooms/{exam.room}/roster"
        answers = await asyncio.gather(*(office.call("POST", path, data=roster) for _ in range(2)))
        assert [code(answer) for answer in answers if "error" in answer] == ["name_taken"]
        assert await kinds(office) == [*before, "roster_imported"]
        await sit_until_over(server, clock, exam)
        refused = await office.put(f"/api/rooms/{exam.room}/staff", {"staff": []})
        assert code(refused) == "room_ended"
        assert await kinds(office) == [*before, "roster_imported"]


async def test_inspectors_read_the_log_and_invigilators_do_not(server: Server) -> None:
    await plan_exam(server)
    async with Page(server.url, "inspector") as inspector, await invigilator_page(server) as invigilator:
        await inspector.sign_in("inspector", PASSWORD)
        whole = await inspector.get("/api/office/events")
        tail = await inspector.get("/api/office/events?after=3")
        assert tail == {"events": whole["events"][3:], "more": False, "head": whole["head"]}
        assert code(await invigilator.get("/api/office/events")) == "forbidden"


async def test_the_log_goes_on_after_a_restart_and_meets_accounts_of_the_command_line(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        await plan_exam(server)
    config = config_in(tmp_path)
    with opened_store(config):
        engine = async_engine(config.database)
        made = await Accounts(People(engine)).create("hoa", "Cán bộ Hoa", "inspector", PASSWORD)
        await engine.dispose()
    for _ in range(2):
        async with running(tmp_path, clock) as server, await office_page(server) as office:
            events = (await office.get("/api/office/events"))["events"]
            assert [event["data"]["staff"] for event in events if event["kind"] == "account_found"] == [made.staff]


@pytest.mark.parametrize("column", ["at", "payload"])
async def test_an_altered_log_stays_closed_and_rooms_go_on(tmp_path: Path, clock: SteppedClock, column: str) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            draft = await office.post("/api/exams", {"title": "Nháp", **exam_times(exam.starts_at)})
    table = tables.entries if column == "at" else tables.payloads
    with opened_store(config_in(tmp_path)) as (_, engine), engine.begin() as connection:
        row = (table.c.room == LOG) & (table.c.seq == 3)
        connection.execute(table.update().where(row).values({column: "soon" if column == "at" else b"{}"}))
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        for answer in (
            await office.get("/api/office/events"),
            await office.post("/api/staff", NEW_STAFF),
            await office.get(f"/api/exams/{exam.exam}/paper"),
            await office.call("DELETE", f"/api/exams/{draft['exam']}"),
        ):
            assert code(answer) == "chain_broken"
            assert answer["error"]["details"] == {"room": LOG, "seq": 3}
        assert (await office.get(f"/api/exams/{draft['exam']}"))["removable"] is None
        assert [live.room for live in server.house.rooms.awake()] == [exam.room]
