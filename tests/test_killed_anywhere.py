"""Kill -9 at any step of an act: of the office before the exam, of the room during it, of both after it.

The server is a process that dies at a chosen step of what it writes: before or after a commit, before a rename, after
an fsync (`support/many_lives.py`). Started again, it has every act wholly, or has none of it, and has it if it had
answered; the chains verify and only grow; and whoever says the act again has it done. In the normal suite each act is
cut short once, at a step of its own; with `--all` at every step that it has, from the same data each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import random
import shutil
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.ledger import chain, tables
from proctor.office_log import LOG, OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.store.engine import sync_engine
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    PDF,
    Exam,
    admit,
    config_in,
    plan_exam_as,
    reach_lobby,
    running,
    second_room,
)
from tests.support.killable import STARTS_AT
from tests.support.many_lives import ManyLives, many_lives
from tests.test_restart import GONE, Upload

SUBMIT_BY = STARTS_AT + timedelta(minutes=90)
END_AT = STARTS_AT + timedelta(minutes=95)
OTHER = PDF + b"\n%%EOF\n"
RESERVE = PDF + b"\n% reserve\n%%EOF\n"
TEXT = "Vật chất quyết định ý thức."
STAFF = "tên đăng nhập,họ và tên,vai trò\n" + "".join(f"thu{n},Giám thị {n},invigilator\n" for n in range(3))
ROSTER = "số báo danh,họ và tên\n" + "".join(f"{n},Thí sinh {n}\n" for n in range(901, 905))


@dataclass
class Day:
    """An exam of two rooms, and who is at it."""

    server: ManyLives
    exam: Exam
    other: str  # the second room
    office: Page
    invigilator: Page
    writers: list[Page]
    upload: Upload
    known: dict[str, list[chain.Entry]] = field(default_factory=dict)  # entries of each log, which only grow

    @property
    def path(self) -> str:
        return f"/api/rooms/{self.exam.room}"

    async def come(self) -> None:
        """Everybody who was in the room comes back to it, as pages do."""
        for page in (self.invigilator, *self.writers):
            if page.socket is not None:
                assert "error" not in await page.join(self.exam.room)

    async def publication(self) -> bool:
        """Whether the exam is published; then in every room, else in none."""
        listed = await self.office.get(f"/api/exams/{self.exam.exam}")
        published = bool(listed["published_at"])
        assert [room["published"] for room in listed["rooms"]] == [published] * 2
        return published

    async def roster(self, room: str) -> set[str]:
        """The numbers of a room's roster, which its log and its table have alike."""
        rows = (await self.office.get(f"/api/rooms/{room}/roster"))["candidates"]
        state, _ = self.server.room(room)
        assert {row["candidate"] for row in rows} == set(state.sittings)
        return {row["number"] for row in rows}

    def logs_only_grow(self) -> None:
        config = config_in(self.server.folder)
        engine = sync_engine(config.database)
        try:
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            for log in (LOG, self.exam.room, self.other):
                entries = list(chain.verify(tables.read(engine, log)))
                before = self.known.get(log, [])
                assert entries[: len(before)] == before
                self.known[log] = entries
        finally:
            engine.dispose()

    def is_swept(self) -> None:
        """Nothing half made lies about once a server runs again."""
        config = config_in(self.server.folder)
        assert not list(config.papers.glob("*.part"))
        assert not list(config.data.glob("zip-*")), "an archive in the clear"


@dataclass(frozen=True)
class Act:
    """Something that is said to the server. `stands` tells whether it is done, and fails if it is so by half."""

    say: Callable[[Day], Awaitable[Any]]
    stands: Callable[[Day], Awaitable[bool]]
    before: Callable[[Day], Awaitable[None]] | None = None
    done: str = ""  # how it is refused once it stands


async def new_staff(day: Day) -> bool:
    names = {member["name"] for member in (await day.office.get("/api/staff"))["staff"]}
    assert names & {"thu0", "thu1", "thu2"} in (set(), {"thu0", "thu1", "thu2"})
    return "thu0" in names


async def rostered(day: Day) -> bool:
    numbers = await day.roster(day.other)
    assert numbers in ({"900"}, {"900", "901", "902", "903", "904"})
    return len(numbers) > 1


async def load_paper(day: Day) -> Any:
    return await day.office.put(f"/api/exams/{day.exam.exam}/paper", data=OTHER)


