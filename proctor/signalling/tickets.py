"""Tickets: what `join` hands a page so that it can open one socket of a room."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proctor.errors import ProctorError
from proctor.exam.permissions import Role

LIFETIME_SECONDS = 60.0


@dataclass(frozen=True)
class Grant:
    """Who may open a socket, as what, and for how long: the socket ends with the session that asked for it.

    `epoch` is the connection epoch of a candidate's page, else 0; `full_name` that of a member of staff, else empty.
    """

    room: str
    role: Role
    subject: str
    epoch: int
    session: str
    session_ends_at: datetime
    full_name: str


class Tickets:
    """Tickets that are out; each is good once, for a minute. They do not outlive the process: pages join again."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._out: dict[str, tuple[float, Grant]] = {}

    def issue(
        self, room: str, role: Role, subject: str, epoch: int, session: str, session_ends_at: datetime, full_name: str
    ) -> str:
        """A ticket for one socket."""
        now = self._monotonic()
        self._out = {ticket: held for ticket, held in self._out.items() if held[0] > now}
        grant = Grant(room, role, subject, epoch, session, session_ends_at, full_name)
        ticket = secrets.token_urlsafe(24)
        self._out[ticket] = (now + LIFETIME_SECONDS, grant)
        return ticket

    def redeem(self, ticket: object) -> Grant:
        """What the ticket grants; it is used up.

        Raises ProctorError `not_signed_in`.
        """
        ends, grant = self._out.pop(str(ticket), (0.0, None))
        if grant is None or ends <= self._monotonic():
            raise ProctorError("not_signed_in")
        return grant
