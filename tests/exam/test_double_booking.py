"""Who is one person, and who may be in two rooms at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proctor.exam import double_booking as booking
from proctor.exam.double_booking import Listed, Occupied
from proctor.exam.schedule import Schedule

T = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = Occupied("e1", "r1", T, T + 95 * MINUTE)
NEXT_DOOR = Occupied("e1", "r2", T, T + 95 * MINUTE)
OTHER_EXAM = Occupied("e2", "r3", T + 30 * MINUTE, T + 60 * MINUTE)

AN = Listed("001", "Nguyễn Thị An")
AN_7 = Listed("001", "Nguyễn Thị An", "HV7")


@pytest.mark.parametrize(
    ("wanted", "there", "other", "code"),
    [
        # one exam: a number names one candidate
        (AN, NEXT_DOOR, Listed("001", "Trần Văn Bình"), "in_this_exam"),
        (AN, NEXT_DOOR, AN, "in_this_exam"),
        (AN_7, NEXT_DOOR, Listed("001", "Nguyễn Thị An", "HV8"), "in_this_exam"),
        (Listed("a1", "X"), NEXT_DOOR, Listed("A1 ", "Y"), "in_this_exam"),
        (AN_7, NEXT_DOOR, Listed("002", "Nguyễn Thị An", "HV7"), "same_person"),
        (AN, NEXT_DOOR, Listed("002", "Nguyễn Thị An"), "same_name"),
        # two exams
        (AN, OTHER_EXAM, AN, "same_person"),
        (AN_7, OTHER_EXAM, AN, "same_person"),
        (AN_7, OTHER_EXAM, Listed("009", "NGUYỄN  THỊ AN", "hv7"), "same_person"),
        (AN, OTHER_EXAM, Listed("001", "Nguye\u0302\u0303n Thi\u0323 An"), "same_person"),
        (AN, OTHER_EXAM, Listed("001", "Trần Văn Bình"), "same_number"),
        (AN_7, OTHER_EXAM, Listed("001", "Nguyễn Thị An", "HV8"), "same_number"),
        (AN, OTHER_EXAM, Listed("002", "Nguyễn Thị An", "HV7"), "same_name"),
        (AN_7, OTHER_EXAM, Listed("002", "Nguyễn Thị An", "HV8"), None),
        (AN_7, OTHER_EXAM, Listed("002", "Trần Văn Bình", "HV7"), None),  # an identity may be a day of birth
        (AN, OTHER_EXAM, Listed("01", "Nguyễn Thị Án"), None),
        # the room itself
        (AN, HERE, AN, None),
    ],
)
def test_two_entries_are_judged(wanted: Listed, there: Occupied, other: Listed, code: str | None) -> None:
    found = booking.candidates([wanted], HERE, [(there, other)])
    assert [(clash.code, clash.room) for clash in found] == ([(code, there.room)] if code else [])
    assert all(clash.refused is (code in ("in_this_exam", "same_person")) for clash in found)


def test_of_several_clashes_the_gravest_is_told_once_for_each_person() -> None:
    others = [(OTHER_EXAM, Listed("001", "Ai đó")), (NEXT_DOOR, AN), (OTHER_EXAM, Listed("5", "Trần Văn Bình"))]
    found = booking.candidates([Listed("9", "Không ai"), Listed("8", "Trần Văn Bình"), AN], HERE, others)
    assert [(clash.index, clash.code) for clash in found] == [(1, "same_name"), (2, "in_this_exam")]


@pytest.mark.parametrize(
    ("since", "until", "clashes"),
    [
        (T - 60 * MINUTE, T, False),
        (T - 60 * MINUTE, T + MINUTE, True),
        (T + 94 * MINUTE, T + 200 * MINUTE, True),
        (T + 95 * MINUTE, T + 200 * MINUTE, False),
        (T - 60 * MINUTE, T + 200 * MINUTE, True),
    ],
)
def test_only_rooms_whose_times_overlap_count(since: datetime, until: datetime, clashes: bool) -> None:
    there = Occupied("e2", "r3", since, until)
    assert bool(booking.candidates([AN], HERE, [(there, AN)])) is clashes
    assert bool(booking.staff([("s", "invigilator")], HERE, [(there, "s", "invigilator")])) is clashes


def test_staff_are_taken_half_an_hour_longer_than_candidates() -> None:
    times = Schedule(T, T, 90, T + 90 * MINUTE, T + 95 * MINUTE)
    assert booking.for_candidates("e", "r", times) == Occupied("e", "r", T, T + 95 * MINUTE)
    assert booking.for_staff("e", "r", times, regime="A") == Occupied("e", "r", T - 30 * MINUTE, T + 95 * MINUTE)


@pytest.mark.parametrize(
    ("role", "role_there", "refused"),
    [
        ("invigilator", "invigilator", True),
        ("examiner", "invigilator", True),
        ("a_role_nobody_thought_of", "invigilator", True),
        ("inspector", "inspector", False),
        ("supervisor", "supervisor", False),
        ("tech_support", "tech_support", False),
        ("inspector", "invigilator", False),
        ("invigilator", "inspector", False),
    ],
)
def test_who_runs_a_room_runs_no_other(role: str, role_there: str, refused: bool) -> None:
    found = booking.staff([("s", role), ("t", role)], HERE, [(NEXT_DOOR, "s", role_there), (HERE, "t", role_there)])
    assert found == ([("s", "r2")] if refused else [])


def test_one_list_names_a_person_twice() -> None:
    names = [AN_7, Listed("002", "nguyễn thị an", "hv7"), Listed("003", "Nguyễn Thị An"), AN, Listed("4", "B", "HV7")]
    assert booking.within(names) == [1]
    assert booking.within(names, [Listed("9", "B", "hv7"), Listed("8", "Nguyễn Thị An")]) == [1, 4]
