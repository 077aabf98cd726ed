"""Kill -9 in the middle of everything: what was acknowledged is there afterwards, and everyone goes on.

The server is a process of its own. Candidates save, upload and publish over real sockets; the process is killed at a
random moment and started again on the same port and data.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest
import socketio.exceptions

from proctor.keys import unseal
from proctor.rehearsal import pictures
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page, code
from tests.support.command import Stopwatch
from tests.support.house import PASSWORD, PDF, Exam, admit, reach_lobby
from tests.support.killable import STARTS_AT, KillableServer, planned

GONE = (TimeoutError, OSError, aiohttp.ClientError, socketio.exceptions.SocketIOError)


async def sign_in(server: KillableServer, name: str) -> Page:
    page = Page(server.url, name)
    assert "error" not in await page.sign_in(name, PASSWORD)
    return page


@dataclass
class Writer:
    """A candidate who saves as fast as it is acknowledged, and remembers what was."""

    page: Page
    candidate: str
    person: int
    text: str = ""
    revision: int = 0
    sent: list[str] = field(default_factory=list)

    async def come(self, exam: Exam) -> dict[str, Any]:
        """Join, as a page does after a loss; what the server holds must be what was acknowledged, or sent after it."""
        welcome = await self.page.join(exam.room)
        draft = welcome["draft"] or {"revision": 0, "text": ""}
        assert draft["revision"] >= self.revision
        assert draft["text"] in (self.text, *self.sent)
        assert welcome["me"]["admitted_at"]
        self.revision, self.text = draft["revision"], draft["text"]
        self.sent.clear()
        return welcome

    async def write(self) -> None:
        while True:
            text = f"{self.text}{self.revision} " if len(self.text) < 5000 else f"{self.revision} "
            self.sent.append(text)
            saved = await self.page.tell("save_answer", epoch=self.page.epoch, base_revision=self.revision, text=text,
                                         client_time="")  # fmt: skip
            if code(saved) == "too_fast":  # faster than any page; the bucket fills again
                await asyncio.sleep(0.1)
                continue
            self.revision, self.text = saved["revision"], text
            self.sent.clear()

    async def publish(self) -> SyntheticPublisher:
        publisher = SyntheticPublisher(self.person)
        answer = await self.page.tell("publish", epoch=self.page.epoch, sdp=publisher.offer())
        await publisher.accept(answer["sdp"])
        publisher.start()
        return publisher


@dataclass
class Upload:
    """A file on its way by tus, a slow piece after the other."""

    page: Page
    room: str
    content: bytes
    location: str = ""
    acknowledged: int = 0
    sha256: str | None = None

    async def create(self) -> None:
        async with self.page.http.post(
            f"{self.page.url}/api/rooms/{self.room}/files",
            headers=self._headers(**{
                "Upload-Length": str(len(self.content)),
                "Upload-Metadata": "filename " + base64.b64encode(b"a.jpg").decode(),
            }),
        ) as answer:  # fmt: skip
            assert answer.status == 201
            self.location = answer.headers["Location"]

    async def offset(self) -> int:
        async with self.page.http.head(self.page.url + self.location, headers=self._headers()) as answer:
            assert answer.status == 200
            return int(answer.headers["Upload-Offset"])

    async def send(self, size: int, pause: float = 0.1) -> None:
        """Everything that is missing, `size` bytes a request."""
        start = await self.offset()
        assert start >= self.acknowledged
        while start < len(self.content):
            piece = self.content[start : start + size]
            async with self.page.http.patch(
                self.page.url + self.location,
                data=_slowly(piece, pause),
                headers=self._headers(**{
                    "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream",
                }),
            ) as answer:  # fmt: skip
                assert answer.status == 204, await answer.text()
                self.acknowledged = start = int(answer.headers["Upload-Offset"])
                self.sha256 = answer.headers.get("Upload-Sha256")

    @staticmethod
    def _headers(**more: str) -> dict[str, str]:
        return {"Proctor-Role": "candidate", "Tus-Resumable": "1.0.0", **more}


async def _slowly(piece: bytes, pause: float) -> AsyncIterator[bytes]:
    for start in range(0, len(piece), 50_000):
        yield piece[start : start + 50_000]
        await asyncio.sleep(pause)  # the rate of a slow network


async def stop(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """End what a killed server interrupted. Nothing else may have ended it."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, (*GONE, asyncio.CancelledError)) or result is None, result


