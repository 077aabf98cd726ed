"""What happens of itself when time passes, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from proctor.exam import events as e
from proctor.exam import schedule
from proctor.exam.decisions.answers import collect
from proctor.exam.decisions.files import close_awaiting
from proctor.exam.decisions.papers import release
from proctor.exam.decisions.presence import unattended
from proctor.exam.room import Decision, Room


def pass_time(room: Room, now: datetime) -> Decision:
    """What happens of itself at `now`: the release, the closing of submission and of what may follow it, the end. Not
    while the office has to decide how a held room goes on."""
    if room.hold is not None:
        return Decision()
    events: list[e.Event] = list(release(room, now).events)
    if now > room.last_deadline() and not room.submission_closed:
        events += collect(room, now)
        events.append(e.SubmissionClosed())
    events += close_awaiting(room, now)
    if now > room.schedule.end_at and not room.ended:
        events.append(e.RoomEnded())
        room = replace(room, ended=True)
    events += unattended(room, now)
    return Decision(tuple(events))


def next_boundary(room: Room, now: datetime) -> datetime | None:
    """The next moment at which something can happen of itself, None after the end or while the room is held."""
    if room.hold is not None or room.ended:
        return None
    awaited = (room.awaited_until(known) for known in room.sittings.values() if known.awaited)
    extra = {known.extra_minutes for known in room.sittings.values()} - {0}
    deadlines = (room.schedule.submit_by + timedelta(minutes=minutes) for minutes in extra)
    return schedule.next_boundary(room.schedule, now, room.release_due_at(), *deadlines, *awaited)
