"""A room: its state, folded from its log, and the decisions that may be taken in it.

`apply(state, event, at)` folds one fact. Every decision is a function `(state, now, …) -> Decision`: it reads the
state, raises a `Refusal` or returns the events that follow from the act; nothing changes until the log holds them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from proctor.exam import entry, schedule, sitting, submission
from proctor.exam import events as e
from proctor.exam.permissions import Role
from proctor.exam.schedule import Phase, Schedule
from proctor.exam.sitting import Sitting, State
from proctor.regulation.refusal import Refusal

MAX_ANSWER_CHARACTERS = 200_000
MAX_FILES = 20
MAX_FILE_BYTES = 50_000_000
MAX_PAPER_BYTES = 20_000_000
VIOLATIONS = ("phone", "other_person", "materials", "left_view", "talking", "impersonation", "other")


@dataclass(frozen=True)
class Assigned:
    """A member of staff of the room."""

    staff: str
    full_name: str
    role: str


@dataclass(frozen=True)
class Paper:
    """The sealed paper."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Message:
    """What an invigilator wrote; `to` is empty for the whole room."""

    message: str
    by: str
    to: tuple[str, ...]
    text: str
    at: datetime


@dataclass(frozen=True)
class Room:
    """What the log says of a room. `seq` is the number of the last entry folded."""

    room: str
    exam: str
    title: str
    exam_title: str
    schedule: Schedule
    paper: Paper | None = None
    sittings: Mapping[str, Sitting] = field(default_factory=dict)
    staff: Mapping[str, Assigned] = field(default_factory=dict)
    present: frozenset[str] = frozenset()  # staff in the room now
    invigilator_came: bool = False
    released_at: datetime | None = None
    release_held: bool = False
    submission_closed: bool = False
    ended: bool = False
    messages: tuple[Message, ...] = ()
    violations: tuple[tuple[e.ViolationNoted, datetime], ...] = ()  # each note, and when it was made
    seq: int = 0

    def phase(self, now: datetime) -> Phase:
        return schedule.phase(self.schedule, now, released=self.released_at is not None)

    def invigilators_present(self) -> list[str]:
        """The invigilators in the room, in a fixed order."""
        return sorted(
            person
            for person in self.present
            if person in self.staff and self.staff[person].role == Role.INVIGILATOR
        )

    def sitting(self, candidate: str) -> Sitting:
        try:
            return self.sittings[candidate]
        except KeyError:
            raise Refusal("not_found", what="candidate") from None


@dataclass(frozen=True)
class Decision:
    """The events of an act, and what the one who acted is answered."""

    events: tuple[e.Event, ...] = ()
    answer: Any = None


# -- folding ----------------------------------------------------------------------------------------------------------


def start(event: e.RoomPlanned) -> Room:
    """The room that the first event of a log sets up."""
    return Room(event.room, event.exam, event.title, event.exam_title, event.schedule)


def apply(room: Room, event: e.Event, at: datetime) -> Room:
    """The room after `event`, which the log holds as entry `room.seq + 1`."""
    room = replace(room, seq=room.seq + 1)
    match event:
        case e.CandidateEnrolled():
            enrolled = Sitting(event.candidate, event.number, event.full_name)
            return replace(room, sittings={**room.sittings, event.candidate: enrolled})
        case e.SittingEvent(candidate=candidate):
            changed = sitting.apply(room.sittings[candidate], event, at)
            if isinstance(event, e.ViolationNoted):
                room = replace(room, violations=(*room.violations, (event, at)))
            return replace(room, sittings={**room.sittings, candidate: changed})
        case e.PaperLoaded(sha256=sha256, bytes=size):
            return replace(room, paper=Paper(sha256, size))
        case e.StaffAssigned(staff=person):
            return replace(room, staff={**room.staff, person: Assigned(person, event.full_name, event.role)})
        case e.StaffUnassigned(staff=person):
            return replace(room, staff={key: value for key, value in room.staff.items() if key != person})
        case e.StaffEntered(staff=person, role=role):
            came = room.invigilator_came or role == Role.INVIGILATOR
            return replace(room, present=room.present | {person}, invigilator_came=came)
        case e.StaffLeft(staff=person):
            return replace(room, present=room.present - {person})
        case e.ServerRestarted():
            sittings = {
                key: replace(
                    value, pending=None, connected=False,
                    connection_changed_at=at if value.connected else value.connection_changed_at,
                )
                for key, value in room.sittings.items()
            }  # fmt: skip
            return replace(room, present=frozenset(), sittings=sittings)
        case e.ReleaseHeld():
            return replace(room, release_held=True)
        case e.PaperReleased():
            return replace(room, released_at=at, release_held=False)
        case e.SubmissionClosed():
            return replace(room, submission_closed=True)
        case e.RoomEnded():
            return replace(room, ended=True)
        case e.MessageSent():
            sent = Message(event.message, event.by, event.to, event.text, at)
            return replace(room, messages=(*room.messages, sent))
    return room


