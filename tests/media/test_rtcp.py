"""Checked against aiortc, which wrote its RTCP independently of ours."""

import struct

import pytest
from aiortc import rtp as reference
from hypothesis import given
from hypothesis import strategies as st

from proctor.media import rtcp
from proctor.media.feedback import ArrivalLog

ALWAYS = lambda: True  # noqa: E731
REPORT = rtcp.Report(ssrc=7, fraction_lost=64, cumulative_lost=-2, highest=70000, jitter=90, last_sr=5, delay=6)


def test_reports_are_what_they_say():
    data = rtcp.sender_report(1, 2**40 + 3, 4, 5, 6) + rtcp.source_description(1, "proctor")
    report, names = reference.RtcpPacket.parse(data)
    assert (report.sender_info.ntp_timestamp, report.sender_info.rtp_timestamp) == (2**40 + 3, 4)
    assert (report.sender_info.packet_count, report.sender_info.octet_count) == (5, 6)
    assert names.chunks[0].items == [(1, b"proctor")]
    received = reference.RtcpPacket.parse(rtcp.receiver_report(1, [REPORT]))[0].reports[0]
    assert (received.ssrc, received.fraction_lost, received.packets_lost) == (7, 64, -2)
    assert (received.highest_sequence, received.jitter, received.lsr, received.dlsr) == (70000, 90, 5, 6)


def test_what_browsers_send_is_read():
    data = (
        rtcp.sender_report(1, 2**40 + 3, 4, 5, 6)
        + rtcp.receiver_report(9, [REPORT])
        + bytes(reference.RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2, lost=[10, 12, 26, 40]))
        + bytes(reference.RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=3))
        + bytes(reference.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=struct.pack("!IBBH", 4, 1, 0, 0)))
        + bytes(reference.RtcpByePacket(sources=[5, 6]))
    )
    assert rtcp.parse(data) == [
        rtcp.SenderReport(1, 2**40 + 3, 4, ()),
        rtcp.ReceiverReport(9, (REPORT,)),
        rtcp.Nack(2, (10, 12, 26, 40)),
        rtcp.KeyframeRequest(3),
        rtcp.KeyframeRequest(4),
        rtcp.Bye((5, 6)),
    ]


def test_unknown_kinds_are_skipped():
    assert rtcp.parse(b"\x80\xcc\x00\x01abcd" + rtcp.pli(1, 2)) == [rtcp.KeyframeRequest(2)]


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        b"\x80\xc8\x00\x00",  # a sender report without a body
        b"\x81\xc9\x00\x01abcd",  # one report block promised, none there
        rtcp.pli(1, 2)[:-1],
        b"\x40" + rtcp.pli(1, 2)[1:],
        b"\xa1\xce\x00\x02abcdefg\x09",  # padding larger than the packet
        rtcp.pli(1, 2) + b"\x80\xc8\xff\xff",
    ],
)
def test_wrong_framing_voids_the_datagram(data):
    assert rtcp.parse(data) is None


@given(st.binary(max_size=120))
def test_no_bytes_raise(data):
    rtcp.parse(data)
    for kind in (200, 201, 203, 205, 206):
        body = data[: len(data) & ~3]
        rtcp.parse(bytes([0x80 | len(data) & 31, kind]) + (len(body) // 4).to_bytes(2, "big") + body, ALWAYS)


# --- transport-wide feedback ---


def decode(message: bytes) -> dict[int, float | None]:
    """Number to arrival in seconds, by the draft's text."""
    base, count = struct.unpack_from("!HH", message, 12)
    at = 20
    symbols: list[int] = []
    while len(symbols) < count:
        (chunk,) = struct.unpack_from("!H", message, at)
        at += 2
        if chunk >> 15:
            assert chunk >> 14 == 3, "a vector of two-bit symbols"
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
    moment = int.from_bytes(message[16:19], "big") * 0.064
    out = {}
    for place, symbol in enumerate(symbols[:count]):
        number = (base + place) & 0xFFFF
        if symbol == 0:
            out[number] = None
            continue
        size = symbol
        moment += int.from_bytes(message[at : at + size], "big", signed=size == 2) / 4000
        at += size
        out[number] = moment
    return out


@given(
    st.integers(0, 65535),
    st.lists(st.tuples(st.integers(0, 5000), st.booleans()), min_size=1, max_size=600),
)
def test_every_arrival_and_every_loss_is_told(first, steps):
    log, sent, now = ArrivalLog(), {}, 100.0
    numbers = []
    for place, (wait_us, lost) in enumerate(steps):
        now += wait_us / 1e6
        number = (first + place) & 0xFFFF
        numbers.append(number)
        if not lost or place == 0:
            log.add(number, now)
            sent[number] = now
    told: dict[int, float | None] = {}
    for message in log.messages(1, now):
        assert len(message) < 1300 and len(message) % 4 == 0
        told |= decode(message)
        (read,) = rtcp.parse(message, ALWAYS)
        numbers = {(read.base + place) & 0xFFFF: at for place, at in enumerate(read.arrivals)}
        assert numbers == {
            number: at if at is None else round(at * rtcp.CC_TICKS) for number, at in decode(message).items()
        }
    arrivals = {number: at for number, at in told.items() if at is not None}
    assert arrivals.keys() == sent.keys()
    assert all(abs(arrivals[n] - arrivals[first] - (sent[n] - sent[first])) < 0.0006 for n in sent)


@given(
    st.integers(0, 65535),
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["once", "twice", "lost"]), st.booleans()),
             min_size=1, max_size=300),
)  # fmt: skip
def test_what_comes_late_or_twice_is_told_once_it_came_and_a_loss_never(first, packets):
    """Each packet is (how many places it is overtaken, how often it comes, whether a message follows)."""
    log, now, told = ArrivalLog(), 100.0, {}
    order = sorted(range(len(packets)), key=lambda place: place + packets[place][0])
    came = set()
    for place in order:
        _, how, ask = packets[place]
        number = (first + place) & 0xFFFF
        now += 0.001
        for _ in range({"once": 1, "twice": 2, "lost": 0}[how]):
            came.add(number)
            log.add(number, now)
        if ask:
            now += 0.3
            for message in log.messages(1, now):
                told |= {n: at for n, at in decode(message).items() if at is not None or n not in told}
    for message in log.messages(1, now + 1):
        told |= {n: at for n, at in decode(message).items() if at is not None or n not in told}
    assert {number for number, at in told.items() if at is not None} == came


