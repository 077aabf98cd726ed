"""After submit-by: the two lists (A14.2dd) and the hand-over to the training office (A14.2e)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from proctor.exam import closing, coverage
from proctor.exam import events as e
from proctor.exam.articles import cited
from proctor.exam.decisions.conditions import done_before, iso
from proctor.exam.room import Decision, Room, Violation
from proctor.regulation.refusal import Refusal

RECORDED = (
    "segment", "started_at", "ended_at", "sha256", "stored_sha256", "width", "height", "video_frames", "audio_packets",
    "holes",
)  # fmt: skip
"""What is handed over of a segment, as far as it was told of it."""


def lists(room: Room) -> e.ClosingPublished:
    """The lists as they would be published now; by nobody.

    Where no paper went out (the server missed the release, or no invigilator was there) nobody failed to hand in. Who
    broke a rule here and then left the roster is named for that alone.
    """
    confirmed = {
        each.noted.candidate for each in room.violations.values() if each.status == "confirmed" and _came(room, each)
    }
    rows = [
        closing.Row(
            known.candidate, known.full_name, known.admitted_at is not None, known.submitted_at,
            known.candidate in confirmed, known.connected, room.released_at is None or bool(known.referred),
        )
        for known in room.sittings.values()
    ]  # fmt: skip
    rows += [
        closing.Row(gone.candidate, gone.full_name, False, None, True, False, excused=True)
        for gone in room.moved_out.values()
        if gone.candidate in confirmed
    ]
    ruling = closing.publication(rows, publish_absent=room.rules.publish_absent, regime=room.regime)
    return e.ClosingPublished(version=(room.closing.version if room.closing else 0) + 1, by="", **ruling.values)


def _came(room: Room, violation: Violation) -> bool:
    """Whether somebody came to the lobby at all: who never did broke no rule of the exam, whatever was noted beside
    the name, and is in the minutes only (A14.2dd.2, X32). The note stays on the log and in the manifest."""
    candidate = violation.noted.candidate
    known = room.sittings.get(candidate) or room.moved_out.get(candidate)
    return known is not None and known.lobby_at is not None


def _published_before(room: Room, lists_now: e.ClosingPublished) -> bool:
    before = room.closing
    if before is None or (before.did_not_submit, before.violated) != (lists_now.did_not_submit, lists_now.violated):
        return False
    known = before.who_did_not_submit or before.who_violated
    return not known or _who(before) == _who(lists_now)  # a namesake in the place of another is a correction too


def _who(published: e.ClosingPublished) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return published.who_did_not_submit, published.who_violated


def numbers(room: Room, published: e.ClosingPublished) -> dict[str, list[str]]:
    """The candidate numbers beside the names of the two lists, for staff alone: full names are all that is published
    (A14.2dd), and two candidates may have the same. Empty for lists of which it is not recorded who is on them."""
    everybody = {**room.moved_out, **room.sittings}
    named = {"did_not_submit": published.who_did_not_submit, "violated": published.who_violated}
    return {which: [everybody[each].number for each in who] for which, who in named.items()}


def outdated(room: Room) -> bool:
    """Whether lists are published that would be others now: a note was decided since, or somebody was referred."""
    return room.closing is not None and not _published_before(room, lists(room))


def undecided(room: Room) -> int:
    """How many noted violations nobody has confirmed or dismissed."""
    return sum(each.status == "reported" for each in room.violations.values())


def preview_lists(room: Room) -> dict[str, Any]:
    """What `publish_lists` would publish now, by which digest, whether that is published already, and how many
    noted violations are in neither list because nobody has decided them."""
    may_be_published(room)
    now = lists(room)
    return {
        "did_not_submit": now.did_not_submit, "violated": now.violated, "numbers": numbers(room, now),
        "undecided": undecided(room), "changes": not _published_before(room, now), "seen": _shown(room, now),
    }  # fmt: skip


def _shown(room: Room, lists_now: e.ClosingPublished) -> str:
    """By this a page says which lists it showed, and of how many it said that they are undecided."""
    shown = [lists_now.did_not_submit, lists_now.violated, *_who(lists_now), undecided(room)]
    named = json.dumps(shown, ensure_ascii=False)
    return hashlib.sha256(named.encode()).hexdigest()


def may_be_published(room: Room) -> None:
    """Refuse lists before the last deadline, and while the office has to decide how the room goes on."""
    if room.hold is not None:
        raise Refusal("room_held")
    if not room.submission_closed:
        raise Refusal("not_closed", submit_by=iso(room.last_deadline()))


def publish_lists(
    room: Room, now: datetime, *, by: str, reason: str, replaces: int = 0, seen: str = ""
) -> Decision:
    """Publish the two lists to all candidates of the room, empty ones too, after the last personal deadline.

    A later version names the number of the one before in `replaces`, needs a reason, and has to say something else.
    `seen` is the digest of the lists that the page showed: full names go to all the room, so others than those read
    before do not go out (`lists_changed`).
    """
    may_be_published(room)
    published = replace(lists(room), by=by, reason=reason)
    if room.closing is not None:
        if done_before(room, room.acts.get("closing"), by=by, act="published", replaces=replaces, reason=reason):
            return Decision(answer={"version": room.closing.version})
        if _published_before(room, published):
            return Decision(answer={"version": room.closing.version})
        if not reason.strip():
            raise Refusal("reason_needed")
    if seen and seen != _shown(room, published):
        raise Refusal("lists_changed")
    return Decision((published,), {"version": published.version})


def see_lists(room: Room, now: datetime, candidate: str, version: int) -> Decision:
    """The candidate's page showed the lists; after the end too, see `conditions.not_ended`."""
    known = room.sitting(candidate)
    if room.closing is None or version > room.closing.version:
        raise Refusal("not_found", what="closing")
    if known.closing_seen >= version:
        return Decision()
    return Decision((e.ClosingSeen(candidate=candidate, version=version),))


