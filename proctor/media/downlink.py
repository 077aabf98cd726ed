"""What the network of a viewer carries, told by the viewer's transport-wide feedback, and how much to leave out for it.

Every packet to a viewer gets a number of one sequence (`Downlink.depart`), and the viewer tells when each arrived. Two
signs count, each over a window of `WINDOW` seconds: a standing queue, which is how much later than the quickest of the
last half minute even the quickest packet of the window came; and losses beyond `LOSSY`, what radio alone loses being
below.

What can be left out is a ladder (`Level`), since pictures come in few sizes. On a sign of congestion the downlink steps
to the first level that what arrived would suffice for. When nothing was wrong for a while it tries the level above; if
congestion comes of that, it goes back and waits twice as long for the next try (the join experiments of receiver-driven
layered multicast, McCanne, Jacobson and Vetterli, 1996). So it needs neither padding to probe with nor a model of the
network, and ends at the level that the network carries. Sound of the focused candidate is on every level.

A viewer whose address changes is at another network or at none that it knew: what was found of the way before is
forgotten, or a longer way would be taken for a queue, and what went to the old address for losses. The level stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from proctor.media.rtcp import CC_TICKS, TransportFeedback
from proctor.token_bucket import TokenBucket


class Level(IntEnum):
    """What a viewer is sent; each leaves out more than the one before."""

    ALL = 0
    SMALL_FOCUS = 1  # the focus as small as a tile
    HALF_RATE = 2  # tiles without their highest temporal layer
    QUARTER_RATE = 3  # tiles of their lowest temporal layer alone
    STILLS = 4  # no moving tiles
    SOUND = 5  # no moving focus either


WINDOW = 0.5  # seconds that are judged together
QUEUE = 0.1  # seconds of a standing queue that are too many
LOSSY = 0.15  # share, over about two seconds
PATIENCE, MOST_PATIENCE = 5.0, 120.0  # seconds of quiet before the level above is tried
_NEWEST = 0.3  # weight of a window in the losses
_HELPED = 0.7  # of the losses before are left where it helped to send less
_BLAME = 10.0  # seconds after a try in which congestion is put down to it
_ROOM = 0.85  # of what arrived: the rest empties the queue
_OUTAGE = 0.5  # seconds of which nothing arrived at all: that is no congestion
_FLOOR_SECONDS = 15.0  # the quickest packet is that of one to two such spans
_NO_QUEUE, _SHRUNK = 20.0, 0.05  # what stands before sound alone for so many seconds, no shorter by so many, is none
_FEW, _LONGEST = 10, 2.0  # packets that tell little, unless they are all of so many seconds
_KEPT = 4096  # departures, several seconds of a full wall; a power of two
_WRAP = 1 << 32


class Downlink:
    __slots__ = (
        "_arrived", "_at", "_changed_at", "_clock", "_counts_from", "_floor", "_floor_before", "_floor_since",
        "_forgotten", "_from", "_lossy", "_lost", "_lost_then", "_next", "_octets", "_patience", "_queue_before",
        "_quickest", "_sent_before", "_sizes", "_stood", "_stood_since", "_ticks", "_told", "_tried_at", "_way_from",
        "_wrong_at", "level",
    )  # fmt: skip

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` shows monotonic seconds."""
        now = clock()
        self.level = Level.ALL
        self._clock = clock
        self._told = TokenBucket(30, 30, now)  # messages; browsers send 20 a second at most
        self._next = 0
        self._at = [0.0] * _KEPT
        self._sizes = [0] * _KEPT
        self._ticks = 0  # of the last arrival, without its wraps
        self._changed_at = self._wrong_at = float("-inf")
        self.begin_way()

    def begin_way(self) -> None:
        """From now on packets go another way."""
        now = self._clock()
        self._way_from = self._next  # what was sent before went elsewhere
        self._floor = self._floor_before = float("inf")
        self._floor_since = now
        self._patience = PATIENCE
        self._tried_at = float("-inf")
        self._stood, self._stood_since = 0.0, now
        self._lost_then = 0.0  # share lost when a level was left for losses alone
        self._begin_level()
        self._begin_window(now)

    def _begin_level(self) -> None:
        """What was sent before tells nothing of it."""
        self._counts_from = self._next
        self._queue_before = float("inf")
        self._lossy = 0.0

    def _begin_window(self, now: float) -> None:
        self._from = now
        self._sent_before = self._next
        self._arrived = self._lost = self._octets = 0
        self._forgotten = False  # what is told now was sent so long ago that nothing is known of it
        self._quickest = float("inf")

    def depart(self, size: int) -> int:
        """The number, of 16 bits, of a packet of `size` bytes that goes out now."""
        number = self._next
        self._next = number + 1
        place = number & _KEPT - 1
        self._at[place] = self._clock()
        self._sizes[place] = size
        return number & 0xFFFF

    def listens(self, now: float) -> bool:
        """Whether another message is read at `now`; each is counted."""
        return self._told.take(now)

    def heard(self, feedback: TransportFeedback) -> None:
        """Take what the viewer tells of arrivals."""
        ahead = self._next - feedback.base & 0xFFFF
        first = self._next - ahead  # the last one sent that has this number
        if ahead == 0 or first < 0 or len(feedback.arrivals) > ahead:
            return  # of what never was
        if ahead - len(feedback.arrivals) >= _KEPT:
            self._forgotten |= first + len(feedback.arrivals) > self._way_from
            return
        forgotten = max(0, ahead - _KEPT)
        missing, since = 0, 0.0  # one after the other, and when the first of them left
        for number, arrival in enumerate(feedback.arrivals[forgotten:], first + forgotten):
            place = number & _KEPT - 1
            if arrival is not None:
                self._ticks += (arrival - self._ticks + _WRAP // 2) % _WRAP - _WRAP // 2
            if number < self._counts_from:
                continue
            left_at = self._at[place]
            if arrival is None:
                since = since if missing else left_at
                missing += 1
                continue
            if left_at - since < _OUTAGE:
                self._lost += missing
            missing = 0
            self._quickest = min(self._quickest, self._ticks / CC_TICKS - left_at)
            self._arrived += 1
            self._octets += self._sizes[place]
        self._lost += missing

    def judge(self, now: float, demands: Callable[[], Sequence[float]]) -> bool:
        """Whether the level changes by what was heard up to `now`. `demands` gives the kbit/s of each level."""
        span = now - self._from
        arrived, lost = self._arrived, self._lost
        if span < WINDOW or (arrived + lost < _FEW and span < _LONGEST):
            return False
        kbps = self._octets * 8 / 1000 / span
        queue, before = self._queue(now) if arrived else 0.0, self._queue_before
        nothing_sent, forgotten = self._next == self._sent_before, self._forgotten
        self._begin_window(now)
        if forgotten:
            self._wrong_at = now
            return self._step_down(now, 0.0, demands())
        if not arrived:  # an outage is no reason to send less when it is over
            return nothing_sent and self._is_right(now)
        self._queue_before = queue
        self._lossy += _NEWEST * (lost / (arrived + lost) - self._lossy)
        if queue <= QUEUE and self._lossy <= LOSSY:
            return self._is_right(now)
        self._wrong_at = now
        if queue > QUEUE and queue < before:
            return False  # it empties already
        if queue <= QUEUE:
            if self._lost_then and self._lossy > _HELPED * self._lost_then:
                return False  # such losses are the network's own
            self._lost_then = self._lossy
        return self._step_down(now, kbps, demands())

    def _queue(self, now: float) -> float:
        """Seconds that the quickest packet of the window waited on its way."""
        self._floor = min(self._floor, self._quickest)
        queue = self._quickest - min(self._floor, self._floor_before)
        if now - self._floor_since > _FLOOR_SECONDS and queue <= QUEUE / 2:  # one that stands is not forgotten
            self._floor_before, self._floor = self._floor, self._quickest
            self._floor_since = now
        elif self.level is not Level.SOUND or queue < self._stood - _SHRUNK:
            self._stood, self._stood_since = queue, now
        elif queue > QUEUE and now - self._stood_since > _NO_QUEUE:
            # Sound alone would have let a queue empty: the way has become longer.
            self._floor = self._floor_before = self._quickest
            return 0.0
        return queue

    def _is_right(self, now: float) -> bool:
        quiet = now - max(self._changed_at, self._wrong_at)
        if self.level is Level.ALL:
            if quiet > MOST_PATIENCE:
                self._patience = PATIENCE
            return False
        if quiet < self._patience:
            return False
        self._lost_then = 0.0
        if self._tried_at > float("-inf"):  # the last try did well
            self._patience = max(self._patience / 2, PATIENCE)
        self._tried_at = now
        self._change(Level(self.level - 1), now)
        return True

    def _step_down(self, now: float, kbps: float, demands: Sequence[float]) -> bool:
        below = [level for level in Level if level > self.level]
        if now - self._tried_at < _BLAME:
            self._patience = min(2 * self._patience, MOST_PATIENCE)
            below = below[:1]  # where all was well
        self._tried_at = float("-inf")
        if not below:
            return False
        self._change(next((level for level in below if demands[level] <= _ROOM * kbps), below[-1]), now)
        return True

    def _change(self, level: Level, now: float) -> None:
        self.level = level
        self._changed_at = now
        self._begin_level()
        self._begin_window(now)
