"""Routes of the training office."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
from aiohttp import web

from proctor.errors import ProctorError
from proctor.exam.articles import articles
from proctor.exam.decisions.planning import MAX_PAPER_BYTES
from proctor.exam.permissions import Role
from proctor.exam.plan import FIRST_REGIME
from proctor.exam.schedule import Schedule, staff_open_minutes
from proctor.regulation.citation import Regime, named
from proctor.web.edge import asker, body_as, read_limited, reply, reply_encoded, utc, whole_number
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
_PIECE_BYTES = 256 * 1024

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class NewExam(msgspec.Struct, forbid_unknown_fields=True):
    title: Title
    starts_at: Moment
    release_at: Moment
    working_minutes: Annotated[int, msgspec.Meta(ge=1, le=24 * 60)]
    submit_by: Moment
    end_at: Moment


class NewRoom(msgspec.Struct, forbid_unknown_fields=True):
    title: Title


class NewStaff(msgspec.Struct, forbid_unknown_fields=True):
    VERBATIM: ClassVar = ("password",)

    name: str
    full_name: str
    role: Role
    password: str
    unit: str = ""


class Assignment(msgspec.Struct, forbid_unknown_fields=True):
    staff: Annotated[list[str], msgspec.Meta(max_length=100)]


@routes.get("/api/exams")
async def list_exams(request: web.Request) -> web.Response:
    who = await asker(request, "list_exams")
    office = request.app[SERVICES].office
    exams = await (office.exams_to_confirm(who.subject) if who.role is Role.UNIT_HEAD else office.exams())
    shown = exams if who.role is Role.TRAINING_OFFICE else [_without_people(exam) for exam in exams]
    return reply({"exams": shown, "staff_open_minutes": {"A": _minutes("A"), "B": _minutes("B")}})


def _minutes(regime: Regime) -> list[dict[str, Any]]:
    """For a plan that is being typed: from when staff may enter, by the day of the exam, and after which article."""
    rests_on = articles(regime, "A14.2c.1")
    return [
        {
            "from": each.valid_from.isoformat(),
            "minutes": each.value,
            "article": {"vi": named(rests_on, "vi"), "en": named(rests_on, "en")},
        }
        for each in staff_open_minutes(regime)
    ]


@routes.post("/api/exams")
async def create_exam(request: web.Request) -> web.Response:
    who = await asker(request, "create_exam")
    new = await body_as(request, NewExam)
    office = request.app[SERVICES].office
    return reply(await office.create_exam(who.subject, new.title, _times(new), regime=FIRST_REGIME))


@routes.put("/api/exams/{exam}")
async def revise_exam(request: web.Request) -> web.Response:
    who = await asker(request, "revise_exam")
    new, exam = await body_as(request, NewExam), request.match_info["exam"]
    services = request.app[SERVICES]
    await services.drafts.revise(who.subject, exam, new.title, _times(new), request.headers.get("If-Match"))
    return reply(await services.office.exam(exam))


def _times(new: NewExam) -> Schedule:
    starts_at, release_at, submit_by, end_at = (
        utc(moment) for moment in (new.starts_at, new.release_at, new.submit_by, new.end_at)
    )
    return Schedule(starts_at, release_at, new.working_minutes, submit_by, end_at)


@routes.get("/api/exams/{exam}")
async def get_exam(request: web.Request) -> web.Response:
    who = await asker(request, "list_exams")
    office = request.app[SERVICES].office
    if who.role is Role.UNIT_HEAD:
        await office.planning.refuse_reader(who.subject, request.match_info["exam"])
    exam = await office.exam(request.match_info["exam"])
    return reply(exam if who.role is Role.TRAINING_OFFICE else _without_people(exam))


def _without_people(exam: dict[str, Any]) -> dict[str, Any]:
    """What those who support rooms or confirm papers need of an exam, which is nobody's name (A5.4)."""
    kept = ("exam", "title", "times", "published_at", "paper", "reserve")
    rooms = [
        {
            **{key: room[key] for key in ("room", "title", "phase", "published", "supported") if key in room},
            "candidates": len(room["candidates"]),
        }
        for room in exam["rooms"]
    ]
    return {**{key: exam[key] for key in kept}, "regime": exam["plan"]["regime"], "rooms": rooms}