# -- planning ---------------------------------------------------------------------------------------------------------


def enroll(room: Room, now: datetime, people: Iterable[tuple[str, str, str]]) -> Decision:
    """Put (candidate, number, full name) on the roster; all or none (A14.2a: at most 50)."""
    people = tuple(people)
    if room.phase(now) not in (Phase.CLOSED, Phase.ENTRY):
        raise Refusal("roster_locked")
    ruling = entry.capacity(len(room.sittings), len(people), room.schedule.starts_at)
    if not ruling.met:
        raise Refusal("room_capacity", capacity=ruling.values["capacity"], citation="A14.2a")
    taken = {known.number for known in room.sittings.values()}
    events = []
    for candidate, number, full_name in people:
        if number in taken:
            raise Refusal("name_taken", name=number)
        taken.add(number)
        events.append(e.CandidateEnrolled(candidate=candidate, number=number, full_name=full_name))
    return Decision(tuple(events))


def assign_staff(room: Room, now: datetime, people: Iterable[Assigned]) -> Decision:
    """Make `people` the staff of the room (A14.2b.2)."""
    _not_ended(room, now)
    wanted = {person.staff: person for person in people}
    gone = [e.StaffUnassigned(staff=person) for person in room.staff if person not in wanted]
    come = [
        e.StaffAssigned(staff=person.staff, full_name=person.full_name, role=person.role)
        for person in wanted.values()
        if room.staff.get(person.staff) != person
    ]
    return Decision((*gone, *come))


def load_paper(room: Room, now: datetime, sha256: str, size: int) -> Decision:
    """Enter the sealed paper; it may be replaced until candidates can have fetched it (A14.2b.4)."""
    if room.released_at is not None or any(known.paper_fetched_at for known in room.sittings.values()):
        raise Refusal("paper_locked")
    loaded = e.PaperLoaded(sha256=sha256, bytes=size)
    # A paper that comes after the release time goes out at once, or is held like any other.
    then = release(replace(room, paper=Paper(sha256, size)), now)
    return Decision((loaded, *then.events))


# -- presence ---------------------------------------------------------------------------------------------------------


def staff_may_enter(room: Room, now: datetime, person: str, role: Role) -> None:
    """Refuse staff who are not assigned or too early (A14.2c.1). Inspectors and the office need no assignment (X35)."""
    if role is Role.INVIGILATOR and (person not in room.staff or room.staff[person].role != role):
        raise Refusal("not_assigned")
    if role is Role.TRAINING_OFFICE:
        return
    ruling = entry.staff_gate(room.schedule, now)
    if not ruling.met:
        raise Refusal("gate_closed", opens_at=_iso(ruling.values["opens_at"]), citation="A14.2c.1")


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
    _not_ended(room, now)
    ruling = entry.candidate_gate(room.schedule, now, invigilator_came=room.invigilator_came)
    if not ruling.met:
        raise Refusal("waiting_for_invigilator", opens_at=_iso(ruling.values["opens_at"]))
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


# -- getting ready ----------------------------------------------------------------------------------------------------


def report_device(room: Room, now: datetime, candidate: str, report: dict[str, Any]) -> Decision:
    """Keep the outcome of the device check (A24.1.1)."""
    _not_ended(room, now)
    room.sitting(candidate)
    return Decision((e.DeviceReported(candidate=candidate, report=report),))


def consent(room: Room, now: datetime, candidate: str, version: str, text_sha256: str) -> Decision:
    """Keep the candidate's agreement; saying it again changes nothing."""
    _not_ended(room, now)
    if room.sitting(candidate).consented_at:
        return Decision()
    return Decision((e.Consented(candidate=candidate, version=version, text_sha256=text_sha256),))


def enter_lobby(room: Room, now: datetime, candidate: str) -> Decision:
    """The candidate waits for admission, after device check and consent."""
    _not_ended(room, now)
    known = room.sitting(candidate)
    if known.state in (State.ADMITTED, State.SUBMITTED, State.WAITING):
        return Decision(answer=known.state)
    if known.device_report is None or known.consented_at is None:
        raise Refusal("bad_request", field="device check and consent come first")
    return Decision((e.LobbyEntered(candidate=candidate),), State.WAITING)


def may_publish(room: Room, now: datetime, candidate: str, epoch: int) -> None:
    """Refuse picture and sound of a page that is not the active one, or before the lobby."""
    _not_ended(room, now)
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
    _not_ended(room, now)
    events: list[e.Event] = []
    admitted, skipped = [], []
    for candidate in dict.fromkeys(candidates):
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


