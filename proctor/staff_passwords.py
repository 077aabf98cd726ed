"""Another password for a member of staff who forgot theirs: made by the server, told once to the office."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from proctor.accounts import Accounts
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.office_log import OfficeLog, account
from proctor.sign_in import SignIn
from proctor.store.identifiers import new_exam_code
from proctor.store.people import People


class StaffPasswords:
    """The use case of a forgotten password. `end_session` lets go of the sockets of a session that has ended."""

    def __init__(
        self,
        *,
        people: People,
        accounts: Accounts,
        log: OfficeLog,
        sign_in: SignIn,
        end_session: Callable[[str], Awaitable[None]],
    ) -> None:
        self._people = people
        self._accounts = accounts
        self._log = log
        self._sign_in = sign_in
        self._end_session = end_session

    async def reset(self, who: str, session: str, staff: str) -> dict[str, str]:
        """Give `staff` a new password, and end their sessions: all but `session`, which asks, so that somebody who
        resets their own is still there to read it. The tries that went wrong before count no more.

        Raises ProctorError `not_found`.
        """
        member = await self._people.staff_by_id(staff)
        if member is None:
            raise ProctorError("not_found", what="staff")
        password = new_exam_code()
        hashed = await self._accounts.hashed(password)
        await self._log.put(who, o.PasswordReset(**account(member)))
        await self._people.set_password(staff, hashed)
        self._sign_in.forgive(member.name)
        for ended in await self._people.close_sessions_of(member.role, staff, but=session):
            await self._end_session(ended)
        return {"subject": staff, "name": member.name, "full_name": member.full_name, "role": member.role,
                "unit": member.unit, "password": password}  # fmt: skip