@routes.post("/api/exams/{exam}/rooms")
async def create_room(request: web.Request) -> web.Response:
    who = await asker(request, "create_room")
    new = await body_as(request, NewRoom)
    office = request.app[SERVICES].office
    return reply(await office.create_room(who.subject, request.match_info["exam"], new.title))


@routes.delete("/api/exams/{exam}")
async def remove_exam(request: web.Request) -> web.Response:
    who = await asker(request, "remove_exam")
    drafts = request.app[SERVICES].drafts
    await drafts.remove(who.subject, request.match_info["exam"], request.headers.get("If-Match"))
    return reply({})


@routes.delete("/api/rooms/{room}")
async def remove_room(request: web.Request) -> web.Response:
    who = await asker(request, "remove_room")
    await request.app[SERVICES].drafts.remove_room(who.subject, request.match_info["room"])
    return reply({})


@routes.get("/api/staff")
async def list_staff(request: web.Request) -> web.Response:
    await asker(request, "list_staff")
    return reply({"staff": await request.app[SERVICES].office.staff()})


@routes.post("/api/staff")
async def create_staff(request: web.Request) -> web.Response:
    who = await asker(request, "create_staff")
    new = await body_as(request, NewStaff)
    office = request.app[SERVICES].office
    member = await office.create_staff(who.subject, new.name, new.full_name, new.role, new.password, new.unit)
    return reply({"subject": member.staff})


@routes.post("/api/staff/{staff}/password")
async def reset_password(request: web.Request) -> web.Response:
    who = await asker(request, "reset_password")
    passwords = request.app[SERVICES].staff_passwords
    return reply(await passwords.reset(who.subject, who.session, request.match_info["staff"]))


@routes.put("/api/rooms/{room}/staff")
async def assign_staff(request: web.Request) -> web.Response:
    who = await asker(request, "assign_staff")
    given = await body_as(request, Assignment)
    office = request.app[SERVICES].office
    seen = request.headers.get("If-Match")
    return reply(await office.assign_staff(who.subject, request.match_info["room"], given.staff, seen))


@routes.put("/api/exams/{exam}/paper")
async def load_paper(request: web.Request) -> web.Response:
    who = await asker(request, "load_paper")
    pdf = await read_limited(request, MAX_PAPER_BYTES, "20 MB")
    office = request.app[SERVICES].office
    return reply(await office.load_paper(who.subject, request.match_info["exam"], pdf, _use(request)))


@routes.get("/api/exams/{exam}/paper")
async def preview_paper(request: web.Request) -> web.Response:
    who = await asker(request, "preview_paper")
    office = request.app[SERVICES].office
    pdf = await office.preview_paper(
        who.subject, request.match_info["exam"], _use(request), to_confirm=who.role is Role.UNIT_HEAD
    )
    return web.Response(body=pdf, content_type="application/pdf", headers={"Cache-Control": "no-store"})


def _use(request: web.Request) -> str:
    use = request.query.get("use", "main")
    if use not in ("main", "reserve"):
        raise ProctorError("bad_request", field="use")
    return use


@routes.get("/api/office/events")
async def office_events(request: web.Request) -> web.Response:
    await asker(request, "read_office_events")
    return reply_encoded(await request.app[SERVICES].office_log.events(whole_number(request, "after")))


@routes.get("/api/rooms/{room}/submissions.zip")
async def pull_submissions(request: web.Request) -> web.StreamResponse:
    who = await asker(request, "pull_submissions")
    room = request.match_info["room"]
    services = request.app[SERVICES]
    await services.rooms.open(room)
    with tempfile.TemporaryDirectory(prefix="proctor-") as folder:  # 0700, and not where backups of the data look
        archive = Path(folder) / "submissions.zip"
        await services.archive.pull(who.subject, room, archive)
        size = archive.stat().st_size
        file = archive.open("rb")
    with file:  # it has no name any more: nothing is left in the clear, however long the sending takes
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/zip",
                "Content-Length": str(size),
                "Content-Disposition": f'attachment; filename="{room}-submissions.zip"',
                "Cache-Control": "no-store",
            }
        )
        await response.prepare(request)
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            await response.write(piece)
        await response.write_eof()
        return response
