"""Staff, candidates and sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from proctor.errors import ProctorError
from proctor.store import tables


@dataclass(frozen=True)
class StaffMember:
    staff: str
    name: str
    full_name: str
    role: str
    password_hash: str


@dataclass(frozen=True)
class Candidate:
    candidate: str
    room: str
    number: str
    full_name: str


@dataclass(frozen=True)
class Session:
    """Someone signed in, in one role. `session` names it and opens nothing."""

    session: str
    role: str
    subject: str
    ends_at: datetime


class People:
    """Queries over staff, candidates and sessions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add_staff(self, member: StaffMember) -> None:
        """Put a new member of staff on record. Raises ProctorError `name_taken`."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(tables.staff).values(**member.__dict__))
        except IntegrityError:
            raise ProctorError("name_taken", name=member.name) from None

    async def staff_by_name(self, name: str) -> StaffMember | None:
        return await self._staff(tables.staff.c.name == name)

    async def staff_by_id(self, staff: str) -> StaffMember | None:
        return await self._staff(tables.staff.c.staff == staff)

    async def all_staff(self) -> list[StaffMember]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(tables.staff).order_by(tables.staff.c.name))
            return [StaffMember(**row._mapping) for row in rows]

    async def _staff(self, condition: object) -> StaffMember | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(tables.staff).where(condition))).one_or_none()  # type: ignore[arg-type]
            return StaffMember(**row._mapping) if row else None

    async def add_candidates(
        self, room: str, enrolled: Collection[str], people: Sequence[Candidate], code_digests: Sequence[str]
    ) -> None:
        """Put candidates of a room and the digests of their codes on record, all or none.

        `enrolled` are those whom the room's log has: rows of others are left from an import that failed, and go.
        Raises ProctorError `roster_conflict`.
        """
        rows = [{**person.__dict__, "code_digest": digest} for person, digest in zip(people, code_digests, strict=True)]
        columns = tables.candidates.c
        try:
            async with self._engine.begin() as connection:
                await connection.execute(
                    delete(tables.candidates).where(columns.room == room, columns.candidate.not_in(enrolled))
                )
                if rows:
                    await connection.execute(insert(tables.candidates), rows)
        except IntegrityError:
            raise ProctorError("roster_conflict") from None

    async def candidate_by_code(self, number: str, code_digest: str) -> Candidate | None:
        columns = tables.candidates.c
        return await self._candidate((columns.number == number) & (columns.code_digest == code_digest))

    async def candidate_by_id(self, candidate: str) -> Candidate | None:
        return await self._candidate(tables.candidates.c.candidate == candidate)

    async def _candidate(self, condition: object) -> Candidate | None:
        columns = tables.candidates.c
        query = select(columns.candidate, columns.room, columns.number, columns.full_name).where(condition)  # type: ignore[arg-type]
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
            return Candidate(**row._mapping) if row else None

    async def enrolled(self) -> defaultdict[str, list[dict[str, str]]]:
        """The candidates of every room, by room."""
        columns = tables.candidates.c
        query = select(columns.room, columns.candidate, columns.number, columns.full_name).order_by(columns.number)
        found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        async with self._engine.connect() as connection:
            for row in await connection.execute(query):
                found[row.room].append({key: row._mapping[key] for key in ("candidate", "number", "full_name")})
        return found

    async def open_session(self, role: str, subject: str, now: datetime, lasting: timedelta) -> str:
        """A new session; returns the secret for the cookie, which is stored nowhere."""
        secret = secrets.token_urlsafe(32)
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.sessions).where(tables.sessions.c.expires_at < now.isoformat()))
            await connection.execute(
                insert(tables.sessions).values(
                    digest=_digest(secret), role=role, subject=subject, expires_at=(now + lasting).isoformat()
                )
            )
        return secret

    async def session(self, secret: str, now: datetime) -> Session | None:
        """The session that a cookie's secret opens, if it has not ended."""
        return await self.session_named(_digest(secret), now)

    async def session_named(self, session: str, now: datetime) -> Session | None:
        """The session of that name, if it has not ended."""
        columns = tables.sessions.c
        query = select(columns.role, columns.subject, columns.expires_at).where(
            columns.digest == session, columns.expires_at > now.isoformat()
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Session(session, row.role, row.subject, datetime.fromisoformat(row.expires_at)) if row else None

    async def close_session(self, session: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == session))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
