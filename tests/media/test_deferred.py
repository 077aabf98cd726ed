"""Packets that nobody watches wait for one another (media/peer.py, publisher.py): when, in which order, how many."""

from __future__ import annotations

import os
import struct
from typing import Any

import pytest
from pylibsrtp import Policy, Session

from proctor.media import rtp, sdp
from proctor.media.datagrams import address_of
from proctor.media.mux import Mux
from proctor.media.native import Certificate, Inbound, Inbox
from proctor.media.publisher import Publisher
from proctor.media.sdp import OfferedSlot
from proctor.media.slot import Slot
from proctor.rehearsal.client import SyntheticPublisher
from tests.media.support import RecordingSink

PLACE = ("127.0.0.1", 5000)
SSRC = {"audio": 101, "h": 102, "l": 103}
RTX = 104


class Published:
    """A publisher that has shaken hands, its packets put into the mux by hand. It has been known for a second, so that
    it is settled which packets wait."""

    def __init__(self) -> None:
        self.now = 100.0
        self.mux = Mux(self)
        self.sink = RecordingSink()
        self.states: list[str] = []
        offer = sdp.parse_publisher_offer(SyntheticPublisher(0).offer())
        self.publisher = Publisher(
            "c", offer, mux=self.mux, certificate=Certificate(), sink=self.sink,
            on_state=lambda name, state: self.states.append(state), now=self.now,
        )  # fmt: skip
        key = os.urandom(30)
        self._seal = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND))
        peer = self.publisher.peer
        peer._inbound = Inbound(Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND)))
        self._inbox = Inbox()
        self.mux._adopt(peer, address_of(PLACE))
        self.publisher.connected(self.now)
        self._offer = offer
        self._sequence = dict.fromkeys([*SSRC, "rtx"], 1000)
        self._transport_number = 0
        for stream in SSRC:
            self.send(stream)
        self.pass_time(1.0)

    def monotonic(self) -> float:
        return self.now

    def send(self, stream: str, *, keyframe: bool = False, place: tuple[str, int] = PLACE) -> bytes:
        """One packet of `stream`, "rtx" too; returns it as it was on the wire."""
        sequence = self._sequence[stream]
        self._sequence[stream] += 1
        offer = self._offer
        elements = {offer.extension(sdp.TRANSPORT_CC): struct.pack("!H", self._transport_number)}
        self._transport_number += 1
        if stream == "audio":
            kind, body = offer.audio.payload_type, b"sound"
        else:
            kind = offer.video.rtx_payload_type if stream == "rtx" else offer.video.payload_type
            body = struct.pack("!BBHBB", 0x90, 0xE0, 0x8000 | sequence, 0, 0x20) + (b"\x10" if keyframe else b"\x11")
            if stream == "rtx":
                elements[offer.extension(sdp.REPAIRED_RID)] = b"h"
                body = struct.pack("!H", 1) + body  # of a packet that is not missing: a probe
            else:
                elements[offer.extension(sdp.RID)] = stream.encode()
        ssrc = SSRC.get(stream, RTX)
        head = rtp.HEADER.pack(0x90, kind | 0x80, sequence, sequence * 3000, ssrc)
        sealed = self._seal.protect(head + rtp.extension_block(elements) + body)
        self.receive(sealed, place)
        return sealed

    def receive(self, datagram: bytes, place: tuple[str, int] = PLACE) -> None:
        self.mux.receive(self._inbox, self._inbox.put(datagram), address_of(place), self.now)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.publisher.tick(self.now)

    def watch(self, *layers: str) -> tuple[Slot, list[rtp.Packet]]:
        """A slot that follows `layers`, and what goes out of it."""
        out: list[rtp.Packet] = []
        kind = "audio" if layers == ("audio",) else "video"
        slot = Slot(OfferedSlot("t0", kind, "7", 77), lambda data: out.append(rtp.parse(data)))
        slot.outbound = Clear()
        slot.follow(tuple(self.publisher.streams[layer] for layer in layers))
        return slot, out

    def arrived(self) -> list[tuple[str, int, float]]:
        """What the sink got since this was asked last: the stream, the number, the arrival."""
        packets, self.sink.packets = self.sink.packets, []
        return [(layer or kind, number, arrival) for kind, layer, number, _, _, _, arrival in packets]


class Clear:
    """An outbound without encryption."""

    def __init__(self) -> None:
        self.view = bytearray(4096)

    def protect(self, size: int) -> bytes:
        return bytes(self.view[:size])


@pytest.fixture
def published() -> Published:
    made = Published()
    made.arrived()
    return made


def streams(events: list[tuple[str, int, float]]) -> list[str]:
    return [stream for stream, _, _ in events]


def settled(published: Published) -> None:
    """Its rate is found, and only loss or a report makes feedback come sooner than after 0.25 s."""
    published.pass_time(20.0)
    published.send("h")
    published.pass_time(0.25)
    published.states.clear()


def test_what_is_only_recorded_comes_with_the_feedback_in_its_order_and_with_its_times(published: Published) -> None:
    began = published.now
    for stream in ("audio", "h", "l", "h"):
        published.now += 0.01
        published.send(stream)
    assert published.arrived() == []
    published.pass_time(0.25)
    got = published.arrived()
    assert streams(got) == ["audio", "h", "l", "h"]
    assert [arrival - began for _, _, arrival in got] == pytest.approx([0.01, 0.02, 0.03, 0.04])


def test_what_is_watched_goes_on_at_once_and_what_is_not_still_waits(published: Published) -> None:
    _, out = published.watch("l")
    published.pass_time(1.0)
    published.send("l", keyframe=True)
    published.send("h")
    published.send("audio")
    assert (streams(published.arrived()), len(out)) == (["l"], 1)
    published.pass_time(0.25)
    assert streams(published.arrived()) == ["h", "audio"]


