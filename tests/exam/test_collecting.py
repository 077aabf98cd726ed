"""Saved work that counts as handed in at a candidate's own deadline, where the exam says so (reading X31)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from proctor.exam.decisions import admission, closing, conduct, presence, times, timing
from proctor.exam.plan import RoomRules
from proctor.exam.room import Room
from proctor.exam.sitting import State
from tests.exam.rooms import MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
DEADLINE = T + 90 * MINUTE


def kinds(room: Room, now: datetime) -> list[str]:
    return [event.kind for event in timing.pass_time(room, now).events]


def writing(*candidates: str) -> Log:
    """Each of them has saved something."""
    log = Log().published(*candidates, rules=RoomRules(collect_saved=True)).attended()
    log.admitted(*candidates).pass_time(T)
    for candidate in candidates:
        log.save("đã lưu", 0, candidate=candidate)
    return log


def leave(log: Log, now: datetime, candidate: str = "c") -> None:
    log.take(presence.disconnect_candidate(log.room, now, candidate, 1, "ping timeout"), now)


def fall_silent(log: Log, since: datetime, candidate: str = "c") -> None:
    """The server gives the page up eight seconds after it heard of it last."""
    epoch = log.room.sittings[candidate].connected_epoch
    now = since + timedelta(seconds=8)
    log.take(presence.disconnect_candidate(log.room, now, candidate, epoch, "ping timeout", silent_since=since), now)


def come_back(log: Log, now: datetime, candidate: str = "c") -> None:
    log.take(presence.connect_candidate(log.room, now, candidate, 1), now)


@pytest.mark.parametrize(
    ("connected", "suspended", "collected"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_saved_work_is_collected_at_the_deadline_but_never_of_who_was_disconnected(
    connected: bool, suspended: bool, collected: bool
) -> None:
    log = writing("c")
    if not connected:
        leave(log, T + MINUTE)
    if suspended:
        log.take(conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="Dùng tài liệu"), T + MINUTE)
    log.pass_time(DEADLINE + INSTANT)
    assert (log.room.sittings["c"].state is State.SUBMITTED) is collected


def test_without_that_rule_saved_work_stays_a_draft() -> None:
    log = Log().at_work()
    log.save("đã lưu", 0)
    assert kinds(log.room, DEADLINE + INSTANT) == ["submission_closed"]


def test_with_that_rule_nothing_is_made_of_nothing() -> None:
    log = Log().published("c", rules=RoomRules(collect_saved=True)).attended().admitted("c").pass_time(T)
    assert kinds(log.room, DEADLINE + INSTANT) == ["submission_closed"]


def with_extra_time_for_another() -> Log:
    log = writing("c", "d")
    log.take(times.grant(log.room, T, candidate="d", minutes=5, reason="Khuyết tật"), T)
    return log


def test_each_is_collected_at_the_own_deadline_and_not_at_the_last_one() -> None:
    log = with_extra_time_for_another()
    assert timing.next_boundary(log.room, DEADLINE) == DEADLINE + timedelta(milliseconds=1)
    assert kinds(log.room, DEADLINE) == []
    log.pass_time(DEADLINE + INSTANT)
    assert [known.state for known in log.room.sittings.values()] == [State.SUBMITTED, State.ADMITTED]
    leave(log, DEADLINE + MINUTE)  # who goes home after the own deadline has handed in
    log.save("d viết tiếp", 1, DEADLINE + 5 * MINUTE, candidate="d")
    log.pass_time(DEADLINE + 5 * MINUTE + INSTANT)
    assert {known.state for known in log.room.sittings.values()} == {State.SUBMITTED}
    assert closing.lists(log.room).did_not_submit == ()


def test_who_was_disconnected_at_the_own_deadline_is_not_collected_when_back_before_the_last() -> None:
    log = with_extra_time_for_another()
    leave(log, DEADLINE - MINUTE)
    log.pass_time(DEADLINE + INSTANT)
    come_back(log, DEADLINE + MINUTE)
    assert kinds(log.room, DEADLINE + 2 * MINUTE) == []  # judged once
    leave(log, DEADLINE + 3 * MINUTE)
    log.pass_time(DEADLINE + 5 * MINUTE + INSTANT)
    assert log.room.sittings["c"].state is State.ADMITTED
    assert closing.lists(log.room).did_not_submit == ("Thí sinh 001",)


def test_who_was_suspended_at_the_own_deadline_is_not_collected_when_resumed_before_the_last() -> None:
    log = with_extra_time_for_another()
    log.take(conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="Dùng tài liệu"), T + MINUTE)
    log.pass_time(DEADLINE + INSTANT)
    seen = log.stands("suspension", "c")
    resumed = conduct.resume(log.room, DEADLINE + MINUTE, by="s", candidate="c", reason="Nhầm", replaces=seen)
    log.take(resumed, DEADLINE + MINUTE)
    log.pass_time(DEADLINE + 5 * MINUTE + INSTANT)
    assert log.room.sittings["c"].state is State.ADMITTED


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ([(leave, DEADLINE)], State.ADMITTED),
        ([(leave, DEADLINE + INSTANT)], State.SUBMITTED),
        ([(leave, T + MINUTE), (come_back, DEADLINE)], State.SUBMITTED),
        ([(leave, T + MINUTE), (come_back, DEADLINE + INSTANT)], State.ADMITTED),
        ([(fall_silent, DEADLINE - SECOND)], State.ADMITTED),
        ([(fall_silent, DEADLINE - SECOND), (come_back, DEADLINE + 9 * SECOND)], State.ADMITTED),
        ([(fall_silent, DEADLINE + SECOND), (come_back, DEADLINE + 10 * SECOND)], State.SUBMITTED),
        ([(leave, DEADLINE + SECOND), (come_back, DEADLINE + 2 * SECOND), (leave, DEADLINE + 3 * SECOND)],
         State.SUBMITTED),
        ([(leave, DEADLINE - SECOND), (come_back, DEADLINE + SECOND), (leave, DEADLINE + 2 * SECOND),
          (come_back, DEADLINE + 3 * SECOND)], State.ADMITTED),
    ],
)
def test_what_counts_is_the_connection_at_the_deadline_and_not_when_the_clock_is_looked_at(
    changes: list[tuple[object, datetime]], state: State
) -> None:
    log = writing("c")
    for change, at in changes:
        change(log, at)  # type: ignore[operator]
    log.pass_time(DEADLINE + 12 * SECOND)
    assert log.room.sittings["c"].state is state


def test_nobody_is_judged_and_nothing_closed_before_it_is_known_how_the_deadline_found_them() -> None:
    log = writing("c", "d")
    log.take(timing.pass_time(log.room, DEADLINE + INSTANT, unsettled={"c"}), DEADLINE + INSTANT)
    assert [known.state for known in log.room.sittings.values()] == [State.ADMITTED, State.SUBMITTED]
    assert not log.room.submission_closed
    assert kinds(log.room, DEADLINE + SECOND) == ["submitted", "submission_closed"]


def test_who_was_let_in_without_a_connection_was_not_there_until_it_came() -> None:
    """A network that flaps at the door keeps nobody out, and makes nobody present."""
    log = Log().published("c", rules=RoomRules(collect_saved=True)).attended().waiting("c", DEADLINE - MINUTE)
    log.take(presence.disconnect_candidate(log.room, DEADLINE - MINUTE, "c", 1, "transport close"), DEADLINE - MINUTE)
    let_in = admission.admit(log.room, DEADLINE - SECOND, "s", ["c"], checked=admission.CHECKS)
    log.take(let_in, DEADLINE - SECOND)
    come_back(log, DEADLINE + SECOND)
    known = log.room.sittings["c"]
    assert not known.was_connected(DEADLINE)
    assert known.was_connected(DEADLINE + SECOND)
    assert [(loss.since, loss.until) for loss in known.losses] == [(DEADLINE - SECOND, DEADLINE + SECOND)]


def test_time_given_after_the_own_deadline_is_judged_at_the_new_one() -> None:
    log = with_extra_time_for_another()
    leave(log, DEADLINE - MINUTE)
    log.pass_time(DEADLINE + INSTANT)
    now = DEADLINE + MINUTE
    log.take(times.grant(log.room, now, candidate="c", minutes=4, reason="Mất mạng"), now)
    come_back(log, now)
    log.pass_time(DEADLINE + 4 * MINUTE + INSTANT)
    assert log.room.sittings["c"].state is State.SUBMITTED