def fed_back(count: int, chunks: bytes, deltas: bytes, reference: int = 2) -> bytes:
    """A message about packets from 65534 on."""
    body = struct.pack("!IIHHI", 1, 2, 65534, count, reference << 8 | 7) + chunks + deltas
    body += bytes(-len(body) & 3)
    return struct.pack("!BBH", 0x8F, 205, len(body) // 4) + body


def test_every_form_of_status_is_read():
    runs = struct.pack("!HHH", 0x2000 | 2, 0x0000 | 3, 0x4000 | 1)  # two small steps, three losses, one large step
    bits = struct.pack("!H", 0x8000 | 0b10100000000000)
    pairs = struct.pack("!H", 0xC000 | 0b01_00_10_00_00_00_00)
    deltas = bytes([0, 255]) + struct.pack("!h", -300) + bytes([4, 5]) + bytes([6]) + struct.pack("!h", 1000)
    (read,) = rtcp.parse(fed_back(6 + 14 + 3, runs + bits + pairs, deltas), ALWAYS)
    start = 2 * 256
    came = [start, start + 255, None, None, None, start - 45, start - 41, None, start - 36, *[None] * 11]
    assert read == rtcp.TransportFeedback(65534, (*came, start - 30, None, start + 970))


@pytest.mark.parametrize(
    ("count", "chunks", "deltas"),
    [
        (2, b"", b""),  # no status at all
        (2, b"\x20\x00", b""),  # a run of none
        (5, b"\x20\x05", b""),  # arrivals, of which nothing is said but by the padding
        (1, b"\x60\x01", b"\0\0\0\0"),  # the reserved status
    ],
)
def test_feedback_that_does_not_hold_what_it_promises_is_void(count, chunks, deltas):
    assert rtcp.parse(fed_back(count, chunks, deltas), ALWAYS) is None


def test_feedback_on_more_than_anybody_sends_is_left_out():
    many = fed_back(65535, b"\x1f\xff" * 9, b"")
    assert rtcp.parse(many + rtcp.pli(1, 2), ALWAYS) == [rtcp.KeyframeRequest(2)]


def test_feedback_is_read_as_often_as_is_allowed() -> None:
    asked: list[None] = []

    def twice() -> bool:
        asked.append(None)
        return len(asked) <= 2

    one = fed_back(1, b"\x20\x01", b"\x05")
    assert rtcp.parse(one * 5 + rtcp.pli(1, 2), twice) == [
        *[rtcp.TransportFeedback(65534, (517,))] * 2, rtcp.KeyframeRequest(2),
    ]  # fmt: skip
    assert rtcp.parse(one) == []


def test_feedback_is_frequent_at_first_then_sparse_then_frequent_after_a_loss():
    log, sent_at = ArrivalLog(), []
    number = 0
    for step in range(400):  # 40 s in steps of 0.1 s
        now = step / 10
        number += 2 if step == 300 else 1
        log.add(number, now)
        if log.messages(1, now):
            sent_at.append(now)
    per_second = [sum(second <= at < second + 1 for at in sent_at) for second in range(40)]
    assert per_second[5] >= 9
    assert per_second[25] <= 5
    assert per_second[31] >= 9


def test_arrivals_without_feedback_stay_bounded():
    log = ArrivalLog()
    for number in range(100_000):
        log.add(number & 0xFFFF, number / 1000)
    assert len(log._numbers) == len(log._arrivals) == 4096
