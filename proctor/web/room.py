"""Routes of a room: joining it, its sealed paper, its state and its log."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec
from aiohttp import web

from proctor import views
from proctor.errors import ProctorError
from proctor.exam.decisions import answers, closing, papers, presence
from proctor.exam.decisions.conditions import has_ended
from proctor.exam.permissions import Role
from proctor.exam.room import Decision, Room
from proctor.web.edge import Asker, asker, body_as, device, ensure_device, reply, reply_encoded, whole_number
from proctor.web.services import SERVICES, Services

routes = web.RouteTableDef()
NOT_OPEN_TO = ("not_assigned", "not_published", "gate_closed")  # what `open_or_refuse` says of a room as it should be


class Join(msgspec.Struct, forbid_unknown_fields=True):
    resumes: bool = False


class Seen(msgspec.Struct, forbid_unknown_fields=True):
    version: int


class LeftWords(msgspec.Struct, forbid_unknown_fields=True):
    MOST_BYTES: ClassVar[int] = 1_000_000  # the longest answer in UTF-8
    VERBATIM: ClassVar = ("text",)

    base_revision: int
    text: str


class LateText(LeftWords):
    written_at: Annotated[str, msgspec.Meta(max_length=40, pattern="^[0-9TZ:.+-]*$")] = ""  # as the page remembers it


def device_digest(request: web.Request) -> str:
    """What the log knows of the browser."""
    return hashlib.sha256(device(request).encode()).hexdigest()


def not_too_often(services: Services, who: Asker) -> None:
    """Every join and every fetch stands on the log for ever. Raises ProctorError `too_fast`."""
    if not services.coming.take(who.subject, services.clock.monotonic()):
        raise ProctorError("too_fast")


async def assigned_or_refuse(services: Services, who: Asker, room: str) -> None:
    """Refuse people who have nothing to do with the room. Inspectors and the office may see all rooms (X35)."""
    state = (await services.rooms.open(room)).state
    mine = state.sittings if who.role is Role.CANDIDATE else state.staff
    if who.role in (Role.CANDIDATE, *presence.ASSIGNED_ONLY) and who.subject not in mine:
        raise ProctorError("not_assigned")


async def open_or_refuse(services: Services, who: Asker, room: str) -> None:
    """Nobody but the training office reads anything of a room that they may not come into yet (A14.2c.1, A21.1.3).

    Raises ProctorError `not_found`, `chain_broken`, and as `presence.look_in` does.
    """
    if who.role is not Role.TRAINING_OFFICE:
        presence.look_in((await services.rooms.open(room)).state, services.clock.now(), who.subject, who.role)


async def handed_over_or_refuse(services: Services, who: Asker, room: str) -> None:
    """The office sees photographs and recordings once they are in its charge (A14.2e.3), not before (A5.4); they stay
    in it when the lists are corrected and handed over anew.

    Raises ProctorError `not_handed_over`.
    """
    if who.role is Role.TRAINING_OFFICE and "handover" not in (await services.rooms.open(room)).state.acts:
        raise ProctorError("not_handed_over")


async def name_of(services: Services, who: Asker) -> str:
    """What a member of staff is called, for the log of a room to which nobody assigned them."""
    member = await services.people.staff_by_id(who.subject)
    return member.full_name if member else ""


@routes.post("/api/rooms/{room}/join")
async def join(request: web.Request) -> web.Response:
    who = await asker(request, "join")
    services = request.app[SERVICES]
    not_too_often(services, who)
    room = request.match_info["room"]
    given = await body_as(request, Join)
    live = await services.rooms.open(room)
    await assigned_or_refuse(services, who, room)
    epoch, full_name = 0, ""
    if who.role is Role.CANDIDATE:
        if not device(request):
            raise ProctorError("not_signed_in")
        digest = device_digest(request)

        def decide(state: Room, now: datetime) -> Decision:
            return presence.join_candidate(state, now, who.subject, digest, resumes=given.resumes).told_at(
                who.client_time
            )

        epoch = (await live.act(who.subject, decide)).answer
    else:
        full_name = await name_of(services, who)
        await live.act(who.subject, lambda state, now: presence.knock(state, now, who.subject, who.role, full_name))
    ticket = services.tickets.issue(
        room, who.role, who.subject, epoch, who.session, who.session_ends_at, full_name
    )  # fmt: skip
    response = reply(
        {
            "room_url": services.config.public_url or f"{request.scheme}://{request.host}",
            "socket_path": "/socket.io",
            "media": {"host": services.config.announce[0], "port": services.media_port},
            "ticket": ticket,
            "epoch": epoch,
            "role": who.role,
        }
    )
    ensure_device(request, response)
    return response


@routes.get("/api/rooms/{room}/paper")
async def fetch_paper(request: web.Request) -> web.StreamResponse:
    who = await asker(request, "fetch_paper")
    services = request.app[SERVICES]
    not_too_often(services, who)
    room = request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    digest = device_digest(request)
    await live.act(
        who.subject, lambda state, now: papers.fetch_paper(state, now, who.subject, digest).told_at(who.client_time)
    )
    paper = live.state.paper
    assert paper is not None
    path = services.office.paper_path(live.state.exam, paper.sha256)
    return web.FileResponse(path, headers={"Content-Type": "application/octet-stream", "Cache-Control": "no-store"})


@routes.post("/api/rooms/{room}/words")
async def leave_words(request: web.Request) -> web.Response:
    """A page whose place another device took hands over what it had not saved. It has no socket any more."""
    who = await asker(request, "leave_words")
    services = request.app[SERVICES]
    not_too_often(services, who)
    room, digest = request.match_info["room"], device_digest(request)
    await assigned_or_refuse(services, who, room)
    given = await body_as(request, LeftWords)
    live = await services.rooms.open(room)

    def decide(state: Room, now: datetime) -> Decision:
        return answers.leave_words(
            state, now, who.subject, digest, base_revision=given.base_revision, text=given.text
        ).told_at(who.client_time)

    await live.act_in_time(who.subject, decide)
    return reply({})


@routes.post("/api/rooms/{room}/late-text")
async def keep_late_text(request: web.Request) -> web.Response:
    """A page hands over, as evidence, the text that the server did not have when the time was over. It may have no
    socket: another device took its place."""
    who = await asker(request, "keep_late_text")
    services = request.app[SERVICES]
    not_too_often(services, who)
    room, digest = request.match_info["room"], device_digest(request)
    await assigned_or_refuse(services, who, room)
    given = await body_as(request, LateText)
    live = await services.rooms.open(room)

    def decide(state: Room, now: datetime) -> Decision:
        return answers.keep_late_text(
            state, now, who.subject, digest, base_revision=given.base_revision, text=given.text,
            written_at=given.written_at, client_time=who.client_time,
        )  # fmt: skip

    done = await live.act_in_time(who.subject, decide)
    return reply(views.late_text(done.answer))


@routes.get("/api/rooms/{room}/result")
async def result(request: web.Request) -> web.Response:
    """What a candidate reads after the end, when no page joins any more: the receipt, and the lists as they stand."""
    who = await asker(request, "read_result")
    services = request.app[SERVICES]
    not_too_often(services, who)
    room = request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    now = services.clock.now()
    if not has_ended(live.state, now):
        raise ProctorError("not_ended", end_at=views.moment(live.state.schedule.end_at))
    lists = views.lists(live.state)
    return reply(
        {
            "room": views.room(live.state, now),
            "me": views.own_sitting(live.state, live.state.sitting(who.subject)),
            "receipt": live.receipt(who.subject),
            "lists": lists,
        }
    )


@routes.post("/api/rooms/{room}/result/seen")
async def result_seen(request: web.Request) -> web.Response:
    """A candidate's page showed the lists after the end, as `closing_seen` says before it."""
    who = await asker(request, "closing_seen")
    services = request.app[SERVICES]
    room, given = request.match_info["room"], await body_as(request, Seen)
    await assigned_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    await live.act(who.subject, lambda state, now: closing.see_lists(state, now, who.subject, given.version))
    return reply({})


@routes.get("/api/rooms/{room}/state")
async def state(request: web.Request) -> web.Response:
    who = await asker(request, "read_state")
    services = request.app[SERVICES]
    room = request.match_info["room"]
    await open_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    held = live.state
    return reply(
        {
            "room": views.staff_room(held, services.clock.now()),
            "sittings": [views.sitting(held, known) for known in held.sittings.values()],
            "staff": views.staff(held),
            "messages": [views.message(sent) for sent in held.messages],
            "violations": [views.violation(each) for each in held.violations.values()],
            "lists": views.staff_lists(held),
            "clock_step_s": live.clock_step_s,
        }
    )


@routes.get("/api/rooms/{room}/events")
async def events(request: web.Request) -> web.Response:
    who = await asker(request, "read_events")
    services, room = request.app[SERVICES], request.match_info["room"]
    after = whole_number(request, "after")
    await open_or_refuse(services, who, room)
    read = await services.rooms.events(room, after)
    await (await services.rooms.open(room)).view_log(who.subject, await name_of(services, who))
    return reply_encoded(read)
