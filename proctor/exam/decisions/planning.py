"""Setting a room up: its roster, its staff, its paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from proctor.exam import entry
from proctor.exam import events as e
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.decisions.papers import release
from proctor.exam.room import Assigned, Decision, Paper, Room
from proctor.exam.schedule import Phase
from proctor.regulation.refusal import Refusal

MAX_PAPER_BYTES = 20_000_000


class Enrolment(NamedTuple):
    """Somebody to be put on a roster; `shares_place` as in `CandidateEnrolled`."""

    candidate: str
    number: str
    full_name: str
    shares_place: str = ""


def enroll(room: Room, now: datetime, people: Iterable[tuple[str, str, str] | Enrolment]) -> Decision:
    """Put people on the roster; all or none (A14.2a: at most 50, those who were moved out do not count, X29)."""
    if room.phase(now) not in (Phase.CLOSED, Phase.ENTRY):
        raise Refusal("roster_locked")
    return _put_on_roster(room, [Enrolment(*each) for each in people])


def _put_on_roster(room: Room, people: Sequence[Enrolment]) -> Decision:
    ruling = entry.capacity(len(room.sittings), len(people), room.schedule.starts_at)
    if not ruling.met:
        raise Refusal("room_capacity", capacity=ruling.values["capacity"], citation="A14.2a")
    taken = {known.number for known in room.sittings.values()}
    events = []
    for each in people:
        if each.number in taken:
            raise Refusal("name_taken", name=each.number)
        taken.add(each.number)
        events.append(e.CandidateEnrolled(**each._asdict()))
    return Decision(tuple(events))


def move_out(room: Room, now: datetime, candidate: str, to: str) -> Decision:
    """Take a candidate off the roster, who goes to room `to` of the same exam. Saying it again changes nothing.

    Only before the start, and not once an invigilator admitted the candidate: from then on there is a recording, and
    the log of this room is where that sitting stands.
    """
    if candidate in room.moved_out:
        if room.moved_out[candidate].moved_to != to:
            raise Refusal("not_found", what="candidate")
        return Decision()
    known = room.sitting(candidate)
    if known.admitted_at is not None:
        raise Refusal("already_admitted")
    if now >= room.schedule.starts_at or room.released_at is not None:
        raise Refusal("move_too_late")
    if to == room.room:
        raise Refusal("same_room")
    return Decision((e.CandidateMovedOut(candidate=candidate, to=to),))


def move_in(room: Room, now: datetime, person: Enrolment) -> Decision:
    """Put a candidate who was moved out of another room on this roster. Saying it again changes nothing.

    Whether it is too late was decided with `move_out`; a move that was begun is brought to its end.
    """
    return Decision() if person.candidate in room.sittings else _put_on_roster(room, [person])


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
