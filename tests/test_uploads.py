"""Files of the work across a crash."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.exam.decisions.phones import Sender
from proctor.exam.sitting import WorkFile
from proctor.rehearsal.page import Page
from proctor.views import moment
from proctor.work_files import LEAST_PART_BYTES
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
from tests.support.turn_taking import Gate
from tests.support.tus import TUS, beginning, going_on
from tests.test_late_files import archive

ASKING = {"Proctor-Role": "candidate", **TUS}
CONTENT = b"\xff\xd8" + bytes(range(256)) * 100


async def content() -> AsyncIterator[bytes]:
    yield CONTENT


@contextlib.asynccontextmanager
async def whole_but_not_told(server: Server, clock: SteppedClock) -> AsyncIterator[tuple[str, str, str, str]]:
    """What a kill between the last byte and the ledger leaves, the pages being there; (room, candidate, number's code,
    path)."""
    exam = await plan_exam(server, candidates=1)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        headers = {**ASKING, **beginning(len(CONTENT))}
        async with page.http.post(f"{server.url}/api/rooms/{exam.room}/files", headers=headers) as created:
            path = created.headers["Location"]
        upload, _ = await server.house.uploads.get(exam.room, exam.candidates["001"], path.rsplit("/", 1)[1])
        async with server.house.uploads._turns.of(upload.file) as turn:
            await server.house.uploads._folders.write_part(upload, 0, content(), None, turn)
        yield exam.room, exam.candidates["001"], exam.codes["001"], path


async def received(server: Server, room: str, candidate: str) -> WorkFile:
    """The only file of the work, once it is there."""
    live = server.house.rooms.get(room)
    async with asyncio.timeout(10):
        while not live.state.sittings[candidate].files:
            await asyncio.sleep(0.02)
    (work,) = live.state.sittings[candidate].files
    return work


async def test_a_file_that_was_whole_at_a_crash_is_received_when_its_page_asks(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with (
        running(tmp_path, clock) as server,
        whole_but_not_told(server, clock) as (room, candidate, code, path),
    ):
        assert not server.house.rooms.get(room).state.sittings[candidate].files
    async with running(tmp_path, clock) as server, Page(server.url, "candidate") as page:
        await page.post("/api/sign-in/candidate", {"number": "001", "code": code})
        for _ in range(2):
            async with page.http.head(server.url + path, headers=ASKING) as asked:
                assert asked.status == 200
                assert asked.headers["Upload-Offset"] == str(len(CONTENT))
        work = await received(server, room, candidate)  # by this request, or by the start just before it
        assert work.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_a_file_that_was_whole_at_a_crash_arrived_then_whoever_asks_for_it_and_when(
    tmp_path: Path, clock: SteppedClock
) -> None:
    """The server is killed before the deadline and comes back after it: what was whole counts, without its page."""
    async with (
        running(tmp_path, clock) as server,
        whole_but_not_told(server, clock) as (room, candidate, code, path),
    ):
        starts_at = server.house.rooms.get(room).state.schedule.starts_at
        whole_at = clock.now()
        clock.jump_to(starts_at + timedelta(minutes=89))
        server.house.rooms.say_alive()
    clock.jump_to(starts_at + timedelta(minutes=92))
    async with running(tmp_path, clock) as server, await office_page(server) as office:
        live = server.house.rooms.get(room)
        assert live.state.hold is not None
        work = await received(server, room, candidate)
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
        async with page.http.head(server.url + path, headers=ASKING) as asked:
            assert asked.headers["Upload-Offset"] == str(len(CONTENT))
        assert len(server.house.rooms.get(room).state.sittings[candidate].files) == 1


async def part_by_part(server: Server, page: Page, room: str, pieces: list[bytes]) -> str:
    """Upload a file in as many requests as there are pieces; its identifier."""
    headers = {**ASKING, **beginning(sum(map(len, pieces)))}
    async with page.http.post(f"{server.url}/api/rooms/{room}/files", headers=headers) as created:
        assert created.status == 201, await created.text()
        path = created.headers["Location"]
    offset = 0
    for piece in pieces:
        async with page.http.patch(server.url + path, headers={**ASKING, **going_on(offset)}, data=piece) as sent:
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
        file = await part_by_part(server, page, exam.room, [b"a" * 300_000, b"b" * 300_000, b"c" * 1_000])
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


async def test_a_file_has_few_parts_however_often_its_connection_breaks(server: Server, clock: SteppedClock) -> None:
    content = bytes(range(250)) * 3_000
    async with writing(server, clock) as (exam, page), await office_page(server) as office:
        cuts = [*range(40), 255_000, *range(262_100, 262_200, 5), 524_348, len(content) - 1, len(content)]
        pieces = [content[start:end] for start, end in itertools.pairwise(cuts)]
        file = await part_by_part(server, page, exam.room, pieces)
        folder = server.house.config.uploads / exam.room / file
        sizes = [part.stat().st_size for part in sorted(folder.iterdir())]
        assert len(sizes) == 3 and min(sizes[:-1]) > LEAST_PART_BYTES
        pulled = await office.get(f"/api/rooms/{exam.room}/submissions.zip")
        assert content in pulled["body"]


async def test_an_upload_goes_on_from_a_backup_that_met_a_part_before_it_grew(
    server: Server, clock: SteppedClock
) -> None:
    """What came after that part is in the backup beside its shorter edition."""
    content = bytes(range(250)) * 1_200
    async with writing(server, clock) as (exam, page):
        path = await begun(server, page, exam.room, len(content))
        folder = server.house.config.uploads / exam.room / path.rsplit("/", 1)[1]
        assert (await ask(server, page, "PATCH", path, going_on(), data=content[:1_000]))[0] == 204
        (part,) = folder.iterdir()
        before = part.read_bytes()
        assert (await ask(server, page, "PATCH", path, going_on(1_000), data=content[1_000:270_000]))[0] == 204
        assert (await ask(server, page, "PATCH", path, going_on(270_000), data=content[270_000:270_010]))[0] == 204
        part.write_bytes(before)
        _, headers = await ask(server, page, "HEAD", path)
        assert headers["Upload-Offset"] == "1000"
        assert (await ask(server, page, "PATCH", path, going_on(1_000), data=content[1_000:280_000]))[0] == 204
        _, headers = await ask(server, page, "PATCH", path, going_on(280_000), data=content[280_000:])
        assert headers["Upload-Sha256"] == hashlib.sha256(content).hexdigest()


async def test_requests_that_bring_next_to_nothing_are_refused_until_a_moment_has_passed(
    tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctor.uploads._REQUESTS_AT_ONCE", 5.0)
    monkeypatch.setattr("proctor.uploads._REQUESTS_PER_SECOND", 0.001)
    async with running(tmp_path, clock) as server, writing(server, clock) as (exam, page):
        path = await begun(server, page, exam.room, 100)
        for offset in range(4):
            assert (await ask(server, page, "PATCH", path, going_on(offset), data=b"x"))[0] == 204
        assert (await ask(server, page, "PATCH", path, going_on(4), data=b"x"))[0] == 429
        assert await announce(server, page, exam.room, 1) == "too_fast"
        _, headers = await ask(server, page, "HEAD", path)
        assert headers["Upload-Offset"] == "4"  # where that were refused, tus would begin anew
        clock.monotonic_ahead += 1_000
        assert (await ask(server, page, "PATCH", path, going_on(4), data=b"x"))[0] == 204


async def test_uploads_that_were_left_take_no_place_for_ever(server: Server, clock: SteppedClock) -> None:
    async with writing(server, clock) as (exam, page):
        paths = [await begun(server, page, exam.room, 9_000) for _ in range(20)]
        assert await announce(server, page, exam.room, 1) == "too_large"
        assert (await ask(server, page, "DELETE", paths.pop()))[0] == 204  # the page says so
        paths.append(await begun(server, page, exam.room, 9_000))
        assert await announce(server, page, exam.room, 1) == "too_large"
        clock.monotonic_ahead += 121  # the page says nothing
        for path in paths[:10]:
            assert (await ask(server, page, "PATCH", path, going_on(), data=b"x"))[0] == 204
        for _ in range(10):
            assert await announce(server, page, exam.room, 1) is None
        assert await announce(server, page, exam.room, 1) == "too_large"
        assert (await ask(server, page, "PATCH", paths[-1], going_on(), data=b"x"))[0] == 204


async def test_of_an_upload_that_was_given_up_counts_what_came(server: Server, clock: SteppedClock) -> None:
    """A candidate who begins a large file again and again, over a bad connection, can still send one."""
    async with writing(server, clock) as (exam, page):
        for came in (b"", b"abc") * 5:
            path = await begun(server, page, exam.room, 50_000_000)
            assert (await ask(server, page, "PATCH", path, going_on(), data=came))[0] == 204
            assert (await ask(server, page, "DELETE", path))[0] == 204
            assert (await ask(server, page, "DELETE", path))[0] == 404
        folders = list((server.house.config.uploads / exam.room).iterdir())
        assert len(folders) == 5
        count, total = await server.house.uploads._rows.ever(exam.room, exam.candidates["001"])
        assert count == 5 and total < 1_000
        await part_by_part(server, page, exam.room, [CONTENT])


def checked(algorithm: str, content: bytes) -> dict[str, str]:
    """Asks for a part to be compared with the digest of `content`."""
    digest = base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
    return {**going_on(), "Upload-Checksum": f"{algorithm} {digest}"}


ANOTHER = {"Tus-Resumable": "0.2.2"}
SPOKEN: list[tuple[str, dict[str, str], int, dict[str, str]]] = [
    ("OPTIONS", {}, 204, {"Tus-Version": "1.0.0", "Tus-Max-Size": "50000000"}),
    ("OPTIONS", ANOTHER, 204, {"Tus-Extension": "creation,termination,checksum",
                               "Tus-Checksum-Algorithm": "sha1,sha256"}),
    ("HEAD", TUS, 200, {"Upload-Offset": "0", "Upload-Length": "6", "Cache-Control": "no-store"}),
    *((method, {**going_on(), **ANOTHER}, 412, {"Tus-Version": "1.0.0"}) for method in ("HEAD", "PATCH", "DELETE")),
    ("POST", {**going_on(), **ANOTHER, "X-HTTP-Method-Override": "PATCH"}, 412, {"Tus-Version": "1.0.0"}),
    ("PATCH", {**going_on(), "Tus-Resumable": ""}, 412, {"Tus-Version": "1.0.0"}),
    ("PATCH", going_on(), 204, {"Upload-Offset": "3"}),
    ("PATCH", {**going_on(), "Content-Type": "application/octet-stream"}, 415, {}),
    ("PATCH", going_on(1), 409, {}),
    *(("PATCH", checked(algorithm, b"abc"), 204, {"Upload-Offset": "3"}) for algorithm in ("sha1", "sha256")),
    *(("PATCH", checked(algorithm, b"abd"), 460, {}) for algorithm in ("sha1", "sha256")),
    ("PATCH", checked("md5", b"abc"), 400, {}),
    ("POST", {**going_on(), "X-HTTP-Method-Override": "PATCH"}, 204, {"Upload-Offset": "3"}),
    ("POST", {**TUS, "X-HTTP-Method-Override": "HEAD"}, 200, {"Upload-Offset": "0", "Upload-Length": "6"}),
    ("POST", {**TUS, "X-HTTP-Method-Override": "DELETE"}, 204, {}),
    ("POST", TUS, 405, {"Allow": "HEAD, PATCH, DELETE"}),
    ("DELETE", TUS, 204, {}),
]  # fmt: skip
"""By https://tus.io/protocols/resumable-upload: method, headers, status, headers of the answer."""


