"""Events of what staff note, say and decide while the exam runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam.events.base import Event, Reported, SittingEvent


@dataclass(frozen=True, kw_only=True)
class ViolationNoted(SittingEvent):
    """An invigilator noted a breach of the rules; a note is a report, never a verdict (A14.2c.8, A25.1)."""

    kind = "violation_noted"
    violation: str
    category: str
    text: str
    by: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Event):
    """An invigilator added words: to a noted violation (`violation`), about one candidate, or about the room."""

    kind = "note_added"
    note: str
    text: str
    by: str
    violation: str = ""
    candidate: str = ""


@dataclass(frozen=True, kw_only=True)
class StillKept(SittingEvent):
    """What the candidate's camera showed at `taken_at`, beside a noted violation. `sha256` is of the JPEG."""

    kind = "still_kept"
    violation: str
    still: str
    sha256: str
    bytes: int
    width: int
    height: int
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class StillMissing(SittingEvent):
    """There is no picture beside a noted violation; `why`: `not_recorded`, `not_connected`, `no_picture`, `failed` or
    `server_restarted`."""

    kind = "still_missing"
    violation: str
    why: str


@dataclass(frozen=True, kw_only=True)
class StillViewed(SittingEvent):
    """A member of staff looked at the still of a violation (A5.4)."""

    kind = "still_viewed"
    violation: str
    by: str
    full_name: str = ""  # of who is not assigned to the room, as for `StaffEntered`


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """An invigilator wrote to candidates; `to` is empty for the whole room."""

    kind = "message_sent"
    message: str
    to: tuple[str, ...]
    text: str
    by: str
    answers: str = ""  # the candidate's message that it answers


@dataclass(frozen=True, kw_only=True)
class MessageSeen(Reported):
    """The candidate read a message."""

    kind = "message_seen"
    message: str


@dataclass(frozen=True, kw_only=True)
class HandRaised(Reported):
    """The candidate asks for an invigilator."""

    kind = "hand_raised"


@dataclass(frozen=True, kw_only=True)
class HandLowered(Reported):
    """Somebody came, or the candidate took it back; `by` is who lowered it."""

    kind = "hand_lowered"
    by: str


@dataclass(frozen=True, kw_only=True)
class DiagnosisAsked(SittingEvent):
    """Somebody who helps asked the candidate's page how its devices and network are doing."""

    kind = "diagnosis_asked"
    diagnosis: str
    by: str


@dataclass(frozen=True, kw_only=True)
class DiagnosisGiven(SittingEvent):
    """The page answered; what it found is telemetry and stands in no log."""

    kind = "diagnosis_given"
    diagnosis: str


@dataclass(frozen=True, kw_only=True)
class CandidateWrote(Reported):
    """The candidate wrote to the staff of the room."""

    kind = "candidate_wrote"
    message: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ViolationDecided(SittingEvent):
    """An invigilator `confirmed` or `dismissed` a noted violation."""

    kind = "violation_decided"
    violation: str
    status: str
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class SittingSuspended(SittingEvent):
    """A person took the exam from the candidate, with a reason; nothing is accepted until it is resumed."""

    kind = "sitting_suspended"
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class SittingResumed(SittingEvent):
    """The candidate may go on."""

    kind = "sitting_resumed"
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class ReferredToMakeup(SittingEvent):
    """The candidate got no paper, or the server was down at the deadline: the office decided that the sitting is made
    up for (A14.2g). An exam of regime A."""

    kind = "referred_to_makeup"


@dataclass(frozen=True, kw_only=True)
class ReferredToDeferral(SittingEvent):
    """The same in an exam of regime B, which knows no make-up: mark I, and the next exam period (B21.2.2, X37)."""

    kind = "referred_to_deferral"


@dataclass(frozen=True, kw_only=True)
class AbsenceBegan(SittingEvent):
    """The candidate left the camera's view by leave, as to the toilet."""

    kind = "absence_began"
    why: str
    by: str


@dataclass(frozen=True, kw_only=True)
class AbsenceEnded(SittingEvent):
    """The candidate is back."""

    kind = "absence_ended"
    by: str


@dataclass(frozen=True, kw_only=True)
class ClosingPublished(Event):
    """The two lists, by full name, shown to the room's candidates (A14.2dd); a later version corrects the one before.

    `minutes_only`: candidates who never came; they stand in the minutes and are not published (reading X32).
    `who_did_not_submit`, `who_violated`: the candidates of the two lists, in the order of the names, by which staff
    tell namesakes apart. Logs from before they were recorded have none.
    """

    kind = "closing_published"
    version: int
    did_not_submit: tuple[str, ...]
    violated: tuple[str, ...]
    recipients: tuple[str, ...]
    minutes_only: tuple[str, ...]
    by: str
    reason: str = ""
    who_did_not_submit: tuple[str, ...] = ()
    who_violated: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClosingSeen(Reported):
    """The candidate's page showed the lists."""

    kind = "closing_seen"
    version: int


@dataclass(frozen=True, kw_only=True)
class HandedOver(Event):
    """The invigilator handed everything of the room to the training office (A14.2e). `sha256` is of `manifest`."""

    kind = "handed_over"
    handover: str
    manifest: str
    sha256: str
    by: str


@dataclass(frozen=True, kw_only=True)
class HandoverReceived(Event):
    """The training office confirmed that it has it."""

    kind = "handover_received"
    handover: str
