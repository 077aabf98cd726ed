"""A room that was failed: whom that cut off, and how the training office lets the room go on.

    the server down at the release           the whole room waits: no paper goes out
    no invigilator from there to submit-by   the same
    the server down at somebody's deadline   those candidates wait: none is a non-submitter; who still has time goes on
    the server back only just before it      the same for those who were not back in time
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from proctor.exam import events as e
from proctor.exam.decisions.answers import collected_submission
from proctor.exam.decisions.papers import release
from proctor.exam.decisions.times import shift
from proctor.exam.room import REFERRALS, Decision, Hold, Room, apply
from proctor.exam.sitting import FOUND, Sitting, State
from proctor.regulation.refusal import Refusal

NOTICED = timedelta(seconds=15)
"""How long it takes at most until a connection that was lost is known to be: who lost it no longer than this before the
server went, may have lost it by the server."""

COMING_BACK = timedelta(seconds=15)
"""What a page is left to come back in: the server opens its doors only after its rooms, pages look for it every five
seconds at most, and then all of a room sign in and join at the same time."""

LATE_PAPER = timedelta(seconds=30)
"""By how much a paper may come too late, to all at once, before that is no exam any more without the office."""


def held(room: Room, down_since: datetime, now: datetime) -> tuple[e.RoomHeld, ...]:
    """The hold of a room whose server was down from `down_since` until `now`, if it missed anything by that."""
    if not room.published or room.ended:
        return ()
    if room.released_at is not None and not room.submission_closed:
        known_of = room.hold.candidates if room.hold else frozenset()
        missed = tuple(
            candidate
            for candidate, known in room.sittings.items()
            if known.state is State.ADMITTED and down_since < room.deadline(known) < now and candidate not in known_of
        )
        return (e.RoomHeld(missed="deadline", since=down_since, candidates=missed),) if missed else ()
    awaits_paper = room.hold is None and room.released_at is None and room.paper is not None and not room.called_off
    if awaits_paper and down_since < room.release_due_at() < now:
        return (e.RoomHeld(missed="release", since=down_since),)
    return ()


def back_too_late(room: Room, now: datetime) -> tuple[e.RoomHeld, ...]:
    """The hold for those whose time ended so shortly after the server was back that nobody had to be back as well.

    Only of those whom the server took away, and who were not connected again by their own deadline.
    """
    if not room.published or room.ended or room.released_at is None or room.submission_closed:
        return ()
    missed: dict[datetime, list[str]] = {}
    for candidate, known in room.sittings.items():
        counts = known.state is State.ADMITTED and not known.suspended_because and not known.referred
        if counts and not room.holds(known) and room.deadline(known) < now:
            for went, back in reversed(room.outages):
                over = room.deadline(known)
                if back <= over < back + COMING_BACK and _taken_away(known, over, went, back):
                    missed.setdefault(went, []).append(candidate)
                    break
    return tuple(
        e.RoomHeld(missed="deadline", since=went, candidates=tuple(candidates)) for went, candidates in missed.items()
    )


def _taken_away(known: Sitting, moment: datetime, went: datetime, back: datetime) -> bool:
    """Whether it was the server, away from `went` to `back`, that this candidate was not connected at `moment`."""
    loss = known.lost_at(moment)
    return loss is not None and (loss.cause == "server" or went - NOTICED <= loss.since <= back + FOUND)


def never_released(room: Room, now: datetime) -> tuple[e.RoomHeld, ...]:
    """The hold of a room whose time is over without its paper: nobody was there who could release it (A14.2b.6), or
    this process stood still over the release."""
    could = room.paper is not None and room.published and not room.called_off and room.released_at is None
    if not could or room.hold or room.submission_closed or now <= room.last_deadline() or not room.sittings:
        return ()
    return (e.RoomHeld(missed="invigilator" if room.release_held else "release", since=room.release_due_at()),)


def cut_off(room: Room, now: datetime) -> list[Sitting]:
    """Those whose time ended while the server was down, and for whom the office decides. Not who was suspended then."""
    named = room.hold.candidates if room.hold else frozenset()
    return [
        known
        for candidate, known in room.sittings.items()
        if candidate in named and known.state is State.ADMITTED and not known.suspended_because
        and room.deadline(known) < now  # the office may have given one of them more time meanwhile
    ]  # fmt: skip


def _there_before(known: Sitting, hold: Hold) -> bool:
    """Whether nothing but the server took this candidate away: what did before was over when the server went."""
    went = hold.cut_off[known.candidate]
    lost = known.lost_at(went - NOTICED)
    return lost is None or lost.cause == "server" or (lost.until is not None and lost.until <= went)


def resolve_hold(room: Room, now: datetime, *, outcome: str, minutes: int, reason: str) -> Decision:
    """The office decides how a room goes on that the server was down for.

    `shift`: all times move by `minutes`; what was due happens when it is due. `accept_saved`: of those who were cut
    off, the work that was saved counts as handed in; who had saved nothing is referred, and so is who had lost the
    connection before the server went: whatever was saved, the right to sit again stays (X31). `refer_to_makeup`, in
    regime B `refer_to_deferral`: nothing is handed in for them; they keep their right to sit again, and the lists do
    not name them. Where no paper went out that is the whole roster but for those who were refused entry: no exam was
    held here.

    Raises Refusal `not_held` when somebody has decided already: what stands may be another outcome than this one;
    `shift_too_short` with the least number of minutes after which there is time left, the whole of it where no paper
    went out.
    """
    if room.hold is None:
        raise Refusal("not_held")
    if not reason.strip():
        raise Refusal("reason_needed")
    concerned = cut_off(room, now)
    refer = e.ReferredToMakeup if room.regime == "A" else e.ReferredToDeferral
    resolved = e.HoldResolved(outcome=outcome, reason=reason)
    free = replace(room, hold=None)
    if outcome == "shift":
        over = min((room.deadline(known) for known in concerned), default=room.last_deadline())
        least = (now - over) // timedelta(minutes=1) + 1
        if room.hold.of_all:  # nobody loses working time: the paper does not go out in the past (A14.2b.5)
            least = max(1, -((room.release_due_at() - now) // timedelta(minutes=1)))
        if minutes < least:
            raise Refusal("shift_too_short", minutes=least)
        moved = shift(free, min(now, room.schedule.end_at), minutes=minutes, reason=reason, missed=room.hold.of_all)
        (shifted,) = moved.events
        after = apply(free, shifted, now)
        return Decision((resolved, shifted, *release(after, now).events))
    if outcome == "accept_saved":
        if room.hold.of_all:
            raise Refusal("bad_request", field="outcome")
        settled = (
            replace(collected_submission(free, known, now), because=reason)
            if known.has_saved and _there_before(known, room.hold)
            else refer(candidate=known.candidate)
            for known in concerned
        )
        return Decision((resolved, *settled))
    if outcome == REFERRALS[room.regime]:
        if room.hold.of_all:
            concerned = [known for known in room.sittings.values() if known.state is not State.REFUSED]
        return Decision((resolved, *(refer(candidate=known.candidate) for known in concerned)))
    raise Refusal("bad_request", field="outcome")