async def test_uploads_keep_to_tus(server: Server, clock: SteppedClock) -> None:
    async with writing(server, clock) as (exam, page):

        async def ask(method: str, path: str, headers: dict[str, str], **more: Any) -> tuple[int, dict[str, str]]:
            headers = {"Proctor-Role": "candidate", **headers}
            async with page.http.request(method, server.url + path, headers=headers, **more) as answer:
                assert answer.headers["Tus-Resumable"] == "1.0.0", (method, headers)
                return answer.status, dict(answer.headers)

        files = f"/api/rooms/{exam.room}/files"
        assert (await ask("POST", files, {**beginning(6), **ANOTHER}))[0] == 412
        for method, headers, status, told in SPOKEN:
            _, begun = await ask("POST", files, beginning(6))
            path = files if method == "OPTIONS" else begun["Location"]
            answered, answer = await ask(method, path, headers, data=b"abc" if method in ("PATCH", "POST") else None)
            assert (answered, told.items() - answer.items()) == (status, set()), (method, headers, answer)
            held, standing = await ask("HEAD", begun["Location"], TUS)
            ended = "DELETE" in (method, headers.get("X-HTTP-Method-Override")) and status == 204
            assert held == (404 if ended else 200)
            assert ended or standing["Upload-Offset"] == (told.get("Upload-Offset", "0")), (method, headers)
            await ask("DELETE", begun["Location"], TUS)

        _, begun = await ask("POST", files, beginning(6))  # the answer to the last piece may be lost: HEAD tells it too
        _, whole = await ask("PATCH", begun["Location"], going_on(), data=b"abcdef")
        _, standing = await ask("HEAD", begun["Location"], TUS)
        assert whole["Upload-Sha256"] == standing["Upload-Sha256"] == hashlib.sha256(b"abcdef").hexdigest()


