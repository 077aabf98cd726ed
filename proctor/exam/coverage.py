"""What of a candidate's exam was not recorded, from when to when and why (A14.2c.7).

The whole exam is recorded: for each candidate from the admission to the hand-in, or to the end without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from proctor.exam.room import Room
from proctor.exam.sitting import Sitting

SEAM = timedelta(milliseconds=500)  # what is shorter is the seam between two segments
UNFINISHED = timedelta(minutes=2)  # a segment that is being recorded is known after so long at the latest


@dataclass(frozen=True)
class Gap:
    """A time without picture and sound.

    `cause`: "server" when it was away or could not record; "connection" when the candidate's page was not connected;
    "no_media" when the page was there and sent nothing, as while a camera is taken by another program.
    """

    since: datetime
    until: datetime
    cause: str


def gaps(room: Room, known: Sitting, now: datetime) -> tuple[Gap, ...]:
    """The gaps of a sitting as far as they are known at `now`."""
    if known.admitted_at is None:
        return ()
    found = []
    covered_to = known.admitted_at
    for segment in sorted(known.segments, key=lambda each: str(each["started_at"])):
        begin, end = (datetime.fromisoformat(segment[name]) for name in ("started_at", "ended_at"))
        if begin - covered_to >= SEAM:
            found.append(_gap(known, covered_to, begin))
        covered_to = max(covered_to, end)
    until = min(known.submitted_at or room.schedule.end_at, now if room.ended else now - UNFINISHED)
    if until - covered_to >= SEAM:
        found.append(_gap(known, covered_to, until))
    return tuple(found)


def _gap(known: Sitting, since: datetime, until: datetime) -> Gap:
    away = {loss.cause for loss in known.losses if loss.since < until and (loss.until is None or since < loss.until)}
    if "server" in away or any(since <= fault <= until for fault in known.recording_faults):
        return Gap(since, until, "server")
    return Gap(since, until, "connection" if away else "no_media")