def test_sound_is_as_late_as_the_picture_that_is_recorded_beside_it(published: Published) -> None:
    published.watch("h", "l")
    published.send("h")
    published.pass_time(1.0)
    published.arrived()
    for stream in ("audio", "h", "l"):
        published.send(stream)
    assert streams(published.arrived()) == ["audio", "h", "l"]


def test_no_packet_overtakes_another_when_somebody_begins_to_watch(published: Published) -> None:
    published.send("l", keyframe=True)
    published.send("l")
    slot, out = published.watch("l")
    published.send("l")
    assert [number for _, number, _ in published.arrived()] == [1001, 1002, 1003]
    assert len(out) == 3, "the keyframe that waited begins the picture"
    slot.follow(())
    published.send("l")
    assert streams(published.arrived()) == ["l"], "until the next report all goes on at once"
    published.pass_time(1.0)
    published.send("l")
    assert published.arrived() == []


def test_no_packet_overtakes_another_when_the_recorded_picture_is_another(published: Published) -> None:
    """The large picture stops, and the small one, which somebody watches, is recorded with its sound."""
    published.watch("l")
    settled(published)
    for seconds in (0.8, 0.65, 0.05, 0.25):  # a report with the first, feedback with the last
        published.send("l")
        published.pass_time(seconds)
    published.send("audio")
    published.pass_time(0.06)  # a report without feedback
    published.send("audio")
    numbers = [number for stream, number, _ in published.arrived() if stream == "audio"]
    assert numbers == sorted(numbers) and len(numbers) == 2


def test_a_keyframe_that_waits_is_not_asked_for_again(published: Published) -> None:
    settled(published)
    counters = published.mux.counters
    for tick in range(6):  # the last with feedback
        published.send("audio")
        published.pass_time(0.1)
        if tick == 1:
            published.publisher.streams["h"].request_keyframe(published.now)
    assert counters["pli_sent"] == 1
    published.now += 0.05
    published.send("h", keyframe=True)
    published.pass_time(0.06)
    assert counters["pli_sent"] == 1


def test_whose_picture_waits_is_not_called_silent(published: Published) -> None:
    settled(published)
    published.now -= 0.05
    published.send("h")
    published.now += 0.05
    for _ in range(19):
        published.now += 0.1
        published.send("audio")
        published.publisher.tick(published.now)
    published.now += 0.05
    published.send("h")
    published.pass_time(0.02)
    assert published.states == []
    published.pass_time(2.1)
    assert published.states == ["stalled"]


def test_feedback_tells_of_watched_and_unwatched_packets_as_they_were_numbered(published: Published) -> None:
    published.watch("l")
    settled(published)
    for stream in ("l", "h", "audio", "l", "h"):
        published.send(stream)
    published.pass_time(0.25)
    assert published.publisher._arrivals.settled(published.now), "nothing counts as lost"


def test_a_retransmission_waits_and_is_dropped_as_ever(published: Published) -> None:
    published.send("rtx")
    published.pass_time(1.0)
    published.send("rtx")
    assert len(published.publisher.peer._deferred) == 1
    published.pass_time(0.25)
    assert (published.publisher.peer._deferred, published.arrived()) == ([], [])


def test_a_flood_from_the_publishers_own_address_is_opened_before_it_grows(published: Published) -> None:
    forged = struct.pack("!BBHII", 0x90, 0x80 | 100, 1, 1, SSRC["h"]) + bytes(60)
    for _ in range(1000):
        published.receive(forged)
        assert len(published.publisher.peer._deferred) < 128
    published.send("h")
    published.pass_time(0.25)
    assert published.mux.counters["srtp_rejected"] == 1000
    assert streams(published.arrived()) == ["h"]


def test_a_datagram_that_came_twice_is_taken_once(published: Published) -> None:
    published.receive(published.send("h"))
    published.pass_time(0.25)
    assert (streams(published.arrived()), published.mux.counters["srtp_rejected"]) == (["h"], 1)


def test_what_waited_when_the_connection_ends_is_kept(published: Published) -> None:
    published.send("h")
    published.publisher.end()
    assert (streams(published.arrived()), published.sink.closings) == (["h"], 1)


def test_the_inbox_of_another_packet_is_not_overwritten(published: Published) -> None:
    """A packet makes room by opening those before it; it comes after them, whole."""
    for _ in range(127):
        published.send("h")
    assert published.arrived() == []
    published.send("h")
    got: list[Any] = published.arrived()
    assert [number for _, number, _ in got] == list(range(1001, 1001 + 128))


def test_after_a_change_of_ports_no_packet_overtakes_another(published: Published) -> None:
    for _ in range(3):
        published.send("h")
    published.send("h", place=("127.0.0.1", 5001))
    assert [number for _, number, _ in published.arrived()] == [1001, 1002, 1003, 1004]
    assert published.mux.counters["address_adopted"] == 1


def test_a_packet_that_cannot_be_handled_costs_no_other(
    published: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handle, handled = Publisher.handle_rtp, 0

    def failing(self: Publisher, *given: Any) -> None:
        nonlocal handled
        handled += 1
        if handled == 2:
            raise RuntimeError("a fault of ours")
        handle(self, *given)

    monkeypatch.setattr(Publisher, "handle_rtp", failing)
    for _ in range(3):
        published.send("h")
    published.pass_time(0.25)
    assert [number for _, number, _ in published.arrived()] == [1001, 1003]
    assert published.mux.counters["failed"] == 1 and "could not be handled" in caplog.text