async def begun(server: Server, page: Page, room: str, length: int) -> str:
    """Announce a file; its path."""
    async with page.http.post(
        f"{server.url}/api/rooms/{room}/files", headers={**ASKING, **beginning(length)}
    ) as created:
        assert created.status == 201, await created.text()
        return created.headers["Location"]


async def ask(
    server: Server, page: Page, method: str, path: str, headers: dict[str, str] = TUS, **more: Any
) -> tuple[int, Mapping[str, str]]:
    """Status and headers of the answer."""
    async with page.http.request(method, server.url + path, headers={**ASKING, **headers}, **more) as answer:
        await answer.read()
        return answer.status, answer.headers


@contextlib.asynccontextmanager
async def waiting_for(server: Server, path: str, *asked: Coroutine[Any, Any, Any]) -> AsyncIterator[list[Any]]:
    """Ask, and go on once as many wait for their turn of a file that somebody else has; the answers at the end."""
    place = server.house.uploads._turns._places[path.rsplit("/", 1)[1]]
    before, answers = place.there, []
    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(each) for each in asked]
        async with asyncio.timeout(10):
            while place.there < before + len(asked) and not any(task.done() for task in asking):
                await asyncio.sleep(0.01)
        yield answers
    answers += [task.result() for task in asking]


@pytest.mark.parametrize("comes", ["in time", "while suspended"])
async def test_who_asks_about_a_whole_file_is_told_once_it_is_known_what_it_is(
    server: Server, clock: SteppedClock, comes: str
) -> None:
    """A page that heard of all bytes and of no refusal would take the file for received, and drop its copy."""
    async with writing(server, clock) as (exam, page), await invigilator_page(server) as invigilator:
        path = await begun(server, page, exam.room, len(CONTENT))
        if comes == "while suspended":
            await invigilator.join(exam.room)
            await invigilator.tell("suspend", candidate=exam.candidates["001"], reason="Có người trong phòng.")
        hashing = Gate(server.house.uploads, "_receive")
        sending = asyncio.ensure_future(ask(server, page, "PATCH", path, going_on(), data=CONTENT))
        await hashing.reached()
        async with waiting_for(
            server, path, ask(server, page, "HEAD", path),
            ask(server, page, "PATCH", path, going_on(len(CONTENT)), data=b""),
        ) as answers:  # fmt: skip
            hashing.open()
        (told, headers), (again, _) = answers
        assert (told, headers["Upload-Offset"]) == (200, str(len(CONTENT)))
        if comes == "in time":
            assert headers["Upload-Sha256"] == hashlib.sha256(CONTENT).hexdigest()
            assert ((await sending)[0], again) == (204, 204)
        else:
            assert headers["Upload-Refused"] == "kept_while_suspended"
            assert ((await sending)[0], again) == (422, 422)


