"""A slot alone, between hand-made packets and an outbound that does not encrypt."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.media import rtp
from proctor.media.sdp import OfferedSlot
from proctor.media.slot import Slot
from proctor.media.stream import Stream


class Clear:
    """An outbound without encryption, so that a test can read what goes out."""

    def __init__(self) -> None:
        self.view = bytearray(4096)

    def protect(self, size: int) -> bytes:
        return bytes(self.view[:size])


class Source:
    """A stream and the packets of its publisher."""

    def __init__(self, layer: str = "l", first: int = 100, timestamp: int = 5000, picture: int = 300) -> None:
        self.stream = Stream("video", layer, lambda ssrc: None, lambda: None, lambda: None)
        self.sequence, self.timestamp, self.picture = first, timestamp, picture

    def send(self, arrival: float, *, keyframe: bool = False) -> None:
        """One frame of one packet."""
        descriptor = struct.pack("!BBHBB", 0x90, 0xE0, self.picture & 0x7FFF | 0x8000, self.picture & 0xFF, 0)
        payload = descriptor + (b"\x10" if keyframe else b"\x11")
        packet = rtp.Packet(100, True, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, 1, {}, payload)
        self.sequence, self.timestamp, self.picture = self.sequence + 1, self.timestamp + 9000, self.picture + 1
        self.stream.receive(packet, arrival)
        packet.vp8 = rtp.parse_vp8(payload)
        for slot in self.stream.slots:
            slot.forward(packet, self.stream, arrival)


def tile(mid: str = "7") -> tuple[Slot, list[rtp.Packet]]:
    out: list[rtp.Packet] = []
    slot = Slot(OfferedSlot("t0", "video", mid, 77, 78), lambda data: out.append(rtp.parse(data)))
    slot.outbound = Clear()
    return slot, out


def pictures(out: list[rtp.Packet]) -> list[tuple[int, int]]:
    return [(vp8.picture_id, vp8.tl0_index) for vp8 in (rtp.parse_vp8(packet.payload) for packet in out)]


def test_nothing_goes_out_before_a_keyframe():
    slot, out = tile()
    source = Source()
    slot.follow((source.stream,))
    source.send(1.0)
    source.send(1.1)
    assert out == []
    source.send(1.2, keyframe=True)
    source.send(1.3)
    assert len(out) == 2 and rtp.parse_vp8(out[0].payload).keyframe


def test_nobody_is_shown_under_anothers_name():
    slot, out = tile()
    first, second = Source(), Source()
    slot.follow((first.stream,))
    first.send(1.0, keyframe=True)
    slot.follow((second.stream,))
    first.send(1.1, keyframe=True)
    second.send(1.1)
    assert len(out) == 1
    slot.follow(())
    second.send(1.2, keyframe=True)
    assert len(out) == 1 and first.stream.slots == second.stream.slots == []


def test_the_header_is_the_slots_own():
    slot, out = tile("42")
    source = Source()
    slot.follow((source.stream,))
    source.send(1.0, keyframe=True)
    assert (out[0].ssrc, out[0].payload_type, out[0].marker) == (77, 96, True)
    assert out[0].extensions == {1: b"42", 2: b"\0\0"}


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 32767)),
        max_size=8,
    )
)
def test_all_counters_go_on_through_any_changes_of_source(turns):
    slot, out = tile()
    now = 1000.0
    sent_at = []
    for frames, sequence, timestamp, picture in turns:
        source = Source("l", sequence, timestamp, picture)
        slot.follow((source.stream,))
        for number in range(frames):
            source.send(now, keyframe=number == 0)
            sent_at.append(now)
            now += 0.1
        now += 3.0
    sequences = [packet.sequence for packet in out]
    assert sequences == [(sequences[0] + place) & 0xFFFF for place in range(len(sent_at))] if out else not turns
    expected = (
        [((pictures(out)[0][0] + n) & 0x7FFF, (pictures(out)[0][1] + n) & 0xFF) for n in range(len(out))] if out else []
    )
    assert pictures(out) == expected
    for packet, at in zip(out, sent_at, strict=True):  # timestamps keep pace with time
        elapsed = ((packet.timestamp - out[0].timestamp) & 0xFFFFFFFF) / 90000
        assert elapsed == pytest.approx(at - sent_at[0], abs=0.001)


def test_a_packet_from_before_the_change_does_not_slip_in():
    slot, out = tile()
    source = Source(first=500)
    slot.follow((source.stream,))
    source.send(1.0, keyframe=True)
    source.sequence = 490
    source.send(1.05)
    assert len(out) == 1


def test_the_small_layer_stands_in_until_the_large_one_begins_and_when_it_stops():
    slot, out = tile()
    large, small = Source("h"), Source("l")
    slot.follow((large.stream, small.stream))
    small.send(1.0, keyframe=True)
    assert slot.showing is small.stream
    large.send(1.1)
    assert slot.showing is small.stream and slot.missing_keyframe(1.1) is large.stream
    small.send(1.2)
    large.send(1.3, keyframe=True)
    assert slot.showing is large.stream and slot.missing_keyframe(1.3) is None
    small.send(1.4, keyframe=True)
    assert slot.showing is large.stream
    small.send(4.0)
    assert slot.missing_keyframe(4.0) is small.stream
    small.send(4.1, keyframe=True)
    assert slot.showing is small.stream
    assert [packet.sequence - out[0].sequence for packet in out] == [0, 1, 2, 3]


def test_only_a_source_that_reported_itself_is_reported():
    slot, out = tile()
    source = Source(timestamp=9000)
    slot.follow((source.stream,))
    source.send(1.0, keyframe=True)
    assert slot.sender_report(1.0, 5) is None
    source.stream.sender_report(50 << 32, 9000, 1.0, offset=-49.0)
    report = slot.sender_report(3.0, 5)
    assert report is not None
    _, ssrc, ntp, timestamp, packets, octets = struct.unpack("!IIQIII", report)
    assert (ssrc, ntp, packets, octets) == (77, 5, 1, 7)
    assert (timestamp - out[0].timestamp) & 0xFFFFFFFF == 2 * 90000


def test_a_packet_is_sent_again_while_it_is_kept():
    slot, out = tile()
    source = Source()
    slot.follow((source.stream,))
    for number in range(200):
        source.send(1 + number / 10, keyframe=number == 0)
    assert slot.resend(out[199].sequence) and out[-1].sequence == out[199].sequence
    assert not slot.resend(out[0].sequence)


def test_what_is_sent_again_is_rtx_of_its_own_numbers_where_the_viewer_takes_it():
    slot, out = tile("42")
    slot.sends_rtx = True
    source = Source()
    slot.follow((source.stream,))
    for number in range(5):
        source.send(1 + number / 10, keyframe=number == 0)
    packets, octets = slot.packets, slot.octets
    assert slot.resend(out[3].sequence) and slot.resend(out[1].sequence)
    for again, first in zip(out[5:], (out[3], out[1]), strict=True):
        assert (again.ssrc, again.payload_type, again.marker) == (78, 97, first.marker)
        assert (again.timestamp, again.extensions) == (first.timestamp, first.extensions)
        assert again.payload == first.sequence.to_bytes(2, "big") + first.payload
    assert (out[6].sequence - out[5].sequence) & 0xFFFF == 1
    assert (slot.packets, slot.octets) == (packets, octets), "sender reports tell of the stream itself"
    assert not slot.resend(out[0].sequence - 1)


def test_a_keyframe_that_begins_late_changes_no_source():
    """What follows its first packet came before, and was not sent on."""
    slot, out = tile()
    source = Source()
    slot.follow((source.stream,))
    source.send(1.0)
    source.sequence += 1
    source.send(1.1)
    source.sequence -= 2
    source.send(1.2, keyframe=True)
    assert out == [] and slot.showing is None
    source.sequence += 1
    source.send(1.3, keyframe=True)
    assert len(out) == 1 and slot.showing is source.stream


def test_each_change_of_source_is_told_with_the_timestamp_of_its_first_frame():
    told: list[int] = []
    out: list[rtp.Packet] = []
    slot = Slot(OfferedSlot("t0", "video", "7", 77), lambda data: out.append(rtp.parse(data)), told.append)
    slot.outbound = Clear()
    first, second = Source(), Source(timestamp=900_000)
    slot.follow((first.stream,))
    first.send(1.0, keyframe=True)
    first.send(1.1)
    slot.follow((second.stream,))
    second.send(1.2)
    assert told == [out[0].timestamp]
    second.send(1.3, keyframe=True)
    assert told == [out[0].timestamp, out[2].timestamp]


# --- temporal layers ---

PATTERN = [(0, False), (2, True), (1, True), (2, False), (0, False), (2, False), (1, False), (2, False)]
"""Layer and sync of eight pictures in a row, as libvpx makes three temporal layers."""


class Layered(Source):
    """A publisher of three temporal layers; each picture is of two packets."""

    def __init__(self, layer: str = "l", first: int = 100, timestamp: int = 5000, picture: int = 300) -> None:
        super().__init__(layer, first, timestamp, picture)
        self.shown = 0

    def packets(self) -> list[rtp.Packet]:
        """Those of the next picture, the first of all being a keyframe."""
        temporal, sync = PATTERN[self.shown % len(PATTERN)]
        place = temporal << 6 | sync << 5
        counters = struct.pack("!BHBB", 0xE0, self.picture & 0x7FFF | 0x8000, self.picture & 0xFF, place)
        made = []
        for start in (True, False):
            payload = (b"\x90" if start else b"\x80") + counters + (b"\x11" if self.shown else b"\x10")
            sequence, timestamp = self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF
            made.append(rtp.Packet(100, not start, sequence, timestamp, 1, {}, payload))
            self.sequence += 1
        self.shown, self.timestamp, self.picture = self.shown + 1, self.timestamp + 9000, self.picture + 1
        return made

    def pass_on(self, packets: list[rtp.Packet], arrival: float = 1.0) -> None:
        for packet in packets:
            self.stream.receive(packet, arrival)
            packet.vp8 = rtp.parse_vp8(packet.payload)
            for slot in self.stream.slots:
                slot.forward(packet, self.stream, arrival)

    def show(self, pictures: int) -> None:
        for _ in range(pictures):
            self.pass_on(self.packets())


def layered(**options: int) -> tuple[Slot, list[rtp.Packet], Layered]:
    slot, out = tile()
    source = Layered(**options)
    slot.follow((source.stream,))
    return slot, out, source


def temporal(out: list[rtp.Packet]) -> list[int]:
    """The layer of each picture."""
    return [rtp.parse_vp8(packet.payload).temporal for packet in out if packet.marker]


def follows(out: list[rtp.Packet]) -> bool:
    """Whether nothing seems to be missing."""
    steps = [after.sequence - before.sequence & 0xFFFF for before, after in pairwise(out)]
    ids = [picture for picture, _ in pictures(out)]
    turns = [after - before & 0x7FFF for before, after in pairwise(ids)]
    return set(steps) == {1} and turns == [0, 1] * (len(out) // 2 - 1) + [0]


@pytest.mark.parametrize(("highest", "left"), [(2, PATTERN), (1, [(0, 0), (1, 0)] * 2), (0, [(0, 0)] * 2)])
def test_what_is_left_without_higher_layers_follows_on(highest: int, left: list[tuple[int, bool]]) -> None:
    slot, out, source = layered(first=65500, picture=32760)  # both begin anew soon
    slot.limit_layers(highest)
    source.show(80)
    assert temporal(out) == [layer for layer, _ in left] * 10
    assert follows(out)


def test_layers_come_back_one_by_one_with_a_picture_that_needs_none_of_them() -> None:
    slot, out, source = layered()
    slot.limit_layers(0)
    source.show(5)
    slot.limit_layers()
    source.show(19)
    # 2 1 2 and 0 follow, none with a sync; then the first sync is one of layer 2, whose layer 1 is not back
    assert temporal(out) == [0, 0, 0, 1, 0, 1, 0, 2, 1, 2, 0, 2, 1, 2]
    assert follows(out)


def test_a_layer_is_given_up_in_the_middle_of_a_picture() -> None:
    slot, out, source = layered()
    source.show(3)
    begun, rest = source.packets()  # of layer 2
    source.pass_on([begun])
    slot.limit_layers(0)
    source.pass_on([rest])
    source.show(4)
    ids = [picture for picture, _ in pictures(out)]
    assert [step - ids[0] & 0x7FFF for step in ids] == [0, 0, 1, 1, 2, 2, 3, 4, 4]
    assert [packet.sequence - out[0].sequence & 0xFFFF for packet in out] == list(range(9))


def test_a_packet_that_comes_late_keeps_its_place_beside_those_left_out() -> None:
    slot, out, source = layered()
    slot.limit_layers(1)
    source.show(1)
    source.show(1)  # layer 2
    first, second = source.packets()
    source.pass_on([first])
    source.show(1)  # layer 2
    source.show(1)
    source.pass_on([second])
    late = out.pop()
    out.insert(3, late)
    assert follows(out) and temporal(out) == [0, 1, 0]


def test_a_late_packet_of_a_layer_that_is_left_out_is_left_out() -> None:
    slot, out, source = layered()
    slot.limit_layers(0)
    source.show(1)
    first, second = source.packets()
    source.pass_on([first])
    source.show(3)
    source.pass_on([second])
    assert temporal(out) == [0, 0]
    source.show(4)
    assert temporal(out) == [0, 0, 0]
    assert [packet.sequence - out[0].sequence & 0xFFFF for packet in out] == [0, 1, 3, 4, 5, 6]  # 2 was missing then


def test_another_person_follows_on_after_pictures_were_left_out() -> None:
    slot, out, source = layered()
    slot.limit_layers(0)
    source.show(4)
    other = Layered(first=9000, picture=77)
    slot.follow((other.stream,))
    other.show(6)
    assert temporal(out) == [0, 0, 0] and follows(out)


def test_every_packet_says_when_it_left() -> None:
    slot, out, source = layered()
    sizes: list[int] = []
    slot.departs = lambda size: sizes.append(size) or len(sizes) + 258
    slot.sends_rtx = True
    source.show(2)
    assert slot.resend(out[0].sequence)
    assert [packet.extensions[2] for packet in out] == [bytes([1, number]) for number in (3, 4, 5, 6, 7)]
    assert len(set(sizes)) == 2 and sizes[4] == sizes[0] + 2


def test_after_a_keyframe_every_layer_comes_back_at_once() -> None:
    slot, out, source = layered()
    slot.limit_layers(0)
    source.show(3)
    slot.limit_layers()
    source.shown = 0  # a keyframe, as of a publisher whose layers have no sync
    source.show(1)
    source.shown = 5
    source.show(3)
    assert temporal(out) == [0, 0, 2, 1, 2]
