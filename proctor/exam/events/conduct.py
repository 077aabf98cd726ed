"""Events of what staff note, say and decide while the exam runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam.events.base import Event, SittingEvent


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
