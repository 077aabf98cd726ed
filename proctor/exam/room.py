"""A room: its state, folded from its log. What may be decided in it stands in `decisions/`, by subject.

`start(event)` sets it up and `apply(room, event, at)` folds one fact. The state is immutable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from proctor.exam import acts, entry, schedule, sitting
from proctor.exam import events as e
from proctor.exam.acts import Act
from proctor.exam.permissions import Role
from proctor.exam.plan import FIRST_REGIME, Form, RoomRules
from proctor.exam.replacing import replace
from proctor.exam.schedule import Phase, Schedule
from proctor.exam.sitting import Sitting, State
from proctor.exam.staffing import Assigned
from proctor.regulation.citation import Regime
from proctor.regulation.refusal import Refusal

REFERRALS: Mapping[Regime, str] = {"A": "refer_to_makeup", "B": "refer_to_deferral"}
"""How somebody who was kept from an exam sits again: A14.2g, or mark I and the next period; never the other's (X37)."""


@dataclass(frozen=True)
class Paper:
    """The sealed paper. `replaced_at`: since when the reserve paper stands in the place of the one before."""

    sha256: str
    bytes: int
    replaced_at: datetime | None = None


@dataclass(frozen=True)
class FirstEntry:
    """When a member of staff first came; whole minutes left to the start then, below 0 when late (A14.2c.1)."""

    at: datetime
    minutes_before_start: int


@dataclass(frozen=True)
class Message:
    """What was written in the room. `to` is empty when staff wrote to the whole room, or a candidate to the staff."""

    message: str
    by: str
    to: tuple[str, ...]
    text: str
    at: datetime
    from_candidate: bool = False
    answers: str = ""
    seen_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Violation:
    """A noted violation and what became of it: `reported`, `confirmed` or `dismissed`."""

    noted: e.ViolationNoted
    at: datetime
    decision: Act | None = None
    still: e.StillKept | None = None
    still_missing: str = ""

    @property
    def status(self) -> str:
        return self.decision.act if self.decision else "reported"


@dataclass(frozen=True)
class Note:
    """What an invigilator added in words."""

    added: e.NoteAdded
    at: datetime


@dataclass(frozen=True)
class Briefing:
    """A briefing of the room: who gave it, when, and how many heard it; how many times it was given, this the last."""

    by: str
    at: datetime
    present: int
    times: int = 1


@dataclass(frozen=True)
class Material:
    """A correction or a further file that went to all."""

    given: e.MaterialGiven
    at: datetime


@dataclass(frozen=True)
class Delay:
    """A release that was put off, and the minutes by which the office has shifted the later times since."""

    until: datetime
    reason: str
    by: str
    granted: int = 0


@dataclass(frozen=True)
class Hold:
    """A room that waits for the office (`RoomHeld`).

    `cut_off`: whose own deadline the server was down at, and since when it was; one fault may follow another.
    """

    missed: str
    since: datetime
    at: datetime
    cut_off: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def candidates(self) -> frozenset[str]:
        return frozenset(self.cut_off)

    @property
    def of_all(self) -> bool:
        """Whether nobody has the paper, so that all of the room wait."""
        return self.missed != "deadline"


@dataclass(frozen=True)
class LapsedShift:
    """A shift that `by` had offered to `to`, who runs the room no more. It stands until there is another offer."""

    by: str
    to: str
    full_name: str


@dataclass(frozen=True)
class Handover:
    """Everything of the room, on its way to the training office. `sha256` is of `manifest`."""

    handover: str
    manifest: str
    sha256: str
    by: str
    at: datetime
    received_at: datetime | None = None


