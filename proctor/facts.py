"""What happened in a room and cannot be refused, kept until it is on the room's log.

A person asks again when the database fails for a moment; a camera that stalled, a segment that closed or a page that
went away does not. Such facts stand in one row for each room, are written in the order in which they happened, and are
tried again until they are written or the room closes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.room import Decision, Room
from proctor.regulation.refusal import Refusal

log = structlog.get_logger(__name__)

SERVER = "server"  # the actor of what happens of itself
MOST = 10_000  # an hour of 50 candidates whose cameras stall and resume every 30 s
_RETRY_SECONDS = 1.0
_LATE = timedelta(seconds=1)

Decide = Callable[[Room, datetime], Decision]


@dataclass(frozen=True)
class _Fact:
    who: str
    decide: Decide
    written: asyncio.Future[bool]


class Facts:
    """The facts of one room that are still to be written. `act` is the room's."""

    def __init__(self, room: str, act: Callable[[str, Decide], Awaitable[Any]], clock: Clock) -> None:
        self._room = room
        self._act = act
        self._clock = clock
        self._waiting: deque[_Fact] = deque()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, who: str, decide: Decide) -> asyncio.Future[bool]:
        """Have a fact written after those before it, however long that takes; a late entry says when it happened.

        The answer is whether it was written; one that was not is in the logs.
        """
        happened = self._clock.now()

        def late(room: Room, now: datetime) -> Decision:
            decision = decide(room, now)
            if now - happened < _LATE:
                return decision
            return Decision(tuple(e.happened(event, happened) for event in decision.events), decision.answer)

        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self._closing.is_set() or len(self._waiting) == MOST:
            log.error("a fact was lost", room=self._room, who=who, why="closing" if self._closing.is_set() else "full")
            written.set_result(False)
            return written
        self._waiting.append(_Fact(who, late, written))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name=f"facts {self._room}")
        return written

    async def close(self) -> None:
        """Try what waits once more, then stop."""
        self._closing.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while self._waiting:
            fact = self._waiting[0]
            last = self._closing.is_set()
            try:
                await self._act(fact.who, fact.decide)
            except Exception as error:
                if _for_good(error):
                    log.error("a fact was refused", room=self._room, who=fact.who, error=repr(error))
                elif last:
                    log.error("facts were lost", room=self._room, count=len(self._waiting), error=repr(error))
                    while self._waiting:
                        self._done(written=False)
                    return
                else:
                    log.warning("facts wait", room=self._room, count=len(self._waiting), error=repr(error))
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._closing.wait(), _RETRY_SECONDS)
                    continue
                self._done(written=False)
            else:
                self._done(written=True)

    def _done(self, *, written: bool) -> None:
        fact = self._waiting.popleft()
        if not fact.written.done():  # who waited for it may have gone
            fact.written.set_result(written)


def _for_good(error: Exception) -> bool:
    """Whether trying again cannot help: the rules refused it, or the room has another owner."""
    return isinstance(error, Refusal) and not (isinstance(error, ProctorError) and error.code == "closing")
