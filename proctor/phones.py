"""Letting a candidate's telephone in: a link for a few minutes, good once, that opens a session for files only.

The link's ticket is held in memory, so that a restart ends it; the exam page asks for another. A telephone that never
got the answer says the same again, under the name that it gave to this use of the link, and is let in as it was. The
session it opens is the telephone: its role is `phone`, its name stands on the room's log, and it ends with the sitting,
when the candidate revokes it, or when another telephone is let in. All of that is asked of the room at every request.
"""

from __future__ import annotations

import asyncio
import hmac
import io
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import segno

from proctor import views
from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam.decisions import phones, times
from proctor.exam.permissions import Role
from proctor.exam.sitting import State
from proctor.rooms import LiveRooms
from proctor.store.people import People, session_name

LINK_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Opened:
    """A telephone that was let in. `secret` goes into its cookie."""

    secret: str
    lasting_seconds: int
    standing: dict[str, Any]


@dataclass
class Link:
    """What a ticket that is out stands for, and its one use: by which name, and what comes of it."""

    room: str
    candidate: str
    device: str
    ends_at: float  # monotonic
    act: str = ""
    use: asyncio.Task[Opened] | None = None


class Phones:
    """Use cases of candidates' telephones."""

    def __init__(self, *, clock: Clock, rooms: LiveRooms, people: People) -> None:
        self._clock = clock
        self._rooms = rooms
        self._people = people
        self._links: dict[str, Link] = {}  # by ticket; at most one of a candidate

    async def link(self, room: str, candidate: str, device: str, base: str) -> dict[str, Any]:
        """A link and its QR code for the exam page; the one before ends. Raises Refusal as `phones.may_pair` does."""
        live = await self._rooms.open(room)
        phones.may_pair(live.state, self._clock.now(), candidate, device)
        self._forget(room, candidate)
        ticket = secrets.token_urlsafe(24)
        ends_at = self._clock.now() + LINK_LASTS
        lasting = LINK_LASTS.total_seconds()
        self._links[ticket] = Link(room, candidate, device, self._clock.monotonic() + lasting)
        address = f"{base}/phone#room={room}&token={ticket}"
        return {"link": address, "qr": _drawn(address), "ends_at": views.moment(ends_at), "seconds": lasting}

    async def open(self, room: str, ticket: str, act: str = "", client_time: str = "") -> Opened:
        """Use a ticket up. `act`: what the telephone calls this use; said again it is the same one.

        Raises ProctorError `phone_link_ended`, or Refusal as `phones.pair` and, said again, `phones.stands` do.
        """
        link = self._links.get(ticket)
        if link is None or link.room != room or link.ends_at <= self._clock.monotonic():
            raise ProctorError("phone_link_ended")
        if link.use is not None and link.use.done() and link.use.exception() is not None:
            link.use = None  # nobody was let in; what refused may have ended
        if link.use is None:  # nothing is awaited before: of two at once the second finds it used
            link.act, link.use = act, asyncio.create_task(self._let_in(link, client_time))
        elif not act or not hmac.compare_digest(act.encode(), link.act.encode()):
            raise ProctorError("phone_link_ended")
        opened = await asyncio.shield(link.use)
        standing = await self.standing(room, link.candidate, phones.name_of(session_name(opened.secret)))
        return replace(opened, standing=standing)

    async def _let_in(self, link: Link, client_time: str) -> Opened:
        live = await self._rooms.open(link.room)
        phones.may_pair(live.state, self._clock.now(), link.candidate, link.device)
        # The end may yet be moved; whether the telephone may send is asked of the room each time.
        ends_at = live.state.schedule.end_at + timedelta(minutes=times.MAX_MINUTES)
        lasting = max(ends_at - self._clock.now(), timedelta(seconds=1))
        secret = await self._people.open_session(Role.PHONE, link.candidate, self._clock.now(), lasting)
        phone = phones.name_of(session_name(secret))
        await live.act(
            link.candidate,
            lambda state, now: phones.pair(state, now, link.candidate, link.device, phone).told_at(client_time),
        )
        return Opened(secret, int(lasting.total_seconds()), {})

    async def revoke(self, room: str, candidate: str, device: str, client_time: str = "") -> None:
        """End the candidate's telephone and the link that is out. Raises Refusal as `phones.revoke` does."""
        live = await self._rooms.open(room)
        self._forget(room, candidate)
        if live.state.sitting(candidate).phone is None:
            return
        await live.act(
            candidate, lambda state, now: phones.revoke(state, now, candidate, device).told_at(client_time)
        )

    async def standing(self, room: str, candidate: str, phone: str) -> dict[str, Any]:
        """What the telephone may know: for whom it sends, until when, and its own files.

        Raises Refusal `phone_revoked`.
        """
        state = (await self._rooms.open(room)).state
        known = phones.stands(state, candidate, phone)
        now = self._clock.now()
        open_until = state.deadline(known)
        return {
            "room": room,
            "number": known.number,
            "full_name": known.full_name,
            "exam_title": state.exam_title,
            "submit_by": views.moment(open_until),
            "server_time": views.moment(now),
            "open": known.state is State.ADMITTED and not state.submission_closed and now <= open_until
            and not known.suspended_because,
            "suspended": bool(known.suspended_because),
            "files": [views.file(work) for work in known.files if work.phone == phone],
        }

    async def device_of(self, room: str, candidate: str, phone: str) -> str:
        """The device that let the telephone in. Raises Refusal `phone_revoked`."""
        known = phones.stands((await self._rooms.open(room)).state, candidate, phone)
        assert known.phone is not None
        return known.phone.device

    def _forget(self, room: str, candidate: str) -> None:
        now = self._clock.monotonic()
        self._links = {
            ticket: link
            for ticket, link in self._links.items()
            if link.ends_at > now and (link.room, link.candidate) != (room, candidate)
        }


def _drawn(address: str) -> str:
    """The QR code as an SVG picture, black on white whatever the page's colours are."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False)
    return drawn.getvalue().decode()
