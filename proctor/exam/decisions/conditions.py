"""Conditions that several decisions share."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import submission
from proctor.exam.room import Room
from proctor.exam.schedule import Phase
from proctor.exam.sitting import Sitting, State
from proctor.regulation.refusal import Refusal


def has_ended(room: Room, now: datetime) -> bool:
    if room.hold is not None and not room.ended:
        return False  # the clock decides nothing while the office has to
    return room.ended or room.phase(now) is Phase.ENDED  # what ended stays ended, whatever a clock says later


def not_ended(room: Room, now: datetime) -> None:
    if has_ended(room, now):
        raise Refusal("room_ended")


def at_work(room: Room, candidate: str) -> Sitting:
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        raise Refusal("already_submitted")
    if known.state is not State.ADMITTED:
        raise Refusal("not_admitted")
    if known.suspended_because:
        raise Refusal("suspended", reason=known.suspended_because)
    return known


def in_window(room: Room, now: datetime, known: Sitting) -> None:
    """Refuse work outside the candidate's own window, and while the room is held."""
    deadline = room.deadline(known)
    ruling = submission.window(room.released_at, deadline, now)
    if room.submission_closed:
        raise Refusal("after_submit_by", submit_by=iso(deadline))
    if not ruling.met:
        if room.hold is not None:
            raise Refusal("room_held")
        code = "before_release" if "before_release" in ruling.unmet else "after_submit_by"
        raise Refusal(code, submit_by=iso(deadline))


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
