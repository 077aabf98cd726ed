"""The writer thread: order, bound, failure and recovery of the disk."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from proctor.recording import disk
from proctor.recording.disk import DiskWriter, PartFile
from proctor.sealed import read_frames
from tests.recording.support import KEY

CONTEXT = b"c"


class Faults(list):
    def __init__(self) -> None:
        self.came = asyncio.Event()

    def __call__(self, why: str | None, path: Path) -> None:
        self.append(why)
        self.came.set()

    async def next(self) -> str | None:
        await asyncio.wait_for(self.came.wait(), 10)
        self.came.clear()
        return self[-1]


async def test_batches_of_many_files_are_written_in_order(tmp_path: Path) -> None:
    writer = DiskWriter(Faults())
    writer.start()
    files = [PartFile(tmp_path / str(n) / "a.part", KEY, CONTEXT) for n in range(5)]
    for turn in range(20):
        for file in files:
            assert writer.append(file, b"%d" % turn)
    await asyncio.gather(*(writer.close_file(file) for file in files))
    for file in files:
        assert list(read_frames(file.path, KEY, CONTEXT)) == [b"%d" % turn for turn in range(20)]
    assert writer.queued_bytes == 0
    await writer.close()


async def test_a_full_queue_refuses_and_takes_again_when_it_has_room(tmp_path: Path) -> None:
    writer = DiskWriter(Faults(), queue_bytes=100)  # not started: nothing leaves the queue
    file = PartFile(tmp_path / "a.part", KEY, CONTEXT)
    assert writer.append(file, bytes(60))
    assert not writer.append(file, bytes(60))
    writer.start()
    await writer.close_file(file)
    assert writer.append(PartFile(tmp_path / "b.part", KEY, CONTEXT), bytes(60))
    await writer.close()
    assert list(read_frames(file.path, KEY, CONTEXT)) == [bytes(60)]


async def test_a_disk_that_fails_in_mid_write_loses_nothing_once_it_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "RETRY_SECONDS", 0.01)
    real, full = os.pwrite, [False]

    def pwrite(handle: int, data: bytes, offset: int) -> int:
        if full[0]:
            real(handle, data[: len(data) // 2], offset)  # as a full disk does: half of it, then the error
            raise OSError(28, "No space left on device")
        return real(handle, data, offset)

    monkeypatch.setattr(disk.os, "pwrite", pwrite)
    faults = Faults()
    writer = DiskWriter(faults)
    writer.start()
    file = PartFile(tmp_path / "a.part", KEY, CONTEXT)
    writer.append(file, b"before")
    full[0] = True
    writer.append(file, b"during")
    assert await faults.next() == "No space left on device"
    writer.append(file, b"after")
    full[0] = False
    assert await faults.next() is None
    await writer.close_file(file)
    await writer.close()
    assert list(read_frames(file.path, KEY, CONTEXT)) == [b"before", b"during", b"after"]
    assert faults == ["No space left on device", None]


async def test_a_folder_that_cannot_be_written_is_told_and_does_not_hang_the_end(tmp_path: Path) -> None:
    (tmp_path / "room").write_text("a file where a folder should be")
    faults = Faults()
    writer = DiskWriter(faults)
    writer.start()
    writer.append(PartFile(tmp_path / "room" / "a.part", KEY, CONTEXT), b"data")
    assert await faults.next() is not None
    await asyncio.wait_for(writer.close(), 5)
