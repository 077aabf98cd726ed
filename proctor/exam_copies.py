"""An exam planned after another: the same rooms at other times, with the same staff and, if wished, the same roster.

Papers, exam codes and logs are never copied. Candidates get new identifiers and codes that nobody knows until they are
issued, since a sitting is one person in one exam.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from proctor.clock import Clock
from proctor.exam import double_booking as booking
from proctor.exam.schedule import Schedule
from proctor.live_room import LiveRoom
from proctor.occupancy import Occupancy, schedule_of
from proctor.office import Office
from proctor.one_at_a_time import ExamLocks
from proctor.planning import refuse_contradiction
from proctor.regulation.local_time import local_day
from proctor.rooms import LiveRooms
from proctor.rosters import Rosters
from proctor.store.exams import Exams
from proctor.store.identifiers import new_id
from proctor.store.people import Candidate, People


class ExamCopies:
    """The use case of cloning an exam."""

    def __init__(
        self,
        *,
        clock: Clock,
        office: Office,
        rosters: Rosters,
        exams: Exams,
        people: People,
        rooms: LiveRooms,
        locks: ExamLocks,
    ) -> None:
        self._clock = clock
        self._office = office
        self._rosters = rosters
        self._exams = exams
        self._people = people
        self._rooms = rooms
        self._locks = locks
        self._occupancy = Occupancy(exams, people, rooms)

    async def clone(
        self, who: str, exam: str, title: str, starts_at: datetime, *, staff: bool, roster: bool
    ) -> dict[str, Any]:
        """Plan an exam after `exam`, every time shifted so that it starts at `starts_at`; see `Office.exam`.

        What cannot be copied refuses the whole before anything is made: a day before the regime
        (`schedule_contradiction`), a broken room (`chain_broken`), staff or
        candidates who are elsewhere at that time (`staff_elsewhere`, `candidate_elsewhere`).
        """
        async with self._locks.of(exam):  # or the draft might be removed meanwhile
            planned = await self._exams.exam(exam)
            times = _shifted(schedule_of(planned), starts_at)
            refuse_contradiction(times, regime=planned.plan.regime)
            rooms = [
                await self._rooms.open(row.room)
                for row in await self._exams.all_rooms()
                if row.exam == exam and (self._rooms.has(row.room) or self._rooms.broken(row.room))
            ]
            people = {live.room: await self._candidates(live) if roster else [] for live in rooms}
        for live in rooms:
            # As the copy of the room will stand; the copies of the others do not exist yet, and were judged when the
            # originals were planned.
            copy = replace(live.state, exam="", room="", schedule=times)
            if staff:
                place = booking.for_staff("", "", times, regime=planned.plan.regime)
                await self._occupancy.refuse_staff(place, live.state.staff.values())
            if roster:
                await self._rosters.refuse_elsewhere(copy, people[live.room], [0] * len(people[live.room]))
        made = await self._office.create_exam(who, title, times, source=exam, regime=planned.plan.regime)
        # What was decided of this course goes along.
        await self._office.planning.set_plan(who, made["exam"], planned.plan.copied(local_day(self._clock.now())))
        for live in rooms:
            room = (await self._office.create_room(who, made["exam"], live.state.title))["room"]
            if staff and live.state.staff:
                await self._office.assign_staff(who, room, list(live.state.staff))
            if people[live.room]:
                fresh = [replace(each, candidate=new_id("c"), room=room) for each in people[live.room]]
                await self._rosters.enroll_untold(who, room, fresh)
        return await self._office.exam(made["exam"])

    async def _candidates(self, live: LiveRoom) -> list[Candidate]:
        on_roster = live.state.sittings
        return [
            replace(each, code_issued_at=None)
            for each in await self._people.candidates(live.room)
            if each.candidate in on_roster
        ]


def _shifted(times: Schedule, starts_at: datetime) -> Schedule:
    by = starts_at - times.starts_at
    return replace(
        times, starts_at=times.starts_at + by, release_at=times.release_at + by, submit_by=times.submit_by + by,
        end_at=times.end_at + by,
    )  # fmt: skip
