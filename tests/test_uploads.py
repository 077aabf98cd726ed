"""Files of the work across a crash."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from proctor.rehearsal.page import Page
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    Exam,
    Server,
    candidate_page,
    config_in,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
)

CONTENT = b"\xff\xd8" + bytes(range(256)) * 100


async def content() -> AsyncIterator[bytes]:
    yield CONTENT


async def whole_but_not_told(server: Server, clock: SteppedClock) -> tuple[str, str, str, str]:
    """What a kill between the last byte and the ledger leaves; (room, candidate, number's code, path)."""
    exam = await plan_exam(server, candidates=1)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        headers = {"Proctor-Role": "candidate", "Tus-Resumable": "1.0.0", "Upload-Length": str(len(CONTENT))}
        async with page.http.post(f"{server.url}/api/rooms/{exam.room}/files", headers=headers) as created:
            path = created.headers["Location"]
        upload, _ = await server.house.uploads.get(exam.room, exam.candidates["001"], path.rsplit("/", 1)[1])
        await server.house.uploads._write_part(upload, 0, content(), None)
    return exam.room, exam.candidates["001"], exam.codes["001"], path


async def test_a_file_that_was_whole_at_a_crash_is_received_when_its_page_asks(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        room, candidate, code, path = await whole_but_not_told(server, clock)
        assert not server.house.rooms.get(room).state.sittings[candidate].files
    async with running(tmp_path, clock) as server, Page(server.url, "candidate") as page:
        await page.post("/api/sign-in/candidate", {"number": "001", "code": code})
        for _ in range(2):
            async with page.http.head(server.url + path, headers={"Proctor-Role": "candidate"}) as asked:
                assert asked.status == 200
                assert asked.headers["Upload-Offset"] == str(len(CONTENT))
        (work,) = server.house.rooms.get(room).state.sittings[candidate].files
        assert work.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_a_file_that_was_whole_at_a_crash_arrived_then_whoever_asks_for_it_and_when(
    tmp_path: Path, clock: SteppedClock
) -> None:
    """The server is killed before the deadline and comes back after it: what was whole counts, without its page."""
    async with running(tmp_path, clock) as server:
        room, candidate, code, path = await whole_but_not_told(server, clock)
        starts_at = server.house.rooms.get(room).state.schedule.starts_at
        whole_at = clock.now()
        clock.jump_to(starts_at + timedelta(minutes=89))
        server.house.rooms.say_alive()
    clock.jump_to(starts_at + timedelta(minutes=92))
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        live = server.house.rooms.get(room)
        assert live.state.hold is not None
        async with asyncio.timeout(10):
            while not live.state.sittings[candidate].files:
                await asyncio.sleep(0.02)
        (work,) = live.state.sittings[candidate].files
        assert work.at is not None
        assert abs(work.at - whole_at) < timedelta(seconds=1)
        assert not live.state.sittings[candidate].late_files
        given = {"outcome": "accept_saved", "reason": "Máy chủ ngừng"}
        assert "error" not in await office.post(f"/api/rooms/{room}/hold", given)
        known = live.state.sittings[candidate]
        assert known.submission is not None
        assert known.referred == ""
    async with running(tmp_path, clock) as server, Page(server.url, "candidate") as page:
        await page.post("/api/sign-in/candidate", {"number": "001", "code": code})
        async with page.http.head(server.url + path, headers={"Proctor-Role": "candidate"}) as asked:
            assert asked.headers["Upload-Offset"] == str(len(CONTENT))
        assert len(server.house.rooms.get(room).state.sittings[candidate].files) == 1


async def part_by_part(server: Server, page: Page, room: str, pieces: list[bytes]) -> str:
    """Upload a file in as many requests as there are pieces; its identifier."""
    headers = {"Proctor-Role": "candidate", "Tus-Resumable": "1.0.0"}
    length = {"Upload-Length": str(sum(map(len, pieces)))}
    async with page.http.post(f"{server.url}/api/rooms/{room}/files", headers={**headers, **length}) as created:
        assert created.status == 201, await created.text()
        path = created.headers["Location"]
    offset = 0
    for piece in pieces:
        more = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        async with page.http.patch(server.url + path, headers={**headers, **more}, data=piece) as sent:
            assert sent.status == 204, await sent.text()
        offset += len(piece)
    return path.rsplit("/", 1)[1]


@contextlib.asynccontextmanager
async def writing(server: Server, clock: SteppedClock) -> AsyncIterator[tuple[Exam, Page]]:
    """A candidate who may upload."""
    exam = await plan_exam(server, candidates=1)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        yield exam, page


@pytest.mark.parametrize("harm", ["removed", "altered", "last"])
async def test_an_archive_is_refused_that_would_hold_a_damaged_file(
    server: Server, clock: SteppedClock, harm: str
) -> None:
    async with writing(server, clock) as (exam, page), await office_page(server) as office:
        file = await part_by_part(server, page, exam.room, [b"a" * 2_000, b"b" * 3_000, b"c" * 1_000])
        pulled = await office.get(f"/api/rooms/{exam.room}/submissions.zip")
        assert pulled["status"] == 200
        parts = sorted((server.house.config.uploads / exam.room / file).glob("*.part"))
        assert len(parts) == 3
        if harm == "altered":
            parts[1].write_bytes(parts[1].read_bytes()[:-1] + b"x")
        else:
            parts[2 if harm == "last" else 1].unlink()
        refused = await office.get(f"/api/rooms/{exam.room}/submissions.zip")
        assert refused["error"]["code"] == "damaged"
        assert "/files/" in refused["error"]["details"]["what"]


async def test_no_archive_stays_in_the_clear(
    tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    config = config_in(tmp_path)
    (config.data / "zip-left").mkdir(parents=True)
    (config.data / "zip-left/submissions.zip").write_bytes(b"PK")
    config.papers.mkdir()
    (config.papers / "e_1-0.part").write_bytes(b"")
    async with running(tmp_path, clock) as server:
        assert not list(config.data.glob("zip-*"))
        assert not list(config.papers.glob("*.part"))
        async with writing(server, clock) as (exam, page), await office_page(server) as office:
            await part_by_part(server, page, exam.room, [b"a" * 2_000])
            headers = {"Proctor-Role": "training_office"}
            path = f"{server.url}/api/rooms/{exam.room}/submissions.zip"
            async with office.http.get(path, headers=headers) as pulled:
                assert pulled.status == 200
                assert not list(temporary.iterdir())  # gone before the first byte is sent
                content = await pulled.read()
                assert len(content) == pulled.content_length
                assert content.count(b"a" * 2_000) == 1


async def announce(server: Server, page: Page, room: str, length: int) -> str | None:
    """Announce a file; the code of the refusal, if it is refused."""
    headers = {"Proctor-Role": "candidate", "Tus-Resumable": "1.0.0", "Upload-Length": str(length)}
    async with page.http.post(f"{server.url}/api/rooms/{room}/files", headers=headers) as answer:
        return None if answer.status == 201 else (await answer.json())["error"]["code"]


async def test_removed_files_count_against_what_a_candidate_may_send(server: Server, clock: SteppedClock) -> None:
    async with writing(server, clock) as (exam, page):
        for _ in range(4):
            assert await announce(server, page, exam.room, 50_000_000) is None
        for folder in (server.house.config.uploads / exam.room).iterdir():
            await server.house.uploads._rows.remove(folder.name)
        assert await announce(server, page, exam.room, 1) == "too_large"


async def test_files_leave_room_on_the_disk_for_answers(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock, free_bytes=1 << 60) as server, writing(server, clock) as (exam, page):
        assert await announce(server, page, exam.room, 1) == "disk_full"
        saved = await page.tell("save_answer", epoch=1, base_revision=0, text="bài làm", client_time="t")
        assert saved["revision"] == 1
