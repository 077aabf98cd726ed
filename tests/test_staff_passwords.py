"""Whoever forgot a password gets another one, from the office or at the command line; the earlier one opens nothing."""

from __future__ import annotations

import asyncio
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from proctor.__main__ import main
from proctor.accounts import Accounts
from proctor.app import opened_store
from proctor.ledger import tables as ledger_tables
from proctor.office_log import LOG, OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.store import tables
from proctor.store.engine import async_engine
from proctor.store.people import People
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import PASSWORD, Server, config_in, invigilator_page, office_page, plan_exam, running

ANOTHER = "mot mat khau khac"


async def account(office: Page, name: str) -> dict[str, Any]:
    return next(each for each in (await office.get("/api/staff"))["staff"] if each["name"] == name)


async def log_of(office: Page) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = (await office.get("/api/office/events"))["events"]
    return events


async def news(office: Page, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the log has besides `before`, as soon as there is anything; looked at whenever the house has changed."""
    seen = 0
    async with asyncio.timeout(10):
        while (events := await log_of(office)) == before:
            seen = (await office.get(f"/api/changes?after={seen}"))["count"]
    return events[len(before):]


async def sign_in(server: Server, role: str, password: str) -> str:
    """What a try ends in: the code of the refusal, or nothing."""
    async with Page(server.url, role) as page:
        answer = await page.sign_in(role, password)
        return code(answer) if "error" in answer else ""


async def test_a_forgotten_password_is_replaced_and_every_page_of_the_person_is_signed_out(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=30))
    async with await invigilator_page(server) as page, await office_page(server) as office:
        await page.join(exam.room)
        person = await account(office, "invigilator")
        told = await office.post(f"/api/staff/{person['subject']}/password")
        assert {key: told[key] for key in person} == person
        assert code(await page.hear("signed_out")) == "not_signed_in"
        assert code(await page.get("/api/me")) == "not_signed_in"
        assert await sign_in(server, "invigilator", PASSWORD) == "wrong_credentials"
        assert await sign_in(server, "invigilator", told["password"]) == ""

        last = (await office.get("/api/office/events"))["events"][-1]
        me = (await office.get("/api/me"))["subject"]
        assert (last["kind"], last["actor"], last["data"]["staff"]) == ("password_reset", me, person["subject"])
        assert told["password"] not in str(last)
        again = await office.post(f"/api/staff/{person['subject']}/password")
        assert again["password"] != told["password"]
        assert await sign_in(server, "invigilator", told["password"]) == "wrong_credentials"


async def test_who_tried_too_often_need_not_wait_with_the_new_password(server: Server) -> None:
    await plan_exam(server)
    async with await office_page(server) as office:
        tries = [await sign_in(server, "invigilator", "sai sai sai sai") for _ in range(6)]
        assert tries[-1] == "too_many_tries"
        person = await account(office, "invigilator")
        told = await office.post(f"/api/staff/{person['subject']}/password")
        assert await sign_in(server, "invigilator", told["password"]) == ""


async def test_somebody_of_the_office_who_resets_their_own_stays_to_read_it(server: Server) -> None:
    async with await office_page(server) as office, await office_page(server) as elsewhere:
        person = await account(office, "office")
        told = await office.post(f"/api/staff/{person['subject']}/password")
        assert (await office.get("/api/me"))["subject"] == person["subject"]
        assert code(await elsewhere.get("/api/me")) == "not_signed_in"
    async with Page(server.url, "training_office") as page:
        assert "error" not in await page.sign_in("office", told["password"])


async def test_what_cannot_be_written_is_not_done_and_others_may_not(server: Server) -> None:
    await plan_exam(server)
    commits = FailingCommit(server.house.rooms._engine)
    async with await office_page(server) as office, await invigilator_page(server) as page:
        person = await account(office, "inspector")
        path = f"/api/staff/{person['subject']}/password"
        commits.failures = ["before"]
        assert code(await office.post(path)) == "internal"
        assert code(await page.post(path)) == "forbidden"
        assert code(await office.post("/api/staff/s_nobody/password")) == "not_found"
        assert await sign_in(server, "inspector", PASSWORD) == ""


class HeldBack(ThreadPoolExecutor):
    """Lets nothing be done before `go`."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked, self.go = asyncio.Event(), threading.Event()

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Any:
        self.asked.set()
        super().submit(self.go.wait)
        return super().submit(function, *arguments, **named)


async def test_a_sign_in_under_way_with_the_earlier_password_opens_nothing(server: Server) -> None:
    await plan_exam(server)
    async with await office_page(server) as office:
        person = await account(office, "invigilator")
        with HeldBack() as pool:
            server.house.sign_in._pool = pool
            trying = asyncio.create_task(sign_in(server, "invigilator", PASSWORD))
            await pool.asked.wait()
            assert "error" not in await office.post(f"/api/staff/{person['subject']}/password")
            pool.go.set()
            assert await trying == "wrong_credentials"
    async with server.house.people._engine.connect() as connection:
        open_ones = (await connection.execute(select(tables.sessions.c.subject))).scalars().all()
    assert person["subject"] not in open_ones


async def test_an_account_is_called_what_one_sees_of_its_name(server: Server, clock: SteppedClock) -> None:
    accounts = Accounts(server.house.people)
    made = await accounts.create("of\u200bfice2\u2060", "Lê \u202eLan", "training_office", PASSWORD)
    assert (made.name, made.full_name) == ("office2", "Lê Lan")
    async with Page(server.url, "training_office") as page:
        assert "error" not in await page.sign_in("office2", PASSWORD)
    assert (await accounts.set_password("\u2060office2", ANOTHER, clock.now())).staff == made.staff


async def test_the_command_line_sets_another_password_beside_a_running_server(
    tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_in(tmp_path)
    places = ["--data", str(config.data), "--master-key", str(config.master_key)]

    async def command(name: str, given: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{given}\n"))
        return await asyncio.to_thread(main, ["user", "password", *places, name])

    monkeypatch.setattr("signal.signal", lambda *_: None)  # only the main thread may
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        clock.jump_to(exam.starts_at - timedelta(minutes=30))
        async with await invigilator_page(server) as page, await office_page(server) as office:
            await page.join(exam.room)
            assert await command("invigilator", ANOTHER) == 0
            assert code(await page.get("/api/me")) == "not_signed_in"
            before = await log_of(office)
            clock.advance(seconds=10)  # the open page is found by the next look at all sessions
            assert code(await page.hear("signed_out")) == "not_signed_in"
            assert "error" not in await office.get("/api/me")
            (told,) = await news(office, before)  # and so is what was done
            person = await account(office, "invigilator")
            assert (told["kind"], told["actor"], told["data"]["staff"]) == ("password_set", OPERATOR, person["subject"])
            assert datetime.fromisoformat(told["data"]["happened_at"]).tzinfo is not None
            assert ANOTHER not in str(told)
            assert "hash" not in str(told)
        assert await sign_in(server, "invigilator", PASSWORD) == "wrong_credentials"
        assert await sign_in(server, "invigilator", ANOTHER) == ""
        assert await command("nobody", ANOTHER) == 2
        assert await command("invigilator", "ngan") == 2
        assert await sign_in(server, "invigilator", ANOTHER) == ""
    said = capsys.readouterr()
    assert said.out.startswith("invigilator: invigilator (s_")
    assert ANOTHER not in said.out + said.err


async def test_a_password_set_while_no_server_ran_is_on_the_log_once_whatever_a_crash_left(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server, await office_page(server):
        pass
    config = config_in(tmp_path)
    with opened_store(config) as (_, engine):
        asynchronous = async_engine(config.database)
        member = await Accounts(People(asynchronous)).set_password("office", ANOTHER, clock.now())
        (left,) = await People(asynchronous).password_changes()
        await asynchronous.dispose()
    for _ in range(2):
        async with running(tmp_path, clock) as server:
            assert await server.house.people.password_changes() == []
            async with Page(server.url, "training_office") as office:
                assert "error" not in await office.sign_in("office", ANOTHER)
                told = [each["data"] for each in await log_of(office) if each["kind"] == "password_set"]
                assert [(each["staff"], each["change"]) for each in told] == [(member.staff, left.change)]
                assert datetime.fromisoformat(told[0]["happened_at"]) == clock.now()
        with opened_store(config) as (_, engine), engine.begin() as connection:  # a crash came before it was forgotten
            row = {"change": left.change, "staff": member.staff, "at": clock.now().isoformat()}
            connection.execute(tables.password_changes.insert().values(row))


async def test_a_password_that_cannot_be_written_waits_and_an_altered_log_keeps_nobody_out(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        commits = FailingCommit(server.house.rooms._engine)
        before = await log_of(office)
        commits.failures = ["before"]
        await Accounts(server.house.people).set_password("office", ANOTHER, clock.now())
        clock.advance(seconds=10)
        async with Page(server.url, "training_office") as again:
            await commits.spent()
            await again.sign_in("office", ANOTHER)
            assert await log_of(again) == before
            clock.advance(seconds=10)
            assert [each["kind"] for each in await news(again, before)] == ["password_set"]
    config = config_in(tmp_path)
    with opened_store(config) as (_, engine):
        asynchronous = async_engine(config.database)
        people = People(asynchronous)
        told = {each.change for each in await people.password_changes()}  # a server that stops may not forget it first
        await Accounts(people).set_password("office", PASSWORD, clock.now())
        (waiting,) = {each.change for each in await people.password_changes()} - told
        await asynchronous.dispose()
        with engine.begin() as connection:
            entry = (ledger_tables.payloads.c.room == LOG) & (ledger_tables.payloads.c.seq == 2)
            connection.execute(ledger_tables.payloads.update().where(entry).values(payload=b"{}"))
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        assert code(await office.get("/api/office/events")) == "chain_broken"
        assert waiting in {each.change for each in await server.house.people.password_changes()}
