"""Events of the way from the device check to the seat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proctor.exam.events.base import SittingEvent


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
