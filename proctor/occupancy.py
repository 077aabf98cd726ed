"""Who is in which room when, over all exams: what `exam/double_booking.py` judges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from proctor.errors import ProctorError
from proctor.exam import double_booking as booking
from proctor.exam.double_booking import Clash, Listed, Occupied
from proctor.exam.room import Room
from proctor.exam.schedule import Schedule
from proctor.exam.staffing import Assigned
from proctor.rooms import LiveRooms
from proctor.store.exams import Exam, Exams
from proctor.store.people import Candidate, People


def schedule_of(exam: Exam) -> Schedule:
    return Schedule(exam.starts_at, exam.release_at, exam.working_minutes, exam.submit_by, exam.end_at)


def listed(person: Candidate) -> Listed:
    return Listed(person.number, person.full_name, person.identity)


class Occupancy:
    """Questions over all rooms. Rooms that ended are over: no room to come overlaps them."""

    def __init__(self, exams: Exams, people: People, rooms: LiveRooms) -> None:
        self._exams = exams
        self._people = people
        self._rooms = rooms

    async def candidate_clashes(self, place: Occupied, wanted: Sequence[Listed]) -> list[Clash]:
        """See `double_booking.candidates`."""
        exams = {exam.exam: exam for exam in await self._exams.all_exams()}
        others: list[tuple[Occupied, Listed]] = []
        for row in await self._exams.all_rooms():
            if row.room == place.room or not self._rooms.has(row.room):
                continue
            state = None if self._rooms.is_dormant(row.room) else self._rooms.get(row.room).state
            if state is not None and state.removed:
                continue
            times = state.schedule if state else schedule_of(exams[row.exam])  # a room's own may have been shifted
            there = booking.for_candidates(row.exam, row.room, times)
            if not there.overlaps(place):
                continue
            others += [
                (there, listed(person))
                for person in await self._people.candidates(row.room)
                if state is None or person.candidate in state.sittings  # else left from an import that failed
            ]
        return booking.candidates(wanted, place, others)

    async def titles(self, room: str) -> dict[str, str] | None:
        """How a room is called, for a sentence about it; None if it was removed meanwhile, and nobody is there."""
        exams = {exam.exam: exam.title for exam in await self._exams.all_exams()}
        for row in await self._exams.all_rooms():
            if row.room == room and row.exam in exams:
                return {"room": room, "room_title": row.title, "exam_title": exams[row.exam]}
        return None

    async def refuse_staff_elsewhere(self, room: Room, people: Iterable[Assigned]) -> None:
        """Raises ProctorError `staff_elsewhere` for people who run another room at that time."""
        await self.refuse_staff(booking.for_staff(room.exam, room.room, room.schedule, regime=room.regime), people)

    async def refuse_staff(self, place: Occupied, people: Iterable[Assigned]) -> None:
        """As `refuse_staff_elsewhere`, of a room that may not exist yet."""
        if rows := await self._staff_elsewhere(place, people):
            people_named = "; ".join(f"{row['full_name']} ({row['room_title']}, {row['exam_title']})" for row in rows)
            raise ProctorError("staff_elsewhere", people=people_named, staff=rows)

    async def in_two_rooms(self, room: Room) -> list[dict[str, Any]]:
        """Who of this room is surely in another at the same time, as the times stand now: full name and that room."""
        people = [each for each in await self._people.candidates(room.room) if each.candidate in room.sittings]
        place = booking.for_candidates(room.exam, room.room, room.schedule)
        clashes = await self.candidate_clashes(place, [listed(each) for each in people])
        candidates = [
            {"full_name": people[clash.index].full_name, **where}
            for clash in clashes
            if clash.refused and (where := await self.titles(clash.room))
        ]
        there = booking.for_staff(room.exam, room.room, room.schedule, regime=room.regime)
        return candidates + await self._staff_elsewhere(there, room.staff.values())

    async def _staff_elsewhere(self, place: Occupied, people: Iterable[Assigned]) -> list[dict[str, Any]]:
        known = {each.staff: each for each in people}
        others = [
            (booking.for_staff(state.exam, state.room, state.schedule, regime=state.regime), each.staff, each.role)
            for state in (live.state for live in self._rooms.awake())
            for each in state.staff.values()
        ]
        clashes = booking.staff([(each.staff, each.role) for each in known.values()], place, others)
        return [
            {"subject": person, "full_name": known[person].full_name, **where}
            for person, room in clashes
            if (where := await self.titles(room))
        ]
