"""A candidate's own telephone that photographs handwritten pages into the sitting, and does nothing else.

It is let in by a link that the exam page shows, sends files as long as the sitting is at work, and is one at a time: a
new one takes the place of the one before. It belongs to the device that let it in; when another device is admitted, it
goes with the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.conditions import at_work, in_window, not_ended
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting
from proctor.regulation.refusal import Refusal


@dataclass(frozen=True)
class Sender:
    """Who sends files: a candidate at a device, or the telephone `phone` that this device let in; `client_time` is what
    the sender's own clock shows."""

    candidate: str
    device: str
    phone: str = ""
    client_time: str = ""


def name_of(session: str) -> str:
    """The name under which the log knows the telephone that holds a session; it opens nothing."""
    return f"p_{session[:16]}"


def may_pair(room: Room, now: datetime, candidate: str, device: str) -> Sitting:
    """Refuse who may not let a telephone in: not at work, outside the window, or at a device that was not admitted."""
    known = at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    in_window(room, now, known)
    return known


def pair(room: Room, now: datetime, candidate: str, device: str, phone: str) -> Decision:
    """Let the telephone `phone` in that came with the link of `device`; one that was there before goes."""
    known = may_pair(room, now, candidate, device)
    paired = e.PhonePaired(candidate=candidate, phone=phone, device=device)
    if known.phone is None:
        return Decision((paired,))
    return Decision((e.PhoneRevoked(candidate=candidate, phone=known.phone.phone, why="replaced"), paired))


def revoke(room: Room, now: datetime, candidate: str, device: str) -> Decision:
    """The candidate, at the admitted device, takes the telephone's permission back; doing so again changes nothing."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    if known.phone is None:
        return Decision()
    return Decision((e.PhoneRevoked(candidate=candidate, phone=known.phone.phone, why="candidate"),))


def stands(room: Room, candidate: str, phone: str) -> Sitting:
    """The sitting that `phone` may send into. Raises Refusal `phone_revoked`."""
    known = room.sittings.get(candidate)
    if known is None or known.phone is None or known.phone.phone != phone or known.phone.device != known.device:
        raise Refusal("phone_revoked")
    return known
