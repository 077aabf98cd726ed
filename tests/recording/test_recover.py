"""After a crash: what was written becomes segments like any other, and none is lost between disk and log."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import av
import pytest

from proctor.recording.recorder import Recorder
from proctor.recording.service import RecordingService
from tests.recording import support as s


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


async def recovered(
    root: Path, pool: ProcessPoolExecutor, known: Any = None
) -> tuple[RecordingService, s.Events]:
    events = s.Events()
    service = RecordingService(root=root, key=s.KEY, clock=s.FakeClock(), pool=pool, on_event=events)
    await service.start()
    await service.recover(known)
    return service, events


async def test_kill_9_in_mid_recording_costs_less_than_two_seconds(tmp_path: Path, pool) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recording.victim", str(tmp_path),
        cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    first = last = ""
    async with asyncio.timeout(30):
        while (
            not first or (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() < 4.3
        ):
            last = (await process.stdout.readline()).decode().strip()
            first = first or last
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert any(name.endswith(".part") for name in names(tmp_path))

    service, events = await recovered(tmp_path, pool)
    (closed,) = events.of("segment_closed")
    lost = (datetime.fromisoformat(last) - datetime.fromisoformat(closed["ended_at"])).total_seconds()
    print("lost seconds", lost)
    assert lost < 2.0
    assert closed["recovered"] and not closed["damaged"] and closed["video_frames"] > 30
    assert not any(name.endswith(".part") for name in names(tmp_path))
    with av.open(io.BytesIO(await s.stored(service, "room", "anna", closed["segment"]))) as container:
        assert sum(1 for _ in container.decode(video=0)) == closed["video_frames"]
    await service.close()


def unfinished(root: Path) -> Path:
    """Leave what a crash leaves in mid segment: the part, which never ended."""
    directory = root / "room" / "anna"
    directory.mkdir(parents=True)
    part = directory / "s7.part"
    recorder = Recorder(open_part=lambda opening: s.PartOnDisk(part, opening), request_keyframe=lambda layer: None)
    packets = s.video_packets(s.pictures(320, 180, 15, 3.0), start=5.0)
    s.feed(recorder, packets + s.audio_packets(s.sound(3.0), start=5.0))
    return part


def names(root: Path) -> set[str]:
    """Of all files, the hidden ones too."""
    return {path.name for path in root.rglob("*") if path.is_file()}


async def test_a_second_recovery_finds_nothing_to_do(tmp_path: Path, pool) -> None:
    unfinished(tmp_path)
    service, events = await recovered(tmp_path, pool)
    assert len(events.of("segment_closed")) == 1
    await service.close()
    service, events = await recovered(tmp_path, pool)
    assert events == []
    await service.close()


async def test_a_crash_between_finishing_and_logging_tells_the_same_facts_again(tmp_path: Path, pool) -> None:
    part = unfinished(tmp_path)
    raw = part.read_bytes()
    service, events = await recovered(tmp_path, pool)
    await service.close()
    first = events.of("segment_closed")
    part.write_bytes(raw)  # the crash came before the part was removed
    service, events = await recovered(tmp_path, pool)
    assert events.of("segment_closed") == first
    assert not part.exists()
    await service.close()


async def test_a_finished_segment_that_the_log_does_not_know_is_told_again(tmp_path: Path, pool) -> None:
    unfinished(tmp_path)
    service, events = await recovered(tmp_path, pool)
    await service.close()
    (closed,) = events.of("segment_closed")
    for known, told in ((set(), 1), ({("room", "anna", closed["segment"])}, 0)):
        service, events = await recovered(tmp_path, pool, known)
        assert len(events.of("segment_closed")) == told
        await service.close()


async def test_recovery_leaves_alone_what_is_recorded_meanwhile(tmp_path: Path, pool) -> None:
    unfinished(tmp_path)
    events = s.Events()
    service = RecordingService(root=tmp_path, key=s.KEY, clock=s.FakeClock(), pool=pool, on_event=events)
    await service.start()
    sink = service.recorder("room", "anna", request_keyframe=lambda layer: None)
    packets = s.video_packets(s.pictures(320, 180, 15, 3.0), start=90.0)
    s.feed(sink, packets[: len(packets) // 2])
    await service.recover(set())
    assert [closed["segment"] for closed in events.of("segment_closed")] == ["s7"]
    s.feed(sink, packets[len(packets) // 2 :])
    await service.close()
    assert [(one["recovered"], one["video_frames"]) for one in events.of("segment_closed")][1:] == [(False, 45)]
    assert events.of("recording_fault") == []


async def test_an_altered_part_is_told_kept_and_not_taken_up_again(tmp_path: Path, pool) -> None:
    part = unfinished(tmp_path)
    raw = bytearray(part.read_bytes())
    raw[-1000] ^= 4
    part.write_bytes(raw)
    service, events = await recovered(tmp_path, pool)
    assert [fault["why"] for fault in events.of("recording_fault")] == ["damaged"]
    (closed,) = events.of("segment_closed")
    assert closed["damaged"]
    kept = part.with_suffix(".damaged")
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(raw).digest()
    await service.close()
    service, events = await recovered(tmp_path, pool)
    assert events == []
    await service.close()


async def test_a_part_with_an_unreadable_beginning_is_told_and_stops_nothing_else(
    tmp_path: Path, pool
) -> None:
    bad = unfinished(tmp_path).with_name("s1.part")
    bad.write_bytes(b"garbage" * 100)
    service, events = await recovered(tmp_path, pool)
    assert [fault["segment"] for fault in events.of("recording_fault")] == ["s1"]
    assert len(events.of("segment_closed")) == 1
    assert bad.exists()
    await service.close()


async def test_a_part_torn_while_it_began_leaves_no_segment(tmp_path: Path, pool) -> None:
    (tmp_path / "room" / "anna").mkdir(parents=True)
    (tmp_path / "room" / "anna" / "s1.part").write_bytes(b"PRCT")
    (tmp_path / "room" / "anna" / ".s0.webm.sealed.ab.tmp").write_bytes(b"half")
    service, events = await recovered(tmp_path, pool)
    assert [fault["why"] for fault in events.of("recording_fault")] == ["nothing_recorded"]
    assert names(tmp_path) == set()
    await service.close()
