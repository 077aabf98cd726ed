"""Which acts of running a room are refused now, whoever asks, and why: for pages, which offer only the others.

Nothing is decided here: each act's own conditions are asked, so that a page and a decision cannot say two things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from proctor.exam.decisions import admission, briefing, closing, papers, presence
from proctor.exam.room import Room
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal

# By the names of the messages that ask for the act.
_CONDITIONS: Mapping[str, Callable[[Room, datetime], None]] = {
    "admit": admission.may_admit,
    "hold_briefing": briefing.may_hold,
    "delay_release": papers.may_delay,
    "offer_shift": presence.may_offer_shift,
    "publish_lists": lambda room, now: closing.may_be_published(room),
    "hand_over": lambda room, now: closing.may_hand_over(room),
}


def refused(room: Room, now: datetime) -> dict[str, Refusal]:
    """The acts that nobody can do in the room at `now`."""
    found = {}
    for act, condition in _CONDITIONS.items():
        try:
            condition(room, now)
        except Refusal as refusal:
            found[act] = refusal
    return found


def out_of_time(room: Room, now: datetime) -> list[str]:
    """The candidates in the queue who cannot be admitted any more, since their own time is over."""
    return [
        known.candidate
        for known in room.sittings.values()
        if known.state in (State.WAITING, State.REFUSED) and not admission.has_time(room, now, known)
    ]
