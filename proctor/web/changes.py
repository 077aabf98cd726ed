"""Routes that answer when something changed."""

from __future__ import annotations

from aiohttp import web

from proctor.changes import EVERYWHERE
from proctor.exam.decisions.phones import name_of
from proctor.web.edge import asker, reply, whole_number
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
_HELD_SECONDS = 20.0


@routes.get("/api/changes")
async def anywhere(request: web.Request) -> web.Response:
    await asker(request, "watch_changes")
    return await _when_changed(request, EVERYWHERE)


@routes.get("/api/rooms/{room}/phone/changes")
async def for_a_phone(request: web.Request) -> web.Response:
    who, room = await asker(request, "read_phone"), request.match_info["room"]
    await request.app[SERVICES].phones.standing(room, who.subject, name_of(who.session))  # it is of this room
    return await _when_changed(request, room)


async def _when_changed(request: web.Request, room: str) -> web.Response:
    services = request.app[SERVICES]
    return reply({"count": await services.changes.after(whole_number(request, "after"), _HELD_SECONDS, room)})
