"""Staff, candidates and sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from proctor.errors import ProctorError
from proctor.store import tables
from proctor.store.identifiers import new_id


@dataclass(frozen=True)
class StaffMember:
    staff: str
    name: str
    full_name: str
    role: str
    password_hash: str
    unit: str = ""  # of the school, or whoever employs the person; "" if nobody said


@dataclass(frozen=True)
class PasswordChange:
    """That an account's password was set at the command line; `change` names it."""

    change: str
    member: StaffMember
    at: datetime


@dataclass(frozen=True)
class Candidate:
    """A candidate as the office enrolled them. `wish` is not granted by standing here."""

    candidate: str
    room: str
    number: str
    full_name: str
    identity: str = ""
    shares_place: str = ""
    wish: str = ""
    wished_minutes: int = 0
    code_issued_at: str | None = None


_CANDIDATE = [tables.candidates.c[each.name] for each in fields(Candidate)]


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

    async def add_staff(self, *members: StaffMember) -> None:
        """Put new members of staff on record, all or none. Raises ProctorError `name_taken`."""
        try:
            async with self._engine.begin() as connection:
                for member in members:
                    await connection.execute(insert(tables.staff).values(**member.__dict__))
        except IntegrityError:
            raise ProctorError("name_taken", name=", ".join(member.name for member in members)) from None

    async def staff_by_name(self, name: str) -> StaffMember | None:
        return await self._staff(tables.staff.c.name == name)

    async def staff_by_id(self, staff: str) -> StaffMember | None:
        return await self._staff(tables.staff.c.staff == staff)

    async def set_password(self, staff: str, password_hash: str) -> None:
        """Let another password open the account; the earlier one opens nothing any more."""
        columns = tables.staff.c
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.staff).where(columns.staff == staff).values(password_hash=password_hash)
            )

    async def set_password_unlogged(self, staff: str, password_hash: str, now: datetime) -> None:
        """As `set_password`, by whom no log knows; leaves a `PasswordChange` for the server to find."""
        columns = tables.staff.c
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.staff).where(columns.staff == staff).values(password_hash=password_hash)
            )
            change = {"change": new_id("w"), "staff": staff, "at": now.isoformat()}
            await connection.execute(insert(tables.password_changes).values(change))

    async def password_changes(self) -> list[PasswordChange]:
        """Those that were left, in the order of their time."""
        left = tables.password_changes
        query = select(left.c.change, left.c.at, tables.staff).join(tables.staff).order_by(left.c.at, left.c.change)
        async with self._engine.connect() as connection:
            rows = [dict(row._mapping) for row in await connection.execute(query)]
        return [
            PasswordChange(row.pop("change"), at=datetime.fromisoformat(row.pop("at")), member=StaffMember(**row))
            for row in rows
        ]

    async def forget_password_changes(self, changes: Collection[str]) -> None:
        """The log has them."""
        left = tables.password_changes
        async with self._engine.begin() as connection:
            await connection.execute(delete(left).where(left.c.change.in_(changes)))

    async def all_staff(self) -> list[StaffMember]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(tables.staff).order_by(tables.staff.c.name))
            return [StaffMember(**row._mapping) for row in rows]

    async def _staff(self, condition: object) -> StaffMember | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(tables.staff).where(condition))).one_or_none()  # type: ignore[arg-type]
            return StaffMember(**row._mapping) if row else None

    async def add_candidates(
        self,
        room: str,
        enrolled: Collection[str],
        people: Sequence[Candidate],
        code_digests: Sequence[str],
        code_issued_at: str | None = None,
    ) -> None:
        """Put candidates of a room and the digests of their codes on record, all or none.

        `enrolled` are those whom the room's log has: rows of others are left from an import that failed, and go.
        Raises ProctorError `roster_conflict`.
        """
        rows = [
            {**person.__dict__, "code_digest": digest, "code_issued_at": code_issued_at}
            for person, digest in zip(people, code_digests, strict=True)
        ]
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

    async def candidates(self, room: str | None = None) -> list[Candidate]:
        """The candidates of a room, or of all rooms, by number."""
        query = select(*_CANDIDATE).order_by(tables.candidates.c.number)
        if room is not None:
            query = query.where(tables.candidates.c.room == room)
        async with self._engine.connect() as connection:
            return [Candidate(**row._mapping) for row in await connection.execute(query)]

    async def remove_candidate(self, candidate: str) -> None:
        """Forget a candidate and the code; saying it again changes nothing."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.candidates).where(tables.candidates.c.candidate == candidate))

    async def move_candidate(self, candidate: str, room: str) -> None:
        """Let the candidate's code open another room. Raises ProctorError `roster_conflict`."""
        columns = tables.candidates.c
        try:
            async with self._engine.begin() as connection:
                await connection.execute(
                    update(tables.candidates).where(columns.candidate == candidate).values(room=room)
                )
        except IntegrityError:
            raise ProctorError("roster_conflict") from None

    async def replace_codes(self, digests: Mapping[str, str], now: datetime) -> None:
        """Give candidates other codes, all or none; the earlier ones open nothing any more."""
        columns = tables.candidates.c
        async with self._engine.begin() as connection:
            for candidate, digest in digests.items():
                await connection.execute(
                    update(tables.candidates)
                    .where(columns.candidate == candidate)
                    .values(code_digest=digest, code_issued_at=now.isoformat())
                )

    async def code_digests(self, room: str) -> dict[str, str]:
        """The digests of the codes of a room's candidates."""
        columns = tables.candidates.c
        query = select(columns.candidate, columns.code_digest).where(columns.room == room)
        async with self._engine.connect() as connection:
            return {row.candidate: row.code_digest for row in await connection.execute(query)}

    async def candidate_by_code(self, number: str, code_digest: str) -> Candidate | None:
        columns = tables.candidates.c
        return await self._candidate((columns.number == number) & (columns.code_digest == code_digest))

    async def candidate_by_id(self, candidate: str) -> Candidate | None:
        return await self._candidate(tables.candidates.c.candidate == candidate)

    async def _candidate(self, condition: object) -> Candidate | None:
        query = select(*_CANDIDATE).where(condition)  # type: ignore[arg-type]
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
                    digest=session_name(secret), role=role, subject=subject, expires_at=(now + lasting).isoformat()
                )
            )
        return secret

    async def session(self, secret: str, now: datetime) -> Session | None:
        """The session that a cookie's secret opens, if it has not ended."""
        session = session_name(secret)
        columns = tables.sessions.c
        query = select(columns.role, columns.subject, columns.expires_at).where(
            columns.digest == session, columns.expires_at > now.isoformat()
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Session(session, row.role, row.subject, datetime.fromisoformat(row.expires_at)) if row else None

    async def standing(self, sessions: Collection[str], now: datetime) -> set[str]:
        """Those of the named sessions that have not ended."""
        columns = tables.sessions.c
        query = select(columns.digest).where(columns.digest.in_(sessions), columns.expires_at > now.isoformat())
        async with self._engine.connect() as connection:
            return set((await connection.execute(query)).scalars())

    async def close_sessions_of(self, role: str, subject: str, *, but: str = "") -> list[str]:
        """End every session of a person in a role, except the one named `but`; their names."""
        columns = tables.sessions.c
        async with self._engine.begin() as connection:
            ended = await connection.execute(
                delete(tables.sessions)
                .where(columns.role == role, columns.subject == subject, columns.digest != but)
                .returning(columns.digest)
            )
            return [row.digest for row in ended]

    async def close_session(self, session: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == session))


def session_name(secret: str) -> str:
    """Under which the session that a cookie's secret opens is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()
