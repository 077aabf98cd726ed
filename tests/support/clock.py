"""A clock that tests move by hand."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 in Hanoi


class SteppedClock:
    """Stands still, or flows with real time, from `start`; `advance` jumps and wakes whoever waits for a moment."""

    def __init__(self, start: datetime = MORNING, *, flowing: bool = False) -> None:
        self._base = start
        self._anchor = time.monotonic()
        self._flowing = flowing
        self._moved = asyncio.Event()
        self.stepped = 0.0  # what the system clock did, which must not matter
        self.monotonic_ahead = 0.0  # seconds in which nothing happened

    def step_seconds(self) -> float:
        return self.stepped

    def now(self) -> datetime:
        return self.at_monotonic(time.monotonic())

    def monotonic(self) -> float:
        return time.monotonic() + self.monotonic_ahead

    def at_monotonic(self, monotonic: float) -> datetime:
        return self._base + timedelta(seconds=monotonic - self._anchor if self._flowing else 0.0)

    def advance(self, **amount: float) -> None:
        """Jump by a timedelta's keywords."""
        self._base += timedelta(**amount)
        self._moved.set()
        self._moved = asyncio.Event()

    def jump_to(self, moment: datetime) -> None:
        self.advance(seconds=(moment - self.now()).total_seconds())

    async def sleep_until(self, moment: datetime) -> None:
        while (left := (moment - self.now()).total_seconds()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left if self._flowing else None):  # wait_for may swallow a cancellation
                    await moved.wait()
            except TimeoutError:
                continue
