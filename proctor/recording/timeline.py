"""From RTP timestamps to the server's time, for sound and picture alike. Pure.

A sender report (RFC 3550 6.4.1) pairs an RTP timestamp with the sender's own wall clock, and one wall clock
serves all streams of a sender: through it sound and picture fall on one line, whatever way they took. That
line is then hung on the server's monotonic clock by the quickest packet: `transit = min(arrival - sender
time)`. The offset of a stream is constant within a segment, so its frames keep the sender's even spacing;
the median over the segment's reports keeps one bad report harmless. Before any report, each stream hangs on
its own quickest packet.

Reports come from the candidate's machine. When they place a stream more than TRUST_SECONDS away from where
its packets arrived, they are not believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

TRUST_SECONDS = 2.0
SLEW_SECONDS = 0.02  # a segment's transit moves at most this far from the one before, so segments join evenly
STEP_SECONDS = 1.0  # beyond it the sender's clock was set, and slewing would only prolong the error
JUMP_SECONDS = 5.0


class Unwrapper:
    """Extends 32-bit RTP timestamps to ones that never wrap, by the shortest way from the one before."""

    __slots__ = ("_arrival", "_last", "rate")

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._last: int | None = None
        self._arrival = 0.0

    def extend(self, timestamp: int, arrival: float) -> tuple[int, bool]:
        """(extended timestamp, whether it jumped more than JUMP_SECONDS against arrival)."""
        if self._last is None:
            self._last = timestamp
            self._arrival = arrival
            return timestamp, False
        step = ((timestamp - self._last + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        jumped = abs(step / self.rate - (arrival - self._arrival)) > JUMP_SECONDS
        self._last = extended = self._last + step
        self._arrival = arrival
        return extended, jumped

    def near(self, timestamp: int) -> int | None:
        """Extend without taking it as the newest, for the timestamp inside a report; None before any
        packet."""
        if self._last is None:
            return None
        return self._last + ((timestamp - self._last + 0x80000000) & 0xFFFFFFFF) - 0x80000000


@dataclass(frozen=True)
class Stream:
    """What one stream showed in a segment: clock rate in Hz, (extended RTP timestamp, arrival in monotonic
    seconds) of its frames, and (NTP time as 32.32 fixed point, extended RTP timestamp) of its sender
    reports."""

    rate: int
    stamps: Sequence[tuple[int, float]]
    reports: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Alignment:
    """`offsets[name] + rtp / rate` is the server's monotonic time. `transit` is None without trusted
    reports."""

    offsets: Mapping[str, float]
    transit: float | None


def align(streams: Mapping[str, Stream], previous_transit: float | None = None) -> Alignment:
    """Place streams that have stamps on the server's monotonic clock; see the top of the file."""
    streams = {name: stream for name, stream in streams.items() if stream.stamps}
    by_arrival = {
        name: min(arrival - rtp / stream.rate for rtp, arrival in stream.stamps)
        for name, stream in streams.items()
    }
    sender = {
        name: median(ntp_seconds(ntp) - rtp / stream.rate for ntp, rtp in stream.reports)
        for name, stream in streams.items()
        if stream.reports
    }
    if not sender:
        return Alignment(by_arrival, None)
    transit = min(by_arrival[name] - offset for name, offset in sender.items())
    if any(abs(by_arrival[name] - offset - transit) > TRUST_SECONDS for name, offset in sender.items()):
        return Alignment(by_arrival, None)
    if previous_transit is not None and abs(transit - previous_transit) < STEP_SECONDS:
        slew = min(max(transit - previous_transit, -SLEW_SECONDS), SLEW_SECONDS)
        transit = previous_transit + slew
    return Alignment(by_arrival | {name: offset + transit for name, offset in sender.items()}, transit)


def ntp_seconds(ntp: int) -> float:
    """Seconds since 1900 of a 64-bit NTP timestamp; a float keeps it to half a microsecond."""
    return ntp / 4294967296.0
