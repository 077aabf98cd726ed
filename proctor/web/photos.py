"""Routes of photographs: the candidate's page brings them, those who admit look at them; stills of violations, and of
the wall."""

from __future__ import annotations

from aiohttp import web

from proctor import views
from proctor.errors import ProctorError
from proctor.exam.decisions.admission import MAX_PHOTO_BYTES
from proctor.web.edge import asker, read_limited, reply
from proctor.web.room import assigned_or_refuse, device_digest, handed_over_or_refuse, name_of, not_too_often
from proctor.web.services import SERVICES

routes = web.RouteTableDef()


@routes.put("/api/rooms/{room}/photos/{subject}")
async def take_photo(request: web.Request) -> web.Response:
    who = await asker(request, "take_photo")
    services = request.app[SERVICES]
    not_too_often(services, who)
    room = request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    jpeg = bytes(await read_limited(request, MAX_PHOTO_BYTES, "3 MB"))
    if not jpeg:
        raise ProctorError("not_a_photo")
    subject = request.match_info["subject"]
    device = device_digest(request)
    return reply(await services.photos.take(room, who.subject, device, subject, jpeg, who.client_time))


@routes.get("/api/rooms/{room}/violations/{violation}/still")
async def view_still(request: web.Request) -> web.Response:
    who = await asker(request, "view_still")
    services = request.app[SERVICES]
    room = request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    jpeg = await live.view_still(who.subject, request.match_info["violation"], await name_of(services, who))
    return web.Response(body=jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@routes.get("/api/rooms/{room}/candidates/{candidate}/picture")
async def wall_picture(request: web.Request) -> web.Response:
    """For a wall whose network carries no moving pictures; who sees those sees this (A5.4 logs who comes in)."""
    who = await asker(request, "subscribe")
    services = request.app[SERVICES]
    room = request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    if who.subject not in live.state.present:
        raise ProctorError("not_in_room")
    picture = await live.media.picture(request.match_info["candidate"])
    headers = {"Cache-Control": "private, no-store", "Proctor-Taken-At": views.moment(picture.taken_at) or ""}
    return web.Response(body=picture.jpeg, content_type="image/jpeg", headers=headers)


@routes.get("/api/rooms/{room}/candidates/{candidate}/photos/{photo}")
async def view_photo(request: web.Request) -> web.Response:
    who = await asker(request, "view_photos")
    services = request.app[SERVICES]
    room = request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    await handed_over_or_refuse(services, who, room)
    candidate, photo = request.match_info["candidate"], request.match_info["photo"]
    jpeg = await services.photos.read(who.subject, room, candidate, photo, await name_of(services, who))
    return web.Response(body=jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
