"""A database whose commits fail, or take their time."""

from __future__ import annotations

import asyncio
import threading

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection


class FailingCommit:
    """Makes the next commits of an engine fail: before they reach the disk, or after."""

    def __init__(self, engine: Engine) -> None:
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self  # type: ignore[method-assign]
        self.failures: list[str] = []
        self._failed = threading.Event()  # commits are made in threads

    async def spent(self) -> None:
        """Wait until the next failure has come."""
        assert await asyncio.to_thread(self._failed.wait, 10)
        self._failed.clear()

    def __call__(self, connection: PoolProxiedConnection) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure != "before":
            self._commit(connection)
        if failure:
            self._failed.set()
            raise OSError(f"the disk failed {failure} the commit")


class HeldCommit:
    """Holds the next commit of an engine until `go_on`."""

    def __init__(self, engine: Engine) -> None:
        self._commit = engine.dialect.do_commit
        self._dialect = engine.dialect
        self._dialect.do_commit = self  # type: ignore[method-assign]
        self._reached, self._released = threading.Event(), threading.Event()

    async def reached(self) -> None:
        """Wait until a commit waits."""
        assert await asyncio.to_thread(self._reached.wait, 10)

    def go_on(self) -> None:
        self._released.set()

    def __call__(self, connection: PoolProxiedConnection) -> None:
        self._dialect.do_commit = self._commit  # type: ignore[method-assign]
        self._reached.set()
        assert self._released.wait(10)
        self._commit(connection)
