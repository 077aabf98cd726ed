"""Times that change while an exam runs: only the training office may, and for all of a room alike (A5.3, X34)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from proctor.exam import events as e
from proctor.exam import schedule
from proctor.exam.articles import cited
from proctor.exam.decisions.conditions import iso, not_ended
from proctor.exam.room import Decision, Room
from proctor.exam.schedule import Schedule
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal

MAX_MINUTES = 240  # of extra time
MAX_SHIFT_MINUTES = 24 * 60  # of all times; a server may have been away for hours


def shifted(times: Schedule, minutes: int, *, release_too: bool) -> Schedule:
    """The times with all that are still to come moved by `minutes`: a paper that is out stays out."""
    by = timedelta(minutes=minutes)
    release_at = times.release_at + by if release_too else times.release_at
    return replace(times, release_at=release_at, submit_by=times.submit_by + by, end_at=times.end_at + by)


def shift(
    room: Room,
    now: datetime,
    *,
    minutes: int,
    reason: str,
    seen: datetime | None = None,
    missed: bool = False,
    act: str = "",
) -> Decision:
    """Move submit-by and the end of the room by `minutes`, and the release too while it is to come.

    `seen` is the submit-by on which the act was decided: of two who move the times at once, the second is told
    (`times_changed`). `act` is what the page calls it: said again after a lost answer, nothing follows. After an
    invigilator's delay the release is late already, and keeps the time that the delay gave it, unless it was `missed`.
    """
    if act in room.times_acts:
        return Decision()
    not_ended(room, now)
    _reasonable(minutes, reason, most=MAX_SHIFT_MINUTES)
    if room.submission_closed:
        raise Refusal("after_submit_by", submit_by=iso(room.last_deadline()))
    if seen is not None and seen != room.schedule.submit_by:
        raise Refusal("times_changed")
    release_too = room.released_at is None and (room.delay is None or missed)
    moved = shifted(room.schedule, minutes, release_too=release_too)
    unmet = schedule.check(moved, regime=room.regime).unmet
    if not release_too and room.released_at is None and not unmet and moved.submit_by < room.release_due_at():
        unmet = ("working_time",)
    if unmet:
        raise Refusal("schedule_contradiction", unmet=", ".join(unmet), citation=cited(room.regime, "A14.2b.5"))
    return Decision((e.TimesShifted(schedule=moved, reason=reason, act=act),))


def grant(
    room: Room,
    now: datetime,
    *,
    candidate: str,
    minutes: int,
    reason: str,
    end_at: datetime | None = None,
    seen: int | None = None,
) -> Decision:
    """Give one candidate `minutes` in all beyond submit-by. They have to fit before the end, or move it in this act.

    `seen` is how many the candidate had when the act was decided on: what another gave meanwhile is not taken back
    unawares (`times_changed`).
    """
    not_ended(room, now)
    _reasonable(minutes, reason, least=0)
    known = room.sitting(candidate)
    if known.state is State.SUBMITTED:
        raise Refusal("already_submitted")
    if known.referred:
        raise Refusal("referred")
    if seen is not None and known.extra_minutes not in (seen, minutes):
        raise Refusal("times_changed")
    if room.submission_closed:
        raise Refusal("after_submit_by", submit_by=iso(room.last_deadline()))
    until = room.schedule.submit_by + timedelta(minutes=minutes)
    if until < now:
        raise Refusal("bad_request", field="minutes")
    events: list[e.Event] = []
    if end_at is not None and end_at != room.schedule.end_at:
        if end_at < room.schedule.end_at:
            raise Refusal("bad_request", field="end_at")
        events.append(e.TimesShifted(schedule=replace(room.schedule, end_at=end_at), reason=reason))
    if until > (end_at or room.schedule.end_at):
        raise Refusal("beyond_the_end", end_at=iso(room.schedule.end_at))
    events.append(e.ExtraTimeGranted(candidate=candidate, minutes=minutes, reason=reason))
    return Decision(tuple(events))


def grant_all(
    room: Room, now: datetime, *, minutes: Mapping[str, int], reason: str, move_end: bool = False
) -> Decision:
    """Give several candidates their `minutes` beyond submit-by in one act: all of them or none.

    They have to fit before the end; with `move_end` it moves as far as the longest needs. Who has as much already keeps
    it.
    """
    not_ended(room, now)
    wanted = {
        candidate: given
        for candidate, given in minutes.items()
        if given > room.sitting(candidate).extra_minutes
    }
    if not wanted:
        return Decision()
    until = room.schedule.submit_by + timedelta(minutes=max(wanted.values()))
    end_at = until if move_end and until > room.schedule.end_at else None
    events: list[e.Event] = []
    for candidate, given in wanted.items():
        granted = grant(room, now, candidate=candidate, minutes=given, reason=reason, end_at=end_at)
        events += [event for event in granted.events if event not in events]
    return Decision(tuple(events))


def grant_everybody(
    room: Room, now: datetime, *, minutes: int, seen: int, reason: str, move_end: bool = False, act: str = ""
) -> Decision:
    """Give all who have not handed in `minutes` on top of what each has, in one act: all of them or none. Who is put
    on the roster later has them too (A5.3).

    `seen` is the most extra minutes that anybody in the room had when the act was decided on, and `act` its name, as of
    `shift`. They have to fit before the end, or move it, as in `grant_all`. Raises Refusal `already_submitted` when all
    have, `times_changed`.
    """
    if act in room.times_acts:
        return Decision()
    not_ended(room, now)
    _reasonable(minutes, reason)
    more = {
        candidate: known.extra_minutes + minutes
        for candidate, known in room.sittings.items()
        if known.state is not State.SUBMITTED and not known.referred
    }
    if not more:
        raise Refusal("already_submitted")
    if seen != max(known.extra_minutes for known in room.sittings.values()):
        raise Refusal("times_changed")
    granted = grant_all(room, now, minutes=more, reason=reason, move_end=move_end)
    for_all = room.minutes_for_all + minutes
    return Decision(
        tuple(
            replace(event, for_all=for_all, act=act) if isinstance(event, e.ExtraTimeGranted) else event
            for event in granted.events
        )
    )


def _reasonable(minutes: int, reason: str, least: int = 1, most: int = MAX_MINUTES) -> None:
    if not least <= minutes <= most:
        raise Refusal("bad_request", field="minutes")
    if not reason.strip():
        raise Refusal("reason_needed")
