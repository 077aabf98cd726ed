"""What an invigilator adds in words while the exam runs: to an incident, about a candidate, about the room."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.room import Decision, Room
from proctor.regulation.refusal import Refusal

MAX_NOTE = 1_000


def add(
    room: Room, now: datetime, *, by: str, note: str, text: str, candidate: str = "", violation: str = ""
) -> Decision:
    """Keep a note. One to a violation is about its candidate; it changes nothing of what is decided."""
    not_ended(room, now)
    if not text.strip() or len(text) > MAX_NOTE:
        raise Refusal("bad_request", field="text")
    if violation:
        known = room.violations.get(violation)
        if known is None:
            raise Refusal("not_found", what="violation")
        candidate = known.noted.candidate
    elif candidate:
        room.sitting(candidate)
    added = e.NoteAdded(note=note, text=text, by=by, violation=violation, candidate=candidate)
    return Decision((added,), {"note": note})
