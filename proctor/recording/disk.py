"""One thread that seals and appends to the parts of all sittings.

The event loop hands over batches and never waits for the disk. The thread encrypts (microseconds), writes,
and once a second makes everything written durable; each of these calls releases the GIL. The queue is
bounded in bytes: when the disk cannot follow, a batch is refused and the fault is reported, never silently.

A write that fails is retried every RETRY_SECONDS after the file was cut back to its last whole frame, so
that a full disk that is given room again costs nothing but time, as long as the queue holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from proctor.sealed import FrameWriter, sync_directory

QUEUE_BYTES = 64 * 1024 * 1024
SYNC_SECONDS = 1.0
RETRY_SECONDS = 1.0


class PartFile:
    """A part on its way to the disk. Created by the loop, touched by the writer thread only."""

    def __init__(self, path: Path, key: bytes, context: bytes) -> None:
        self.path = path
        self.written_at: float | None = None
        """Monotonic second of the last batch that reached the file."""
        self._frames = FrameWriter(key, context)
        self._handle = -1
        self._length = 0
        self._pending = b""

    def append(self, batch: bytes) -> None:
        """Raises OSError and leaves the file at its last whole frame."""
        if self._handle < 0:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            sync_directory(self.path.parent)
        data = self._unwritten(batch)
        try:
            written = os.pwrite(self._handle, data, self._length)
            if written < len(data):
                raise OSError("short write")
        except OSError:
            os.ftruncate(self._handle, self._length)
            raise
        self._length += len(data)
        self._pending = b""
        self.written_at = time.monotonic()

    def _unwritten(self, batch: bytes) -> bytes:
        """Sealed once: a nonce never meets two plaintexts, so a retry writes the same bytes."""
        if not self._pending:
            self._pending = (b"" if self._length else self._frames.header) + self._frames.seal(batch)
        return self._pending

    def sync(self) -> None:
        if self._handle >= 0:
            os.fdatasync(self._handle)

    def close(self) -> None:
        if self._handle >= 0:
            os.fdatasync(self._handle)
            os.close(self._handle)
            self._handle = -1


_Job = tuple[PartFile, bytes | None, "Future[None] | None"]


class DiskWriter:
    """Start it on the loop; `on_fault(why, path)` comes on the loop too, once when writing begins to fail
    and with `why=None` when it works again."""

    def __init__(self, on_fault: Callable[[str | None, Path], None], queue_bytes: int = QUEUE_BYTES) -> None:
        self._on_fault = on_fault
        self._queue_bytes = queue_bytes
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._queued = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recording-disk", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failing = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    @property
    def queued_bytes(self) -> int:
        return self._queued

    def append(self, file: PartFile, batch: bytes) -> bool:
        """Queue a batch; False when the queue is full and the batch was refused."""
        with self._lock:
            if self._queued + len(batch) > self._queue_bytes:
                return False
            self._queued += len(batch)
        self._queue.put((file, batch, None))
        return True

    def close_file(self, file: PartFile) -> asyncio.Future[None]:
        """Resolves when everything queued for the file is durable; with OSError when it could not be."""
        done: Future[None] = Future()
        self._queue.put((file, None, done))
        return asyncio.wrap_future(done)

    async def close(self) -> None:
        """Write what is queued, each batch tried once more at most, and end the thread."""
        self._stopping.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        unsynced: set[PartFile] = set()
        sync_at = time.monotonic() + SYNC_SECONDS
        while True:
            try:
                job = self._queue.get(timeout=max(0.0, sync_at - time.monotonic()) if unsynced else None)
            except queue.Empty:
                job = None
            else:
                if job is None:
                    break
                file, batch, done = job
                if batch is not None:
                    self._append(file, batch)
                    unsynced.add(file)
                elif done is not None:
                    unsynced.discard(file)
                    _settle(file, done)
            if time.monotonic() >= sync_at:
                for file in unsynced:
                    with contextlib.suppress(OSError):  # the next append or the close reports it
                        file.sync()
                unsynced.clear()
                sync_at = time.monotonic() + SYNC_SECONDS

    def _append(self, file: PartFile, batch: bytes) -> None:
        while True:
            try:
                file.append(batch)
            except OSError as error:
                self._tell(error, file.path)
                if self._stopping.wait(RETRY_SECONDS):
                    break  # the process ends: what could not be written is lost, and was reported
            else:
                self._tell(None, file.path)
                break
        with self._lock:
            self._queued -= len(batch)

    def _tell(self, error: OSError | None, path: Path) -> None:
        if (error is not None) == self._failing or self._loop is None:
            return
        self._failing = error is not None
        why = (error.strerror or str(error)) if error else None
        with contextlib.suppress(RuntimeError):  # the loop is gone when the process ends
            self._loop.call_soon_threadsafe(self._on_fault, why, path)


def _settle(file: PartFile, done: Future[None]) -> None:
    try:
        file.close()
    except OSError as error:
        done.set_exception(error)
    else:
        done.set_result(None)
