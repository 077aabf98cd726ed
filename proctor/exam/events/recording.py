"""Events of recorded picture and sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from proctor.exam.events.base import SittingEvent


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
    full_name: str = ""  # of who is not assigned to the room, as for `StaffEntered`