async def other_paper(day: Day) -> bool:
    """The exam and its rooms have one paper, and it can be read."""
    sha256 = (await day.office.get(f"/api/exams/{day.exam.exam}"))["paper"]["sha256"]
    for room in (day.exam.room, day.other):
        state, _ = day.server.room(room)
        assert state.paper is not None
        assert state.paper.sha256 == sha256
    read = (await day.office.get(f"/api/exams/{day.exam.exam}/paper"))["body"]
    assert read in (PDF, OTHER)
    return bool(read == OTHER)


async def withdraw(day: Day) -> Any:
    return await day.office.call("DELETE", f"/api/exams/{day.exam.exam}/publication", {"reason": "Thay đề"})


async def withdrawn(day: Day) -> bool:
    return not await day.publication()


async def publish(day: Day) -> Any:
    return await day.office.post(f"/api/exams/{day.exam.exam}/publication")


async def move(day: Day) -> Any:
    state, _ = day.server.room(day.other)
    known = {known.number: known.candidate for known in (*state.sittings.values(), *state.moved_out.values())}
    path = f"/api/rooms/{day.other}/candidates/{known['901']}/move"
    return await day.office.post(path, {"to": day.exam.room})


async def moved(day: Day) -> bool:
    here, there = await day.roster(day.exam.room), await day.roster(day.other)
    assert ("901" in here) != ("901" in there)
    return "901" in here


async def open_the_doors(day: Day) -> None:
    await day.server.jump_to(STARTS_AT - timedelta(minutes=5))
    assert "error" not in await day.invigilator.join(day.exam.room)
    for page in day.writers:
        await reach_lobby(page, day.exam.room)


async def let_in(day: Day) -> Any:
    return await admit(day.invigilator, *day.exam.candidates.values())


async def let_in_all(day: Day) -> bool:
    state, _ = day.server.room(day.exam.room)
    here = [state.sittings[candidate].admitted_at is not None for candidate in day.exam.candidates.values()]
    assert len(set(here)) == 1
    return here[0]


async def release(day: Day) -> Any:
    """At the release the key goes out; a room whose server was down then waits for the office."""
    state, _ = day.server.room(day.exam.room)
    if state.hold is not None:
        shift = {"outcome": "shift", "minutes": 10, "reason": "Máy chủ hỏng"}
        assert "error" not in await day.office.post(f"{day.path}/hold", shift)
        state, _ = day.server.room(day.exam.room)
    if state.schedule.release_at > day.server.now():
        await day.server.jump_to(state.schedule.release_at)
    return await asyncio.gather(*map(has_key, day.writers))


async def has_key(page: Page) -> None:
    """Wait until a page was told the key of the paper, as it came in or after."""
    if not any(name == "welcome" and told["paper_key"] for name, told in page.heard):
        await page.hear("paper_key", seconds=25)


async def released(day: Day) -> bool:
    """No page has a key that the log does not say went out; if it did, every page has it."""
    told = any(name == "paper_key" or (name == "welcome" and body["paper_key"])
               for page in day.writers for name, body in page.heard)  # fmt: skip
    state, _ = day.server.room(day.exam.room)
    assert state.hold is None or state.hold.missed == "release"
    if state.released_at is None:
        assert not told
        return False
    await asyncio.gather(*map(has_key, day.writers))
    return True


async def send_file(day: Day) -> Any:
    if not day.upload.location:
        await day.upload.create()
    await day.upload.send(200_000, pause=0)
    return {"sha256": day.upload.sha256}


async def arrived(day: Day) -> bool:
    if not day.upload.location:
        return False
    offset = await day.upload.offset()
    assert offset >= day.upload.acknowledged
    state, _ = day.server.room(day.exam.room)
    held = {each.sha256 for known in state.sittings.values() for each in known.files}
    assert held <= {hashlib.sha256(day.upload.content).hexdigest()}
    return offset == len(day.upload.content)


async def write(day: Day) -> None:
    page = day.writers[0]
    saved = await page.tell("save_answer", epoch=page.epoch, base_revision=0, text=TEXT, client_time="")
    assert saved["revision"] == 1


async def hand_in(day: Day) -> Any:
    page, sha256 = day.writers[0], hashlib.sha256(day.upload.content).hexdigest()
    return await page.tell(
        "submit", epoch=page.epoch, revision=1, text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        files=[{"file": day.upload.location.rpartition("/")[2], "sha256": sha256}],
    )  # fmt: skip


