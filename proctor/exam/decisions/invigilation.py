"""What invigilators write down and say during the exam."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.room import Decision, Room
from proctor.regulation.refusal import Refusal

VIOLATIONS = ("phone", "other_person", "materials", "left_view", "talking", "impersonation", "other")


def note_violation(
    room: Room,
    now: datetime,
    *,
    by: str,
    violation: str,
    candidate: str,
    category: str,
    text: str,
    since: datetime | None,
    until: datetime | None,
) -> Decision:
    """Keep an invigilator's note of a breach with its time range (A14.2c.8, A25.1)."""
    not_ended(room, now)
    room.sitting(candidate)
    if category not in VIOLATIONS:
        raise Refusal("bad_request", field="category")
    if len(text) > 2_000:
        raise Refusal("too_large", limit="2000 characters")
    noted = e.ViolationNoted(
        candidate=candidate, violation=violation, category=category, text=text, by=by, since=since, until=until
    )
    return Decision((noted,), {"violation": violation})


def send_message(room: Room, now: datetime, *, by: str, message: str, to: tuple[str, ...], text: str) -> Decision:
    """Write to candidates; an empty `to` is the whole room."""
    not_ended(room, now)
    for candidate in to:
        room.sitting(candidate)
    if not text.strip() or len(text) > 2_000:
        raise Refusal("bad_request", field="text")
    return Decision((e.MessageSent(message=message, to=to, text=text, by=by),), {"message": message})


def see_message(room: Room, now: datetime, candidate: str, message: str) -> Decision:
    """The candidate read a message."""
    if not any(sent.message == message and candidate in (sent.to or (candidate,)) for sent in room.messages):
        raise Refusal("not_found", what="message")
    return Decision((e.MessageSeen(candidate=candidate, message=message),))
