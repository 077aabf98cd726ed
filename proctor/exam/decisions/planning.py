"""Setting a room up: its roster, its staff, its paper, the IT unit's support, its publication."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from proctor.exam import entry, staffing
from proctor.exam import events as e
from proctor.exam.articles import cited
from proctor.exam.decisions.conditions import not_ended, not_let_in
from proctor.exam.decisions.papers import release
from proctor.exam.decisions.presence import unattended
from proctor.exam.permissions import Role
from proctor.exam.plan import Plan
from proctor.exam.room import Decision, Paper, Room, apply
from proctor.exam.schedule import Phase, Schedule, check
from proctor.exam.sitting import Alone, State
from proctor.exam.staffing import Assigned
from proctor.regulation.citation import Regime
from proctor.regulation.refusal import Refusal
from proctor.regulation.ruling import Ruling

MAX_PAPER_BYTES = 20_000_000


class Enrolment(NamedTuple):
    """Somebody to be put on a roster; `shares_place` as in `CandidateEnrolled`."""

    candidate: str
    number: str
    full_name: str
    shares_place: str = ""


class Given(NamedTuple):
    """What the office decided for one candidate alone, with its reasons: more minutes in all, `of_all` of which
    everybody there had been given by then, and that coming late is allowed (`late_because`)."""

    minutes: int = 0
    of_all: int = 0
    minutes_because: str = ""
    late_because: str = ""


_NOTHING = Given()


def enroll(
    room: Room, now: datetime, people: Iterable[tuple[str, str, str] | Enrolment], *, regime: Regime
) -> Decision:
    """Put people on the roster; all or none (A14.2a: at most 50, those who were moved out do not count, X29).

    `regime` is that of the exam's plan, which the room learns at publication only.
    """
    if room.phase(now) not in (Phase.CLOSED, Phase.ENTRY):
        raise Refusal("roster_locked")
    wanted = [Enrolment(*each) for each in people]
    given = [event for each in wanted for event in _given(room, each.candidate, _NOTHING)]
    return Decision((*_put_on_roster(room, wanted, regime), *given))


def _put_on_roster(room: Room, people: Sequence[Enrolment], regime: Regime) -> list[e.Event]:
    if room.removed:
        raise Refusal("not_found", what="room")
    starts_at = room.schedule.starts_at
    ruling = entry.capacity(len(room.sittings), len(people), starts_at, regime=regime)
    if not ruling.met:
        needed = entry.rooms_needed(len(room.sittings) + len(people), starts_at, regime=regime)
        capacity, citation = ruling.values["capacity"], cited(regime, "A14.2a")
        raise Refusal("room_capacity", capacity=capacity, rooms=needed, citation=citation)
    taken = {known.number for known in room.sittings.values()}
    events: list[e.Event] = []
    for each in people:
        if each.number in taken:
            raise Refusal("name_taken", name=each.number)
        taken.add(each.number)
        events.append(e.CandidateEnrolled(**each._asdict()))
    return events


def given_to(room: Room, candidate: str) -> Given:
    """What somebody who is moved out of a room takes along."""
    known = room.moved_out.get(candidate) or room.sitting(candidate)
    alone = known.alone if known.alone.minutes > known.alone.of_all else Alone()
    return Given(alone.minutes, alone.of_all, known.extra_because, known.late_because)


def _given(room: Room, candidate: str, own: Given) -> list[e.Event]:
    """The extra time of somebody new, and the leave to be late. Who brings some has the own, and what everybody here
    has beyond those that are in it. The room's end moves as far as that needs (see `times.grant`)."""
    events: list[e.Event] = []
    of_all = max(own.of_all, room.minutes_for_all)
    minutes = own.minutes + of_all - own.of_all
    until = room.schedule.submit_by + timedelta(minutes=minutes)
    reason = own.minutes_because if own.minutes else room.minutes_because
    if until > room.schedule.end_at:
        events.append(e.TimesShifted(schedule=replace(room.schedule, end_at=until), reason=reason))
    if minutes:
        for_all, counted = (0, of_all) if own.minutes else (room.minutes_for_all, None)
        granted = e.ExtraTimeGranted(
            candidate=candidate, minutes=minutes, reason=reason, for_all=for_all, of_all=counted
        )
        events.append(granted)
    if own.late_because:
        events.append(e.LateAllowed(candidate=candidate, reason=own.late_because))
    return events


def refuse_roster(
    room: Room, now: datetime, *, by: str, adding: int, number: str = "", regime: Regime
) -> Decision:
    """Keep that `by` was refused because the room is full (A14.2a); see `RosterRefused`, and `enroll` for `regime`."""
    full = entry.capacity(len(room.sittings), adding, room.schedule.starts_at, regime=regime).values
    refused = e.RosterRefused(
        by=by, adding=adding, on_roster=full["on_roster"], capacity=full["capacity"], number=number
    )
    return not_let_in(room, now, refused)


