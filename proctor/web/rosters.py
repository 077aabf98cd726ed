"""Routes of the training office: lists of people in, exam codes and papers on paper out, exams cloned."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from aiohttp import web

from proctor.web.edge import asker, body_as, language_of, read_limited, reply, utc
from proctor.web.services import SERVICES

if TYPE_CHECKING:
    from proctor.printing import File

routes = web.RouteTableDef()
_MAX_LIST_BYTES = 1_000_000


class Removal(msgspec.Struct, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(max_length=1_000)]


class Move(msgspec.Struct, forbid_unknown_fields=True):
    to: str


class Issue(msgspec.Struct, forbid_unknown_fields=True):
    """`candidates` null: all of the room. `seen`: when the newest of their codes was told, as the page knows it."""

    candidates: Annotated[list[str], msgspec.Meta(min_length=1, max_length=200)] | None = None
    seen: str | msgspec.UnsetType | None = msgspec.UNSET


class Slips(msgspec.Struct, forbid_unknown_fields=True):
    codes: Annotated[dict[str, Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(min_length=1, max_length=200)]


class Clone(msgspec.Struct, forbid_unknown_fields=True):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    starts_at: Annotated[datetime, msgspec.Meta(tz=True)]
    staff: bool = True
    roster: bool = False


@routes.get("/api/lists/{kind}/template.{form}")
async def list_template(request: web.Request) -> web.Response:
    await asker(request, "read_list_template")
    named = request.match_info
    return _download(await request.app[SERVICES].printing.list_template(named["kind"], named["form"]))


@routes.post("/api/rooms/{room}/roster")
async def import_roster(request: web.Request) -> web.Response:
    who = await asker(request, "import_roster")
    rosters = request.app[SERVICES].rosters
    roster = await rosters.read(bytes(await read_limited(request, _MAX_LIST_BYTES, "1 MB")))
    room, dry = request.match_info["room"], request.query.get("dry") == "1"
    return reply(await rosters.import_roster(who.subject, room, roster, dry=dry))


@routes.get("/api/rooms/{room}/roster")
async def read_roster(request: web.Request) -> web.Response:
    await asker(request, "read_roster")
    return reply({"candidates": await request.app[SERVICES].rosters.candidates(request.match_info["room"])})


@routes.post("/api/staff/import")
async def import_staff(request: web.Request) -> web.Response:
    who = await asker(request, "import_staff")
    content = bytes(await read_limited(request, _MAX_LIST_BYTES, "1 MB"))
    lists = request.app[SERVICES].staff_lists
    return reply(await lists.import_staff(who.subject, content, dry=request.query.get("dry") == "1"))


@routes.post("/api/exams/{exam}/clone")
async def clone_exam(request: web.Request) -> web.Response:
    who = await asker(request, "clone_exam")
    given = await body_as(request, Clone)
    copies, starts_at = request.app[SERVICES].copies, utc(given.starts_at)
    exam = request.match_info["exam"]
    return reply(
        await copies.clone(who.subject, exam, given.title, starts_at, staff=given.staff, roster=given.roster)
    )


@routes.post("/api/rooms/{room}/candidates/{candidate}/move")
async def move_candidate(request: web.Request) -> web.Response:
    who = await asker(request, "move_candidate")
    given = await body_as(request, Move)
    room, candidate = request.match_info["room"], request.match_info["candidate"]
    await request.app[SERVICES].rosters.move(who.subject, room, candidate, given.to)
    return reply({})


@routes.delete("/api/rooms/{room}/candidates/{candidate}")
async def remove_candidate(request: web.Request) -> web.Response:
    who = await asker(request, "remove_candidate")
    given = await body_as(request, Removal)
    room, candidate = request.match_info["room"], request.match_info["candidate"]
    await request.app[SERVICES].rosters.remove(who.subject, room, candidate, given.reason)
    return reply({})


@routes.post("/api/rooms/{room}/codes")
async def issue_codes(request: web.Request) -> web.Response:
    who = await asker(request, "issue_codes")
    given = await body_as(request, Issue)
    rosters = request.app[SERVICES].rosters
    told = await rosters.issue_codes(who.subject, request.match_info["room"], given.candidates, given.seen)
    return reply({"candidates": told})


@routes.post("/api/rooms/{room}/slips.pdf")
async def print_slips(request: web.Request) -> web.Response:
    await asker(request, "print_slips")
    given = await body_as(request, Slips)
    services = request.app[SERVICES]
    address = f"{services.config.public_url or f'{request.scheme}://{request.host}'}/candidate"
    room, language = request.match_info["room"], language_of(request)
    return _download(await services.printing.slips(room, given.codes, address, language))


@routes.get("/api/rooms/{room}/attendance.pdf")
async def print_attendance(request: web.Request) -> web.Response:
    await asker(request, "print_attendance")
    return _download(await request.app[SERVICES].printing.attendance(request.match_info["room"], language_of(request)))


def _download(file: File) -> web.Response:
    headers = {
        "Content-Type": file.type,
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=file.content, headers=headers)
