"""Routes of the training office for a room under way, and the further files that it sends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from aiohttp import BodyPartReader, web

from proctor.errors import ProctorError, malformed
from proctor.exam.decisions.papers import MAX_MATERIAL_BYTES
from proctor.exam.permissions import Role
from proctor.text import all_visible
from proctor.web.edge import Asker, asker, body_as, reply, utc
from proctor.web.room import assigned_or_refuse
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
Body = TypeVar("Body", bound=msgspec.Struct)
Reason = Annotated[str, msgspec.Meta(max_length=2_000)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=240)]
OfAllTimes = Annotated[int, msgspec.Meta(ge=0, le=24 * 60)]
Rooms = Annotated[list[str], msgspec.Meta(max_length=1_000)]
Act = Annotated[str, msgspec.Meta(max_length=64)]  # what the page calls what it does, said again or not
_SHOWN = {"application/pdf", "image/png", "image/jpeg", "audio/mpeg", "audio/ogg", "audio/wav", "text/plain"}


class Shift(msgspec.Struct, forbid_unknown_fields=True):
    """`seen`: submit-by on the page that asks."""

    minutes: OfAllTimes
    seen: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: Reason
    act: Act = ""


class Extra(msgspec.Struct, forbid_unknown_fields=True):
    """`seen`: the extra minutes that the candidate had on the page that asks."""

    minutes: Minutes
    reason: Reason
    seen: Annotated[int, msgspec.Meta(ge=0)] | None = None
    end_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class ExtraForAll(msgspec.Struct, forbid_unknown_fields=True):
    """`seen`: the most extra minutes that anybody had on the page that asks."""

    minutes: Minutes
    seen: Annotated[int, msgspec.Meta(ge=0)]
    reason: Reason
    move_end: bool = False
    act: Act = ""


class Wishes(msgspec.Struct, forbid_unknown_fields=True):
    candidates: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
    reason: Reason
    move_end: bool = False


class Because(msgspec.Struct, forbid_unknown_fields=True):
    reason: Reason


class Reserve(msgspec.Struct, forbid_unknown_fields=True):
    """`rooms`: the others of the exam in which it is used too."""

    reason: Reason
    rooms: Rooms = []


class Material(msgspec.Struct, forbid_unknown_fields=True):
    """`rooms`: the others of the exam to which it goes too, with the paper where that is not released yet."""

    nature: Literal["correction", "file"]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    text: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    rooms: Rooms = []
    act: Act = ""


class Resolution(msgspec.Struct, forbid_unknown_fields=True):
    outcome: Literal["shift", "accept_saved", "refer_to_makeup", "refer_to_deferral"]
    reason: Reason
    minutes: OfAllTimes = 0


class Receipt(msgspec.Struct, forbid_unknown_fields=True):
    handover: Annotated[str, msgspec.Meta(max_length=64)]


@routes.post("/api/rooms/{room}/times/shift")
async def shift_times(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "shift_times", Shift)
    found = await request.app[SERVICES].steering.shift_times(
        who.subject, room, given.minutes, utc(given.seen), given.reason, given.act
    )
    return reply({"in_two_rooms": found})


@routes.put("/api/rooms/{room}/candidates/{candidate}/extra-time")
async def grant_time(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "grant_time", Extra)
    end_at = utc(given.end_at) if given.end_at else None
    found = await request.app[SERVICES].steering.grant_time(
        who.subject, room, request.match_info["candidate"], given.minutes, given.reason, end_at, given.seen
    )
    return reply({"in_two_rooms": found})


@routes.post("/api/rooms/{room}/extra-time")
async def grant_everybody(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "grant_time", ExtraForAll)
    found = await request.app[SERVICES].steering.grant_everybody(
        who.subject, room, given.minutes, given.seen, given.reason, given.move_end, given.act
    )
    return reply({"in_two_rooms": found})


@routes.post("/api/rooms/{room}/extra-time/wishes")
async def grant_wishes(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "grant_time", Wishes)
    found = await request.app[SERVICES].steering.grant_wishes(
        who.subject, room, given.candidates, given.reason, given.move_end
    )
    return reply({"in_two_rooms": found})


@routes.post("/api/rooms/{room}/candidates/{candidate}/late")
async def allow_late(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "allow_late", Because)
    candidate = request.match_info["candidate"]
    await request.app[SERVICES].steering.allow_late(who.subject, room, candidate, given.reason)
    return reply({})


@routes.post("/api/rooms/{room}/paper/reserve")
async def use_reserve(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "use_reserve_paper", Reserve)
    await request.app[SERVICES].steering.use_reserve_paper(who.subject, room, given.reason, given.rooms)
    return reply({})


@routes.post("/api/rooms/{room}/materials")
async def give_material(request: web.Request) -> web.Response:
    """A correction or file: a form with a JSON part `material` and, if there is one, a part `file`; or JSON alone."""
    who = await asker(request, "give_material")
    room = request.match_info["room"]
    file: tuple[bytearray, str] | None = None
    if request.content_type == "multipart/form-data":
        given, file = await _parts(request)
    else:
        given = await body_as(request, Material)
    material = await request.app[SERVICES].steering.give_material(
        who.subject, room, given.nature, given.title, given.text, file, given.rooms, given.act
    )
    return reply({"material": material})


async def _parts(request: web.Request) -> tuple[Material, tuple[bytearray, str] | None]:
    """Piece by piece, since a form of 20 MB parsed at once would hold up the loop."""
    described, file = bytearray(b"{}"), None
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise ProctorError("bad_request", field="multipart")
            content = bytearray()
            while piece := await part.read_chunk():
                content += piece
                if len(content) > MAX_MATERIAL_BYTES:
                    raise ProctorError("too_large", limit="20 MB")
            if part.name == "material":
                described = content
            elif part.name == "file":
                kind = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                file = (content, kind if kind in _SHOWN else "application/octet-stream")
        return msgspec.convert(all_visible(msgspec.json.decode(described)), Material), file
    except (msgspec.DecodeError, ValueError) as error:
        raise malformed(error) from None
    except RecursionError:
        raise ProctorError("bad_request", field="message") from None


@routes.get("/api/rooms/{room}/materials/{material}")
async def read_material(request: web.Request) -> web.Response:
    who = await asker(request, "read_material")
    services, room = request.app[SERVICES], request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    state = (await services.rooms.open(room)).state
    if who.role is Role.CANDIDATE and state.sitting(who.subject).admitted_at is None:
        raise ProctorError("not_admitted")
    if who.role is not Role.TRAINING_OFFICE and state.materials and not state.materials_shown:
        raise ProctorError("not_released")
    content, kind = await services.steering.material(room, request.match_info["material"])
    headers = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return web.Response(body=content, content_type=kind, headers=headers)


@routes.post("/api/rooms/{room}/hold")
async def resolve_hold(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "resolve_hold", Resolution)
    found = await request.app[SERVICES].steering.resolve_hold(
        who.subject, room, given.outcome, given.minutes, given.reason
    )
    return reply({"in_two_rooms": found})


@routes.post("/api/rooms/{room}/handover/receipt")
async def receive_handover(request: web.Request) -> web.Response:
    who, room, given = await _asked(request, "receive_handover", Receipt)
    await request.app[SERVICES].steering.receive_handover(who.subject, room, given.handover)
    return reply({})


@routes.get("/api/rooms/{room}/handover/manifest.json")
async def handover_manifest(request: web.Request) -> web.Response:
    who = await asker(request, "read_handover")
    manifest = await request.app[SERVICES].steering.handover_manifest(who.subject, request.match_info["room"])
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "attachment"}
    return web.Response(body=manifest, content_type="application/json", headers=headers)


async def _asked(request: web.Request, action: str, kind: type[Body]) -> tuple[Asker, str, Body]:
    who = await asker(request, action)
    return who, request.match_info["room"], await body_as(request, kind)
