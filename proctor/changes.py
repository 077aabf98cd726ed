"""Counts of what changed, for pages that have no socket: they ask what is new, and are answered when something is.

Who is in a room hears of everything through its socket. The office, those who support many rooms, and telephones look
at what a route answers; a held request (RFC 6202, long polling) tells them when to look again. A count says nothing
but that it is another one, so nothing is lost when a page asks too late, or asks a server that was started anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets

EVERYWHERE = ""


class Changes:
    """What changed in each room, and in the house as a whole."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._begun = secrets.randbits(32)  # so that counts of another process are others
        self._news = asyncio.Event()
        self._closed = False

    def tell(self, room: str = EVERYWHERE) -> None:
        """Something changed in `room`, or in what belongs to none. Either is a change of the whole."""
        for place in {room, EVERYWHERE}:
            self._counts[place] = self.count(place) + 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    def count(self, room: str = EVERYWHERE) -> int:
        return self._counts.get(room, self._begun)

    async def after(self, seen: int, seconds: float, room: str = EVERYWHERE) -> int:
        """The count, as soon as it is another one than `seen`; after `seconds` in any case."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.count(room) == seen and not self._closed:
                    await self._news.wait()
        return self.count(room)

    def close(self) -> None:
        """Answer everybody now, and from now on at once."""
        self._closed = True
        self._news.set()
