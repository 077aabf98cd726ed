"""A backup made while an exam is written, and the house that is restored from it after the first one was killed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import random
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import av
import pytest

from proctor.operations import manifest
from proctor.rehearsal.client import SyntheticPublisher
from tests.support.command import started
from tests.support.house import Exam, config_in
from tests.support.killable import STARTS_AT, KillableServer, planned
from tests.test_restart import Upload, all_admitted, sign_in, stop


@pytest.fixture(scope="module", autouse=True)
def encoded() -> None:
    """Two people's pictures and sound, before any clock runs."""
    for person in range(2):
        SyntheticPublisher(person)


def places(folder: Path) -> list[str]:
    config = config_in(folder)
    return ["--data", str(config.data), "--recordings", str(config.recordings), "--master-key", str(config.master_key)]


async def proctor(*arguments: str | Path) -> tuple[int, str]:
    """Run a command of the project; its exit code and its words."""
    async with started([sys.executable, "-m", "proctor", *arguments]) as command:
        return await command.ended(seconds=60), command.said


async def test_a_backup_made_while_an_exam_is_written_becomes_a_house_that_goes_on(tmp_path: Path) -> None:
    first, second, folder = tmp_path / "first", tmp_path / "second", tmp_path / "backup"
    server = KillableServer(first)
    exam = await planned(server, candidates=2)
    photo = random.Random(7).randbytes(1_500_000)
    async with contextlib.AsyncExitStack() as pages:
        async with server.up():
            await server.jump_to(STARTS_AT - timedelta(minutes=5))
            invigilator, writers = await all_admitted(server, exam, pages)
            await server.jump_to(STARTS_AT)
            publishers = [await writer.publish() for writer in writers]
            await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 2)
            upload = Upload(writers[0].page, exam.room, photo)
            await upload.create()
            part_of_it = Upload(upload.page, exam.room, photo[:1_000_000], upload.location)
            await part_of_it.send(500_000, pause=0)  # the file is under way
            tasks = [asyncio.create_task(writer.write()) for writer in writers]
            await asyncio.gather(*(server.has_recorded(exam.room, w.candidate, seconds=2.0) for w in writers))
            acknowledged = {writer.candidate: writer.revision for writer in writers}
            assert all(acknowledged.values())

            ended, said = await proctor("backup", folder, *places(first), "--verify")
            assert ended == 0, said
            assert "The master key is NOT in the backup" in said
            assert "Reading again" in said
            assert not [task for task in tasks if task.done()], "the writers were held up"
            written = {writer.candidate: writer.revision for writer in writers}
            await server.kill()
            await stop(tasks)
            for publisher in publishers:
                await publisher.stop(goodbye=False)

        known = manifest.read(folder)
        _, before = server.room(exam.room)
        number, head = known.logs[exam.room]
        assert before[number - 1].hash.hex() == head
        assert known.missing == known.broken == []
        assert len(before) > number, "nothing was written while the backup was made"
        parts = [item for item in known.files if item.path.startswith("recordings/") and item.path.endswith(".part")]
        assert {Path(item.path).parts[2] for item in parts} == set(exam.candidates.values())  # each has an open segment
        key = config_in(first).master_key.read_bytes().strip()
        assert not [path for path in folder.rglob("*") if path.is_file() and key in path.read_bytes()]

        ended, said = await proctor("restore", folder, *places(second))
        assert ended == 2
        assert "There is no master key at" in said
        assert not config_in(second).master_key.exists(), "a key was made that opens nothing"
        config_in(second).master_key.parent.mkdir(parents=True)
        shutil.copy(config_in(first).master_key, config_in(second).master_key)
        shutil.move(first, tmp_path / "lost")
        ended, said = await proctor("restore", folder, *places(second))
        assert ended == 0, said

        restored = KillableServer(second)
        restored._anchor = server._anchor
        state, entries = restored.room(exam.room)
        photos = [path.name for path in config_in(second).photos.rglob("*.sealed")]
        assert len(photos) == 4, "two candidates, each with face and card"
        assert entries == before[:number]
        for candidate, sitting in state.sittings.items():
            assert acknowledged[candidate] <= sitting.revision <= written[candidate] + 1
        async with restored.up():
            for writer in writers:  # their browsers come back to the new house, signed in as they were
                writer.page.url = restored.url
                welcome = await writer.page.join(exam.room)
                assert welcome["me"]["admitted_at"]
                assert welcome["draft"]["revision"] == state.sittings[writer.candidate].revision
                writer.revision, writer.text = welcome["draft"]["revision"], welcome["draft"]["text"]
                assert writer.text == state.sittings[writer.candidate].text
            tasks = [asyncio.create_task(writer.write()) for writer in writers]
            async with asyncio.timeout(10):
                while min(w.revision - state.sittings[w.candidate].revision for w in writers) < 3:
                    await asyncio.sleep(0.05)
            await upload.send(500_000, pause=0)
            assert upload.sha256 == hashlib.sha256(photo).hexdigest()
            await _replays(restored, exam)
            restored.command.terminate()
            assert await restored.command.ended() == 0
            await stop(tasks)
        assert "Traceback" not in restored.command.said
        assert not list(config_in(second).recordings.rglob("*.part")), "an open part became no segment"
        _, grown = restored.room(exam.room)
        assert grown[:number] == entries
        ended, said = await proctor("restore", folder, *places(second))
        assert ended == 2
        assert "There is data in" in said
        assert restored.room(exam.room)[1] == grown


async def _replays(server: KillableServer, exam: Exam) -> None:
    """An inspector sees what had been recorded when the backup was made."""
    async with await sign_in(server, "inspector") as inspector:
        for candidate in exam.candidates.values():
            async with asyncio.timeout(20):
                while not (told := await inspector.get(f"/api/rooms/{exam.room}/recordings/{candidate}"))["segments"]:
                    await asyncio.sleep(0.1)  # the open part is finalised beside the start of the server
            (segment,) = told["segments"]
            assert segment["duration_ms"] > 1_500
            film = (await inspector.get(segment["url"]))["body"]
            assert hashlib.sha256(film).hexdigest() == segment["sha256"]
            with av.open(io.BytesIO(film)) as container:
                assert sum(1 for _ in container.decode(video=0)) > segment["duration_ms"] / 1000 * 15 * 0.9
