"""How a room and its sittings look to pages: plain dictionaries in the shapes of docs/PROTOCOL.md ("Objects")."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from proctor.errors import describe
from proctor.exam import staffing
from proctor.exam.acts import Act
from proctor.exam.decisions import closing, possible
from proctor.exam.decisions.presence import by_server, open_matters
from proctor.exam.events import DeclaredFile
from proctor.exam.room import Material, Message, Note, Room, Violation
from proctor.exam.schedule import Schedule
from proctor.exam.sitting import LateFile, LateText, Pending, Photo, Sitting, WorkFile
from proctor.regulation.citation import Regime

LOSSES_SHOWN = 20  # of a sitting; the log has all


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def times(schedule: Schedule, *, regime: Regime) -> dict[str, Any]:
    return {
        "staff_entry_at": moment(schedule.staff_entry_at(regime=regime)),
        "starts_at": moment(schedule.starts_at),
        "release_at": moment(schedule.release_at),
        "working_minutes": schedule.working_minutes,
        "submit_by": moment(schedule.submit_by),
        "end_at": moment(schedule.end_at),
    }


def room(state: Room, now: datetime) -> dict[str, Any]:
    """A room as everybody in it sees it, candidates too; what only staff may know is added by `staff_room`."""
    return {
        "room": state.room,
        "exam": state.exam,
        "title": state.title,
        "exam_title": state.exam_title,
        "phase": state.phase(now),
        "times": times(state.schedule, regime=state.regime),
        "regime": state.regime,
        "form": state.form,
        "published": state.published,
        # Roles that nobody has taken yet.
        "unacknowledged": list(staffing.acknowledged(state.staff, regime=state.regime).unmet),
        "last_deadline": moment(state.last_deadline()),
        "released_at": moment(state.released_at),
        "release_due_at": moment(state.release_due_at()),
        "release_held": state.release_held,
        "delay": {
            "until": moment(state.delay.until), "reason": state.delay.reason, "seq": _seq(state, "delay"),
        } if state.delay else None,
        "hold": hold(state),
        "called_off": state.called_off,
        "briefings": briefings(state),
        "briefings_missing": list(state.briefings_missing),
        "submission_closed": state.submission_closed,
        "late_minutes": state.rules.late_minutes,
        "upload_grace_minutes": state.rules.upload_grace_minutes,
        "lists_version": state.closing.version if state.closing else 0,
        "handover": _handover_stands(state),
        "invigilator_present": bool(state.invigilators_present()),
        "paper": {
            "bytes": state.paper.bytes, "sha256": state.paper.sha256, "replaced_at": moment(state.paper.replaced_at),
        } if state.paper else None,
        "server_time": moment(now),
        "seq": state.seq,
    }


_TOLD = timedelta(seconds=1)  # the shortest time without an invigilator that is shown


def staff_room(state: Room, now: datetime) -> dict[str, Any]:
    """A room as its staff see it: also whether the published lists became wrong, when no invigilator was there, and
    what cannot be done now, and why."""
    return {
        **room(state, now),
        "lists_outdated": closing.outdated(state),
        "unattended_since": moment(state.unattended_since),
        "unattended_before": [
            {"from": moment(start), "to": moment(end), "by_server": by_server(state, start)}
            for start, end in state.unattended_before
            if end - start >= _TOLD  # one page that came back before another is on the log alone
        ],
        "refuses": {act: describe(refusal) for act, refusal in possible.refused(state, now).items()},
        "out_of_time": possible.out_of_time(state, now),
    }


def _seq(state: Room, subject: str) -> int:
    """The number of the act that stands, for a page to name when it replaces it; 0 without one."""
    return state.acts[subject].seq if subject in state.acts else 0


def handover(state: Room) -> dict[str, Any] | None:
    """Everything of the room on its way to the office, without the manifest."""
    if state.handover is None:
        return None
    return {
        "handover": state.handover.handover,
        "sha256": state.handover.sha256,
        "by": state.handover.by,
        "at": moment(state.handover.at),
        "received_at": moment(state.handover.received_at),
        "seq": _seq(state, "handover"),
    }


def _handover_stands(state: Room) -> dict[str, Any] | None:
    """How far the hand-over is, without who and what: candidates' pages are told of the room too."""
    told = handover(state)
    return {key: told[key] for key in ("at", "received_at", "seq")} if told else None


