"""People and pages that come and go; the room without an invigilator; the hand-over between two of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from proctor.exam import entry, staffing
from proctor.exam import events as e
from proctor.exam.articles import cited
from proctor.exam.decisions.conditions import done_before, iso, not_ended, not_let_in
from proctor.exam.decisions.conduct import stills_lost
from proctor.exam.decisions.files import prolong_awaiting
from proctor.exam.decisions.holding import COMING_BACK, LATE_PAPER, held
from proctor.exam.decisions.papers import BRIEFINGS, key_delivered, may_have_key, release
from proctor.exam.permissions import Role
from proctor.exam.room import Decision, Room, apply
from proctor.exam.schedule import Phase
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal

ASSIGNED_ONLY = (Role.INVIGILATOR, Role.SUPERVISOR, Role.TECH_SUPPORT)


def _at_the_gate(room: Room, now: datetime, person: str, role: Role) -> tuple[int, Refusal | None]:
    """The minutes left to the start as somebody stands there who may come in, and the refusal if it is too early.

    Inspectors and the office need no assignment (X35); the office may look in at any time (A21.1.3).
    Raises Refusal `not_assigned`, `not_published`.
    """
    if role in ASSIGNED_ONLY and (person not in room.staff or room.staff[person].role != role):
        raise Refusal("not_assigned")
    office = role is Role.TRAINING_OFFICE
    if not (room.published or office):
        raise Refusal("not_published")
    gate = entry.staff_gate(room.schedule, now, regime=room.regime)
    opens_at, before = iso(gate.values["opens_at"]), gate.values["minutes_before_start"]
    if gate.met or office:
        return before, None
    return before, Refusal("gate_closed", opens_at=opens_at, citation=cited(room.regime, "A14.2c.1"))


def look_in(room: Room, now: datetime, person: str, role: Role) -> None:
    """Whoever may not come in yet reads nothing of the room from outside either. Raises the Refusal of `knock`."""
    _, closed = _at_the_gate(room, now, person, role)
    if closed is not None:
        raise closed


def knock(room: Room, now: datetime, person: str, role: Role, full_name: str = "") -> Decision:
    """A member of staff asks to come in. Who is too early is refused, and that is on the log (A14.2c.1).

    `full_name` goes on the log of a room that the person is not assigned to; the others are named there already.
    """
    before, closed = _at_the_gate(room, now, person, role)
    if closed is None:
        return Decision()
    refused = e.StaffRefused(
        staff=person, role=role, minutes_before_start=before, full_name="" if person in room.staff else full_name
    )
    return not_let_in(room, now, refused, closed)


def enter_staff(room: Room, now: datetime, person: str, role: Role, full_name: str = "") -> Decision:
    """A member of staff comes in, which takes the assignment too (A23.5). An invigilator who comes to a held release
    releases the paper. `full_name` as for `knock`."""
    before, closed = _at_the_gate(room, now, person, role)
    if closed is not None:
        raise closed
    if person in room.present:
        return Decision()
    events: list[e.Event] = []
    if person in room.staff and not room.staff[person].acknowledged:
        events.append(e.AssignmentAcknowledged(staff=person))
    named = "" if person in room.staff else full_name
    events.append(e.StaffEntered(staff=person, role=role, minutes_before_start=before, full_name=named))
    if role is Role.INVIGILATOR:
        if room.unattended_since is not None:
            events.append(e.RoomAttended())
        after = room
        for event in events:
            after = apply(after, event, now)
        events += release(after, now).events
    return Decision(tuple(events))


def leave_staff(room: Room, now: datetime, person: str) -> Decision:
    """The last connection of a member of staff ended."""
    if person not in room.present:
        return Decision()
    left = replace(room, present=room.present - {person})
    return Decision((e.StaffLeft(staff=person), *unattended(left, now)))


def unattended(room: Room, now: datetime) -> tuple[e.Event, ...]:
    """The alarm of a room in which candidates are and no invigilator is (A14.2c.8)."""
    if room.ended or room.called_off or room.unattended_since is not None or room.invigilators_present():
        return ()
    here = any(known.admitted_at or known.state is State.WAITING for known in room.sittings.values())
    if room.phase(now) is Phase.ENDED or not here:
        return ()
    return (e.RoomUnattended(),)


def by_server(room: Room, since: datetime) -> bool:
    """Whether a room is without an invigilator `since` then because the server, just back, had taken the pages away."""
    return any(went < since < back + COMING_BACK for went, back in room.outages)


def offer_shift(room: Room, now: datetime, *, by: str, to: str, note: str, replaces: int = 0) -> Decision:
    """Offer the room to another invigilator of it, with everything that is open.

    While one offer is not taken, `replaces` names it; who comes second is refused as `overtaken`.
    """
    may_offer_shift(room, now)
    if not room.runs(to) or to == by:
        raise Refusal("not_assigned")
    standing = room.acts.get("shift") if room.shift is not None else None
    act = "offered" if room.shift is not None and room.shift.to == to else ""
    if done_before(room, standing, by=by, act=act, replaces=replaces, reason=note):
        return Decision()
    return Decision((e.ShiftOffered(by=by, to=to, matters=open_matters(room), note=note),))


def may_offer_shift(room: Room, now: datetime) -> None:
    """Refuse a change of shift in a room that is over."""
    not_ended(room, now)


MATTERS: Mapping[str, bool] = {
    "waiting": True, "refused": True, "asking": True, "offline": True,
    "hand": False, "suspended": False, "absent": False, "asked": False, "violation": False, "message": False,
    "briefing": False, "release_delayed": False, "release_held": False, "room_held": False,
}  # fmt: skip
"""What can be open in a room, and whether it comes and goes by the second, as the wall shows."""


def take_shift(room: Room, now: datetime, by: str, shown: Collection[str] = ()) -> Decision:
    """The other invigilator acknowledges the open matters and answers for the room.

    `shown` are the matters that the page showed. What was settled since needs nobody's acknowledgement; what came since
    does: then it is refused as `matters_changed`, with all that is open now. Not so what comes and goes by the second,
    as who came to the lobby or lost the connection since.
    """
    not_ended(room, now)
    if room.shift is None or room.shift.to != by:
        raise Refusal("not_found", what="shift")
    matters = open_matters(room)
    lasting = {matter for matter in matters if not MATTERS[matter.partition(":")[0]]}
    if not lasting <= set(shown):
        raise Refusal("matters_changed", matters=list(matters))
    return Decision((e.ShiftTaken(by=by, matters=matters),))


def open_matters(room: Room) -> tuple[str, ...]:
    """What an invigilator leaves behind undone, see `MATTERS`: as `subject:candidate`, `subject:number`,
    `briefing:topic`, or the subject alone when it is the whole room's."""
    matters = [f"waiting:{known.candidate}" for known in room.sittings.values() if known.state is State.WAITING]
    for known in room.sittings.values():
        if known.state is State.REFUSED and known.connected:
            matters.append(f"refused:{known.candidate}")
        if known.asking:
            matters.append(f"asking:{known.candidate}")
        if known.hand_raised_at:
            matters.append(f"hand:{known.candidate}")
        if known.suspended_because:
            matters.append(f"suspended:{known.candidate}")
        if known.absent_since:
            matters.append(f"absent:{known.candidate}")
        matters += [f"asked:{known.candidate}"] if known.asked else []
        if known.state is State.ADMITTED and not known.connected and not room.has_left(known):
            matters.append(f"offline:{known.candidate}")
    matters += [
        f"violation:{violation}" for violation, each in room.violations.items() if each.status == "reported"
    ]
    answered = {sent.answers for sent in room.messages}
    matters += [
        f"message:{sent.message}"
        for sent in room.messages
        if sent.from_candidate and sent.message not in answered
    ]
    return (*matters, *_matters_of_all(room))


