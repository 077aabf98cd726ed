"""Who may enter a room, and when (A14.2a, A14.2c.1, A14.2c.2)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from proctor.exam.articles import articles
from proctor.exam.schedule import Schedule
from proctor.regulation.citation import Regime
from proctor.regulation.local_time import local_day
from proctor.regulation.parameters import figure
from proctor.regulation.ruling import Ruling

REFUSAL_AGAIN_AFTER = timedelta(minutes=10)


def refusal_is_news(told_at: datetime | None, now: datetime) -> bool:
    """Whether a refusal is written, after the one `told_at` of the same person for the same reason.

    A page before a closed gate asks every few seconds: that somebody stood there stays on the log, each knock does not.
    A clock that was set back makes every refusal news.
    """
    return told_at is None or not timedelta(0) <= now - told_at < REFUSAL_AGAIN_AFTER


def rooms_needed(candidates: int, starts_at: datetime, *, regime: Regime) -> int:
    """How many rooms a session of so many candidates takes (A14.2a)."""
    return math.ceil(candidates / figure(regime, "room_capacity", local_day(starts_at)))


def capacity(on_roster: int, adding: int, starts_at: datetime, *, regime: Regime) -> Ruling:
    """Whether `adding` candidates still fit: the roster counts, absent ones included, staff not (A14.2a, X29)."""
    limit = figure(regime, "room_capacity", local_day(starts_at))
    fits = on_roster + adding <= limit
    return Ruling(
        "met" if fits else "unmet",
        articles(regime, "A14.2a"),
        () if fits else ("capacity",),
        ("X29",),
        {"capacity": limit, "on_roster": on_roster},
    )


def staff_gate(schedule: Schedule, now: datetime, *, regime: Regime) -> Ruling:
    """Whether staff may enter at `now`: from T - 30 minutes, inclusive; later is reported, not refused (X28).

    `minutes_before_start` counts whole minutes still left; whoever is late by any time at all is below 0.
    """
    opens_at = schedule.staff_entry_at(regime=regime)
    early = now < opens_at
    return Ruling(
        "refused" if early else "admitted",
        articles(regime, "A14.2c.1"),
        ("gate",) if early else (),
        ("X28", "X35"),
        {"opens_at": opens_at, "minutes_before_start": (schedule.starts_at - now) // timedelta(minutes=1)},
    )


def candidate_gate(schedule: Schedule, now: datetime, *, invigilator_came: bool, regime: Regime) -> Ruling:
    """Whether the lobby is open to candidates: from the first invigilator's presence, not before T - 30 (X28)."""
    opens_at = schedule.staff_entry_at(regime=regime)
    unmet = []
    if now < opens_at:
        unmet.append("gate")
    if not invigilator_came:
        unmet.append("invigilator_present")
    return Ruling(
        "waiting" if unmet else "admitted",
        articles(regime, "A14.2c.1", "A14.2c.2"),
        tuple(unmet),
        ("X28",),
        {"opens_at": opens_at},
    )


def late_arrival(
    now: datetime,
    *,
    released_at: datetime | None,
    limit_minutes: int | None,
    lobby_at: datetime | None,
    allowed: bool,
    regime: Regime,
) -> Ruling:
    """Whether a candidate who comes to the lobby at `now` is in time; the limit is the exam's, none in the texts.

    It counts from the moment the paper went out: before that nobody is late, however far the times were moved.
    `lobby_at`: first time in the lobby. `allowed`: the office made an exception.
    """
    until = None if limit_minutes is None or released_at is None else released_at + timedelta(minutes=limit_minutes)
    late = until is not None and (lobby_at or now) > until and not allowed
    return Ruling(
        "refused" if late else "admitted", articles(regime, "A14.1"), ("late",) if late else (), ("X43",),
        {"until": until},
    )  # fmt: skip
