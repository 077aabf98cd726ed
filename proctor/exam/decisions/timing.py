"""What happens of itself when time passes, and when to look again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from proctor.exam import events as e
from proctor.exam import schedule
from proctor.exam.decisions.answers import collect
from proctor.exam.decisions.files import close_awaiting
from proctor.exam.decisions.holding import back_too_late, never_released
from proctor.exam.decisions.papers import release
from proctor.exam.decisions.presence import unattended
from proctor.exam.room import Decision, Room, apply
from proctor.exam.sitting import State


def pass_time(room: Room, now: datetime, unsettled: Collection[str] = ()) -> Decision:
    """What happens of itself at `now`: the release, the end of a candidate's time, the closing of submission and of
    what may follow it, the end. A room that never got its paper is held instead, and so is one whose server was back
    too late for somebody's deadline.

    While the office has to decide how a held room goes on, only what concerns those who still have time. Of whom is
    `unsettled`, see `answers.collect`, nothing is decided yet.
    """
    waiting = back_too_late(room, now)
    for event in waiting:
        room = apply(room, event, now)
    if room.hold is not None:
        alarm = unattended(room, now) if _still_at_work(room, now) else ()
        return Decision((*waiting, *collect(room, now, unsettled), *alarm))
    events: list[e.Event] = list(release(room, now).events)
    events += collect(room, now, unsettled)
    if held := never_released(room, now):
        return Decision((*events, *held))
    if now > room.last_deadline() and not room.submission_closed and not unsettled:
        events.append(e.SubmissionClosed())
    events += close_awaiting(room, now)
    if now > room.schedule.end_at and not room.ended:
        events.append(e.RoomEnded())
        room = replace(room, ended=True)
    events += unattended(room, now)
    return Decision(tuple(events))


def _still_at_work(room: Room, now: datetime) -> list[datetime]:
    """The deadlines to come of those who write on in a held room."""
    at_work = (known for known in room.sittings.values() if known.state is State.ADMITTED)
    return [room.deadline(known) for known in at_work if room.released_at is not None and now <= room.deadline(known)]


def next_boundary(room: Room, now: datetime) -> datetime | None:
    """The next moment at which something can happen of itself, None when nothing will."""
    if room.ended:
        return None
    if room.hold is not None:
        return min((moment + schedule.JUST_AFTER for moment in _still_at_work(room, now)), default=None)
    awaited = (room.awaited_until(known) for known in room.sittings.values() if known.awaited)
    extra = {known.extra_minutes for known in room.sittings.values()} - {0}
    deadlines = (room.schedule.submit_by + timedelta(minutes=minutes) for minutes in extra)
    return schedule.next_boundary(room.schedule, now, room.release_due_at(), *deadlines, *awaited, regime=room.regime)
