"""Whether this process runs, or stood still for a while: stopped, or on a machine that had no time for it.

A server that stood still took nothing from anybody, like one that was down; nobody may be late for it. Whoever acts on
the time looks here first, since the moment at which all wake again has no order. What came in meanwhile waited in the
sockets and is taken at once; for that long nobody is late for a deadline that passed meanwhile. While a machine is
suspended its monotonic clock stands too: then no time passes at the server, and the alarm of a clock that stepped tells
it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from proctor.clock import Clock

BEAT_SECONDS = 0.1
STALL_SECONDS = 0.3  # a shorter one nobody can tell from a network's delay
HEARING_SECONDS = 0.5  # for so long after a stall what comes in may have waited
_SAME_SECONDS = 0.05  # a clock that parts further from the process's seconds was set
STANDSTILL_SECONDS = 5.0  # longer than a busy machine makes anybody wait; pages wait for an answer as long


@dataclass(frozen=True)
class Standstill:
    """The newest time without a pulse that was long. `number` counts them; 0 stands for none yet."""

    number: int
    since: datetime
    until: datetime


class Pulse:
    """Measured by the seconds of the process, whatever clock a house is given; one that is set did not stand still."""

    def __init__(self, clock: Clock, seconds: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = seconds
        self._last, self._last_time = seconds(), clock.now()
        self._newest = Standstill(0, clock.now(), clock.now())
        self._stalled_since, self._stalled = clock.now(), self._last  # the beginning of the newest stall, or of a row
        self._heard_at = self._last  # by then what waited through the newest stall was taken

    async def beat(self) -> None:
        """For ever."""
        while True:
            self.look()
            await asyncio.sleep(BEAT_SECONDS)

    def look(self) -> Standstill:
        """The newest standstill, which may end right now. The pulse itself beats by it."""
        moment, now = self._seconds(), self._clock.now()
        silent, since, before = moment - self._last, self._last_time, self._last
        self._last, self._last_time = moment, now
        if silent > STANDSTILL_SECONDS:
            self._newest = Standstill(self._newest.number + 1, now - timedelta(seconds=silent), now)
        if silent > STALL_SECONDS and abs((now - since).total_seconds() - silent) < _SAME_SECONDS:
            # One stall more before what waited through the one before was taken; such a row is cut after a while.
            if before >= self._heard_at or moment - self._stalled > STANDSTILL_SECONDS:
                self._stalled_since, self._stalled = since, before
            self._heard_at = moment + HEARING_SECONDS
        return self._newest

    def waiting(self) -> tuple[datetime, float]:
        """Since when what comes in now may have waited for this process, and for how many seconds more that holds."""
        self.look()
        left = self._heard_at - self._last
        return (self._stalled_since, left) if left > 0 else (self._clock.now(), 0.0)
