"""When segments begin and end, told by the arrival of packets; nobody waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from proctor.recording.part import AUDIO, AUDIO_REPORT, END, VIDEO, VIDEO_REPORT, Record, decode_records
from proctor.recording.recorder import BURST, EVERY_SECONDS, Opening, Recorder
from tests.recording.support import Packet, audio_packets, feed, report

OPUS = b"\x78" + bytes(40)  # 20 ms; the recorder does not look inside


@dataclass
class Part:
    opening: Opening
    batches: list[bytes] = field(default_factory=list)
    is_closed: bool = False

    def write(self, batch: bytes) -> None:
        assert not self.is_closed
        self.batches.append(batch)

    def close(self) -> None:
        self.is_closed = True

    @property
    def records(self) -> list[Record]:
        return [record for batch in self.batches for record in decode_records(batch)]

    def count(self, kind: int) -> int:
        return sum(record.kind == kind for record in self.records)


class Desk:
    """A recorder with what it opened and when it asked for keyframes."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.asked: list[float] = []
        self.asked_layers: list[str] = []
        self.now = 0.0
        self.recorder = Recorder(open_part=self.open, request_keyframe=self.ask)

    def ask(self, layer: str) -> None:
        self.asked.append(self.now)
        self.asked_layers.append(layer)

    def open(self, opening: Opening) -> Part:
        self.parts.append(Part(opening))
        return self.parts[-1]

    def feed(self, packets: list[Packet]) -> None:
        for packet in sorted(packets, key=lambda packet: packet.arrival):
            self.now = packet.arrival
            feed(self.recorder, [packet])

    @property
    def spans(self) -> list[tuple[str, int, float]]:
        return [(p.opening.layer, p.opening.width, round(p.opening.arrival, 2)) for p in self.parts]


