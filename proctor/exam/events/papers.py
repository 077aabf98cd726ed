"""Events of the sealed paper, from its fetching to its opening."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.exam.events.base import Event, SittingEvent


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
