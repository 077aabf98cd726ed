"""Briefings on the rules and on how to submit (A14.2c.3, A14.2c.4)."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.decisions.papers import BRIEFINGS
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal


def hold(room: Room, now: datetime, *, by: str, topic: str) -> Decision:
    """Announce a topic to the room. Those count as present whose page is connected, in the lobby or admitted."""
    not_ended(room, now)
    if topic not in BRIEFINGS:
        raise Refusal("bad_request", field="topic")
    present = tuple(
        known.candidate
        for known in room.sittings.values()
        if known.connected and known.state in (State.WAITING, State.ADMITTED)
    )
    return Decision((e.BriefingHeld(topic=topic, present=present, by=by),), {"present": len(present)})


def read(room: Room, now: datetime, candidate: str, topic: str) -> Decision:
    """The candidate confirmed a briefing; saying it again changes nothing."""
    known = room.sitting(candidate)
    if topic not in known.briefed:
        raise Refusal("not_found", what="briefing")
    if topic in known.briefings_read:
        return Decision()
    return Decision((e.BriefingRead(candidate=candidate, topic=topic),))
