"""The log of the training office: hash-chained like a room's, in the same tables, by the same actor and writer.

An act of the office is decided, appended here, then carried out. When the entry cannot be written, the act is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime

import structlog
from sqlalchemy import Engine

from proctor.clock import Clock, set_back_since
from proctor.coding import OfficeFold
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.exam.events import Event
from proctor.exam.room import Decision
from proctor.ledger import tables
from proctor.ledger.actor import RoomActor
from proctor.ledger.writer import Append, Writer
from proctor.log_view import format_events
from proctor.store.people import StaffMember

log = structlog.get_logger(__name__)

LOG = "office"  # where a room's entries have its identifier; no room has this one, theirs begin with `r_`
SERVER = "server"
OPERATOR = "operator"  # whoever has the command line


class OfficeLog:
    """The office's log, opened once by the server that owns the data. `on_written` hears of each entry."""

    def __init__(
        self, *, clock: Clock, engine: Engine, writer: Writer, pool: Executor, on_written: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._engine = engine
        self._pool = pool
        self._database = engine.url.render_as_string(hide_password=False)  # for worker processes
        self._broken: ProctorError | None = None
        last = tables.last(engine, LOG)
        self._last = last
        self._actor: RoomActor[o.Book, Event] = RoomActor(
            LOG, fold=OfficeFold(), writer=writer, clock=clock, epoch=last.epoch + 1 if last else 1,
            on_applied=lambda applied: on_written(),
        )  # fmt: skip

    async def open(self, accounts: Iterable[StaffMember]) -> None:
        """Verify the log, or begin it, and put on it those of `accounts` that it does not name.

        A log that was altered stays closed: whatever has to be on it is refused with `chain_broken`; rooms go on.
        """
        if self._last is None:
            await self._actor.begin(SERVER, o.LogBegun())
        else:
            try:
                await asyncio.to_thread(lambda: self._actor.replay(tables.read(self._engine, LOG)))
            except ProctorError as broken:
                log.error("the office's log was altered; it stays closed", error=repr(broken))
                self._broken = broken
                return
        self._actor.start()
        if self._last and (seconds := await set_back_since(self._clock, datetime.fromisoformat(self._last.at))):
            await self.put(SERVER, o.ClockSetBack(seconds=-round(seconds, 3)))
        unknown = [member for member in accounts if member.staff not in self._actor.state.accounts]
        await self.put(SERVER, *(o.AccountFound(**account(member)) for member in unknown))

    async def put(self, who: str, *events: o.OfficeEvent, append: Append | None = None) -> None:
        """Return when `events`, acts of `who`, are durable; by `append`, together with entries of other logs.

        Raises ProctorError `chain_broken`, `closing`, `not_owner`, sqlalchemy.exc.SQLAlchemyError.
        """
        self.check()
        async with self._actor.alone() as act:
            await act(who, lambda book, now: Decision(events), append)

    async def put_passwords(self, changes: Iterable[o.PasswordSet]) -> None:
        """Put on it those `changes` that it does not name. Raises as `put` does."""
        self.check()
        changes = tuple(changes)
        await self._actor.act(
            OPERATOR,
            lambda book, now: Decision(tuple(each for each in changes if each.change not in book.passwords_set)),
        )

    def was_published(self, exam: str) -> bool:
        """Whether an exam was published at some time. A log that was altered cannot tell, and says so of every exam;
        `check` tells the difference."""
        return self._broken is not None or exam in self._actor.state.exams_published

    def removed(self) -> frozenset[str]:
        """The exams that were removed, as far as the log can be read."""
        return frozenset() if self._broken is not None else self._actor.state.exams_removed

    async def events(self, after: int) -> bytes:
        """The entries after number `after`, as `GET /api/office/events` answers. Raises ProctorError `chain_broken`."""
        self.check()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, format_events, self._database, LOG, after)

    async def close(self) -> None:
        """Write what is still to be written, then stop."""
        await self._actor.close()

    def check(self) -> None:
        """Raises ProctorError `chain_broken` if the log was altered and stays closed."""
        if self._broken is not None:
            raise ProctorError("chain_broken", **self._broken.details)


def account(member: StaffMember) -> dict[str, str]:
    """What an entry says of an account."""
    return {
        "staff": member.staff, "name": member.name, "full_name": member.full_name, "role": member.role,
        "unit": member.unit,
    }  # fmt: skip
