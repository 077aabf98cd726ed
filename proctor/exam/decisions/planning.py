"""Setting a room up: its roster, its staff, its paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from proctor.exam import entry
from proctor.exam import events as e
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.decisions.papers import release
from proctor.exam.room import Assigned, Decision, Paper, Room
from proctor.exam.schedule import Phase
from proctor.regulation.refusal import Refusal

MAX_PAPER_BYTES = 20_000_000


def enroll(room: Room, now: datetime, people: Iterable[tuple[str, str, str]]) -> Decision:
    """Put (candidate, number, full name) on the roster; all or none (A14.2a: at most 50)."""
    people = tuple(people)
    if room.phase(now) not in (Phase.CLOSED, Phase.ENTRY):
        raise Refusal("roster_locked")
    ruling = entry.capacity(len(room.sittings), len(people), room.schedule.starts_at)
    if not ruling.met:
        raise Refusal("room_capacity", capacity=ruling.values["capacity"], citation="A14.2a")
    taken = {known.number for known in room.sittings.values()}
    events = []
    for candidate, number, full_name in people:
        if number in taken:
            raise Refusal("name_taken", name=number)
        taken.add(number)
        events.append(e.CandidateEnrolled(candidate=candidate, number=number, full_name=full_name))
    return Decision(tuple(events))


def assign_staff(room: Room, now: datetime, people: Iterable[Assigned]) -> Decision:
    """Make `people` the staff of the room (A14.2b.2)."""
    not_ended(room, now)
    wanted = {person.staff: person for person in people}
    gone = [e.StaffUnassigned(staff=person) for person in room.staff if person not in wanted]
    come = [
        e.StaffAssigned(staff=person.staff, full_name=person.full_name, role=person.role)
        for person in wanted.values()
        if room.staff.get(person.staff) != person
    ]
    return Decision((*gone, *come))


def load_paper(room: Room, now: datetime, sha256: str, size: int) -> Decision:
    """Enter the sealed paper; it may be replaced until candidates can have fetched it (A14.2b.4)."""
    if room.released_at is not None or any(known.paper_fetched_at for known in room.sittings.values()):
        raise Refusal("paper_locked")
    loaded = e.PaperLoaded(sha256=sha256, bytes=size)
    # A paper that comes after the release time goes out at once, or is held like any other.
    then = release(replace(room, paper=Paper(sha256, size)), now)
    return Decision((loaded, *then.events))
