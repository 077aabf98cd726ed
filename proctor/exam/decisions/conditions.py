"""Conditions that several decisions share."""

from __future__ import annotations

from datetime import datetime

from proctor.exam import entry, submission
from proctor.exam import events as e
from proctor.exam.acts import Act
from proctor.exam.room import Decision, Room
from proctor.exam.schedule import Phase
from proctor.exam.sitting import Sitting, State
from proctor.regulation.refusal import Refusal


def has_ended(room: Room, now: datetime) -> bool:
    return room.ended or room.phase(now) is Phase.ENDED  # what ended stays ended, whatever a clock says later


def not_ended(room: Room, now: datetime) -> None:
    """Refuse what comes after the end of the exam (A14.2b.8).

    A candidate writes nothing then, no receipt either, for what was read or opened after the end is no part of the
    exam. One is taken all the same: that the closing lists were shown (`closing.see_lists`). They may be published and
    corrected after the end, their receipts belong to the publication (A14.2dd), and say nothing of the work.
    """
    if has_ended(room, now):
        raise Refusal("room_ended")


def work_is_over(room: Room, now: datetime, deadline: datetime) -> bool:
    """Whether nobody whose time ends at `deadline` can work any more; a held room may yet be given time."""
    return room.hold is None and now > deadline


def work_goes_on(room: Room, now: datetime) -> None:
    """Refuse what serves the work alone once the exam is called off, or nobody of the room has time left."""
    not_ended(room, now)
    if room.called_off:
        raise Refusal("called_off")
    if work_is_over(room, now, room.last_deadline()):
        raise Refusal("work_over", submit_by=iso(room.last_deadline()))


def serves_somebody(room: Room, now: datetime) -> None:
    """Refuse what serves the work alone when everybody of the room has handed in, or works and comes no more."""
    work_goes_on(room, now)
    if not any(_may_yet_work(room, now, known) for known in room.sittings.values()):
        raise Refusal("nobody_writes")


def _may_yet_work(room: Room, now: datetime, known: Sitting) -> bool:
    if known.state is State.SUBMITTED or known.referred or work_is_over(room, now, room.deadline(known)):
        return False
    coming = entry.late_arrival(
        now, released_at=room.released_at, limit_minutes=room.rules.late_minutes, lobby_at=known.lobby_at,
        allowed=known.late_allowed, regime=room.regime,
    )  # fmt: skip
    return known.state is State.ADMITTED or coming.met


def at_work(room: Room, candidate: str, at: datetime | None = None) -> Sitting:
    """Refuse who is not at work now, or was suspended `at` the moment that counts."""
    known = not_done(room, candidate)
    if known.suspended_because and (at is None or known.suspended_at(at)):
        raise Refusal("suspended", reason=known.suspended_because)
    return known


def not_done(room: Room, candidate: str) -> Sitting:
    """Refuse who was not admitted, or has nothing more to do here; a suspension may end yet."""
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        raise Refusal("already_submitted")
    if known.state is not State.ADMITTED:
        raise Refusal("not_admitted")
    if known.referred:  # who sits again hands nothing in here, whatever time the others are given
        raise Refusal("referred")
    return known


def in_window(room: Room, now: datetime, known: Sitting) -> None:
    """Refuse work outside the candidate's own window; it may yet open again while the room is held for this one."""
    deadline = room.deadline(known)
    ruling = submission.window(room.released_at, deadline, now, regime=room.regime)
    if room.submission_closed:
        raise Refusal("after_submit_by", submit_by=iso(deadline))
    if not ruling.met:
        if room.holds(known):
            raise Refusal("room_held")
        code = "before_release" if "before_release" in ruling.unmet else "after_submit_by"
        raise Refusal(code, submit_by=iso(deadline))


def done_before(
    room: Room, standing: Act | None, *, by: str, act: str, replaces: int, reason: str = ""
) -> bool:
    """Whether this person did just that before: a page that did not hear the answer asks again.

    Raises Refusal `overtaken`, with what stands, if it is not the act that `replaces` names; see `proctor.exam.acts`.
    """
    if standing is None or standing.seq == replaces:
        return False
    if (standing.by, standing.act, standing.reason) == (by, act, reason):
        return True
    raise Refusal("overtaken", **overtaking(room, standing))


def overtaking(room: Room, standing: Act) -> dict[str, str]:
    """What somebody who came second is told."""
    name = room.staff[standing.by].full_name if standing.by in room.staff else standing.by
    return {
        "act": standing.act, "by": standing.by, "name": name, "at": iso(standing.at), "reason": standing.reason
    }  # fmt: skip


def not_let_in(room: Room, now: datetime, refused: e.NotLetIn, answer: Refusal | None = None) -> Decision:
    """Answer somebody with a refusal; what was `refused` is on the log once in ten minutes, see `refusal_is_news`."""
    told_at = room.refused.get(refused.told_as())
    return Decision((refused,) if entry.refusal_is_news(told_at, now) else (), answer)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
