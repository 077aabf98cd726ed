"""Passwords that somebody set at the command line, put on the office's log by the server that owns it.

`proctor user password` works beside a running server, and the log has one writer. So the command leaves a row, in the
commit that sets the password, and the server finds it: at its start, or a few seconds later. The row goes once the
entry is durable; a crash in between finds the change named on the log and writes it no second time.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.office_log import OfficeLog, account
from proctor.store.people import People

log = structlog.get_logger(__name__)

_EVERY = timedelta(seconds=10)


class CommandLineActs:
    """What the command line did since the server looked last."""

    def __init__(self, *, clock: Clock, people: People, log: OfficeLog) -> None:
        self._clock = clock
        self._people = people
        self._log = log

    async def meet(self) -> None:
        """Put on the log what is not there yet. Raises as `OfficeLog.put` does; then the rows wait."""
        found = await self._people.password_changes()
        if not found:
            return
        await self._log.put_passwords(
            o.PasswordSet(**account(each.member), change=each.change, happened_at=each.at) for each in found
        )
        await self._people.forget_password_changes([each.change for each in found])

    async def look(self) -> bool:
        """`meet`, where a failure holds nobody up: the rows wait. False where the log is closed for good."""
        try:
            await self.meet()
        except ProctorError as error:
            if error.code == "chain_broken":
                return False
            log.warning("passwords set at the command line wait", error=repr(error))
        except Exception:
            log.exception("passwords set at the command line cannot be looked at")
        return True

    async def watch(self) -> None:
        """Look again every few seconds, for ever; not where the log is closed for good."""
        while await self.look():
            await self._clock.sleep_until(self._clock.now() + _EVERY)
