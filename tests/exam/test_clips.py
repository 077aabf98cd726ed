"""The part of a recording that belongs to a noted violation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor.exam import clips
from proctor.exam.decisions import conduct
from proctor.exam.room import Violation
from tests.exam.rooms import MINUTE, Log, T
from tests.exam.test_coverage import SECOND, lose, recorded


def noted(since: datetime | None, until: datetime | None, at: datetime = T + 5 * MINUTE) -> Violation:
    log = Log().at_work()
    log.take(
        conduct.note_violation(
            log.room, at, by="s", candidate="c", violation="v", category="phone", text="", since=since, until=until
        ),
        at,
    )
    return log.room.violations["v"]


@pytest.mark.parametrize(("since", "until", "begins", "ends"), [
    (None, None, T + 5 * MINUTE - 10 * SECOND, T + 5 * MINUTE + 10 * SECOND),
    (T + 3 * MINUTE, T + 4 * MINUTE, T + 3 * MINUTE - 10 * SECOND, T + 4 * MINUTE + 10 * SECOND),
    (T + 3 * MINUTE, None, T + 3 * MINUTE - 10 * SECOND, T + 5 * MINUTE + 10 * SECOND),
])  # fmt: skip
def test_it_begins_a_little_before_and_ends_a_little_after(
    since: datetime | None, until: datetime | None, begins: datetime, ends: datetime
) -> None:
    assert clips.span(noted(since, until)) == (begins, ends)


def test_of_a_long_one_it_is_the_beginning() -> None:
    assert clips.span(noted(T, T + 30 * MINUTE, T + 30 * MINUTE)) == (T - 10 * SECOND, T - 10 * SECOND + 10 * MINUTE)


def test_segments_of_other_times_are_no_part_of_it() -> None:
    def segment(name: str, begin: timedelta, end: timedelta) -> dict[str, Any]:
        return {"segment": name, "started_at": (T + begin).isoformat(), "ended_at": (T + end).isoformat()}

    segments = [
        segment("before", timedelta(), 170 * SECOND), segment("first", 168 * SECOND, 171 * SECOND),
        segment("second", 171 * SECOND, 249 * SECOND), segment("last", 249 * SECOND, 260 * SECOND),
        segment("after", 250 * SECOND, 300 * SECOND),
    ]  # fmt: skip
    found = clips.parts(noted(T + 3 * MINUTE, T + 4 * MINUTE), segments)
    assert [each["segment"] for each in found] == ["first", "second", "last"]


def test_what_was_not_recorded_of_it_is_told_as_far_as_it_is_known() -> None:
    """Nothing came but for a minute: of what is being recorded it is known two minutes later, otherwise at once."""
    log = Log().at_work()
    since, until = T + 3 * MINUTE, T + 5 * MINUTE
    log.take(
        conduct.note_violation(
            log.room, until, by="s", candidate="c", violation="v", category="phone", text="", since=since, until=until
        ),
        until,
    )
    recorded(log, T - MINUTE, since + 20 * SECOND)
    lose(log, since + 20 * SECOND, since + 50 * SECOND)
    recorded(log, since + 50 * SECOND, since + 70 * SECOND)
    known, soon = log.room.violations["v"], until + 5 * SECOND

    def found(now: datetime, *, settled: bool) -> tuple[list[tuple[int, int, str]], bool]:
        gaps = clips.gaps(log.room, known, now, settled=settled)
        seconds = [(round((g.since - since).total_seconds()), round((g.until - since).total_seconds())) for g in gaps]
        told = [(*span, gap.cause) for span, gap in zip(seconds, gaps, strict=True)]
        return told, clips.awaited(log.room, known, now, settled=settled)

    lost = (20, 50, "connection")
    assert found(soon, settled=False) == ([lost], True)
    assert found(soon, settled=True) == ([lost, (70, 125, "no_media")], True), "it lasts on for some seconds"
    assert found(until + 11 * SECOND, settled=True) == ([lost, (70, 130, "no_media")], False)
    assert found(until + 11 * SECOND, settled=False) == ([lost], True)
    assert found(until + 131 * SECOND, settled=False) == ([lost, (70, 130, "no_media")], False)


def test_of_who_was_not_admitted_nothing_is_awaited() -> None:
    log = Log().published("c").attended().waiting("c")
    at = T - MINUTE
    log.take(
        conduct.note_violation(
            log.room, at, by="s", candidate="c", violation="v", category="phone", text="", since=None, until=None
        ),
        at,
    )
    known = log.room.violations["v"]
    assert clips.gaps(log.room, known, at, settled=True) == []
    assert not clips.awaited(log.room, known, at, settled=True)
