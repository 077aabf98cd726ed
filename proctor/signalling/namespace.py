"""The wire of a room: sockets in, decisions to the room; pushes of the room out.

Each socket has a seat, filled from its ticket. Every message passes the same gate: it is known, the role may send it,
it is well formed; then its handler turns it into a decision of the room. An unknown message is an error:
python-socketio by itself would acknowledge it like a success. Pushes leave through one queue, so that pages see them
in the order in which they happened.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import socketio
import structlog
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from proctor import views
from proctor.clock import Clock
from proctor.errors import ProctorError, describe
from proctor.exam.decisions import admission, answers, invigilation, papers, presence
from proctor.exam.permissions import Role, allowed
from proctor.regulation.refusal import Refusal
from proctor.signalling import messages as m
from proctor.signalling.exchange import ASKING, Push, violation
from proctor.signalling.tickets import Grant, Tickets
from proctor.token_bucket import TokenBucket

if TYPE_CHECKING:
    from proctor.live_room import LiveRoom
    from proctor.rooms import LiveRooms

log = structlog.get_logger(__name__)

_MAX_MESSAGE_BYTES = 2_000_000
_PING_SECONDS = 5
_SIGNED_OUT = "signed out"
_MESSAGES_PER_SECOND = 10.0
_MESSAGES_AT_ONCE = 60.0
_CHARACTERS_PER_MESSAGE = 20_000  # a longer text counts as several messages
# What a page at another device may say while it asks to take over.
_WHILE_PENDING = frozenset({"ping_clock", "report_device", "consent", "enter_lobby", "publish"})


@dataclass
class Seat:
    """One socket of a room."""

    sid: str
    live: LiveRoom
    grant: Grant
    bucket: TokenBucket
    subscriptions: set[str] = field(default_factory=set)
    ending: asyncio.Task[None] | None = None  # waits for the end of its session

    @property
    def subject(self) -> str:
        return self.grant.subject


class RoomNamespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """All rooms of this process share one namespace; a seat knows its room."""

    def __init__(
        self, rooms: LiveRooms, tickets: Tickets, clock: Clock, session_stands: Callable[[str], Awaitable[bool]]
    ) -> None:
        super().__init__("/")
        self._session_stands = session_stands
        self._rooms = rooms
        self._tickets = tickets
        self._clock = clock
        self._seats: dict[str, Seat] = {}
        self._connecting: set[str] = set()
        self._outgoing: asyncio.Queue[tuple[str, str, Any]] = asyncio.Queue()
        self._handlers: dict[str, Callable[[Seat, Any], Awaitable[Any]]] = {
            name: getattr(self, f"_{name}") for name in m.FROM_PAGE
        }
        rooms.emit = self.push

    # -- sockets ------------------------------------------------------------------------------------------------------

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Everything that comes from a socket."""
        if event == "connect":
            return await self._connect(args[0], args[2] if len(args) > 2 else None)
        if event == "disconnect":
            return await self._disconnect(args[0], str(args[1]) if len(args) > 1 else "")
        return await self._message(args[0], event, args[1] if len(args) > 1 else None)

    async def _connect(self, sid: str, auth: Any) -> None:
        self._connecting.add(sid)
        try:
            grant = self._tickets.redeem(auth.get("ticket") if isinstance(auth, dict) else None)
            bucket = TokenBucket(_MESSAGES_PER_SECOND, _MESSAGES_AT_ONCE, self._clock.monotonic())
            seat = Seat(sid, await self._rooms.open(grant.room), grant, bucket)
            if grant.role is Role.CANDIDATE:
                await seat.live.act(
                    seat.subject,
                    lambda room, now: presence.connect_candidate(room, now, grant.subject, grant.epoch),
                )
                groups = [f"{grant.room}:{grant.subject}", f"{grant.room}:{grant.subject}:{grant.epoch}"]
            else:
                await seat.live.enter_staff(seat.subject, grant.role)
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
        if not await self._session_stands(grant.session):
            await self._disconnect(sid, _SIGNED_OUT)
            raise ConnectionRefused("not_signed_in", describe(ProctorError("not_signed_in")))
        if sid not in self._seats:  # the page left meanwhile
            return
        seat.ending = asyncio.create_task(self._end_in_time(grant), name=f"session of {seat.subject}")
        for group in (grant.room, *groups):
            await self.enter_room(sid, group)
        self._outgoing.put_nowait((sid, "welcome", await self._welcome(seat)))

    async def _disconnect(self, sid: str, reason: str) -> None:
        self._connecting.discard(sid)
        seat = self._seats.pop(sid, None)
        if seat is not None:
            await self._leave(seat, reason)

    async def _leave(self, seat: Seat, reason: str) -> None:
        if seat.ending is not None and seat.ending is not asyncio.current_task():
            seat.ending.cancel()
        for subscription in seat.subscriptions:
            seat.live.media.unsubscribe(subscription)
        if seat.grant.role is Role.CANDIDATE:
            await seat.live.leave_candidate(seat.subject, seat.grant.epoch, reason)
        else:
            await seat.live.leave_staff(seat.subject)

    async def end_session(self, session: str) -> None:
        """Let go of every socket of a session that has ended: none acts from now on, each page is told."""
        ended = [sid for sid, seat in self._seats.items() if seat.grant.session == session]
        seats = [self._seats.pop(sid) for sid in ended]
        for sid in ended:
            await self.emit("signed_out", {"error": describe(ProctorError("not_signed_in"))}, to=sid)
            await self.disconnect(sid)
        for seat in seats:
            await self._leave(seat, _SIGNED_OUT)

    async def _end_in_time(self, grant: Grant) -> None:
        await self._clock.sleep_until(grant.session_ends_at)
        await self.end_session(grant.session)

    async def _message(self, sid: str, name: str, data: Any) -> dict[str, Any]:
        try:
            seat = self._seats.get(sid)
            if seat is None:
                raise ProctorError("not_signed_in")
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
            if seat.grant.role is Role.INVIGILATOR and seat.subject not in seat.live.state.staff:
                raise ProctorError("not_assigned")  # the assignment was taken back meanwhile
            try:
                message = msgspec.convert(data if data is not None else {}, kind)
                msgspec.json.encode(message)  # half of a surrogate pair is not text that could be kept
            except (msgspec.ValidationError, UnicodeEncodeError) as error:
                raise ProctorError("bad_request", field=str(error)) from None
            return await self._handlers[name](seat, message) or {}
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
        group = {"all": room, "staff": f"{room}:staff"}.get(push.audience, f"{room}:{push.candidate}")
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
        now = self._clock.now()
        state = seat.live.state
        candidate = seat.grant.role is Role.CANDIDATE
        known = state.sittings.get(seat.subject) if candidate else None  # none: moved to another room meanwhile
        # A page at another device sees that it has to wait for an invigilator, and nothing of the work.
        trusted = known is not None and known.epoch == seat.grant.epoch
        mine = [
            sent
            for sent in state.messages
            if not candidate or (trusted and seat.subject in (sent.to or (seat.subject,)))
        ]
        return {
            "server_time": views.moment(now),
            "role": seat.grant.role,
            "subject": seat.subject,
            "epoch": seat.grant.epoch,
            "room": views.room(state, now),
            "me": (views.sitting if trusted else views.waiting_page)(known) if known else None,
            "draft": {"revision": known.revision, "text": known.text} if known and trusted else None,
            "files": [views.file(work) for work in known.files] if known and trusted else [],
            "receipt": seat.live.current_receipt(seat.subject) if trusted else None,
            "messages": [views.message(sent) for sent in mine],
            "violations": [] if candidate else [violation(event, at) for event, at in state.violations],
            "sittings": [] if candidate else [views.sitting(each) for each in state.sittings.values()],
            "paper_key": await seat.live.key_for(seat.subject) if trusted else None,
        }

    # -- from any page ------------------------------------------------------------------------------------------------

    async def _ping_clock(self, seat: Seat, message: m.PingClock) -> dict[str, Any]:
        return {"server_time": views.moment(self._clock.now())}

    # -- from the candidate -------------------------------------------------------------------------------------------

    async def _report_device(self, seat: Seat, message: m.ReportDevice) -> None:
        encoded = msgspec.json.encode(message)
        if len(encoded) > 8_000:
            raise ProctorError("too_large", limit="8 kB")
        report = msgspec.json.decode(encoded)  # as the log will give it back: no NaN, which is not JSON
        await seat.live.act(seat.subject, lambda room, now: admission.report_device(room, now, seat.subject, report))

    async def _consent(self, seat: Seat, message: m.Consent) -> None:
        await seat.live.act(
            seat.subject,
            lambda room, now: admission.consent(room, now, seat.subject, message.version, message.text_sha256),
        )

    async def _enter_lobby(self, seat: Seat, message: m.EnterLobby) -> dict[str, Any]:
        done = await seat.live.act(seat.subject, lambda room, now: admission.enter_lobby(room, now, seat.subject))
        return {"state": done.answer}

    async def _publish(self, seat: Seat, message: m.Publish) -> dict[str, Any]:
        if message.epoch != seat.grant.epoch:
            raise ProctorError("superseded")
        return {"sdp": await seat.live.publish(seat.subject, message.epoch, message.sdp)}

    async def _paper_opened(self, seat: Seat, message: m.PaperOpened) -> None:
        await seat.live.act(seat.subject, lambda room, now: papers.open_paper(room, now, seat.subject))

    async def _save_answer(self, seat: Seat, message: m.SaveAnswer) -> dict[str, Any]:
        if message.epoch != seat.grant.epoch:
            raise ProctorError("superseded")
        done = await seat.live.act(
            seat.subject,
            lambda room, now: answers.save_answer(
                room, now, seat.subject, epoch=message.epoch, base_revision=message.base_revision,
                text=message.text, client_time=message.client_time,
            ),
        )  # fmt: skip
        revision, digest, saved_at = done.answer
        return {"revision": revision, "sha256": digest, "saved_at": views.moment(saved_at)}

    async def _submit(self, seat: Seat, message: m.Submit) -> dict[str, Any]:
        if message.epoch != seat.grant.epoch:
            raise ProctorError("superseded")
        done = await seat.live.act(
            seat.subject,
            lambda room, now: answers.submit(
                room, now, seat.subject, submission_id=f"b_{secrets.token_hex(8)}", epoch=message.epoch,
                revision=message.revision, text_sha256=message.text_sha256,
                files={named.file: named.sha256 for named in message.files},
            ),
        )  # fmt: skip
        return seat.live.receipt(seat.subject, done)

    async def _message_seen(self, seat: Seat, message: m.MessageSeen) -> None:
        await seat.live.act(
            seat.subject, lambda room, now: invigilation.see_message(room, now, seat.subject, message.message)
        )

    # -- from the invigilator -----------------------------------------------------------------------------------------

    async def _admit(self, seat: Seat, message: m.Admit) -> dict[str, Any]:
        done = await seat.live.act(
            seat.subject, lambda room, now: admission.admit(room, now, seat.subject, message.candidates, message.seen)
        )
        return done.answer  # type: ignore[no-any-return]

    async def _subscribe(self, seat: Seat, message: m.Subscribe) -> dict[str, Any]:
        def showing(slot: str, person: str, timestamp: int) -> None:
            word = {"subscription": subscription.id, "slot": slot, "candidate": person, "rtp_timestamp": timestamp}
            self._outgoing.put_nowait((seat.sid, "showing", word))

        subscription = await seat.live.media.subscribe(seat.subject, tiles=message.tiles, on_showing=showing)
        seat.subscriptions.add(subscription.id)
        return {"subscription": subscription.id, "sdp": subscription.offer_sdp, "slots": subscription.slots}

    async def _accept(self, seat: Seat, message: m.Accept) -> None:
        self._own(seat, message.subscription)
        await seat.live.media.accept(message.subscription, message.sdp)

    async def _show(self, seat: Seat, message: m.Show) -> None:
        self._own(seat, message.subscription)
        for candidate in {*message.tiles.values(), message.focus} - {None}:
            seat.live.state.sitting(str(candidate).removesuffix(ASKING))
        seat.live.media.show(message.subscription, message.tiles, message.focus)

    async def _note_violation(self, seat: Seat, message: m.NoteViolation) -> dict[str, Any]:
        done = await seat.live.act(
            seat.subject,
            lambda room, now: invigilation.note_violation(
                room, now, by=seat.subject, violation=f"x_{secrets.token_hex(6)}", candidate=message.candidate,
                category=message.category, text=message.text, since=message.since, until=message.until,
            ),
        )  # fmt: skip
        return done.answer  # type: ignore[no-any-return]

    async def _send_message(self, seat: Seat, message: m.SendMessage) -> dict[str, Any]:
        to = () if message.to == "room" else tuple(message.to)
        done = await seat.live.act(
            seat.subject,
            lambda room, now: invigilation.send_message(
                room, now, by=seat.subject, message=f"m_{secrets.token_hex(6)}", to=to, text=message.text
            ),
        )
        return done.answer  # type: ignore[no-any-return]

    @staticmethod
    def _own(seat: Seat, subscription: str) -> None:
        if subscription not in seat.subscriptions:
            raise ProctorError("not_found", what="subscription")


def socket_server(namespace: RoomNamespace) -> socketio.AsyncServer:
    """The Socket.IO server with its one namespace. Cross-site sockets are refused by default."""
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        ping_interval=_PING_SECONDS,
        ping_timeout=_PING_SECONDS,
        max_http_buffer_size=_MAX_MESSAGE_BYTES,
        transports=["websocket"],
    )
    server.register_namespace(namespace)
    return server
