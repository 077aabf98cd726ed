"""RTCP: what we read from participants and what we say to them.

Read: sender and receiver reports (RFC 3550), BYE, NACK and PLI (RFC 4585), FIR (RFC 5104). Written: sender
reports with SDES, receiver reports, PLI. Both: transport-wide congestion feedback
(draft-holmer-rmcat-transport-wide-cc-extensions-01). `parse` takes any bytes; a packet of a kind we do not
know is skipped, and a malformed one voids the whole datagram, as RFC 3550 appendix A.2 asks.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import sub

_SR, _RR, _SDES, _BYE, _RTPFB, _PSFB = 200, 201, 202, 203, 205, 206
_NACK, _TRANSPORT_CC = 1, 15
_PLI, _FIR = 1, 4

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""

CC_TICKS = 4000
"""Ticks a second of transport-wide feedback: 250 us each."""

_CC_REFERENCE = 256  # ticks in 64 ms, which its reference time counts
_REPORT = struct.Struct("!IIIIII")
_CC_HEAD = struct.Struct("!IIHHI")
_CC_MOST = 1024  # packets that one message may speak of; browsers send several a second


@dataclass(slots=True, frozen=True)
class Report:
    """A report block: how the reporter receives the stream `ssrc`."""

    ssrc: int
    fraction_lost: int  # of 256, since the last report
    cumulative_lost: int
    highest: int  # extended highest sequence number
    jitter: int  # timestamp units
    last_sr: int  # middle 32 bits of the NTP time of the last sender report, 0 if none
    delay: int  # since that report arrived, 1/65536 s


@dataclass(slots=True, frozen=True)
class SenderReport:
    ssrc: int
    ntp: int  # 64 bits: seconds since 1900 and their fraction
    rtp_timestamp: int
    reports: tuple[Report, ...]


@dataclass(slots=True, frozen=True)
class ReceiverReport:
    ssrc: int
    reports: tuple[Report, ...]


@dataclass(slots=True, frozen=True)
class Nack:
    media_ssrc: int
    sequences: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class KeyframeRequest:
    """A PLI or FIR: both mean that the reporter needs a keyframe of `media_ssrc`."""

    media_ssrc: int


@dataclass(slots=True, frozen=True)
class Bye:
    ssrcs: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class TransportFeedback:
    """When packets arrived whose transport-wide numbers are `base`, `base` + 1, ...: in ticks (`CC_TICKS` a second) of
    the receiver's clock, which begins anew after 2**32; None for what has not come."""

    base: int  # 16 bits
    arrivals: tuple[int | None, ...]


Message = SenderReport | ReceiverReport | Nack | KeyframeRequest | Bye | TransportFeedback


def parse(data: bytes, hears_feedback: Callable[[], bool] = lambda: False) -> list[Message] | None:
    """The messages of a decrypted compound packet, or None if its framing is wrong. Transport-wide feedback, of which a
    few bytes can speak of a thousand packets, is read as often as `hears_feedback` allows, and left out otherwise."""
    messages: list[Message] = []
    at, end = 0, len(data)
    while at < end:
        if at + 4 > end or data[at] >> 6 != 2:
            return None
        count, kind = data[at] & 31, data[at + 1]
        stop = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        if stop > end:
            return None
        body_end = stop
        if data[at] & 0x20:
            padding = data[stop - 1]
            if not padding or at + 4 + padding > stop:
                return None
            body_end -= padding
        body = data[at + 4 : body_end]
        at = stop
        found = _parse_one(kind, count, body, hears_feedback)
        if found is None:
            return None
        messages += found
    return messages


