"""A database whose commits fail."""

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
