"""Where the parts of candidates' files lie, and how much may lie there.

A file lies in its own folder as a row of sealed parts, each named by the offset at which it begins. A part appears when
it is durable; what a broken request brought up to then is kept. So the offset at which to go on is simply what the
parts add up to, also after kill -9. A request begins a part, or, where the last one is small, puts a longer one in its
place: a file has few parts however it comes.

Rejected evidence (A14.2b.7) has a place beside the room's work and bounds of its own. A file goes from one place to the
other with what it is taken as; where a crash came between its row and the moving, it is found in either.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from proctor.clock import Clock
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.exam.decisions.files import Arrival
from proctor.keys import Keys
from proctor.sealed import SealedWriter, sync_directory
from proctor.store.identifiers import new_id
from proctor.store.uploads import APART, Upload, Uploads
from proctor.upload_turns import Turn
from proctor.work_files import (
    content_of,
    digest_of,
    part_context,
    part_to_grow,
    parts_of,
    received_bytes,
    seal_anew,
    small_picture,
)

_MOST_FILES_EVER = 60  # of one candidate, with those removed again
_MOST_BYTES_EVER = 200_000_000
_MOST_EVIDENCE_FILES = 20  # of one candidate
_MOST_EVIDENCE_BYTES = 100_000_000
_MOST_EVIDENCE_BYTES_OF_ROOM = 2_000_000_000


class UploadFolders:
    """The folders of all files, and the rows that say in which place each lies."""

    def __init__(self, *, config: Config, clock: Clock, rows: Uploads, keys: Keys, pool: Executor) -> None:
        self._root = config.uploads
        self._free_bytes = config.free_bytes
        self._clock = clock
        self._rows = rows
        self._key = keys.of("uploads")
        self._pool = pool
        self._adding = asyncio.Lock()
        self._evidence_bytes: dict[str, int] = {}  # of rooms that were asked about: what has been received apart

    async def add(self, upload: Upload) -> bool:
        """Make a place for a file; False for one that has its place, since the answer was lost when it was announced.

        Raises ProctorError `evidence_full`, `too_large`.
        """
        async with self._adding:  # two at once would both find room
            await (self._bound_evidence(upload) if upload.rejected else self._bound_work(upload))
            if await self._rows.exists(upload.file):
                return False
            self._folder(upload).mkdir(parents=True, exist_ok=True)
            await self._rows.add(upload)
            return True

    def where_of(self, room: str, file: str, *, rejected: bool) -> Path:
        """The folder that a file's parts lie in: the other one where a crash came between the row and the moving."""
        place, other = (self._place(room, file, rejected=apart) for apart in (rejected, not rejected))
        return other if other.exists() and not place.exists() else place

    async def received(self, upload: Upload) -> int:
        """How many of its bytes have arrived."""
        return await asyncio.to_thread(received_bytes, self._where(upload), self._key, upload.file)

    def durable_at(self, upload: Upload) -> datetime | None:
        """In a thread: when the last byte of a whole file was durable; None for one of no bytes."""
        parts = parts_of(self._where(upload))
        return max((datetime.fromtimestamp(path.stat().st_mtime, UTC) for _, path in parts), default=None)

    def content(self, upload: Upload) -> Iterator[bytes]:
        """Its bytes, to be read in a thread."""
        return content_of(self._where(upload), self._key, upload.file)

    async def digest(self, upload: Upload) -> tuple[str, str]:
        """SHA-256 of a whole file, and what its first bytes look like."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, digest_of, self._where(upload), self._key, upload.file
        )

    async def small_picture(self, upload: Upload) -> bytes:
        """A small JPEG of a photographed page. Raises ProctorError `no_preview`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, small_picture, self._where(upload), self._key, upload.file
        )

    async def write_part(
        self, upload: Upload, offset: int, body: AsyncIterator[bytes], checksum: tuple[str, bytes] | None, turn: Turn
    ) -> int:
        """Put what `body` brings behind the `offset` bytes that are there; returns how many bytes came.

        Raises ProctorError `upload_mismatch`, `checksum_mismatch`.
        """
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

    async def give_up(self, upload: Upload) -> None:
        """No more of it will come. What came stays on disk as evidence; one of which nothing came has never been."""
        came = await asyncio.to_thread(_stored_bytes, self._where(upload))
        await self._rows.give_up(upload.file, min(came, upload.length))
        if not came:
            await asyncio.to_thread(shutil.rmtree, self._where(upload), ignore_errors=True)

    async def placed(self, upload: Upload, taken_as: Arrival) -> Upload:
        """The upload in the place of what it is taken as: evidence has one of its own, and its own bounds.

        Raises ProctorError `evidence_full`, `too_large`.
        """
        rejected = int(taken_as is Arrival.EVIDENCE)
        placed = replace(upload, rejected=rejected)
        before = self._folder(replace(upload, rejected=1 - rejected))  # there still, where a crash came between
        if upload.rejected == rejected and not before.exists():
            return placed
        async with self._adding:
            if upload.rejected != rejected:
                await (self._bound_evidence(upload) if rejected else self._bound_work(upload))
                await (self._rows.reject(upload.file) if rejected else self._rows.take_back(upload.file))
            if before.exists():
                self._evidence_bytes.pop(upload.room, None)  # to be looked for again
                await asyncio.to_thread(_move, before, self._folder(placed))
        return placed

    async def set_apart(self, upload: Upload) -> Upload:
        """Keep the bytes of a file as evidence under a name of their own; the file itself begins anew.

        Raises ProctorError `evidence_full`.
        """
        other = replace(upload, file=new_id("f"), rejected=1)
        await self.add(other)
        # Parts are bound to the name of their file, so they are sealed anew.
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._pool, seal_anew, self._folder(upload), upload.file, self._folder(other), other.file, self._key
        )
        self._count_evidence(upload.room, upload.length)
        await asyncio.to_thread(shutil.rmtree, self._folder(upload))
        self._folder(upload).mkdir()
        return other

    async def keep_room_for(self, upload: Upload, more: int) -> None:
        """Before `more` bytes of a file come. Raises ProctorError `disk_full`, `evidence_full`."""
        self.keep_disk_free(more)
        if upload.rejected and more > 0:
            async with self._adding:
                await self._bound_evidence_of_room(upload.room, more)

    def keep_disk_free(self, length: int) -> None:
        """Answers and the log need room before files do. Raises ProctorError `disk_full`."""
        if shutil.disk_usage(self._root).free < self._free_bytes + length:
            raise ProctorError("disk_full")

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

    def _folder(self, upload: Upload) -> Path:
        return self._place(upload.room, upload.file, rejected=bool(upload.rejected))

    def _where(self, upload: Upload) -> Path:
        return self.where_of(upload.room, upload.file, rejected=bool(upload.rejected))

    def _place(self, room: str, file: str, *, rejected: bool) -> Path:
        return (self._apart(room) if rejected else self._root / room) / file

    def _apart(self, room: str) -> Path:
        return self._root / f"{room}{APART}"


def _stored_bytes(folder: Path) -> int:
    """In a thread: of all parts in and below it."""
    return sum(part.stat().st_size for part in folder.rglob("*.part"))


def _move(before: Path, after: Path) -> None:
    """In a thread: a folder from one place to another, durably."""
    after.parent.mkdir(exist_ok=True)
    before.rename(after)
    for parent in (after.parent, before.parent):
        sync_directory(parent)