# -- the paper --------------------------------------------------------------------------------------------------------


def fetch_paper(room: Room, now: datetime, candidate: str, device: str) -> Decision:
    """The ciphertext may go to an admitted candidate at the bound device."""
    known = _at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    if room.paper is None:
        raise Refusal("not_found", what="paper")
    return Decision((e.PaperFetched(candidate=candidate, sha256=room.paper.sha256),))


def release(room: Room, now: datetime) -> Decision:
    """Release the paper if its time has come and an invigilator is present; hold it otherwise (A14.2b.6, X28, X34)."""
    due = room.schedule.release_at <= now <= room.schedule.submit_by
    if not due or room.released_at is not None or room.paper is None:
        return Decision()
    present = room.invigilators_present()
    if not present:
        return Decision(() if room.release_held else (e.ReleaseHeld(),))
    keys = [
        e.PaperKeyDelivered(candidate=known.candidate)
        for known in room.sittings.values()
        if known.state is State.ADMITTED and known.connected
    ]
    return Decision((e.PaperReleased(by=present[0]), *keys))


def may_have_key(room: Room, candidate: str) -> bool:
    """Whether the paper's key may go to this candidate."""
    return room.released_at is not None and room.sitting(candidate).state in (State.ADMITTED, State.SUBMITTED)


def open_paper(room: Room, now: datetime, candidate: str) -> Decision:
    """The page showed the paper."""
    if not may_have_key(room, candidate):
        raise Refusal("not_released")
    if room.sitting(candidate).paper_opened_at:
        return Decision()
    return Decision((e.PaperOpened(candidate=candidate),))


# -- work -------------------------------------------------------------------------------------------------------------


def save_answer(
    room: Room, now: datetime, candidate: str, *, epoch: int, base_revision: int, text: str, client_time: str
) -> Decision:
    """Keep the answer as it stands, if it was written on top of the version that is held.

    Saying again what is already stored is answered like the first time: a page that lost the answer may repeat it.
    """
    known = _at_work(room, candidate)
    if epoch != known.epoch:
        raise Refusal("superseded")
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise Refusal("too_large", limit=f"{MAX_ANSWER_CHARACTERS} characters")
    _in_window(room, now)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest == known.text_sha256:
        return Decision(answer=(known.revision, digest, known.saved_at))
    if base_revision != known.revision:
        raise Refusal("stale_revision", revision=known.revision, text=known.text)
    saved = e.AnswerSaved(
        candidate=candidate, epoch=epoch, revision=known.revision + 1, text=text, sha256=digest, client_time=client_time
    )
    return Decision((saved,), (saved.revision, digest, now))


def may_upload(room: Room, now: datetime, candidate: str, device: str) -> Sitting:
    """Refuse a file outside the window, of a candidate who is not at work, or past the number of files."""
    known = _at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    _in_window(room, now)
    if len(known.files) >= MAX_FILES:
        raise Refusal("too_large", limit=f"{MAX_FILES} files")
    return known


def receive_file(
    room: Room, now: datetime, candidate: str, work: sitting.WorkFile, received_at: datetime
) -> Decision:
    """A file of the work arrived whole at `received_at`; that counts, not when it had been hashed (A14.2b.7)."""
    known = _at_work(room, candidate)
    unmet = submission.window(room.released_at, room.schedule.submit_by, received_at).unmet
    if unmet:
        raise Refusal(unmet[0], submit_by=_iso(room.schedule.submit_by))
    if known.file(work.file):
        return Decision()
    return Decision((
        e.FileReceived(candidate=candidate, file=work.file, name=work.name, type=work.type,
                       bytes=work.bytes, sha256=work.sha256, received_at=received_at),
    ))  # fmt: skip


def remove_file(room: Room, now: datetime, candidate: str, device: str, file: str) -> Decision:
    """The candidate takes a file out of the work; its bytes stay as evidence."""
    known = _at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    _in_window(room, now)
    return Decision((e.FileRemoved(candidate=candidate, file=file),) if known.file(file) else ())