def may_hand_over(room: Room) -> None:
    """Refuse a hand-over that would lack something; see `hand_over`."""
    if room.hold is not None:
        raise Refusal("room_held")
    if not room.ended:
        raise Refusal("room_not_over", end_at=iso(room.schedule.end_at))
    if room.closing is None:
        raise Refusal("lists_first", citation=cited(room.regime, "A14.2dd"))
    if room.handover is not None and room.handover.received_at is not None:
        raise Refusal("handed_over")
    if count := undecided(room):
        raise Refusal("violations_undecided", count=count)
    if outdated(room):
        raise Refusal("lists_outdated", citation=cited(room.regime, "A14.2dd"))


def hand_over(
    room: Room,
    now: datetime,
    *,
    by: str,
    handover: str,
    log_head: tuple[int, str],
    extra: Iterable[dict[str, Any]] = (),
    replaces: int = 0,
) -> Decision:
    """Hand everything of the room to the training office (A14.2e): a manifest of all that there is, by digest.

    Only once the room is over: while it is recorded, and while files of submissions may follow, something would be
    missing; and only when every noted violation is decided and stands in the published lists. `log_head` is number
    and hash of the log's last entry before this one. Until the office confirmed it, it is made anew by naming the
    number of the one before in `replaces`.
    """
    may_hand_over(room)
    standing = room.acts.get("handover") if room.handover else None  # lists that were corrected since take it back
    if done_before(room, standing, by=by, act="handed_over", replaces=replaces):
        assert room.handover is not None
        return Decision(answer={"handover": room.handover.handover, "sha256": room.handover.sha256})
    manifest = json.dumps(_handover_manifest(room, now, handover, log_head, extra), ensure_ascii=False, indent=1)
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    return Decision(
        (e.HandedOver(handover=handover, manifest=manifest, sha256=digest, by=by),),
        {"handover": handover, "sha256": digest},
    )


def receive_handover(room: Room, now: datetime, handover: str) -> Decision:
    """The training office confirms the hand-over; saying it again changes nothing.

    Raises Refusal `handover_outdated` when a decision since made the lists in it wrong: they are published and handed
    over anew.
    """
    if room.handover is None or room.handover.handover != handover:
        raise Refusal("not_found", what="handover")
    if room.handover.received_at:
        return Decision()
    if outdated(room):
        raise Refusal("handover_outdated", citation=cited(room.regime, "A14.2dd"))
    return Decision((e.HandoverReceived(handover=handover),))


def _paper_of(room: Room, submitted_at: datetime) -> str | None:
    """The digest of the paper that work handed in then answers, which a reserve may have replaced since."""
    paper = room.paper_at(submitted_at)
    return paper.sha256 if paper else None


