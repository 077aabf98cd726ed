"""From packets to files that a player takes."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import av
import pytest

from proctor.errors import ProctorError
from proctor.recording.finalise import OPUS_SILENCE
from proctor.recording.service import RecordingService
from tests.recording import support as s


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture
async def world(tmp_path: Path, pool):
    events = s.Events()
    service = RecordingService(root=tmp_path, key=s.KEY, clock=s.FakeClock(), pool=pool, on_event=events)
    await service.start()
    yield service, events, tmp_path
    await service.close()


async def test_a_camera_becomes_one_playable_segment_and_nothing_in_clear_is_left(world) -> None:
    service, events, root = world
    sink = service.recorder("room", "anna", request_keyframe=lambda layer: None)
    clip, sound = s.pictures(640, 360, 15, 3.0), s.sound(3.0, always=True)
    s.feed(sink, s.video_packets(clip, start=100.0) + s.audio_packets(sound, start=100.0))
    await service.finish("room", "anna")

    (opened,) = events.of("segment_opened")
    (closed,) = events.of("segment_closed")
    assert opened["segment"] == closed["segment"]
    data = await s.stored(service, "room", "anna", closed["segment"])
    assert hashlib.sha256(data).hexdigest() == closed["sha256"]
    assert len(data) == closed["bytes"] == await service.size("room", "anna", closed["segment"])
    (stored,) = root.glob("room/anna/*.sealed")
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == closed["stored_sha256"]
    assert not list(root.glob("**/*.part")) and not list(root.glob("**/.*"))
    assert b"V_VP8" in data and b"V_VP8" not in stored.read_bytes()

    with av.open(io.BytesIO(data)) as container:
        kept = [(packet.stream.type, bytes(packet)) for packet in container.demux() if packet.size]
    assert [data for kind, data in kept if kind == "video"] == [picture.data for picture in clip]
    assert [data for kind, data in kept if kind == "audio" and data != OPUS_SILENCE] == list(sound)  # not encoded anew
    with av.open(io.BytesIO(data)) as container:
        assert container.duration / 1e6 == pytest.approx(3.0, abs=0.15)
        times = [float(p.pts * p.time_base) for p in container.demux(video=0) if p.size]
        assert times[:3] == pytest.approx([0, 0.067, 0.133], abs=0.01)
    with av.open(io.BytesIO(data)) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(clip) == closed["video_frames"]
    with av.open(io.BytesIO(data)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
        assert samples / 48_000 == pytest.approx(3.0, abs=0.1)


async def test_a_range_is_what_the_whole_file_holds_there(world) -> None:
    service, events, _ = world
    sink = service.recorder("room", "anna", request_keyframe=lambda layer: None)
    s.feed(sink, s.video_packets(s.pictures(640, 360, 15, 3.0), start=5.0))
    await service.finish("room", "anna")
    segment = events.of("segment_closed")[0]["segment"]
    whole = await s.stored(service, "room", "anna", segment)
    part = b"".join([p async for p in service.open_range("room", "anna", segment, 65_000, 66_500)])
    assert len(whole) > 66_500 and part == whole[65_000:66_500]


@pytest.mark.parametrize("name", ["../anna", "", "a/b", ".", "x" * 65, "a\n"])
async def test_a_name_that_could_leave_the_folder_is_refused(world, name: str) -> None:
    service, _, root = world
    with pytest.raises(ProctorError) as refused:
        service.recorder("room", name, request_keyframe=lambda layer: None)
    assert refused.value.code == "bad_request"
    with pytest.raises(ProctorError):
        await service.size("room", "anna", name)
    assert not list(root.iterdir())


async def test_a_segment_that_is_not_there_is_not_found(world) -> None:
    service, _, _ = world
    with pytest.raises(ProctorError) as refused:
        await service.size("room", "anna", "s1")
    assert refused.value.code == "not_found"
