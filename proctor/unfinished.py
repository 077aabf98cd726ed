"""What is left to do in a room that ended before this server started, read from a few entries of its log.

Such a room sleeps: to fold the log of each at every start would take as long as all exams that ever were. But its
invigilators' way back stands on their page, and the office's list tells what waits. Both follow from entries that are
few, wherever in the log they stand: who was assigned, which lists were published, what was handed over and received.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from proctor import views
from proctor.coding import RoomFold
from proctor.exam import events as e
from proctor.exam.decisions import closing
from proctor.exam.permissions import Role
from proctor.exam.room import Room
from proctor.ledger import tables

_TOLD = (
    e.RoomPlanned.kind, e.StaffAssigned.kind, e.StaffUnassigned.kind, e.ClosingPublished.kind, e.HandedOver.kind,
    e.HandoverReceived.kind,
)  # fmt: skip


@dataclass(frozen=True)
class Unfinished:
    """A room that ended and that the office has not got, or not as it stands now. The facts as in `RoomPlan`."""

    invigilators: frozenset[str] = frozenset()
    handover: dict[str, Any] | None = None
    handover_wanted_since: str | None = None
    lists_outdated: bool = False


def unfinished(engine: Engine, room: str) -> Unfinished | None:
    """What is left to do in a room that ended; None when everything was handed over and received (A14.2e), and nothing
    was decided since that makes the lists in it wrong.

    Nothing is known of a log that cannot be read: opening the room tells what is wrong with it.
    """
    # Corrected lists take the hand-over back; a note that is decided otherwise makes them wrong.
    last = tables.newest_of(engine, room, e.HandoverReceived.kind, e.ClosingPublished.kind, e.ViolationDecided.kind)
    decided_since = last == e.ViolationDecided.kind
    if last == e.HandoverReceived.kind:
        return None
    with contextlib.suppress(ValueError, KeyError):
        state = _folded(engine, room, *(() if decided_since else _TOLD))
        if state is not None:
            outdated = decided_since and closing.outdated(state)
            if state.handover and state.handover.received_at and not outdated:
                return None
            runs = frozenset(each.staff for each in state.staff.values() if each.role == Role.INVIGILATOR)
            return Unfinished(runs, views.handover(state), views.moment(state.handover_wanted_since), outdated)
    return Unfinished()


def _folded(engine: Engine, room: str, *kinds: str) -> Room | None:
    """The room after its entries of those kinds alone, each under its own number, or after all of them."""
    fold, state = RoomFold(), None
    for told in tables.of_kinds(engine, room, *kinds):
        before = replace(state, seq=told.seq - 1) if state else None
        if before or told.kind == e.RoomPlanned.kind:
            state = fold.apply(before, fold.decode(told.kind, told.payload), datetime.fromisoformat(told.at))
    return state
