"""The sealed paper: ciphertext ahead of time, the key at release, the receipt that it was opened.

What comes after it: the reserve paper in its place, corrections and further files to all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from proctor.exam import events as e
from proctor.exam.decisions.conditions import at_work, done_before, iso, not_ended, serves_somebody
from proctor.exam.room import Decision, Paper, Room
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal

BRIEFINGS = ("rules", "submission")
MAX_DELAY_MINUTES = 120
MAX_MATERIAL_BYTES = 20_000_000


def fetch_paper(room: Room, now: datetime, candidate: str, device: str) -> Decision:
    """The ciphertext may go to an admitted candidate at the bound device."""
    known = at_work(room, candidate)
    if known.device != device:
        raise Refusal("readmission_needed")
    if room.paper is None:
        raise Refusal("not_found", what="paper")
    return Decision((e.PaperFetched(candidate=candidate, sha256=room.paper.sha256),))


def release(room: Room, now: datetime) -> Decision:
    """Release the paper if its time has come and an invigilator is present; hold it otherwise (A14.2b.6, X28).

    It goes out in the name of the one who took the shift, and otherwise of the one who came first (X34).

    A briefing that was not held by then is an alarm; it does not hold the paper (A14.2c.3, A14.2c.4). Of regime B no
    paper goes out that the head of the academic unit did not confirm (B22.4), whatever else was decided about it.
    """
    due = room.release_due_at() <= now <= room.schedule.submit_by
    if not due or room.released_at is not None or not room.paper_stands or not room.published:
        return Decision()
    if room.hold is not None or room.called_off:
        return Decision()
    present = room.invigilators_present()
    if not present:
        return Decision(() if room.release_held else (e.ReleaseHeld(),))
    missing = tuple(topic for topic in BRIEFINGS if topic not in room.briefings)
    alarm = (e.BriefingsMissing(topics=missing),) if missing else ()
    return Decision((e.PaperReleased(by=present[0]), *alarm, *_keys(room, present[0])))


def _keys(room: Room, by: str) -> list[e.PaperKeyDelivered]:
    return [
        key_delivered(room, known.candidate, by)
        for known in room.sittings.values()
        if known.state is State.ADMITTED and known.connected
    ]


def key_delivered(room: Room, candidate: str, by: str) -> e.PaperKeyDelivered:
    """The key of the room's paper goes to a page that is there."""
    return e.PaperKeyDelivered(candidate=candidate, sha256=room.paper.sha256 if room.paper else "", by=by)


def delay_release(
    room: Room, now: datetime, *, by: str, until: datetime, reason: str, replaces: int = 0
) -> Decision:
    """Put the release off, with a reason (reading X34). The office is asked to shift the later times equally.

    A further delay names the number of the one before in `replaces`; who comes second is `overtaken`.
    """
    may_delay(room, now)
    if not reason.strip():
        raise Refusal("reason_needed")
    before = room.delay.until if room.delay else None
    act = "delayed" if until == before else ""  # the same person with another time is no page that asks again
    if done_before(room, room.acts.get("delay"), by=by, act=act, replaces=replaces, reason=reason):
        return Decision()
    if until <= max(now, room.release_due_at()):
        raise Refusal("bad_request", field="until")
    if until > _latest(room):
        raise Refusal("delay_too_long", until=iso(_latest(room)))
    return Decision((e.ReleaseDelayed(until=until, reason=reason, by=by),))


def may_delay(room: Room, now: datetime) -> None:
    """Refuse any delay of the release: of a paper that is out, of no exam, of one that the office decides on, or beyond
    the latest moment there is."""
    not_ended(room, now)
    if room.released_at is not None:
        raise Refusal("already_released")
    if room.called_off:
        raise Refusal("called_off")
    if room.hold is not None:
        raise Refusal("room_held")
    if _latest(room) <= max(now, room.release_due_at()):
        raise Refusal("delay_too_long", until=iso(_latest(room)))


def _latest(room: Room) -> datetime:
    return min(room.schedule.release_at + timedelta(minutes=MAX_DELAY_MINUTES), room.schedule.submit_by)


def may_have_key(room: Room, candidate: str) -> bool:
    """Whether the paper's key may go to this candidate."""
    return room.released_at is not None and room.sitting(candidate).state in (State.ADMITTED, State.SUBMITTED)


def open_paper(room: Room, now: datetime, candidate: str, sha256: str) -> Decision:
    """The page showed the paper of that digest, sealed. One that a reserve took the place of is no receipt of it."""
    not_ended(room, now)
    if not may_have_key(room, candidate):
        raise Refusal("not_released")
    known = room.sitting(candidate)
    counts = room.paper if known.submitted_at is None else room.paper_at(known.submitted_at)
    if known.paper_opened_at or counts is None or sha256 != counts.sha256:
        return Decision()
    return Decision((e.PaperOpened(candidate=candidate, sha256=sha256),))


def use_reserve(
    room: Room, now: datetime, *, sha256: str, size: int, reason: str
) -> Decision:
    """Put the reserve paper in the place of the paper, before or after the release, for all of the room.

    In regime B the head of the academic unit has confirmed it first, like any paper (B22.4). Who has handed in did so
    against the paper before, and keeps its receipts; once nobody can write any more there is nothing to replace.
    """
    serves_somebody(room, now)
    if not reason.strip():
        raise Refusal("reason_needed")
    if room.paper is not None and room.paper.sha256 == sha256:
        return Decision()
    if room.regime == "B" and sha256 not in room.papers_confirmed:
        raise Refusal("paper_unconfirmed", citation="B22.4")
    used = e.ReservePaperUsed(sha256=sha256, bytes=size, reason=reason)
    anew = replace(room, paper=Paper(sha256, size))
    return Decision((used, *(_keys(anew, room.released_by) if room.released_at is not None else ())))


def give_material(
    room: Room, now: datetime, *, material: str, nature: str, title: str, text: str,
    file: tuple[str, int, str] | None, ahead: bool = False,
) -> Decision:
    """A correction of the paper or a further file goes to all (A7.2a); `file` is (SHA-256, bytes, media type).

    Where the paper is not released yet it may be given `ahead`, as beside another room of the exam that has the paper:
    it is on the log, and nobody in the room is shown it before the paper. What was given already, under the same
    identifier, is not given twice.

    Raises Refusal `not_released` otherwise, `work_over`, `nobody_writes` when it would serve nobody any more.
    """
    sha256, size, kind = file or (None, 0, "")
    given = e.MaterialGiven(
        material=material, nature=nature, title=title, text=text, sha256=sha256, bytes=size, type=kind
    )
    before = next((each.given for each in room.materials if each.given.material == material), None)
    if before == given:
        return Decision()
    if before is not None:
        raise Refusal("bad_request", field="act")
    serves_somebody(room, now)
    if room.released_at is None and not ahead:
        raise Refusal("not_released")
    if nature not in ("correction", "file") or not title.strip():
        raise Refusal("bad_request", field="nature, title")
    if not text.strip() and file is None:
        raise Refusal("bad_request", field="text")
    return Decision((given,))


def receive_material(room: Room, now: datetime, candidate: str, material: str) -> Decision:
    """The candidate's page showed it; saying it again changes nothing."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if not any(each.given.material == material for each in room.materials_shown):
        raise Refusal("not_found", what="material")
    if known.admitted_at is None:
        raise Refusal("not_admitted")
    if material in known.materials_received:
        return Decision()
    return Decision((e.MaterialReceived(candidate=candidate, material=material),))
