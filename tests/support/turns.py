"""Whose turn it is, when several processes share the suite.

A test marked `measured` holds a bar of time, which what runs beside it could break: it waits until the other processes
have ended their tests, and they wait for it and for those that follow it. The others run beside one another. A long
test of which a part holds a bar is not marked: it goes into that part `alone`. Of all those, marked or not, one runs at
a time: what a test has started goes on while it waits, and would break another's bar.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from io import TextIOWrapper
from pathlib import Path

import pytest

Alone = Callable[[], AbstractAsyncContextManager[None]]  # what the fixture `alone` gives


class Turns:
    """The turn of this process, kept in three files that all processes of a run lock, in this order: `bars`, `queue`,
    `turn`."""

    def __init__(self) -> None:
        self._shared: Path | None = None  # the folder that all processes of the run see
        self._bars: TextIOWrapper | None = None  # held for the whole of a test with a bar
        self._held: TextIOWrapper | None = None
        self._alone = False

    def take(self, item: pytest.Item) -> None:
        """Wait until `item` may run. Nothing waits when one process runs the suite."""
        alone = item.get_closest_marker("measured") is not None
        if not hasattr(item.config, "workerinput") or (self._held and self._alone and alone):
            return
        self._shared = Path(item.config.getoption("basetemp")).parent
        if alone or "alone" in getattr(item, "fixturenames", ()):
            self._bars = (self._shared / "bars").open("w")
            fcntl.flock(self._bars, fcntl.LOCK_EX)
        self._wait(alone)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """What is done in here holds a bar of time: the other processes end their tests first, and then wait.

        The test gives up its own turn before it asks for the other. Only one can: that takes `bars`.
        """
        if self._held is None or self._alone:
            yield
            return
        self._held.close()
        await asyncio.to_thread(self._wait, alone=True)
        try:
            yield
        finally:
            self._alone = False
            await asyncio.to_thread(fcntl.flock, self._held, fcntl.LOCK_SH)  # another's turn may come between

    def _wait(self, alone: bool) -> None:
        assert self._shared
        with (self._shared / "queue").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)  # kept while waiting, so that nobody overtakes who waits to be alone
            self._held, self._alone = (self._shared / "turn").open("w"), alone
            fcntl.flock(self._held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def give_back(self, following: pytest.Item | None) -> None:
        """The test is over; a turn alone goes on while `following` is measured too."""
        if self._held and not (self._alone and following and following.get_closest_marker("measured")):
            self._held.close()
            self._held = None
            if self._bars:
                self._bars.close()
                self._bars = None
