"""What stands in a finished segment: aligned, bridged, ordered, indexed."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from proctor.errors import ProctorError
from proctor.recording.finalise import OPUS_SILENCE, finalise, opus_samples, read_facts
from proctor.recording.part import part_context
from proctor.recording.recorder import Opening, Recorder
from proctor.sealed import SealedFile
from tests.recording import support as s


def record(root: Path, packets: list[s.Packet]) -> list[dict[str, Any]]:
    """Facts of the segments that these packets make."""
    parts: list[s.PartOnDisk] = []

    def open_part(opening: Opening) -> s.PartOnDisk:
        parts.append(s.PartOnDisk(root / f"s{len(parts) + 1}.part", opening))
        return parts[-1]

    recorder = Recorder(open_part=open_part, request_keyframe=lambda layer: None)
    s.feed(recorder, packets)
    recorder.closed()
    facts = []
    previous = None
    for part in parts:
        made = finalise(root, part.path.stem, s.KEY, "room", "anna", previous)
        assert made is not None
        if made["mapping"]["transit"] is not None:
            previous = (made["connection"], made["mapping"]["transit"])
        facts.append(made)
    return facts


def webm(root: Path, segment: str = "s1") -> bytes:
    with SealedFile(root / f"{segment}.webm.sealed", s.KEY, part_context("room", "anna", segment)) as file:
        return file.read()


def at_ms(packet: av.Packet) -> int:
    """When a packet stands, in milliseconds from the file's beginning."""
    return round(packet.pts * packet.time_base * 1000)


