"""Everything that can happen in a room, by kind.

An event is a fact in the past tense. It is written once, to the room's log, and never changed; a correction is a new
event. `EVENTS` maps the kind that stands in the log to the class. Adding a field needs a default, so that old logs
still fold; removing or renaming one is not possible.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, ClassVar

from proctor.exam.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `kind` is its name in the log."""

    kind: ClassVar[str]


def happened(event: Event, at: datetime) -> Event:
    """The event as it is written long after `at`, when it happened, if it is one that can say so."""
    return replace(event, **{each.name: at for each in fields(event) if each.name == "happened_at"})


@dataclass(frozen=True, kw_only=True)
class SittingEvent(Event):
    """A fact about one candidate's sitting."""

    candidate: str


# -- planning ---------------------------------------------------------------------------------------------------------


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


# -- presence ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StaffEntered(Event):
    """A member of staff came into the room; whole minutes before the start, below 0 when late (A14.2c.1)."""

    kind = "staff_entered"
    staff: str
    role: str
    minutes_before_start: int


@dataclass(frozen=True, kw_only=True)
class StaffLeft(Event):
    """The last connection of a member of staff ended."""

    kind = "staff_left"
    staff: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CandidateJoined(SittingEvent):
    """A page of the candidate was let to the door of the room; it holds connection epoch `epoch` from now on.

    `device` is a digest of the device's secret, never the secret.
    """

    kind = "candidate_joined"
    epoch: int
    device: str


@dataclass(frozen=True, kw_only=True)
class CandidateConnected(SittingEvent):
    """The page's signalling connection stands."""

    kind = "candidate_connected"
    epoch: int


@dataclass(frozen=True, kw_only=True)
class CandidateDisconnected(SittingEvent):
    """The signalling connection was lost or closed; `reason` is how it was noticed."""

    kind = "candidate_disconnected"
    epoch: int
    reason: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ServerRestarted(Event):
    """The server came back under a new owner epoch; every connection it held had ended with it."""

    kind = "server_restarted"
    epoch: int


@dataclass(frozen=True, kw_only=True)
class ClockStepped(Event):
    """The system clock was moved by so many seconds against the server's; no deadline moved with it.

    When no server ran, it was set back by at least that: the entry's time lies before that of the entry before. Only
    at such an entry does a log's time go back, and deadlines count by the clock as it is now.
    """

    kind = "clock_stepped"
    seconds: float


@dataclass(frozen=True, kw_only=True)
class MediaChanged(SittingEvent):
    """The candidate's picture and sound `connected`, `stalled`, `resumed` or `closed`."""

    kind = "media_changed"
    state: str
    happened_at: datetime | None = None


# -- getting ready ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class DeviceReported(SittingEvent):
    """The outcome of the page's device check (A24.1.1)."""

    kind = "device_reported"
    report: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Consented(SittingEvent):
    """The candidate agreed to being recorded, to the text with that digest."""

    kind = "consented"
    version: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class LobbyEntered(SittingEvent):
    """The candidate waits to be admitted."""

    kind = "lobby_entered"


@dataclass(frozen=True, kw_only=True)
class Admitted(SittingEvent):
    """An invigilator admitted the candidate: eligibility and camera accepted (A14.2c.2, A14.2c.5)."""

    kind = "admitted"
    by: str
    device: str


# -- the paper --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PaperFetched(SittingEvent):
    """The candidate's page fetched the sealed paper."""

    kind = "paper_fetched"
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ReleaseHeld(Event):
    """The release time came while no invigilator was present (A14.2c.6, reading X28)."""

    kind = "release_held"


@dataclass(frozen=True, kw_only=True)
class PaperReleased(Event):
    """The paper may be read from now on, in the name of the invigilator `by` (A14.2b.6, A14.2c.6, reading X34)."""

    kind = "paper_released"
    by: str


@dataclass(frozen=True, kw_only=True)
class PaperKeyDelivered(SittingEvent):
    """The key was given to the candidate's page."""

    kind = "paper_key_delivered"