@dataclass(frozen=True)
class Room:
    """What the log says of a room. `seq` is the number of the last entry folded."""

    room: str
    exam: str
    title: str
    exam_title: str
    schedule: Schedule
    regime: Regime
    form: Form = Form.WRITTEN
    rules: RoomRules = field(default_factory=RoomRules)
    published: bool = False
    withdrawn: bool = False  # what was published here is a draft again
    supported: bool = False  # by the IT unit
    paper: Paper | None = None
    papers_confirmed: frozenset[str] = frozenset()  # by digest, by the head of the academic unit (B22.4)
    papers_before: tuple[Paper, ...] = ()  # that the reserve paper took the place of
    sittings: Mapping[str, Sitting] = field(default_factory=dict)
    moved_out: Mapping[str, Sitting] = field(default_factory=dict)  # on no list and no wall of this room any more
    staff: Mapping[str, Assigned] = field(default_factory=dict)
    present: frozenset[str] = frozenset()  # staff in the room now
    first_entries: Mapping[str, FirstEntry] = field(default_factory=dict)  # of staff, whatever became of them
    invigilator_came: bool = False
    unattended_since: datetime | None = None
    unattended_before: tuple[tuple[datetime, datetime], ...] = ()  # from and to, of those that are over (A14.2c.8)
    outages: tuple[tuple[datetime, datetime], ...] = ()  # of the server: from when on it was away, and back at
    shift: e.ShiftOffered | None = None  # offered and not yet taken
    shift_lapsed: LapsedShift | None = None
    shift_taken_by: str = ""  # the newest who did; empty before the first change of shift
    briefings: Mapping[str, Briefing] = field(default_factory=dict)  # by topic
    briefings_missing: tuple[str, ...] = ()  # at the release, neither held nor acknowledged since: an alarm
    delay: Delay | None = None
    minutes_for_all: int = 0  # of extra time that everybody was given, and why the last of them were
    minutes_because: str = ""
    times_acts: frozenset[str] = frozenset()  # by which acts of pages the times were moved, or everybody was given some
    released_at: datetime | None = None
    released_by: str = ""  # the invigilator in whose name it was
    release_held: bool = False
    hold: Hold | None = None
    called_off: bool = False  # the release was missed, and the office referred the whole room: no paper goes out
    submission_closed: bool = False
    ended: bool = False
    removed: bool = False
    messages: tuple[Message, ...] = ()
    materials: tuple[Material, ...] = ()
    violations: Mapping[str, Violation] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    closing: e.ClosingPublished | None = None  # the newest version
    closing_at: datetime | None = None
    handover: Handover | None = None
    acts: Mapping[str, Act] = field(default_factory=dict)  # the newest on each subject of the whole room
    refused: Mapping[tuple[str, str], datetime] = field(default_factory=dict)  # `NotLetIn.told_as`: when told last
    seq: int = 0

    def phase(self, now: datetime) -> Phase:
        """Where the room stands. The clock does not end one that is held: the office may give it time yet."""
        phase = schedule.phase(
            self.schedule, now, released=self.released_at is not None, last=self.last_deadline(), regime=self.regime
        )
        return Phase.AFTER if phase is Phase.ENDED and self.hold is not None and not self.ended else phase

    @property
    def materials_shown(self) -> tuple[Material, ...]:
        """Corrections and further files that people in the room may see: none before the paper that they belong to."""
        return self.materials if self.released_at is not None else ()

    def runs(self, person: str) -> bool:
        """Whether this is an invigilator of the room, present or not."""
        return person in self.staff and self.staff[person].role == Role.INVIGILATOR

    def invigilators_present(self) -> list[str]:
        """The invigilators in the room: who took the shift, then the others in the order in which they first came.

        What happens of itself is in the name of the first of them (reading X34).
        """
        return sorted(
            (person for person in self.present if self.runs(person)),
            key=lambda person: (person != self.shift_taken_by, self.first_entries[person].at, person),
        )

    def sitting(self, candidate: str) -> Sitting:
        try:
            return self.sittings[candidate]
        except KeyError:
            raise Refusal("not_found", what="candidate") from None

    def deadline(self, known: Sitting) -> datetime:
        """Until when this candidate may hand in."""
        return self.schedule.submit_by + timedelta(minutes=known.extra_minutes)

    def last_deadline(self) -> datetime:
        """When the last candidate's time is over."""
        extra = max((known.extra_minutes for known in self.sittings.values()), default=0)
        return self.schedule.submit_by + timedelta(minutes=extra)

    def has_left(self, known: Sitting) -> bool:
        """Whether somebody admitted went away once the own time was over, with nothing handed in: nothing is lost.
        While the office decides about a held room nobody's time is over for good."""
        if known.state is not State.ADMITTED or known.connected or self.hold is not None:
            return False
        return known.connection_changed_at is not None and known.connection_changed_at > self.deadline(known)

    def holds(self, known: Sitting) -> bool:
        """Whether the office has to decide about this candidate, who missed the release or the own deadline."""
        return self.hold is not None and (self.hold.of_all or known.candidate in self.hold.candidates)

    def awaited_until(self, known: Sitting) -> datetime:
        """Until when the bytes of files may follow that this candidate named in time; never beyond the room's end."""
        until = self.deadline(known) + timedelta(minutes=self.rules.upload_grace_minutes)
        return min(max(until, known.awaiting_prolonged or until), self.schedule.end_at)

    @property
    def handover_wanted_since(self) -> datetime | None:
        """When lists were corrected that had been handed over: since then another hand-over is wanted (A14.2e)."""
        return self.closing_at if self.handover is None and "handover" in self.acts else None

    @property
    def shift_wanted(self) -> int:
        """The minutes by which the office is asked to shift the later times: as many as the release was put off by
        (X34), less those it has granted."""
        if self.delay is None or self.submission_closed or self.called_off:
            return 0
        put_off = round((self.delay.until - self.schedule.release_at).total_seconds() / 60)
        return max(0, put_off - self.delay.granted)

    def paper_at(self, moment: datetime) -> Paper | None:
        """The paper that counted then, among those that a reserve took the place of."""
        papers = (*self.papers_before, self.paper) if self.paper else ()
        return next((each for each in reversed(papers) if each.replaced_at is None or each.replaced_at <= moment), None)

    @property
    def paper_stands(self) -> bool:
        """Whether there is a paper, and in regime B one that the head of the academic unit confirmed (B22.4)."""
        return self.paper is not None and (self.regime != "B" or self.paper.sha256 in self.papers_confirmed)

    def release_due_at(self) -> datetime:
        """The release time, later by an invigilator's delay (reading X34)."""
        return max(self.schedule.release_at, self.delay.until) if self.delay else self.schedule.release_at