async def handed_in(day: Day) -> bool:
    state, _ = day.server.room(day.exam.room)
    known = state.sittings[day.exam.candidates["001"]]
    assert (known.submission is None) == (known.manifest is None)
    assert known.text == TEXT
    return known.submission is not None


async def close(day: Day) -> None:
    state, _ = day.server.room(day.exam.room)
    await day.server.jump_to(state.schedule.submit_by + timedelta(milliseconds=2))
    await day.invigilator.hear("room", lambda room: room["submission_closed"], seconds=25)


async def publish_lists(day: Day) -> Any:
    return await day.invigilator.tell("publish_lists")


async def lists_published(day: Day) -> bool:
    state, _ = day.server.room(day.exam.room)
    return state.closing is not None


async def end(day: Day) -> None:
    state, _ = day.server.room(day.exam.room)
    await day.server.jump_to(state.schedule.end_at + timedelta(seconds=1))
    await day.invigilator.hear("room", lambda room: room["phase"] == "ended", seconds=25)
    for page in day.writers:
        await page.leave()  # no candidate joins after the end


async def hand_over(day: Day) -> Any:
    return await day.invigilator.tell("hand_over")


async def handed_over(day: Day) -> bool:
    state, _ = day.server.room(day.exam.room)
    if state.handover is None:
        return False
    manifest = await day.office.call("GET", f"{day.path}/handover/manifest.json")
    assert manifest["handover"] == state.handover.handover
    assert hashlib.sha256(state.handover.manifest.encode()).hexdigest() == state.handover.sha256
    return True


async def pull(day: Day) -> Any:
    archive = zipfile.ZipFile(io.BytesIO((await day.office.get(f"{day.path}/submissions.zip"))["body"]))
    assert archive.read("001_Thí sinh 001/answer.txt").decode() == TEXT
    assert archive.read("001_Thí sinh 001/files/01_a.jpg") == day.upload.content
    return {}


async def pulled(day: Day) -> bool:
    return any(entry.kind == "submissions_pulled" for entry in day.known[day.exam.room])


async def receive(day: Day) -> Any:
    state, _ = day.server.room(day.exam.room)
    assert state.handover is not None
    return await day.office.post(f"{day.path}/handover/receipt", {"handover": state.handover.handover})


async def received(day: Day) -> bool:
    state, _ = day.server.room(day.exam.room)
    return state.handover is not None and state.handover.received_at is not None


async def use_reserve(day: Day) -> Any:
    return await day.office.post(f"{day.path}/paper/reserve", {"reason": "Lộ đề", "rooms": [day.other]})


async def load_reserve(day: Day) -> None:
    assert "error" not in await day.office.put(f"/api/exams/{day.exam.exam}/paper?use=reserve", data=RESERVE)


async def reserve_used(day: Day) -> bool:
    """In both rooms or in none, and then the office's log tells it of both."""
    kinds = [[entry.kind for entry in day.known[log]] for log in (day.exam.room, day.other, LOG)]
    here, there = (log.count("reserve_paper_used") for log in kinds[:2])
    assert here == there == kinds[2].count("room_steered") / 2 <= 1
    return here == 1


ACTS = {
    "staff import": Act(
        lambda day: day.office.call("POST", "/api/staff/import", data=STAFF.encode()), new_staff, done="staff_rows"
    ),
    "withdrawal": Act(withdraw, withdrawn),
    "roster import": Act(
        lambda day: day.office.call("POST", f"/api/rooms/{day.other}/roster", data=ROSTER.encode()),
        rostered, done="name_taken",
    ),
    "paper": Act(load_paper, other_paper),
    "publication": Act(publish, Day.publication),
    "move": Act(move, moved, done="not_found"),
    "reserve paper": Act(use_reserve, reserve_used, before=load_reserve),
    "admission": Act(let_in, let_in_all, before=open_the_doors),
    "release": Act(release, released),
    "upload": Act(send_file, arrived),
    "submission": Act(hand_in, handed_in, before=write, done="already_submitted"),
    "lists": Act(publish_lists, lists_published, before=close),
    "hand-over": Act(hand_over, handed_over, before=end),
    "archive": Act(pull, pulled),
    "receipt": Act(receive, received),
}  # fmt: skip


