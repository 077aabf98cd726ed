"""Routes of the replay: for inspectors once the room is open, for the office once it was handed over to it; and of the
part that belongs to a violation, for those who watch the room."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from proctor import views
from proctor.errors import ProctorError
from proctor.exam import clips, coverage
from proctor.exam.room import Room, Violation
from proctor.web.edge import asker, reply
from proctor.web.room import assigned_or_refuse, handed_over_or_refuse, name_of, open_or_refuse
from proctor.web.services import SERVICES, Services

routes = web.RouteTableDef()
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@routes.get("/api/rooms/{room}/recordings")
async def recordings(request: web.Request) -> web.Response:
    who = await asker(request, "replay")
    services, room = request.app[SERVICES], request.match_info["room"]
    await open_or_refuse(services, who, room)
    await handed_over_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    listed = []
    for known in live.state.sittings.values():
        segments = live.segments(known.candidate)
        listed.append(
            {
                "candidate": known.candidate,
                "number": known.number,
                "full_name": known.full_name,
                "segments": len(segments),
                **period(segments),
            }
        )
    return reply({"sittings": listed})


def period(segments: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """From when to when something was recorded; None where nothing was. Segments come in the order of their beginnings,
    and a short one can end before a longer one does."""
    return {
        "from": min((each["started_at"] for each in segments), default=None),
        "to": max((each["ended_at"] for each in segments), default=None),
    }


@routes.get("/api/rooms/{room}/recordings/{candidate}")
async def manifest(request: web.Request) -> web.Response:
    who = await asker(request, "replay")
    services = request.app[SERVICES]
    room, candidate = request.match_info["room"], request.match_info["candidate"]
    await open_or_refuse(services, who, room)
    await handed_over_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    known = live.state.sitting(candidate)
    await live.view_recording(who.subject, candidate, await name_of(services, who))
    now = services.clock.now()
    body = services.recording.manifest(live.segments(candidate))
    body["gaps"] = [  # the room knows those before the first segment and after the last too, and why
        {"from_ms": _ms(gap.since), "to_ms": _ms(gap.until), "missing": gap.missing, "cause": gap.cause}
        for gap in coverage.gaps(live.state, known, now)
    ]
    for segment in body["segments"]:
        segment["url"] = f"/api/rooms/{room}/recordings/{candidate}/{segment['id']}"
    return reply(
        {
            "candidate": candidate,
            "number": known.number,
            "full_name": known.full_name,
            "room": views.staff_room(live.state, now),
            **body,
        }
    )


@routes.get("/api/rooms/{room}/recordings/{candidate}/{segment}")
async def segment(request: web.Request) -> web.StreamResponse:
    who = await asker(request, "replay")
    services = request.app[SERVICES]
    room, candidate = request.match_info["room"], request.match_info["candidate"]
    await open_or_refuse(services, who, room)
    await handed_over_or_refuse(services, who, room)
    name = request.match_info["segment"]
    live = await services.rooms.open(room)
    live.state.sitting(candidate)
    await live.view_recording(who.subject, candidate, await name_of(services, who))
    return await _sent(request, services, room, candidate, name)


@routes.get("/api/rooms/{room}/violations/{violation}/clip")
async def clip(request: web.Request) -> web.Response:
    state, known, found = await _clip_of(request)
    services = request.app[SERVICES]
    since, until = clips.span(known)
    path = f"/api/rooms/{state.room}/violations/{known.noted.violation}/clip"
    now, settled = services.clock.now(), services.recording.is_settled(state.room, known.noted.candidate)
    return reply(
        {
            "from": views.moment(since),
            "to": views.moment(until),
            "parts": [
                {"url": f"{path}/{each['segment']}", "started_at": each["started_at"], "ended_at": each["ended_at"]}
                for each in found
            ],
            "gaps": [
                {
                    "from": views.moment(gap.since), "to": views.moment(gap.until),
                    "missing": gap.missing, "cause": gap.cause,
                }
                for gap in clips.gaps(state, known, now, settled=settled)
            ],
            "recorded": state.sitting(known.noted.candidate).admitted_at is not None,
            "recording": not settled,
            "awaited": clips.awaited(state, known, now, settled=settled),
        }
    )  # fmt: skip


@routes.get("/api/rooms/{room}/violations/{violation}/clip/{segment}")
async def clip_part(request: web.Request) -> web.StreamResponse:
    _, known, found = await _clip_of(request)
    name = request.match_info["segment"]
    if name not in {each["segment"] for each in found}:
        raise ProctorError("not_found", what="segment")
    return await _sent(request, request.app[SERVICES], request.match_info["room"], known.noted.candidate, name)


async def _clip_of(request: web.Request) -> tuple[Room, Violation, list[Mapping[str, Any]]]:
    """The room, the violation, and what of the recording belongs to it; the look is on the log."""
    who = await asker(request, "view_clip")
    services, room = request.app[SERVICES], request.match_info["room"]
    await assigned_or_refuse(services, who, room)
    await open_or_refuse(services, who, room)
    live = await services.rooms.open(room)
    known = live.violation(request.match_info["violation"])
    candidate = known.noted.candidate
    await live.view_recording(who.subject, candidate, await name_of(services, who))
    return live.state, known, clips.parts(known, live.segments(candidate))


async def _sent(
    request: web.Request, services: Services, room: str, candidate: str, name: str
) -> web.StreamResponse:
    """A segment, or the part of it that was asked for, as it is opened."""
    size = await services.recording.size(room, candidate, name)
    start, stop = _range(request, size)
    partial = "Range" in request.headers
    response = web.StreamResponse(status=206 if partial else 200)
    response.content_type = "video/webm"
    response.content_length = stop - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    await response.prepare(request)
    async for piece in services.recording.open_range(room, candidate, name, start, stop):
        await response.write(piece)
    await response.write_eof()
    return response


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _range(request: web.Request, size: int) -> tuple[int, int]:
    """The half-open byte range asked for. Raises ProctorError `bad_request`, or 416 beyond the end."""
    header = request.headers.get("Range")
    if header is None:
        return 0, size
    found = _RANGE.fullmatch(header.strip())
    if found is None:
        raise ProctorError("bad_request", field="Range")
    start = int(found[1])
    stop = min(int(found[2]) + 1, size) if found[2] else size
    if start >= size or stop <= start:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, stop
