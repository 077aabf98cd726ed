"""Events of the way from the device check to the seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from proctor.exam.events.base import Event, NotLetIn, Reported, SittingEvent


@dataclass(frozen=True, kw_only=True)
class DeviceReported(Reported):
    """The outcome of the device check (A24.1.1) of the page of `epoch`."""

    kind = "device_reported"
    report: dict[str, Any]
    epoch: int = 0


@dataclass(frozen=True, kw_only=True)
class Consented(Reported):
    """The candidate agreed to being recorded, to the text with that digest."""

    kind = "consented"
    version: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class LobbyEntered(Reported):
    """The candidate waits to be admitted."""

    kind = "lobby_entered"


@dataclass(frozen=True, kw_only=True)
class Admitted(SittingEvent):
    """An invigilator admitted the candidate: eligibility and camera accepted (A14.2c.2, A14.2c.5)."""

    kind = "admitted"
    by: str
    device: str


@dataclass(frozen=True, kw_only=True)
class RulesAccepted(Reported):
    """The candidate accepted the rules of online exams, the text with that digest (A24.2)."""

    kind = "rules_accepted"
    version: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class PhotoTaken(Reported):
    """The candidate's page photographed the `face` or the `card` (B5.5), or the `camera`'s view at the device check.

    `sha256` is of the picture; `brightness` and `sharpness` as `proctor.analysis.picture` measures them; `device` is
    the one that took it.
    """

    kind = "photo_taken"
    photo: str
    subject: str
    sha256: str
    bytes: int
    brightness: float = 0.0
    sharpness: float = 0.0
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class PhotosViewed(SittingEvent):
    """A member of staff looked at the candidate's photographs (A5.4)."""

    kind = "photos_viewed"
    by: str
    full_name: str = ""  # of who is not assigned to the room, as for `StaffEntered`


@dataclass(frozen=True, kw_only=True)
class CheckMade(SittingEvent):
    """An invigilator checked a candidate's `eligibility`, `camera` or `identity` (A14.2c.2, A14.2c.5, B5.5).

    `photos`: the photographs that it was made by, as `PhotoTaken` names them, beside the live picture.
    """

    kind = "check_made"
    check: str
    passed: bool
    by: str
    reason: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AskedAgain(SittingEvent):
    """An invigilator asked for the `face`, the `card`, the `camera` or the `device` check anew."""

    kind = "asked_again"
    subject: str
    text: str
    by: str


@dataclass(frozen=True, kw_only=True)
class EntryRefused(SittingEvent):
    """An invigilator refused the candidate, with a reason (A14.2c.2). Admitting later lifts it."""

    kind = "entry_refused"
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class DeviceDeclined(SittingEvent):
    """An invigilator did not let the page of `epoch`, at another device, take over an admitted sitting (B5.5).

    The sitting goes on at its own device; the other one may ask again.
    """

    kind = "device_declined"
    device: str
    epoch: int
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class LateRefused(SittingEvent, NotLetIn):
    """The candidate came to the lobby after the exam's limit for late arrivals, which was `until`."""

    kind = "late_refused"
    until: datetime

    def told_as(self) -> tuple[str, str]:
        return self.candidate, self.kind


@dataclass(frozen=True, kw_only=True)
class BriefingHeld(Event):
    """An invigilator announced the `rules` or the `submission` to the room; who was `present` (A14.2c.3, A14.2c.4)."""

    kind = "briefing_held"
    topic: str
    present: tuple[str, ...]
    by: str


@dataclass(frozen=True, kw_only=True)
class BriefingGiven(SittingEvent):
    """A candidate who came later was briefed alone."""

    kind = "briefing_given"
    topic: str
    by: str


@dataclass(frozen=True, kw_only=True)
class BriefingRead(Reported):
    """The candidate confirmed a briefing."""

    kind = "briefing_read"
    topic: str


@dataclass(frozen=True, kw_only=True)
class BriefingsMissing(Event):
    """The paper came out before these briefings were held: an alarm, and no reason to hold it."""

    kind = "briefings_missing"
    topics: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MissingBriefingsAcknowledged(Event):
    """An invigilator took note of the alarm that these briefings were not held; it ends."""

    kind = "missing_briefings_acknowledged"
    topics: tuple[str, ...]
    by: str
