"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from aiohttp import web

from proctor import __version__, views
from proctor.errors import ProctorError
from proctor.exam.decisions.presence import ASSIGNED_ONLY
from proctor.exam.permissions import Role
from proctor.exam.schedule import Phase
from proctor.exam.staffing import Assigned
from proctor.web.edge import address_of, body_as, cookie_name, ensure_device, is_gone, reply, set_cookie, signed_in
from proctor.web.room import device_digest
from proctor.web.services import SERVICES
from proctor.web.sign_outs import SIGN_OUTS

if TYPE_CHECKING:
    from proctor.sign_in import SignedIn

routes = web.RouteTableDef()


class StaffCredentials(msgspec.Struct, forbid_unknown_fields=True):
    VERBATIM: ClassVar = ("password",)

    role: Role
    name: str
    password: str


class CandidateCredentials(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    code: str


class Link(msgspec.Struct, forbid_unknown_fields=True):
    token: str


class Leaving(msgspec.Struct, forbid_unknown_fields=True):
    """A sign-out; without a `mark` it cannot be withdrawn."""

    mark: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Staying(msgspec.Struct, forbid_unknown_fields=True):
    mark: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


@routes.post("/api/sign-in/staff")
async def sign_in_staff(request: web.Request) -> web.Response:
    given = await body_as(request, StaffCredentials)
    services = request.app[SERVICES]
    found = await services.sign_in.staff(given.role, given.name, given.password, address_of(request))
    return _welcome(request, found)


@routes.post("/api/sign-in/candidate")
async def sign_in_candidate(request: web.Request) -> web.Response:
    given = await body_as(request, CandidateCredentials)
    services = request.app[SERVICES]
    return _welcome(request, await services.sign_in.candidate(given.number, given.code, address_of(request)))


@routes.post("/api/sign-in/link")
async def sign_in_by_link(request: web.Request) -> web.Response:
    given = await body_as(request, Link)
    return _welcome(request, await request.app[SERVICES].sign_in.link(given.token))


def _welcome(request: web.Request, found: SignedIn) -> web.Response:
    body = {"role": found.role, "subject": found.subject, "full_name": found.full_name, "room": found.room}
    response = reply(body)
    set_cookie(request, response, cookie_name(found.role), found.secret, found.lasting_seconds)
    ensure_device(request, response)
    return response


@routes.post("/api/sign-out")
async def sign_out(request: web.Request) -> web.Response:
    who = await signed_in(request)
    mark = (await body_as(request, Leaving)).mark
    if is_gone(request):  # who gave it up may have stayed; a page that did not sends it again (lib/sign_out.js)
        raise ConnectionResetError
    services, sign_outs = request.app[SERVICES], request.app[SIGN_OUTS]
    if mark and not sign_outs.carry_out(who.session, mark):
        raise ProctorError("sign_out_withdrawn")
    try:
        await services.people.close_session(who.session)
    except BaseException:
        sign_outs.failed(who.session, mark)
        raise
    await services.end_sockets(who.session)
    response = reply({})
    response.del_cookie(cookie_name(who.role), path="/")
    return response


@routes.post("/api/sign-out/withdraw")
async def withdraw_sign_out(request: web.Request) -> web.Response:
    """Who asked to sign out stays; `not_signed_in` where that comes too late."""
    who = await signed_in(request)
    if not request.app[SIGN_OUTS].withdraw(who.session, (await body_as(request, Staying)).mark):
        raise ProctorError("not_signed_in")
    await signed_in(request)  # it may have ended, and its mark been forgotten, while this was read
    return reply({})


@routes.get("/api/me")
async def me(request: web.Request) -> web.Response:
    who = await signed_in(request)
    services = request.app[SERVICES]
    now = services.clock.now()
    room = None
    if who.role is Role.CANDIDATE:
        candidate = await services.people.candidate_by_id(who.subject)
        full_name, room = (candidate.full_name, candidate.room) if candidate else ("", None)
    else:
        member = await services.people.staff_by_id(who.subject)
        full_name = member.full_name if member else ""
    mine: list[dict[str, Any]] = [
        {
            "room": live.room,
            "title": live.state.title,
            "exam_title": live.state.exam_title,
            "times": views.times(live.state.schedule, regime=live.state.regime),
            "phase": live.state.phase(now),
            "held": live.state.hold is not None,
            "called_off": live.state.called_off,
            "published": live.state.published,
            "open": live.state.published and live.state.phase(now) not in (Phase.CLOSED, Phase.ENDED),
            "form": live.state.form,
            "handed_over": live.state.handover is not None and live.state.handover.received_at is not None,
            "acknowledged": _acknowledged(live.state.staff.get(who.subject)),
        }
        for live in services.rooms.awake()
        if live.room == room
        or who.role in (Role.TRAINING_OFFICE, Role.INSPECTOR)
        or (who.role in ASSIGNED_ONLY and who.subject in live.state.staff)
    ]
    if who.role in (Role.TRAINING_OFFICE, Role.INSPECTOR):
        mine += await services.office.closed_rooms()
    elif who.role in ASSIGNED_ONLY:  # whom a broken room was assigned to, only its log would tell
        mine += [
            {**each, "handed_over": False} if "unavailable" not in each else each
            for each in await services.office.closed_rooms()
            if "unavailable" in each or services.rooms.is_to_be_closed(each["room"], who.subject)
        ]
    elif room is not None and services.rooms.is_dormant(room):
        mine += [each for each in await services.office.closed_rooms() if each["room"] == room]
    mine.sort(key=lambda each: (each["times"]["starts_at"], each["title"]), reverse=True)
    about: dict[str, Any] = {
        "role": who.role, "subject": who.subject, "full_name": full_name, "room": room, "rooms": mine,
    }  # fmt: skip
    if who.role is Role.CANDIDATE:
        held = [live.state for live in services.rooms.awake() if live.room == room]
        known = held[0].sittings.get(who.subject) if held else None
        digest = device_digest(request)
        about["elsewhere"] = known is not None and known.device not in (None, digest)
        about["submitted_at"] = views.moment(known.submitted_at) if known else None
        about["awaited"], about["awaited_until"] = [], None
        about["completed_at"] = views.moment(known.completed_at) if known else None
        about["incomplete_at"] = views.moment(known.incomplete_at) if known else None
        if known is not None and known.device != digest and known.awaited and not known.incomplete_at:
            # Until then to take the place would stop who sends them.
            about["awaited_until"] = views.moment(held[0].awaited_until(known))
            if digest in known.devices_before:  # where they may lie; no other device is told anything of the work
                about["awaited"] = [views.declared(each) for each in known.awaited]
    return reply(about)


def _acknowledged(assigned: Assigned | None) -> bool | None:
    """Whether somebody took the assignment to a room; None of who is not assigned."""
    return assigned.acknowledged if assigned else None


@routes.get("/api/time")
async def time(request: web.Request) -> web.Response:
    return reply({"server_time": views.moment(request.app[SERVICES].clock.now())})


@routes.get("/api/health")
async def health(request: web.Request) -> web.Response:
    return reply({"ok": True, "version": __version__})
