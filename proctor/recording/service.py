"""The recordings of a process: one Recorder per sitting, one writer thread, a process pool that finalises.

    media packets -> Recorder (loop) -> DiskWriter (thread) -> part -> finalise (pool) -> sealed WebM + facts
                                                                         '-> segment_closed -> part removed

Files lie in `root/<room>/<sitting>/<segment>{.part,.webm.sealed,.json}`. Events go to `on_event`:

* segment_opened {segment, started_at, layer, width, height}
* segment_closed: the facts of finalise.py. It may come twice for one segment (a crash between telling and
  logging); the segment's name is the key.
* recording_fault {why, segment?, since?} and recording_resumed {}; `since`: from when on what was recorded is lost.

The segments of one sitting are finalised in order, those of different sittings side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Container
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.recording import index
from proctor.recording.disk import DiskWriter, PartFile
from proctor.recording.finalise import (
    DAMAGED_SUFFIX,
    FACTS_SUFFIX,
    PART_SUFFIX,
    WEBM_SUFFIX,
    finalise,
    read_facts,
)
from proctor.recording.part import PartHeader, encode_header, part_context
from proctor.recording.recorder import TICK_SECONDS, Opening, Recorder
from proctor.sealed import SealedFile

EventHandler = Callable[[str, str, str, dict[str, Any]], None]
Sitting = tuple[str, str]
SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
READ_BYTES = 256 * 1024


class RecordingService:
    """See the top of the file. `key` has 32 bytes; `on_event(room_id, sitting_id, kind, payload)` is called
    on the loop and must be quick."""

    def __init__(
        self, *, root: Path, key: bytes, clock: Clock, pool: Executor, on_event: EventHandler
    ) -> None:
        if len(key) != 32:
            raise ValueError("a recording key has 32 bytes")
        self._root = root
        self._key = key
        self._clock = clock
        self._pool = pool
        self._on_event = on_event
        self._recorders: dict[Sitting, Recorder] = {}
        self._parts: dict[Sitting, _OpenPart] = {}
        self._finalising: dict[Sitting, asyncio.Task[None]] = {}
        self._transit: dict[Sitting, tuple[int, float]] = {}
        self._disk = DiskWriter(self._disk_fault)
        self._left: list[tuple[Sitting, str, bool]] = []
        self._ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look for what a crash left, before anything new is recorded beside it, and begin to write."""
        self._left = await asyncio.to_thread(self._leftovers)
        self._disk.start()
        self._ticking = asyncio.create_task(self._tick_forever())

    async def close(self) -> None:
        """End every segment, finalise all, stop the thread. The pool stays its owner's."""
        for recorder in self._recorders.values():
            recorder.closed()
        self._recorders.clear()
        if self._ticking:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        await asyncio.gather(*self._finalising.values())
        await self._disk.close()

    async def recover(self, known: Container[tuple[str, str, str]] | None = None) -> None:
        """Finalise what a crash left; segment_closed says `recovered`. Recording may go on meanwhile.

        With `known` given, the (room, sitting, segment) that the log holds, finished segments outside it
        are told again too: the crash may have come between finishing and logging.
        """
        left, self._left = self._left, []
        for sitting, segment, finished in left:
            if not finished or (known is not None and (*sitting, segment) not in known):
                self._finalise_later(sitting, segment, None, recovered=True)
        await asyncio.gather(*self._finalising.values())

    def _leftovers(self) -> list[tuple[Sitting, str, bool]]:
        """(sitting, segment, whether it was finished before), in order of time."""
        found: dict[tuple[Sitting, str], bool] = {}
        for path in self._root.glob("*/*/*"):
            sitting = (path.parent.parent.name, path.parent.name)
            if path.name.startswith(".") and path.name.endswith(".tmp"):
                path.unlink()  # a sealed file that was never committed
            elif path.name.endswith(PART_SUFFIX):
                found[sitting, path.name.removesuffix(PART_SUFFIX)] = False
            elif path.name.endswith(FACTS_SUFFIX):
                found.setdefault((sitting, path.name.removesuffix(FACTS_SUFFIX)), True)
        return [(sitting, segment, finished) for (sitting, segment), finished in sorted(found.items())]

    def recorder(self, room_id: str, sitting_id: str, *, request_keyframe: Callable[[str], None]) -> Recorder:
        """The Sink of a sitting; the same one while it is open, with the newest `request_keyframe(layer)`.

        Raises `bad_request` on an id that is no safe file name.
        """
        sitting = (_safe(room_id, "room_id"), _safe(sitting_id, "sitting_id"))
        recorder = self._recorders.get(sitting)
        if recorder is None:
            recorder = Recorder(
                open_part=lambda opening: self._open_part(sitting, opening), request_keyframe=request_keyframe
            )
            self._recorders[sitting] = recorder
        recorder.request_keyframe = request_keyframe
        return recorder

    async def finish(self, room_id: str, sitting_id: str) -> None:
        """The candidate left or the room ended: close the open segment, return when all are finalised."""
        sitting = (room_id, sitting_id)
        if recorder := self._recorders.pop(sitting, None):
            recorder.closed()
        if task := self._finalising.get(sitting):
            await task
        self._transit.pop(sitting, None)

    def is_settled(self, room_id: str, sitting_id: str) -> bool:
        """Whether nothing of the sitting is being recorded or finished."""
        sitting = (room_id, sitting_id)
        recorder = self._recorders.get(sitting)
        return (recorder is None or recorder.open_since is None) and sitting not in self._finalising

    def manifest(self, segments: list[dict[str, Any]]) -> dict[str, Any]:
        """What the replay player reads, from segment_closed and segment_opened payloads; see index.py."""
        return index.manifest(segments)

    async def size(self, room_id: str, sitting_id: str, segment_id: str) -> int:
        """Bytes of the WebM file. Raises `not_found`, `damaged`, `bad_request`."""
        with await asyncio.to_thread(self._open_sealed, room_id, sitting_id, segment_id) as sealed:
            return sealed.size

    async def open_range(
        self, room_id: str, sitting_id: str, segment_id: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Plaintext from byte `start` up to, not including, `end`. Raises as `size` does, at the first
        step."""
        with await asyncio.to_thread(self._open_sealed, room_id, sitting_id, segment_id) as sealed:
            stop = sealed.size if end is None else min(end, sealed.size)
            for at in range(start, stop, READ_BYTES):
                yield await asyncio.to_thread(sealed.read, at, min(at + READ_BYTES, stop))

    def health(self) -> dict[str, Any]:
        """Per "room/sitting": seconds since the open segment began and since its last write reached the
        disk, and whether the last write was refused; besides, bytes queued in all."""
        now = self._clock.monotonic()
        sittings = {}
        for (room_id, sitting_id), recorder in self._recorders.items():
            part = self._parts.get((room_id, sitting_id)) if recorder.open_since is not None else None
            written_at = part.file.written_at if part else None
            sittings[f"{room_id}/{sitting_id}"] = {
                "segment": part.segment if part else None,
                "open_seconds": now - recorder.open_since if recorder.open_since is not None else None,
                "written_seconds_ago": now - written_at if written_at is not None else None,
                "refused": part.refused if part else False,
            }
        return {"queued_bytes": self._disk.queued_bytes, "sittings": sittings}

    # Steps

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            for recorder in list(self._recorders.values()):
                recorder.tick(now)

    def _open_sealed(self, room_id: str, sitting_id: str, segment_id: str) -> SealedFile:
        directory = self._root / _safe(room_id, "room_id") / _safe(sitting_id, "sitting_id")
        path = directory / (_safe(segment_id, "segment_id") + WEBM_SUFFIX)
        return SealedFile(path, self._key, part_context(room_id, sitting_id, segment_id))

    def _open_part(self, sitting: Sitting, opening: Opening) -> _OpenPart:
        room_id, sitting_id = sitting
        started_at = self._clock.at_monotonic(opening.arrival)
        # The name tells when, sorts by time, and is new even if the clock was set back between two runs.
        number = round(started_at.timestamp() * 1000)
        directory = self._root / room_id / sitting_id
        while any((directory / f"s{number}{s}").exists() for s in (PART_SUFFIX, WEBM_SUFFIX)):
            number += 1
        previous = self._parts.get(sitting)
        if previous and previous.segment == f"s{number}":  # its file may not exist yet
            number += 1
        segment = f"s{number}"
        header = PartHeader(
            room_id=room_id, sitting_id=sitting_id, segment=segment, layer=opening.layer,
            width=opening.width, height=opening.height, connection=opening.connection,
            anchor_monotonic=opening.arrival, anchor_utc=started_at.isoformat(),
        )  # fmt: skip
        file = PartFile(directory / (segment + PART_SUFFIX), self._key, part_context(*sitting, segment))
        part = _OpenPart(self, sitting, segment, file, encode_header(header))
        self._parts[sitting] = part
        self._on_event(
            room_id, sitting_id, "segment_opened",
            {"segment": segment, "started_at": started_at.isoformat(timespec="milliseconds"),
             "layer": opening.layer, "width": opening.width, "height": opening.height},
        )  # fmt: skip
        return part

    def write(self, part: _OpenPart, batch: bytes) -> None:
        if part.header and self._disk.append(part.file, part.header):
            part.header = b""
        accepted = not part.header and self._disk.append(part.file, batch)
        if accepted == part.refused:
            kind, data = ("recording_resumed", {}) if accepted else ("recording_fault", {"why": "queue_full"})
            self._on_event(*part.sitting, kind, data | {"segment": part.segment})
        part.refused = not accepted

    def close_part(self, part: _OpenPart) -> None:
        self._finalise_later(part.sitting, part.segment, self._disk.close_file(part.file), recovered=False)

    def _finalise_later(
        self, sitting: Sitting, segment: str, written: asyncio.Future[None] | None, recovered: bool
    ) -> None:
        before = self._finalising.get(sitting)
        task = asyncio.create_task(self._finalise(sitting, segment, written, before, recovered))
        self._finalising[sitting] = task
        task.add_done_callback(lambda done: self._forget(sitting, done))

    def _forget(self, sitting: Sitting, done: asyncio.Task[None]) -> None:
        if self._finalising.get(sitting) is done:
            del self._finalising[sitting]

    async def _finalise(
        self,
        sitting: Sitting,
        segment: str,
        written: asyncio.Future[None] | None,
        before: asyncio.Task[None] | None,
        recovered: bool,
    ) -> None:
        if before:
            await asyncio.wait([before])  # however it ended
        directory = self._root.joinpath(*sitting)
        part = directory / (segment + PART_SUFFIX)
        # What was recorded before a restart has a sender of its own.
        previous = None if recovered else self._transit.get(sitting)
        try:
            if written:
                await written
            facts = await asyncio.to_thread(_finished_facts, directory, segment) if recovered else None
            if facts is None:
                facts = await asyncio.get_running_loop().run_in_executor(
                    self._pool, finalise, directory, segment, self._key, *sitting, previous
                )
        except Exception as error:
            # Whatever it is (a full disk, a broken pool), the part stays: recover() tries again, an expert can look.
            why = error.code if isinstance(error, ProctorError) else "finalise_failed"
            fault = _lost(segment, why) | {"detail": str(error)}
            self._on_event(*sitting, "recording_fault", fault)
            return
        if facts is not None:
            transit = facts["mapping"]["transit"]
            if transit is not None and not recovered:
                self._transit[sitting] = (facts["connection"], transit)
            if facts["damaged"]:
                self._on_event(*sitting, "recording_fault", _lost(segment, "damaged"))
            self._on_event(*sitting, "segment_closed", facts | {"recovered": recovered})
        else:
            self._on_event(*sitting, "recording_fault", _lost(segment, "nothing_recorded"))
        await asyncio.to_thread(_put_away, part, facts is not None and facts["damaged"])

    def _disk_fault(self, why: str | None, path: Path) -> None:
        """Every sitting shares the disk, so each is told."""
        kind = "recording_fault" if why else "recording_resumed"
        for room_id, sitting_id in self._recorders:
            self._on_event(room_id, sitting_id, kind, {"why": "disk", "detail": why} if why else {})


class _OpenPart:
    """The recorder's Part: passes batches to the service and remembers the file."""

    def __init__(
        self, service: RecordingService, sitting: Sitting, segment: str, file: PartFile, header: bytes
    ) -> None:
        self._service = service
        self.header = header  # until the disk has taken it; nothing may come before it
        self.sitting = sitting
        self.segment = segment
        self.file = file
        self.refused = False

    def write(self, batch: bytes) -> None:
        self._service.write(self, batch)

    def close(self) -> None:
        self._service.close_part(self)


def _lost(segment: str, why: str) -> dict[str, Any]:
    """The fault of a segment that is not whole; its name tells when it began, see `_open_part`."""
    number = segment.removeprefix("s")
    since = datetime.fromtimestamp(int(number) / 1000, UTC).isoformat() if number.isdecimal() else None
    return {"why": why, "segment": segment, "since": since}


def _safe(name: str, field: str) -> str:
    if not SAFE_NAME.fullmatch(name):
        raise ProctorError("bad_request", field=field)
    return name


def _finished_facts(directory: Path, segment: str) -> dict[str, Any] | None:
    """Facts are written last, so they stand only beside a whole file."""
    if not (directory / (segment + WEBM_SUFFIX)).exists():
        return None
    return read_facts(directory / (segment + FACTS_SUFFIX))


def _put_away(part: Path, damaged: bool) -> None:
    """Remove what is finalised; keep what was altered under a name that is not taken up again."""
    if damaged and part.exists():
        part.replace(part.with_suffix(DAMAGED_SUFFIX))
    else:
        part.unlink(missing_ok=True)
