"""The times of an exam session and the phases they cut a day into (A14.2b.5 to A14.2b.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from proctor.exam.articles import articles
from proctor.regulation.citation import Regime
from proctor.regulation.local_time import local_day
from proctor.regulation.parameters import UncoveredDate, Value, figure, parameters
from proctor.regulation.ruling import Ruling


@dataclass(frozen=True)
class Schedule:
    """The four times that A14.2b.5 asks for, with the scheduled start T. All moments are aware datetimes."""

    starts_at: datetime
    release_at: datetime
    working_minutes: int
    submit_by: datetime
    end_at: datetime

    def staff_entry_at(self, *, regime: Regime) -> datetime:
        """From when staff may enter: T minus `staff_open_minutes`, inclusive (A14.2c.1, reading X28)."""
        return self.starts_at - timedelta(minutes=figure(regime, "staff_open_minutes", local_day(self.starts_at)))


def staff_open_minutes(regime: Regime) -> tuple[Value, ...]:
    """How many minutes before the start staff may enter (A14.2c.1), by the day from which that holds, newest first."""
    return parameters(regime)["staff_open_minutes"].versions


class Phase(StrEnum):
    """Where a room stands in its day."""

    CLOSED = "closed"  # before staff entry
    ENTRY = "entry"  # from staff entry to the release of the paper
    WRITING = "writing"  # from the release to submit-by
    AFTER = "after"  # from submit-by to the end
    ENDED = "ended"  # no write any more (A14.2b.8)


def check(schedule: Schedule, *, regime: Regime) -> Ruling:
    """Whether the times agree with one another: T <= release; release + working <= submit-by <= end (A14.2b.5); and
    whether the regime was in force that day, since none of its figures is known before."""
    unmet = []
    try:
        schedule.staff_entry_at(regime=regime)
    except UncoveredDate:
        unmet.append("before_the_regime")
    if schedule.release_at < schedule.starts_at:
        unmet.append("release_before_start")
    if (
        schedule.working_minutes <= 0
        or schedule.release_at + timedelta(minutes=schedule.working_minutes) > schedule.submit_by
    ):
        unmet.append("working_time")
    if schedule.end_at < schedule.submit_by:
        unmet.append("end_before_submit_by")
    return Ruling("unmet" if unmet else "met", articles(regime, "A14.2b.5"), tuple(unmet))


def phase(
    schedule: Schedule, now: datetime, *, released: bool, last: datetime | None = None, regime: Regime
) -> Phase:
    """The phase at `now`. Submit-by and the end belong to the phase that they close (A14.2b.7, inclusive).

    `last` is when the last candidate's time is over, if somebody has more than the others.
    """
    if now > schedule.end_at:
        return Phase.ENDED
    if now > (last or schedule.submit_by):
        return Phase.AFTER
    if released:
        return Phase.WRITING
    return Phase.ENTRY if now >= schedule.staff_entry_at(regime=regime) else Phase.CLOSED


JUST_AFTER = timedelta(milliseconds=1)  # the closing instants still belong to their phase


def next_boundary(schedule: Schedule, now: datetime, *more: datetime, regime: Regime) -> datetime | None:
    """The next moment after `now` at which something can follow from the time alone, or None after the end.

    `more` are deadlines of single candidates and a delayed release.
    """
    moments = (
        schedule.staff_entry_at(regime=regime),
        schedule.release_at,
        schedule.submit_by + JUST_AFTER,
        schedule.end_at + JUST_AFTER,
        *more,
        *(moment + JUST_AFTER for moment in more),
    )
    return min((moment for moment in moments if moment > now), default=None)