def _violation_report(room: Room, name: str, each: Violation) -> dict[str, Any]:
    """Kind, person, facts, evidence and status of a noted violation (A14.2dd.2, A25.1): who noted what, with the words
    added since, and who decided it why. `by` and `decided_by` are numbers of members of staff, as on the log."""
    noted, decision, still = each.noted, each.decision, each.still
    return {
        "violation": name, "candidate": noted.candidate, "category": noted.category, "text": noted.text,
        "by": noted.by, "at": iso(each.at),
        "from": iso(noted.since) if noted.since else None, "to": iso(noted.until) if noted.until else None,
        "notes": [
            {"text": note.added.text, "by": note.added.by, "at": iso(note.at)}
            for note in room.notes
            if note.added.violation == name
        ],
        "status": each.status, "decided_by": decision.by if decision else None,
        "decided_at": iso(decision.at) if decision else None, "reason": decision.reason if decision else "",
        "still": {"still": still.still, "sha256": still.sha256, "bytes": still.bytes, "taken_at": iso(still.taken_at)}
        if still else None,
        "still_missing": each.still_missing,
    }  # fmt: skip


def _handover_manifest(
    room: Room, now: datetime, handover: str, log_head: tuple[int, str], extra: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    assert room.closing is not None
    return {
        "format": 3,
        "handover": handover,
        "exam": room.exam,
        "room": room.room,
        "regime": room.regime,
        "made_at": iso(now),
        "ended_at": iso(room.schedule.end_at),
        "log": {"entries": log_head[0], "head": log_head[1]},
        "paper": {"sha256": room.paper.sha256, "bytes": room.paper.bytes} if room.paper else None,
        "papers_replaced": [{"sha256": each.sha256, "bytes": each.bytes} for each in room.papers_before],
        "materials": [
            {"material": each.given.material, "nature": each.given.nature, "title": each.given.title,
             "text": each.given.text, "sha256": each.given.sha256, "bytes": each.given.bytes, "at": iso(each.at),
             "received_by": [
                 known.candidate for known in room.sittings.values()
                 if each.given.material in known.materials_received
             ]}
            for each in room.materials
        ],
        "submissions": [
            {
                "candidate": known.candidate, "number": known.number, "full_name": known.full_name,
                "submission": known.submission, "sha256": known.submission_sha256,
                "received_at": iso(known.submitted_at), "paper": _paper_of(room, known.submitted_at),
                "completed_at": iso(known.completed_at) if known.completed_at else None,
                "missing": [{"name": each.name, "sha256": each.sha256} for each in known.awaited],
            }
            for known in room.sittings.values()
            if known.submitted_at
        ],
        "not_submitted": [
            {"candidate": known.candidate, "number": known.number, "revision": known.revision,
             "text_sha256": known.text_sha256, "admitted": known.admitted_at is not None}
            for known in room.sittings.values()
            if not known.submitted_at
        ],
        "rejected": [
            {"candidate": known.candidate, "name": late.work.name, "sha256": late.work.sha256,
             "received_at": iso(late.received_at), "why": late.why}
            for known in room.sittings.values()
            for late in known.late_files
        ] + [
            {"candidate": known.candidate, "name": "answer.txt", "sha256": late.sha256,
             "received_at": iso(late.received_at), "why": late.why}
            for known in room.sittings.values()
            for late in known.late_texts
        ],
        "taken_out": [  # by the candidate, of the work, before it was handed in
            {"candidate": known.candidate, "file": removed.work.file, "name": removed.work.name,
             "sha256": removed.work.sha256, "bytes": removed.work.bytes,
             "received_at": iso(removed.work.at) if removed.work.at else None, "removed_at": iso(removed.removed_at)}
            for known in room.sittings.values()
            for removed in known.files_removed
        ],
        "words_left": [  # what a device had not saved when another one took its place
            {"candidate": known.candidate, "name": "answer.txt", "sha256": words.sha256,
             "bytes": len(words.text.encode()), "received_at": iso(words.at)}
            for known in room.sittings.values()
            for words in known.all_words_left
        ],
        "lists": {
            "version": room.closing.version, "did_not_submit": room.closing.did_not_submit,
            "violated": room.closing.violated, "absent": room.closing.minutes_only,
        },
        "violations": [
            _violation_report(room, name, each)
            for name, each in room.violations.items()
        ],
        "photographs": [
            {"candidate": taken.candidate, "photo": taken.photo, "subject": taken.subject, "sha256": taken.sha256,
             "bytes": taken.bytes}
            for known in (*room.sittings.values(), *room.moved_out.values())
            for taken in known.photographs
        ],
        "recordings": [
            {"candidate": known.candidate, **{key: segment[key] for key in RECORDED if key in segment}}
            for known in room.sittings.values()
            for segment in known.recorded()
        ],
        "gaps": [
            {"candidate": known.candidate, "from": iso(gap.since), "to": iso(gap.until), "missing": gap.missing,
             "cause": gap.cause}
            for known in room.sittings.values()
            for gap in coverage.gaps(room, known, now)
        ],
        "further": list(extra),
    }  # fmt: skip
