"""Events of recorded picture and sound, and of who looked at what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from proctor.exam.events.base import Event, SittingEvent


@dataclass(frozen=True, kw_only=True)
class SegmentClosed(SittingEvent):
    """A recorded segment is whole; `segment` holds its times, sizes and digests (A14.2c.7)."""

    kind = "segment_closed"
    segment: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RecordingFault(SittingEvent):
    """The server could not record, until it resumed; with `since`, it lost what had been recorded from then on."""

    kind = "recording_fault"
    why: str
    happened_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RecordingResumed(SittingEvent):
    """Recording works again after a fault."""

    kind = "recording_resumed"
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RecordingViewed(SittingEvent):
    """An inspector, or the office after the hand-over, opened the recording of a candidate (A5.4); or who watches the
    room opened the part of it that belongs to a violation."""

    kind = "recording_viewed"
    by: str
    full_name: str = ""  # of who is not assigned to the room, as for `StaffEntered`


@dataclass(frozen=True, kw_only=True)
class LogViewed(Event):
    """Somebody read the room's log, with the drafts and the private messages in it (A5.4)."""

    kind = "log_viewed"
    by: str
    full_name: str = ""  # as for `RecordingViewed`
