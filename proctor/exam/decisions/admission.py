"""From the device check to the seat: report, consent, lobby, admission by an invigilator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from proctor.exam import events as e
from proctor.exam.decisions.conditions import not_ended
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal


def report_device(room: Room, now: datetime, candidate: str, report: dict[str, Any]) -> Decision:
    """Keep the outcome of the device check (A24.1.1)."""
    not_ended(room, now)
    room.sitting(candidate)
    return Decision((e.DeviceReported(candidate=candidate, report=report),))


def consent(room: Room, now: datetime, candidate: str, version: str, text_sha256: str) -> Decision:
    """Keep the candidate's agreement; saying it again changes nothing."""
    not_ended(room, now)
    if room.sitting(candidate).consented_at:
        return Decision()
    return Decision((e.Consented(candidate=candidate, version=version, text_sha256=text_sha256),))


def enter_lobby(room: Room, now: datetime, candidate: str) -> Decision:
    """The candidate waits for admission, after device check and consent."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.state in (State.ADMITTED, State.SUBMITTED, State.WAITING):
        return Decision(answer=known.state)
    if known.device_report is None or known.consented_at is None:
        raise Refusal("bad_request", field="device check and consent come first")
    return Decision((e.LobbyEntered(candidate=candidate),), State.WAITING)


def may_publish(room: Room, now: datetime, candidate: str, epoch: int) -> None:
    """Refuse picture and sound of a page that is not the active one, or before the lobby."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.state is State.EXPECTED:
        raise Refusal("not_admitted")
    if epoch not in (known.epoch, known.pending.epoch if known.pending else None):
        raise Refusal("superseded")


def admit(
    room: Room, now: datetime, by: str, candidates: Iterable[str], seen: Mapping[str, int] | None = None
) -> Decision:
    """Admit those who wait; who does not wait any more is skipped, the first of two invigilators wins.

    `seen` tells the connection epoch of the page whose face the invigilator saw; a page that came since is not
    admitted.
    """
    not_ended(room, now)
    events: list[e.Event] = []
    admitted, skipped = [], []
    for candidate in dict.fromkeys(candidates):
        if candidate in room.moved_out:  # by the office, while the invigilator looked
            skipped.append(candidate)
            continue
        known = room.sitting(candidate)
        if known.state is State.WAITING and known.device:
            device, epoch = known.device, known.epoch
        elif known.pending:
            device, epoch = known.pending.device, known.pending.epoch
        else:
            skipped.append(candidate)
            continue
        if (seen or {}).get(candidate, epoch) != epoch:
            skipped.append(candidate)
            continue
        events.append(e.Admitted(candidate=candidate, by=by, device=device))
        admitted.append(candidate)
        if room.released_at is not None:
            events.append(e.PaperKeyDelivered(candidate=candidate))
    return Decision(tuple(events), {"admitted": admitted, "skipped": skipped})
