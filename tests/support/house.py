"""A whole server on loopback, as `proctor.app` wires it, with a clock that the test moves; and an exam in it."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from argon2 import PasswordHasher

import proctor.demo
import proctor.passwords
from proctor.app import House, make_writable
from proctor.clock import Clock
from proctor.config import Config
from proctor.keys import Keys, MasterKey
from proctor.ledger import tables as ledger_tables
from proctor.office_log import OPERATOR
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page, get_ready
from proctor.rehearsal.pictures import photo
from proctor.store import tables
from proctor.store.data_keys import read_keys
from proctor.store.engine import sync_engine
from proctor.store.migrate import upgrade
from proctor.views import moment
from proctor.workers import Workers
from tests.support.clock import MORNING, SteppedClock
from tests.support.files import holds

PASSWORD = "correct horse battery"
PDF = (Path(proctor.demo.__file__).parent / "paper.pdf").read_bytes()


@dataclass
class Server:
    """A running house."""

    house: House
    url: str
    new: bool = False  # nothing was in its folder when it was opened
    workers: Workers | None = field(default=None, repr=False)
    ends: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack, repr=False)

    async def go_on_with(self, planned: Path) -> None:
        """End the house, in which nothing has happened, and go on at the same address with a copy of another's data."""
        config, clock = self.house.config, self.house.clock
        await self.ends.aclose()
        shutil.rmtree(config.data)
        for folder in (config.data, config.master_key.parent):
            shutil.copytree(planned / folder.name, folder, dirs_exist_ok=True)
        port = urlsplit(self.url).port
        self.new = False
        self.house, _ = await _started(config, clock, self.workers, port, self.ends)


def config_in(folder: Path, **more: Any) -> Config:
    return Config(data=folder / "data", recordings=folder / "recordings", master_key=folder / "keys/master.key", **more)


def stored_keys(config: Config) -> Keys:
    """The data keys of a house, also of one that another process runs."""
    engine = sync_engine(config.database)
    try:
        with engine.connect() as connection:
            keys = read_keys(connection, MasterKey.load(config.master_key))
    finally:
        engine.dispose()
    assert keys is not None
    return keys


def hurry() -> None:
    """In a worker: passwords cost next to nothing, and nothing gives way to the browsers of the test beside it."""
    proctor.passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with contextlib.suppress(PermissionError):  # only root may take back what a worker begins with
        os.setpriority(os.PRIO_PROCESS, 0, 0)


@cache
def shared_workers() -> Workers:
    """The workers of all servers in this process: to start some for each would be most of what a short test costs."""
    workers = Workers(1)
    workers.submit(hurry)
    atexit.register(workers.shutdown, cancel_futures=True)
    return workers


@contextlib.asynccontextmanager
async def running(
    folder: Path, clock: Clock, *, listen: int = 0, workers: Workers | None = None, **more: Any
) -> AsyncIterator[Server]:
    """A server over the data in `folder`; with `listen`, at the port where pages expect it back. `workers`: others
    than the hurried ones that all servers share."""
    SyntheticPublisher(0)  # draws its pictures, once a process: later that would hold the loop while sockets wait
    async with contextlib.AsyncExitStack() as ends:
        config = config_in(folder, port=0, **more)
        workers, new = workers or shared_workers(), not config.data.exists()
        if new and not config.database_url:
            make_writable(config.data)
            shutil.copy(_empty(), config.data)
        house, port = await _started(config, clock, workers, listen, ends)
        yield Server(house, f"http://localhost:{port}", new, workers, ends)
        if not config.database_url:
            assert holds(config.data / "proctor.db"), "this process closed a file of its database (support/files.py)"


@cache
def _empty() -> Path:
    """A database of the newest schema in which nothing is: the migrations are most of what a start costs, and run once
    a process. How they run in an empty folder is told where a program starts (scripts/test_run.py) and in tests/store.
    """
    config = config_in(Path(tempfile.mkdtemp(dir=_planned_in())))
    make_writable(config.data)
    engine = sync_engine(config.database)
    upgrade(engine, [tables.metadata, ledger_tables.metadata])
    engine.dispose()
    (made,) = config.data.iterdir()
    return made


async def _started(
    config: Config, clock: Clock, workers: Workers | None, listen: int, ends: contextlib.AsyncExitStack
) -> tuple[House, int]:
    """A house and the port that it listens at; `ends` ends it."""
    house = await House.open(config, clock, workers)
    ends.push_async_callback(house.close)
    runner = web.AppRunner(house.http, shutdown_timeout=0.2)
    ends.push_async_callback(runner.cleanup)
    ends.push_async_callback(house.say_closing)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", listen).start()
    return house, runner.addresses[0][1]