def camera(
    start: float, end: float, *, keys: tuple[float, ...] | None = None, layer: str = "h",
    width: int = 640, fps: int = 10, seq: int = 0, base: int = 0,
) -> list[Packet]:  # fmt: skip
    """One-packet pictures; keyframes at the frames nearest to `keys`, at the start by default."""
    keys = (start,) if keys is None else keys
    key_frames = {round((key - start) * fps) for key in keys}
    packets = []
    for index in range(round((end - start) * fps)):
        key = index in key_frames
        head = b"\x10\0\0\x9d\x01\x2a" + width.to_bytes(2, "little") + (width // 2).to_bytes(2, "little")
        payload = b"\x10" + (head if key else b"\x11\0\0") + bytes(20)
        timestamp = (base + round(index * 90_000 / fps)) & 0xFFFFFFFF
        packets.append(
            Packet(start + index / fps, "video", layer, (seq + index) & 0xFFFF, timestamp, True, payload)
        )
    return packets


def microphone(start: float, end: float, timestamp: int = 0) -> list[Packet]:
    return audio_packets([OPUS] * round((end - start) / 0.06), start=start, delay=0.0, timestamp=timestamp)


def test_a_segment_ends_at_the_first_keyframe_after_55_seconds_which_is_asked_for() -> None:
    desk = Desk()
    desk.feed(camera(0, 70, keys=(0, 30, 54.9, 56.5)) + microphone(0, 70))
    assert desk.spans == [("h", 640, 0.0), ("h", 640, 56.5)]
    assert desk.parts[0].is_closed and not desk.parts[1].is_closed
    assert desk.asked and 55.0 <= desk.asked[0] <= 55.5
    assert all(before <= 56.5 for before in desk.asked)
    assert desk.parts[0].count(VIDEO) == 565


def test_a_rotated_segment_knows_the_picture_that_follows() -> None:
    desk = Desk()
    desk.feed(camera(0, 60, keys=(0, 56)))
    end = desk.parts[0].records[-1]
    assert (end.kind, end.rtp) == (END, 56 * 90_000)


def test_keyframes_are_asked_for_once_a_second_until_one_comes() -> None:
    desk = Desk()
    desk.feed(camera(0, 60))
    assert 4 <= len(desk.asked) <= 6
    assert all(later - before >= 0.99 for before, later in zip(desk.asked, desk.asked[1:], strict=False))


def test_without_a_keyframe_a_segment_is_cut_at_75_seconds_and_sound_goes_on() -> None:
    desk = Desk()
    desk.feed(camera(0, 80, keys=(0, 78)) + microphone(0, 80))
    assert [span[:2] for span in desk.spans] == [("h", 640), ("", 0), ("h", 640)]
    assert 75.0 <= desk.parts[1].opening.arrival <= 75.5
    assert desk.spans[2][2] == 78.0
    heard = sum(part.count(AUDIO) for part in desk.parts)
    desk.recorder.closed()
    assert sum(part.count(AUDIO) for part in desk.parts) == len(microphone(0, 80)) >= heard


def test_sound_alone_is_cut_at_55_seconds_and_loses_nothing() -> None:
    desk = Desk()
    desk.feed(microphone(0, 120))
    desk.recorder.closed()
    assert len(desk.parts) == 3
    assert sum(part.count(AUDIO) for part in desk.parts) == 2000


def test_sound_waits_half_a_second_for_its_picture() -> None:
    desk = Desk()
    desk.feed(microphone(0, 2) + camera(0.4, 2))
    assert desk.spans == [("h", 640, 0.4)]
    assert (
        desk.parts[0].count(AUDIO) + 20 > 33
    )  # those that came first are in it (the rest awaits the next flush)


@pytest.mark.parametrize(("ends", "layers"), [(9.0, ["h", "l"]), (10.5, ["h"])])
def test_the_small_layer_takes_over_after_two_silent_seconds(ends: float, layers: list[str]) -> None:
    desk = Desk()
    small = camera(0, 12, keys=(0, 11.5), layer="l", width=320, base=77)
    desk.feed(camera(0, ends) + small + microphone(0, 12))
    assert [part.opening.layer for part in desk.parts] == layers
    if "l" in layers:
        assert any(ends + 2 <= asked <= ends + 2.5 for asked in desk.asked)
        assert desk.parts[1].opening.arrival == 11.5
        assert set(desk.asked_layers) == {"l"}


def test_the_large_layer_returns_with_its_keyframe() -> None:
    desk = Desk()
    small = camera(0, 20, keys=(0, 8), layer="l", width=320, base=77)
    large = camera(0, 5) + camera(10, 20, keys=(12,), seq=50, base=900_000)
    desk.feed(large + small)
    assert desk.spans == [("h", 640, 0.0), ("l", 320, 8.0), ("h", 640, 12.0)]


def test_a_large_layer_that_starts_late_follows_the_small_one() -> None:
    desk = Desk()
    desk.feed(camera(0, 10, keys=(0, 2.5), layer="l", width=320) + camera(6, 10))
    assert desk.spans == [("l", 320, 2.5), ("h", 640, 6.0)]


def test_another_resolution_makes_another_segment() -> None:
    desk = Desk()
    desk.feed(camera(0, 5) + camera(5, 10, width=480, seq=50, base=450_000))
    assert desk.spans == [("h", 640, 0.0), ("h", 480, 5.0)]


def test_a_new_connection_makes_a_new_segment_with_its_own_numbering() -> None:
    desk = Desk()
    desk.feed(camera(0, 5) + microphone(0, 5))
    desk.recorder.closed()
    desk.feed(camera(6, 10, seq=9000, base=123) + microphone(6, 10, timestamp=9))
    assert [part.opening.connection for part in desk.parts] == [0, 1]
    assert desk.parts[0].is_closed and desk.parts[0].records[-1].kind == END


def test_a_picture_silent_for_five_seconds_ends_its_segment_and_sound_goes_on_alone() -> None:
    desk = Desk()
    desk.feed(camera(0, 5) + microphone(0, 20) + camera(15, 20, keys=(), seq=50, base=15 * 90_000))
    assert [span[:2] for span in desk.spans] == [("h", 640), ("", 0)]
    assert 9.9 <= desk.parts[1].opening.arrival <= 10.5
    assert any(asked >= 15 for asked in desk.asked)  # the camera is back, but its pictures refer to lost ones


def test_silence_ends_a_segment_by_the_tick_alone() -> None:
    desk = Desk()
    desk.feed(camera(0, 5))
    desk.recorder.tick(9.0)
    assert not desk.parts[0].is_closed
    desk.recorder.tick(10.0)
    assert desk.parts[0].is_closed


def test_a_timestamp_that_jumps_ends_the_segment() -> None:
    desk = Desk()
    desk.feed(camera(0, 3) + camera(3, 6, keys=(3, 4), seq=30, base=9_000_000))
    assert desk.spans == [("h", 640, 0.0), ("h", 640, 3.0)]


def test_nothing_waits_longer_than_a_second_and_a_bit_in_memory() -> None:
    desk = Desk()
    desk.feed(camera(0, 10) + microphone(0, 10))
    newest = max(record.arrival for record in desk.parts[0].records)
    assert newest > 10 - 1.5


def test_reports_are_kept_beside_the_frames_and_carried_into_the_next_segment() -> None:
    desk = Desk()
    desk.feed(
        camera(0, 60, keys=(0, 56)) + microphone(0, 60)
        + [report("video", "h", at=1, start=0, timestamp=0), report("video", "l", at=1, start=0, timestamp=5),
           report("audio", "", at=1.5, start=0, timestamp=0)]
    )  # fmt: skip
    desk.recorder.closed()
    for part in desk.parts:
        kinds = [record.kind for record in part.records]
        assert kinds.count(VIDEO_REPORT) == kinds.count(AUDIO_REPORT) == 1
        (video,) = [record for record in part.records if record.kind == VIDEO_REPORT]
        assert video.rtp == 90_000


def test_an_interframe_without_its_keyframe_opens_nothing_and_asks() -> None:
    desk = Desk()
    desk.feed(camera(0, 3, keys=()))
    assert desk.parts == []
    assert len(desk.asked) >= 2


def test_a_young_segment_takes_a_new_resolution_and_an_older_one_ends_at_it() -> None:
    desk = Desk()
    clips = [camera(at, at + 2, width=width, seq=at * 10, base=at * 90_000)
             for at, width in ((0, 640), (2, 480), (4, 320), (6, 480))]  # fmt: skip
    desk.feed([packet for clip in clips for packet in clip])
    desk.recorder.closed()
    assert desk.spans == [("h", 640, 0.0), ("h", 480, 6.0)]
    assert [part.count(VIDEO) for part in desk.parts] == [60, 20]


MINUTE = 60
MOST_SEGMENTS = BURST + MINUTE / EVERY_SECONDS + 1


def keyframes_of_changing_size() -> list[Packet]:
    return [packet for at in range(MINUTE * 10)
            for packet in camera(at / 10, at / 10 + 0.1, width=320 + at % 2 * 160, seq=at, base=at * 9000)]  # fmt: skip


def timestamps_that_jump() -> list[Packet]:
    return [packet for at in range(MINUTE * 10)
            for packet in camera(at / 10, at / 10 + 0.1, seq=at, base=at * 9_000_000)]  # fmt: skip


def sound_that_jumps() -> list[Packet]:
    return [packet for at in range(MINUTE) for packet in microphone(at, at + 1, timestamp=at * 99_000_000)]


def layers_that_take_turns() -> list[Packet]:
    small = camera(0, MINUTE, keys=tuple(range(MINUTE)), layer="l", width=320)
    large = [packet for at in range(0, MINUTE, 3)
             for packet in camera(at, at + 0.2, seq=at * 10, base=at * 90_000)]  # fmt: skip
    return small + large


@pytest.mark.parametrize(
    ("provoke", "kept"),
    [(keyframes_of_changing_size, 1.0), (timestamps_that_jump, 0.02), (sound_that_jumps, 0.1),
     (layers_that_take_turns, 0.5)],
)  # fmt: skip
def test_however_a_sender_changes_a_minute_has_a_bounded_number_of_segments(provoke, kept: float) -> None:
    desk = Desk()
    packets = provoke()
    desk.feed(packets)
    desk.recorder.closed()
    assert 1 < len(desk.parts) <= MOST_SEGMENTS
    assert sum(part.count(VIDEO) + part.count(AUDIO) for part in desk.parts) >= kept * len(packets)


def test_connections_that_come_and_go_make_a_bounded_number_of_segments() -> None:
    desk = Desk()
    for at in range(MINUTE):
        desk.feed(camera(at, at + 0.9, keys=(at, at + 0.5)) + microphone(at, at + 0.9))
        desk.recorder.closed()
    assert MOST_SEGMENTS / 2 < len(desk.parts) <= MOST_SEGMENTS
    assert all(part.is_closed for part in desk.parts)


def test_the_small_layer_goes_on_until_the_large_one_may_have_a_segment_again() -> None:
    desk = Desk()
    desk.feed(layers_that_take_turns())
    times = sorted(record.arrival for part in desk.parts for record in part.records if record.kind == VIDEO)
    holes = [later - before for before, later in pairwise(times)]
    assert max(holes) <= EVERY_SECONDS