def act(done: Act) -> dict[str, Any]:
    """Who did what, and when; `seq` names it."""
    return {"act": done.act, "by": done.by, "at": moment(done.at), "reason": done.reason, "seq": done.seq}


def hold(state: Room) -> dict[str, Any] | None:
    """A room that waits for the office; how many candidates' own deadline the server missed, 0 when all wait."""
    if state.hold is None:
        return None
    held = state.hold
    return {"missed": held.missed, "since": moment(held.since), "candidates": len(held.candidates)}


def file(work: WorkFile) -> dict[str, Any]:
    return {
        "file": work.file,
        "name": work.name,
        "type": work.type,
        "bytes": work.bytes,
        "received": work.bytes,
        "sha256": work.sha256,
        "source": "phone" if work.phone else "page",
        "phone": work.phone,
        "looks": work.looks,
        "at": moment(work.at),
    }


def declared(each: DeclaredFile) -> dict[str, Any]:
    """A file that a submission named before its bytes were there."""
    return {"file": each.file, "name": each.name, "bytes": each.bytes, "sha256": each.sha256, "begun": each.begun}


def late_file(late: LateFile) -> dict[str, Any]:
    """A file that is evidence, and why it is."""
    return {**file(late.work), "received_at": moment(late.received_at), "why": late.why}


def late_text(late: LateText) -> dict[str, Any]:
    """A text that is evidence, without its words: nobody reads them as an answer."""
    return {
        "sha256": late.sha256,
        "characters": len(late.text),
        "received_at": moment(late.received_at),
        "written_at": late.written_at,
        "why": late.why,
    }


def sitting(state: Room, known: Sitting) -> dict[str, Any]:
    return {
        "candidate": known.candidate,
        "number": known.number,
        "full_name": known.full_name,
        "shares_place": known.shares_place,
        "state": known.state,
        "epoch": known.epoch,
        "readmission": known.asking is not None,
        "pending": _pending(known, known.asking) if known.asking else None,
        "connected": known.connected,
        "connection_changed_at": moment(known.connection_changed_at),
        "losses": _losses(state, known),
        "left": state.has_left(known),
        "device": known.device_report,
        "consented_at": moment(known.consented_at),
        "rules_accepted_at": moment(known.rules_accepted_at),
        "photos": {subject: each.photo for subject, each in known.photos.items()},
        "still": _still(known.photos.get("camera")),
        "checks": {
            name: {"passed": each.passed, "reason": each.reason, "by": each.by, "at": moment(each.at)}
            for name, each in known.checks.items()
        },
        "asked": dict(known.asked),
        "refused": known.refused_because,
        "late_allowed": known.late_allowed,
        "lobby_at": moment(known.lobby_at),
        **briefings_of(known),
        "deadline": moment(state.deadline(known)),
        "extra_minutes": known.extra_minutes,
        "held": state.holds(known),
        "referred": known.referred,
        "suspended": known.suspended_because,
        "absent_since": moment(known.absent_since),
        "hand_raised_at": moment(known.hand_raised_at),
        "materials_received": sorted(known.materials_received),
        "lists_seen": known.closing_seen,
        "admitted_at": moment(known.admitted_at),
        "paper": paper_receipts(known),
        "answer": {
            "revision": known.revision,
            "saved_at": moment(known.saved_at),
            "characters": len(known.text),
        },
        "files": [file(work) for work in known.files],
        "submitted_at": moment(known.submitted_at),
        "submission": known.submission,
        "awaited": [declared(each) for each in known.awaited],
        "awaited_until": moment(state.awaited_until(known)) if known.declared else None,
        "completed_at": moment(known.completed_at),
        "incomplete_at": moment(known.incomplete_at),
        "late_files": [late_file(late) for late in known.late_files],
        "late_texts": [late_text(late) for late in known.late_texts],
        "violations": known.violations,
        "acts": {subject: act(done) for subject, done in known.acts.items()},
        "phone": {"paired_at": moment(known.phone.paired_at)} if known.phone else None,
    }


