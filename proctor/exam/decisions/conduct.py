"""What staff note and decide of candidates, and what is said between them, while the exam runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from proctor.exam import events as e
from proctor.exam.decisions.conditions import done_before, iso, not_ended
from proctor.exam.room import Decision, Room
from proctor.exam.sitting import Sitting, State
from proctor.regulation.refusal import Refusal

VIOLATIONS: Mapping[str, tuple[str, ...]] = {
    # category: the breaches of the regulations that it is a case of
    "phone": ("A25.1d.2", "B35.1"),
    "other_person": ("A25.1d.2", "B35.1"),
    "materials": ("A25.1d.2", "B35.1"),
    "left_view": ("A25.1b",),
    "talking": ("A25.1c", "B35.4"),
    "impersonation": ("A25.1d.2", "B35.2.1"),
    "appearance": ("A24.3",),
    "cybersecurity": ("A25.1a",),
    "other": ("A25.1c", "B35.4"),
}
MAX_TEXT = 2_000
CLOCK_ERROR = timedelta(seconds=5)
"""How far a page may be wrong about the time; what lies that close beyond the range is taken as its end."""


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
    """Keep an invigilator's note of a breach with its time range (A14.2c.8, A25.1).

    Raises Refusal `bad_period` for times that run backwards, are still to come, or lie before the candidate was seen.
    """
    not_ended(room, now)
    since, until = _period(room.sitting(candidate), now, since, until)
    if category not in VIOLATIONS:
        raise Refusal("bad_request", field="category")
    if len(text) > MAX_TEXT:
        raise Refusal("too_large", limit=f"{MAX_TEXT} characters")
    if category == "impersonation" and not text.strip():
        raise Refusal("sitter_needed")  # B35.2.2: who sat, or "unknown"
    noted = e.ViolationNoted(
        candidate=candidate, violation=violation, category=category, text=text, by=by, since=since, until=until
    )
    return Decision((noted,), {"violation": violation})


def _period(
    known: Sitting, now: datetime, since: datetime | None, until: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """The time range as it is kept. Somebody who is not admitted is seen from the lobby on."""
    if since is None and until is None:
        return None, None
    if any(each is not None and each.tzinfo is None for each in (since, until)):
        raise Refusal("bad_request", field="from, to")
    seen_from = known.admitted_at or known.lobby_at
    if seen_from is None:
        raise Refusal("bad_period", seen_from="–", now=iso(now))
    seen_from = min(seen_from, now)  # the system clock was set back since
    earliest, latest = seen_from - CLOCK_ERROR, now + CLOCK_ERROR
    if not all(earliest <= each <= latest for each in (since, until) if each is not None):
        raise Refusal("bad_period", seen_from=iso(seen_from), now=iso(now))
    since, until = (max(seen_from, min(each, now)) if each is not None else None for each in (since, until))
    if since is not None and until is not None and since > until:
        raise Refusal("bad_period", seen_from=iso(seen_from), now=iso(now))
    return since, until


def decide_violation(
    room: Room, now: datetime, *, by: str, violation: str, status: str, reason: str, replaces: int = 0
) -> Decision:
    """Confirm or dismiss a note. Dismissing, and changing a decision, needs a reason.

    Here and below `replaces` is the number of the act that the page shows and this one changes; who comes second is
    refused as `overtaken`.
    """
    known = room.violations.get(violation)
    if known is None:
        raise Refusal("not_found", what="violation")
    if status not in ("confirmed", "dismissed"):
        raise Refusal("bad_request", field="status")
    if done_before(room, known.decision, by=by, act=status, replaces=replaces, reason=reason):
        return Decision(answer={"by": by})
    if not reason.strip() and (status == "dismissed" or known.status != "reported"):
        raise Refusal("reason_needed")
    decided = e.ViolationDecided(
        candidate=known.noted.candidate, violation=violation, status=status, reason=reason, by=by
    )
    return Decision((decided,), {"by": by})


def view_still(room: Room, now: datetime, by: str, violation: str, full_name: str = "") -> Decision:
    """A member of staff looks at the still of a violation (A5.4). `full_name` as for `presence.knock`."""
    known = room.violations.get(violation)
    if known is None:
        raise Refusal("not_found", what="violation")
    named = "" if by in room.staff else full_name
    viewed = e.StillViewed(candidate=known.noted.candidate, violation=violation, by=by, full_name=named)
    return Decision((viewed,))


def stills_lost(room: Room) -> list[e.StillMissing]:
    """The violations whose still was being made when the server went away."""
    return [
        e.StillMissing(candidate=each.noted.candidate, violation=violation, why="server_restarted")
        for violation, each in room.violations.items()
        if each.still is None and not each.still_missing and each.noted.candidate in room.sittings
    ]


def suspend(
    room: Room, now: datetime, *, by: str, candidate: str, reason: str, replaces: int = 0
) -> Decision:
    """Take the exam from a candidate: a person's recorded act, never the server's."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if not reason.strip():
        raise Refusal("reason_needed")
    if known.state is not State.ADMITTED:
        raise Refusal("already_submitted" if known.state is State.SUBMITTED else "not_admitted")
    standing = known.acts.get("suspension")
    if done_before(room, standing, by=by, act="suspended", replaces=replaces, reason=reason):
        return Decision()
    return Decision((e.SittingSuspended(candidate=candidate, reason=reason, by=by),))


