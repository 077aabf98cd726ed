"""A room: its state, folded from its log. What may be decided in it stands in `decisions/`, by subject.

`start(event)` sets it up and `apply(room, event, at)` folds one fact. The state is immutable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from proctor.exam import events as e
from proctor.exam import schedule, sitting
from proctor.exam.permissions import Role
from proctor.exam.schedule import Phase, Schedule
from proctor.exam.sitting import Sitting
from proctor.regulation.refusal import Refusal


@dataclass(frozen=True)
class Assigned:
    """A member of staff of the room."""

    staff: str
    full_name: str
    role: str


@dataclass(frozen=True)
class Paper:
    """The sealed paper."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Message:
    """What an invigilator wrote; `to` is empty for the whole room."""

    message: str
    by: str
    to: tuple[str, ...]
    text: str
    at: datetime


@dataclass(frozen=True)
class Room:
    """What the log says of a room. `seq` is the number of the last entry folded."""

    room: str
    exam: str
    title: str
    exam_title: str
    schedule: Schedule
    paper: Paper | None = None
    sittings: Mapping[str, Sitting] = field(default_factory=dict)
    moved_out: Mapping[str, Sitting] = field(default_factory=dict)  # on no list and no wall of this room any more
    staff: Mapping[str, Assigned] = field(default_factory=dict)
    present: frozenset[str] = frozenset()  # staff in the room now
    invigilator_came: bool = False
    released_at: datetime | None = None
    release_held: bool = False
    submission_closed: bool = False
    ended: bool = False
    messages: tuple[Message, ...] = ()
    violations: tuple[tuple[e.ViolationNoted, datetime], ...] = ()  # each note, and when it was made
    seq: int = 0

    def phase(self, now: datetime) -> Phase:
        return schedule.phase(self.schedule, now, released=self.released_at is not None)

    def invigilators_present(self) -> list[str]:
        """The invigilators in the room, in a fixed order."""
        return sorted(
            person
            for person in self.present
            if person in self.staff and self.staff[person].role == Role.INVIGILATOR
        )

    def sitting(self, candidate: str) -> Sitting:
        try:
            return self.sittings[candidate]
        except KeyError:
            raise Refusal("not_found", what="candidate") from None


@dataclass(frozen=True)
class Decision:
    """The events of an act, and what the one who acted is answered."""

    events: tuple[e.Event, ...] = ()
    answer: Any = None



def start(event: e.RoomPlanned) -> Room:
    """The room that the first event of a log sets up."""
    return Room(event.room, event.exam, event.title, event.exam_title, event.schedule)


def apply(room: Room, event: e.Event, at: datetime) -> Room:
    """The room after `event`, which the log holds as entry `room.seq + 1`."""
    room = replace(room, seq=room.seq + 1)
    match event:
        case e.CandidateEnrolled():
            enrolled = Sitting(event.candidate, event.number, event.full_name, event.shares_place)
            moved = {key: value for key, value in room.moved_out.items() if key != event.candidate}
            return replace(room, sittings={**room.sittings, event.candidate: enrolled}, moved_out=moved)
        case e.CandidateMovedOut(candidate=candidate):
            left = {key: value for key, value in room.sittings.items() if key != candidate}
            gone = sitting.apply(room.sittings[candidate], event, at)
            return replace(room, sittings=left, moved_out={**room.moved_out, candidate: gone})
        case e.SittingEvent(candidate=candidate) if candidate in room.moved_out:
            return room  # a connection or a picture that ended after its candidate had gone
        case e.SittingEvent(candidate=candidate):
            changed = sitting.apply(room.sittings[candidate], event, at)
            if isinstance(event, e.ViolationNoted):
                room = replace(room, violations=(*room.violations, (event, at)))
            return replace(room, sittings={**room.sittings, candidate: changed})
        case e.PaperLoaded(sha256=sha256, bytes=size):
            return replace(room, paper=Paper(sha256, size))
        case e.StaffAssigned(staff=person):
            return replace(room, staff={**room.staff, person: Assigned(person, event.full_name, event.role)})
        case e.StaffUnassigned(staff=person):
            return replace(room, staff={key: value for key, value in room.staff.items() if key != person})
        case e.StaffEntered(staff=person, role=role):
            came = room.invigilator_came or role == Role.INVIGILATOR
            return replace(room, present=room.present | {person}, invigilator_came=came)
        case e.StaffLeft(staff=person):
            return replace(room, present=room.present - {person})
        case e.ServerRestarted():
            sittings = {
                key: replace(
                    value, pending=None, connected=False,
                    connection_changed_at=at if value.connected else value.connection_changed_at,
                )
                for key, value in room.sittings.items()
            }  # fmt: skip
            return replace(room, present=frozenset(), sittings=sittings)
        case e.ReleaseHeld():
            return replace(room, release_held=True)
        case e.PaperReleased():
            return replace(room, released_at=at, release_held=False)
        case e.SubmissionClosed():
            return replace(room, submission_closed=True)
        case e.RoomEnded():
            return replace(room, ended=True)
        case e.MessageSent():
            sent = Message(event.message, event.by, event.to, event.text, at)
            return replace(room, messages=(*room.messages, sent))
    return room