def flashes(data: bytes) -> list[float]:
    """Seconds at which the lower half of the picture turns white."""
    found, dark = [], True
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(video=0):
            luma = frame.to_ndarray(format="gray")
            bright = luma[luma.shape[0] * 3 // 4].mean() > 150
            if bright and dark:
                found.append(frame.time)
            dark = not bright
    return found


def beeps(data: bytes) -> list[float]:
    """Seconds at which the tone sets in."""
    found, quiet_since = [], -1.0
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(audio=0):
            wave = np.abs(frame.to_ndarray()).max(axis=0)
            for index in np.nonzero(wave > 0.1)[0]:
                at = frame.time + index / 48_000
                if at - quiet_since > 0.3:
                    found.append(at)
                quiet_since = at
    return found


def publisher(
    *, video_path: float, audio_path: float, reports: bool = True, video_lie: float = 0.0
) -> list[s.Packet]:
    """Four seconds with a flash and a beep at 1.0, 2.0 and 3.0, on the same instants of the candidate's
    desk."""
    marks = (1.0, 2.0, 3.0)
    packets = s.video_packets(s.pictures(320, 180, 15, 4.0, 0, marks), start=50.0, delay=video_path)
    packets += s.audio_packets(s.sound(4.02, beep=marks), start=50.0, delay=audio_path)
    if reports:
        for at in (50.5, 51.5, 52.5):
            packets.append(s.report("video", "h", at=at, start=50.0 - video_lie, timestamp=0xFFFF0000,
                                    delay=video_path))  # fmt: skip
            packets.append(s.report("audio", "", at=at, start=50.0, timestamp=0xFFFFF000, delay=audio_path))
    return packets


def skews(data: bytes) -> list[float]:
    seen, heard = flashes(data), beeps(data)
    assert len(seen) == len(heard) == 3, (seen, heard)
    return [sound - sight for sight, sound in zip(seen, heard, strict=True)]


@pytest.mark.parametrize(("video_path", "audio_path"), [(0.03, 0.03), (0.25, 0.03), (0.03, 0.4)])
def test_sound_and_picture_end_within_20_ms_whatever_way_they_took(
    tmp_path: Path, video_path: float, audio_path: float
) -> None:
    record(tmp_path, publisher(video_path=video_path, audio_path=audio_path))
    found = skews(webm(tmp_path))
    print("skew ms", [round(skew * 1000, 1) for skew in found])
    assert all(abs(skew) < 0.020 for skew in found), found


def test_without_reports_the_skew_of_the_paths_remains_and_is_said(tmp_path: Path) -> None:
    (facts,) = record(tmp_path, publisher(video_path=0.25, audio_path=0.03, reports=False))
    assert facts["mapping"]["aligned_by"] == "arrival"
    assert all(skew == pytest.approx(-0.22, abs=0.02) for skew in skews(webm(tmp_path)))


def test_reports_that_lie_by_an_hour_do_not_tear_sound_from_picture(tmp_path: Path) -> None:
    (facts,) = record(tmp_path, publisher(video_path=0.03, audio_path=0.03, video_lie=3600))
    assert facts["mapping"]["aligned_by"] == "arrival"
    assert all(abs(skew) < 0.02 for skew in skews(webm(tmp_path)))


def test_jitter_and_reordering_do_not_move_frames(tmp_path: Path) -> None:
    packets = publisher(video_path=0.03, audio_path=0.03)
    random = np.random.default_rng(7)
    # The first picture stays in order: joining in its middle needs another keyframe, which a clip has not.
    shaken = [
        replace(packet, arrival=packet.arrival + float(random.exponential(0.04)))
        if packet.arrival > 50.06
        else packet
        for packet in packets
    ]
    (facts,) = record(tmp_path, shaken)
    assert facts["video_frames"] == 60 and facts["audio_packets"] == 67
    assert all(abs(skew) < 0.020 for skew in skews(webm(tmp_path)))
    with av.open(io.BytesIO(webm(tmp_path))) as container:
        times = [at_ms(packet) for packet in container.demux() if packet.size]
    assert times == sorted(times)


@pytest.mark.parametrize(("video_path", "audio_path"), [(0.1, 0.03), (0.03, 0.2), (1.4, 0.03)])  # and one repaired late
def test_segments_of_one_connection_join_and_no_silence_covers_their_sound(
    tmp_path: Path, video_path: float, audio_path: float
) -> None:
    first = s.pictures(320, 180, 15, 6.0)
    second = [replace(picture, at=picture.at + 6.0) for picture in s.pictures(640, 360, 15, 3.0, 6000)]
    packets = s.video_packets([*first, *second], start=9.0, delay=video_path)
    packets += s.audio_packets(s.sound(9.0, always=True), start=9.0, delay=audio_path)
    for kind, layer, timestamp in (("video", "h", 0xFFFF0000), ("audio", "", 0xFFFFF000)):
        packets += [s.report(kind, layer, at=at, start=9.0, timestamp=timestamp) for at in (9.2, 10.9, 16.1)]
    *sound_alone, one, two = record(tmp_path, packets)
    parts = [*sound_alone, one, two]
    assert len(sound_alone) == (video_path > 1)
    assert [(part["width"], part["holes"]) for part in (one, two)] == [(320, []), (640, [])]
    assert sum(part["audio_packets"] for part in parts) == 150
    heard: dict[int, bool] = {}  # millisecond of the sitting: is it real sound; the later segment wins
    for facts in parts:
        begin = s.datetime.fromisoformat(facts["started_at"])
        offset = round((begin - s.FakeClock.anchor).total_seconds() * 1000)
        with av.open(io.BytesIO(webm(tmp_path, facts["segment"]))) as container:
            for packet in container.demux(audio=0):
                if packet.size == 0:
                    continue
                span = range(at_ms(packet), at_ms(packet) + opus_samples(bytes(packet)) // 48)
                heard |= {offset + ms: bytes(packet) != OPUS_SILENCE for ms in span}
    real = [ms for ms, is_real in heard.items() if is_real]
    assert len(real) == pytest.approx(9000, abs=5)
    assert max(real) - min(real) == pytest.approx(9000, abs=5)


def test_a_hole_in_the_sound_is_bridged_with_silence_and_told(tmp_path: Path) -> None:
    packets = s.video_packets(s.pictures(320, 180, 15, 4.0), start=50.0)
    sound = s.audio_packets(s.sound(4.02, always=True), start=50.0)
    packets += [packet for packet in sound if not 51.0 <= packet.arrival < 52.0]
    (facts,) = record(tmp_path, packets)
    (hole,) = facts["holes"]
    assert hole["kind"] == "audio"
    assert (hole["from_ms"], hole["to_ms"]) == (pytest.approx(1000, abs=70), pytest.approx(2000, abs=70))
    ends = []
    with av.open(io.BytesIO(webm(tmp_path))) as container:
        for packet in container.demux(audio=0):
            if packet.size:
                ends.append((at_ms(packet), at_ms(packet) + opus_samples(bytes(packet)) / 48))
    assert max(begin - end for (_, end), (begin, _) in pairwise(ends)) < 21


def test_a_frozen_picture_is_told_and_lasts(tmp_path: Path) -> None:
    clip = [picture for picture in s.pictures(320, 180, 15, 4.0) if picture.at < 1.0]
    (facts,) = record(
        tmp_path, s.video_packets(clip, start=50.0) + s.audio_packets(s.sound(4.02), start=50.0)
    )
    (hole,) = facts["holes"]
    assert hole["kind"] == "video" and hole["to_ms"] == facts["duration_ms"]
    with av.open(io.BytesIO(webm(tmp_path))) as container:
        last = [packet for packet in container.demux(video=0) if packet.size][-1]
    assert at_ms(last) + last.duration * last.time_base * 1000 == pytest.approx(facts["duration_ms"], abs=4)


def test_pictures_without_any_sound_still_carry_a_silent_track(tmp_path: Path) -> None:
    (facts,) = record(tmp_path, s.video_packets(s.pictures(320, 180, 15, 2.0), start=50.0))
    assert facts["audio_packets"] == 0
    assert facts["holes"] == [{"kind": "audio", "from_ms": 0, "to_ms": facts["duration_ms"]}]
    with av.open(io.BytesIO(webm(tmp_path))) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) / 48 == pytest.approx(
            facts["duration_ms"], abs=25
        )


def test_sound_alone_is_a_file_of_sound(tmp_path: Path) -> None:
    (facts,) = record(tmp_path, s.audio_packets(s.sound(3.0, always=True), start=50.0))
    assert (facts["width"], facts["video_frames"]) == (0, 0)
    with av.open(io.BytesIO(webm(tmp_path))) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
        assert container.duration / 1000 == pytest.approx(3000, abs=10)


def test_duplicate_packets_are_written_once(tmp_path: Path) -> None:
    packets = s.audio_packets(s.sound(2.04), start=50.0)
    (facts,) = record(tmp_path, [packet for packet in packets for _ in (0, 1)])
    assert facts["audio_packets"] == len(packets)


def test_the_index_in_front_leads_to_keyframes(tmp_path: Path) -> None:
    clip = s.pictures(320, 180, 15, 2.0)
    long = [replace(picture, at=picture.at + 2.0 * turn) for turn in range(5) for picture in clip]
    record(tmp_path, s.video_packets(long, start=50.0))
    data = webm(tmp_path)
    assert data.index(b"\x1c\x53\xbb\x6b") < data.index(b"\x1f\x43\xb6\x75")  # Cues before the first Cluster
    with av.open(io.BytesIO(data)) as container:
        container.seek(6_500_000)
        packet = next(container.demux(video=0))
        assert packet.is_keyframe and at_ms(packet) == pytest.approx(6000, abs=10)


@pytest.mark.parametrize("lengths", [(45.0,), (5.0, 40.0)])
def test_only_keyframes_begin_clusters(tmp_path: Path, lengths: tuple[float, ...]) -> None:
    """Firefox's Media Source loses the picture of a cluster that begins without a keyframe."""
    begin, clips = 0.0, []
    for length in lengths:
        clips += [replace(picture, at=picture.at + begin) for picture in s.pictures(160, 90, 15, length)]
        begin += length
    record(tmp_path, s.video_packets(clips, start=50.0) + s.audio_packets(s.sound(45.0), start=50.0))
    assert webm(tmp_path).count(b"\x1f\x43\xb6\x75") == 1 + len(lengths)  # the first is sound that came sooner


def test_an_altered_part_gives_what_came_before_and_says_so(tmp_path: Path) -> None:
    packets = publisher(video_path=0.03, audio_path=0.03)
    recorder = Recorder(
        open_part=lambda opening: s.PartOnDisk(tmp_path / "s1.part", opening), request_keyframe=lambda layer: None
    )
    s.feed(recorder, packets)
    raw = bytearray((tmp_path / "s1.part").read_bytes())
    raw[len(raw) * 2 // 3] ^= 1
    (tmp_path / "s1.part").write_bytes(raw)
    facts = finalise(tmp_path, "s1", s.KEY, "room", "anna")
    assert facts and facts["damaged"] and 10 < facts["video_frames"] < 60
    assert read_facts(tmp_path / "s1.json") == facts


def test_a_part_in_another_candidates_folder_is_refused(tmp_path: Path) -> None:
    record(tmp_path, s.audio_packets(s.sound(2.04), start=50.0))
    with pytest.raises(ProctorError, match="damaged"):
        finalise(tmp_path, "s1", s.KEY, "room", "binh")


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (b"\xf8\xff\xfe", 960),
        (bytes([0 << 3]), 480),
        (bytes([3 << 3]), 2880),
        (bytes([12 << 3]), 480),
        (bytes([16 << 3]), 120),
        (bytes([31 << 3 | 1]), 1920),
        (bytes([31 << 3 | 3, 3]), 2880),
        (bytes([31 << 3 | 3, 7]), 0),  # 140 ms: more than a packet may hold
        (bytes([31 << 3 | 3]), 0),
        (b"", 0),
    ],
)
def test_table_of_opus_durations(packet: bytes, samples: int) -> None:
    assert opus_samples(packet) == samples
