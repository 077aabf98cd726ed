"""Events of the plan of a room: its times, papers, people."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.exam.events.base import Event, NotLetIn, SittingEvent
from proctor.exam.plan import Form, RoomRules
from proctor.exam.schedule import Schedule
from proctor.regulation.citation import Regime


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
class RoomRevised(Event):
    """While the exam was a draft, its name or times were set anew (A14.2b.5)."""

    kind = "room_revised"
    exam_title: str
    schedule: Schedule


@dataclass(frozen=True, kw_only=True)
class RoomRemoved(Event):
    """The room of a draft was removed, alone with nobody on its roster, or with its exam (A14.2b.1). Nothing follows
    this entry."""

    kind = "room_removed"


@dataclass(frozen=True, kw_only=True)
class PaperLoaded(Event):
    """A sealed paper was entered; a later one replaces it (A14.2b.4). `sha256` is of the ciphertext."""

    kind = "paper_loaded"
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class PaperConfirmed(Event):
    """The head of the academic unit confirmed the paper, or the reserve paper, with that digest (B22.4)."""

    kind = "paper_confirmed"
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PaperPreviewed(Event):
    """The training office read the paper before its release."""

    kind = "paper_previewed"


@dataclass(frozen=True, kw_only=True)
class CandidateEnrolled(SittingEvent):
    """A candidate was put on the room's roster (A14.2a, A14.2b.2).

    Those who share a room or an address with one another have the same, free, text in `shares_place`.
    """

    kind = "candidate_enrolled"
    number: str
    full_name: str
    shares_place: str = ""


@dataclass(frozen=True, kw_only=True)
class RosterRefused(NotLetIn):
    """The training office wanted `adding` more on the roster than the room holds beside those `on_roster` (A14.2a).

    `number` is that of the candidate, where it was one who was to be moved here.
    """

    kind = "roster_refused"
    by: str
    adding: int
    on_roster: int
    capacity: int
    number: str = ""

    def told_as(self) -> tuple[str, str]:
        return self.by, f"{self.kind}:{self.number}:{self.adding}"


@dataclass(frozen=True, kw_only=True)
class CandidateMovedOut(SittingEvent):
    """Before the start, the candidate was moved to room `to` of the same exam and counts here no more (A14.2a, X29)."""

    kind = "candidate_moved_out"
    to: str


@dataclass(frozen=True, kw_only=True)
class CandidateRemoved(SittingEvent):
    """Before admission, the candidate was taken off the roster, and is on no other one of the exam (A14.2a)."""

    kind = "candidate_removed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class StaffAssigned(Event):
    """A person was assigned to the room (A14.2b.2); `unit` is the one that the person belongs to (A21.3)."""

    kind = "staff_assigned"
    staff: str
    full_name: str
    role: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class StaffUnassigned(Event):
    """An assignment was taken back."""

    kind = "staff_unassigned"
    staff: str


@dataclass(frozen=True, kw_only=True)
class RoomSupported(Event):
    """The IT unit, `unit` by name, confirmed that it supports the room (A14.2b.1)."""

    kind = "room_supported"
    unit: str = ""  # logs of before names were kept have none


@dataclass(frozen=True, kw_only=True)
class AssignmentAcknowledged(Event):
    """A member of staff took the assignment (A14.2b.2, A23.5)."""

    kind = "assignment_acknowledged"
    staff: str


@dataclass(frozen=True, kw_only=True)
class ExamPublished(Event):
    """The exam may be held: its grounds, form, paper and people are in order (A4, A14, B22)."""

    kind = "exam_published"
    regime: Regime
    form: Form
    rules: RoomRules


@dataclass(frozen=True, kw_only=True)
class PublicationWithdrawn(Event):
    """The exam is a draft again."""

    kind = "publication_withdrawn"
    reason: str


@dataclass(frozen=True, kw_only=True)
class TimesShifted(Event):
    """The training office moved the times of the room; all its candidates have the same (A5.3, reading X34).

    `act`: what the page calls this act; said again, nothing follows.
    """

    kind = "times_shifted"
    schedule: Schedule
    reason: str
    act: str = ""


@dataclass(frozen=True, kw_only=True)
class ExtraTimeGranted(SittingEvent):
    """The training office gave one candidate so many minutes more, in all, by a recorded decision (A5.3).

    `for_all`: how many everybody in the room has been given by then, who is put on its roster later too; 0 when it was
    decided for this one. Then `of_all` is how many of `minutes` everybody had, where it was decided; by default as many
    as everybody has here. `act` as of `TimesShifted`.
    """

    kind = "extra_time_granted"
    minutes: int
    reason: str
    for_all: int = 0
    of_all: int | None = None
    act: str = ""


@dataclass(frozen=True, kw_only=True)
class LateAllowed(SittingEvent):
    """The training office lets a candidate come after the late-arrival limit."""

    kind = "late_allowed"
    reason: str
