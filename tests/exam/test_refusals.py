"""Who was not let in, as the room's log tells it (A14.2a, A14.2c.1), and never so often that it fills the log."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from proctor.exam import events as e
from proctor.exam.decisions import admission, planning, presence
from proctor.exam.entry import REFUSAL_AGAIN_AFTER, refusal_is_news
from proctor.exam.permissions import Role
from proctor.exam.plan import RoomRules
from proctor.exam.room import Decision
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import EARLY, MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
GATE = T - 30 * MINUTE


@pytest.mark.parametrize(
    ("told_at", "news"),
    [
        (None, True),
        (T, False),
        (T - REFUSAL_AGAIN_AFTER + INSTANT, False),
        (T - REFUSAL_AGAIN_AFTER, True),
        (T + INSTANT, True),  # the clock was set back since
    ],
)
def test_a_refusal_is_told_again_after_ten_minutes(told_at: datetime | None, news: bool) -> None:
    assert refusal_is_news(told_at, T) is news


def knocks(log: Log, now: datetime, person: str = "s", role: Role = Role.INVIGILATOR) -> Decision:
    return log.take(presence.knock(log.room, now, person, role), now)


@pytest.mark.parametrize(
    ("person", "role"),
    [("s", Role.INVIGILATOR), ("p", Role.SUPERVISOR), ("k", Role.TECH_SUPPORT), ("i", Role.INSPECTOR)],
)
def test_who_comes_before_the_gate_is_refused_with_the_minutes_left(person: str, role: Role) -> None:
    log = Log().published("c")
    refused = knocks(log, GATE - INSTANT, person, role)
    assert refused.events == (e.StaffRefused(staff=person, role=role, minutes_before_start=30),)
    assert refused.answer.code == "gate_closed"
    assert (log.room.present, log.room.first_entries) == (frozenset(), {})
    assert knocks(log, GATE, person, role) == Decision()


def test_a_page_that_asks_all_night_leaves_an_entry_in_ten_minutes_and_each_person_has_their_own() -> None:
    log = Log().published("c")
    told = [knocks(log, T - timedelta(hours=5) + second * timedelta(seconds=5)) for second in range(12 * 60)]
    assert sum(len(each.events) for each in told) == 6
    assert {each.answer.code for each in told} == {"gate_closed"}  # refused each time, told or not
    assert knocks(log, T - timedelta(hours=4), "s2").events


def test_the_office_is_not_kept_out_and_who_is_not_of_the_room_leaves_nothing_on_its_log() -> None:
    log = Log().published("c")
    assert knocks(log, EARLY, "o", Role.TRAINING_OFFICE) == Decision()
    with pytest.raises(Refusal, match="not_assigned"):
        knocks(log, EARLY, "stranger")


def test_who_comes_too_late_is_on_the_log_and_stays_who_was_expected() -> None:
    late = T + 16 * MINUTE
    log = Log().published("c", rules=RoomRules(late_minutes=15)).attended().pass_time(T).joined("c", late)
    log.ready("c", late)
    before = log.room.sittings["c"]
    for after, told in ((0, 1), (1, 0), (10, 1)):
        came = admission.enter_lobby(log.room, late + after * MINUTE, "c")
        assert (len(log.take(came, late + after * MINUTE).events), came.answer.code) == (told, "too_late")
    assert log.room.sittings["c"] == before
    log.take(planning.allow_late(log.room, late, "c", "Kẹt xe"), late)
    assert [event.kind for event in admission.enter_lobby(log.room, late, "c").events] == ["lobby_entered"]


def test_what_the_office_wanted_on_a_full_roster_is_told_for_each_candidate() -> None:
    log = Log().published(*(f"c{number}" for number in range(50)))
    refused = log.take(planning.refuse_roster(log.room, EARLY, by="o", adding=1, regime="A"), EARLY)
    assert refused.events == (e.RosterRefused(by="o", adding=1, on_roster=50, capacity=50),)
    assert planning.refuse_roster(log.room, EARLY + MINUTE, by="o", adding=1, regime="A").events == ()
    assert planning.refuse_roster(log.room, EARLY + MINUTE, by="o", adding=1, number="051", regime="A").events
    assert len(log.room.sittings) == 50