def _losses(state: Room, known: Sitting) -> list[dict[str, Any]]:
    """The last times without connection until the hand-in, or until the candidate's time was over: who closes the page
    then loses nothing.

    While the office has to decide about a held room nobody's time is over for good.
    """
    ends = (known.submitted_at, state.deadline(known) if state.hold is None else None)
    over = min((end for end in ends if end is not None), default=None)
    found = []
    for each in known.losses:
        until = each.until
        if over is not None:
            if each.since > over:
                continue
            if known.submitted_at or state.submission_closed or (until is not None and until > over):
                until = min(until or over, over)
        found.append({"from": moment(each.since), "to": moment(until), "cause": each.cause})
    return found[-LOSSES_SHOWN:]


def _pending(known: Sitting, asks: Pending) -> dict[str, Any]:
    """A device that asks to take over, as staff sees it beside the one in use."""
    before = known.declined.get(asks.device)
    declined = {"by": before.by, "at": moment(before.at), "reason": before.reason} if before else None
    return {"epoch": asks.epoch, "device": asks.device_report, "still": _still(asks.still), "declined": declined}


def _still(taken: Photo | None) -> dict[str, Any] | None:
    """What was measured of the camera's picture at the device check."""
    return {"brightness": taken.brightness, "sharpness": taken.sharpness} if taken else None


def own_sitting(state: Room, known: Sitting) -> dict[str, Any]:
    """A sitting as the candidate sees it: without what staff found and noted of others' business."""
    found = {name: {"passed": made.passed, "reason": made.reason} for name, made in known.checks.items()}
    asks = {"epoch": known.asking.epoch} if known.asking else None
    return {**sitting(state, known), "pending": asks, "checks": found, "violations": 0, "acts": {}}


def waiting_page(state: Room, known: Sitting) -> dict[str, Any]:
    """A sitting as a page at another device sees it while it asks to take over: nothing of the work."""
    before = known.declined.get(known.pending.device) if known.pending else None
    declined = {"at": moment(before.at), "reason": before.reason} if before else None
    return {
        **sitting(state, known),
        "pending": {"epoch": known.pending.epoch, "declined": declined} if known.pending else None,
        "device": None,
        "photos": {},
        "still": None,
        "checks": {},
        "asked": {},
        "paper": {"fetched_at": None, "key_at": None, "opened_at": None},
        "answer": {"revision": 0, "saved_at": None, "characters": 0},
        "files": [],
        "submission": None,
        "awaited": [],
        "late_files": [],
        "late_texts": [],
        "violations": 0,
        "acts": {},
        "phone": None,
    }


def concerns(sent: Message, candidate: str) -> bool:
    """Whether a candidate may see what was written: the own words, and what staff wrote to them or to all."""
    return sent.by == candidate if sent.from_candidate else candidate in (sent.to or (candidate,))


def staff(state: Room) -> list[dict[str, Any]]:
    """Who works in the room, whether they are there, and when they first came."""
    entries = state.first_entries
    return [
        {
            "subject": each.staff,
            "full_name": each.full_name,
            "role": each.role,
            "unit": each.unit,
            "acknowledged": each.acknowledged,
            "present": each.staff in state.present,
            "first_entry": (
                {
                    "at": moment(entries[each.staff].at),
                    "minutes_before_start": entries[each.staff].minutes_before_start,
                }
                if each.staff in entries
                else None
            ),
        }
        for each in state.staff.values()
    ]


def shift(state: Room) -> dict[str, Any] | None:
    """The room as it is offered to another invigilator, with what is open now."""
    if state.shift is None:
        return None
    return {
        "by": state.shift.by,
        "to": state.shift.to,
        "note": state.shift.note,
        "matters": list(open_matters(state)),
        "seq": _seq(state, "shift"),
    }


def shift_lapsed(state: Room) -> dict[str, Any] | None:
    """An offer that stands no more, since the person it was made to runs the room no more; for who made it."""
    lapsed = state.shift_lapsed
    if lapsed is None or state.runs(lapsed.to):  # assigned again since
        return None
    return {"by": lapsed.by, "to": lapsed.to, "full_name": lapsed.full_name}