@dataclass
class Exam:
    """An exam with one room, its people, and their ways in."""

    exam: str
    room: str
    starts_at: datetime
    codes: dict[str, str] = field(default_factory=dict)  # by number
    candidates: dict[str, str] = field(default_factory=dict)  # by number


def exam_times(starts_at: datetime) -> dict[str, Any]:
    """Release at the start, 90 minutes of work, five more to the end."""
    return {
        "starts_at": moment(starts_at),
        "release_at": moment(starts_at),
        "working_minutes": 90,
        "submit_by": moment(starts_at + timedelta(minutes=90)),
        "end_at": moment(starts_at + timedelta(minutes=95)),
    }


async def office_page(server: Server) -> Page:
    """The training office, signed in."""
    if await server.house.people.staff_by_name("office") is None:
        await server.house.office.create_staff(OPERATOR, "office", "Phòng Đào tạo", "training_office", PASSWORD)
    page = Page(server.url, "training_office")
    assert "error" not in await page.sign_in("office", PASSWORD)
    return page


async def plan_exam(server: Server, **more: Any) -> Exam:
    """Through the routes of the office: an exam, a room, a roster, an invigilator, an inspector, a paper.

    To plan one is half of what a short test costs. So a house in which nothing has happened goes on with the data of
    one in which the same was planned before, in this process.
    """
    if not (server.new and await _untouched(server.house)):
        return await plan_exam_as(await office_page(server), **more)
    key = repr(sorted(more.items()))
    if key not in _planned:
        folder = Path(tempfile.mkdtemp(dir=_planned_in()))
        async with running(folder, SteppedClock()) as first:
            exam = await plan_exam_as(await office_page(first), **more)
        _planned[key] = (folder, exam)
    folder, exam = _planned[key]
    await server.go_on_with(folder)
    return deepcopy(exam)


async def _untouched(house: House) -> bool:
    """Whether it is as it was opened in the morning, with its own data in a folder of its own."""
    begun = await house.people.all_staff() or await house.exams.all_exams()
    at_first = isinstance(house.clock, SteppedClock) and house.clock.now() - MORNING < timedelta(seconds=10)
    return not begun and at_first and house.config == config_in(house.config.data.parent, port=0)


_planned: dict[str, tuple[Path, Exam]] = {}


@cache
def _planned_in() -> str:
    kept = tempfile.TemporaryDirectory()
    atexit.register(kept.cleanup)
    return kept.name


async def plan_exam_as(
    page: Page,
    *,
    candidates: int = 2,
    starts_at: datetime = MORNING + timedelta(hours=2),
    title: str = "Triết học Mác - Lênin",
    room_title: str = "Phòng 1",
    regime: str = "A",
) -> Exam:
    """As `plan_exam`, by a page of the office, which is closed then."""
    async with page as office:
        exam = await office.post("/api/exams", {"title": title, **exam_times(starts_at)})
        room = await office.post(f"/api/exams/{exam['exam']}/rooms", {"title": room_title})
        roster = "số báo danh,họ và tên\n" + "".join(
            f"{number:03},Thí sinh {number:03}\n" for number in range(1, candidates + 1)
        )
        imported = await office.call("POST", f"/api/rooms/{room['room']}/roster", data=roster.encode())
        staff = {}
        serving = ("it_unit", "unit_head") if regime == "B" else ("it_unit",)
        for role in ("invigilator", "supervisor", "tech_support", "inspector", *serving):
            body = {"name": role, "full_name": f"Cán bộ {role}", "role": role, "password": PASSWORD}
            body |= {"unit": UNIT} if role == "unit_head" else {}
            staff[role] = (await office.post("/api/staff", body))["subject"]
        people = [subject for role, subject in staff.items() if role not in serving]
        await office.put(f"/api/rooms/{room['room']}/staff", {"staff": people})
        paper = await office.put(f"/api/exams/{exam['exam']}/paper", data=PDF)
        assert "sha256" in paper, paper
        plan = {}
        if regime == "B":
            plan = PLAN_B
            assert "error" not in await office.put(f"/api/exams/{exam['exam']}/plan", {**PLAN, **plan})
            await confirm_paper(office, exam["exam"], paper["sha256"])
        await publish_exam_as(office, exam["exam"], room["room"], **plan)
        return Exam(
            exam["exam"],
            room["room"],
            starts_at,
            {row["number"]: row["code"] for row in imported["candidates"]},
            {row["number"]: row["candidate"] for row in imported["candidates"]},
        )


