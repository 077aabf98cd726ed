"""Events to bytes and back: the fold that the ledger's actors are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec

from proctor.exam import room
from proctor.exam.events import EVENTS, Event, RoomPlanned
from proctor.exam.room import Room


class RoomFold:
    """Satisfies `proctor.ledger.actor.Fold` for rooms."""

    def apply(self, state: Room | None, event: Event, at: datetime) -> Room:
        if state is None:
            assert isinstance(event, RoomPlanned), "a log begins with its plan"
            return room.apply(room.start(event), event, at)
        return room.apply(state, event, at)

    def encode(self, event: Event) -> tuple[str, bytes]:
        return event.kind, msgspec.json.encode(event)

    def decode(self, kind: str, payload: bytes) -> Event:
        return msgspec.json.decode(payload, type=EVENTS[kind])

    def erased(self, state: Room) -> Room:
        return replace(state, seq=state.seq + 1)
