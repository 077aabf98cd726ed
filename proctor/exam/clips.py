"""Which part of a candidate's recording belongs to a noted violation: what who runs the room looks at to decide.

The recording as a whole is for inspectors (A14.2e, A5.4); an invigilator sees this much of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from proctor.exam.room import Violation

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
