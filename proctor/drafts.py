"""Correcting a draft: the name and the times of an exam, rooms that are not needed; an exam that was a mistake.

Each act is decided for every room, then on the office's log, then carried out, as in `office.py`; one that was cut
short is done by saying it again. What was published is corrected by withdrawing it first, and once rooms are open by
`steering.py`; it is removed no more. A removal is one commit on the office's log and on those of all rooms; then the
rows go in another, and the sealed papers after it. What was cut short in between is done by the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from proctor.clock import Clock
from proctor.editions import exam_edition, removal_edition, unchanged
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.exam.decisions import planning
from proctor.exam.schedule import Schedule
from proctor.ledger.joint import all_or_none
from proctor.ledger.writer import Writer
from proctor.live_room import LiveRoom
from proctor.occupancy import Occupancy
from proctor.office_log import OfficeLog
from proctor.one_at_a_time import ExamLocks, together
from proctor.planning import refuse_contradiction
from proctor.rooms import LiveRooms
from proctor.rosters import Rosters
from proctor.store.exams import Exam, Exams
from proctor.store.people import People

log = structlog.get_logger(__name__)


class Drafts:
    """Use cases before publication. `papers` is where the sealed ones lie; `end_session` and `end_seats` let go of the
    sockets of a session that has ended, and of somebody in a room."""

    def __init__(
        self,
        *,
        clock: Clock,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        rosters: Rosters,
        log: OfficeLog,
        writer: Writer,
        locks: ExamLocks,
        papers: Path,
        end_session: Callable[[str], Awaitable[None]],
        end_seats: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._rosters = rosters
        self._occupancy = Occupancy(exams, people, rooms)
        self._log = log
        self._writer = writer
        self._locks = locks
        self._papers = papers
        self._end_session = end_session
        self._end_seats = end_seats

    async def revise(self, who: str, exam: str, title: str, times: Schedule, seen: str | None = None) -> None:
        """Give a draft another name and other times, in the place of the edition `seen`.

        Raises ProctorError `already_published`, `changed_meanwhile`, `schedule_contradiction`, and `staff_elsewhere`,
        `candidate_elsewhere` when somebody is in another room at the new time; nothing is changed then.
        """
        async with self._locks.of(exam):
            planned = await self._exams.exam(exam)
            if planned.published_at is not None:
                raise ProctorError("already_published")
            unchanged(seen, exam_edition(planned))
            regime = planned.plan.regime
            refuse_contradiction(times, regime=regime)
            rooms = await self._rooms.of_exam(exam)
            for live in rooms:
                planning.revise(live.state, self._clock.now(), title, times, regime=regime)
                await self._refuse_people_elsewhere(live, times)
            async with together(rooms) as act:
                for live in rooms:
                    planning.revise(live.state, self._clock.now(), title, times, regime=regime)
                await self._log.put(who, o.ExamRevised(exam=exam, title=title, schedule=times))
                for live in rooms:
                    await act(live, who, lambda state, now: planning.revise(state, now, title, times, regime=regime))
            await self._exams.revise(exam, title, times)  # last: until then rooms differ, and publication waits

    async def remove_room(self, who: str, room: str) -> None:
        """Remove the empty room of a draft. Raises ProctorError `already_published`, `room_not_empty`."""
        exam = (await self._rooms.open(room)).state.exam
        async with self._locks.of(exam):
            live = await self._rooms.open(room)  # anew: somebody may have removed it meanwhile
            if not live.state.removed:  # else that was cut short, and goes on
                async with together([live]) as act:
                    planning.remove_room(live.state, self._clock.now())
                    await self._log.put(who, o.RoomRemoved(exam=exam, room=room))
                    await act(live, who, planning.remove_room)
            await self._exams.remove_room(room)
            await self._rooms.let_go([live])

    async def remove(self, who: str, exam: str, seen: str | None = None) -> None:
        """Remove a draft that was never published with all that it holds, of the edition `seen`; the logs stay.

        Raises ProctorError `not_found`, `was_published`, `changed_meanwhile`, `chain_broken` where the
        office's log or a room's cannot tell what happened; nothing is changed then.
        """
        async with self._locks.to_remove(exam):
            planned = await self._exams.exam(exam)
            self._log.check()  # or it would be said of every exam that it was published
            if _stood(planned, self._log):
                raise ProctorError("was_published")
            rooms = await self._rooms.of_exam(exam)
            if exam not in self._log.removed():
                await self._put_removal(who, planned, rooms, seen)
            sessions = await self._exams.remove_exam(exam)
            await self._rooms.let_go(rooms)
        for session in sessions:
            await self._end_session(session)
        await asyncio.to_thread(_remove_papers, self._papers, [exam])

    async def _put_removal(self, who: str, planned: Exam, rooms: list[LiveRoom], seen: str | None) -> None:
        for row in await self._exams.all_rooms():
            if row.exam == planned.exam and (broken := self._rooms.broken(row.room)):
                raise broken
        papers = await self._exams.paper_digests(planned.exam)

        def as_seen() -> None:
            unchanged(seen, removal_edition(planned, (live.state for live in rooms), papers))

        as_seen()
        for live in rooms:
            planning.discard(live.state, self._clock.now())
        for live in rooms:
            for person in live.state.present:  # of the office, who may look in at any time (A21.1.3)
                await self._end_seats(live.room, person)
        async with together(rooms) as act:
            as_seen()  # a room may have taken somebody in since
            gone = o.ExamRemoved(
                exam=planned.exam, title=planned.title, rooms=tuple(live.room for live in rooms)
            )
            await all_or_none(
                self._writer,
                lambda append: self._log.put(who, gone, append=append),
                *(partial(act, live, who, planning.discard) for live in rooms),
            )

    async def _refuse_people_elsewhere(self, live: LiveRoom, times: Schedule) -> None:
        as_it_will_be = replace(live.state, schedule=times)
        await self._occupancy.refuse_staff_elsewhere(as_it_will_be, live.state.staff.values())
        on_roster = [each for each in await self._people.candidates(live.room) if each.candidate in live.state.sittings]
        nobody_yet = replace(as_it_will_be, sittings={})  # or everybody would be there twice
        await self._rosters.refuse_elsewhere(nobody_yet, on_roster, range(len(on_roster)))


async def finish_removals(office_log: OfficeLog, exams: Exams, papers: Path) -> None:
    """At a start, before rooms are opened: forget what the office had removed when the server was cut short.

    One that was published all the same stays, with its papers.
    """
    removed = set(office_log.removed())
    for planned in await exams.all_exams():
        if planned.exam in removed and _stood(planned, office_log):
            removed.discard(planned.exam)
        elif planned.exam in removed:
            await exams.remove_exam(planned.exam)
    await asyncio.to_thread(_remove_papers, papers, removed)


def _stood(planned: Exam, office_log: OfficeLog) -> bool:
    """Whether an exam was published at some time, which is not taken away then; one that was removed too is named in
    the server's log."""
    published = planned.published_at is not None or office_log.was_published(planned.exam)
    if published and planned.exam in office_log.removed():
        log.error("an exam was both removed and published; it stays", exam=planned.exam)
    return published


def _remove_papers(folder: Path, exams: Collection[str]) -> None:
    """In a thread: remove the sealed papers of exams that are no more."""
    for path in folder.glob("*.sealed"):
        if path.name.partition("-")[0] in exams:
            path.unlink(missing_ok=True)
