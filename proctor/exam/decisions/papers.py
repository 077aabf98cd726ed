"""The sealed paper: ciphertext ahead of time, the key at release, the receipt that it was opened."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import events as e
from proctor.exam.decisions.conditions import at_work
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal


def fetch_paper(room: Room, now: datetime, candidate: str, device: str) -> Decision:
    """The ciphertext may go to an admitted candidate at the bound device."""
    known = at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    if room.paper is None:
        raise Refusal("not_found", what="paper")
    return Decision((e.PaperFetched(candidate=candidate, sha256=room.paper.sha256),))


def release(room: Room, now: datetime) -> Decision:
    """Release the paper if its time has come and an invigilator is present; hold it otherwise (A14.2b.6, X28, X34)."""
    due = room.schedule.release_at <= now <= room.schedule.submit_by
    if not due or room.released_at is not None or room.paper is None:
        return Decision()
    present = room.invigilators_present()
    if not present:
        return Decision(() if room.release_held else (e.ReleaseHeld(),))
    keys = [
        e.PaperKeyDelivered(candidate=known.candidate)
        for known in room.sittings.values()
        if known.state is State.ADMITTED and known.connected
    ]
    return Decision((e.PaperReleased(by=present[0]), *keys))


def may_have_key(room: Room, candidate: str) -> bool:
    """Whether the paper's key may go to this candidate."""
    return room.released_at is not None and room.sitting(candidate).state in (State.ADMITTED, State.SUBMITTED)


def open_paper(room: Room, now: datetime, candidate: str) -> Decision:
    """The page showed the paper."""
    if not may_have_key(room, candidate):
        raise Refusal("not_released")
    if room.sitting(candidate).paper_opened_at:
        return Decision()
    return Decision((e.PaperOpened(candidate=candidate),))
