"""Who is in a room: its staff, who may be there with several pages, and the pages of its candidates.

While somebody of the staff looks, vitals are told every second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from proctor.exam import events as e
from proctor.exam.decisions import presence
from proctor.exam.room import Decision, Room
from proctor.facts import Facts
from proctor.heard import Heard
from proctor.ledger.actor import RoomActor
from proctor.room_media import RoomMedia
from proctor.signalling.exchange import Push

_VITALS_SECONDS = 1.0


class RoomPresence:
    """Of one room. `push` tells its pages, `vitals` says how media and recording are doing."""

    def __init__(
        self,
        actor: RoomActor[Room, e.Event],
        *,
        facts: Facts,
        heard: Heard,
        media: RoomMedia,
        vitals: Callable[[], dict[str, Any]],
        push: Callable[[Push], None],
    ) -> None:
        self._actor = actor
        self._facts = facts
        self._heard = heard
        self._media = media
        self._vitals = vitals
        self._push = push
        self._connections: Counter[str] = Counter()  # of members of staff
        self._watchers = 0
        self._telling: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def enter_staff(self, person: str, role: Any, full_name: str) -> None:
        """One more connection of a member of staff."""
        self._connections[person] += 1
        try:
            await self._actor.act(person, lambda room, now: presence.enter_staff(room, now, person, role, full_name))
        except BaseException:
            self._connections[person] -= 1
            self._left(person)  # the entry may be on the log although this connection does not stand
            raise
        self._watchers += 1
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_vitals())

    async def leave_staff(self, person: str) -> None:
        """One connection less; the last one is the person leaving."""
        self._connections[person] -= 1
        self._watchers -= 1
        if self._watchers == 0 and self._telling is not None:
            self._telling.cancel()
            self._telling = None
        if self._connections[person] <= 0:
            del self._connections[person]
            await self._left(person)

    def _left(self, person: str) -> asyncio.Future[bool]:
        def decide(room: Room, now: datetime) -> Decision:
            if self._connections[person] > 0:  # back before it was written
                return Decision()
            return presence.leave_staff(room, now, person)

        return self._facts.add(person, decide)

    def hear(self, candidate: str, epoch: int) -> None:
        """A message of the page of `epoch` came in."""
        if known := self._actor.state.sittings.get(candidate):
            self._heard.hear(known, epoch)

    async def before_connecting(self, candidate: str, epoch: int) -> None:
        """The page of `epoch` is about to be connected. If the one before has been silent, it was away since."""
        known = self._actor.state.sittings.get(candidate)
        if known is None or epoch != known.epoch:
            return
        before = known.connected_epoch
        if since := self._heard.silent_since(known, before):
            await self._facts.add(
                candidate,
                lambda room, now: presence.disconnect_candidate(room, now, candidate, before, "silent", since),
            )

    async def leave_candidate(self, candidate: str, epoch: int, reason: str) -> None:
        """A candidate's page went away. Work handed in and page gone: the recording of this sitting is complete."""
        known = self._actor.state.sittings.get(candidate)
        since = self._heard.silent_since(known, epoch) if known else None
        await self._facts.add(
            candidate, lambda room, now: presence.disconnect_candidate(room, now, candidate, epoch, reason, since)
        )
        known = self._actor.state.sittings.get(candidate)
        if known and known.submitted_at and not known.connected:
            await self._media.end(candidate)

    async def _tell_vitals(self) -> None:
        """Telemetry for staff, every second while one looks; not part of the log."""
        while True:
            await asyncio.sleep(_VITALS_SECONDS)
            self._push(Push("staff", "vitals", self._vitals()))