def _parse_one(
    kind: int, count: int, body: bytes, hears_feedback: Callable[[], bool]
) -> list[Message] | None:
    if kind == _SR:
        if len(body) < 24 + 24 * count:
            return None
        ssrc, high, low, rtp_timestamp = struct.unpack_from("!IIII", body)
        return [SenderReport(ssrc, high << 32 | low, rtp_timestamp, _reports(body, 24, count))]
    if kind == _RR:
        if len(body) < 4 + 24 * count:
            return None
        return [ReceiverReport(int.from_bytes(body[:4], "big"), _reports(body, 4, count))]
    if kind == _BYE:
        if len(body) < 4 * count:
            return None
        return [Bye(struct.unpack_from(f"!{count}I", body))]
    if kind in (_RTPFB, _PSFB):
        if len(body) < 8:
            return None
        media = int.from_bytes(body[4:8], "big")
        if kind == _RTPFB and count == _NACK:
            return [Nack(media, _nacked(body))]
        if kind == _RTPFB and count == _TRANSPORT_CC:
            return _fed_back(body) if hears_feedback() else []
        if kind == _PSFB and count == _PLI:
            return [KeyframeRequest(media)]
        if kind == _PSFB and count == _FIR:
            return [KeyframeRequest(int.from_bytes(body[i : i + 4], "big")) for i in range(8, len(body) - 7, 8)]
    return []


def _reports(body: bytes, at: int, count: int) -> tuple[Report, ...]:
    blocks = []
    for i in range(count):
        ssrc, lost, highest, jitter, last_sr, delay = _REPORT.unpack_from(body, at + 24 * i)
        cumulative = lost & 0xFFFFFF
        if cumulative & 0x800000:  # 24 bits, signed: duplicates can make it negative
            cumulative -= 1 << 24
        blocks.append(Report(ssrc, lost >> 24, cumulative, highest, jitter, last_sr, delay))
    return tuple(blocks)


