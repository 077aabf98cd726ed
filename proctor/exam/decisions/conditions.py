"""Conditions that several decisions share."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import submission
from proctor.exam.room import Room
from proctor.exam.schedule import Phase
from proctor.exam.sitting import Sitting, State
from proctor.regulation.refusal import Refusal


def not_ended(room: Room, now: datetime) -> None:
    if room.ended or room.phase(now) is Phase.ENDED:  # what ended stays ended, whatever a clock says later
        raise Refusal("room_ended")


def at_work(room: Room, candidate: str) -> Sitting:
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        raise Refusal("already_submitted")
    if known.state is not State.ADMITTED:
        raise Refusal("not_admitted")
    return known


def in_window(room: Room, now: datetime) -> None:
    ruling = submission.window(room.released_at, room.schedule.submit_by, now)
    if room.submission_closed:
        raise Refusal("after_submit_by", submit_by=iso(room.schedule.submit_by))
    if not ruling.met:
        code = "before_release" if "before_release" in ruling.unmet else "after_submit_by"
        raise Refusal(code, submit_by=iso(room.schedule.submit_by))


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