def move_out(room: Room, now: datetime, candidate: str, to: str) -> Decision:
    """Take a candidate off the roster, who goes to room `to` of the same exam. Saying it again changes nothing.

    Only before the start, and not once an invigilator admitted the candidate: from then on there is a recording, and
    the log of this room is where that sitting stands. Raises Refusal `already_admitted`, `move_too_late`, `same_room`,
    and `candidates_needed` as for `remove_candidate`.
    """
    if candidate in room.moved_out:
        if room.moved_out[candidate].moved_to != to:
            raise Refusal("not_found", what="candidate")
        return Decision()
    known = room.sitting(candidate)
    if known.admitted_at is not None:
        raise Refusal("already_admitted")
    if now >= room.schedule.starts_at or room.released_at is not None:
        raise Refusal("move_too_late")
    if to == room.room:
        raise Refusal("same_room")
    _not_the_last(room, now)
    return Decision((e.CandidateMovedOut(candidate=candidate, to=to),))


def move_in(
    room: Room, now: datetime, person: Enrolment, *, regime: Regime, given: Given = _NOTHING
) -> Decision:
    """Put a candidate who was moved out of another room on this roster, with what the office had `given` there. Saying
    it again changes nothing.

    Whether it is too late was decided with `move_out`; a move that was begun is brought to its end.
    """
    if person.candidate in room.sittings:
        return Decision()
    return Decision((*_put_on_roster(room, [person], regime), *_given(room, person.candidate, given)))


def remove_candidate(room: Room, now: datetime, candidate: str, reason: str) -> Decision:
    """Take a candidate off the roster who does not sit this exam. Saying it again changes nothing.

    Raises Refusal `reason_needed`, `already_admitted`, `roster_locked`, and `candidates_needed` for the last one of a
    published room that is still to open.
    """
    if not reason.strip():
        raise Refusal("reason_needed")
    gone = room.moved_out.get(candidate)
    if gone is not None and gone.moved_to is None:
        return Decision()
    if room.sitting(candidate).admitted_at is not None:
        raise Refusal("already_admitted")
    if room.phase(now) not in (Phase.CLOSED, Phase.ENTRY):
        raise Refusal("roster_locked")
    _not_the_last(room, now)
    return Decision((e.CandidateRemoved(candidate=candidate, reason=reason),))


def _not_the_last(room: Room, now: datetime) -> None:
    """Refuse to leave a published room without candidates, who are assigned before it opens (A14.2b.2). Until then the
    publication can be withdrawn; once it is open a room may be emptied, as into another when its invigilator fell ill.
    """
    if room.published and len(room.sittings) == 1 and room.phase(now) is Phase.CLOSED:
        raise Refusal("candidates_needed", citation=cited(room.regime, "A14.2b.2"))


def revise(
    room: Room, now: datetime, exam_title: str, times: Schedule, *, regime: Regime
) -> Decision:
    """Give the room of a draft another name of its exam and other times (A14.2b.5).

    Raises Refusal `already_published`, `schedule_contradiction`.
    """
    if room.published:
        raise Refusal("already_published")
    ruling = check(times, regime=regime)
    if not ruling.met:
        citation = cited(regime, "A14.2b.5")
        raise Refusal("schedule_contradiction", unmet=", ".join(ruling.unmet), citation=citation)
    if (room.exam_title, room.schedule) == (exam_title, times):
        return Decision()
    return Decision((e.RoomRevised(exam_title=exam_title, schedule=times),))


def remove_room(room: Room, now: datetime) -> Decision:
    """Remove the room of a draft (A14.2b.1). Raises Refusal `already_published`, `room_not_empty`."""
    if room.published:
        raise Refusal("already_published")
    if room.sittings:
        raise Refusal("room_not_empty", count=len(room.sittings))
    return Decision(() if room.removed else (e.RoomRemoved(),))


def discard(room: Room, now: datetime) -> Decision:
    """Remove the room together with its exam, a draft that goes as a whole, whoever is on the roster (A14.2b.1).

    What was published once is kept; saying it again changes nothing. Raises Refusal `was_published`; and `room_open`, a
    guard of what a candidate did, which no room reaches as long as none lets anybody in before it is published.
    """
    if room.removed:
        return Decision()
    if room.published or room.withdrawn:
        raise Refusal("was_published")
    known = (*room.sittings.values(), *room.moved_out.values())
    if room.invigilator_came or room.released_at is not None or any(each.last_epoch for each in known):
        raise Refusal("room_open")
    return Decision((e.RoomRemoved(),))