def _nacked(body: bytes) -> tuple[int, ...]:
    lost = []
    for at in range(8, len(body) - 3, 4):
        first, mask = struct.unpack_from("!HH", body, at)
        lost.append(first)
        lost += [(first + 1 + bit) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return tuple(lost)


def _fed_back(body: bytes) -> list[Message] | None:
    """The feedback in `body`; nothing where it speaks of more than anybody sends."""
    if len(body) < _CC_HEAD.size:
        return None
    _, _, base, count, reference = _CC_HEAD.unpack_from(body)
    if count > _CC_MOST:
        return []
    symbols: list[int] = []
    at = _CC_HEAD.size
    while len(symbols) < count:
        if at + 2 > len(body):
            return None
        chunk = body[at] << 8 | body[at + 1]
        at += 2
        if chunk < 0x8000:
            symbols += [chunk >> 13] * min(chunk & 0x1FFF, count - len(symbols))
            if not chunk & 0x1FFF:
                return None
        elif chunk < 0xC000:
            symbols += [chunk >> bit & 1 for bit in range(13, -1, -1)]
        else:
            symbols += [chunk >> bit & 3 for bit in range(12, -1, -2)]
    arrivals: list[int | None] = []
    tick = (reference >> 8) * _CC_REFERENCE
    for symbol in symbols[:count]:
        if symbol == 0:
            arrivals.append(None)
            continue
        end = at + symbol
        if symbol == 3 or end > len(body):
            return None
        tick += body[at] if symbol == 1 else int.from_bytes(body[at:end], "big", signed=True)
        at = end
        arrivals.append(tick & 0xFFFFFFFF)
    return [TransportFeedback(base, tuple(arrivals))]


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def _pack_report(report: Report) -> bytes:
    lost = report.fraction_lost << 24 | max(-0x800000, min(0x7FFFFF, report.cumulative_lost)) & 0xFFFFFF
    return _REPORT.pack(
        report.ssrc,
        lost,
        report.highest & 0xFFFFFFFF,
        report.jitter & 0xFFFFFFFF,
        report.last_sr,
        report.delay & 0xFFFFFFFF,
    )


def sender_report(ssrc: int, ntp: int, rtp_timestamp: int, packets: int, octets: int) -> bytes:
    """Ties the stream's timestamps to a wall clock that all streams of the sender share."""
    body = struct.pack("!IQIII", ssrc, ntp, rtp_timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _packet(0, _SR, body)


def source_description(ssrc: int, cname: str) -> bytes:
    """The SDES with the CNAME, by which a receiver knows which streams belong together."""
    name = cname.encode()[:255]
    chunk = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    return _packet(1, _SDES, chunk + bytes(-len(chunk) & 3))


def receiver_report(sender_ssrc: int, reports: Sequence[Report]) -> bytes:
    """At most 31 blocks fit."""
    return _packet(len(reports), _RR, struct.pack("!I", sender_ssrc) + b"".join(map(_pack_report, reports)))


def pli(sender_ssrc: int, media_ssrc: int) -> bytes:
    """Asks the sender of `media_ssrc` for a keyframe."""
    return _packet(_PLI, _PSFB, struct.pack("!II", sender_ssrc, media_ssrc))


def nack(sender_ssrc: int, media_ssrc: int, sequences: Sequence[int]) -> bytes:
    """Asks for `sequences` of `media_ssrc` again, which are in their order."""
    pairs: list[list[int]] = []  # the first of up to 17, and a bit for each that follows it
    for sequence in sequences:
        after = (sequence - pairs[-1][0] - 1) & 0xFFFF if pairs else 16
        if after < 16:
            pairs[-1][1] |= 1 << after
        else:
            pairs.append([sequence & 0xFFFF, 0])
    body = b"".join(struct.pack("!HH", *pair) for pair in pairs)
    return _packet(_NACK, _RTPFB, struct.pack("!II", sender_ssrc, media_ssrc) + body)


def transport_cc(
    sender_ssrc: int,
    media_ssrc: int,
    base: int,
    arrivals: Sequence[int | None],
    earliest: int,
    count: int,
) -> bytes:
    """Feedback on the packets `base`, `base` + 1, ...; `arrivals` in ticks (`CC_TICKS` a second) since the
    connection's own zero, None for a packet not received. `earliest` is the first that is not None.
    """
    reference = earliest // _CC_REFERENCE
    zero = reference * _CC_REFERENCE
    chunks, deltas = _in_a_row(arrivals, zero) or _one_by_one(arrivals, zero)
    head = _CC_HEAD.pack(
        sender_ssrc, media_ssrc, base & 0xFFFF, len(arrivals), (reference & 0xFFFFFF) << 8 | count & 0xFF
    )
    body = head + chunks + deltas
    return _packet(_TRANSPORT_CC, _RTPFB, body + bytes(-len(body) & 3))


def _in_a_row(arrivals: Sequence[int | None], zero: int) -> tuple[bytes, bytes] | None:
    """Status chunks and deltas where all came, in order and close together, as nearly always: one run-length chunk.
    Otherwise None."""
    try:
        deltas = bytes(map(sub, arrivals, [zero, *arrivals]))
    except (TypeError, ValueError):  # a loss, or a delta that needs two bytes
        return None
    return (0x2000 | len(arrivals)).to_bytes(2, "big"), deltas


def _one_by_one(arrivals: Sequence[int | None], last: int) -> tuple[bytes, bytes]:
    """Status chunks and deltas of any arrivals; `last` is the reference."""
    symbols = []
    deltas = bytearray()
    for arrival in arrivals:
        if arrival is None:
            symbols.append(0)
            continue
        delta = max(-32768, min(32767, arrival - last))
        last += delta
        if 0 <= delta < 256:
            symbols.append(1)
            deltas.append(delta)
        else:
            symbols.append(2)
            deltas += struct.pack("!h", delta)
    chunks = bytearray()
    for at in range(0, len(symbols), 7):  # two-bit status vectors, seven packets a chunk
        chunk = 0xC000
        for place, symbol in enumerate(symbols[at : at + 7]):
            chunk |= symbol << (12 - 2 * place)
        chunks += chunk.to_bytes(2, "big")
    return bytes(chunks), bytes(deltas)
