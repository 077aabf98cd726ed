"""Rooms that ended sleep at the next start and wake when somebody asks for them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from proctor.app import opened_store
from proctor.errors import ProctorError
from proctor.ledger import chain, tables
from proctor.office_log import LOG
from proctor.rehearsal.page import Page, code
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    Server,
    candidate_page,
    config_in,
    invigilator_page,
    office_page,
    plan_exam,
    plan_exam_as,
    reach_lobby,
    running,
    second_room,
)


async def hold(server: Server, clock: SteppedClock) -> str:
    """An exam with one answer saved, to its end; the room, whose log knows of no restart."""
    exam = await plan_exam_as(await office_page(server))
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=1))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        clock.jump_to(exam.starts_at)
        await candidate.hear("paper_key")
        await candidate.tell("save_answer", epoch=1, base_revision=0, text="bài làm", client_time="t")
        clock.jump_to(exam.starts_at + timedelta(minutes=96))
        await candidate.hear("room", lambda room: room["phase"] == "ended")
    return exam.room


async def test_an_ended_room_is_not_folded_until_asked_for_and_is_then_the_same(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        room = await hold(server, clock)
        before = server.house.rooms.get(room)
    async with running(tmp_path, clock) as server:
        rooms = server.house.rooms
        assert rooms.awake() == []
        async with await office_page(server) as office, Page(server.url, "inspector") as inspector:
            (listed,) = (await office.get("/api/exams"))["exams"]
            assert listed["rooms"][0]["phase"] == "ended"
            assert [each["number"] for each in listed["rooms"][0]["candidates"]] == ["001", "002"]
            assert listed["readiness"]["unmet"] == [], "that it has no room is said of an exam that has none"
            await inspector.sign_in("inspector", PASSWORD)
            assert [each["room"] for each in (await inspector.get("/api/me"))["rooms"]] == [room]
            assert rooms.awake() == []

            woken = await asyncio.gather(*(rooms.open(room) for _ in range(5)))
            assert len({id(live) for live in woken}) == 1
            assert woken[0].state.sittings == before.state.sittings
            assert woken[0].actor.head == before.actor.head
            (plan,) = (await office.get(f"/api/exams/{listed['exam']}"))["rooms"]
            assert plan["candidates"][0]["state"] == "admitted"
            pulled = await office.get(f"/api/rooms/{room}/submissions.zip")
            assert pulled["status"] == 200
            events = (await inspector.get(f"/api/rooms/{room}/events"))["events"]
            assert [event["kind"] for event in events][-1] == "submissions_pulled"
            assert "server_restarted" not in [event["kind"] for event in events]


@pytest.mark.parametrize("column", ["at", "payload"])
async def test_a_room_whose_log_was_altered_stays_closed_and_the_others_open(
    tmp_path: Path, clock: SteppedClock, column: str
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with await office_page(server) as office:
            other = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": "Phòng 2"}))["room"]
    table = tables.entries if column == "at" else tables.payloads
    with opened_store(config_in(tmp_path)) as (_, engine), engine.begin() as connection:
        row = (table.c.room == exam.room) & (table.c.seq == 2)
        connection.execute(table.update().where(row).values({column: "soon" if column == "at" else b"{}"}))
    async with running(tmp_path, clock) as server:
        assert [live.room for live in server.house.rooms.awake()] == [other]
        with pytest.raises(ProctorError, match="chain_broken"):
            await server.house.rooms.open(exam.room)
        async with await office_page(server) as office:
            (listed,) = (await office.get("/api/exams"))["exams"]
            plans = {each["room"]: each for each in listed["rooms"]}
            assert plans.keys() == {exam.room, other}
            assert plans[exam.room]["unavailable"]["code"] == "chain_broken"
            assert len(plans[exam.room]["candidates"]) == 2
            assert "unavailable" not in plans[other]
            assert (await office.get(f"/api/exams/{exam.exam}"))["rooms"] == listed["rooms"]
            assert (await office.get(f"/api/exams/{exam.exam}/paper"))["status"] == 200
            for role in ("inspector", "invigilator", "training_office"):
                async with Page(server.url, role) as page:
                    await page.sign_in("office" if role == "training_office" else role, PASSWORD)
                    rooms = {each["room"]: each for each in (await page.get("/api/me"))["rooms"]}
                    assert rooms[exam.room]["phase"] == "unavailable"
                    assert rooms[exam.room]["unavailable"]["details"] == {"room": exam.room, "seq": 2}
            answer = await office.get(f"/api/rooms/{exam.room}/submissions.zip")
            assert answer["error"]["code"] == "chain_broken"
            assert answer["error"]["details"] == {"room": exam.room, "seq": 2}


async def test_an_ended_room_whose_log_was_altered_says_so_every_time(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        room = await hold(server, clock)
    with opened_store(config_in(tmp_path)) as (_, engine), engine.begin() as connection:
        row = (tables.entries.c.room == room) & (tables.entries.c.seq == 3)
        connection.execute(tables.entries.update().where(row).values(header=b"not JSON"))
    async with running(tmp_path, clock) as server:
        async with await office_page(server) as office:
            (listed,) = (await office.get("/api/exams"))["exams"]
            assert listed["rooms"][0]["phase"] == "ended"  # it sleeps; nobody has looked
            (plan,) = (await office.get(f"/api/exams/{listed['exam']}"))["rooms"]
            assert (plan["phase"], plan["unavailable"]["code"]) == ("unavailable", "chain_broken")
        for _ in range(2):
            with pytest.raises(ProctorError, match="chain_broken"):
                await server.house.rooms.open(room)


def entries(server: Server, room: str) -> list[chain.Entry]:
    return list(tables.read(server.house.rooms._engine, room))


async def test_a_clock_set_back_between_two_runs_is_an_alarm_on_every_log(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        ended = await hold(server, clock)
        before = {log: entries(server, log)[-1].at for log in (ended, LOG)}
    clock.advance(hours=-5)
    async with running(tmp_path, clock) as server:
        await server.house.rooms.open(ended)
        for log in (ended, LOG):
            last = entries(server, log)[-1]
            back = (clock.now() - before[log]).total_seconds()
            assert (last.kind, json.loads(last.payload or b"")) == ("clock_stepped", {"seconds": back}), log
            assert last.at == clock.now()
        back = (clock.now() - before[ended]).total_seconds()
        assert server.house.rooms.get(ended).vitals()["clock_step_s"] == back == -5 * 3600
        assert server.house.rooms.get(ended).state.ended
    async with running(tmp_path, clock) as server:  # once is enough
        await server.house.rooms.open(ended)
        assert [entry.kind for entry in entries(server, ended)].count("clock_stepped") == 1
        assert server.house.rooms.get(ended).vitals()["clock_step_s"] == 0.0


async def test_the_alarm_comes_before_anything_else_of_a_room_under_way(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
    clock.advance(hours=-1)
    async with running(tmp_path, clock) as server:
        kinds = [entry.kind for entry in entries(server, exam.room)]
        assert kinds[-2:] == ["clock_stepped", "server_restarted"]


async def test_a_clock_that_is_a_little_behind_is_waited_for(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
    behind = SteppedClock(clock.now() - timedelta(seconds=0.3), flowing=True)
    async with running(tmp_path, behind) as server:
        times = [entry.at for entry in entries(server, exam.room)]
        assert times == sorted(times)
        assert [entry.kind for entry in entries(server, exam.room)][-1] == "server_restarted"


async def test_the_server_is_back_when_its_doors_open_and_not_before(
    tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        exam = await plan_exam(server)
        rooms = [exam.room, await second_room(office, exam)]
    clock.advance(seconds=1)
    went, read = clock.now(), tables.read

    def read_for_long(engine: Engine, room: str) -> Iterator[chain.Entry]:
        clock.advance(seconds=20 * (room in rooms))
        return read(engine, room)

    monkeypatch.setattr(tables, "read", read_for_long)
    async with running(tmp_path, clock) as server:
        for room in rooms:
            entry = entries(server, room)[-1]
            assert entry.kind == "server_restarted"
            assert entry.at >= went + timedelta(seconds=40)  # both logs were read by then


async def test_a_start_that_failed_is_no_time_at_which_the_server_ran(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        alive = server.house.config.data / "alive"
    ran = alive.read_text()
    clock.advance(minutes=10)
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        with pytest.raises(ProctorError, match="port_busy"):
            async with running(tmp_path, clock, media_port=holder.getsockname()[1]):
                pass
    assert alive.read_text() == ran
    async with running(tmp_path, clock) as server:
        since = json.loads(entries(server, exam.room)[-1].payload or b"")["down_since"]
        assert datetime.fromisoformat(since) <= datetime.fromisoformat(ran)


@pytest.mark.parametrize("beyond", [-1, 0, 1, 2**62])
async def test_a_page_that_asks_beyond_the_end_of_a_log_hears_its_real_head(server: Server, beyond: int) -> None:
    exam = await plan_exam(server)
    seq, head = server.house.rooms.get(exam.room).actor.head
    async with await office_page(server) as office:
        answer = await office.get(f"/api/rooms/{exam.room}/events?after={seq + beyond}")
    assert answer["head"] == head.hex()
    assert [event["seq"] for event in answer["events"]] == list(range(seq + beyond + 1, seq + 1))


@pytest.mark.parametrize("after", ["", "one", "1.5", str(2**63), "9" * 5_000])
async def test_what_is_no_number_of_an_entry_is_refused(server: Server, after: str) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        assert code(await office.get(f"/api/rooms/{exam.room}/events?after={after}")) == "bad_request"