@dataclass(frozen=True)
class Decision:
    """The events of an act, and what the one who acted is answered."""

    events: tuple[e.Event, ...] = ()
    answer: Any = None

    def told_at(self, client_time: str) -> Decision:
        """The decision with what the clock of the page's computer showed, in the events that pages report."""
        return replace(self, events=tuple(e.reported(event, client_time) for event in self.events))


def start(event: e.RoomPlanned) -> Room:
    """The room that the first event of a log sets up."""
    return Room(event.room, event.exam, event.title, event.exam_title, event.schedule, FIRST_REGIME)


def apply(room: Room, event: e.Event, at: datetime) -> Room:
    """The room after `event`, which the log holds as entry `room.seq + 1`."""
    room = replace(room, seq=room.seq + 1)
    if isinstance(event, e.CandidateEnrolled):
        enrolled = Sitting(event.candidate, event.number, event.full_name, event.shares_place)
        moved = {key: value for key, value in room.moved_out.items() if key != event.candidate}
        return replace(room, sittings={**room.sittings, event.candidate: enrolled}, moved_out=moved)
    if isinstance(event, e.CandidateMovedOut | e.CandidateRemoved):
        left = {key: value for key, value in room.sittings.items() if key != event.candidate}
        gone = sitting.apply(room.sittings[event.candidate], event, at)
        return replace(room, sittings=left, moved_out={**room.moved_out, event.candidate: gone})
    if isinstance(event, e.SittingEvent):
        if event.candidate in room.moved_out:  # as a connection or a picture that ended after its candidate had gone
            decided = isinstance(event, e.ViolationNoted | e.ViolationDecided)
            return (_conduct(room, event, at) if decided else None) or room
        changed = sitting.apply(room.sittings[event.candidate], event, at)
        changed = replace(changed, acts=_acts(changed.acts, event, at, room.seq))
        if isinstance(event, e.ExtraTimeGranted) and not event.for_all:
            of_all = room.minutes_for_all if event.of_all is None else event.of_all
            changed = replace(changed, alone=sitting.Alone(event.minutes, of_all))
        if isinstance(event, e.CandidateDisconnected):
            changed = sitting.taken_away(changed, room.outages)
        if isinstance(event, e.RECEIPTED):
            changed = replace(changed, receipt_seq=room.seq)
        room = replace(room, sittings={**room.sittings, event.candidate: changed})
        if isinstance(event, e.ExtraTimeGranted):
            room = _freed(room, changed, at)
    else:
        room = replace(room, acts=_acts(room.acts, event, at, room.seq))
    for fold in (_plan, _presence, _refusals, _paper, _conduct, _closing):
        folded = fold(room, event, at)
        if folded is not None:
            return folded
    return room


