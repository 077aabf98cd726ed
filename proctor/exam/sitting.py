"""One candidate's sitting: its lifecycle and what is known of it.

    expected --enter lobby--> waiting --admit--> admitted --submit--> submitted
                                 |  ^
                               refuse  admit
                                 v  |
                               refused

A connection comes and goes in any of these; it is not part of the lifecycle, since a lost connection is not an act of
the candidate. The sitting is bound to the first device that joins. Before admission another device takes its place and
begins again at the device check, so that the face that is seen is that of the device that is admitted. Afterwards it
stands beside as `pending` until it is admitted in its turn, and the old one keeps working till then: somebody who knows
the code cannot push the candidate out. Declined, it stands beside no more and may ask again;
nothing else has changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from proctor.exam import events as e
from proctor.exam import writing
from proctor.exam.acts import Act
from proctor.exam.replacing import replace
from proctor.regulation.refusal import Refusal

FOUND = timedelta(seconds=1)
"""How long a process that stood still takes at most to find which connections its pages gave up meanwhile."""

SILENCE = timedelta(seconds=4)
"""Longer than a page that is there ever keeps silent: it is heard of every second."""


class State(StrEnum):
    """Where a sitting stands."""

    EXPECTED = "expected"
    WAITING = "waiting"
    REFUSED = "refused"
    ADMITTED = "admitted"
    SUBMITTED = "submitted"
    MOVED_OUT = "moved_out"  # to another room, or off the list, before admission; outside the lifecycle


IDENTIFYING = ("face", "card")  # the photographs by which somebody is identified

# What may happen in which state; what is not here is refused, and changes nothing.
STEPS: Mapping[tuple[State, type[e.Event]], State] = {
    (State.EXPECTED, e.LobbyEntered): State.WAITING,
    (State.WAITING, e.LobbyEntered): State.WAITING,
    (State.WAITING, e.Admitted): State.ADMITTED,
    (State.WAITING, e.EntryRefused): State.REFUSED,
    (State.REFUSED, e.EntryRefused): State.REFUSED,  # for another reason
    (State.REFUSED, e.Admitted): State.ADMITTED,  # an invigilator thought better of it
    (State.ADMITTED, e.Admitted): State.ADMITTED,  # re-admission at another device
    (State.SUBMITTED, e.Admitted): State.SUBMITTED,
    (State.ADMITTED, e.Submitted): State.SUBMITTED,
}


@dataclass(frozen=True)
class WorkFile:
    """A file of the candidate's work that arrived whole."""

    file: str
    name: str
    type: str
    bytes: int
    sha256: str
    phone: str = ""  # the telephone that sent it; empty for the exam page
    looks: str = ""  # media type that its first bytes tell
    at: datetime | None = None  # when it had arrived whole


@dataclass(frozen=True)
class RemovedFile:
    """A file that was part of the work until the candidate took it out: evidence, and no part of the work any more."""

    work: WorkFile
    removed_at: datetime


@dataclass(frozen=True)
class LateFile:
    """A file that arrived whole outside the window, or while the exam was suspended: evidence, and no part of the work.

    `why`: "late", "suspended", or "not_as_declared" for another file than the submission named.
    """

    work: WorkFile
    received_at: datetime
    why: str = "late"


@dataclass(frozen=True)
class LateText:
    """A text that came when the candidate's time was over: evidence, and no part of the work. See `e.LateTextKept`."""

    text: str
    sha256: str
    received_at: datetime
    written_at: str = ""
    client_time: str = ""
    why: str = "late"


@dataclass(frozen=True)
class Phone:
    """The candidate's telephone that may send photographs; `device` let it in."""

    phone: str
    device: str
    paired_at: datetime


@dataclass(frozen=True)
class Photo:
    """A photograph of the candidate's face or card, or a still of the camera; measured as `analysis.picture` does."""

    photo: str
    sha256: str
    at: datetime
    brightness: float = 0.0
    sharpness: float = 0.0


@dataclass(frozen=True)
class Pending:
    """Another device that asks to take over, and what its own device check found."""

    device: str
    epoch: int
    device_report: dict[str, Any] | None = None
    still: Photo | None = None
    connected: bool = False  # its page has opened; until then there is nobody to be seen or let in


