"""What candidates write and hand in: answers, files, the submission."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from proctor.exam import events as e
from proctor.exam import sitting, submission, writing
from proctor.exam.decisions import phones
from proctor.exam.decisions.conditions import at_work, in_window, iso
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting, State
from proctor.regulation.refusal import Refusal

MAX_ANSWER_CHARACTERS = 200_000
MAX_FILES = 20
MAX_FILE_BYTES = 50_000_000


def save_answer(
    room: Room, now: datetime, candidate: str, *, epoch: int, base_revision: int, text: str, client_time: str
) -> Decision:
    """Keep the answer as it stands, if it was written on top of the version that is held.

    Saying again what is already stored is answered like the first time: a page that lost the answer may repeat it.
    """
    known = at_work(room, candidate)
    if epoch != known.epoch:
        raise Refusal("superseded")
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise Refusal("too_large", limit=f"{MAX_ANSWER_CHARACTERS} characters")
    in_window(room, now, known)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest == known.text_sha256:
        return Decision(answer=(known.revision, digest, known.saved_at))
    if base_revision != known.revision:
        raise Refusal("stale_revision", revision=known.revision, text=known.text)
    revision = known.revision + 1
    head, tail, between = writing.change(known.text, text, revision)
    saved = e.AnswerSaved(
        candidate=candidate, epoch=epoch, revision=revision, head=head, tail=tail, text=between, sha256=digest,
        client_time=client_time,
    )  # fmt: skip
    return Decision((saved,), (saved.revision, digest, now))


def may_upload(room: Room, now: datetime, candidate: str, device: str) -> Sitting:
    """Refuse a file outside the window, of a candidate who is not at work, or past the number of files."""
    known = at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    in_window(room, now, known)
    if len(known.files) >= MAX_FILES:
        raise Refusal("too_large", limit=f"{MAX_FILES} files")
    return known


def receive_file(
    room: Room, now: datetime, candidate: str, work: sitting.WorkFile, received_at: datetime
) -> Decision:
    """A file of the work arrived whole at `received_at`; that counts, not when it had been hashed (A14.2b.7)."""
    known = at_work(room, candidate)
    deadline = room.deadline(known)
    unmet = submission.window(room.released_at, deadline, received_at).unmet
    if unmet:
        raise Refusal(unmet[0], submit_by=iso(deadline))
    if known.file(work.file):
        return Decision()
    if work.phone:  # its permission may have ended while the last bytes came
        phones.stands(room, candidate, work.phone)
    return Decision((
        e.FileReceived(candidate=candidate, file=work.file, name=work.name, type=work.type,
                       bytes=work.bytes, sha256=work.sha256, received_at=received_at,
                       phone=work.phone, looks=work.looks),
    ))  # fmt: skip


def remove_file(room: Room, now: datetime, candidate: str, device: str, file: str) -> Decision:
    """The candidate takes a file out of the work; its bytes stay as evidence."""
    known = at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    in_window(room, now, known)
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
    """Hand the work in: exactly the version and files that the candidate named, in that order (A14.2b.7).

    Outside the window the digest of what was offered is kept as rejected evidence.
    """
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        assert known.manifest is not None
        handed_in = json.loads(known.manifest)
        if handed_in["text"]["sha256"] == text_sha256 and [each["file"] for each in handed_in["files"]] == list(files):
            return Decision()  # the page lost the receipt and asks again
        raise Refusal("already_submitted")
    at_work(room, candidate)
    if epoch != known.epoch:
        raise Refusal("superseded")
    deadline = room.deadline(known)
    unmet = submission.window(room.released_at, deadline, now).unmet
    if room.submission_closed:
        unmet = ("after_submit_by",)
    if unmet:
        rejected = e.SubmissionRejected(
            candidate=candidate, unmet=unmet, text_sha256=text_sha256, files=tuple(files.values())
        )
        code = "room_held" if room.hold is not None else unmet[0]
        return Decision((rejected,), Refusal(code, submit_by=iso(deadline)))
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


def collect(room: Room, now: datetime) -> list[e.Submitted]:
    """Saved work that counts as handed in at the deadline, where the exam says so. Never of a sitting that was
    disconnected then, or suspended: its draft is evidence only (reading X31)."""
    if not room.rules.collect_saved:
        return []
    collected = []
    for known in room.sittings.values():
        saved = known.revision > 0 or known.files
        if known.state is not State.ADMITTED or not known.connected or known.suspended_because or not saved:
            continue
        collected.append(collected_submission(room, known, now))
    return collected


def collected_submission(room: Room, known: Sitting, now: datetime) -> e.Submitted:
    """The submission of everything that was saved; its name follows from the log, so deciding twice gives the same."""
    seed = f"{room.room}/{known.candidate}/{room.seq}"
    name = f"b_{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
    manifest = submission_manifest(room, known, name, now, tuple(file.file for file in known.files))
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    return e.Submitted(candidate=known.candidate, submission=name, sha256=digest, manifest=manifest, collected=True)


def submission_manifest(room: Room, known: Sitting, submission_id: str, now: datetime, files: tuple[str, ...]) -> str:
    """The bytes of submission.json: what was handed in, by digest, files in the order of `files`: that of the pages.

    Its own digest is the one on the receipt.
    """
    held = {file.file: file for file in known.files}
    listed = [held[file] for file in files]
    return json.dumps(
        {
            "submission": submission_id,
            "exam": room.exam,
            "room": room.room,
            "candidate": known.candidate,
            "number": known.number,
            "full_name": known.full_name,
            "received_at": iso(now),
            "text": {
                "revision": known.revision,
                "sha256": known.text_sha256 or hashlib.sha256(b"").hexdigest(),
                "bytes": len(known.text.encode()),
            },
            "files": [
                {
                    "file": file.file, "name": file.name, "type": file.type, "bytes": file.bytes,
                    "sha256": file.sha256, "source": "phone" if file.phone else "page",
                }
                for file in listed
            ],
        },
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    )
