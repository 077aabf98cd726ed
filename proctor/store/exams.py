"""Exams, their rooms and sealed papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.exam.plan import Plan
from proctor.exam.schedule import Schedule
from proctor.store import tables


@dataclass(frozen=True)
class Exam:
    """An exam session as planned. Moments are aware datetimes."""

    exam: str
    title: str
    starts_at: datetime
    release_at: datetime
    working_minutes: int
    submit_by: datetime
    end_at: datetime
    created_at: datetime
    plan: Plan
    published_at: datetime | None = None


@dataclass(frozen=True)
class RoomRow:
    room: str
    exam: str
    title: str
    owner_epoch: int


@dataclass(frozen=True)
class SealedPaper:
    """What is known of a sealed paper: digest and size of the ciphertext, and its key wrapped by the installation's.

    `kind` is "main" or "reserve", or "material" for a file that goes to all during the exam.
    """

    exam: str
    sha256: str
    size: int
    wrapped_key: bytes
    kind: str = "main"
    type: str = "application/pdf"
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


_MOMENTS = ("starts_at", "release_at", "submit_by", "end_at", "created_at")


class Exams:
    """Queries over exams, rooms and papers."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add_exam(self, exam: Exam) -> None:
        row = {key: value.isoformat() if key in _MOMENTS else value for key, value in exam.__dict__.items()}
        row["plan"] = msgspec.json.encode(exam.plan).decode()
        async with self._engine.begin() as connection:
            await connection.execute(insert(tables.exams).values(**row))

    async def exam(self, exam: str) -> Exam:
        """Raises ProctorError `not_found`."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(tables.exams).where(tables.exams.c.exam == exam))).one_or_none()
        if row is None:
            raise ProctorError("not_found", what="exam")
        return _exam(row._mapping)

    async def revise(self, exam: str, title: str, times: Schedule) -> None:
        """Another name and other times of a draft."""
        await self._update(
            exam, title=title, starts_at=times.starts_at.isoformat(), release_at=times.release_at.isoformat(),
            working_minutes=times.working_minutes, submit_by=times.submit_by.isoformat(),
            end_at=times.end_at.isoformat(),
        )  # fmt: skip

    async def set_plan(self, exam: str, plan: Plan) -> None:
        await self._update(exam, plan=msgspec.json.encode(plan).decode())

    async def set_published(self, exam: str, at: datetime | None) -> None:
        await self._update(exam, published_at=at.isoformat() if at else None)

    async def _update(self, exam: str, **values: Any) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(tables.exams).where(tables.exams.c.exam == exam).values(**values))

    async def all_exams(self) -> list[Exam]:
        """Newest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(tables.exams).order_by(tables.exams.c.created_at.desc()))
            return [_exam(row._mapping) for row in rows]

    async def add_room(self, room: str, exam: str, title: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(insert(tables.rooms).values(room=room, exam=exam, title=title, owner_epoch=0))

    async def remove_room(self, room: str) -> None:
        """Forget a room that was removed; its log stays. Saying it again changes nothing."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.candidates).where(tables.candidates.c.room == room))
            await connection.execute(delete(tables.rooms).where(tables.rooms.c.room == room))

    async def remove_exam(self, exam: str) -> list[str]:
        """Forget an exam that was removed, its rooms, candidates with their codes, and papers, all or none; logs stay.

        It ends the candidates' sessions and returns their names. Saying it again changes nothing."""
        rooms = select(tables.rooms.c.room).where(tables.rooms.c.exam == exam)
        candidates = select(tables.candidates.c.candidate).where(tables.candidates.c.room.in_(rooms))
        sessions = tables.sessions.c
        async with self._engine.begin() as connection:
            ended = await connection.execute(
                delete(tables.sessions)
                .where(sessions.role == Role.CANDIDATE, sessions.subject.in_(candidates))
                .returning(sessions.digest)
            )
            names = [row.digest for row in ended]
            await connection.execute(delete(tables.candidates).where(tables.candidates.c.room.in_(rooms)))
            for table in (tables.rooms, tables.papers, tables.exams):  # those that others refer to last
                await connection.execute(delete(table).where(table.c.exam == exam))
        return names

    async def all_rooms(self) -> list[RoomRow]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(tables.rooms).order_by(tables.rooms.c.title))
            return [RoomRow(**row._mapping) for row in rows]

    async def claim_room(self, room: str) -> int:
        """Become the owner of a room's log; returns the new owner epoch, greater than every earlier one."""
        columns = tables.rooms.c
        async with self._engine.begin() as connection:
            result = await connection.execute(
                update(tables.rooms)
                .where(columns.room == room)
                .values(owner_epoch=columns.owner_epoch + 1)
                .returning(columns.owner_epoch)
            )
            return int(result.scalar_one())

    async def add_paper(self, paper: SealedPaper) -> None:
        """The newest paper of an exam. Earlier ones stay: a room's log names the one it holds by its digest."""
        async with self._engine.begin() as connection:
            await connection.execute(insert(tables.papers).values(**paper.__dict__))

    async def paper(self, exam: str, kind: str = "main") -> SealedPaper:
        """The newest one of its kind. Raises ProctorError `not_found`."""
        return await self._paper((tables.papers.c.exam == exam) & (tables.papers.c.kind == kind))

    async def confirm_paper(self, exam: str, sha256: str, by: str, at: datetime) -> None:
        """The head of the academic unit has confirmed the paper with that digest (B22.4)."""
        columns = tables.papers.c
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.papers)
                .where(columns.exam == exam, columns.sha256 == sha256)
                .values(confirmed_by=by, confirmed_at=at.isoformat())
            )

    async def paper_digests(self, exam: str) -> list[str]:
        """Of all papers that were loaded for an exam, the earlier ones and the reserves too."""
        query = select(tables.papers.c.sha256).where(tables.papers.c.exam == exam)
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def paper_by_digest(self, exam: str, sha256: str) -> SealedPaper:
        """Raises ProctorError `not_found`."""
        return await self._paper((tables.papers.c.exam == exam) & (tables.papers.c.sha256 == sha256))

    async def _paper(self, condition: ColumnElement[bool]) -> SealedPaper:
        columns = tables.papers.c
        query = select(*(column for column in columns if column.name != "number")).where(condition)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query.order_by(columns.number.desc()).limit(1))).one_or_none()
        if row is None:
            raise ProctorError("not_found", what="paper")
        confirmed_at = row.confirmed_at and datetime.fromisoformat(row.confirmed_at)
        return SealedPaper(**{**row._mapping, "confirmed_at": confirmed_at})


def _exam(row: RowMapping) -> Exam:
    values: dict[str, Any] = dict(row)
    values |= {key: datetime.fromisoformat(values[key]) for key in _MOMENTS}
    values["published_at"] = values["published_at"] and datetime.fromisoformat(values["published_at"])
    values["plan"] = msgspec.json.decode(values["plan"], type=Plan)
    return Exam(**values)
