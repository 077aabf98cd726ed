"""A candidate's telephone: the link to it, its way in, how it stands, and its end."""

from __future__ import annotations

import msgspec
from aiohttp import web

from proctor.exam.decisions.phones import name_of
from proctor.exam.permissions import Role
from proctor.web.edge import asker, body_as, client_time, cookie_name, reply, set_cookie
from proctor.web.room import device_digest, not_too_often
from proctor.web.services import SERVICES

routes = web.RouteTableDef()


class Ticket(msgspec.Struct, forbid_unknown_fields=True):
    token: str
    act: str = ""


@routes.post("/api/rooms/{room}/phone/link")
async def link(request: web.Request) -> web.Response:
    who = await asker(request, "pair_phone")
    services = request.app[SERVICES]
    not_too_often(services, who)
    base = services.config.public_url or f"{request.scheme}://{request.host}"
    made = await services.phones.link(request.match_info["room"], who.subject, device_digest(request), base)
    return reply(made)


@routes.post("/api/rooms/{room}/phone")
async def come_in(request: web.Request) -> web.Response:
    given = await body_as(request, Ticket)
    phones = request.app[SERVICES].phones
    opened = await phones.open(request.match_info["room"], given.token, given.act, client_time(request))
    response = reply(opened.standing)
    set_cookie(request, response, cookie_name(Role.PHONE), opened.secret, opened.lasting_seconds)
    return response


@routes.get("/api/rooms/{room}/phone")
async def standing(request: web.Request) -> web.Response:
    who = await asker(request, "read_phone")
    phones = request.app[SERVICES].phones
    return reply(await phones.standing(request.match_info["room"], who.subject, name_of(who.session)))


@routes.delete("/api/rooms/{room}/phone")
async def revoke(request: web.Request) -> web.Response:
    who = await asker(request, "pair_phone")
    phones, room = request.app[SERVICES].phones, request.match_info["room"]
    await phones.revoke(room, who.subject, device_digest(request), who.client_time)
    return reply({})
