"""What the training office did, by kind, and what follows from it: the events of the office's own log.

A room's log says what happened in that room. The office also acts where no room is: it plans exams, makes accounts,
seals and reads papers. These acts, and those that change a room's plan, stand here with who did them and when.
An entry is on disk before its act is carried out, so an act cut short in between is on the log all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from proctor.exam.events import Event, all_events
from proctor.exam.plan import Plan
from proctor.exam.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class OfficeEvent(Event):
    """A fact on the office's log."""


@dataclass(frozen=True, kw_only=True)
class LogBegun(OfficeEvent):
    """The first entry. It names nobody, so it never has to be erased."""

    kind = "log_begun"


@dataclass(frozen=True, kw_only=True)
class ClockSetBack(OfficeEvent):
    """The system clock was set back by so many seconds, a negative number, while no server ran."""

    kind = "clock_stepped"
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ExamCreated(OfficeEvent):
    """An exam was planned with its times (A14.2b.5), after the exam `source` if it is named."""

    kind = "exam_created"
    exam: str
    title: str
    schedule: Schedule
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class RoomCreated(OfficeEvent):
    """A room was added to an exam (A14.2b.1); its own log begins with the same act."""

    kind = "room_created"
    exam: str
    room: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ExamRevised(OfficeEvent):
    """The name or the times of a draft were set anew (A14.2b.5)."""

    kind = "exam_revised"
    exam: str
    title: str
    schedule: Schedule


@dataclass(frozen=True, kw_only=True)
class RoomRemoved(OfficeEvent):
    """The empty room of a draft was removed (A14.2b.1)."""

    kind = "room_removed"
    exam: str
    room: str


@dataclass(frozen=True, kw_only=True)
class ExamRemoved(OfficeEvent):
    """A draft that was never published was removed with its `rooms`, whose logs end with the same act (A14.2b.1)."""

    kind = "exam_removed"
    exam: str
    title: str
    rooms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RosterImported(OfficeEvent):
    """Candidates were put on a room's roster (A14.2b.2); the room's log has their names."""

    kind = "roster_imported"
    room: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CandidateMoved(OfficeEvent):
    """Before the start, a candidate was moved from a room to another of the same exam; code and number stay."""

    kind = "candidate_moved"
    candidate: str
    room: str
    to: str


@dataclass(frozen=True, kw_only=True)
class CandidateRemoved(OfficeEvent):
    """Before admission, a candidate was taken off a room's roster; the code opens nothing any more."""

    kind = "candidate_removed"
    candidate: str
    room: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CodesIssued(OfficeEvent):
    """These candidates got new exam codes, told once; the earlier ones open nothing any more."""

    kind = "codes_issued"
    room: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoomStaffed(OfficeEvent):
    """These people became the whole staff of a room (A14.2b.2)."""

    kind = "room_staffed"
    room: str
    staff: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AccountEvent(OfficeEvent):
    """A fact about a member of staff's account."""

    staff: str
    name: str
    full_name: str
    role: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class AccountMade(AccountEvent):
    """The office made an account."""

    kind = "account_made"


@dataclass(frozen=True, kw_only=True)
class AccountFound(AccountEvent):
    """At its start the server met an account that this log does not name: made at the command line, or an act of the
    office whose entry was erased."""

    kind = "account_found"


@dataclass(frozen=True, kw_only=True)
class PasswordReset(AccountEvent):
    """The office gave somebody another password, told once; the earlier one and every session opened with it ended."""

    kind = "password_reset"


@dataclass(frozen=True, kw_only=True)
class PasswordSet(AccountEvent):
    """Somebody at the command line, nobody knows who, gave an account another password; `change` names the act."""

    kind = "password_set"
    change: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PaperUploaded(OfficeEvent):
    """A paper was sealed for an exam (A14.2b.4). `sha256` is of the ciphertext."""

    kind = "paper_uploaded"
    exam: str
    sha256: str
    bytes: int
    use: str = "main"


@dataclass(frozen=True, kw_only=True)
class PaperPreviewed(OfficeEvent):
    """The office, or the head of the academic unit, read a paper in the clear."""

    kind = "paper_previewed"
    exam: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PlanSet(OfficeEvent):
    """What is decided of an exam was entered: grounds, consents, form, conditions, its rooms' rules (A4, A14.1, A16.1).

    The whole plan as it stands from now on.
    """

    kind = "plan_set"
    exam: str
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class PaperConfirmed(OfficeEvent):
    """The head of the academic unit checked and confirmed a paper (B22.4)."""

    kind = "paper_confirmed"
    exam: str
    sha256: str
    use: str = "main"


@dataclass(frozen=True, kw_only=True)
class RoomSupported(OfficeEvent):
    """The IT unit confirmed its support of a room (A14.2b.1)."""

    kind = "room_supported"
    room: str


@dataclass(frozen=True, kw_only=True)
class ExamPublished(OfficeEvent):
    """An exam was published: nothing that the regulation asks for was missing."""

    kind = "exam_published"
    exam: str


@dataclass(frozen=True, kw_only=True)
class ExamWithdrawn(OfficeEvent):
    """A published exam became a draft again."""

    kind = "exam_withdrawn"
    exam: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoomSteered(OfficeEvent):
    """The office acted on a room under way (`act` as in the table of permissions); the room's log has the whole."""

    kind = "room_steered"
    room: str
    act: str
    reason: str


OFFICE_EVENTS = all_events(OfficeEvent)


@dataclass(frozen=True)
class Book:
    """What the office's log folds to: the accounts it names, the passwords set at the command line, the exams that were
    published at some time, whatever became of it, and those that were removed."""

    accounts: frozenset[str] = frozenset()
    passwords_set: frozenset[str] = frozenset()
    exams_published: frozenset[str] = frozenset()
    exams_removed: frozenset[str] = frozenset()


def apply(book: Book, event: Event) -> Book:
    """The book after `event`."""
    if isinstance(event, AccountMade | AccountFound):
        return replace(book, accounts=book.accounts | {event.staff})
    if isinstance(event, PasswordSet):
        return replace(book, passwords_set=book.passwords_set | {event.change})
    if isinstance(event, ExamPublished):
        return replace(book, exams_published=book.exams_published | {event.exam})
    if isinstance(event, ExamRemoved):
        return replace(book, exams_removed=book.exams_removed | {event.exam})
    return book