def _matters_of_all(room: Room) -> list[str]:
    to_come = room.released_at is None and not room.called_off
    unbriefed = [topic for topic in BRIEFINGS if topic not in room.briefings] if to_come else room.briefings_missing
    matters = [f"briefing:{topic}" for topic in unbriefed]
    matters += ["release_delayed"] if to_come and room.delay else []
    matters += ["release_held"] if to_come and room.release_held and room.hold is None else []
    return matters + (["room_held"] if room.hold else [])


def join_candidate(room: Room, now: datetime, candidate: str, device: str, *, resumes: bool = False) -> Decision:
    """A page of the candidate comes to the door; answered with its connection epoch (reading X28).

    One that `resumes` had the place and comes back by itself, as after a loss: where another device has it by now it
    neither takes it back nor asks for it, which is for a person to do. Raises Refusal `superseded` then.

    Besides the gate the room has to be published, and its people to have taken their assignments before it opens
    (A14.2b.2); who is replaced later keeps nobody out.
    """
    known = room.sitting(candidate)
    not_ended(room, now)
    ruling = entry.candidate_gate(room.schedule, now, invigilator_came=room.invigilator_came, regime=room.regime)
    if not room.published or (not ruling.met and "gate" in ruling.unmet):
        raise Refusal("waiting_for_invigilator", opens_at=iso(ruling.values["opens_at"]))
    opened = any(each.lobby_at for each in room.sittings.values())
    lacking = () if opened else staffing.acknowledged(room.staff, regime=room.regime).unmet
    if not ruling.met or lacking:
        raise Refusal("waiting_for_invigilator", opens_at=iso(ruling.values["opens_at"]), unmet=list(lacking))
    if resumes and known.device not in (None, device):
        raise Refusal("superseded")
    epoch = known.last_epoch + 1
    return Decision((e.CandidateJoined(candidate=candidate, epoch=epoch, device=device),), epoch)


