"""Which part of a candidate's recording belongs to a noted violation: what who runs the room looks at to decide.

The recording as a whole is for inspectors (A14.2e, A5.4); an invigilator sees this much of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from proctor.exam import coverage
from proctor.exam.coverage import Gap
from proctor.exam.room import Room, Violation

AROUND = timedelta(seconds=10)  # before it was seen, and after
LONGEST = timedelta(minutes=10)


def span(violation: Violation) -> tuple[datetime, datetime]:
    """From when to when; of a violation that was noted over a longer time, the first `LONGEST`."""
    since = violation.noted.since or violation.at
    until = max(since, violation.noted.until or violation.at)
    begin = since - AROUND
    return begin, min(until + AROUND, begin + LONGEST)


def parts(violation: Violation, segments: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the candidate's finished `segments`, in order of time, in which it is to be seen or heard."""
    since, until = span(violation)
    return [
        each
        for each in segments
        if datetime.fromisoformat(each["started_at"]) < until and datetime.fromisoformat(each["ended_at"]) > since
    ]


def gaps(room: Room, violation: Violation, now: datetime, *, settled: bool) -> list[Gap]:
    """What of it was not recorded, and why, as far as that is known; `settled` as in `coverage.gaps`."""
    since, until = span(violation)
    known = room.sitting(violation.noted.candidate)
    return [
        replace(gap, since=max(gap.since, since), until=min(gap.until, until))
        for gap in coverage.gaps(room, known, now, settled=settled)
        if gap.since < until and gap.until > since
    ]


def awaited(room: Room, violation: Violation, now: datetime, *, settled: bool) -> bool:
    """Whether some of it may still come: it lasts on, or is being recorded or finished."""
    _, until = span(violation)
    known = room.sitting(violation.noted.candidate)
    if room.ended or known.admitted_at is None:
        return False
    return now < until or coverage.judged(room, known.recorded(), now, settled=settled) < until
