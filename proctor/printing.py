"""What the training office takes away: templates of lists to fill in, and papers to print, as PDF."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from proctor.documents.typeset import Language, typeset, typeset_slips
from proctor.errors import ProctorError
from proctor.exam.room import Room
from proctor.lists.templates import LISTS, TYPES, file_name, template
from proctor.rooms import LiveRooms
from proctor.rosters import Rosters

_PDF = "application/pdf"
_NAMES: Mapping[str, Mapping[Language, str]] = {
    "slips": {"vi": "phieu-ma-thi.pdf", "en": "exam-code-slips.pdf"},
    "attendance": {"vi": "danh-sach-du-thi.pdf", "en": "attendance-list.pdf"},
}
_VIETNAM = timezone(timedelta(hours=7))  # without daylight saving since 1975


@dataclass(frozen=True)
class File:
    """Bytes with the name and type that a browser saves them under."""

    content: bytes
    type: str
    name: str


class Printing:
    """Use cases of templates and printing."""

    def __init__(self, *, rooms: LiveRooms, rosters: Rosters, pool: Executor) -> None:
        self._rooms = rooms
        self._rosters = rosters
        self._pool = pool

    async def list_template(self, kind: str, form: str) -> File:
        """The template for a `roster` or a list of `staff`, as `csv` or `xlsx`. Raises ProctorError `not_found`."""
        if kind not in LISTS or form not in TYPES:
            raise ProctorError("not_found", what="template")
        return File(await self._run(template, kind, form), TYPES[form], file_name(kind, form))

    async def slips(self, room: str, codes: Mapping[str, str], address: str, language: Language) -> File:
        """Slips for candidates with the codes that their page was just told; the server itself has only digests.

        A code is printed only while it opens the sitting. `address` is that of the candidates' page.
        Raises ProctorError `code_not_current`, `not_found`.
        """
        state = (await self._rooms.open(room)).state
        await self._rosters.check_codes(room, codes)
        people = sorted((state.sitting(candidate) for candidate in codes), key=lambda known: known.number)
        slips = [
            {"number": known.number, "full_name": known.full_name, "code": codes[known.candidate]} for known in people
        ]
        pdf = await self._run(typeset_slips, {**_heading(state, language), "address": address, "candidates": slips})
        return File(pdf, _PDF, _NAMES["slips"][language])

    async def attendance(self, room: str, language: Language) -> File:
        """The list of a room to be signed. Raises ProctorError `not_found`, `chain_broken`."""
        state = (await self._rooms.open(room)).state
        people = sorted(state.sittings.values(), key=lambda known: known.number)
        candidates = [
            {"number": known.number, "full_name": known.full_name, "shares_place": known.shares_place}
            for known in people
        ]
        staff = [{"full_name": each.full_name, "role": each.role} for each in state.staff.values()]
        data = {**_heading(state, language), "candidates": candidates, "staff": staff}
        return File(await self._run(typeset, "attendance", data), _PDF, _NAMES["attendance"][language])

    async def _run(self, job: Any, *arguments: Any) -> bytes:
        made: bytes = await asyncio.get_running_loop().run_in_executor(self._pool, job, *arguments)
        return made


def _heading(state: Room, language: Language) -> dict[str, str]:
    times = state.schedule
    return {
        "language": language,
        "exam": state.exam_title,
        "room": state.title,
        "starts_at": _moment(times.starts_at),
        "release_at": _clock(times.release_at),
        "submit_by": _moment(times.submit_by),
    }


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(_VIETNAM):%H:%M}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(_VIETNAM):%H:%M, %d/%m/%Y}"