async def test_who_asks_about_a_file_that_is_hashed_for_long_is_told_to_wait(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctor.upload_turns.WAIT_SECONDS", 0)
    async with writing(server, clock) as (exam, page):
        path = await begun(server, page, exam.room, len(CONTENT))
        hashing = Gate(server.house.uploads, "_receive")
        sending = asyncio.ensure_future(ask(server, page, "PATCH", path, going_on(), data=CONTENT))
        await hashing.reached()
        for method, headers in (("HEAD", TUS), ("PATCH", going_on(len(CONTENT)))):
            assert (await ask(server, page, method, path, headers))[0] == 423
        hashing.open()
        assert (await sending)[0] == 204
        assert not server.house.uploads._turns._places


async def test_what_came_on_a_connection_that_died_without_a_word_is_there_for_the_next(
    server: Server, clock: SteppedClock
) -> None:
    """The old request waits for bytes that nobody sends; a page that comes back need not wait for it."""
    came = asyncio.Event()

    async def broken() -> AsyncIterator[bytes]:
        yield CONTENT[:1000]
        came.set()
        await asyncio.Event().wait()

    async with writing(server, clock) as (exam, page):
        path = await begun(server, page, exam.room, len(CONTENT))
        candidate = exam.candidates["001"]
        sender = Sender(candidate, server.house.rooms.get(exam.room).state.sitting(candidate).device)
        dying = asyncio.ensure_future(
            server.house.uploads.append(exam.room, sender, path.rsplit("/", 1)[1], 0, broken())
        )
        await asyncio.wait_for(came.wait(), 10)
        status, headers = await ask(server, page, "HEAD", path)
        assert (status, headers["Upload-Offset"]) == (200, "1000")
        assert await dying == (1000, None)
        _, headers = await ask(server, page, "PATCH", path, going_on(1000), data=CONTENT[1000:])
        assert headers["Upload-Sha256"] == hashlib.sha256(CONTENT).hexdigest()


async def test_a_whole_file_that_is_asked_about_later_came_when_its_last_byte_did(
    server: Server, clock: SteppedClock
) -> None:
    """Its worker died: neither who asks after the deadline nor who sends nothing more makes it late."""
    async with writing(server, clock) as (exam, page):
        path = await begun(server, page, exam.room, len(CONTENT))
        upload, _ = await server.house.uploads.get(exam.room, exam.candidates["001"], path.rsplit("/", 1)[1])
        async with server.house.uploads._turns.of(upload.file) as turn:
            await server.house.uploads._folders.write_part(upload, 0, content(), None, turn)
        whole_at = clock.now()
        clock.jump_to(exam.starts_at + timedelta(minutes=91))
        assert (await ask(server, page, "PATCH", path, going_on(len(CONTENT)), data=b""))[0] == 204
        (work,) = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].files
        assert work.at is not None
        assert abs(work.at - whole_at) < timedelta(seconds=1)