@dataclass(frozen=True, kw_only=True)
class PaperOpened(SittingEvent):
    """The candidate's page decrypted and showed the paper."""

    kind = "paper_opened"


# -- work -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AnswerSaved(SittingEvent):
    """The answer as it stood then. A draft is evidence, not a submission (reading X31).

    `text` stands between the first `head` and the last `tail` characters of the version before; `sha256` is of the
    whole. See writing.py.
    """

    kind = "answer_saved"
    epoch: int
    revision: int
    head: int = 0
    tail: int = 0
    text: str
    sha256: str
    client_time: str


@dataclass(frozen=True, kw_only=True)
class FileReceived(SittingEvent):
    """A file of the work arrived whole."""

    kind = "file_received"
    file: str
    name: str
    type: str
    bytes: int
    sha256: str
    received_at: datetime | None = None  # when its last byte was durable; hashing comes after
    phone: str = ""  # the telephone that sent it; empty for the exam page
    looks: str = ""  # media type that its first bytes tell, whatever `name` and `type` say


@dataclass(frozen=True, kw_only=True)
class FileRemoved(SittingEvent):
    """The candidate took a file out of the work before submitting."""

    kind = "file_removed"
    file: str


@dataclass(frozen=True, kw_only=True)
class PhonePaired(SittingEvent):
    """The candidate let a telephone in that photographs pages; `device` is the one that showed the link."""

    kind = "phone_paired"
    phone: str
    device: str


@dataclass(frozen=True, kw_only=True)
class PhoneRevoked(SittingEvent):
    """The telephone may send nothing any more; `why`: the `candidate` ended it, or it was `replaced`."""

    kind = "phone_revoked"
    phone: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Submitted(SittingEvent):
    """The work was accepted (A14.2b.7). `sha256` is of `manifest`, the bytes of submission.json."""

    kind = "submitted"
    submission: str
    sha256: str
    manifest: str


@dataclass(frozen=True, kw_only=True)
class SubmissionRejected(SittingEvent):
    """Work arrived outside the window; kept as rejected evidence (A14.2b.7)."""

    kind = "submission_rejected"
    unmet: tuple[str, ...]
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class SubmissionClosed(Event):
    """Submit-by passed."""

    kind = "submission_closed"


@dataclass(frozen=True, kw_only=True)
class RoomEnded(Event):
    """The end time passed: the room left the exam state (A14.2b.8)."""

    kind = "room_ended"


@dataclass(frozen=True, kw_only=True)
class SubmissionsPulled(Event):
    """The training office fetched the room's submissions."""

    kind = "submissions_pulled"


# -- invigilation -----------------------------------------------------------------------------------------------------


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
class MessageSent(Event):
    """An invigilator wrote to candidates; `to` is empty for the whole room."""

    kind = "message_sent"
    message: str
    to: tuple[str, ...]
    text: str
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageSeen(SittingEvent):
    """The candidate read a message."""

    kind = "message_seen"
    message: str


# -- recording --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SegmentClosed(SittingEvent):
    """A recorded segment is whole; `segment` holds its times, sizes and digests (A14.2c.7)."""

    kind = "segment_closed"
    segment: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RecordingFault(SittingEvent):
    """The server could not record for a while."""

    kind = "recording_fault"
    why: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RecordingResumed(SittingEvent):
    """Recording works again after a fault."""

    kind = "recording_resumed"
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RecordingViewed(SittingEvent):
    """An inspector opened the recording of a candidate (A5.4)."""

    kind = "recording_viewed"
    by: str


def all_events(base: type[Event]) -> dict[str, type[Event]]:
    """The events below `base` that are defined by now, by kind."""
    found = {}
    for cls in base.__subclasses__():
        if "kind" in cls.__dict__:
            found[cls.kind] = cls
        found.update(all_events(cls))
    return found


EVENTS: dict[str, type[Event]] = all_events(Event)