CHECKS = ["eligibility", "camera", "identity"]
DECISION = {"number": "12/QĐ", "signed_on": "2026-11-01", "signer": "Hiệu trưởng"}
PLAN = {
    "regime": "A",
    "form_decision": DECISION,
    "conditions": DECISION,
    "basis": {
        "ground": "natural_disaster", "description": "Bão số 9", "party_consent": DECISION,
        "academy_consent": DECISION,
    },
}  # fmt: skip


UNIT = "Khoa Kinh tế"
PLAN_B = {
    "regime": "B", "unit": UNIT,
    "basis": {"ground": "epidemic", "description": "Dịch", "ministry_guidance": DECISION},
}  # fmt: skip


async def confirm_paper(office: Page, exam: str, sha256: str) -> None:
    """The head of the academic unit stands by the paper (B22.4)."""
    async with Page(office.url, "unit_head", office.authority) as head:
        await head.sign_in("unit_head", PASSWORD)
        confirmed = {"sha256": sha256, "use": "main"}
        assert "error" not in await head.post(f"/api/exams/{exam}/paper/confirmation", confirmed)


async def publish_exam_as(office: Page, exam: str, room: str, **plan: Any) -> None:
    """The decisions, the IT unit's support, the publication; and everybody takes the assignment."""
    planned = await office.put(f"/api/exams/{exam}/plan", {**PLAN, **plan})
    assert "error" not in planned, planned
    async with Page(office.url, "it_unit", office.authority) as it_unit:
        await it_unit.sign_in("it_unit", PASSWORD)
        assert "error" not in await it_unit.post(f"/api/rooms/{room}/support")
    published = await office.post(f"/api/exams/{exam}/publication")
    assert published.get("published_at"), published
    for role in ("invigilator", "supervisor", "tech_support"):
        async with Page(office.url, role, office.authority) as page:
            await page.sign_in(role, PASSWORD)
            assert "error" not in await page.post(f"/api/rooms/{room}/acknowledgement")


async def second_room(office: Page, exam: Exam, title: str = "Phòng 2") -> str:
    """Another room with somebody in it, and staff of its own, supported; not yet published."""
    room: str = (await office.post(f"/api/exams/{exam.exam}/rooms", {"title": title}))["room"]
    roster = "number,full_name\n900,An\n"
    assert "error" not in await office.call("POST", f"/api/rooms/{room}/roster", data=roster.encode())
    people = []
    for role in ("invigilator", "supervisor", "tech_support"):
        body = {"name": f"{role}2", "full_name": "Bình", "role": role, "password": PASSWORD}
        people.append((await office.post("/api/staff", body))["subject"])
    assert "error" not in await office.put(f"/api/rooms/{room}/staff", {"staff": people})
    async with Page(office.url, "it_unit") as it_unit:
        await it_unit.sign_in("it_unit", PASSWORD)
        assert "error" not in await it_unit.post(f"/api/rooms/{room}/support")
    return room


async def invigilator_page(server: Server) -> Page:
    page = Page(server.url, "invigilator")
    assert "error" not in await page.sign_in("invigilator", PASSWORD)
    return page


async def sit_until_over(server: Server, clock: SteppedClock, exam: Exam) -> None:
    """The paper goes out to the room, and hours pass."""
    async with await invigilator_page(server) as invigilator:
        clock.jump_to(exam.starts_at - timedelta(minutes=1))
        await invigilator.join(exam.room)
        clock.jump_to(exam.starts_at)
        await invigilator.hear("room", lambda room: room["released_at"] is not None)
    clock.jump_to(exam.starts_at + timedelta(hours=4))


async def candidate_page(server: Server, exam: Exam, number: str) -> Page:
    page = Page(server.url, "candidate")
    answer = await page.post("/api/sign-in/candidate", {"number": number, "code": exam.codes[number]})
    assert answer.get("subject") == exam.candidates[number], answer
    return page


async def reach_lobby(page: Page, room: str) -> None:
    """Device check, consent, rules, photographs, lobby."""
    await page.join(room)
    answer = await get_ready(page, room, photo(0))
    assert "error" not in answer, answer


async def admit(page: Page, *candidates: str) -> Any:
    """An invigilator admits, having checked everything."""
    return await page.tell("admit", candidates=list(candidates), checks=CHECKS)
