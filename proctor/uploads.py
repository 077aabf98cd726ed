"""Files of candidates' work while they arrive, and when they are pulled.

A file lies in its own folder as a row of sealed parts, each named by the offset at which it begins. A part appears when
it is durable; what a broken request brought up to then is kept. So the offset at which to go on is simply what the
parts add up to, also after kill -9. A request begins a part, or, where the last one is small, puts a longer one in its
place: a file has few parts however it comes. Each file has one request at a time (upload_turns.py).

What comes too late, or while the exam is suspended, is rejected evidence (A14.2b.7): it has a place beside the room's
work and bounds of its own, and is found in the archive under `rejected/`. What had not come whole when there was time
again, or the exam went on, goes on as work.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from proctor.clock import Clock
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.decisions import files
from proctor.exam.decisions.files import Arrival
from proctor.exam.decisions.phones import Sender
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting, WorkFile
from proctor.keys import Keys
from proctor.live_room import LiveRoom
from proctor.regulation.refusal import Refusal
from proctor.rooms import LiveRooms
from proctor.sealed import SealedWriter, sync_directory
from proctor.store.identifiers import new_id
from proctor.store.uploads import APART, Upload
from proctor.store.uploads import Uploads as UploadRows
from proctor.text import safe_name
from proctor.token_bucket import Buckets
from proctor.upload_turns import Turn, Turns
from proctor.views import moment
from proctor.work_files import (
    ZipEntry,
    content_of,
    digest_of,
    part_context,
    part_to_grow,
    parts_of,
    received_bytes,
    seal_anew,
    small_picture,
    write_zip,
)

log = structlog.get_logger(__name__)

_MOST_FILES_EVER = 60  # of one candidate, with those removed again
_MOST_BYTES_EVER = 200_000_000
_MOST_EVIDENCE_FILES = 20  # of one candidate
_MOST_EVIDENCE_BYTES = 100_000_000
_MOST_EVIDENCE_BYTES_OF_ROOM = 2_000_000_000
_SILENT_SECONDS = 120.0  # then an upload that nobody goes on with takes no place
_REQUESTS_PER_SECOND, _REQUESTS_AT_ONCE = 5.0, 300.0  # of one candidate: all that ever may be sent comes in fewer
_KEPT = ("kept_as_evidence", "kept_while_suspended")


class Uploads:
    """Use cases of candidates' files."""

    def __init__(
        self, *, config: Config, clock: Clock, rows: UploadRows, rooms: LiveRooms, keys: Keys, pool: Executor
    ) -> None:
        self._root = config.uploads
        self._clock = clock
        self._rows = rows
        self._rooms = rooms
        self._key = keys.of("uploads")
        self._pool = pool
        self._free_bytes = config.free_bytes
        self._creating = asyncio.Lock()
        self._evidence_bytes: dict[str, int] = {}  # of rooms that were asked about: what has been received apart
        self._turns = Turns()
        self._asked_at: dict[str, float] = {}  # by the monotonic clock: when somebody went on with a file
        self._requests = Buckets(_REQUESTS_PER_SECOND, _REQUESTS_AT_ONCE, keep=10_000)

    async def create(
        self, room: str, sender: Sender, name: str, kind: str, length: int, awaited: str = ""
    ) -> tuple[Upload, Arrival]:
        """Announce a file, and as what it would be taken now. `awaited` is the name that a submission gave it.

        Raises ProctorError as `files.may_upload` does, `too_fast`, `too_large`, `evidence_full` and `disk_full`.
        """
        self._not_too_fast(sender)
        live = await self._rooms.open(room)
        candidate = sender.candidate
        taken_as = files.may_upload(live.state, live.came_at(candidate), candidate, sender.device, awaited)
        if length > files.MAX_FILE_BYTES:
            raise ProctorError("too_large", limit="50 MB")
        known = live.state.sitting(candidate)
        if awaited and files.to_be_announced(known, awaited).bytes != length:
            raise ProctorError("not_as_declared", file=name)
        phone = known.phone.phone if known.phone else ""
        if taken_as is Arrival.WORK and await self._places(room, known, phone) >= files.MAX_FILES:
            raise ProctorError("too_large", limit=f"{files.MAX_FILES} files")
        self._keep_disk_free(length)
        upload = Upload(
            awaited or new_id("f"), room, candidate, safe_name(name), kind[:100], length, phone=sender.phone,
            rejected=int(taken_as is Arrival.EVIDENCE),
        )  # fmt: skip
        async with self._creating:  # two at once would both find room
            if upload.rejected:
                await self._bound_evidence(upload)
            else:
                await self._bound_work(upload)
            if awaited and await self._rows.exists(awaited):  # announced before; the answer was lost
                return (await self.get(room, candidate, awaited))[0], taken_as
            self._folder(upload).mkdir(parents=True, exist_ok=True)
            await self._rows.add(upload)
        self._asked_at[upload.file] = self._clock.monotonic()
        if length == 0:
            async with self._turns.of(upload.file):
                await self._finish(live, upload, live.came_at(candidate), sender.client_time)
        return upload, taken_as

    async def get(self, room: str, candidate: str, file: str, phone: str = "") -> tuple[Upload, int]:
        """A candidate's own file and how many of its bytes have arrived; for a telephone only those that it sent.

        Raises ProctorError `not_found`.
        """
        upload = await self._own(room, candidate, file, phone)
        return upload, await self._received(upload)

    @contextlib.asynccontextmanager
    async def _turn(self, file: str) -> AsyncIterator[Turn]:
        """The turn of a file that its page goes on with. Raises ProctorError `upload_busy`."""
        async with self._turns.of(file) as turn:
            try:
                yield turn
            finally:
                self._asked_at[file] = self._clock.monotonic()

    async def _places(self, room: str, known: Sitting, phone: str) -> int:
        """How many files take a place: of those that are not whole, only what somebody goes on with. What a page left
        behind without a word, or began before this server, takes none; how many may be whole, the last byte finds out.
        """
        since = self._clock.monotonic() - _SILENT_SECONDS
        arriving = await self._rows.arriving(room, known.candidate, phone)
        going_on = [file for file in arriving if self._turns.taken(file) or self._asked_at.get(file, since) > since]
        return len(known.files) + len(going_on)

    async def _own(self, room: str, candidate: str, file: str, phone: str, *, removed: bool = False) -> Upload:
        upload = await self._rows.get(file, removed=removed)
        if upload.room != room or upload.candidate != candidate or phone not in ("", upload.phone):
            raise ProctorError("not_found", what="file")
        return upload

    async def _received(self, upload: Upload) -> int:
        return await asyncio.to_thread(received_bytes, self._where(upload), self._key, upload.file)

    async def offset(self, room: str, sender: Sender, file: str) -> tuple[Upload, int, str, str]:
        """As `get`, for a page that asks where to go on; then the SHA-256 of a file that is whole work, and the code of
        why a whole file is none: `kept_as_evidence`, `kept_while_suspended`, or "". That is no error: a page would send
        such a file anew.

        A file can be whole without being told to the ledger: the worker that should have hashed it died, or has not
        done so yet. The page would take it for received, so it is told first.
        Raises ProctorError `upload_busy` when that takes long, and as `files.receive_file` does.
        """
        await self._own(room, sender.candidate, file, sender.phone)
        async with self._turn(file):
            upload, received = await self.get(room, sender.candidate, file, sender.phone)
            if received < upload.length:
                return upload, received, "", ""
            live = await self._rooms.open(room)
            try:
                await self._finish_late(upload, sender.client_time)
                self._refuse_evidence(live, upload)
            except ProctorError as refusal:
                if refusal.code not in _KEPT:
                    raise
                return upload, received, "", refusal.code
            work = live.state.sitting(sender.candidate).file(file)
            if work is None:  # taken out of the work, and the server was killed before the row said so
                raise ProctorError("not_found", what="file")
            return upload, received, work.sha256, ""

    async def recover(self) -> None:
        """Tell the rooms of files whose last byte was durable when the server was killed: they arrived then, whether or
        not their page ever comes back to ask."""
        for upload in await self._rows.unfinished():
            try:
                if await self._received(upload) == upload.length > 0:
                    async with self._turns.of(upload.file):
                        await self._finish_late(await self._rows.get(upload.file))
            except Refusal as refusal:  # too late, or another file than was named: kept as that
                log.info("a whole file was refused", room=upload.room, file=upload.file, code=refusal.code)
            except Exception:
                log.exception("a whole file could not be received", room=upload.room, file=upload.file)

    async def _finish_late(self, upload: Upload, client_time: str = "") -> str:
        """As `_finish`, of a file that was whole before it was asked about and need not have been told."""
        if upload.sha256 is not None:
            return upload.sha256
        durable_at = await asyncio.to_thread(_durable_at, self._where(upload))
        received_at = min(durable_at or self._clock.now(), self._clock.now())
        return await self._finish(await self._rooms.open(upload.room), upload, received_at, client_time)

    async def append(
        self,
        room: str,
        sender: Sender,
        file: str,
        offset: int,
        body: AsyncIterator[bytes],
        checksum: tuple[str, bytes] | None = None,
    ) -> tuple[int, str | None]:
        """Add bytes at `offset`; returns the new offset, and the SHA-256 of the file when it is whole.

        `checksum`: an algorithm of hashlib, and the digest that these bytes should have.
        Raises ProctorError `too_fast`, `upload_mismatch`, `upload_busy`, `checksum_mismatch`, `disk_full`, or as
        `files.may_upload` does. What was
        whole too late is kept, and refused with `kept_as_evidence`, or while the exam was suspended, with
        `kept_while_suspended`; another file than the submission named is refused with `not_as_declared`.
        """
        self._not_too_fast(sender)
        await self._own(room, sender.candidate, file, sender.phone)
        async with self._turn(file) as turn:
            live = await self._rooms.open(room)
            now = live.came_at(sender.candidate)
            taken_as = files.may_upload(live.state, now, sender.candidate, sender.device, file)
            upload = await self._own(room, sender.candidate, file, sender.phone)
            self._refuse_evidence(live, upload)
            if not _is_whole(live, upload):
                upload = await self._placed(upload, taken_as)
            before = await self._received(upload)
            if offset != before:
                raise ProctorError("upload_mismatch")
            self._keep_disk_free(upload.length - before)
            if upload.rejected and before < upload.length:
                async with self._creating:
                    await self._bound_evidence_of_room(room, upload.length - before)
            received = before + await self._write_part(upload, offset, body, checksum, turn)
            if received < upload.length:
                return received, None
            if before == upload.length:
                return received, await self._finish_late(upload, sender.client_time)
            return received, await self._finish(live, upload, live.came_at(sender.candidate), sender.client_time)

    async def remove(self, room: str, sender: Sender, file: str) -> None:
        """Take a file out of the work, or give up one that has not come whole. What came stays on disk as evidence.

        One that is being hashed is taken out when that is done; who asks first does not matter. Raises ProctorError
        `not_found`, `upload_busy`, or as `files.remove_file` does.
        """
        candidate, device = sender.candidate, sender.device
        await self._own(room, candidate, file, sender.phone, removed=True)
        async with self._turns.of(file):
            live = await self._rooms.open(room)
            upload = await self._own(room, candidate, file, sender.phone, removed=True)
            if upload.removed and live.state.sitting(candidate).file(file) is None:
                raise ProctorError("not_found", what="file")

            def decide(state: Room, now: datetime) -> Decision:
                return files.remove_file(state, now, candidate, device, file).told_at(sender.client_time)

            await live.act(candidate, decide)
            if upload.sha256 is not None:
                await self._rows.remove(file)
                return
            came = await asyncio.to_thread(_stored_bytes, self._where(upload))
            await self._rows.give_up(file, min(came, upload.length))
            if not came:
                await asyncio.to_thread(shutil.rmtree, self._where(upload), ignore_errors=True)

    async def content(self, room: str, candidate: str, device: str, file: str) -> tuple[Upload, Iterator[bytes]]:
        """A whole file of the candidate's, for the device that was admitted, in pieces to be read in a thread.

        Raises ProctorError `not_found`, `readmission_needed`.
        """
        known = (await self._rooms.open(room)).state.sitting(candidate)
        if known.device != device:
            raise ProctorError("readmission_needed")
        if known.file(file) is None:
            raise ProctorError("not_found", what="file")
        upload, _ = await self.get(room, candidate, file)
        return upload, content_of(self._where(upload), self._key, file)

    async def preview(self, room: str, candidate: str, device: str, file: str) -> bytes:
        """A small JPEG of a photographed page, also of one that browsers cannot show (HEIC).

        Raises ProctorError `no_preview`, and as `content` does.
        """
        upload, _ = await self.content(room, candidate, device, file)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, small_picture, self._where(upload), self._key, file)

    async def submissions_zip(self, who: str, room: str, target: Path) -> None:
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
            place = self._where_of(room, work.file, rejected=False)
            yield ZipEntry(f"{folder}/files/{name}", folder=place, work=work)

    def _evidence(self, state: Room, known: Sitting) -> Iterator[ZipEntry]:
        """What is rejected evidence, with the server's time in its name: beside the submissions, never among them."""
        if not known.late_files and not known.late_texts:
            return
        folder = f"rejected/{_folder_of(known)}"
        told: list[dict[str, Any]] = []
        for number, late in enumerate(known.late_files, 1):
            name = _rejected_name(number, late.received_at, late.work.name)
            place = self._where_of(state.room, late.work.file, rejected=True)
            yield ZipEntry(f"{folder}/{name}", folder=place, work=late.work)
            told.append(
                {
                    "name": name, "received_at": moment(late.received_at), "bytes": late.work.bytes,
                    "sha256": late.work.sha256, "why": late.why,
                    "declared": any(each.sha256 == late.work.sha256 for each in known.declared),
                }
            )  # fmt: skip
        for number, words in enumerate(known.late_texts, len(told) + 1):
            name, content = _rejected_name(number, words.received_at, "answer.txt"), words.text.encode()
            if hashlib.sha256(content).hexdigest() != words.sha256:
                raise ProctorError("damaged", what=f"{folder}/{name}")
            yield ZipEntry(f"{folder}/{name}", content=content)
            told.append(
                {
                    "name": name, "received_at": moment(words.received_at), "bytes": len(content),
                    "sha256": words.sha256, "why": words.why, "declared": False,
                    "client_time": words.client_time, "written_at": words.written_at,
                }
            )  # fmt: skip
        told_of = {"deadline": moment(state.deadline(known)), "awaited_until": moment(state.awaited_until(known))}
        yield ZipEntry(f"{folder}/rejected.json", content=_document({**told_of, "files": told}))

    async def _write_part(
        self, upload: Upload, offset: int, body: AsyncIterator[bytes], checksum: tuple[str, bytes] | None, turn: Turn
    ) -> int:
        folder = self._where(upload)
        start, held = await asyncio.to_thread(part_to_grow, folder, self._key, upload.file, offset)
        path = folder / f"{start:012d}.part"
        room_left = upload.length - offset
        algorithm, expected = checksum or ("", b"")
        digest = hashlib.new(algorithm, usedforsecurity=False) if checksum else None
        written = 0
        with SealedWriter(path, self._key, part_context(upload.file, start)) as writer:
            writer.write(held)
            try:
                async with turn.reading():
                    async for piece in body:
                        written += len(piece)
                        if written > room_left:
                            raise ProctorError("upload_mismatch")
                        if digest is not None:
                            digest.update(piece)
                        writer.write(piece)
            except (ConnectionError, TimeoutError):  # keep what came; with a checksum asked for it cannot be checked
                if digest is not None:
                    return 0
            if digest is not None and digest.digest() != expected:
                raise ProctorError("checksum_mismatch")
            if written == 0:
                return 0
            await asyncio.to_thread(writer.commit)
        if upload.rejected:
            self._count_evidence(upload.room, written)
        now = self._clock.now().timestamp()  # of the server's clock, which may differ from the system's
        os.utime(path, (now, now))
        return written

    async def _finish(self, live: LiveRoom, upload: Upload, received_at: datetime, client_time: str) -> str:
        """The last byte was durable at `received_at`: hash the whole, tell the ledger, then mark it here.

        Raises ProctorError `kept_as_evidence` for what came too late, `kept_while_suspended`, and `not_as_declared`.
        """
        with live.heard.taking_in(upload.candidate):
            return await self._receive(live, upload, received_at, client_time)

    async def _receive(self, live: LiveRoom, upload: Upload, received_at: datetime, client_time: str) -> str:
        known = live.state.sitting(upload.candidate)
        if not _is_whole(live, upload):
            upload = await self._placed(upload, files.arrival(live.state, received_at, known, upload.file))
        loop = asyncio.get_running_loop()
        sha256, looks = await loop.run_in_executor(
            self._pool, digest_of, self._where(upload), self._key, upload.file
        )
        work = WorkFile(upload.file, upload.name, upload.type, upload.length, sha256, upload.phone, looks)

        def decide(state: Room, now: datetime) -> Decision:
            return files.receive_file(state, now, upload.candidate, work, received_at).told_at(client_time)

        try:
            done = await live.act(upload.candidate, decide)
        except Refusal as refusal:
            if refusal.code == "not_as_declared":
                await self._take_for_another(live, upload, work, received_at, client_time)
            raise
        upload = await self._placed(upload, done.answer)  # its time came while it was hashed, or at a crash
        await self._rows.complete(upload.file, sha256)
        self._refuse_evidence(live, upload)
        return sha256

    def _refuse_evidence(self, live: LiveRoom, upload: Upload) -> None:
        """Tell of a whole file that is evidence that it is no work, and why, however often its page asks."""
        known = live.state.sitting(upload.candidate)
        kept = next((late for late in known.late_files if late.work.file == upload.file), None)
        if kept is not None:
            raise ProctorError("kept_while_suspended" if kept.why == "suspended" else "kept_as_evidence")

    async def _take_for_another(
        self, live: LiveRoom, upload: Upload, work: WorkFile, received_at: datetime, client_time: str
    ) -> None:
        """The bytes are not those that the submission named: they become evidence under a name of their own, and the
        named file is awaited from its first byte on."""
        other = replace(upload, file=new_id("f"), rejected=1)
        async with self._creating:
            await self._bound_evidence(other)
            await self._rows.add(other)
        # Parts are bound to the name of their file, so they are sealed anew.
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._pool, seal_anew, self._folder(upload), upload.file, self._folder(other), other.file, self._key
        )
        self._count_evidence(upload.room, upload.length)
        await asyncio.to_thread(shutil.rmtree, self._folder(upload))
        self._folder(upload).mkdir()
        kept = replace(work, file=other.file)

        def decide(state: Room, now: datetime) -> Decision:
            return files.keep_other(state, now, upload.candidate, kept, received_at).told_at(client_time)

        await live.act(upload.candidate, decide)
        await self._rows.complete(other.file, work.sha256)

    async def _placed(self, upload: Upload, taken_as: Arrival) -> Upload:
        """The upload in the place of what it is taken as: evidence has one of its own, and its own bounds.

        Raises ProctorError `evidence_full`, `too_large`.
        """
        rejected = int(taken_as is Arrival.EVIDENCE)
        placed = replace(upload, rejected=rejected)
        before = self._folder(replace(upload, rejected=1 - rejected))  # there still, where a crash came between
        if upload.rejected == rejected and not before.exists():
            return placed
        async with self._creating:
            if upload.rejected != rejected:
                await (self._bound_evidence(upload) if rejected else self._bound_work(upload))
                await (self._rows.reject(upload.file) if rejected else self._rows.take_back(upload.file))
            if before.exists():
                self._evidence_bytes.pop(upload.room, None)  # to be looked for again
                await asyncio.to_thread(_move, before, self._folder(placed))
        return placed

    async def _bound_work(self, upload: Upload) -> None:
        count, total = await self._rows.ever(upload.room, upload.candidate)
        if count >= _MOST_FILES_EVER or total + upload.length > _MOST_BYTES_EVER:
            raise ProctorError("too_large", limit="200 MB")

    async def _bound_evidence(self, upload: Upload) -> None:
        """Of a candidate counts what is announced; of the room only what came, or a few would leave others no place."""
        count, total = await self._rows.evidence(upload.room, upload.candidate)
        if count >= _MOST_EVIDENCE_FILES or total + upload.length > _MOST_EVIDENCE_BYTES:
            raise ProctorError("evidence_full")
        await self._bound_evidence_of_room(upload.room, upload.length)

    async def _bound_evidence_of_room(self, room: str, more: int) -> None:
        """Under the lock, and asked anew for each request: past the bound comes at most what is on its way meanwhile.

        Raises ProctorError `evidence_full`.
        """
        if room not in self._evidence_bytes:
            self._evidence_bytes[room] = await asyncio.to_thread(_stored_bytes, self._apart(room))
        if self._evidence_bytes[room] + more > _MOST_EVIDENCE_BYTES_OF_ROOM:
            raise ProctorError("evidence_full")

    def _count_evidence(self, room: str, more: int) -> None:
        if room in self._evidence_bytes:
            self._evidence_bytes[room] += more

    def _not_too_fast(self, sender: Sender) -> None:
        """A request that brings a byte costs as much as one that brings a part. Raises ProctorError `too_fast`."""
        if not self._requests.take((sender.candidate, sender.phone), self._clock.monotonic()):
            raise ProctorError("too_fast")

    def _keep_disk_free(self, length: int) -> None:
        """Answers and the log need room before files do. Raises ProctorError `disk_full`."""
        if shutil.disk_usage(self._root).free < self._free_bytes + length:
            raise ProctorError("disk_full")

    def _folder(self, upload: Upload) -> Path:
        return self._place(upload.room, upload.file, rejected=bool(upload.rejected))

    def _where(self, upload: Upload) -> Path:
        """The folder that its parts lie in now."""
        return self._where_of(upload.room, upload.file, rejected=bool(upload.rejected))

    def _where_of(self, room: str, file: str, *, rejected: bool) -> Path:
        """As `_where`. They lie in the other place where a crash came between the row and the moving."""
        place, other = (self._place(room, file, rejected=apart) for apart in (rejected, not rejected))
        return other if other.exists() and not place.exists() else place

    def _place(self, room: str, file: str, *, rejected: bool) -> Path:
        return (self._apart(room) if rejected else self._root / room) / file

    def _apart(self, room: str) -> Path:
        return self._root / f"{room}{APART}"