@contextlib.asynccontextmanager
async def day_of_an_exam(folder: Path) -> AsyncIterator[Day]:
    """An exam of two rooms, published; nobody is there yet, and no server runs."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(many_lives(folder))

        async def page(role: str) -> Page:
            opened = await stack.enter_async_context(Page(server.url, role))
            assert "error" not in await opened.sign_in(role, PASSWORD)
            return opened

        async with running(folder, SteppedClock(server.now(), flowing=True)) as at_first:
            create = at_first.house.office.create_staff
            await create(OPERATOR, "training_office", "Phòng Đào tạo", "training_office", PASSWORD)
            office = Page(at_first.url, "training_office")
            assert "error" not in await office.sign_in("training_office", PASSWORD)
            exam = await plan_exam_as(office, starts_at=STARTS_AT)
            async with Page(at_first.url, "training_office") as office:
                await office.sign_in("training_office", PASSWORD)
                other = await second_room(office, exam)
                assert "error" not in await office.post(f"/api/exams/{exam.exam}/publication")
        await server.begin()
        writers = []
        for number, secret in exam.codes.items():
            writers.append(await stack.enter_async_context(Page(server.url, "candidate")))
            assert "error" not in await writers[-1].post("/api/sign-in/candidate", {"number": number, "code": secret})
        photo = random.Random(1945).randbytes(400_000)
        upload = Upload(writers[0], exam.room, photo)
        office, invigilator = await page("training_office"), await page("invigilator")
        await server.kill()
        yield Day(server, exam, other, office, invigilator, writers, upload)


async def cut(day: Day, act: Act, steps: int) -> bool:
    """Say an act to the running server, which dies at a step of it; or after its answer, where it has fewer. True if it
    answered."""
    await day.server.die_at(steps)
    answer = await day.server.meets(act.say(day))
    if not (answered := not isinstance(answer, BaseException)):
        assert isinstance(answer, (*GONE, asyncio.CancelledError)), answer
    assert code(answer) is None, answer
    day.logs_only_grow()
    return answered


async def look_and_say_again(day: Day, act: Act, answered: bool) -> None:
    """After a start: the act stands or does not, wholly; said again it stands."""
    day.is_swept()
    await day.come()
    stood = await act.stands(day)
    assert stood or not answered, "it was acknowledged"
    again = await act.say(day)
    assert code(again) in ({None, act.done or None} if stood else {None}), again
    day.logs_only_grow()
    assert await act.stands(day)


STEPS = {
    "staff import": 3, "withdrawal": 5, "roster import": 4, "paper": 8, "publication": 4, "move": 4,
    "reserve paper": 1, "admission": 1, "release": 2, "upload": 5, "submission": 1, "lists": 2, "hand-over": 1,
    "archive": 1, "receipt": 2,
}  # fmt: skip


async def test_each_act_of_a_day_is_cut_short_once_and_is_wholly_there_or_not_at_all(tmp_path: Path) -> None:
    async with day_of_an_exam(tmp_path) as day:
        await day.server.begin()
        for name, act in ACTS.items():
            if act.before is not None:
                await act.before(day)
            assert not await cut(day, act, STEPS[name]), name
            await day.server.begin()
            await look_and_say_again(day, act, answered=False)
        await day.server.kill()


@pytest.mark.long
async def test_an_act_is_wholly_there_or_not_at_all_at_whatever_step_it_is_cut_short(tmp_path: Path) -> None:
    folder, aside = tmp_path / "house", tmp_path / "aside"
    async with day_of_an_exam(folder) as day:
        for name, act in ACTS.items():
            await day.server.begin()
            await day.come()
            if act.before is not None:
                await act.before(day)
            await day.server.kill()
            day.logs_only_grow()
            shutil.copytree(folder, aside)
            known, acknowledged, location = dict(day.known), day.upload.acknowledged, day.upload.location
            now = day.server.now()
            answered, steps = False, 0
            while not answered:
                steps += 1
                shutil.rmtree(folder)
                shutil.copytree(aside, folder)
                day.known, day.upload.acknowledged, day.upload.location = dict(known), acknowledged, location
                day.server.advance(seconds=(now - day.server.now()).total_seconds())
                await day.server.begin()
                await day.come()
                answered = await cut(day, act, steps)
                print(f"{name}, step {steps}: {'answered' if answered else 'cut short'}")
                await day.server.begin()
                await look_and_say_again(day, act, answered)
                await day.server.kill()
            shutil.rmtree(aside)
