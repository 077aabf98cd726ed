"""Whether a page still knows what it is about to replace: two people may have the same form open.

A page is told the edition of what it shows and sends it back as If-Match (RFC 9110 13.1.1) with what it wants instead.
Who sends none replaces whatever there is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from proctor.errors import ProctorError
from proctor.exam.room import Room
from proctor.store.exams import Exam


def exam_edition(planned: Exam) -> str:
    """Of an exam's name, its times, and what is decided of it."""
    moments = (planned.starts_at, planned.release_at, planned.submit_by, planned.end_at)
    return _edition(planned.title, moments, planned.working_minutes, planned.plan)


def staff_edition(room: Room) -> str:
    """Of who is assigned to a room."""
    return _edition(sorted(room.staff))


def removal_edition(planned: Exam, rooms: Iterable[Room], papers: Iterable[str]) -> str:
    """Of all that goes with a draft: `rooms`, with their rosters and staff, and `papers`, by their digests."""
    held = sorted((room.room, sorted(room.sittings), staff_edition(room)) for room in rooms)
    return _edition(exam_edition(planned), held, sorted(papers))


def _edition(*parts: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def unchanged(seen: str | None, now: str) -> None:
    """Raises ProctorError `changed_meanwhile` if `seen` is an edition other than `now`."""
    if seen is not None and seen.strip('"') != now:
        raise ProctorError("changed_meanwhile")
