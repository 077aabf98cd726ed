"""One commit for the entries of several logs: all of them are durable, or none.

Each actor decides, links and applies for itself; what it would append waits here for the others, and goes to the
writer together. So an act in several rooms, and on the office's log, is never found half done, whenever the server is
killed. It works among the logs of one process; they must not be waiting for one another otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from proctor.errors import ProctorError
from proctor.ledger.chain import Entry
from proctor.ledger.writer import Append, Writer

T = TypeVar("T")


async def all_or_none(writer: Writer, *works: Callable[[Append], Awaitable[Any]]) -> None:
    """Run `works`, each of which appends once by what it is given, as the parties of one commit.

    Raises what the first of them failed with by itself; the others end with it.
    """
    joint = Joint(writer, len(works))
    ends = await asyncio.gather(*(joint.party(work) for work in works), return_exceptions=True)
    failed = [end for end in ends if isinstance(end, BaseException)]
    for end in sorted(failed, key=lambda end: getattr(end, "code", "") == "closing"):  # as the others end with it
        raise end


class Joint:
    """Of so many `parties`, each of which appends once."""

    def __init__(self, writer: Writer, parties: int) -> None:
        self._writer = writer
        self._awaited = parties
        self._entries: list[Entry] = []
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def party(self, work: Callable[[Append], Awaitable[T]]) -> T:
        """Run one party's `work`, which is given what it appends by. Who ends without it takes the others along:
        their appends raise ProctorError `closing`."""
        came = False

        async def append(new: Sequence[Entry]) -> None:
            nonlocal came
            came = True
            await self._append(new)

        try:
            return await work(append)
        finally:
            if not came:
                self._end(ProctorError("closing"))

    async def _append(self, new: Sequence[Entry]) -> None:
        self._entries += new
        self._awaited -= 1
        if self._awaited or self._done.done():
            await asyncio.shield(self._done)
            return
        try:
            await self._writer.append(self._entries)
        except BaseException as error:
            self._end(error)
            raise
        self._done.set_result(None)

    def _end(self, error: BaseException) -> None:
        if not self._done.done():
            self._done.set_exception(error)
            self._done.exception()  # nobody may be waiting
