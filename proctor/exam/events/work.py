"""Events of what candidates write and hand in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam.events.base import Event, Reported, SittingEvent


@dataclass(frozen=True, kw_only=True)
class AnswerSaved(Reported):
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


@dataclass(frozen=True, kw_only=True)
class WordsLeft(Reported):
    """A device whose place another one took handed over its text, which it had not saved when it lost the place. The
    answer stays as it is: the page that writes now shows both, and its candidate chooses.

    `revision` is the version that the text builds on; `sha256` is of the text.
    """

    kind = "words_left"
    device: str
    revision: int
    text: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PhonePaired(Reported):
    """The candidate let a telephone in that photographs pages; `device` is the one that showed the link."""

    kind = "phone_paired"
    phone: str
    device: str


@dataclass(frozen=True, kw_only=True)
class PhoneRevoked(Reported):
    """The telephone may send nothing any more; `why`: the `candidate` ended it, or it was `replaced`."""

    kind = "phone_revoked"
    phone: str
    why: str


@dataclass(frozen=True, kw_only=True)
class FileReceived(Reported):
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
class FileRemoved(Reported):
    """The candidate took a file out of the work before submitting."""

    kind = "file_removed"
    file: str


@dataclass(frozen=True, kw_only=True)
class DeclaredFile:
    """A file that a submission names by digest while its bytes are still on their way (A14.2b.7).

    `begun`: its upload had begun under this name; otherwise the name was given with the submission.
    """

    file: str
    name: str
    type: str
    bytes: int
    sha256: str
    begun: bool = True


@dataclass(frozen=True, kw_only=True)
class Submitted(Reported):
    """The work was accepted (A14.2b.7). `sha256` is of `manifest`, the bytes of submission.json.

    `awaited`: files that it names and whose bytes may follow for as long as the exam's rules say.
    """

    kind = "submitted"
    submission: str
    sha256: str
    manifest: str
    collected: bool = False  # saved work, collected at the deadline because the exam or the office says so
    because: str = ""  # the office's reason, where it decided so for a held room
    awaited: tuple[DeclaredFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotCollected(SittingEvent):
    """The candidate's time was over at `deadline`, and what was saved stays a draft, though the exam collects saved
    work: the sitting was `disconnected` then, or `suspended` (reading X31)."""

    kind = "not_collected"
    why: str
    deadline: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionCompleted(SittingEvent):
    """The last file that the submission named arrived. `sha256` is of `manifest`, the bytes of completion.json."""

    kind = "submission_completed"
    submission: str
    sha256: str
    manifest: str


@dataclass(frozen=True, kw_only=True)
class AwaitingProlonged(SittingEvent):
    """The server was away while bytes could have followed; what that took is given back, `until` then."""

    kind = "awaiting_prolonged"
    until: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionIncomplete(SittingEvent):
    """The time for bytes to follow is over, and these files of the submission never came."""

    kind = "submission_incomplete"
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LateFileKept(Reported):
    """A file arrived whole outside the window, or while the exam was suspended: its bytes are rejected evidence, never
    part of a submission (A14.2b.7). `why` as in `sitting.LateFile`."""

    kind = "late_file_kept"
    file: str
    name: str
    type: str
    bytes: int
    sha256: str
    received_at: datetime
    phone: str = ""
    looks: str = ""
    why: str = "late"


@dataclass(frozen=True, kw_only=True)
class LateTextKept(Reported):
    """A text that the server did not have when the candidate's time was over came later: rejected evidence, never the
    answer and never part of a submission (A14.2b.7).

    `revision` is the version that it builds on, `sha256` is of the text. `written_at` is when it was last changed, in
    ISO 8601 by the server's clock as the page that sends it knew it; empty where it does not say.
    """

    kind = "late_text_kept"
    device: str
    revision: int
    text: str
    sha256: str
    received_at: datetime
    written_at: str = ""


@dataclass(frozen=True, kw_only=True)
class SubmissionRejected(Reported):
    """Work arrived outside the window; kept as rejected evidence (A14.2b.7)."""

    kind = "submission_rejected"
    unmet: tuple[str, ...]
    text_sha256: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubmissionClosed(Event):
    """Submit-by passed."""

    kind = "submission_closed"


@dataclass(frozen=True, kw_only=True)
class RoomEnded(Event):
    """The end time passed: the room left the exam state (A14.2b.8)."""

    kind = "room_ended"


@dataclass(frozen=True, kw_only=True)
class ManifestPulled(Event):
    """The training office fetched the manifest of what was handed over, which names people (A5.4)."""

    kind = "manifest_pulled"


@dataclass(frozen=True, kw_only=True)
class SubmissionsPulled(Event):
    """The training office fetched the room's submissions."""

    kind = "submissions_pulled"


RECEIPTED = (Submitted, SubmissionCompleted, SubmissionIncomplete)  # each makes the receipt that a candidate holds
