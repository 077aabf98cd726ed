"""The submissions of a room as the training office pulls them: one ZIP archive, checked against the room's log.

What was handed in lies in a folder for each candidate, in the order of the submission, with what the submission says.
What was saved and never handed in is under `unsubmitted/`, and what is evidence and no part of the work under
`rejected/`: what came outside the window (A14.2b.7), what the candidate had taken out of the work (`taken_out/` there),
and what a device whose place was taken had not saved (`words_left/`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import LateText, Sitting, Words
from proctor.keys import Keys
from proctor.rooms import LiveRooms
from proctor.text import safe_name
from proctor.upload_folders import UploadFolders
from proctor.views import moment
from proctor.work_files import ZipEntry, write_zip


class SubmissionArchive:
    """The archives of all rooms."""

    def __init__(self, *, rooms: LiveRooms, folders: UploadFolders, keys: Keys, pool: Executor) -> None:
        self._rooms = rooms
        self._folders = folders
        self._key = keys.of("uploads")
        self._pool = pool

    async def pull(self, who: str, room: str, target: Path) -> None:
        """Write a room's submissions to `target` as ZIP and put the act on the ledger.

        Raises ProctorError `damaged`, naming the file, when one is not what the ledger received.
        """
        live = await self._rooms.open(room)
        sittings = live.state.sittings.values()
        entries = [entry for known in sittings for entry in self._entries(room, known)]
        entries += [entry for known in sittings for entry in self._evidence(live.state, known)]
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pool, write_zip, target, entries, self._key)
        await live.act(who, lambda state, now: Decision((e.SubmissionsPulled(),)))

    def _entries(self, room: str, known: Sitting) -> Iterator[ZipEntry]:
        if known.manifest is None and not known.text and not known.files:
            return
        if known.text_sha256 not in (None, hashlib.sha256(known.text.encode()).hexdigest()):
            raise ProctorError("damaged", what=f"answer {known.number}")
        folder = _folder_of(known)
        listed = [(work.name, work) for work in known.files]
        if known.manifest is None:
            folder = f"unsubmitted/{folder}"
        else:
            yield ZipEntry(f"{folder}/submission.json", content=known.manifest.encode())
            if known.completion is not None:
                yield ZipEntry(f"{folder}/completion.json", content=known.completion.encode())
            if known.awaited:
                missing = [{"file": each.file, "name": each.name, "sha256": each.sha256} for each in known.awaited]
                told = {"awaited" if known.incomplete_at is None else "missing": missing}
                yield ZipEntry(f"{folder}/missing.json", content=_document(told))
            handed_in = [each["file"] for each in json.loads(known.manifest)["files"]]
            held = {work.file: work for work in known.files}
            # Whoever unpacks it sees names sorted: the number keeps pages in the order in which they were handed in.
            listed = [
                (f"{number:02}_{held[file].name}", held[file])
                for number, file in enumerate(handed_in, 1)
                if file in held
            ]
        yield ZipEntry(f"{folder}/answer.txt", content=known.text.encode())
        taken: set[str] = set()
        for name, work in listed:
            name = name if name not in taken else f"{work.file}-{name}"
            taken.add(name)
            place = self._folders.where_of(room, work.file, rejected=False)
            yield ZipEntry(f"{folder}/files/{name}", folder=place, work=work)

    def _evidence(self, state: Room, known: Sitting) -> Iterator[ZipEntry]:
        """What is evidence and no part of the work, with the server's time in its name: beside the submissions, never
        among them."""
        if not (known.late_files or known.late_texts or known.files_removed or known.all_words_left):
            return
        folder = f"rejected/{_folder_of(known)}"
        told: list[dict[str, Any]] = []
        for number, late in enumerate(known.late_files, 1):
            name = _rejected_name(number, late.received_at, late.work.name)
            place = self._folders.where_of(state.room, late.work.file, rejected=True)
            yield ZipEntry(f"{folder}/{name}", folder=place, work=late.work)
            told.append(
                {
                    "name": name, "received_at": moment(late.received_at), "bytes": late.work.bytes,
                    "sha256": late.work.sha256, "why": late.why,
                    "declared": any(each.sha256 == late.work.sha256 for each in known.declared),
                }
            )  # fmt: skip
        for number, text in enumerate(known.late_texts, len(told) + 1):
            name = _rejected_name(number, text.received_at, "answer.txt")
            yield _text(f"{folder}/{name}", text)
            told.append({**_told_of(name, text, text.received_at, text.why), "written_at": text.written_at})
        for number, removed in enumerate(known.files_removed, 1):
            work = removed.work
            name = f"taken_out/{_rejected_name(number, removed.removed_at, work.name)}"
            place = self._folders.where_of(state.room, work.file, rejected=False)
            yield ZipEntry(f"{folder}/{name}", folder=place, work=work)
            told.append(
                {
                    "name": name, "received_at": moment(work.at) if work.at else None,
                    "removed_at": moment(removed.removed_at), "bytes": work.bytes, "sha256": work.sha256,
                    "why": "taken_out", "declared": False,
                }
            )  # fmt: skip
        for number, words in enumerate(known.all_words_left, 1):
            name = f"words_left/{_rejected_name(number, words.at, 'answer.txt')}"
            yield _text(f"{folder}/{name}", words)
            told.append(_told_of(name, words, words.at, "words_left"))
        told_of = {"deadline": moment(state.deadline(known)), "awaited_until": moment(state.awaited_until(known))}
        yield ZipEntry(f"{folder}/rejected.json", content=_document({**told_of, "files": told}))


def _folder_of(known: Sitting) -> str:
    return f"{safe_name(known.number)}_{safe_name(known.full_name)}"


def _text(name: str, kept: LateText | Words) -> ZipEntry:
    """Raises ProctorError `damaged` for a text that is not what the ledger received."""
    content = kept.text.encode()
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        raise ProctorError("damaged", what=name)
    return ZipEntry(name, content=content)


def _told_of(name: str, kept: LateText | Words, received_at: datetime, why: str) -> dict[str, Any]:
    return {
        "name": name, "received_at": moment(received_at), "bytes": len(kept.text.encode()), "sha256": kept.sha256,
        "why": why, "declared": False, "client_time": kept.client_time,
    }  # fmt: skip


def _rejected_name(number: int, received_at: datetime, name: str) -> str:
    at = received_at.astimezone(UTC)
    return f"{number:02}_{at:%Y-%m-%dT%H-%M-%S}.{at.microsecond // 1000:03}Z_{name}"


def _document(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
