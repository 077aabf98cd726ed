"""Locks that tell when somebody waits, gates where somebody stops: for tests of acts that meet."""

from __future__ import annotations

import asyncio
from typing import Any


class AskedLock(asyncio.Lock):
    """A lock that tells when somebody has to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._waited = asyncio.Event()

    async def waited(self) -> None:
        """Wait until somebody waits."""
        await asyncio.wait_for(self._waited.wait(), 10)

    async def acquire(self) -> Any:
        if self.locked():
            self._waited.set()
        return await super().acquire()


class Gate:
    """Stops whoever calls one method of an object next, until it is opened."""

    def __init__(self, owner: Any, name: str) -> None:
        self._real, self._reached, self._opened = getattr(owner, name), asyncio.Event(), asyncio.Event()
        self._owner, self._name = owner, name
        setattr(owner, name, self)

    async def reached(self) -> None:
        """Wait until somebody stands at it."""
        await asyncio.wait_for(self._reached.wait(), 10)

    async def __call__(self, *given: Any) -> Any:
        setattr(self._owner, self._name, self._real)
        self._reached.set()
        await self._opened.wait()
        return await self._real(*given)

    def open(self) -> None:
        self._opened.set()