@dataclass(frozen=True)
class Declined:
    """An invigilator did not let a device take over, whose page was that of `epoch`."""

    epoch: int
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Words:
    """A text that a device handed over after another one had taken its place; `client_time` as in `e.Reported`."""

    text: str
    sha256: str
    at: datetime
    client_time: str = ""


@dataclass(frozen=True)
class Check:
    """What an invigilator found."""

    passed: bool
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Alone:
    """Extra minutes in all that were decided for one candidate, `of_all` of which everybody had been given by then."""

    minutes: int = 0
    of_all: int = 0


@dataclass(frozen=True)
class Loss:
    """A time without connection, or without recording; `until` is None as long as it lasts.

    `cause`: "connection", or "server" for a server that was away or at fault (A14.2g.1 asks which). `noticed`: when a
    lost connection was known to be, which may be long after the page was heard of last.
    """

    since: datetime
    until: datetime | None
    cause: str
    noticed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished segment of a recording. What the recorder told of it stays JSON until it is asked for: there is one a
    minute for each candidate, and as objects they would fill memory five times as fast."""

    name: str
    told: bytes

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.told)
        return facts


@dataclass(frozen=True)
class Sitting:
    """What the log says of one candidate. Moments are None until they come."""

    candidate: str
    number: str
    full_name: str
    shares_place: str = ""
    state: State = State.EXPECTED
    device: str | None = None
    epoch: int = 0  # of the active connection
    last_epoch: int = 0  # given out last
    pending: Pending | None = None
    declined: Mapping[str, Declined] = field(default_factory=dict)  # newest by device that asked to take over
    connected: bool = False
    connected_epoch: int = 0  # of the page that is connected; one that comes back is given its own before it connects
    connection_changed_at: datetime | None = None
    losses: tuple[Loss, ...] = ()  # of the connection, from the admission on
    device_report: Mapping[str, Any] | None = None
    microphones: tuple[tuple[datetime, bool], ...] = ()  # since when the page that acts had one, or none
    device_reports: int = 0  # how many there were
    consented_at: datetime | None = None
    rules_accepted_at: datetime | None = None
    agreed_to: frozenset[tuple[str, str]] = frozenset()  # "consent" or "rules", and the digest of its text
    photos: Mapping[str, Photo] = field(default_factory=dict)  # newest by subject: "face", "card"
    photographs: tuple[e.PhotoTaken, ...] = ()  # all that were taken in this room
    checks: Mapping[str, Check] = field(default_factory=dict)  # newest by name: "eligibility", "camera", "identity"
    asked: Mapping[str, str] = field(default_factory=dict)  # what was asked for again, and the words
    refused_because: str = ""
    lobby_at: datetime | None = None  # first time
    late_allowed: bool = False
    late_because: str = ""
    briefed: frozenset[str] = frozenset()  # topics that were announced while the candidate was there, or alone
    briefings_attended: frozenset[str] = frozenset()  # topics at whose announcing to the room the candidate was there
    briefings_read: frozenset[str] = frozenset()
    extra_minutes: int = 0
    extra_because: str = ""  # of those that were given to this one alone
    alone: Alone = Alone()  # what was decided for this one alone
    suspended_because: str = ""
    absent_since: datetime | None = None
    hand_raised_at: datetime | None = None
    materials_received: frozenset[str] = frozenset()
    closing_seen: int = 0
    referred: str = ""  # by the office after a fault of the server: "makeup", or "deferral" in regime B
    admitted_at: datetime | None = None
    paper_fetched_at: datetime | None = None
    key_delivered_at: datetime | None = None
    paper_opened_at: datetime | None = None
    revision: int = 0
    text: str = ""
    text_sha256: str | None = None
    saved_at: datetime | None = None
    devices_before: Mapping[str, str | None] = field(default_factory=dict)  # admitted once; digest of the answer then
    words_left: Mapping[str, Words] = field(default_factory=dict)  # newest by device that had not saved them
    all_words_left: tuple[Words, ...] = ()  # the older ones too: evidence
    files: tuple[WorkFile, ...] = ()
    files_removed: tuple[RemovedFile, ...] = ()  # that were among them
    rejections: int = 0  # attempts to hand in outside the window, as far as they are kept
    not_collected: datetime | None = None  # the deadline at which saved work was left a draft
    submitted_at: datetime | None = None
    collected: bool = False  # it is saved work, and nobody pressed submit
    collected_because: str = ""  # the office's reason, where that was decided for a held room
    submission: str | None = None
    submission_sha256: str | None = None
    manifest: str | None = None
    declared: tuple[e.DeclaredFile, ...] = ()  # named in the submission before their bytes were there
    awaiting_prolonged: datetime | None = None  # until when they are awaited since the server was away
    completed_at: datetime | None = None  # the last of them came
    completion: str | None = None
    completion_sha256: str | None = None
    incomplete_at: datetime | None = None  # the time for them is over
    receipt_seq: int = 0  # the entry on the room's log that the receipt speaks of: what was handed in, or became of it
    late_files: tuple[LateFile, ...] = ()
    late_texts: tuple[LateText, ...] = ()
    violations: int = 0  # noted and not dismissed
    acts: Mapping[str, Act] = field(default_factory=dict)  # the newest on each subject; see proctor.exam.acts
    moved_to: str | None = None
    phone: Phone | None = None
    segments: tuple[Segment, ...] = ()
    faults: tuple[Loss, ...] = ()  # when the server could not record

    def recorded(self) -> list[dict[str, Any]]:
        """What the recorder told of each segment, in the order in which they were finished."""
        return [segment.facts() for segment in self.segments]

    @property
    def asking(self) -> Pending | None:
        """The other device, once its page is there."""
        return self.pending if self.pending and self.pending.connected else None

    @property
    def awaited(self) -> tuple[e.DeclaredFile, ...]:
        """The files of the submission that have not arrived."""
        return tuple(file for file in self.declared if self.file(file.file) is None)

    @property
    def has_saved(self) -> bool:
        """Whether there is any work: a text that was saved, or a file that arrived whole."""
        return self.revision > 0 or bool(self.files)

    def suspended_at(self, moment: datetime) -> bool:
        """Whether the suspension that stands stood at that moment already."""
        return bool(self.suspended_because) and self.acts["suspension"].at <= moment

    def was_connected(self, moment: datetime) -> bool:
        """Whether the page of somebody admitted was connected at a moment that has just passed."""
        return self.lost_at(moment) is None

    def lost_at(self, moment: datetime) -> Loss | None:
        """The loss that covers a moment which has just passed."""
        covers = (loss for loss in self.losses if loss.since <= moment and (loss.until is None or moment < loss.until))
        return next(covers, None)

    def file(self, name: str) -> WorkFile | None:
        return next((file for file in self.files if file.file == name), None)


def step(sitting: Sitting, event: type[e.Event]) -> State:
    """The state after an event of the lifecycle.

    Raises Refusal when the sitting is not in a state for it.
    """
    try:
        return STEPS[sitting.state, event]
    except KeyError:
        code = {State.SUBMITTED: "already_submitted", State.REFUSED: "entry_refused"}.get(sitting.state, "not_admitted")
        raise Refusal(code) from None


def disconnected(
    sitting: Sitting, at: datetime, cause: str, since: datetime | None = None, noticed: datetime | None = None
) -> Sitting:
    """The sitting whose active page is away from `at` on, as was `noticed` then or later; nothing came from it `since`,
    if that is known."""
    sitting = replace(sitting, connected=False, connected_epoch=0, connection_changed_at=at)
    if sitting.admitted_at is None or (sitting.losses and sitting.losses[-1].until is None):
        return sitting
    loss = Loss(max(since or at, sitting.admitted_at), None, cause, noticed or at)
    return replace(sitting, losses=(*sitting.losses, loss))


def taken_away(sitting: Sitting, outages: Iterable[tuple[datetime, datetime]]) -> Sitting:
    """The sitting, whose last loss is the server's if it began in an outage, or was found right after one. From when on
    the page was away is left as it is known: it may have been heard of after the server had stood still."""
    if not sitting.losses:
        return sitting
    *before, last = sitting.losses
    if not any(_falls_in(last, went, back) for went, back in outages):
        return sitting
    return replace(sitting, losses=(*before, replace(last, cause="server")))


def _falls_in(loss: Loss, went: datetime, back: datetime) -> bool:
    """Whether it was lost by a server that was away. A page that was there as that went was heard of last a moment
    before; a loss that was noticed by then is none of the server's."""
    return went - SILENCE <= loss.since <= back + FOUND and (loss.noticed is None or loss.noticed >= went)


