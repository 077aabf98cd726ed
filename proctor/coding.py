"""Events to bytes and back: the fold that the ledger's actors are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec

from proctor.exam import office_events, room
from proctor.exam.events import EVENTS, Event, RoomPlanned
from proctor.exam.room import Room


def encode(event: Event) -> tuple[str, bytes]:
    """Kind and payload, as they stand in a log."""
    return event.kind, msgspec.json.encode(event)


class RoomFold:
    """Satisfies `proctor.ledger.actor.Fold` for rooms."""

    encode = staticmethod(encode)

    def apply(self, state: Room | None, event: Event, at: datetime) -> Room:
        if state is None:
            assert isinstance(event, RoomPlanned), "a log begins with its plan"
            return room.apply(room.start(event), event, at)
        return room.apply(state, event, at)

    def decode(self, kind: str, payload: bytes) -> Event:
        return msgspec.json.decode(payload, type=EVENTS[kind])

    def erased(self, state: Room) -> Room:
        return replace(state, seq=state.seq + 1)


class OfficeFold:
    """Satisfies `proctor.ledger.actor.Fold` for the log of the training office."""

    encode = staticmethod(encode)

    def apply(self, state: office_events.Book | None, event: Event, at: datetime) -> office_events.Book:
        return office_events.apply(state or office_events.Book(), event)

    def decode(self, kind: str, payload: bytes) -> Event:
        return msgspec.json.decode(payload, type=office_events.OFFICE_EVENTS[kind])

    def erased(self, state: office_events.Book) -> office_events.Book:
        return state
