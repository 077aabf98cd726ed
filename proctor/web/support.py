"""Routes of the report of requests for help and their answers (A5.3, A21.1.2)."""

from __future__ import annotations

from aiohttp import web

from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.web.edge import Asker, asker, language_of
from proctor.web.room import assigned_or_refuse
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
_TYPES = {"json": "application/json", "csv": "text/csv"}


@routes.get("/api/rooms/{room}/support-log")
async def of_room(request: web.Request) -> web.Response:
    who = await asker(request, "read_support_log")
    room = request.match_info["room"]
    await assigned_or_refuse(request.app[SERVICES], who, room)
    return await _report(request, [room], room)


@routes.get("/api/exams/{exam}/support-log")
async def of_exam(request: web.Request) -> web.Response:
    who = await asker(request, "read_support_log")
    exam = request.match_info["exam"]
    await request.app[SERVICES].exams.exam(exam)
    return await _report(request, await _rooms_of(request, who, exam), exam)


async def _rooms_of(request: web.Request, who: Asker, exam: str) -> list[str]:
    """The rooms of an exam that the asker has to do with. Raises ProctorError `not_assigned` when there are none."""
    services = request.app[SERVICES]
    rows = await services.exams.all_rooms()
    rooms = [row.room for row in rows if row.exam == exam and services.rooms.has(row.room)]
    if who.role is Role.SUPERVISOR:
        rooms = [room for room in rooms if who.subject in (await services.rooms.open(room)).state.staff]
        if not rooms:
            raise ProctorError("not_assigned")
    return rooms


async def _report(request: web.Request, rooms: list[str], name: str) -> web.Response:
    form = request.query.get("form", "json")
    if form not in _TYPES:
        raise ProctorError("bad_request", field="form")
    language = language_of(request)
    body = await request.app[SERVICES].rooms.support_log(rooms, form, language)
    headers = {"Cache-Control": "private, no-store"}
    if form == "csv":
        called = "ho-tro" if language == "vi" else "support"
        headers["Content-Disposition"] = f'attachment; filename="{called}-{name}.csv"'
    return web.Response(body=body, content_type=_TYPES[form], charset="utf-8", headers=headers)