def connected(sitting: Sitting, at: datetime) -> Sitting:
    """The sitting whose active page is there again."""
    return replace(
        sitting, connected=True, connected_epoch=sitting.epoch, connection_changed_at=at,
        losses=_over(sitting.losses, at),
    )  # fmt: skip


def _over(losses: tuple[Loss, ...], at: datetime) -> tuple[Loss, ...]:
    """The losses of which none lasts any more."""
    if not losses or losses[-1].until is not None:
        return losses
    return (*losses[:-1], replace(losses[-1], until=at))


def _all_over(faults: tuple[Loss, ...], at: datetime) -> tuple[Loss, ...]:
    """The faults of which none lasts any more."""
    return tuple(fault if fault.until else replace(fault, until=at) for fault in faults)


def _with_fault(faults: tuple[Loss, ...], since: datetime | None, at: datetime) -> tuple[Loss, ...]:
    """The faults with another one: of a segment that was begun `since` then and is lost, or that lasts from now on."""
    if since is not None:
        return (Loss(since, at, "segment"), *faults)
    return (*faults, Loss(at, None, "server"))


def has_camera(report: Mapping[str, Any] | None) -> bool:
    """Whether a device check found one."""
    return _found(report, "camera")


def devices_checked(report: Mapping[str, Any] | None) -> bool:
    """Whether a device check found a camera and tried the rest, sound out and network too (A24.1.1). What was tried and
    failed is told to who admits, and bars nobody by itself."""
    rest = ((report or {}).get(part) for part in ("microphone", "speaker", "network"))
    return has_camera(report) and all(isinstance(told, Mapping) and isinstance(told.get("ok"), bool) for told in rest)


