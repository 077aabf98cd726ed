"""The packets that one incoming picture lacks, and when to ask for each of them (RFC 4585 section 6.2.1).

A hole is asked about after a moment in which packets that overtook one another may still fill it, and again at growing
intervals, since the request or the retransmission may itself be lost. What has not come after `GIVEN_UP_AFTER` is not
coming: who sends keeps about a second of packets, and only a keyframe leads on. Bounded: at most `MOST` are awaited at
a time, and a longer hole is not asked about at all.
"""

from __future__ import annotations

ASKED_AFTER = (0.02, 0.1, 0.3, 0.7, 1.1)
"""Seconds after a hole was found at which it is asked about."""

GIVEN_UP_AFTER = 1.5
KEPT_BY_SENDERS = 1.0  # seconds for which they can send a packet again, or a little longer
MOST = 256  # packets


class Losses:
    """Numbers are extended sequence numbers as the sender counts, in any order."""

    __slots__ = ("_awaited", "_due", "given_up", "recovered")

    def __init__(self) -> None:
        self.recovered = 0
        self.given_up = 0
        self._awaited: dict[int, tuple[float, int]] = {}  # number -> (found missing at, times asked)
        self._due = float("inf")  # when the next one has to be asked about, or given up

    def __len__(self) -> int:
        return len(self._awaited)

    def found(self, first: int, end: int, now: float) -> bool:
        """A hole from `first` up to and without `end` was found. False if it is too long to be asked about: all is
        given up then."""
        if len(self._awaited) + end - first > MOST:
            self.given_up += end - first
            self.give_up()
            return False
        for number in range(first, end):
            self._awaited[number] = (now, 0)
        self._due = min(self._due, now + ASKED_AFTER[0])
        return True

    def give_up(self) -> None:
        """Await nothing any more."""
        self.given_up += len(self._awaited)
        self._awaited.clear()
        self._due = float("inf")

    def came(self, number: int) -> bool:
        """Whether `number` was awaited; it is no more."""
        if self._awaited.pop(number, None) is None:
            return False
        self.recovered += 1
        return True

    def due(self, now: float) -> tuple[list[int], bool]:
        """The numbers to ask about now, and whether some were given up."""
        if now < self._due:
            return [], False
        asked, gone = [], []
        self._due = float("inf")
        for number, (since, times) in self._awaited.items():
            if now - since >= GIVEN_UP_AFTER:
                gone.append(number)
                continue
            if times < len(ASKED_AFTER) and now - since >= ASKED_AFTER[times]:
                asked.append(number)
                # Of a hole that was found late, as in packets that were opened later, several times may be past.
                times += sum(now - since >= after for after in ASKED_AFTER[times:])
                self._awaited[number] = (since, times)
            after = ASKED_AFTER[times] if times < len(ASKED_AFTER) else GIVEN_UP_AFTER
            self._due = min(self._due, since + after)
        for number in gone:
            del self._awaited[number]
        self.given_up += len(gone)
        return asked, bool(gone)
