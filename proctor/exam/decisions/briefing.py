"""Briefings on the rules and on how to submit (A14.2c.3, A14.2c.4)."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.conditions import done_before, not_ended, work_goes_on
from proctor.exam.decisions.papers import BRIEFINGS
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal


def hold(room: Room, now: datetime, *, by: str, topic: str, replaces: int = 0) -> Decision:
    """Announce a topic to the room. Those count as present whose page is connected, in the lobby or admitted.

    It is held again by naming in `replaces` the number of the one before; who comes second is `overtaken`.
    Raises Refusal `called_off`, and `work_over` after the last deadline.
    """
    may_hold(room, now)
    if topic not in BRIEFINGS:
        raise Refusal("bad_request", field="topic")
    if done_before(room, room.acts.get(f"briefing_{topic}"), by=by, act="briefed", replaces=replaces):
        return Decision(answer={"present": room.briefings[topic].present})
    present = tuple(
        known.candidate
        for known in room.sittings.values()
        if known.connected and known.state in (State.WAITING, State.ADMITTED)
    )
    return Decision((e.BriefingHeld(topic=topic, present=present, by=by),), {"present": len(present)})


def may_hold(room: Room, now: datetime) -> None:
    """Refuse a briefing that nobody could work by; after the release it is late, and still of use."""
    work_goes_on(room, now)


def acknowledge_missing(room: Room, now: datetime, *, by: str) -> Decision:
    """Take note that the paper came out without a briefing: the alarm ends, and stays on the log."""
    not_ended(room, now)
    if not room.briefings_missing:
        done_before(room, room.acts.get("briefings_missing"), by=by, act="acknowledged", replaces=0)
        return Decision()
    return Decision((e.MissingBriefingsAcknowledged(topics=room.briefings_missing, by=by),))


def read(room: Room, now: datetime, candidate: str, topic: str) -> Decision:
    """The candidate confirmed a briefing; saying it again changes nothing."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if topic not in known.briefed:
        raise Refusal("not_found", what="briefing")
    if topic in known.briefings_read:
        return Decision()
    return Decision((e.BriefingRead(candidate=candidate, topic=topic),))
