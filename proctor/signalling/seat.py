"""A seat: one socket of a room, as its handlers see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from proctor.exam.room import Decision, Room
from proctor.signalling.messages import FromCandidate
from proctor.signalling.tickets import Grant
from proctor.token_bucket import TokenBucket

if TYPE_CHECKING:
    from proctor.ledger.actor import Acknowledgement
    from proctor.live_room import LiveRoom


@dataclass
class Seat:
    """`tell(message, body)` sends to this socket alone, in turn with the pushes of the room."""

    sid: str
    live: LiveRoom
    grant: Grant
    bucket: TokenBucket
    now: Callable[[], datetime]
    tell: Callable[[str, dict[str, Any]], None]
    subscriptions: set[str] = field(default_factory=set)
    ending: asyncio.Task[None] | None = None  # waits for the end of its session
    heard_at: float | None = None  # on the loop's clock, of a page that has begun to be heard of every second

    @property
    def subject(self) -> str:
        return self.grant.subject

    async def act(self, decide: Callable[..., Decision], *arguments: Any, **named: Any) -> Acknowledgement[Room]:
        """Let the room decide `decide(room, now, *arguments, **named)` in this person's name."""
        return await self.live.act(self.subject, lambda room, now: decide(room, now, *arguments, **named))

    async def report(
        self, message: FromCandidate, decide: Callable[..., Decision], /, *arguments: Any, **named: Any
    ) -> Acknowledgement[Room]:
        """As `act`; what comes of it keeps what the clock of the page's computer showed."""
        return await self.live.act(self.subject, _dated(message, decide, *arguments, **named))

    async def report_in_time(
        self, message: FromCandidate, decide: Callable[..., Decision], /, **named: Any
    ) -> Acknowledgement[Room]:
        """As `report`, of a candidate for whom a deadline runs; see `LiveRoom.act_in_time`."""
        return await self.live.act_in_time(self.subject, _dated(message, decide, self.subject, **named))


def _dated(
    message: FromCandidate, decide: Callable[..., Decision], /, *arguments: Any, **named: Any
) -> Callable[[Room, datetime], Decision]:
    def decided(room: Room, now: datetime) -> Decision:
        return decide(room, now, *arguments, **named).told_at(message.client_time)

    return decided
