"""The files of a candidate's work, as they arrive: part of the work, awaited by a submission, or evidence.

    in the window, at work                 work: listed, and handed in with the submission
    after the submission that named it     awaited: completes the submission, if it is what was named, in time
    after the deadline                     evidence: kept apart, never a submission (A14.2b.7)
    while the exam is suspended            evidence too; once it goes on, the file may be sent again and counts
    after the room's end                   refused (A14.2b.8)
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum

from proctor.exam import events as e
from proctor.exam import sitting, submission
from proctor.exam.decisions import phones
from proctor.exam.decisions.conditions import at_work, in_window, iso, not_ended
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting, State, WorkFile
from proctor.regulation.refusal import Refusal

MAX_FILES = 20
MAX_FILE_BYTES = 50_000_000


class Arrival(StrEnum):
    """As what bytes are taken."""

    WORK = "work"
    AWAITED = "awaited"
    EVIDENCE = "rejected_evidence"


def arrival(room: Room, received_at: datetime, known: Sitting, file: str = "") -> Arrival:
    """As what bytes of `file` are taken that arrive at `received_at`.

    Raises Refusal for a candidate who is not at work, before the release, and after a submission that does not wait for
    the file, as long as there is time left.
    """
    if known.admitted_at is None:
        raise Refusal("not_admitted")
    if known.state is State.SUBMITTED and any(each.file == file for each in known.declared):
        return Arrival.AWAITED if received_at <= room.awaited_until(known) else Arrival.EVIDENCE
    window = submission.window(room.released_at, room.deadline(known), received_at, regime=room.regime)
    if window.unmet == ("after_submit_by",):
        return Arrival.EVIDENCE
    if window.met and known.suspended_at(received_at) and not known.referred:
        return Arrival.EVIDENCE
    at_work(room, known.candidate, received_at)
    return Arrival.WORK


def may_upload(room: Room, now: datetime, candidate: str, device: str, file: str = "") -> Arrival:
    """As what bytes of `file` would be taken now; refused at another device, while the room is held, past the number of
    files, and after the end."""
    known = room.sitting(candidate)
    if known.admitted_at is None:
        raise Refusal("not_admitted")
    if known.device != device:
        raise Refusal("readmission_needed")
    if room.ended or (now > room.schedule.end_at and room.hold is None):
        raise Refusal("room_ended")
    taken_as = arrival(room, now, known, file)
    if taken_as is Arrival.EVIDENCE and room.holds(known):
        raise Refusal("room_held")
    if taken_as is Arrival.WORK:
        in_window(room, now, known)
        _room_for_one_more(known)
    return taken_as


def _room_for_one_more(known: Sitting) -> None:
    if len(known.files) >= MAX_FILES:
        raise Refusal("too_large", limit=f"{MAX_FILES} files", whole=len(known.files))  # no place comes by waiting


def to_be_announced(known: Sitting, file: str) -> e.DeclaredFile:
    """The file that a submission named and whose upload begins only now. Raises Refusal `not_found`."""
    named = next((each for each in known.awaited if each.file == file and not each.begun), None)
    if named is None:
        raise Refusal("not_found", what="file")
    return named


def receive_file(
    room: Room, now: datetime, candidate: str, work: WorkFile, received_at: datetime
) -> Decision:
    """A file arrived whole at `received_at`; that counts, not when it had been hashed (A14.2b.7).

    Answers as what it was taken. Raises Refusal `not_as_declared` for one that is not what the submission named, and
    `too_large` past the number of files, which those may pass that were announced while the exam was suspended.
    """
    known = room.sitting(candidate)
    if room.ended and received_at > room.schedule.end_at:
        raise Refusal("room_ended")
    if known.file(work.file):
        return Decision(answer=Arrival.WORK)
    if any(late.work.file == work.file for late in known.late_files):
        return Decision(answer=Arrival.EVIDENCE)
    taken_as = arrival(room, received_at, known, work.file)
    if taken_as is Arrival.EVIDENCE:
        in_time = received_at <= room.deadline(known)
        why = "suspended" if in_time and known.suspended_at(received_at) else "late"
        return Decision((_kept(candidate, work, received_at, why),), taken_as)
    if taken_as is Arrival.AWAITED:
        named = next(each for each in known.declared if each.file == work.file)
        if (named.sha256, named.bytes) != (work.sha256, work.bytes):
            raise Refusal("not_as_declared", file=named.name)
    else:
        if work.phone:  # its permission may have ended while the last bytes came
            phones.stands(room, candidate, work.phone)
        _room_for_one_more(known)
    received = e.FileReceived(
        candidate=candidate, file=work.file, name=work.name, type=work.type, bytes=work.bytes, sha256=work.sha256,
        received_at=received_at, phone=work.phone, looks=work.looks,
    )  # fmt: skip
    after = sitting.apply(known, received, now)
    if taken_as is Arrival.AWAITED and not after.awaited:
        return Decision((received, _completed(after, now)), taken_as)
    return Decision((received,), taken_as)


def keep_other(room: Room, now: datetime, candidate: str, work: WorkFile, received_at: datetime) -> Decision:
    """Keep what came in the place of a file that the submission named, and is another one, as evidence."""
    return Decision((_kept(candidate, work, received_at, "not_as_declared"),))


def _kept(candidate: str, work: WorkFile, received_at: datetime, why: str) -> e.LateFileKept:
    return e.LateFileKept(
        candidate=candidate, file=work.file, name=work.name, type=work.type, bytes=work.bytes, sha256=work.sha256,
        received_at=received_at, phone=work.phone, looks=work.looks, why=why,
    )  # fmt: skip


def _completed(known: Sitting, now: datetime) -> e.SubmissionCompleted:
    """`completion.json`: that every file which submission.json names is there."""
    assert known.submission is not None
    manifest = json.dumps(
        {
            "submission": known.submission,
            "submission_sha256": known.submission_sha256,
            "completed_at": iso(now),
            "files": [{"file": each.file, "name": each.name, "sha256": each.sha256} for each in known.declared],
        },
        ensure_ascii=False, sort_keys=True, indent=1,
    )  # fmt: skip
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    return e.SubmissionCompleted(
        candidate=known.candidate, submission=known.submission, sha256=digest, manifest=manifest
    )


def prolong_awaiting(room: Room, down_since: datetime, now: datetime) -> list[e.AwaitingProlonged]:
    """Give those whose named files are on their way the time back that the server took from them."""
    prolonged = []
    for known in room.sittings.values():
        until = room.awaited_until(known)
        if not known.awaited or known.incomplete_at is not None or known.submitted_at is None or until < down_since:
            continue
        lost = now - max(down_since, known.submitted_at)
        prolonged.append(e.AwaitingProlonged(candidate=known.candidate, until=until + lost))
    return prolonged


def close_awaiting(room: Room, now: datetime) -> list[e.SubmissionIncomplete]:
    """What was named and never came, of the submissions whose time for it is over."""
    return [
        e.SubmissionIncomplete(candidate=known.candidate, missing=tuple(each.file for each in known.awaited))
        for known in room.sittings.values()
        if known.awaited and known.incomplete_at is None and now > room.awaited_until(known)
    ]


def remove_file(room: Room, now: datetime, candidate: str, device: str, file: str) -> Decision:
    """The candidate takes a file out of the work; its bytes stay as evidence."""
    known = at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    not_ended(room, now)
    in_window(room, now, known)
    return Decision((e.FileRemoved(candidate=candidate, file=file),) if known.file(file) else ())
