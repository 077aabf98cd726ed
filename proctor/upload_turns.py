"""Requests about one file of the work, one at a time: asking, bringing bytes, taking it away.

A connection may die without a word, and its request would then be read from for as long as the system believes in it.
So whoever comes next makes the one before stop reading: what came is kept, and the next goes on from there. Past the
reading, where a whole file is hashed and told to the ledger, the one before is waited for: nobody is told of a file
whose fate is just being decided.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from proctor.errors import ProctorError

WAIT_SECONDS = 10.0
"""How long one request waits for another, which may wait for a worker behind large jobs."""


class _Place:
    """Where the requests about one file wait, in the order in which they came."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.there = 0  # with the one whose turn it is
        self.reading: asyncio.Timeout | None = None


class Turn:
    """The turn of one request, as long as it lasts."""

    def __init__(self, place: _Place) -> None:
        self._place = place

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read within it what may never end. Raises TimeoutError once somebody else waits."""
        try:
            async with asyncio.timeout(0 if self._place.there > 1 else None) as self._place.reading:
                yield
        finally:
            self._place.reading = None


class Turns:
    """The turns of all files."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    def taken(self, file: str) -> bool:
        """Whether a request about the file is under way."""
        return file in self._places

    @contextlib.asynccontextmanager
    async def of(self, file: str) -> AsyncIterator[Turn]:
        """Have the turn of a file. Raises ProctorError `upload_busy` after WAIT_SECONDS."""
        place = self._places.setdefault(file, _Place())
        place.there += 1
        try:
            if place.reading is not None and not place.reading.expired():
                place.reading.reschedule(asyncio.get_running_loop().time())
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    await place.lock.acquire()
            except TimeoutError:
                raise ProctorError("upload_busy") from None
            try:
                yield Turn(place)
            finally:
                place.lock.release()
        finally:
            place.there -= 1
            if not place.there:
                del self._places[file]
