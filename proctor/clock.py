"""The server's clock, the only one that counts.

Server time is an anchor, read once from the system clock at start, plus the monotonic clock. A later step of the
system clock (NTP, a person, a virtual machine resumed) moves no deadline; `step_seconds` tells how far the two
have parted so that an alarm can be raised. A clock that was set back while no server ran shows by what is on record:
`set_back_since`.

Rooms never sleep on their own: they ask `sleep_until`, so that a test can hand in a clock it moves by hand.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

STEP_SECONDS = 1.0  # beyond it a clock was moved; below it, it was slewed or was a little off


class Clock(Protocol):
    """What the rest of the house needs of time."""

    def now(self) -> datetime:
        """Server time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never jump, comparable with `at_monotonic`."""

    def at_monotonic(self, monotonic: float) -> datetime:
        """The server time of a monotonic reading (for packets stamped on arrival)."""

    async def sleep_until(self, moment: datetime) -> None:
        """Return at or after `moment`."""

    def step_seconds(self) -> float:
        """How far the system clock has stepped away since the start; beyond a second something moved it."""


class ServerClock:
    """Anchor plus monotonic."""

    def __init__(self) -> None:
        self._anchor = datetime.now(UTC)
        self._anchor_monotonic = time.monotonic()

    def now(self) -> datetime:
        return self.at_monotonic(time.monotonic())

    def monotonic(self) -> float:
        return time.monotonic()

    def at_monotonic(self, monotonic: float) -> datetime:
        return self._anchor + timedelta(seconds=monotonic - self._anchor_monotonic)

    async def sleep_until(self, moment: datetime) -> None:
        while (left := (moment - self.now()).total_seconds()) > 0:
            await asyncio.sleep(left)

    def step_seconds(self) -> float:
        return (datetime.now(UTC) - self.now()).total_seconds()


async def set_back_since(clock: Clock, recorded: datetime) -> float:
    """By how many seconds `recorded`, written when it was now, lies ahead of the clock: 0.0 unless it was set back.

    What is too little for an alarm is waited out, so that no later record has an earlier time.
    """
    ahead = (recorded - clock.now()).total_seconds()
    if ahead > STEP_SECONDS:
        return ahead
    await clock.sleep_until(recorded)
    return 0.0
