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
_MAX_SPAN = 2 * _MAX_PENDING  # and so do many jumps that stay below it


class ArrivalLog:
    """Packets are only noted as they come; what their numbers mean is worked out when a message is due, for all of
    them together."""

    __slots__ = (
        "_arrivals", "_begun", "_count", "_due", "_epoch", "_lossy_until", "_next", "_numbers", "_ramp_until",
    )

    def __init__(self) -> None:
        self._numbers: list[int] = []  # 16 bits, as they were opened, which peer.py may do later for some streams
        self._arrivals: list[float] = []
        self._next = 0x10000  # extended number after the highest reported; room below for reordering
        self._begun = False
        self._epoch = 0.0
        self._ramp_until = float("inf")  # not before the first packet
        self._lossy_until = 0.0
        self._due = 0.0
        self._count = 0

    def settled(self, now: float) -> bool:
        """Whether the sender has found its rate and loses nothing, so that it needs to be told less often."""
        return now >= max(self._ramp_until, self._lossy_until)

    def due(self, now: float) -> bool:
        """Whether it is time for messages, if packets came."""
        return now >= self._due

    def add(self, number: int, arrival: float) -> None:
        """A packet with this 16-bit transport-wide number arrived (monotonic seconds)."""
        numbers = self._numbers
        if len(numbers) < _MAX_PENDING:
            numbers.append(number)
            self._arrivals.append(arrival)

    def messages(self, media_ssrc: int, now: float) -> list[bytes]:
        """The RTCP messages due at `now`, usually none or one."""
        if now < self._due or not self._numbers:
            return []
        numbers, self._numbers = self._numbers, []
        arrivals, self._arrivals = self._arrivals, []
        if not self._begun:
            self._begun = True
            self._next += numbers[0]
            self._epoch = arrivals[0] - 1.0
            self._ramp_until = arrivals[0] + _RAMP
        base = self._next
        first = base & 0xFFFF
        statuses: list[float | None]
        places = [number - first & 0xFFFF for number in numbers]
        if sorted(places) == list(range(len(places))):  # nothing is missing, as nearly always
            arrived = dict(zip(places, arrivals, strict=True))
            statuses = [arrived[place] for place in range(len(places))]
            self._next = base + len(numbers)
        else:
            base, statuses = self._sort_out(numbers, arrivals)
            if None in statuses:
                self._lossy_until = now + _LOSSY
        interval = _SPARSE if self.settled(now) else _FREQUENT
        self._due = max(self._due, now - interval) + interval  # on average exact, whatever the ticks
        out = []
        for at in range(0, len(statuses), _MAX_STATUSES):
            message = self._message(media_ssrc, base + at, statuses[at : at + _MAX_STATUSES])
            if message is not None:
                out.append(message)
        return out

    def _sort_out(self, numbers: list[int], arrivals: list[float]) -> tuple[int, list[float | None]]:
        """The extended number to begin with, and when each packet from there on arrived, None for what did not."""
        known: dict[int, float] = {}
        highest = self._next - 1
        begin = self._next
        for number, arrival in zip(numbers, arrivals, strict=True):
            index = highest + ((number - highest + 0x8000) & 0xFFFF) - 0x8000
            if abs(index - highest) > _MAX_GAP or index - begin > _MAX_SPAN:
                # the sender began anew, or wants us to list what never was
                known.clear()
                highest = begin = index = number + 0x10000
            elif index > highest:
                highest = index
            known[index] = arrival
        first, last = min(known), max(known)
        base = min(first, begin)
        self._next = max(begin, last + 1)
        return base, [known.get(index) for index in range(base, last + 1)]

    def _message(self, media_ssrc: int, base: int, statuses: list[float | None]) -> bytes | None:
        """None where nothing came: such losses are left to the next message's base."""
        epoch = self._epoch
        ticks = [None if at is None else round((at - epoch) * rtcp.CC_TICKS) for at in statuses]
        earliest = next((tick for tick in ticks if tick is not None), None)
        if earliest is None:
            return None
        self._count += 1
        return rtcp.transport_cc(1, media_ssrc, base, ticks, earliest, self._count - 1)
