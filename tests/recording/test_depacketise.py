"""Frames come out whole or not at all, whatever the network does to packets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.media.losses import GIVEN_UP_AFTER
from proctor.recording.depacketise import (
    HELD_PACKETS,
    HELD_SECONDS,
    Frame,
    Vp8Depacketiser,
    keyframe_size,
    parse_descriptor,
)
from tests.recording.support import Packet, Picture, video_packets, vp8_payloads

WAITED = round(HELD_SECONDS * 15) + 2  # pictures that come while a hole is held open, and two more


def keyframe(tag: int, size: int = 2500, width: int = 640, height: int = 360) -> bytes:
    head = b"\x10\0\0\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return head + bytes([tag]) * (size - len(head))


def interframe(tag: int, size: int = 1500) -> bytes:
    return b"\x11" + bytes([tag]) * (size - 1)


def clip(kinds: str) -> list[Picture]:
    """ "K" a keyframe of three packets, "i" an interframe of two; each with its own content."""
    return [
        Picture(index / 15, kind == "K", keyframe(index) if kind == "K" else interframe(index))
        for index, kind in enumerate(kinds)
    ]


def run(packets: list[Packet]) -> tuple[str, Vp8Depacketiser, list[Frame]]:
    """Which pictures came out, by the letter of their place."""
    depacketiser = Vp8Depacketiser()
    frames = []
    for one in packets:
        frames += depacketiser.push(one.seq, one.timestamp, one.marker, one.payload, one.arrival)
    return "".join(chr(ord("a") + frame.data[-1]) for frame in frames), depacketiser, frames


def sent(kinds: str) -> list[Packet]:
    return video_packets(clip(kinds), start=10.0)


def moved(packets: list[Packet], index: int, to: int) -> list[Packet]:
    packets = list(packets)
    packets.insert(to, packets.pop(index))
    return packets


# Packet indices in "Kiiii": K is 0-2, then 3-4, 5-6, 7-8, 9-10.
CASES = [
    ("in order", lambda p: p, "abcde", False),
    ("two packets swapped", lambda p: moved(p, 3, 4), "abcde", False),
    ("a packet late by three", lambda p: moved(p, 4, 7), "abcde", False),
    ("the keyframe's middle comes last", lambda p: moved(p, 1, 2), "abcde", False),
    ("every packet twice", lambda p: [one for one in p for _ in (0, 1)], "abcde", False),
    ("everything sent again", lambda p: p + p, "abcde", False),
    ("the keyframe's tail lost", lambda p: p[:2] + p[3:], "", True),
    ("the stream begins in the middle", lambda p: p[4:], "", True),
    ("the last packet lost", lambda p: p[:-1], "abcd", False),
]


@pytest.mark.parametrize(("name", "change", "out", "broken"), CASES, ids=[case[0] for case in CASES])
def test_table_of_orders(name, change, out, broken) -> None:
    got, depacketiser, _ = run(change(sent("Kiiii")))
    assert got == out
    assert depacketiser.broken is broken


def test_a_loss_drops_frames_until_the_next_keyframe() -> None:
    packets = sent("K" + "i" * WAITED + "Kii")  # the hole is given up by then
    got, depacketiser, frames = run(packets[:5] + packets[6:])
    assert got == "ab" + "".join(chr(ord("a") + WAITED + 1 + after) for after in range(3))
    assert (depacketiser.losses, depacketiser.broken) == (1, False)
    assert [frame.keyframe for frame in frames] == [True, False, True, False, False]


def test_a_loss_shows_as_broken_so_that_a_keyframe_can_be_asked_for() -> None:
    packets = sent("K" + "i" * (WAITED + 3))
    assert run(packets[:5] + packets[6:])[1].broken


def test_a_retransmission_that_comes_while_it_is_asked_for_heals_the_hole() -> None:
    kinds = "K" + "i" * round(GIVEN_UP_AFTER * 15)
    packets = sent(kinds)
    assert len(run(moved(packets, 3, len(packets) - 1))[2]) == len(kinds)


def test_dropped_padding_between_frames_is_no_loss() -> None:
    packets = sent("K" + "i" * WAITED)
    shifted = packets[:3] + [Packet(p.arrival, p.kind, p.layer, (p.seq + 2) & 0xFFFF, p.timestamp, p.marker,
                                    p.payload) for p in packets[3:]]  # fmt: skip
    got, depacketiser, _ = run(shifted)
    assert (len(got), depacketiser.losses) == (1 + WAITED, 0)


def test_padding_passed_with_an_empty_payload_only_counts() -> None:
    packets = sent("Kii")
    packets[3:3] = [Packet(packets[3].arrival, "video", "h", packets[3].seq, 0)]
    packets[4:] = [Packet(p.arrival, "video", "h", (p.seq + 1) & 0xFFFF, p.timestamp, p.marker, p.payload)
                   for p in packets[4:]]  # fmt: skip
    assert run(packets)[0] == "abc"


def test_a_numbering_that_begins_anew_is_taken_up() -> None:
    first = video_packets(clip("Kii"), start=0.0, seq=40_000)
    second = video_packets(clip("K" + "i" * 40 + "Kii"), start=1.0, seq=30_000)
    assert run(first + second)[0] == "abc" + "".join(chr(ord("a") + i) for i in (41, 42, 43))


def test_held_packets_are_bounded() -> None:
    depacketiser = Vp8Depacketiser()
    depacketiser.push(0, 0, True, b"", 0.0)
    for seq in range(2, 5000):
        depacketiser.push(seq, 0, False, b"\x80", 0.0)
    assert len(depacketiser._held) <= HELD_PACKETS


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_comes_out_was_sent_and_never_skips_a_reference(data: st.DataObject) -> None:
    kinds = "K" + data.draw(st.text("Kiii", min_size=1, max_size=20))
    packets = sent(kinds)
    kept = [p for p in packets if data.draw(st.integers(0, 9)) > 0]
    jitter = [p.arrival + data.draw(st.sampled_from([0, 0, 0, 0.02, 0.2, 0.7])) for p in kept]
    order = sorted(range(len(kept)), key=lambda i: jitter[i])
    depacketiser = Vp8Depacketiser()
    frames = []
    for i in order:
        p = kept[i]
        frames += depacketiser.push(p.seq, p.timestamp, p.marker, p.payload, jitter[i])
    pictures = clip(kinds)
    indices = [frame.data[-1] for frame in frames]
    assert indices == sorted(set(indices))
    for frame, index, before in zip(frames, indices, [-1, *indices], strict=False):
        assert frame.data == pictures[index].data
        assert frame.keyframe or before == index - 1


@given(st.binary(max_size=40), st.booleans())
def test_garbage_raises_nothing(payload: bytes, marker: bool) -> None:
    depacketiser = Vp8Depacketiser()
    parse_descriptor(payload)
    for seq in range(3):
        for frame in depacketiser.push(seq, 0, marker, payload, 0.0):
            assert not depacketiser.broken and frame.data


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x10\x00", (1, True, -1)),
        (b"\x00\x00", (1, False, -1)),
        (b"\x11\x00", (1, False, -1)),  # a later partition begins
        (b"\x90\x80\x05\x00", (3, True, -1)),  # seven-bit picture id
        (b"\x90\x80\x81\x02\x00", (4, True, 258)),
        (b"\x90\xe0\x81\x02\x07\x20\x00", (6, True, 258)),
        (b"\x90\xf0\x81\x02\x07\x20\x00", (6, True, 258)),
        (b"\x90\x80\x81\x02", None),
        (b"\x90", None),
        (b"", None),
    ],
)
def test_table_of_descriptors(payload: bytes, expected) -> None:
    assert parse_descriptor(payload) == expected


def test_a_frame_cut_for_the_wire_comes_back_byte_for_byte() -> None:
    data = keyframe(7, 5000)
    assert len(vp8_payloads(data, 1)) == 5
    assert run(video_packets([Picture(0, True, data)], start=0))[2][0].data == data
    assert keyframe_size(data) == (640, 360)
