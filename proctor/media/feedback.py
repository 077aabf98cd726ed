"""When each packet of a publisher arrived, told back so that the browser can find its bandwidth.

The publisher numbers all its packets in one sequence (the transport-cc header extension); we report arrival
times ten times a second while it is finding its rate or packets are missing, four times otherwise.
"""

from __future__ import annotations

from proctor.media import rtcp

_RAMP = 15.0  # seconds from the first packet in which a browser raises its rate
_LOSSY = 5.0  # seconds that frequent feedback goes on after a loss
_FREQUENT, _SPARSE = 0.1, 0.25
_MAX_STATUSES = 280  # packets a message speaks of; keeps it under 1,200 bytes
_MAX_PENDING = 4096
_MAX_GAP = 1000  # a larger jump restarts the sequence instead of reporting losses


class ArrivalLog:
    def __init__(self) -> None:
        self._pending: dict[int, float] = {}  # extended number -> arrival
        self._highest: int | None = None
        self._next: int | None = None  # first number not yet reported
        self._epoch = 0.0
        self._ramp_until = float("inf")  # not before the first packet
        self._lossy_until = 0.0
        self._due = 0.0
        self._count = 0

    def settled(self, now: float) -> bool:
        """Whether the sender has found its rate and loses nothing, so that arrival times matter less."""
        return now >= max(self._ramp_until, self._lossy_until)

    def add(self, number: int, arrival: float) -> None:
        """A packet with this 16-bit transport-wide number arrived (monotonic seconds)."""
        highest = self._highest
        if highest is None:
            index = number + 0x10000
            self._highest = index
            self._epoch = arrival - 1.0
            self._ramp_until = arrival + _RAMP
        else:
            index = highest + ((number - highest + 0x8000) & 0xFFFF) - 0x8000
            if abs(index - highest) > _MAX_GAP:  # the sender began anew, or wants us to list what never was
                self._pending.clear()
                self._next = None
                self._highest = index = number + 0x10000
            elif index > highest:
                self._highest = index
        if len(self._pending) < _MAX_PENDING:
            self._pending[index] = arrival

    def messages(self, media_ssrc: int, now: float) -> list[bytes]:
        """The RTCP messages due at `now`, usually none or one."""
        if now < self._due or not self._pending:
            return []
        pending, self._pending = self._pending, {}
        first, last = min(pending), max(pending)
        base = first
        if self._next is not None and 0 <= first - self._next < _MAX_GAP:
            base = self._next
        self._next = last + 1
        if last + 1 - base > len(pending):
            self._lossy_until = now + _LOSSY
        interval = _SPARSE if self.settled(now) else _FREQUENT
        self._due = max(self._due, now - interval) + interval  # on average exact, whatever the ticks
        out = []
        epoch = self._epoch
        while base <= last:
            window = [pending.get(index) for index in range(base, min(base + _MAX_STATUSES, last + 1))]
            ticks = [None if at is None else max(0, round((at - epoch) * rtcp.CC_TICKS)) for at in window]
            earliest = next((tick for tick in ticks if tick is not None), None)
            if earliest is not None:  # a window of losses only is left to the next message's base
                out.append(rtcp.transport_cc(1, media_ssrc, base, ticks, earliest, self._count))
                self._count += 1
            base += len(window)
        return out
