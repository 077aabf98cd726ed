"""Pictures of candidates for a wall whose network carries no moving ones (`Level.STILLS`): small JPEGs of keyframes.

One is made for all who ask, in a worker process, and stands for a few seconds; nobody's is made that nobody asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple


class WallPicture(NamedTuple):
    """`taken_at` is when its keyframe came, an aware datetime."""

    jpeg: bytes
    taken_at: datetime


class WallPictures:
    """The newest picture of each candidate of a room."""

    def __init__(
        self, take: Callable[[str], Awaitable[WallPicture]], clock: Callable[[], float], seconds: float
    ) -> None:
        """`take` makes a picture; it stands for `seconds` of monotonic `clock` from when it was asked for."""
        self._take = take
        self._clock = clock
        self._seconds = seconds
        self._newest: dict[str, tuple[float, asyncio.Future[WallPicture]]] = {}

    async def of(self, candidate: str) -> WallPicture:
        """Raises as `take` does: one that failed is not tried again before its time either."""
        asked_at, taking = self._newest.get(candidate, (float("-inf"), None))
        now = self._clock()
        if taking is None or now - asked_at > self._seconds:
            taking = asyncio.ensure_future(self._take(candidate))
            taking.add_done_callback(_seen)
            self._newest[candidate] = now, taking
        return await asyncio.shield(taking)  # who asks may go away, the others wait for it

    def forget(self, candidate: str) -> None:
        """The candidate has left the room; whoever waits is answered."""
        self._newest.pop(candidate, None)


def _seen(taking: asyncio.Future[WallPicture]) -> None:
    """Nobody may be left who waits for it."""
    if not taking.cancelled():
        taking.exception()
