"""The rules of the day just before, at, and just after each bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proctor.exam import entry, schedule, submission
from proctor.exam.schedule import Phase, Schedule

T = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
TIMES = Schedule(T, T, 90, T + 90 * MINUTE, T + 95 * MINUTE)


@pytest.mark.parametrize(
    ("before_start", "outcome", "minutes"),
    [
        (31 * MINUTE, "refused", 31),
        (30 * MINUTE + INSTANT, "refused", 30),
        (30 * MINUTE, "admitted", 30),
        (29 * MINUTE, "admitted", 29),
        (MINUTE / 2, "admitted", 0),
        (0 * MINUTE, "admitted", 0),
        (-INSTANT, "admitted", -1),
        (-MINUTE / 2, "admitted", -1),
        (-MINUTE, "admitted", -1),
        (-3 * MINUTE / 2, "admitted", -2),
    ],
)
def test_staff_enter_from_thirty_minutes_before_the_start(before_start: timedelta, outcome: str, minutes: int) -> None:
    ruling = entry.staff_gate(TIMES, T - before_start, regime="A")
    assert ruling.outcome == outcome
    assert ruling.values["minutes_before_start"] == minutes
    assert ruling.values["opens_at"] == T - 30 * MINUTE
    assert [str(citation) for citation in ruling.citations] == ["A14.2c.1"]


@pytest.mark.parametrize(
    ("before_start", "came", "unmet"),
    [
        (31 * MINUTE, True, ("gate",)),
        (31 * MINUTE, False, ("gate", "invigilator_present")),
        (30 * MINUTE, False, ("invigilator_present",)),
        (30 * MINUTE, True, ()),
    ],
)
def test_candidates_enter_after_the_first_invigilator(before_start: timedelta, came: bool, unmet: tuple[str]) -> None:
    assert entry.candidate_gate(TIMES, T - before_start, invigilator_came=came, regime="A").unmet == unmet


@pytest.mark.parametrize(
    ("on_roster", "adding", "fits"), [(0, 50, True), (0, 51, False), (48, 1, True), (49, 1, True), (50, 1, False)]
)
def test_a_room_holds_fifty_candidates(on_roster: int, adding: int, fits: bool) -> None:
    assert entry.capacity(on_roster, adding, T, regime="A").met is fits


@pytest.mark.parametrize(("candidates", "rooms"), [(0, 0), (1, 1), (49, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_rooms_needed(candidates: int, rooms: int) -> None:
    assert entry.rooms_needed(candidates, T, regime="A") == rooms


@pytest.mark.parametrize(
    ("release", "working", "submit_by", "end", "unmet"),
    [
        (0, 90, 90, 95, ()),
        (0, 90, 90, 90, ()),
        (-1, 90, 90, 95, ("release_before_start",)),
        (0, 91, 90, 95, ("working_time",)),
        (1, 90, 90, 95, ("working_time",)),
        (0, 0, 90, 95, ("working_time",)),
        (0, 90, 90, 89, ("end_before_submit_by",)),
        (-5, 120, 90, 80, ("release_before_start", "working_time", "end_before_submit_by")),
    ],
)
def test_the_times_of_an_exam_agree(
    release: int, working: int, submit_by: int, end: int, unmet: tuple[str, ...]
) -> None:
    times = Schedule(T, T + release * MINUTE, working, T + submit_by * MINUTE, T + end * MINUTE)
    ruling = schedule.check(times, regime="A")
    assert ruling.unmet == unmet
    assert ruling.met is (not unmet)


@pytest.mark.parametrize(
    ("moment", "released", "phase"),
    [
        (T - 30 * MINUTE - INSTANT, False, Phase.CLOSED),
        (T - 30 * MINUTE, False, Phase.ENTRY),
        (T + 5 * MINUTE, False, Phase.ENTRY),  # held: no invigilator
        (T, True, Phase.WRITING),
        (T + 90 * MINUTE, True, Phase.WRITING),
        (T + 90 * MINUTE + INSTANT, True, Phase.AFTER),
        (T + 95 * MINUTE, True, Phase.AFTER),
        (T + 95 * MINUTE + INSTANT, True, Phase.ENDED),
    ],
)
def test_the_phases_of_a_room(moment: datetime, released: bool, phase: Phase) -> None:
    assert schedule.phase(TIMES, moment, released=released, regime="A") is phase


@pytest.mark.parametrize(
    ("received", "released", "unmet"),
    [
        (T - INSTANT, T, ("before_release",)),
        (T, T, ()),
        (T, None, ("before_release",)),
        (T + 90 * MINUTE, T, ()),
        (T + 90 * MINUTE + INSTANT, T, ("after_submit_by",)),
    ],
)
def test_work_counts_from_release_to_submit_by(
    received: datetime, released: datetime | None, unmet: tuple[str, ...]
) -> None:
    ruling = submission.window(released, TIMES.submit_by, received, regime="A")
    assert ruling.unmet == unmet
    assert ruling.values["kept_as"] == ("rejected_evidence" if unmet else "submission")


def test_every_boundary_is_met_in_turn_and_then_none() -> None:
    now, seen = T - timedelta(hours=5), []
    while (boundary := schedule.next_boundary(TIMES, now, regime="A")) is not None:
        assert boundary > now
        seen.append(boundary)
        now = boundary
    just_after = timedelta(milliseconds=1)
    assert seen == [T - 30 * MINUTE, T, T + 90 * MINUTE + just_after, T + 95 * MINUTE + just_after]
