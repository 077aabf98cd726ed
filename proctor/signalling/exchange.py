"""What pages are told when events became a room's state. Pure: events in, pushes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from proctor import views
from proctor.exam import events as e
from proctor.exam.room import Material, Room

# The picture of a page that asks to take over is published and shown under its candidate's name with this added.
ASKING = "/asking"

Audience = Literal["staff", "candidates", "candidate"]


@dataclass(frozen=True)
class Push:
    """A message to an audience: the room's staff, all its candidates, one candidate, or the pages of one epoch."""

    audience: Audience
    message: str
    body: dict[str, Any]
    candidate: str = ""
    only_epoch: int | None = None


_ROOM_VIEWS: dict[Audience, Callable[[Room, datetime], dict[str, Any]]] = {
    "staff": views.staff_room, "candidates": views.room,
}  # fmt: skip


def pushes(before: Room, after: Room, events: Sequence[e.Event], now: datetime) -> list[Push]:
    """What follows for pages from `events`, which led from `before` to `after`.

    Views are whole objects, so that the last one is always right whatever was lost; they go out once per batch.
    """
    told: list[Push] = []
    touched: dict[str, None] = {}
    for event in events:
        if isinstance(event, e.SittingEvent):
            touched[event.candidate] = None
        match event:
            case e.MessageSent() | e.CandidateWrote():
                sent = next(each for each in reversed(after.messages) if each.message == event.message)
                told.append(Push("staff", "message", views.message(sent)))
                told += [
                    Push("candidate", "message", views.message(sent), candidate, only_epoch=known.epoch)
                    for candidate, known in after.sittings.items()
                    if views.concerns(sent, candidate)
                ]
            case e.ViolationNoted() | e.ViolationDecided() | e.StillKept() | e.StillMissing():
                told.append(Push("staff", "violation", views.violation(after.violations[event.violation])))
            case e.NoteAdded():
                written = next(each for each in reversed(after.notes) if each.added.note == event.note)
                told.append(Push("staff", "note", views.note(written)))
            case e.MaterialGiven():
                given = (each for each in after.materials_shown if each.given.material == event.material)
                told += [push for each in given for push in _to_all(after, each)]
            case e.PaperReleased():  # what was given ahead comes with the paper
                told += [push for each in before.materials for push in _to_all(after, each)]
            case e.Admitted(candidate=candidate) if not _was_admitted(before, candidate):
                epoch = after.sitting(candidate).epoch
                told += [  # what the others were given before
                    Push("candidate", "material", views.material(each), candidate, only_epoch=epoch)
                    for each in before.materials_shown
                ]
            case e.WordsLeft(candidate=candidate):
                known = after.sitting(candidate)
                told += [
                    Push("candidate", "words_left", left, candidate, only_epoch=known.epoch)
                    for left in views.words_left(known)
                    if left["sha256"] == event.sha256
                ]
            case e.DeviceDeclined(candidate=candidate, epoch=epoch, reason=reason):
                told.append(Push("candidate", "declined", {"reason": reason}, candidate, only_epoch=epoch))
            case e.ClosingPublished():
                body = views.lists(after) or {}
                told.append(Push("staff", "lists", views.staff_lists(after) or {}))
                told += [
                    # To all candidates of the room (A14.2dd.1, X29, X32): the refused and the late ones too.
                    Push("candidate", "lists", body, candidate, only_epoch=known.epoch)
                    for candidate, known in after.sittings.items()
                ]
            case e.BriefingHeld(present=present):
                touched |= dict.fromkeys(present)
            case e.TimesShifted() | e.ServerRestarted() | e.RoomHeld() | e.HoldResolved() | e.SubmissionClosed():
                touched |= dict.fromkeys(after.sittings)
    for candidate in touched:
        old, new = before.sittings.get(candidate), after.sittings.get(candidate)
        if new is None:  # moved to another room; the candidate's own pages are let go by the office's act
            if old is not None:
                told.append(Push("staff", "sitting", views.sitting(after, after.moved_out[candidate])))
            continue
        alike = (before.schedule, before.hold, before.submission_closed) == (
            after.schedule, after.hold, after.submission_closed
        )  # fmt: skip
        if old == new and alike:
            continue
        told.append(Push("staff", "sitting", views.sitting(after, new)))
        told.append(Push("candidate", "me", views.own_sitting(after, new), candidate, only_epoch=new.epoch))
        if new.pending:
            asking = views.waiting_page(after, new)
            told.append(Push("candidate", "me", asking, candidate, only_epoch=new.pending.epoch))
            if old is not None and old.pending and old.pending.device != new.pending.device:  # a third one asks now
                told.append(Push("candidate", "superseded", {}, candidate, only_epoch=old.pending.epoch))
        if old is not None and old.epoch and old.epoch != new.epoch:
            told.append(Push("candidate", "superseded", {}, candidate, only_epoch=old.epoch))
            if old.pending and old.pending.epoch == new.epoch:
                told.append(Push("candidate", "rejoin", {}, candidate, only_epoch=new.epoch))
    if before.staff != after.staff or before.present != after.present or before.shift != after.shift:
        told.append(Push("staff", "staff", staff_view(after)))
    if not all(isinstance(event, e.AnswerSaved) for event in events):  # the most frequent by far
        told += [push for push in room_pushes(after, now) if _room_changed(before, after, push, now)]
    return told


def _to_all(room: Room, given: Material) -> list[Push]:
    """A correction or a further file, to staff and to everybody admitted."""
    body = views.material(given)
    return [Push("staff", "material", body)] + [
        Push("candidate", "material", body, known.candidate, only_epoch=known.epoch)
        for known in room.sittings.values()
        if known.admitted_at
    ]


def room_pushes(room: Room, now: datetime) -> list[Push]:
    """The room as it stands, to staff and to candidates, each as they may see it."""
    return [Push(audience, "room", view(room, now)) for audience, view in _ROOM_VIEWS.items()]


def staff_view(room: Room) -> dict[str, Any]:
    """Who works in the room, and the shift that is on offer or was."""
    return {"staff": views.staff(room), "shift": views.shift(room), "shift_lapsed": views.shift_lapsed(room)}


def _was_admitted(room: Room, candidate: str) -> bool:
    known = room.sittings.get(candidate)
    return known is not None and known.admitted_at is not None


def _room_changed(before: Room, after: Room, push: Push, now: datetime) -> bool:
    """Whether the audience of `push` sees the room otherwise than before. Candidates are not told, by a push that says
    nothing new to them, that something changed which staff alone may know."""
    if (before.ended, before.submission_closed) != (after.ended, after.submission_closed):
        return True
    old = _ROOM_VIEWS[push.audience](before, now)
    return any(old[key] != seen for key, seen in push.body.items() if key not in ("seq", "server_time"))