@pytest.fixture(scope="module", autouse=True)
def encoded() -> None:
    """Two people's pictures and sound, before any clock runs."""
    for person in range(2):
        SyntheticPublisher(person)
    assert pictures.PEOPLE >= 2


async def all_admitted(
    server: KillableServer, exam: Exam, pages: contextlib.AsyncExitStack
) -> tuple[Page, list[Writer]]:
    """The invigilator, who is in the room and has admitted all of its candidates, and these; `pages` ends with them."""
    invigilator = await pages.enter_async_context(await sign_in(server, "invigilator"))
    await invigilator.join(exam.room)
    writers = []
    for person, number in enumerate(exam.codes):
        page = await pages.enter_async_context(Page(server.url, "candidate"))
        await page.post("/api/sign-in/candidate", {"number": number, "code": exam.codes[number]})
        await reach_lobby(page, exam.room)
        writers.append(Writer(page, exam.candidates[number], person))
    told = await admit(invigilator, *exam.candidates.values())
    assert told["admitted"] == list(exam.candidates.values())
    return invigilator, writers


@pytest.mark.parametrize("kills", [2, pytest.param(4, marks=pytest.mark.long)])
async def test_kill_9_while_saves_an_upload_and_media_are_under_way_loses_nothing_acknowledged(
    tmp_path: Path, kills: int
) -> None:
    chance = random.Random(1914)
    server = KillableServer(tmp_path)
    exam = await planned(server, candidates=2)
    photo = chance.randbytes(6_000_000)
    notes: list[str] = []
    killed_at: list[datetime] = []
    recorded_from: list[datetime] = []
    async with contextlib.AsyncExitStack() as pages:
        async with server.up():
            await server.jump_to(STARTS_AT - timedelta(minutes=5))
            invigilator, writers = await all_admitted(server, exam, pages)
            sealed = (await writers[0].page.get(f"/api/rooms/{exam.room}/paper"))["body"]
            _, entries = server.room(exam.room)
            await server.kill()
            assert server.room(exam.room)[1][: len(entries)] == entries

        upload = Upload(writers[0].page, exam.room, photo)
        for round_number in range(kills):
            outage = Stopwatch()
            async with server.up():
                print(f"round {round_number}: back after {outage.seconds:.2f} s")
                await invigilator.join(exam.room)
                welcomes = [await writer.come(exam) for writer in writers]
                if round_number == 0:  # killed before the release: sealed as before, and the key comes in time
                    assert all(welcome["paper_key"] is None for welcome in welcomes)
                    early = await writers[0].page.tell("save_answer", epoch=writers[0].page.epoch, base_revision=0,
                                                       text="x", client_time="")  # fmt: skip
                    assert early["error"]["code"] == "before_release"
                    await server.jump_to(STARTS_AT)
                    key = await writers[0].page.hear("paper_key")
                    assert unseal(base64.b64decode(key["key"]), sealed, exam.exam) == PDF
                    await upload.create()
                else:
                    assert all(welcome["paper_key"] for welcome in welcomes)
                publishers = [await writer.publish() for writer in writers]
                await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 2)
                recorded_from.append(server.now())
                under_way = (*(writer.write() for writer in writers), upload.send(400_000), _note(invigilator, notes))
                tasks = [asyncio.create_task(work) for work in under_way]
                await asyncio.sleep(chance.uniform(2.0, 4.0))  # a kill comes at any moment, and not at an event
                assert not [task for task in tasks if task.done() and task.exception()], "before the kill"
                killed_at.append(await server.kill())
                await stop(tasks)
                for publisher in publishers:
                    await publisher.stop(goodbye=False)

            state, entries = server.room(exam.room)
            for writer in writers:
                known = state.sittings[writer.candidate]
                assert known.revision >= writer.revision > 0
                assert known.text in (writer.text, *writer.sent)
            assert set(notes) <= {sent.message for sent in state.messages}
            print(f"killed with {len(entries)} entries, {[writer.revision for writer in writers]} saves, "
                  f"{upload.acknowledged} bytes, {len(notes)} messages")  # fmt: skip

        async with server.up():
            _, grown = server.room(exam.room)
            assert grown[: len(entries)] == entries
            await invigilator.join(exam.room)
            for writer in writers:
                await writer.come(exam)
            await upload.send(1_000_000, pause=0)
            assert upload.sha256 == hashlib.sha256(photo).hexdigest()
            handed_in = {"file": upload.location.rsplit("/", 1)[1], "sha256": upload.sha256}
            receipt = await writers[0].page.tell(
                "submit", epoch=writers[0].page.epoch, revision=writers[0].revision,
                text_sha256=hashlib.sha256(writers[0].text.encode()).hexdigest(), files=[handed_in],
            )  # fmt: skip
            await server.kill()
        async with server.up():
            welcome = await writers[0].come(exam)
            assert welcome["receipt"]["submission"] == receipt["submission"]
            assert welcome["receipt"]["sha256"] == receipt["sha256"]
            _, entries = server.room(exam.room)
            assert entries[receipt["ledger"]["seq"] - 1].hash.hex() == receipt["ledger"]["head"]
            inspector = await pages.enter_async_context(await sign_in(server, "inspector"))
            for writer in writers:
                await _check_recording(inspector, exam.room, writer.candidate, recorded_from, killed_at)
        assert "Traceback" not in server.command.said