def _freed(room: Room, known: Sitting, at: datetime) -> Room:
    """The room after the office gave time: who has some left waits for no decision any more."""
    hold = room.hold
    if hold is None or known.candidate not in hold.candidates or room.deadline(known) < at:
        return room
    others = {candidate: since for candidate, since in hold.cut_off.items() if candidate != known.candidate}
    return replace(room, hold=replace(hold, cut_off=others) if others else None)


def _acts(before: Mapping[str, Act], event: e.Event, at: datetime, seq: int) -> Mapping[str, Act]:
    done = acts.of(event)
    if done is None:
        return before
    subject, act, by, reason = done
    return {**before, subject: Act(act, by, at, seq, reason)}


def _plan(room: Room, event: e.Event, at: datetime) -> Room | None:
    match event:
        case e.StaffAssigned(staff=person):
            assigned = Assigned(person, event.full_name, event.role, unit=event.unit)
            return replace(room, staff={**room.staff, person: assigned})
        case e.StaffUnassigned(staff=person):
            return replace(room, staff={key: value for key, value in room.staff.items() if key != person})
        case e.AssignmentAcknowledged(staff=person):
            return replace(room, staff={**room.staff, person: replace(room.staff[person], acknowledged=True)})
        case e.RoomSupported():
            return replace(room, supported=True)
        case e.ExamPublished():
            room = replace(room, published=True, withdrawn=False)
            return replace(room, regime=event.regime, form=event.form, rules=event.rules)
        case e.PublicationWithdrawn():
            return replace(room, published=False, withdrawn=True)
        case e.RoomRevised(exam_title=title, schedule=times):
            room = replace(room, exam_title=title)
            if times == room.schedule:
                return room
            staff = {person: replace(each, acknowledged=False) for person, each in room.staff.items()}
            return replace(room, schedule=times, staff=staff, supported=False)  # who agreed, agreed to another time
        case e.RoomRemoved():
            return replace(room, removed=True)
        case e.TimesShifted(schedule=times, act=act):
            delay = room.delay and _shifted(room.delay, room.schedule, times)
            return replace(room, schedule=times, delay=delay, times_acts=_with(room.times_acts, act))
        case e.ExtraTimeGranted(for_all=minutes, reason=reason, act=act) if minutes > room.minutes_for_all:
            acts = _with(room.times_acts, act)
            return replace(room, minutes_for_all=minutes, minutes_because=reason, times_acts=acts)
    return None


def _with(acts: frozenset[str], act: str) -> frozenset[str]:
    return acts | {act} if act else acts


def _put_off(room: Room, released_at: datetime) -> Delay | None:
    """A paper that goes out late, as when an invigilator had to be waited for, was put off as long (A14.2b.5)."""
    if released_at - room.release_due_at() < timedelta(minutes=1):
        return room.delay
    return replace(room.delay, until=released_at) if room.delay else Delay(released_at, "", "")


