"""Routes from draft to publication, and of those who support a room or confirm a paper."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from aiohttp import web

from proctor.exam.plan import Plan
from proctor.web.edge import asker, body_as, reply
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
Reason = Annotated[str, msgspec.Meta(max_length=2_000)]


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    reason: Reason


class Confirmation(msgspec.Struct, forbid_unknown_fields=True):
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    use: Literal["main", "reserve"] = "main"


@routes.put("/api/exams/{exam}/plan")
async def set_plan(request: web.Request) -> web.Response:
    who = await asker(request, "plan_exam")
    office, exam = request.app[SERVICES].office, request.match_info["exam"]
    await office.planning.set_plan(who.subject, exam, await body_as(request, Plan), request.headers.get("If-Match"))
    return reply(await office.exam(exam))


@routes.post("/api/exams/{exam}/publication")
async def publish(request: web.Request) -> web.Response:
    who = await asker(request, "publish_exam")
    return reply(await request.app[SERVICES].office.publish(who.subject, request.match_info["exam"]))


@routes.delete("/api/exams/{exam}/publication")
async def withdraw(request: web.Request) -> web.Response:
    who = await asker(request, "publish_exam")
    given = await body_as(request, Withdrawal)
    seen = request.headers.get("If-Match")
    office = request.app[SERVICES].office
    return reply(await office.withdraw(who.subject, request.match_info["exam"], given.reason, seen))


@routes.post("/api/exams/{exam}/paper/confirmation")
async def confirm_paper(request: web.Request) -> web.Response:
    who = await asker(request, "confirm_paper")
    given = await body_as(request, Confirmation)
    planning = request.app[SERVICES].office.planning
    await planning.confirm_paper(who.subject, request.match_info["exam"], given.sha256, given.use)
    return reply({})


@routes.post("/api/rooms/{room}/support")
async def support_room(request: web.Request) -> web.Response:
    who = await asker(request, "support_room")
    await request.app[SERVICES].office.planning.support_room(who.subject, request.match_info["room"])
    return reply({})


@routes.post("/api/rooms/{room}/acknowledgement")
async def acknowledge(request: web.Request) -> web.Response:
    who = await asker(request, "acknowledge_assignment")
    await request.app[SERVICES].office.planning.acknowledge(who.subject, request.match_info["room"])
    return reply({})