def assign_staff(room: Room, now: datetime, people: Iterable[Assigned]) -> Decision:
    """Make `people` the staff of the room (A14.2b.2). Also while it runs: a stand-in is assigned this way, and whoever
    is taken away is in the room no more, which can leave it without an invigilator (A14.2c.8), and takes no shift."""
    not_ended(room, now)
    wanted = {person.staff: person for person in people}
    for person in wanted.values():
        if person.role not in staffing.ASSIGNABLE:
            raise Refusal("not_assignable", role=person.role)
    gone: list[e.Event] = []
    shift = room.shift
    if shift is not None and (shift.to not in wanted or wanted[shift.to].role != Role.INVIGILATOR):
        gone.append(e.ShiftLapsed(by=shift.by, to=shift.to))
    for unwanted in (each for each in room.staff if each not in wanted):
        gone += [e.StaffLeft(staff=unwanted)] if unwanted in room.present else []
        gone.append(e.StaffUnassigned(staff=unwanted))
    come: list[e.Event] = []
    for person in wanted.values():
        known = room.staff.get(person.staff)
        said = (person.full_name, person.role, person.unit)
        if known is None or (known.full_name, known.role, known.unit) != said:
            come.append(
                e.StaffAssigned(staff=person.staff, full_name=person.full_name, role=person.role, unit=person.unit)
            )
    if room.published:
        assigned = tuple(wanted.values())
        lacking = staffing.setup(1, assigned, supported=True, regime=room.regime).unmet  # whoever is on the roster
        if lacking:
            raise Refusal("staff_needed", unmet=", ".join(lacking), citation=cited(room.regime, "A14.2b.2"))
    after = room
    for event in (*gone, *come):
        after = apply(after, event, now)
    return Decision((*gone, *come, *unattended(after, now)))


def support_room(room: Room, now: datetime, unit: str = "") -> Decision:
    """The IT unit, `unit` by name (reading X36), supports the room (A14.2b.1); saying it again changes nothing."""
    not_ended(room, now)
    return Decision(() if room.supported else (e.RoomSupported(unit=unit),))


def acknowledge(room: Room, now: datetime, person: str) -> Decision:
    """A member of staff takes the assignment; saying it again changes nothing."""
    not_ended(room, now)
    known = room.staff.get(person)
    if known is None:
        raise Refusal("not_assigned")
    return Decision(() if known.acknowledged else (e.AssignmentAcknowledged(staff=person),))


def setup(room: Room) -> Ruling:
    """Whether the room is ready for publication."""
    return staffing.setup(len(room.sittings), tuple(room.staff.values()), supported=room.supported, regime=room.regime)


def publish(room: Room, now: datetime, plan: Plan) -> Decision:
    """The exam that the room belongs to is published, after `plan.publication` had nothing against it."""
    not_ended(room, now)
    if room.published:
        return Decision()
    lacking = list(setup(room).unmet)
    if room.paper is None:
        lacking.append("paper")
    elif not replace(room, regime=plan.regime).paper_stands:
        lacking.append("paper_confirmation")
    if lacking:
        raise Refusal("not_publishable", unmet=lacking)
    return Decision((e.ExamPublished(regime=plan.regime, form=plan.form, rules=plan.rules),))


def withdraw(room: Room, now: datetime, reason: str) -> Decision:
    """Make the exam a draft again, as long as nobody can have entered the room."""
    if not room.published:
        return Decision()
    if room.phase(now) is not Phase.CLOSED:
        raise Refusal("room_open")
    return Decision((e.PublicationWithdrawn(reason=reason),))


def paper_locked(room: Room) -> bool:
    """Whether the paper cannot be replaced any more: it is out, or a candidate has it, sealed (A14.2b.4)."""
    return room.released_at is not None or any(known.paper_fetched_at for known in room.sittings.values())


def load_paper(room: Room, now: datetime, sha256: str, size: int) -> Decision:
    """Enter the sealed paper; it may be replaced until candidates can have fetched it (A14.2b.4).

    In regime B what was published was confirmed (B22.4): another one needs the publication withdrawn first.
    """
    if room.published and room.regime == "B":
        raise Refusal("paper_published")
    if paper_locked(room):
        raise Refusal("paper_locked")
    loaded = e.PaperLoaded(sha256=sha256, bytes=size)
    # A paper that comes after the release time goes out at once, or is held like any other.
    then = release(replace(room, paper=Paper(sha256, size)), now)
    return Decision((loaded, *then.events))


def confirm_paper(room: Room, now: datetime, sha256: str) -> Decision:
    """The head of the academic unit confirmed a paper of the exam (B22.4); saying it again changes nothing."""
    if sha256 in room.papers_confirmed or room.ended or room.removed:
        return Decision()
    confirmed = replace(room, papers_confirmed=room.papers_confirmed | {sha256})
    return Decision((e.PaperConfirmed(sha256=sha256), *release(confirmed, now).events))


def allow_late(room: Room, now: datetime, candidate: str, reason: str) -> Decision:
    """The training office lets a candidate come after the late-arrival limit."""
    not_ended(room, now)
    if not reason.strip():
        raise Refusal("reason_needed")
    known = room.sitting(candidate)
    if known.late_allowed or known.state not in (State.EXPECTED, State.WAITING, State.REFUSED):
        return Decision()
    return Decision((e.LateAllowed(candidate=candidate, reason=reason),))