def has_microphone(report: Mapping[str, Any] | None) -> bool:
    """Whether a device check found one."""
    return _found(report, "microphone")


def _found(report: Mapping[str, Any] | None, part: str) -> bool:
    told = (report or {}).get(part)
    return isinstance(told, Mapping) and bool(told.get("ok"))


def _reported(sitting: Sitting, report: Mapping[str, Any] | None, at: datetime) -> Sitting:
    """The sitting with what the device check of the page that acts found."""
    has_one = has_microphone(report)
    told = not sitting.microphones or sitting.microphones[-1][1] != has_one
    microphones = (*sitting.microphones, (at, has_one)) if told else sitting.microphones
    return replace(sitting, device_report=report, microphones=microphones)


def _taken_over(sitting: Sitting, by: Pending, at: datetime) -> Sitting:
    """The sitting at another device, with what that device's own check found."""
    return replace(
        _reported(sitting, by.device_report or sitting.device_report, at), device=by.device, epoch=by.epoch,
        pending=None, phone=None, photos={**sitting.photos, "camera": by.still} if by.still else sitting.photos,
        devices_before={**sitting.devices_before, str(sitting.device): sitting.text_sha256},
    )  # fmt: skip


def apply(sitting: Sitting, event: e.SittingEvent, at: datetime) -> Sitting:
    """The sitting after `event`. Events come from the log; they are facts and are not refused here."""
    match event:
        case e.CandidateJoined(epoch=epoch, device=device):
            sitting = replace(sitting, last_epoch=epoch)
            if sitting.device in (None, device):
                return replace(sitting, device=device, epoch=epoch)  # who asks to take over goes on asking
            if sitting.admitted_at is None:  # what was found in order, agreed and seen was so at the other device
                failed = {name: check for name, check in sitting.checks.items() if not check.passed}
                return replace(
                    sitting, device=device, epoch=epoch, state=State.EXPECTED, connected=False, connected_epoch=0,
                    connection_changed_at=at, device_report=None, consented_at=None, rules_accepted_at=None,
                    agreed_to=frozenset(), photos={}, checks=failed, asked={},
                    briefed=frozenset(), briefings_read=frozenset(),
                )  # fmt: skip
            if sitting.pending and sitting.pending.device == device:
                return replace(sitting, pending=replace(sitting.pending, epoch=epoch, connected=False))
            return replace(sitting, pending=Pending(device, epoch))
        case e.CandidateMovedOut(to=room):
            return replace(
                sitting, state=State.MOVED_OUT, moved_to=room, connected=False, connection_changed_at=at, pending=None
            )
        case e.CandidateRemoved():
            return replace(sitting, state=State.MOVED_OUT, connected=False, connection_changed_at=at, pending=None)
        case e.CandidateConnected(epoch=epoch) if epoch == sitting.epoch:
            return connected(sitting, at)
        case e.CandidateConnected(epoch=epoch) if sitting.pending and epoch == sitting.pending.epoch:
            return replace(sitting, pending=replace(sitting.pending, connected=True))
        case e.CandidateDisconnected(epoch=epoch, happened_at=happened_at):
            if sitting.pending and epoch == sitting.pending.epoch:
                return replace(sitting, pending=None)
            if epoch == sitting.connected_epoch:
                return disconnected(sitting, happened_at or at, "connection", noticed=at)
        case e.DeviceReported(report=report, epoch=epoch):
            sitting = replace(sitting, device_reports=sitting.device_reports + 1)
            if sitting.pending and epoch == sitting.pending.epoch:
                return replace(sitting, pending=replace(sitting.pending, device_report=report))
            asked = {key: text for key, text in sitting.asked.items() if key not in ("device", "camera")}
            return replace(_reported(sitting, report, at), asked=asked)
        case e.Consented(text_sha256=text):
            return replace(sitting, consented_at=at, agreed_to=sitting.agreed_to | {("consent", text)})
        case e.RulesAccepted(text_sha256=text):
            return replace(sitting, rules_accepted_at=at, agreed_to=sitting.agreed_to | {("rules", text)})
        case e.PhotoTaken(photo=photo, subject=subject, sha256=sha256, brightness=brightness, sharpness=sharpness):
            taken = Photo(photo, sha256, at, brightness, sharpness)
            if sitting.pending and event.device == sitting.pending.device:
                return replace(
                    sitting, pending=replace(sitting.pending, still=taken), photographs=(*sitting.photographs, event)
                )
            asked = {key: text for key, text in sitting.asked.items() if key != subject}
            checks = sitting.checks
            identity = checks.get("identity")
            if identity and identity.passed and subject in IDENTIFYING and sitting.admitted_at is None:
                # It was found by the photograph that this one takes the place of (B5.5).
                checks = {name: made for name, made in checks.items() if name != "identity"}
            return replace(
                sitting, photos={**sitting.photos, subject: taken}, asked=asked, checks=checks,
                photographs=(*sitting.photographs, event),
            )  # fmt: skip
        case e.CheckMade(check=check, passed=passed, by=by, reason=reason):
            return replace(sitting, checks={**sitting.checks, check: Check(passed, by, reason, at)})
        case e.AskedAgain(subject=subject, text=text):
            return replace(sitting, asked={**sitting.asked, subject: text})
        case e.EntryRefused(reason=reason):
            return replace(sitting, state=step(sitting, e.EntryRefused), refused_because=reason)
        case e.DeviceDeclined(device=device, epoch=epoch, reason=reason, by=by):
            asks = sitting.pending if sitting.pending and sitting.pending.device != device else None
            declined = Declined(epoch, by, reason, at)
            return replace(sitting, pending=asks, declined={**sitting.declined, device: declined})
        case e.LateAllowed(reason=reason):
            return replace(sitting, late_allowed=True, late_because=reason)
        case e.LobbyEntered():
            return replace(sitting, state=step(sitting, e.LobbyEntered), lobby_at=sitting.lobby_at or at)
        case e.BriefingGiven(topic=topic):
            return replace(sitting, briefed=sitting.briefed | {topic})
        case e.BriefingRead(topic=topic):
            return replace(sitting, briefings_read=sitting.briefings_read | {topic})
        case e.ExtraTimeGranted(minutes=minutes, reason=reason, for_all=for_all):
            return replace(
                sitting, extra_minutes=minutes, extra_because=sitting.extra_because if for_all else reason
            )
        case e.SittingSuspended(reason=reason):
            return replace(sitting, suspended_because=reason)
        case e.SittingResumed():
            return replace(sitting, suspended_because="")
        case e.ReferredToMakeup():
            return replace(sitting, referred="makeup")
        case e.ReferredToDeferral():
            return replace(sitting, referred="deferral")
        case e.AbsenceBegan():
            return replace(sitting, absent_since=at)
        case e.AbsenceEnded():
            return replace(sitting, absent_since=None)
        case e.HandRaised():
            return replace(sitting, hand_raised_at=at)
        case e.HandLowered():
            return replace(sitting, hand_raised_at=None)
        case e.MaterialReceived(material=material):
            return replace(sitting, materials_received=sitting.materials_received | {material})
        case e.ClosingSeen(version=version):
            return replace(sitting, closing_seen=version)
        case e.Admitted(device=device):
            state = step(sitting, e.Admitted)
            if sitting.pending and sitting.pending.device == device:
                return connected(_taken_over(replace(sitting, state=state), sitting.pending, at), at)
            sitting = replace(sitting, state=state, admitted_at=sitting.admitted_at or at, refused_because="")
            return sitting if sitting.connected else disconnected(sitting, at, "connection")
        case e.PaperFetched():
            return replace(sitting, paper_fetched_at=sitting.paper_fetched_at or at)
        case e.PaperKeyDelivered():
            return replace(sitting, key_delivered_at=sitting.key_delivered_at or at)
        case e.PaperOpened():
            return replace(sitting, paper_opened_at=sitting.paper_opened_at or at)
        case e.AnswerSaved(revision=revision, sha256=sha256):
            text = writing.changed(sitting.text, event.head, event.tail, event.text)
            return replace(sitting, revision=revision, text=text, text_sha256=sha256, saved_at=at)
        case e.WordsLeft(device=device, text=text, sha256=sha256):
            words = Words(text, sha256, at, event.client_time)
            left = {**sitting.words_left, device: words}
            return replace(sitting, words_left=left, all_words_left=(*sitting.all_words_left, words))
        case e.FileReceived():
            work = WorkFile(
                event.file, event.name, event.type, event.bytes, event.sha256, event.phone, event.looks,
                event.received_at or at,
            )
            return replace(sitting, files=(*sitting.files, work))
        case e.FileRemoved(file=name):
            removed = tuple(RemovedFile(file, at) for file in sitting.files if file.file == name)
            return replace(
                sitting, files=tuple(file for file in sitting.files if file.file != name),
                files_removed=(*sitting.files_removed, *removed),
            )  # fmt: skip
        case e.PhonePaired(phone=phone, device=device):
            return replace(sitting, phone=Phone(phone, device, at))
        case e.PhoneRevoked():
            return replace(sitting, phone=None)
        case e.SubmissionRejected():
            return replace(sitting, rejections=sitting.rejections + 1)
        case e.NotCollected(deadline=deadline):
            return replace(sitting, not_collected=deadline)
        case e.Submitted():
            return replace(
                sitting, state=State.SUBMITTED, submitted_at=at, submission=event.submission,
                submission_sha256=event.sha256, manifest=event.manifest, declared=event.awaited,
                collected=event.collected, collected_because=event.because,
            )  # fmt: skip
        case e.SubmissionCompleted():
            return replace(
                sitting, completed_at=at, completion=event.manifest, completion_sha256=event.sha256,
                incomplete_at=None,
            )  # fmt: skip
        case e.AwaitingProlonged(until=until):
            return replace(sitting, awaiting_prolonged=until)
        case e.SubmissionIncomplete():
            return replace(sitting, incomplete_at=at)
        case e.LateFileKept():
            work = WorkFile(
                event.file, event.name, event.type, event.bytes, event.sha256, event.phone, event.looks
            )
            return replace(sitting, late_files=(*sitting.late_files, LateFile(work, event.received_at, event.why)))
        case e.LateTextKept():
            late = LateText(event.text, event.sha256, event.received_at, event.written_at, event.client_time)
            return replace(sitting, late_texts=(*sitting.late_texts, late))
        case e.SegmentClosed(segment=segment):
            # A crash between telling and logging tells a segment twice; its name is the key.
            told = Segment(str(segment["segment"]), json.dumps(segment, separators=(",", ":")).encode())
            others = tuple(each for each in sitting.segments if each.name != told.name)
            return replace(sitting, segments=(*others, told))
        case e.RecordingFault(since=since, happened_at=happened_at):
            return replace(sitting, faults=_with_fault(sitting.faults, since, happened_at or at))
        case e.RecordingResumed(happened_at=happened_at):
            return replace(sitting, faults=_all_over(sitting.faults, happened_at or at))
    return sitting
