"""What pages are told when events became a room's state. Pure: events in, pushes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from proctor import views
from proctor.exam import events as e
from proctor.exam.room import Room

# The picture of a page that asks to take over is published and shown under its candidate's name with this added.
ASKING = "/asking"


@dataclass(frozen=True)
class Push:
    """A message to an audience: everyone in the room, its staff, one candidate, or the pages of one epoch."""

    audience: Literal["all", "staff", "candidate"]
    message: str
    body: dict[str, Any]
    candidate: str = ""
    only_epoch: int | None = None


def pushes(before: Room, after: Room, events: Iterable[e.Event], now: datetime) -> list[Push]:
    """What follows for pages from `events`, which led from `before` to `after`.

    Views are whole objects, so that the last one is always right whatever was lost; they go out once per batch.
    """
    told: list[Push] = []
    touched: dict[str, None] = {}
    for event in events:
        match event:
            case e.MessageSent():
                body = views.message(next(sent for sent in after.messages if sent.message == event.message))
                told.append(Push("staff", "message", body))
                for candidate in event.to or after.sittings:
                    if candidate not in after.sittings:  # moved to another room in the same batch
                        continue
                    active = after.sittings[candidate].epoch
                    told.append(Push("candidate", "message", body, candidate, only_epoch=active))
            case e.ViolationNoted():
                touched[event.candidate] = None
                told.append(Push("staff", "violation", violation(event, now)))
            case e.SittingEvent(candidate=candidate):
                touched[candidate] = None
    for candidate in touched:
        old, new = before.sittings.get(candidate), after.sittings.get(candidate)
        if new is None:  # moved to another room; the candidate's own pages are let go by the office's act
            if old is not None:
                told.append(Push("staff", "sitting", views.sitting(after.moved_out[candidate])))
            continue
        if old == new:
            continue
        body = views.sitting(new)
        told.append(Push("staff", "sitting", body))
        told.append(Push("candidate", "me", body, candidate, only_epoch=new.epoch))
        if new.pending:
            asking = views.waiting_page(new)
            told.append(Push("candidate", "me", asking, candidate, only_epoch=new.pending.epoch))
        if old is not None and old.epoch and old.epoch != new.epoch:
            told.append(Push("candidate", "superseded", {}, candidate, only_epoch=old.epoch))
            if old.pending and old.pending.epoch == new.epoch:
                told.append(Push("candidate", "rejoin", {}, candidate, only_epoch=new.epoch))
    if _room_view_changed(before, after, now):
        told.append(Push("all", "room", views.room(after, now)))
    return told


def violation(event: e.ViolationNoted, at: datetime) -> dict[str, Any]:
    """A noted violation as staff see it."""
    return {
        "violation": event.violation,
        "candidate": event.candidate,
        "category": event.category,
        "text": event.text,
        "by": event.by,
        "at": views.moment(at),
    }


def _room_view_changed(before: Room, after: Room, now: datetime) -> bool:
    old, new = views.room(before, now), views.room(after, now)
    if (before.ended, before.submission_closed) != (after.ended, after.submission_closed):
        return True
    return any(old[key] != new[key] for key in new if key not in ("seq", "server_time"))