def connect_candidate(room: Room, now: datetime, candidate: str, epoch: int) -> Decision:
    """The page's socket stands; a page that comes back after release and admission gets the key again.

    Who was admitted and away while the room was briefed is briefed alone now (A14.2c.3, A14.2c.4), in the name of the
    invigilator who spoke to the room.
    """
    known = room.sitting(candidate)
    if epoch not in (known.epoch, known.pending.epoch if known.pending else None):
        raise Refusal("superseded")
    events: list[e.Event] = [e.CandidateConnected(candidate=candidate, epoch=epoch)]
    if epoch != known.epoch:
        return Decision(tuple(events))
    if known.state is State.ADMITTED:
        events += [
            e.BriefingGiven(candidate=candidate, topic=topic, by=held.by)
            for topic, held in room.briefings.items()
            if topic not in known.briefed
        ]
    if may_have_key(room, candidate) and known.key_delivered_at is None:
        events.append(key_delivered(room, candidate, room.released_by))
    return Decision((*events, *unattended(room, now)))


def disconnect_candidate(
    room: Room, now: datetime, candidate: str, epoch: int, reason: str, silent_since: datetime | None = None
) -> Decision:
    """The page's socket ended. `silent_since`: when it was last heard of, if that is a while ago."""
    left = e.CandidateDisconnected(candidate=candidate, epoch=epoch, reason=reason, happened_at=silent_since)
    return Decision((left,))


def restart(room: Room, now: datetime, epoch: int, down_since: datetime | None) -> Decision:
    """The server came back. If it was down at the release or at somebody's deadline, the room is held for the office;
    who was sending files that a submission named gets the time back.

    `down_since`: when it was last known to run; None if that cannot be told.
    """
    events: list[e.Event] = [e.ServerRestarted(epoch=epoch, down_since=down_since), *stills_lost(room)]
    if down_since is not None:
        events += stood_still(room, now, down_since).events
    return Decision(tuple(events))


def stood_still(room: Room, now: datetime, since: datetime) -> Decision:
    """The server took nothing from anybody `since` then until `now`; what follows is as for one that was down."""
    return Decision((*held(room, since, now), *prolong_awaiting(room, since, now)))


def was_frozen(room: Room, now: datetime, since: datetime) -> Decision:
    """As `stood_still`, by a process that is up again: a paper that it owed for a moment comes now, as late as that.

    It is on the log of a room that somebody has entered, since it may be why connections ended; whoever they were may
    have gone, and been told as gone, by now.
    """
    told = (e.ServerStoodStill(since=since),) if room.first_entries and not room.ended else ()
    if room.released_at is None and now <= room.release_due_at() + LATE_PAPER:
        return Decision(told)
    return Decision((*told, *stood_still(room, now, since).events))
