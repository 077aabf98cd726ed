"""Events of the plan of a room: its times, papers, people."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.exam.events.base import Event, SittingEvent
from proctor.exam.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class RoomPlanned(Event):
    """The training office set up the room with its times (A14.2b.1, A14.2b.5)."""

    kind = "room_planned"
    room: str
    exam: str
    title: str
    exam_title: str
    schedule: Schedule


@dataclass(frozen=True, kw_only=True)
class PaperLoaded(Event):
    """A sealed paper was entered; a later one replaces it (A14.2b.4). `sha256` is of the ciphertext."""

    kind = "paper_loaded"
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class PaperPreviewed(Event):
    """The training office read the paper before its release."""

    kind = "paper_previewed"


@dataclass(frozen=True, kw_only=True)
class CandidateEnrolled(SittingEvent):
    """A candidate was put on the room's roster (A14.2a, A14.2b.2)."""

    kind = "candidate_enrolled"
    number: str
    full_name: str


@dataclass(frozen=True, kw_only=True)
class StaffAssigned(Event):
    """A person was assigned to the room (A14.2b.2)."""

    kind = "staff_assigned"
    staff: str
    full_name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffUnassigned(Event):
    """An assignment was taken back."""

    kind = "staff_unassigned"
    staff: str
