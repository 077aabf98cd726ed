"""The timer of one room: it acts on the time at each boundary of the schedule, and whenever one became another.

How a deadline found somebody has to be known before it is acted on: who is still to be heard of is waited for
(heard.py), and where this process stood still over it (pulse.py), what came in meanwhile is taken first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.decisions import presence, timing
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting
from proctor.facts import SERVER
from proctor.heard import Heard
from proctor.ledger.actor import RoomActor
from proctor.pulse import Pulse
from proctor.signalling.exchange import Push, room_pushes

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 1.0


class RoomTimer:
    """Of one room. `push` tells its pages."""

    def __init__(
        self, actor: RoomActor[Room, e.Event], *, clock: Clock, pulse: Pulse, push: Callable[[Push], None]
    ) -> None:
        self.heard = Heard(clock, self.look)
        self._actor = actor
        self._clock = clock
        self._pulse = pulse
        self._push = push
        self._standstills = pulse.look().number  # answered for
        self._rescheduled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch_time(), name=f"timer {self._actor.room}")

    def look(self) -> None:
        """Something about the time is otherwise than it was: look now, not at the next boundary."""
        self._rescheduled.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def came_at(self, candidate: str) -> datetime:
        """When what just comes in from this candidate came: now, or, if this process stood still over a deadline of the
        candidate's and what waited for it is being taken, at that deadline."""
        known = self._actor.state.sittings.get(candidate)
        return max(self._stood_still_over(known), default=self._clock.now()) if known else self._clock.now()

    def _stood_still_over(self, known: Sitting) -> list[datetime]:
        """The deadlines of a candidate over which this process stood still, while what waited for it is being taken."""
        since, now, room = self._pulse.waiting()[0], self._clock.now(), self._actor.state
        deadlines = [room.deadline(known), *([room.awaited_until(known)] if known.awaited else [])]
        return [deadline for deadline in deadlines if since <= deadline < now]

    async def _after_a_standstill(self) -> None:
        standstill = self._pulse.look()
        if standstill.number != self._standstills:
            await self._actor.act(SERVER, lambda room, now: presence.was_frozen(room, now, standstill.since))
            self._standstills = standstill.number

    async def _hear_who_waits(self) -> None:
        """If this process stood still over a deadline, let first be taken what came in meanwhile."""
        while any(self._stood_still_over(known) for known in self._actor.state.sittings.values()):
            await asyncio.sleep(self._pulse.waiting()[1])

    async def _watch_time(self) -> None:
        """Wake at each boundary of the schedule, and when it changed. A failure (a full disk) is tried again: the paper
        has to come out."""
        looked_at = self._clock.now()

        def look(room: Room, now: datetime) -> Decision:
            nonlocal looked_at
            looked_at = now
            return timing.pass_time(room, now, self.heard.look(room, now))

        while True:
            self._rescheduled.clear()
            try:
                await self._hear_who_waits()
                await self._after_a_standstill()
                await self._actor.act(SERVER, look)
            except Exception as error:
                if self._actor.state.removed or (isinstance(error, ProctorError) and error.code == "not_owner"):
                    return
                log.exception("the timer's act failed", room=self._actor.room)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            for push in room_pushes(self._actor.state, self._clock.now()):
                self._push(push)
            # After the moment that was looked at: while the act was written, the next boundary may have gone by.
            boundary = timing.next_boundary(self._actor.state, looked_at)
            if boundary is None and self._actor.state.hold is None and not self.heard.waited_for:
                return
            boundary = min(filter(None, (boundary, self.heard.until)), default=None)
            waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._rescheduled.wait())]
            if boundary is not None:
                waits.append(asyncio.ensure_future(self._clock.sleep_until(boundary)))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
