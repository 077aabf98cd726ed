"""Acts on one exam, one at a time; acts on several rooms, all decided before any of them is done.

What publication rests on (plan, times, rooms, paper and its confirmation) is changed by whoever holds the exam's lock,
and looked at within it; a draft that was removed is found by nobody there. Rooms decide for themselves, at any moment:
an act of the office that must find them as it saw them, until it stands on the office's log and on theirs, holds them
for that long by `together`.

Locks are taken in this order: the exam's, then one of a use case, then the rooms'.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Protocol

from proctor.errors import ProctorError
from proctor.exam.room import Decision, Room
from proctor.ledger.actor import Acknowledgement
from proctor.ledger.writer import Append
from proctor.live_room import LiveRoom


class ExamLocks:
    """One lock for each exam. `removed` tells which exams were removed, as the office's log has it."""

    def __init__(self, removed: Callable[[], Collection[str]]) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._removed = removed

    @contextlib.asynccontextmanager
    async def of(self, exam: str) -> AsyncIterator[None]:
        """Within it an exam is this act's alone: for every act that changes what its publication rests on.

        Raises ProctorError `not_found` for one that was removed, also if its rows are still there: the next start
        takes them away, with whatever was added to them.
        """
        async with self._locks[exam]:
            if exam in self._removed():
                raise ProctorError("not_found", what="exam")
            yield

    def to_remove(self, exam: str) -> asyncio.Lock:
        """The same for the removal itself, which is said again to bring it to its end."""
        return self._locks[exam]


class Act(Protocol):
    """Takes a decision in a room that is held."""

    def __call__(
        self, live: LiveRoom, who: str, decide: Callable[[Room, datetime], Decision], append: Append | None = None
    ) -> Awaitable[Acknowledgement[Room]]: ...


@contextlib.asynccontextmanager
async def together(rooms: Iterable[LiveRoom]) -> AsyncIterator[Act]:
    """Hold rooms: what is seen of them stays true until the block acts in them, by what it is given here.

    It is short, since everybody in the rooms waits, and awaits nothing that waits for a decision in one of them.
    Raises ProctorError `not_found` for a room that was removed meanwhile, and as `RoomActor.alone`.
    """
    async with contextlib.AsyncExitStack() as stack:
        acts: dict[str, Callable[..., Awaitable[Any]]] = {}
        for live in sorted(rooms, key=lambda each: each.room):  # everybody in the same order, or two wait for ever
            acts[live.room] = await stack.enter_async_context(live.actor.alone())
            if live.state.removed:  # nothing follows on its log
                raise ProctorError("not_found", what="room")

        def act(
            live: LiveRoom, who: str, decide: Callable[[Room, datetime], Decision], append: Append | None = None
        ) -> Awaitable[Any]:
            return acts[live.room](who, decide, append)

        yield act