def _shifted(delay: Delay, before: Schedule, after: Schedule) -> Delay:
    """The delay after the office moved the times: what the release did not move by is granted of what it owed."""
    release = after.release_at - before.release_at
    granted = after.submit_by - before.submit_by - release  # 0 if only the end moved
    return replace(delay, until=delay.until + release, granted=delay.granted + round(granted.total_seconds() / 60))


def _presence(room: Room, event: e.Event, at: datetime) -> Room | None:
    match event:
        case e.StaffEntered(staff=person, role=role):
            came = room.invigilator_came or role == Role.INVIGILATOR
            first = {person: FirstEntry(at, event.minutes_before_start), **room.first_entries}
            return replace(room, present=room.present | {person}, first_entries=first, invigilator_came=came)
        case e.StaffLeft(staff=person):
            return replace(room, present=room.present - {person})
        case e.ServerRestarted(down_since=since):
            sittings = {
                key: replace(
                    sitting.disconnected(value, at, "server", since) if value.connected else value, pending=None
                )
                for key, value in room.sittings.items()
            }
            went = min(since or at, at)  # the clock may have been set back meanwhile
            return replace(room, present=frozenset(), sittings=sittings, outages=(*room.outages, (went, at)))
        case e.ServerStoodStill(since=went):
            outages = (*room.outages, (went, at))
            sittings = {key: sitting.taken_away(value, outages) for key, value in room.sittings.items()}
            return replace(room, sittings=sittings, outages=outages)
        case e.RoomUnattended():
            return replace(room, unattended_since=at)
        case e.RoomAttended():
            since = room.unattended_since
            over = ((since, at),) if since is not None else ()
            return replace(room, unattended_since=None, unattended_before=(*room.unattended_before, *over))
        case e.ShiftOffered():
            return replace(room, shift=event, shift_lapsed=None)
        case e.ShiftTaken(by=by):
            return replace(room, shift=None, shift_taken_by=by)
        case e.ShiftLapsed(by=by, to=to):
            name = room.staff[to].full_name if to in room.staff else to  # the entry that named them may be erased
            return replace(room, shift=None, shift_lapsed=LapsedShift(by, to, name))
        case e.RoomHeld(missed=missed, since=since, candidates=candidates):
            held = room.hold or Hold(missed, since, at)  # a second fault adds those whose time it cut off
            return replace(room, hold=replace(held, cut_off={**dict.fromkeys(candidates, since), **held.cut_off}))
        case e.HoldResolved(outcome=outcome) if room.hold:
            off = room.hold.of_all and outcome in REFERRALS.values()
            return replace(room, hold=None, called_off=off, release_held=room.release_held and not off)
    return None


def _refusals(room: Room, event: e.Event, at: datetime) -> Room | None:
    if not isinstance(event, e.NotLetIn):
        return None
    of_late = {key: told for key, told in room.refused.items() if not entry.refusal_is_news(told, at)}
    return replace(room, refused={**of_late, event.told_as(): at})


def _paper(room: Room, event: e.Event, at: datetime) -> Room | None:
    match event:
        case e.PaperLoaded(sha256=sha256, bytes=size):
            return replace(room, paper=Paper(sha256, size))
        case e.PaperConfirmed(sha256=sha256):
            return replace(room, papers_confirmed=room.papers_confirmed | {sha256})
        case e.ReservePaperUsed(sha256=sha256, bytes=size):
            # Receipts are of the paper that counts; those of the first stay in the log. For who handed in, it counts.
            anew = {
                candidate: known
                if known.state is State.SUBMITTED
                else replace(known, paper_fetched_at=None, key_delivered_at=None, paper_opened_at=None)
                for candidate, known in room.sittings.items()
            }
            before = (*room.papers_before, room.paper) if room.paper else room.papers_before
            return replace(room, paper=Paper(sha256, size, at), papers_before=before, sittings=anew)
        case e.ReleaseDelayed(until=until, reason=reason, by=by):
            return replace(room, delay=Delay(until, reason, by, room.delay.granted if room.delay else 0))
        case e.ReleaseHeld():
            return replace(room, release_held=True)
        case e.PaperReleased(by=by):
            return replace(room, released_at=at, released_by=by, release_held=False, delay=_put_off(room, at))
        case e.MaterialGiven():
            return replace(room, materials=(*room.materials, Material(event, at)))
    return None


