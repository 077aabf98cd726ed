"""Who comes to the door and who is connected: the staff's gate, the pages of candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from proctor.exam import entry
from proctor.exam import events as e
from proctor.exam.decisions.conditions import iso, not_ended
from proctor.exam.decisions.papers import may_have_key, release
from proctor.exam.permissions import Role
from proctor.exam.room import Decision, Room
from proctor.regulation.refusal import Refusal


def staff_may_enter(room: Room, now: datetime, person: str, role: Role) -> None:
    """Refuse staff who are not assigned or too early (A14.2c.1). Inspectors and the office need no assignment (X35)."""
    if role is Role.INVIGILATOR and (person not in room.staff or room.staff[person].role != role):
        raise Refusal("not_assigned")
    if role is Role.TRAINING_OFFICE:
        return
    ruling = entry.staff_gate(room.schedule, now)
    if not ruling.met:
        raise Refusal("gate_closed", opens_at=iso(ruling.values["opens_at"]), citation="A14.2c.1")


def enter_staff(room: Room, now: datetime, person: str, role: Role) -> Decision:
    """A member of staff comes in. An invigilator who comes to a held release releases the paper."""
    staff_may_enter(room, now, person, role)
    before = entry.staff_gate(room.schedule, now).values["minutes_before_start"]
    entered = e.StaffEntered(staff=person, role=role, minutes_before_start=before)
    if person in room.present:
        return Decision()
    if role is Role.INVIGILATOR:
        then = release(replace(room, present=room.present | {person}), now)
        return Decision((entered, *then.events))
    return Decision((entered,))


def leave_staff(room: Room, now: datetime, person: str) -> Decision:
    """The last connection of a member of staff ended."""
    return Decision((e.StaffLeft(staff=person),) if person in room.present else ())


def join_candidate(room: Room, now: datetime, candidate: str, device: str) -> Decision:
    """A page of the candidate comes to the door; answered with its connection epoch (reading X28)."""
    known = room.sitting(candidate)
    not_ended(room, now)
    ruling = entry.candidate_gate(room.schedule, now, invigilator_came=room.invigilator_came)
    if not ruling.met:
        raise Refusal("waiting_for_invigilator", opens_at=iso(ruling.values["opens_at"]))
    epoch = known.last_epoch + 1
    return Decision((e.CandidateJoined(candidate=candidate, epoch=epoch, device=device),), epoch)


def connect_candidate(room: Room, now: datetime, candidate: str, epoch: int) -> Decision:
    """The page's socket stands; a page that comes back after release and admission gets the key again."""
    known = room.sitting(candidate)
    if epoch not in (known.epoch, known.pending.epoch if known.pending else None):
        raise Refusal("superseded")
    connected = e.CandidateConnected(candidate=candidate, epoch=epoch)
    if epoch == known.epoch and may_have_key(room, candidate) and known.key_delivered_at is None:
        return Decision((connected, e.PaperKeyDelivered(candidate=candidate)))
    return Decision((connected,))


def disconnect_candidate(room: Room, now: datetime, candidate: str, epoch: int, reason: str) -> Decision:
    """The page's socket ended."""
    return Decision((e.CandidateDisconnected(candidate=candidate, epoch=epoch, reason=reason),))