def submit(
    room: Room,
    now: datetime,
    candidate: str,
    *,
    submission_id: str,
    epoch: int,
    revision: int,
    text_sha256: str,
    files: Mapping[str, str],
) -> Decision:
    """Hand the work in: exactly the version and files that the candidate named (A14.2b.7).

    Outside the window the digest of what was offered is kept as rejected evidence.
    """
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        assert known.manifest is not None
        handed_in = json.loads(known.manifest)
        if handed_in["text"]["sha256"] == text_sha256 and {each["file"] for each in handed_in["files"]} == set(files):
            return Decision()  # the page lost the receipt and asks again
        raise Refusal("already_submitted")
    _at_work(room, candidate)
    if epoch != known.epoch:
        raise Refusal("superseded")
    unmet = submission.window(room.released_at, room.schedule.submit_by, now).unmet
    if room.submission_closed:
        unmet = ("after_submit_by",)
    if unmet:
        rejected = e.SubmissionRejected(candidate=candidate, unmet=unmet, text_sha256=text_sha256)
        return Decision((rejected,), Refusal(unmet[0], submit_by=_iso(room.schedule.submit_by)))
    stored = known.text_sha256 or hashlib.sha256(b"").hexdigest()
    if revision != known.revision or text_sha256 != stored:
        raise Refusal("stale_revision", revision=known.revision, text=known.text)
    for file, digest in files.items():
        held = known.file(file)
        if held is None or held.sha256 != digest:
            raise Refusal("upload_incomplete", file=file)
    step = sitting.step(known, e.Submitted)
    assert step is State.SUBMITTED
    manifest = submission_manifest(room, known, submission_id, now, tuple(files))
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    return Decision((e.Submitted(candidate=candidate, submission=submission_id, sha256=digest, manifest=manifest),))


def submission_manifest(room: Room, known: Sitting, submission_id: str, now: datetime, files: tuple[str, ...]) -> str:
    """The bytes of submission.json: what was handed in, by digest. Its own digest is the one on the receipt."""
    listed = [file for file in known.files if file.file in files]
    return json.dumps(
        {
            "submission": submission_id,
            "exam": room.exam,
            "room": room.room,
            "candidate": known.candidate,
            "number": known.number,
            "full_name": known.full_name,
            "received_at": _iso(now),
            "text": {
                "revision": known.revision,
                "sha256": known.text_sha256 or hashlib.sha256(b"").hexdigest(),
                "bytes": len(known.text.encode()),
            },
            "files": [
                {"file": file.file, "name": file.name, "type": file.type, "bytes": file.bytes, "sha256": file.sha256}
                for file in listed
            ],
        },
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    )


# -- invigilation -----------------------------------------------------------------------------------------------------


def note_violation(
    room: Room,
    now: datetime,
    *,
    by: str,
    violation: str,
    candidate: str,
    category: str,
    text: str,
    since: datetime | None,
    until: datetime | None,
) -> Decision:
    """Keep an invigilator's note of a breach with its time range (A14.2c.8, A25.1)."""
    _not_ended(room, now)
    room.sitting(candidate)
    if category not in VIOLATIONS:
        raise Refusal("bad_request", field="category")
    if len(text) > 2_000:
        raise Refusal("too_large", limit="2000 characters")
    noted = e.ViolationNoted(
        candidate=candidate, violation=violation, category=category, text=text, by=by, since=since, until=until
    )
    return Decision((noted,), {"violation": violation})


def send_message(room: Room, now: datetime, *, by: str, message: str, to: tuple[str, ...], text: str) -> Decision:
    """Write to candidates; an empty `to` is the whole room."""
    _not_ended(room, now)
    for candidate in to:
        room.sitting(candidate)
    if not text.strip() or len(text) > 2_000:
        raise Refusal("bad_request", field="text")
    return Decision((e.MessageSent(message=message, to=to, text=text, by=by),), {"message": message})


def see_message(room: Room, now: datetime, candidate: str, message: str) -> Decision:
    """The candidate read a message."""
    if not any(sent.message == message and candidate in (sent.to or (candidate,)) for sent in room.messages):
        raise Refusal("not_found", what="message")
    return Decision((e.MessageSeen(candidate=candidate, message=message),))


# -- time -------------------------------------------------------------------------------------------------------------


def pass_time(room: Room, now: datetime) -> Decision:
    """What happens of itself at `now`: the release, the closing of submission, the end."""
    events: list[e.Event] = list(release(room, now).events)
    if now > room.schedule.submit_by and not room.submission_closed:
        events.append(e.SubmissionClosed())
    if now > room.schedule.end_at and not room.ended:
        events.append(e.RoomEnded())
    return Decision(tuple(events))


# -- shared conditions ------------------------------------------------------------------------------------------------


def _not_ended(room: Room, now: datetime) -> None:
    if room.ended or room.phase(now) is Phase.ENDED:  # what ended stays ended, whatever a clock says later
        raise Refusal("room_ended")


def _at_work(room: Room, candidate: str) -> Sitting:
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        raise Refusal("already_submitted")
    if known.state is not State.ADMITTED:
        raise Refusal("not_admitted")
    return known


def _in_window(room: Room, now: datetime) -> None:
    ruling = submission.window(room.released_at, room.schedule.submit_by, now)
    if room.submission_closed:
        raise Refusal("after_submit_by", submit_by=_iso(room.schedule.submit_by))
    if not ruling.met:
        code = "before_release" if "before_release" in ruling.unmet else "after_submit_by"
        raise Refusal(code, submit_by=_iso(room.schedule.submit_by))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
