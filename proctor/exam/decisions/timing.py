"""What happens of itself when time passes."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.papers import release
from proctor.exam.room import Decision, Room


def pass_time(room: Room, now: datetime) -> Decision:
    """What happens of itself at `now`: the release, the closing of submission, the end."""
    events: list[e.Event] = list(release(room, now).events)
    if now > room.schedule.submit_by and not room.submission_closed:
        events.append(e.SubmissionClosed())
    if now > room.schedule.end_at and not room.ended:
        events.append(e.RoomEnded())
    return Decision(tuple(events))