async def test_a_file_that_is_taken_out_while_it_is_hashed_does_not_come_back(
    server: Server, clock: SteppedClock
) -> None:
    async with writing(server, clock) as (exam, page):
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        path = await begun(server, page, exam.room, len(CONTENT))
        hashing = Gate(server.house.uploads, "_receive")
        sending = asyncio.ensure_future(ask(server, page, "PATCH", path, going_on(), data=CONTENT))
        await hashing.reached()
        async with waiting_for(server, path, ask(server, page, "DELETE", path)) as answers:
            hashing.open()
        assert ((await sending)[0], answers[0][0]) == (204, 204)
        assert live.state.sittings[candidate].files == ()
        # and before its last byte comes: that is refused
        path = await begun(server, page, exam.room, len(CONTENT))
        taking_away = Gate(server.house.uploads._rows, "give_up")
        removing = asyncio.ensure_future(ask(server, page, "DELETE", path))
        await taking_away.reached()
        async with waiting_for(server, path, ask(server, page, "PATCH", path, going_on(), data=CONTENT)) as answers:
            taking_away.open()
        assert ((await removing)[0], answers[0][0]) == (204, 404)
        assert live.state.sittings[candidate].files == ()
        assert (await ask(server, page, "DELETE", path))[0] == 404


async def test_a_file_of_the_work_is_taken_out_whatever_its_row_says(server: Server, clock: SteppedClock) -> None:
    async with writing(server, clock) as (exam, page):
        file = await part_by_part(server, page, exam.room, [CONTENT])
        await server.house.uploads._rows.remove(file)
        path = f"/api/rooms/{exam.room}/files/{file}"
        assert (await ask(server, page, "DELETE", path))[0] == 204
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert known.files == ()
        assert (await ask(server, page, "DELETE", path))[0] == 404
        (removed,) = known.files_removed
    inside = await archive(server, exam.room)
    assert {name.split("/")[0] for name in inside} == {"rejected"}, "it is no part of the work any more"
    (listed,) = json.loads(inside["rejected/001_Thí sinh 001/rejected.json"])["files"]
    assert listed == {
        "name": listed["name"], "received_at": moment(removed.work.at), "removed_at": moment(removed.removed_at),
        "bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest(), "why": "taken_out", "declared": False,
    }  # fmt: skip
    assert listed["name"].startswith("taken_out/01_")
    assert inside[f"rejected/001_Thí sinh 001/{listed['name']}"] == CONTENT


async def announce(server: Server, page: Page, room: str, length: int) -> str | None:
    """Announce a file; the code of the refusal, if it is refused."""
    headers = {**ASKING, **beginning(length)}
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
