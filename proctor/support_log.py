"""The report of requests for help and their answers, of a room or of all rooms of an exam, as JSON or CSV.

Made in a worker process from the rooms' logs: state does not keep what is answered.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Engine

from proctor import views
from proctor.coding import RoomFold
from proctor.exam import events as e
from proctor.exam.support import Request, summary, support_log
from proctor.ledger import tables
from proctor.store.engine import sync_engine

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Language = Literal["vi", "en"]
_COLUMNS = (
    ("room", "Phòng", "Room"), ("kind", "Loại", "Kind"), ("number", "Số báo danh", "Candidate number"),
    ("full_name", "Thí sinh", "Candidate"), ("subject", "Nội dung", "Subject"), ("at", "Lúc", "At"),
    ("by_name", "Người yêu cầu", "Asked by"), ("answered_at", "Trả lời lúc", "Answered at"),
    ("answered_by_name", "Người trả lời", "Answered by"), ("seconds", "Số giây", "Seconds"),
    ("withdrawn", "Tự rút", "Withdrawn"),
)  # fmt: skip
_KINDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "hand": "Giơ tay", "message": "Tin nhắn", "diagnosis": "Chẩn đoán", "asked_again": "Yêu cầu kiểm tra lại"
    },
    "en": {"hand": "Hand raised", "message": "Message", "diagnosis": "Diagnosis", "asked_again": "Asked again"},
}  # fmt: skip


def report(url: str, rooms: list[str], form: str, language: Language = "vi") -> bytes:
    """In a worker process: the report of `rooms` as `json` or `csv`, whose words are in `language`."""
    engine = sync_engine(url)
    try:
        read = [_of_room(engine, room) for room in rooms]
    finally:
        engine.dispose()
    if form == "csv":
        return _csv((row for room in read for row in room["requests"]), language)
    together = summary(request for room in read for request in room.pop("_requests"))
    return msgspec.json.encode({"rooms": read, "summary": _figures(together)})


def _of_room(engine: Engine, room: str) -> dict[str, Any]:
    people: dict[str, tuple[str, str]] = {}
    title = ""
    entries = []
    for at, event in _events(engine, room):
        match event:
            case e.RoomPlanned():
                title = event.title
            case e.CandidateEnrolled(candidate=person, number=number, full_name=name):
                people[person] = (number, name)
            case e.StaffAssigned(staff=person, full_name=name):
                people[person] = ("", name)
        entries.append((at, event))
    requests = support_log(entries)
    return {
        "room": room,
        "title": title,
        "requests": [_row(title, request, people) for request in requests],
        "summary": _figures(summary(requests)),
        "_requests": requests,
    }


def _events(engine: Engine, room: str) -> Iterator[tuple[datetime, e.Event]]:
    """The events of a log; what was erased is left out."""
    fold = RoomFold()
    for entry in tables.read(engine, room):
        if entry.payload is not None:
            yield entry.at, fold.decode(entry.kind, entry.payload)


def _row(title: str, request: Request, people: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    number, full_name = people.get(request.candidate, ("", request.candidate))
    return {
        "room": title,
        "kind": request.kind,
        "candidate": request.candidate,
        "number": number,
        "full_name": full_name,
        "subject": request.subject,
        "at": views.moment(request.at),
        "by": request.by,
        "by_name": people.get(request.by, ("", request.by))[1],
        "answered_at": views.moment(request.answered_at),
        "answered_by": request.answered_by,
        "answered_by_name": people.get(request.answered_by, ("", request.answered_by))[1],
        "seconds": None if request.seconds is None else round(request.seconds, 1),
        "withdrawn": request.withdrawn,
    }


def _figures(found: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: asdict(each) for kind, each in found.items()}


def _csv(rows: Iterable[Mapping[str, Any]], language: Language) -> bytes:
    """For spreadsheet programs: a byte-order mark, and no cell that they would take for a formula."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(vi if language == "vi" else en for _, vi, en in _COLUMNS)
    for row in rows:
        told = {**row, "kind": _KINDS[language][row["kind"]], "withdrawn": "x" if row["withdrawn"] else ""}
        cells = ("" if told[column] is None else str(told[column]) for column, *_ in _COLUMNS)
        lines.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return ("\ufeff" + text.getvalue()).encode()