async def _note(invigilator: Page, notes: list[str]) -> None:
    while True:
        sent = await invigilator.tell("send_message", to="room", text=f"lời nhắn {len(notes)}")
        notes.append(sent["message"])
        await asyncio.sleep(0.1)  # the rate of a page: faster is refused


async def _check_recording(
    inspector: Page, room: str, candidate: str, recorded_from: list[datetime], killed_at: list[datetime]
) -> None:
    """Every stretch up to a kill is there, but for its last two seconds, and its pictures decode."""
    async with asyncio.timeout(20):
        while True:  # the last stretch is finalised beside the start of the server
            manifest = await inspector.get(f"/api/rooms/{room}/recordings/{candidate}")
            spans = [(each["start_ms"], each["start_ms"] + each["duration_ms"]) for each in manifest["segments"]]
            if len(spans) >= len(killed_at):
                break
            await asyncio.sleep(0.1)
    for begin, killed in zip(recorded_from, killed_at, strict=True):
        start, end = max(span for span in spans if span[0] <= killed.timestamp() * 1000)
        assert start >= begin.timestamp() * 1000 - 5_000, "this stretch is there at all"
        lost = killed.astimezone(UTC).timestamp() - end / 1000
        print(f"{candidate}: recorded {(end - start) / 1000:.2f} s, lost {lost:.2f} s before the kill")
        assert -0.1 < lost < 2.0
    for segment in manifest["segments"]:
        film = (await inspector.get(segment["url"]))["body"]
        assert hashlib.sha256(film).hexdigest() == segment["sha256"]
        with av.open(io.BytesIO(film)) as container:
            frames = sum(1 for _ in container.decode(video=0))
        assert frames >= segment["duration_ms"] / 1000 * 15 * 0.9


async def test_a_stop_by_sigterm_finalises_open_segments_tells_pages_and_takes_under_five_seconds(
    tmp_path: Path,
) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, candidates=2)
    async with contextlib.AsyncExitStack() as pages:
        async with server.up():
            await server.jump_to(STARTS_AT)
            invigilator, writers = await all_admitted(server, exam, pages)
            publishers = [await writer.publish() for writer in writers]
            await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 2)
            await asyncio.gather(*(server.has_recorded(exam.room, w.candidate, seconds=1.5) for w in writers))
            watch = Stopwatch()
            server.command.terminate()
            await asyncio.gather(*(page.hear("closing") for page in (invigilator, *(w.page for w in writers))))
            assert await server.command.ended() == 0
            print(f"stopped after {watch.seconds:.2f} s")
            assert watch.seconds < 5.0
            assert "Traceback" not in server.command.said
            for publisher in publishers:
                await publisher.stop(goodbye=False)
        state, _ = server.room(exam.room)
        for writer in writers:
            (segment,) = state.sittings[writer.candidate].recorded()
            assert segment["duration_ms"] > 1000
            assert not segment["recovered"]
        assert not list(server.folder.rglob("*.part"))
        assert not any(known.connected for known in state.sittings.values())

    server.advance(hours=3)  # while it was down the exam came to its end
    async with server.up(), await sign_in(server, "inspector") as inspector:
        (room,) = (await inspector.get("/api/me"))["rooms"]
        assert room["phase"] == "after"  # the office has to decide; the clock has ended nothing
        recorded = (await inspector.get(f"/api/rooms/{exam.room}/recordings"))["sittings"]
        assert [sitting["segments"] for sitting in recorded] == [1, 1]
