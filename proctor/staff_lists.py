"""Accounts for a whole list of staff, with passwords that the server makes and tells once."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from typing import Any

from proctor.accounts import Accounts
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.lists.columns import named_columns, problem
from proctor.lists.staff import StaffRow, read_staff
from proctor.office_log import OfficeLog, account
from proctor.store.identifiers import new_exam_code
from proctor.store.people import People


class StaffLists:
    """The use case of importing a staff list."""

    def __init__(self, *, people: People, accounts: Accounts, pool: Executor, log: OfficeLog) -> None:
        self._people = people
        self._accounts = accounts
        self._pool = pool
        self._log = log

    async def import_staff(self, who: str, content: bytes, *, dry: bool) -> dict[str, Any]:
        """Make the accounts of a list, all or none; each gets a password, told this once.

        Raises ProctorError `staff_rows`, and as `read_table`.
        """
        loop = asyncio.get_running_loop()
        read = await loop.run_in_executor(self._pool, read_staff, content, await self._taken())
        rows = read.rows
        if dry:
            return {"imported": len(rows), "dry": True, "staff": [_shown(row) for row in rows],
                    "columns": named_columns(read.columns)}  # fmt: skip
        # Hashing takes long, so it comes before the lock: one password after another, that sign-ins come in between.
        passwords = [new_exam_code() for _ in rows]
        members = [
            await self._accounts.prepare(row.name, row.full_name, row.role, password, row.unit)
            for row, password in zip(rows, passwords, strict=True)
        ]
        async with self._accounts.making:
            await self._refuse_taken(rows)  # another act may have been faster
            await self._log.put(who, *(o.AccountMade(**account(member)) for member in members))
            await self._people.add_staff(*members)
        return {
            "imported": len(rows),
            "dry": False,
            "staff": [
                {"subject": member.staff, **_shown(row), "password": password}
                for member, row, password in zip(members, rows, passwords, strict=True)
            ],
        }

    async def _refuse_taken(self, rows: list[StaffRow]) -> None:
        taken = await self._taken()
        if bad := [problem(row.row, "name", "name_taken") for row in rows if row.name.casefold() in taken]:
            raise ProctorError("staff_rows", rows=bad)

    async def _taken(self) -> frozenset[str]:
        return frozenset(member.name.casefold() for member in await self._people.all_staff())


def _shown(row: StaffRow) -> dict[str, str]:
    return {"name": row.name, "full_name": row.full_name, "role": row.role, "unit": row.unit}