def _conduct(room: Room, event: e.Event, at: datetime) -> Room | None:
    match event:
        case e.BriefingHeld(topic=topic, present=present, by=by):
            sittings = dict(room.sittings)
            for candidate in present:
                known = sittings[candidate]
                sittings[candidate] = replace(
                    known, briefed=known.briefed | {topic}, briefings_attended=known.briefings_attended | {topic}
                )
            before = room.briefings.get(topic)
            times = before.times + 1 if before else 1
            held = {**room.briefings, topic: Briefing(by, at, len(present), times)}
            missing = tuple(each for each in room.briefings_missing if each != topic)
            return replace(room, briefings=held, briefings_missing=missing, sittings=sittings)
        case e.BriefingsMissing(topics=topics):
            return replace(room, briefings_missing=topics)
        case e.MissingBriefingsAcknowledged():
            return replace(room, briefings_missing=())
        case e.MessageSent():
            sent = Message(event.message, event.by, event.to, event.text, at, answers=event.answers)
            return replace(room, messages=(*room.messages, sent))
        case e.MessageSeen(candidate=candidate, message=message):
            messages = (
                replace(sent, seen_by=sent.seen_by | {candidate}) if sent.message == message else sent
                for sent in room.messages
            )
            return replace(room, messages=tuple(messages))
        case e.CandidateWrote():
            sent = Message(event.message, event.candidate, (), event.text, at, from_candidate=True)
            return replace(room, messages=(*room.messages, sent))
        case e.ViolationNoted(candidate=candidate, violation=violation):
            return _counted(replace(room, violations={**room.violations, violation: Violation(event, at)}), candidate)
        case e.ViolationDecided(candidate=candidate, violation=violation):
            decision = Act(event.status, event.by, at, room.seq, event.reason)
            decided = replace(room.violations[violation], decision=decision)
            return _counted(replace(room, violations={**room.violations, violation: decided}), candidate)
        case e.NoteAdded():
            return replace(room, notes=(*room.notes, Note(event, at)))
        case e.StillKept(violation=violation):
            seen = replace(room.violations[violation], still=event, still_missing="")
            return replace(room, violations={**room.violations, violation: seen})
        case e.StillMissing(violation=violation, why=why):
            unseen = replace(room.violations[violation], still_missing=why)
            return replace(room, violations={**room.violations, violation: unseen})
    return None


def _counted(room: Room, candidate: str) -> Room:
    """The room with the candidate's violations counted anew: those that nobody dismissed."""
    count = sum(
        each.noted.candidate == candidate and each.status != "dismissed" for each in room.violations.values()
    )
    if candidate not in room.sittings:  # moved out, or off the roster
        return room
    counted = replace(room.sittings[candidate], violations=count)
    return replace(room, sittings={**room.sittings, candidate: counted})


def _closing(room: Room, event: e.Event, at: datetime) -> Room | None:
    match event:
        case e.SubmissionClosed():
            return replace(room, submission_closed=True)
        case e.RoomEnded():
            return replace(room, ended=True)
        case e.ClosingPublished():
            # What was handed over before has other lists in it: everything is handed over anew.
            return replace(room, closing=event, closing_at=at, handover=None)
        case e.HandedOver(handover=handover, manifest=manifest, sha256=sha256, by=by):
            return replace(room, handover=Handover(handover, manifest, sha256, by, at))
        case e.HandoverReceived() if room.handover:
            return replace(room, handover=replace(room.handover, received_at=at))
    return None