def violation(each: Violation) -> dict[str, Any]:
    """A noted violation as staff see it."""
    noted, still = each.noted, each.still
    return {
        "violation": noted.violation,
        "candidate": noted.candidate,
        "category": noted.category,
        "text": noted.text,
        "by": noted.by,
        "at": moment(each.at),
        "from": moment(noted.since),
        "to": moment(noted.until),
        "status": each.status,
        "decision": act(each.decision) if each.decision else None,
        "still": (
            {"still": still.still, "taken_at": moment(still.taken_at), "width": still.width, "height": still.height,
             "sha256": still.sha256}
            if still
            else None
        ),
        "still_missing": each.still_missing,
    }


def note(each: Note) -> dict[str, Any]:
    """An invigilator's note, for staff."""
    added = each.added
    return {
        "note": added.note,
        "candidate": added.candidate,
        "violation": added.violation,
        "text": added.text,
        "by": added.by,
        "at": moment(each.at),
    }


def material(each: Material) -> dict[str, Any]:
    """A correction or a further file."""
    given = each.given
    return {
        "material": given.material,
        "nature": given.nature,
        "title": given.title,
        "text": given.text,
        "file": {"sha256": given.sha256, "bytes": given.bytes, "type": given.type} if given.sha256 else None,
        "at": moment(each.at),
    }


def briefings(state: Room) -> dict[str, Any]:
    """Which briefings of the whole room were held, by topic: as they were held last."""
    return {
        topic: {
            "by": held.by, "at": moment(held.at), "present": held.present, "times": held.times,
            "seq": _seq(state, f"briefing_{topic}"),
        }
        for topic, held in state.briefings.items()
    }  # fmt: skip


def briefings_of(known: Sitting) -> dict[str, Any]:
    """Which briefings this candidate had, of those which ones alone, since they had been held without the candidate,
    and which the candidate confirmed."""
    return {
        "briefed": sorted(known.briefed),
        "briefed_alone": sorted(known.briefed - known.briefings_attended),
        "briefings_read": sorted(known.briefings_read),
    }


def paper_receipts(known: Sitting) -> dict[str, Any]:
    """When the paper that counts reached this candidate, step by step."""
    return {
        "fetched_at": moment(known.paper_fetched_at),
        "key_at": moment(known.key_delivered_at),
        "opened_at": moment(known.paper_opened_at),
    }


def words_left(known: Sitting) -> list[dict[str, Any]]:
    """What other devices of the candidate had not saved when this one took their place, for the page that writes."""
    return [
        {"sha256": each.sha256, "text": each.text, "at": moment(each.at)}
        for device, each in known.words_left.items()
        if device != known.device
    ]


def lists(state: Room) -> dict[str, Any] | None:
    """The two lists as published to the room (A14.2dd); who is only in the minutes is not told."""
    if state.closing is None:
        return None
    return {
        "version": state.closing.version,
        "did_not_submit": list(state.closing.did_not_submit),
        "violated": list(state.closing.violated),
        "at": moment(state.closing_at),
        "seq": _seq(state, "closing"),
    }


def staff_lists(state: Room) -> dict[str, Any] | None:
    """The two lists for staff: with the candidate numbers, by which they tell namesakes apart."""
    published = lists(state)
    if published is None or state.closing is None:
        return None
    return {**published, "numbers": closing.numbers(state, state.closing)}


def message(sent: Message) -> dict[str, Any]:
    return {
        "message": sent.message,
        "from": sent.by,
        "to": "staff" if sent.from_candidate else list(sent.to) or "room",
        "answers": sent.answers,
        "text": sent.text,
        "at": moment(sent.at),
    }


def submission(state: Room, known: Sitting) -> dict[str, Any] | None:
    """What a receipt says of the work, before the ledger's signature is added; None before submission."""
    if known.manifest is None:
        return None
    manifest = json.loads(known.manifest)
    return {
        "submission": known.submission,
        "sha256": known.submission_sha256,
        "received_at": moment(known.submitted_at),
        "text_sha256": manifest["text"]["sha256"],
        "files": [{key: entry[key] for key in ("file", "name", "sha256")} for entry in manifest["files"]],
        "awaited": [declared(each) for each in known.awaited],
        "awaited_until": moment(state.awaited_until(known)) if known.declared else None,
        "completed": (
            {"at": moment(known.completed_at), "sha256": known.completion_sha256} if known.completed_at else None
        ),
        "missing": known.incomplete_at is not None,
        "collected": {"because": known.collected_because or None} if known.collected else None,
    }