def _is_whole(live: LiveRoom, upload: Upload) -> bool:
    """Whether it has arrived. Then it stays what it was taken as, and where it lies, whatever is asked of it later."""
    return upload.sha256 is not None or live.state.sitting(upload.candidate).file(upload.file) is not None


def _durable_at(folder: Path) -> datetime | None:
    """When the last byte of a whole file was durable; None for one of no bytes."""
    return max((datetime.fromtimestamp(path.stat().st_mtime, UTC) for _, path in parts_of(folder)), default=None)


def _stored_bytes(folder: Path) -> int:
    """In a thread: of all parts in and below it."""
    return sum(part.stat().st_size for part in folder.rglob("*.part"))


def _folder_of(known: Sitting) -> str:
    return f"{safe_name(known.number)}_{safe_name(known.full_name)}"


def _rejected_name(number: int, received_at: datetime, name: str) -> str:
    at = received_at.astimezone(UTC)
    return f"{number:02}_{at:%Y-%m-%dT%H-%M-%S}.{at.microsecond // 1000:03}Z_{name}"


def _document(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _move(before: Path, after: Path) -> None:
    """In a thread: a folder from one place to another, durably."""
    after.parent.mkdir(exist_ok=True)
    before.rename(after)
    for parent in (after.parent, before.parent):
        sync_directory(parent)
