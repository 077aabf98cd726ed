"""Routes of the report of requests for help and their answers (A5.3, A21.1.2)."""

from __future__ import annotations

from aiohttp import web

from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.regulation.refusal import Refusal
from proctor.web.edge import Asker, asker, language_of
from proctor.web.room import NOT_OPEN_TO, open_or_refuse
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
_TYPES = {"json": "application/json", "csv": "text/csv"}


@routes.get("/api/rooms/{room}/support-log")
async def of_room(request: web.Request) -> web.Response:
    who = await asker(request, "read_support_log")
    room = request.match_info["room"]
    await open_or_refuse(request.app[SERVICES], who, room)
    return await _report(request, [room], room)


@routes.get("/api/exams/{exam}/support-log")
async def of_exam(request: web.Request) -> web.Response:
    who = await asker(request, "read_support_log")
    exam = request.match_info["exam"]
    await request.app[SERVICES].exams.exam(exam)
    return await _report(request, await _rooms_of(request, who, exam), exam)


async def _rooms_of(request: web.Request, who: Asker, exam: str) -> list[str]:
    """The rooms of an exam that the asker may come into. Raises the refusal of one of them when there are none."""
    services = request.app[SERVICES]
    rows = await services.exams.all_rooms()
    rooms = [row.room for row in rows if row.exam == exam and services.rooms.has(row.room)]
    may: list[str] = []
    refusal = Refusal("not_assigned") if who.role is Role.SUPERVISOR else None
    for room in rooms:
        try:
            await open_or_refuse(services, who, room)
        except Refusal as refused:
            if refused.code not in NOT_OPEN_TO:
                raise
            if refusal is None or refused.code != "not_assigned":  # of another's room, it says nothing of one's own
                refusal = refused
        else:
            may.append(room)
    if refusal and not may:
        raise refusal
    return may


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
