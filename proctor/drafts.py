"""Correcting a draft: the name and the times of an exam, rooms that are not needed.

Each act is decided for every room, then on the office's log, then carried out, as in `office.py`; one that was cut
short is done by saying it again. What was published is corrected by withdrawing it first, and once rooms are open by
`steering.py`.
"""

from __future__ import annotations

from dataclasses import replace

from proctor.clock import Clock
from proctor.editions import exam_edition, unchanged
from proctor.errors import ProctorError
from proctor.exam import office_events as o
from proctor.exam.decisions import planning
from proctor.exam.schedule import Schedule
from proctor.live_room import LiveRoom
from proctor.occupancy import Occupancy
from proctor.office_log import OfficeLog
from proctor.one_at_a_time import ExamLocks, together
from proctor.planning import refuse_contradiction
from proctor.rooms import LiveRooms
from proctor.rosters import Rosters
from proctor.store.exams import Exams
from proctor.store.people import People


class Drafts:
    """Use cases before publication."""

    def __init__(
        self,
        *,
        clock: Clock,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        rosters: Rosters,
        log: OfficeLog,
        locks: ExamLocks,
    ) -> None:
        self._clock = clock
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._rosters = rosters
        self._occupancy = Occupancy(exams, people, rooms)
        self._log = log
        self._locks = locks

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
        live = await self._rooms.open(room)
        async with self._locks.of(live.state.exam):
            planning.remove_room(live.state, self._clock.now())
            await self._log.put(who, o.RoomRemoved(exam=live.state.exam, room=room))
            await self._rooms.remove(who, room)

    async def _refuse_people_elsewhere(self, live: LiveRoom, times: Schedule) -> None:
        as_it_will_be = replace(live.state, schedule=times)
        await self._occupancy.refuse_staff_elsewhere(as_it_will_be, live.state.staff.values())
        on_roster = [each for each in await self._people.candidates(live.room) if each.candidate in live.state.sittings]
        nobody_yet = replace(as_it_will_be, sittings={})  # or everybody would be there twice
        await self._rosters.refuse_elsewhere(nobody_yet, on_roster, range(len(on_roster)))