def resume(
    room: Room, now: datetime, *, by: str, candidate: str, reason: str, replaces: int = 0
) -> Decision:
    """Let a suspended candidate go on."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if not reason.strip():
        raise Refusal("reason_needed")
    standing = known.acts.get("suspension")
    if done_before(room, standing, by=by, act="resumed", replaces=replaces, reason=reason):
        return Decision()
    if not known.suspended_because:
        return Decision()
    return Decision((e.SittingResumed(candidate=candidate, reason=reason, by=by),))


def begin_absence(
    room: Room, now: datetime, *, by: str, candidate: str, why: str, replaces: int = 0
) -> Decision:
    """The candidate leaves the view by leave."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.state is not State.ADMITTED:
        raise Refusal("not_admitted")
    standing = known.acts.get("absence")
    if done_before(room, standing, by=by, act="left", replaces=replaces, reason=why) or known.absent_since:
        return Decision()
    return Decision((e.AbsenceBegan(candidate=candidate, why=why, by=by),))


def end_absence(room: Room, now: datetime, *, by: str, candidate: str, replaces: int = 0) -> Decision:
    """The candidate is back."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if done_before(room, known.acts.get("absence"), by=by, act="back", replaces=replaces) or not known.absent_since:
        return Decision()
    return Decision((e.AbsenceEnded(candidate=candidate, by=by),))


def send_message(
    room: Room, now: datetime, *, by: str, message: str, to: tuple[str, ...], text: str, answers: str = ""
) -> Decision:
    """Write to candidates; an empty `to` is the whole room. `answers` names a candidate's message."""
    not_ended(room, now)
    for candidate in to:
        room.sitting(candidate)
    if not text.strip() or len(text) > MAX_TEXT:
        raise Refusal("bad_request", field="text")
    if answers:
        asked = next((sent for sent in room.messages if sent.message == answers and sent.from_candidate), None)
        if asked is None or (to and asked.by not in to):  # whoever asked has to hear it
            raise Refusal("not_found", what="message")
    return Decision((e.MessageSent(message=message, to=to, text=text, by=by, answers=answers),), {"message": message})


def see_message(room: Room, now: datetime, candidate: str, message: str) -> Decision:
    """The candidate read a message; saying it again changes nothing."""
    not_ended(room, now)
    found = next((sent for sent in room.messages if sent.message == message and not sent.from_candidate), None)
    if found is None or candidate not in (found.to or (candidate,)):
        raise Refusal("not_found", what="message")
    if candidate in found.seen_by:
        return Decision()
    return Decision((e.MessageSeen(candidate=candidate, message=message),))


def write(room: Room, now: datetime, *, candidate: str, message: str, text: str) -> Decision:
    """A candidate writes to the staff of the room, from the first connection on: whose camera fails, or who comes too
    late, needs them most. Other candidates never see it (A7.2b)."""
    not_ended(room, now)
    room.sitting(candidate)
    if not text.strip() or len(text) > MAX_TEXT:
        raise Refusal("bad_request", field="text")
    return Decision((e.CandidateWrote(candidate=candidate, message=message, text=text),), {"message": message})


def raise_hand(room: Room, now: datetime, candidate: str) -> Decision:
    """The candidate asks for an invigilator; doing it again changes nothing."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.state is State.EXPECTED:
        raise Refusal("not_admitted")
    return Decision(() if known.hand_raised_at else (e.HandRaised(candidate=candidate),))


def lower_hand(room: Room, now: datetime, candidate: str, by: str) -> Decision:
    """Somebody came, or the candidate took it back."""
    not_ended(room, now)
    return Decision((e.HandLowered(candidate=candidate, by=by),) if room.sitting(candidate).hand_raised_at else ())
