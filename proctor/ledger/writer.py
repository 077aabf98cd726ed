"""Group commit: one thread writes the entries of all rooms, as many as wait in one transaction.

`append` returns once the entries are on disk (the engine's connections are `synchronous=FULL`, see
`proctor.store.engine`). The thread only makes database calls, which release the interpreter lock while they wait for
the disk. When a transaction fails as a whole its parts are tried one by one, so that one room's fault (an owner that
was replaced) is not another room's.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert

from proctor.errors import ProctorError
from proctor.ledger.chain import Entry
from proctor.ledger.tables import entries, entry_row, payload_row, payloads, read

_MOST_PER_COMMIT = 256

Append = Callable[[Sequence[Entry]], Awaitable[None]]
"""Return when the entries, in order, are durable; see `Writer.append`."""


@dataclass(frozen=True)
class _Request:
    entries: Sequence[Entry]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class Writer:
    """The writer thread and its queue."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()
        self._closed = False
        self.commits = 0

    async def append(self, new: Sequence[Entry]) -> None:
        """Return when `new`, in order, are durable.

        Raises sqlalchemy.exc.SQLAlchemyError when the database says that they are not. It can be wrong: a commit may
        reach the disk and its success not us; `stored_after` tells. Raises ProctorError `closing` after `close`.
        """
        if self._closed:
            raise ProctorError("closing")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Request(new, loop, done))
        await asyncio.shield(done)

    async def stored_after(self, room: str, seq: int) -> list[Entry]:
        """The entries of a room after number `seq` that are on disk."""
        return await asyncio.to_thread(lambda: list(read(self._engine, room, seq)))

    def close(self) -> None:
        """Write what waits, then end the thread."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while not closing:
            requests: list[_Request] = []
            item = self._queue.get()
            while item is not None:
                requests.append(item)
                if len(requests) == _MOST_PER_COMMIT:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            closing = item is None
            if requests:
                self._commit(requests)

    def _commit(self, requests: list[_Request]) -> None:
        try:
            with self._engine.begin() as connection:
                for request in requests:
                    _insert(connection, request.entries)
        except Exception as error:  # whatever it is, the thread lives on: all rooms wait for it
            if len(requests) == 1:
                _answer(requests, error)
                return
            for request in requests:
                self._commit([request])
        else:
            self.commits += 1
            _answer(requests, None)


def _insert(connection: Connection, new: Sequence[Entry]) -> None:
    connection.execute(insert(entries), [entry_row(entry) for entry in new])
    connection.execute(insert(payloads), [payload_row(entry) for entry in new])


def _answer(requests: list[_Request], error: Exception | None) -> None:
    for loop in {request.loop for request in requests}:
        mine = [request.done for request in requests if request.loop is loop]
        try:
            loop.call_soon_threadsafe(_resolve, mine, error)
        except RuntimeError:  # the loop is gone, so is everyone who waited on it
            continue


def _resolve(futures: list[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
