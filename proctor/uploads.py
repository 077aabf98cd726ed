"""Files of candidates' work while they arrive: announced, brought part by part, whole, taken out again.

A page asks at which offset to go on, whatever became of its connection, this server or an answer. Each file has one
request at a time (upload_turns.py). Where its parts lie, and how much may, is `upload_folders.py`.

What comes too late, or while the exam is suspended, is rejected evidence (A14.2b.7): kept apart, and in the archive
found under `rejected/`. What had not come whole when there was time again, or the exam went on, goes on as work.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam.decisions import files
from proctor.exam.decisions.files import Arrival
from proctor.exam.decisions.phones import Sender
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting, WorkFile
from proctor.live_room import LiveRoom
from proctor.regulation.refusal import Refusal
from proctor.rooms import LiveRooms
from proctor.store.identifiers import new_id
from proctor.store.uploads import Upload
from proctor.store.uploads import Uploads as UploadRows
from proctor.text import safe_name
from proctor.token_bucket import Buckets
from proctor.upload_folders import UploadFolders
from proctor.upload_turns import Turn, Turns

log = structlog.get_logger(__name__)

_SILENT_SECONDS = 120.0  # then an upload that nobody goes on with takes no place
_REQUESTS_PER_SECOND, _REQUESTS_AT_ONCE = 5.0, 300.0  # of one candidate: all that ever may be sent comes in fewer
_KEPT = ("kept_as_evidence", "kept_while_suspended")


class Uploads:
    """Use cases of candidates' files."""

    def __init__(self, *, clock: Clock, rows: UploadRows, rooms: LiveRooms, folders: UploadFolders) -> None:
        self._clock = clock
        self._rows = rows
        self._rooms = rooms
        self._folders = folders
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
        taken_as = files.may_upload(live.state, live.timer.came_at(candidate), candidate, sender.device, awaited)
        if length > files.MAX_FILE_BYTES:
            raise ProctorError("too_large", limit="50 MB")
        known = live.state.sitting(candidate)
        if awaited and files.to_be_announced(known, awaited).bytes != length:
            raise ProctorError("not_as_declared", file=name)
        phone = known.phone.phone if known.phone else ""
        if taken_as is Arrival.WORK and await self._places(room, known, phone) >= files.MAX_FILES:
            raise ProctorError("too_large", limit=f"{files.MAX_FILES} files")
        self._folders.keep_disk_free(length)
        upload = Upload(
            awaited or new_id("f"), room, candidate, safe_name(name), kind[:100], length, phone=sender.phone,
            rejected=int(taken_as is Arrival.EVIDENCE), device=sender.device,
        )  # fmt: skip
        if not await self._folders.add(upload):
            return (await self.get(room, candidate, awaited))[0], taken_as
        self._asked_at[upload.file] = self._clock.monotonic()
        if length == 0:
            async with self._turns.of(upload.file):
                await self._finish(live, upload, live.timer.came_at(candidate), sender.client_time)
        return upload, taken_as

    async def get(self, room: str, candidate: str, file: str, phone: str = "") -> tuple[Upload, int]:
        """A candidate's own file and how many of its bytes have arrived; for a telephone only those that it sent.

        Raises ProctorError `not_found`.
        """
        upload = await self._own(room, candidate, file, phone)
        return upload, await self._folders.received(upload)

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

    async def begun_elsewhere(self, room: str, candidate: str) -> list[dict[str, Any]]:
        """What another device than the admitted one began to send and did not end, as pages are told: nothing goes on
        with it, and it is no part of the work."""
        known = (await self._rooms.open(room)).state.sitting(candidate)
        if known.device is None:
            return []
        begun = await self._rows.begun_elsewhere(room, candidate, known.device)
        return [
            {"file": each.file, "name": each.name, "bytes": each.length}
            for each in begun
            if known.file(each.file) is None
        ]

    async def recover(self) -> None:
        """Tell the rooms of files whose last byte was durable when the server was killed: they arrived then, whether or
        not their page ever comes back to ask."""
        for upload in await self._rows.unfinished():
            try:
                if await self._folders.received(upload) == upload.length > 0:
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
        durable_at = await asyncio.to_thread(self._folders.durable_at, upload)
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
        `files.may_upload` does. What was whole too late is kept, and refused with `kept_as_evidence`, or while the exam
        was suspended, with `kept_while_suspended`; another file than the submission named with `not_as_declared`.
        """
        self._not_too_fast(sender)
        await self._own(room, sender.candidate, file, sender.phone)
        async with self._turn(file) as turn:
            live = await self._rooms.open(room)
            now = live.timer.came_at(sender.candidate)
            taken_as = files.may_upload(live.state, now, sender.candidate, sender.device, file)
            upload = await self._own(room, sender.candidate, file, sender.phone)
            self._refuse_evidence(live, upload)
            if not _is_whole(live, upload):
                upload = await self._folders.placed(upload, taken_as)
            before = await self._folders.received(upload)
            if offset != before:
                raise ProctorError("upload_mismatch")
            await self._folders.keep_room_for(upload, upload.length - before)
            received = before + await self._folders.write_part(upload, offset, body, checksum, turn)
            if received < upload.length:
                return received, None
            if before == upload.length:
                return received, await self._finish_late(upload, sender.client_time)
            return received, await self._finish(live, upload, live.timer.came_at(sender.candidate), sender.client_time)

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
            await (self._folders.give_up(upload) if upload.sha256 is None else self._rows.remove(file))

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
        return upload, self._folders.content(upload)

    async def preview(self, room: str, candidate: str, device: str, file: str) -> bytes:
        """A small JPEG of a photographed page, also of one that browsers cannot show (HEIC).

        Raises ProctorError `no_preview`, and as `content` does.
        """
        upload, _ = await self.content(room, candidate, device, file)
        return await self._folders.small_picture(upload)

    async def _finish(self, live: LiveRoom, upload: Upload, received_at: datetime, client_time: str) -> str:
        """The last byte was durable at `received_at`: hash the whole, tell the ledger, then mark it here.

        Raises ProctorError `kept_as_evidence` for what came too late, `kept_while_suspended`, and `not_as_declared`.
        """
        with live.heard.taking_in(upload.candidate):
            return await self._receive(live, upload, received_at, client_time)

    async def _receive(self, live: LiveRoom, upload: Upload, received_at: datetime, client_time: str) -> str:
        known = live.state.sitting(upload.candidate)
        if not _is_whole(live, upload):
            upload = await self._folders.placed(upload, files.arrival(live.state, received_at, known, upload.file))
        sha256, looks = await self._folders.digest(upload)
        work = WorkFile(upload.file, upload.name, upload.type, upload.length, sha256, upload.phone, looks)

        def decide(state: Room, now: datetime) -> Decision:
            return files.receive_file(state, now, upload.candidate, work, received_at).told_at(client_time)

        try:
            done = await live.act(upload.candidate, decide)
        except Refusal as refusal:
            if refusal.code == "not_as_declared":
                await self._take_for_another(live, upload, work, received_at, client_time)
            raise
        upload = await self._folders.placed(upload, done.answer)  # its time came while it was hashed, or at a crash
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
        other = await self._folders.set_apart(upload)
        kept = replace(work, file=other.file)

        def decide(state: Room, now: datetime) -> Decision:
            return files.keep_other(state, now, upload.candidate, kept, received_at).told_at(client_time)

        await live.act(upload.candidate, decide)
        await self._rows.complete(other.file, work.sha256)

    def _not_too_fast(self, sender: Sender) -> None:
        """A request that brings a byte costs as much as one that brings a part. Raises ProctorError `too_fast`."""
        if not self._requests.take((sender.candidate, sender.phone), self._clock.monotonic()):
            raise ProctorError("too_fast")


def _is_whole(live: LiveRoom, upload: Upload) -> bool:
    """Whether it has arrived. Then it stays what it was taken as, and where it lies, whatever is asked of it later."""
    return upload.sha256 is not None or live.state.sitting(upload.candidate).file(upload.file) is not None
