"""Staff accounts: made by the training office in its page, or by an operator at the command line."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from datetime import datetime

from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.passwords import hash_password
from proctor.store.identifiers import new_id
from proctor.store.people import People, StaffMember
from proctor.text import visible

STAFF_ROLES = frozenset(Role) - {Role.CANDIDATE, Role.PHONE}


class Accounts:
    """Use cases of staff accounts."""

    def __init__(self, people: People, pool: Executor | None = None) -> None:
        self._people = people
        self._pool = pool
        self.making = asyncio.Lock()  # a name that is free stays so until the account is on record

    async def create(self, name: str, full_name: str, role: str, password: str, unit: str = "") -> StaffMember:
        """A new account; `unit` as in StaffMember. Raises ProctorError `bad_request`, `name_taken`,
        `password_too_short`, and `unit_needed` for the head of one (B22.4)."""
        member = await self.prepare(name, full_name, role, password, unit)
        await self._people.add_staff(member)
        return member

    async def prepare(self, name: str, full_name: str, role: str, password: str, unit: str = "") -> StaffMember:
        """An account that is not on record yet. Raises as `create` does."""
        if role not in STAFF_ROLES:
            raise ProctorError("bad_request", field="role")
        name, full_name, unit = visible(name), visible(full_name), visible(unit)  # as a page sends them
        if not name.strip() or not full_name.strip() or len(name) > 64 or len(full_name) > 200:
            raise ProctorError("bad_request", field="name")
        if len(unit) > 200:
            raise ProctorError("bad_request", field="unit")
        if role == Role.UNIT_HEAD and not unit.strip():
            raise ProctorError("unit_needed")
        if name.strip().casefold() in {member.name.casefold() for member in await self._people.all_staff()}:
            raise ProctorError("name_taken", name=name.strip())
        hashed = await self.hashed(password)
        return StaffMember(new_id("s"), name.strip(), full_name.strip(), role, hashed, unit.strip())

    async def hashed(self, password: str) -> str:
        """The hash of a password. Raises ProctorError `password_too_short`."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, hash_password, password)

    async def set_password(self, name: str, password: str, now: datetime) -> StaffMember:
        """Another password for the account of that name, whose sessions end: the next request with one is refused.

        By an operator, of whom nothing is known: the server puts that it was done on the office's log.

        Raises ProctorError `not_found`, `password_too_short`.
        """
        member = await self._people.staff_by_name(visible(name))
        if member is None:
            raise ProctorError("not_found", what="account")
        await self._people.set_password_unlogged(member.staff, await self.hashed(password), now)
        await self._people.close_sessions_of(member.role, member.staff)
        return member
