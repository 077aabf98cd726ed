"""Of several people who may decide the same thing, the first wins and the others are told who did what, and when.

What stands is the newest act on a subject: a candidate's entry or suspension, a note, the release time, the lists. An
act names the one that its author saw and means to replace, by that one's number on the log (0: none was seen). Where
another stands, it is refused as `overtaken`, and nothing changes. So a decision is never lost or overridden unawares,
and yet can be changed: by an act that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam import events as e


@dataclass(frozen=True)
class Act:
    """`act` is a word for what was done (`suspended`), `seq` the number of its entry on the room's log."""

    act: str
    by: str
    at: datetime
    seq: int
    reason: str = ""


def of(event: e.Event) -> tuple[str, str, str, str] | None:
    """Subject, act, person and reason of an event that is such an act; the subject is within its candidate's sitting,
    if it has one, and otherwise within the room."""
    match event:
        case e.EntryRefused(reason=reason, by=by):
            return "entry", "refused", by, reason
        case e.DeviceDeclined(reason=reason, by=by):
            return "entry", "declined", by, reason
        case e.Admitted(by=by):
            return "entry", "admitted", by, ""
        case e.CheckMade(check=check, passed=passed, reason=reason, by=by):
            return f"check_{check}", "passed" if passed else "failed", by, reason
        case e.AskedAgain(subject=subject, text=text, by=by):
            return f"asked_{subject}", "asked", by, text
        case e.SittingSuspended(reason=reason, by=by):
            return "suspension", "suspended", by, reason
        case e.SittingResumed(reason=reason, by=by):
            return "suspension", "resumed", by, reason
        case e.AbsenceBegan(why=why, by=by):
            return "absence", "left", by, why
        case e.AbsenceEnded(by=by):
            return "absence", "back", by, ""
        case e.BriefingHeld(topic=topic, by=by):
            return f"briefing_{topic}", "briefed", by, ""
        case e.MissingBriefingsAcknowledged(by=by):
            return "briefings_missing", "acknowledged", by, ""
        case e.ReleaseDelayed(reason=reason, by=by):
            return "delay", "delayed", by, reason
        case e.ShiftOffered(by=by, note=note):
            return "shift", "offered", by, note
        case e.ShiftTaken(by=by):
            return "shift", "taken", by, ""
        case e.ClosingPublished(by=by, reason=reason):
            return "closing", "published", by, reason
        case e.HandedOver(by=by):
            return "handover", "handed_over", by, ""
    return None
