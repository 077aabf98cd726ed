"""Events of the sealed paper, from its fetching to its opening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam.events.base import Event, Reported, SittingEvent


@dataclass(frozen=True, kw_only=True)
class PaperFetched(Reported):
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
    """The key was given to the candidate's page, of the paper with this digest while it is sealed (A14.2c.6).

    `by`: the invigilator in whose name it goes out: who released the paper, or admitted the candidate after that.
    """

    kind = "paper_key_delivered"
    sha256: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class PaperOpened(Reported):
    """The candidate's page decrypted and showed the paper of that digest, sealed."""

    kind = "paper_opened"
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseDelayed(Event):
    """An invigilator put the release off, with a reason; the office is asked for an equal shift (reading X34)."""

    kind = "release_delayed"
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class ReservePaperUsed(Event):
    """The reserve paper took the place of the paper, by the training office."""

    kind = "reserve_paper_used"
    sha256: str
    bytes: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class MaterialGiven(Event):
    """A correction of the paper (`correction`), or a further file (`file`), went to all (A7.2a).

    `sha256` and `bytes` are of its file, None and 0 without one.
    """

    kind = "material_given"
    material: str
    nature: str
    title: str
    text: str
    sha256: str | None = None
    bytes: int = 0
    type: str = ""


@dataclass(frozen=True, kw_only=True)
class MaterialReceived(Reported):
    """The candidate's page showed it."""

    kind = "material_received"
    material: str
