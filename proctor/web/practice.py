"""Routes of the practice room. They are for everybody, signed in or not; `proctor.practice` bounds them."""

from __future__ import annotations

import msgspec
from aiohttp import web

from proctor.web.edge import address_of, body_as, reply
from proctor.web.services import SERVICES

routes = web.RouteTableDef()


class Described(msgspec.Struct):
    sdp: str


@routes.post("/api/practice")
async def begin(request: web.Request) -> web.Response:
    return reply(request.app[SERVICES].practice.begin(address_of(request)))


@routes.get("/api/practice/{practice}")
async def figures(request: web.Request) -> web.Response:
    return reply(request.app[SERVICES].practice.figures(request.match_info["practice"]))


@routes.delete("/api/practice/{practice}")
async def end(request: web.Request) -> web.Response:
    request.app[SERVICES].practice.end(request.match_info["practice"])
    return reply({})


@routes.post("/api/practice/{practice}/publish")
async def publish(request: web.Request) -> web.Response:
    given = await body_as(request, Described)
    return reply({"sdp": await request.app[SERVICES].practice.publish(request.match_info["practice"], given.sdp)})


@routes.post("/api/practice/{practice}/subscribe")
async def subscribe(request: web.Request) -> web.Response:
    offered = await request.app[SERVICES].practice.subscribe(request.match_info["practice"])
    return reply({"subscription": offered.id, "sdp": offered.offer_sdp, "slots": offered.slots})


@routes.post("/api/practice/{practice}/accept")
async def accept(request: web.Request) -> web.Response:
    given = await body_as(request, Described)
    await request.app[SERVICES].practice.accept(request.match_info["practice"], given.sdp)
    return reply({})
