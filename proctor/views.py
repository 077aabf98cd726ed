"""How a room and its sittings look to pages: plain dictionaries in the shapes of docs/PROTOCOL.md ("Objects")."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from proctor.exam.room import Message, Room
from proctor.exam.schedule import Schedule
from proctor.exam.sitting import Sitting, WorkFile


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def times(schedule: Schedule) -> dict[str, Any]:
    return {
        "staff_entry_at": moment(schedule.staff_entry_at()),
        "starts_at": moment(schedule.starts_at),
        "release_at": moment(schedule.release_at),
        "working_minutes": schedule.working_minutes,
        "submit_by": moment(schedule.submit_by),
        "end_at": moment(schedule.end_at),
    }


def room(state: Room, now: datetime) -> dict[str, Any]:
    return {
        "room": state.room,
        "exam": state.exam,
        "title": state.title,
        "exam_title": state.exam_title,
        "phase": state.phase(now),
        "times": times(state.schedule),
        "released_at": moment(state.released_at),
        "release_held": state.release_held,
        "invigilator_present": bool(state.invigilators_present()),
        "paper": {"bytes": state.paper.bytes, "sha256": state.paper.sha256} if state.paper else None,
        "server_time": moment(now),
        "seq": state.seq,
    }


def file(work: WorkFile) -> dict[str, Any]:
    return {
        "file": work.file,
        "name": work.name,
        "type": work.type,
        "bytes": work.bytes,
        "received": work.bytes,
        "sha256": work.sha256,
        "source": "phone" if work.phone else "page",
        "looks": work.looks,
    }


def sitting(known: Sitting) -> dict[str, Any]:
    return {
        "candidate": known.candidate,
        "number": known.number,
        "full_name": known.full_name,
        "state": known.state,
        "epoch": known.epoch,
        "readmission": known.readmission,
        "pending_epoch": known.pending.epoch if known.pending else None,
        "connected": known.connected,
        "connection_changed_at": moment(known.connection_changed_at),
        "device": known.device_report,
        "consented_at": moment(known.consented_at),
        "admitted_at": moment(known.admitted_at),
        "paper": {
            "fetched_at": moment(known.paper_fetched_at),
            "key_at": moment(known.key_delivered_at),
            "opened_at": moment(known.paper_opened_at),
        },
        "answer": {
            "revision": known.revision,
            "saved_at": moment(known.saved_at),
            "characters": len(known.text),
        },
        "files": [file(work) for work in known.files],
        "submitted_at": moment(known.submitted_at),
        "submission": known.submission,
        "violations": known.violations,
        "phone": {"paired_at": moment(known.phone.paired_at)} if known.phone else None,
    }


def waiting_page(known: Sitting) -> dict[str, Any]:
    """A sitting as a page at another device sees it while it asks to take over: nothing of the work."""
    return {
        **sitting(known),
        "device": None,
        "paper": {"fetched_at": None, "key_at": None, "opened_at": None},
        "answer": {"revision": 0, "saved_at": None, "characters": 0},
        "files": [],
        "submission": None,
        "violations": 0,
        "phone": None,
    }


def message(sent: Message) -> dict[str, Any]:
    return {
        "message": sent.message,
        "from": sent.by,
        "to": list(sent.to) or "room",
        "text": sent.text,
        "at": moment(sent.at),
    }


def submission(known: Sitting) -> dict[str, Any] | None:
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
    }
