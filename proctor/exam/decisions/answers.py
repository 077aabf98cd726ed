"""What candidates write and hand in: answers and the submission. The files of the work stand in `files`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from proctor.exam import events as e
from proctor.exam import sitting, submission, writing
from proctor.exam.decisions.conditions import at_work, has_ended, in_window, iso, not_done
from proctor.exam.decisions.files import MAX_FILE_BYTES, MAX_FILES
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import LateText, Sitting, State
from proctor.regulation.refusal import Refusal

MAX_ANSWER_CHARACTERS = 200_000
MOST_REJECTIONS = 20  # on the log, of one candidate
MOST_WORDS_LEFT = 20
MOST_LATE_TEXTS = 3  # of one candidate; one as a rule, another of a device whose place was taken


def save_answer(
    room: Room, now: datetime, candidate: str, *, epoch: int, base_revision: int, text: str
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
        candidate=candidate, epoch=epoch, revision=revision, head=head, tail=tail, text=between, sha256=digest
    )  # fmt: skip
    return Decision((saved,), (saved.revision, digest, now))


def leave_words(
    room: Room, now: datetime, candidate: str, device: str, *, base_revision: int, text: str
) -> Decision:
    """Keep what a device had not saved when another one took its place; the answer stays as it is.

    Nothing is kept of what the server has: at the device that is admitted, which saves, and of a text that was the
    answer when the place was taken. Saying it again changes nothing. Raises Refusal `readmission_needed` for a device
    that was never admitted, `too_large`, `too_often`, and as `save_answer` does, but for a suspension: it may be lifted
    when this device is not asked any more.
    """
    known = not_done(room, candidate)
    if device != known.device and device not in known.devices_before:
        raise Refusal("readmission_needed")
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise Refusal("too_large", limit=f"{MAX_ANSWER_CHARACTERS} characters")
    in_window(room, now, known)
    digest = hashlib.sha256(text.encode()).hexdigest()
    before = known.words_left.get(device)
    held = {known.text_sha256, known.devices_before.get(device), before.sha256 if before else None}
    if device == known.device or not text.strip() or digest in held:
        return Decision()
    if len(known.all_words_left) >= MOST_WORDS_LEFT:
        raise Refusal("too_often")
    left = e.WordsLeft(candidate=candidate, device=device, revision=base_revision, text=text, sha256=digest)
    return Decision((left,))


def keep_late_text(
    room: Room,
    now: datetime,
    candidate: str,
    device: str,
    *,
    base_revision: int,
    text: str,
    written_at: str = "",
    client_time: str = "",
) -> Decision:
    """Keep a text as rejected evidence that the server did not have when this candidate's time was over (A14.2b.7).

    It was written without a connection, say, which a make-up exam may rest on (A14.2g, reading X31). The answer and
    what was handed in stay as they are. Answers with the `LateText`; the same text again is answered like the first
    time, after the end too. Raises Refusal `not_admitted`, `readmission_needed` for a device that was never admitted,
    `too_large`, `room_ended`, `room_held` while the office may yet give time, `already_submitted` where the candidate
    handed in in time, `before_release`, `not_late` while it can be saved, `nothing_late` for what the server has, and
    `too_often`.
    """
    known = room.sitting(candidate)
    if known.admitted_at is None:
        raise Refusal("not_admitted")
    if device != known.device and device not in known.devices_before:
        raise Refusal("readmission_needed")
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise Refusal("too_large", limit=f"{MAX_ANSWER_CHARACTERS} characters")
    digest = hashlib.sha256(text.encode()).hexdigest()
    before = next((late for late in known.late_texts if late.sha256 == digest), None)
    if before is not None:
        return Decision(answer=before)
    if has_ended(room, now):
        raise Refusal("room_ended")
    if room.holds(known):
        raise Refusal("room_held")
    if known.state is State.SUBMITTED and not known.collected:
        raise Refusal("already_submitted")
    window = submission.window(room.released_at, room.deadline(known), now, regime=room.regime)
    if "before_release" in window.unmet:
        raise Refusal("before_release", submit_by=iso(room.deadline(known)))
    if window.met and not room.submission_closed:
        raise Refusal("not_late", submit_by=iso(room.deadline(known)))
    words = known.words_left.get(device)
    here = known.devices_before.get(device)  # what another device had saved when its place was taken
    if not text.strip() or digest in (known.text_sha256, here, words.sha256 if words else None):
        raise Refusal("nothing_late")
    if len(known.late_texts) >= MOST_LATE_TEXTS:
        raise Refusal("too_often")
    kept = e.LateTextKept(
        candidate=candidate, device=device, revision=base_revision, text=text, sha256=digest, received_at=now,
        written_at=written_at, client_time=client_time,
    )  # fmt: skip
    return Decision((kept,), LateText(text, digest, now, written_at, client_time))


@dataclass(frozen=True)
class Named:
    """A file as a submission names it. `file` is empty for one whose upload has not begun.

    `bytes` tells that the page knows it to be on its way; 0 stands for one that has arrived.
    """

    file: str
    sha256: str
    bytes: int = 0
    name: str = ""
    type: str = "application/octet-stream"


def submit(
    room: Room,
    now: datetime,
    candidate: str,
    *,
    submission_id: str,
    epoch: int,
    revision: int,
    text_sha256: str,
    files: Sequence[Named],
    fresh: Sequence[str] = (),
) -> Decision:
    """Hand the work in: exactly the version and files that the candidate named, in that order (A14.2b.7).

    What counts is what was named by digest in the window. Where the exam lets bytes follow, a named file may still be
    on its way; `fresh` holds names for those whose upload has not begun, one for each of `files`. Outside the window
    the digest of what was offered is kept as rejected evidence.
    """
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        assert known.manifest is not None
        handed_in = json.loads(known.manifest)
        before = [(each["file"], each["sha256"]) for each in handed_in["files"]]
        same_files = len(before) == len(files) and all(
            named.sha256 == sha256 and named.file in ("", file)
            for named, (file, sha256) in zip(files, before, strict=True)
        )
        if handed_in["text"]["sha256"] == text_sha256 and same_files:
            return Decision()  # the page lost the receipt and asks again
        raise Refusal("already_submitted")
    at_work(room, candidate)
    if epoch != known.epoch:
        raise Refusal("superseded")
    deadline = room.deadline(known)
    unmet = submission.window(room.released_at, deadline, now, regime=room.regime).unmet
    if room.submission_closed:
        unmet = ("after_submit_by",)
    if unmet:
        rejected = e.SubmissionRejected(
            candidate=candidate, unmet=unmet, text_sha256=text_sha256, files=tuple(each.sha256 for each in files)
        )
        code = "room_held" if room.holds(known) else unmet[0]
        # After the end nobody writes anything, no attempt either (A14.2b.8); before it, no more than show how it was.
        if has_ended(room, now) or known.rejections >= MOST_REJECTIONS:
            raise Refusal(code, submit_by=iso(deadline))
        return Decision((rejected,), Refusal(code, submit_by=iso(deadline)))
    stored = known.text_sha256 or hashlib.sha256(b"").hexdigest()
    if revision != known.revision or text_sha256 != stored:
        raise Refusal("stale_revision", revision=known.revision, text=known.text)
    files = _arrived(known, files)
    awaited = _awaited(room, known, files, fresh)
    step = sitting.step(known, e.Submitted)
    assert step is State.SUBMITTED
    order = tuple(each.file or name for each, name in zip(files, fresh or [""] * len(files), strict=True))
    manifest = submission_manifest(room, known, submission_id, now, order, awaited)
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    submitted = e.Submitted(
        candidate=candidate, submission=submission_id, sha256=digest, manifest=manifest, awaited=awaited
    )
    return Decision((submitted,))


def _arrived(known: Sitting, files: Sequence[Named]) -> list[Named]:
    """The named files, each under its own name that has arrived since the page saw that its upload had not begun."""
    taken = {named.file for named in files}
    found = []
    for named in files:
        for held in () if named.file else known.files:
            if held.file not in taken and (held.sha256, held.bytes) == (named.sha256, named.bytes):
                taken.add(held.file)
                named = replace(named, file=held.file)
                break
        found.append(named)
    return found


def _awaited(
    room: Room, known: Sitting, files: Sequence[Named], fresh: Sequence[str]
) -> tuple[e.DeclaredFile, ...]:
    """Those of the named files that are still on their way. Raises Refusal `upload_incomplete` where none may be."""
    awaited = []
    for number, named in enumerate(files):
        held = known.file(named.file)
        if held is not None and held.sha256 == named.sha256:
            continue
        if held is not None or not named.bytes or not room.rules.upload_grace_minutes:
            raise Refusal("upload_incomplete", file=named.file or named.name)
        awaited.append(
            e.DeclaredFile(
                file=named.file or fresh[number], name=named.name, type=named.type, bytes=named.bytes,
                sha256=named.sha256, begun=bool(named.file),
            )
        )  # fmt: skip
    if awaited and (len(files) > MAX_FILES or max(each.bytes for each in awaited) > MAX_FILE_BYTES):
        raise Refusal("too_large", limit=f"{MAX_FILES} files, 50 MB")
    names = [named.file for named in files if named.file]
    if len(set(names)) < len(names):
        raise Refusal("bad_request", field="files")
    return tuple(awaited)


def to_be_judged(room: Room, now: datetime) -> list[Sitting]:
    """Those whose own time is over, and whose saved work, if there is any, is collected or left a draft, where the exam
    says so.

    Each sitting is judged once, at its own deadline. Whom the server cut off is left to the office.
    """
    if not room.rules.collect_saved or room.released_at is None or room.submission_closed:
        return []
    return [
        known
        for known in room.sittings.values()
        if known.state is State.ADMITTED and room.deadline(known) < now
        and known.not_collected != room.deadline(known)
        and not room.holds(known) and not known.referred
    ]  # fmt: skip


def collect(
    room: Room, now: datetime, unsettled: Collection[str] = ()
) -> list[e.Submitted | e.NotCollected]:
    """Saved work that counts as handed in, of those to be judged.

    Never collected is that of one that was disconnected at the deadline, or suspended: its draft is evidence only
    (reading X31). `unsettled` are those of whom that is not known yet: a page that was not heard of since may have been
    away already, and a file whose last byte came in time may still be read.
    """
    judged: list[e.Submitted | e.NotCollected] = []
    for known in to_be_judged(room, now):
        deadline = room.deadline(known)
        if known.candidate in unsettled or not known.has_saved:
            continue
        if known.suspended_because or not known.was_connected(deadline):
            why = "suspended" if known.suspended_because else "disconnected"
            judged.append(e.NotCollected(candidate=known.candidate, why=why, deadline=deadline))
        else:
            judged.append(collected_submission(room, known, now))
    return judged


def collected_submission(room: Room, known: Sitting, now: datetime) -> e.Submitted:
    """The submission of everything that was saved; its name follows from the log, so deciding twice gives the same."""
    seed = f"{room.room}/{known.candidate}/{room.seq}"
    name = f"b_{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
    manifest = submission_manifest(room, known, name, now, tuple(file.file for file in known.files))
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    return e.Submitted(candidate=known.candidate, submission=name, sha256=digest, manifest=manifest, collected=True)


def submission_manifest(
    room: Room,
    known: Sitting,
    submission_id: str,
    now: datetime,
    files: tuple[str, ...],
    awaited: tuple[e.DeclaredFile, ...] = (),
) -> str:
    """The bytes of submission.json: what was handed in, by digest, files in the order of `files`: that of the pages.

    Its own digest is the one on the receipt. What is `awaited` is marked, with the moment until which it may come.
    """
    named: dict[str, sitting.WorkFile | e.DeclaredFile] = {
        **{file.file: file for file in known.files},
        **{file.file: file for file in awaited},
    }
    until = {"awaited_until": iso(room.awaited_until(known))} if awaited else {}
    return json.dumps(
        {
            **until,
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
            "files": [_listed(named[file]) for file in files],
        },
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    )


def _listed(file: sitting.WorkFile | e.DeclaredFile) -> dict[str, Any]:
    told = {"file": file.file, "name": file.name, "type": file.type, "bytes": file.bytes, "sha256": file.sha256}
    if isinstance(file, e.DeclaredFile):
        return {**told, "source": "page", "awaited": True}
    return {**told, "source": "phone" if file.phone else "page"}
