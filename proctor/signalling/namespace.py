"""The wire of a room: sockets in, decisions to the room; pushes of the room out.

Each socket has a seat, filled from its ticket. Every message passes the same gate: it is known, the role may send it,
it is well formed; then its handler turns it into a decision of the room. An unknown message is an error:
python-socketio by itself would acknowledge it like a success. Pushes leave through one queue, so that pages see them
in the order in which they happened.

A page sends `ping_clock` every second. One that is not heard of for `SILENT_SECONDS` is given up, if it leaves
Socket.IO's own ping unanswered too: the timers of a hidden tab may stand still while its socket lives. Socket.IO alone
takes up to fifteen seconds as it is set here, and 45 as it comes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import socketio
import structlog
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from proctor import views
from proctor.clock import Clock
from proctor.errors import ProctorError, describe, malformed
from proctor.exam.decisions import presence
from proctor.exam.permissions import Role, allowed
from proctor.regulation.refusal import Refusal
from proctor.signalling import messages as m
from proctor.signalling.exchange import Push, staff_view
from proctor.signalling.handlers import HANDLERS
from proctor.signalling.seat import Seat
from proctor.signalling.tickets import Grant, Tickets
from proctor.text import all_visible
from proctor.token_bucket import TokenBucket

if TYPE_CHECKING:
    from proctor.rooms import LiveRooms

log = structlog.get_logger(__name__)

_MAX_MESSAGE_BYTES = 2_000_000
_PING_SECONDS = 5
SILENT_SECONDS = 6.0  # a page gives up a socket on which nothing came for five
_UNANSWERED_SECONDS = 1.5
_BEAT_SECONDS, _LATE_SECONDS = 1.0, 0.5
_SIGNED_OUT, _SILENT = "signed out", "silent"
_SESSIONS_EVERY = timedelta(seconds=10)
_MESSAGES_PER_SECOND = 10.0
_MESSAGES_AT_ONCE = 60.0
_CHARACTERS_PER_MESSAGE = 20_000  # a longer text counts as several messages
# What a page at another device may say while it asks to take over.
_WHILE_PENDING = frozenset(
    {"ping_clock", "report_device", "consent", "accept_rules", "enter_lobby", "ice_servers", "publish"}
)


class RoomNamespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """All rooms of this process share one namespace; a seat knows its room."""

    def __init__(
        self,
        rooms: LiveRooms,
        tickets: Tickets,
        clock: Clock,
        standing: Callable[[Collection[str]], Awaitable[set[str]]],
        begun_elsewhere: Callable[[str, str], Awaitable[list[dict[str, Any]]]],
    ) -> None:
        """`standing` tells which of some sessions have not ended; `begun_elsewhere` which files of a candidate in a
        room another device than the admitted one began to send and did not end."""
        super().__init__("/")
        self._begun_elsewhere = begun_elsewhere
        self._standing = standing
        self._rooms = rooms
        self._tickets = tickets
        self._clock = clock
        self._seats: dict[str, Seat] = {}
        self._connecting: set[str] = set()
        self._outgoing: asyncio.Queue[tuple[str, str, Any]] = asyncio.Queue()
        rooms.emit = self.push

    # -- sockets ------------------------------------------------------------------------------------------------------

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Everything that comes from a socket. `connect` and `disconnect` are the protocol's own words; a page may send
        messages of these names too, which mean nothing."""
        sid, *told = args
        if event == "connect" and told and told[0] is self.server.get_environ(sid):  # which no page can send
            return await self._connect(sid, told[1] if len(told) > 1 else None)
        if event == "disconnect" and not self.server.manager.is_connected(sid, self.namespace):
            return await self._disconnect(sid, str(told[0]) if told else "")
        return await self._message(sid, event, told[0] if told else None)

    async def _connect(self, sid: str, auth: Any) -> None:
        self._connecting.add(sid)
        try:
            grant = self._tickets.redeem(auth.get("ticket") if isinstance(auth, dict) else None)
            bucket = TokenBucket(_MESSAGES_PER_SECOND, _MESSAGES_AT_ONCE, self._clock.monotonic())
            seat = Seat(
                sid, await self._rooms.open(grant.room), grant, bucket, self._clock.now,
                lambda message, body: self._outgoing.put_nowait((sid, message, body)),
            )  # fmt: skip
            if grant.role is Role.CANDIDATE:
                await seat.live.presence.before_connecting(grant.subject, grant.epoch)
                await seat.live.act(
                    seat.subject,
                    lambda room, now: presence.connect_candidate(room, now, grant.subject, grant.epoch),
                )
                own = f"{grant.room}:{grant.subject}"
                groups = [f"{grant.room}:candidates", own, f"{own}:{grant.epoch}"]
            else:
                await seat.live.presence.enter_staff(seat.subject, grant.role, grant.full_name)
                groups = [f"{grant.room}:staff"]
        except Refusal as refusal:
            raise ConnectionRefused(refusal.code, describe(refusal)) from None
        finally:
            gone = sid not in self._connecting
            self._connecting.discard(sid)
        self._seats[sid] = seat
        if gone:  # the socket ended while the room's log was slow; its end has been told already
            await self._disconnect(sid, "ended while connecting")
            return
        # Asked while the seat is among those that `end_session` ends, so that a session ending now is not missed.
        if not await self._standing({grant.session}):
            await self._disconnect(sid, _SIGNED_OUT)
            raise ConnectionRefused("not_signed_in", describe(ProctorError("not_signed_in")))
        if sid not in self._seats:  # the page left meanwhile
            return
        seat.ending = asyncio.create_task(self._end_in_time(grant), name=f"session of {seat.subject}")
        for group in groups:
            await self.enter_room(sid, group)
        welcome = await self._welcome(seat)
        self._outgoing.put_nowait((sid, *(self._put_off(seat) or ("welcome", welcome))))

    @staticmethod
    def _put_off(seat: Seat) -> tuple[str, dict[str, Any]] | None:
        """What a candidate's page is told instead of a welcome when its place was taken, or it was declined, while it
        came in: the push of that may have gone out before the page could hear any."""
        known = seat.live.state.sittings.get(seat.subject) if seat.grant.role is Role.CANDIDATE else None
        epoch = seat.grant.epoch
        if known is None or epoch in (known.epoch, known.pending.epoch if known.pending else None):
            return None
        reasons = [declined.reason for declined in known.declined.values() if declined.epoch == epoch]
        return ("declined", {"reason": reasons[0]}) if reasons else ("superseded", {})

    async def _disconnect(self, sid: str, reason: str) -> None:
        self._connecting.discard(sid)
        seat = self._seats.pop(sid, None)
        if seat is not None:
            await self._leave(seat, reason)

    async def _leave(self, seat: Seat, reason: str) -> None:
        if seat.ending is not None and seat.ending is not asyncio.current_task():
            seat.ending.cancel()
        for subscription in seat.subscriptions:
            seat.live.media.connections.unsubscribe(subscription)
        if seat.grant.role is Role.CANDIDATE:
            await seat.live.presence.leave_candidate(seat.subject, seat.grant.epoch, reason)
        else:
            await seat.live.presence.leave_staff(seat.subject)

    async def end_session(self, session: str) -> None:
        """Let go of every socket of a session that has ended: none acts from now on, each page is told."""
        await self._end([seat for seat in self._seats.values() if seat.grant.session == session], tell=True)

    async def end_seats(self, room: str, subject: str) -> None:
        """Let go of the sockets of somebody who is not of the room any more; the page asks to come back and is told."""
        seats = self._seats.values()
        await self._end([seat for seat in seats if (seat.grant.room, seat.subject) == (room, subject)], tell=False)

    async def _end(self, seats: list[Seat], *, tell: bool, reason: str = _SIGNED_OUT) -> None:
        for seat in seats:
            del self._seats[seat.sid]
        for seat in seats:
            if tell:
                await self.emit("signed_out", {"error": describe(ProctorError("not_signed_in"))}, to=seat.sid)
            await self.disconnect(seat.sid)
        for seat in seats:
            await self._leave(seat, reason)

    async def _end_in_time(self, grant: Grant) -> None:
        await self._clock.sleep_until(grant.session_ends_at)
        await self.end_session(grant.session)

    async def watch_sessions(self) -> None:
        """Let go of sockets whose session was ended beside this process, as by `proctor user password`; for ever."""
        while True:
            await self._clock.sleep_until(self._clock.now() + _SESSIONS_EVERY)
            seated = {seat.grant.session for seat in self._seats.values()}
            try:
                ended = seated - await self._standing(seated) if seated else ()
                for session in ended:
                    await self.end_session(session)
            except Exception:
                log.exception("sessions could not be looked at")

    async def watch_pages(self) -> None:
        """Let go of sockets whose pages are silent; for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _BEAT_SECONDS
            await asyncio.sleep(_BEAT_SECONDS)
            now = loop.time()
            beating = [seat for seat in self._seats.values() if seat.heard_at is not None]
            if now - due > _LATE_SECONDS:  # it is this process that stood still: what came meanwhile is read first
                for seat in beating:
                    seat.heard_at = now
            silent = [seat for seat in beating if now - (seat.heard_at or now) > SILENT_SECONDS and self._owes(seat)]
            if not silent:
                continue
            try:
                await self._end(silent, tell=False, reason=_SILENT)
            except Exception:
                log.exception("silent pages could not be let go")

    def _owes(self, seat: Seat) -> bool:
        """Whether it leaves a ping of Socket.IO unanswered."""
        manager = self.server.manager
        socket = self.server.eio.sockets.get(manager.eio_sid_from_sid(seat.sid, self.namespace))
        return socket is None or (socket.last_ping is not None and time.time() - socket.last_ping > _UNANSWERED_SECONDS)

    async def _message(self, sid: str, name: str, data: Any) -> dict[str, Any]:
        try:
            seat = self._seats.get(sid)
            if seat is None:
                raise ProctorError("not_signed_in")
            if name == "ping_clock" or seat.heard_at is not None:
                seat.heard_at = asyncio.get_running_loop().time()
            if seat.grant.role is Role.CANDIDATE:
                seat.live.presence.hear(seat.subject, seat.grant.epoch)
            text = data.get("text") if isinstance(data, dict) else None
            weight = 1 + (len(text) if isinstance(text, str) else 0) / _CHARACTERS_PER_MESSAGE
            if not seat.bucket.take(self._clock.monotonic(), weight):
                raise ProctorError("too_fast")
            kind = m.FROM_PAGE.get(name)
            if kind is None:
                raise ProctorError("unknown_message", name=name[:64])
            if not allowed(seat.grant.role, name):
                raise ProctorError("forbidden")
            self._check_page(seat, name)
            if seat.grant.role in presence.ASSIGNED_ONLY and seat.subject not in seat.live.state.staff:
                raise ProctorError("not_assigned")  # the assignment was taken back meanwhile
            try:
                told = all_visible(data if data is not None else {}, getattr(kind, "VERBATIM", ()))
                message = msgspec.convert(told, kind)
                msgspec.json.encode(message)  # half of a surrogate pair is not text that could be kept
            except (msgspec.ValidationError, UnicodeEncodeError) as error:
                raise malformed(error) from None
            return await HANDLERS[name](seat, message) or {}
        except Refusal as refusal:
            return {"error": describe(refusal)}
        except Exception:
            log.exception("message failed", name=name)
            return {"error": describe(ProctorError("internal"))}

    @staticmethod
    def _check_page(seat: Seat, name: str) -> None:
        """Only the active page of a candidate acts. Raises ProctorError `superseded`, `readmission_needed`."""
        if seat.grant.role is not Role.CANDIDATE or name == "ping_clock":
            return
        known = seat.live.state.sitting(seat.subject)
        if seat.grant.epoch == known.epoch:
            return
        if known.pending is None or seat.grant.epoch != known.pending.epoch:
            raise ProctorError("superseded")
        if name not in _WHILE_PENDING:
            raise ProctorError("readmission_needed")

    # -- pushes -------------------------------------------------------------------------------------------------------

    def push(self, room: str, push: Push) -> None:
        """Queue a push for its audience."""
        group = f"{room}:{push.candidate if push.audience == 'candidate' else push.audience}"
        if push.only_epoch is not None:
            group = f"{group}:{push.only_epoch}"
        self._outgoing.put_nowait((group, push.message, push.body))

    async def pump(self) -> None:
        """Send what is queued, for ever."""
        while True:
            group, message, body = await self._outgoing.get()
            try:
                await self.emit(message, body, room=group)
            except Exception:
                log.exception("push failed", message=message)

    async def say_closing(self) -> None:
        """Tell every page that the server restarts, and let it go; it comes back by itself."""
        await self.emit("closing", {})
        await asyncio.gather(*(self.disconnect(sid) for sid in list(self._seats)), return_exceptions=True)

    async def _welcome(self, seat: Seat) -> dict[str, Any]:
        candidate = seat.grant.role is Role.CANDIDATE
        # What may have to be waited for comes first: what a push tells meanwhile stands in front of this welcome in the
        # queue, and a welcome of an earlier moment would take it back.
        paper_key = None
        begun: list[dict[str, Any]] = []
        if candidate and seat.subject in seat.live.state.sittings:
            paper_key = await seat.live.key_for(seat.subject)
            begun = await self._begun_elsewhere(seat.grant.room, seat.subject)
        now = self._clock.now()
        state = seat.live.state
        known = state.sittings.get(seat.subject) if candidate else None  # none: moved to another room meanwhile
        # A page at another device sees that it has to wait for an invigilator, and nothing of the work.
        trusted = known is not None and known.epoch == seat.grant.epoch
        may_read = trusted and known is not None and known.admitted_at is not None  # of the paper
        mine = [
            sent
            for sent in state.messages
            if not candidate or (trusted and views.concerns(sent, seat.subject))
        ]
        return {
            "server_time": views.moment(now),
            "role": seat.grant.role,
            "subject": seat.subject,
            "epoch": seat.grant.epoch,
            "room": (views.room if candidate else views.staff_room)(state, now),
            "me": (views.own_sitting if trusted else views.waiting_page)(state, known) if known else None,
            "draft": {"revision": known.revision, "text": known.text} if known and trusted else None,
            "words_left": views.words_left(known) if known and may_read else [],
            "files": [views.file(work) for work in known.files] if known and trusted else [],
            "begun_elsewhere": begun if may_read else [],
            "receipt": seat.live.receipt(seat.subject) if trusted else None,
            "messages": [views.message(sent) for sent in mine],
            "violations": [] if candidate else [views.violation(each) for each in state.violations.values()],
            "notes": [] if candidate else [views.note(each) for each in state.notes],
            "sittings": [] if candidate else [views.sitting(state, each) for each in state.sittings.values()],
            **({"staff": [], "shift": None, "shift_lapsed": None} if candidate else staff_view(state)),
            "materials": [views.material(each) for each in state.materials_shown] if not candidate or may_read else [],
            "lists": (views.lists(state) if known else None) if candidate else views.staff_lists(state),
            "paper_key": paper_key if trusted else None,
        }


def socket_server(namespace: RoomNamespace) -> socketio.AsyncServer:
    """The Socket.IO server with its one namespace. Sockets of another site's pages are refused."""
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        ping_interval=_PING_SECONDS,
        ping_timeout=_PING_SECONDS,
        max_http_buffer_size=_MAX_MESSAGE_BYTES,
        transports=["websocket"],
        cors_allowed_origins=from_our_page,
    )
    server.register_namespace(namespace)
    return server


def from_our_page(origin: str | None, environ: Mapping[str, Any]) -> bool:
    """Whether a page of `origin` is one of ours, as `web.edge` asks it of every request.

    The host decides, and an encrypted page's word for it is good whoever ends the TLS, this server or a proxy in front.
    A page in the clear is ours only if we are asked in the clear: on the way to an encrypted server anybody can make
    one. python-socketio by itself takes every request for one in the clear, and would refuse our own encrypted pages.
    """
    request = environ["aiohttp.request"]
    scheme, host, *_ = urlsplit(origin or "")
    return host == request.host and (scheme == "https" or (scheme == "http" and not request.secure))
