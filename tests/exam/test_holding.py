"""A room that the server failed at its release or at somebody's deadline, and how it goes on (X31, X37)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam.decisions import (
    admission,
    closing,
    conduct,
    holding,
    papers,
    planning,
    possible,
    presence,
    times,
    timing,
)
from proctor.exam.permissions import Role
from proctor.exam.plan import RoomRules
from proctor.exam.room import Room
from proctor.exam.schedule import Phase
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
DEADLINE = T + 90 * MINUTE
REASON = "Máy chủ ngừng"


def kinds(room: Room, now: datetime) -> list[str]:
    return [event.kind for event in timing.pass_time(room, now).events]


def down(log: Log, since: datetime, back: datetime) -> Log:
    log.take(presence.restart(log.room, back, 2, since), back)
    return log


def resolve(log: Log, now: datetime, outcome: str, minutes: int = 0) -> Log:
    log.take(holding.resolve_hold(log.room, now, outcome=outcome, minutes=minutes, reason=REASON), now)
    return log


@pytest.mark.parametrize(
    ("down_since", "back", "missed"),
    [
        (T - MINUTE, T + MINUTE, "release"),
        (T - MINUTE, T - INSTANT, None),
        (T + MINUTE, T + 5 * MINUTE, None),
        (DEADLINE - MINUTE, DEADLINE + MINUTE, "deadline"),
        (DEADLINE - MINUTE, DEADLINE - INSTANT, None),
    ],
)
def test_a_room_is_held_when_the_server_was_down_at_its_release_or_deadline(
    down_since: datetime, back: datetime, missed: str | None
) -> None:
    log = Log().published("c").attended().admitted("c")
    if down_since > T:
        log.pass_time(T)
    down(log, down_since, back)
    assert (log.room.hold.missed if log.room.hold else None) == missed
    if missed:
        assert kinds(log.room, back + 10 * MINUTE) == []  # nothing follows from the clock


def held_at_the_deadline(regime: Any = "A") -> Log:
    log = Log().published("c", "d", regime=regime).attended().admitted("c", "d").pass_time(T)
    log.save("đã lưu", 0)
    back = DEADLINE + 2 * MINUTE
    down(log, DEADLINE - MINUTE, back)
    with pytest.raises(Refusal, match="room_held"):
        log.save("sau khi máy chủ trở lại", 1, back)
    with pytest.raises(Refusal, match="room_held"):
        closing.publish_lists(log.room, back, by="s", reason="")
    return log


@pytest.mark.parametrize(("lost", "handed_in"), [(None, True), (5 * MINUTE, False), (timedelta(seconds=5), True)])
def test_whose_own_connection_was_lost_before_the_server_went_keeps_the_right_to_sit_again(
    lost: timedelta | None, handed_in: bool
) -> None:
    """X31: whatever was saved. Who was lost moments before was lost by the server, as far as anybody can tell."""
    log = Log().published("c").attended().admitted("c").pass_time(T)
    log.save("đã lưu", 0)
    went = DEADLINE - MINUTE
    if lost is not None:
        log.take(presence.disconnect_candidate(log.room, went - lost, "c", 1, "transport close"), went - lost)
    down(log, went, DEADLINE + MINUTE)
    resolve(log, DEADLINE + MINUTE, "accept_saved")
    known = log.room.sittings["c"]
    assert (known.state is State.SUBMITTED, known.referred) == (handed_in, "" if handed_in else "makeup")
    told = views.submission(log.room, known)
    assert (told and told["collected"]) == ({"because": REASON} if handed_in else None)


def test_who_was_back_when_the_server_went_has_the_saved_work_accepted() -> None:
    log = Log().published("c").attended().admitted("c").pass_time(T)
    log.save("đã lưu", 0)
    went, second = DEADLINE - MINUTE, timedelta(seconds=1)
    log.take(presence.disconnect_candidate(log.room, went - 20 * second, "c", 1, "transport close"), went - 20 * second)
    log.take(presence.connect_candidate(log.room, went - 10 * second, "c", 1), went - 10 * second)
    down(log, went, DEADLINE + MINUTE)
    resolve(log, DEADLINE + MINUTE, "accept_saved")
    assert log.room.sittings["c"].state is State.SUBMITTED


@pytest.mark.parametrize("lost_before", ["the first fault", "the second fault"])
def test_each_is_judged_by_the_fault_that_cut_off_the_own_time(lost_before: str) -> None:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    log.save("đã lưu", 0, candidate="d")
    log.take(times.grant(log.room, T, candidate="d", minutes=4, reason="Khuyết tật"), T)
    lost, back = DEADLINE - 3 * MINUTE, DEADLINE + MINUTE + timedelta(seconds=1)
    if lost_before == "the first fault":
        log.take(presence.disconnect_candidate(log.room, lost, "d", 1, "transport close"), lost)
    down(log, DEADLINE - MINUTE, DEADLINE + MINUTE)
    log.take(presence.connect_candidate(log.room, back, "d", 1), back)
    log.save("viết tiếp", 1, back, candidate="d")
    if lost_before == "the second fault":
        lost = DEADLINE + 2 * MINUTE
        log.take(presence.disconnect_candidate(log.room, lost, "d", 1, "transport close"), lost)
    down(log, DEADLINE + 3 * MINUTE, DEADLINE + 5 * MINUTE)
    resolve(log, DEADLINE + 6 * MINUTE, "accept_saved")
    known = log.room.sittings["d"]
    outcome = (True, "") if lost_before == "the first fault" else (False, "makeup")
    assert (known.state is State.SUBMITTED, known.referred) == outcome


@pytest.mark.parametrize(("seconds", "missed"), [(10, None), (31, "release")])
def test_a_paper_that_a_frozen_server_owed_comes_late_or_the_room_is_held(seconds: int, missed: str | None) -> None:
    log = Log().published("c").attended().admitted("c")
    woke = T + timedelta(seconds=seconds)
    log.take(presence.was_frozen(log.room, woke, T - INSTANT), woke)
    assert (log.room.hold.missed if log.room.hold else None) == missed
    log.pass_time(woke)
    assert log.room.released_at == (None if missed else woke)


def test_a_server_that_stood_still_over_a_deadline_holds_whom_it_cut_off() -> None:
    log = Log().published("c", "d", rules=RoomRules(collect_saved=True)).attended().admitted("c", "d").pass_time(T)
    log.save("đã lưu", 0)
    log.take(times.grant(log.room, T, candidate="d", minutes=5, reason="Khuyết tật"), T)
    woke = DEADLINE + MINUTE
    log.take(presence.stood_still(log.room, woke, DEADLINE - MINUTE), woke)
    assert log.room.hold is not None
    assert (log.room.hold.missed, log.room.hold.candidates) == ("deadline", {"c"})
    assert kinds(log.room, woke) == []
    assert log.save("viết tiếp", 0, woke, candidate="d").events


@pytest.mark.parametrize(
    ("found", "silent", "held"),
    [
        (timedelta(0), -13 * SECOND, True),  # the page gave the connection up, as a server that wakes is told
        (timedelta(0), None, True),
        (timedelta(seconds=0.5), None, True),
        (1.5 * SECOND, None, False),  # the candidate's own loss
    ],
)
def test_whom_a_server_cut_off_that_stood_still_until_just_before_the_deadline_is_held(
    found: timedelta, silent: timedelta | None, held: bool
) -> None:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    back = DEADLINE - 2 * SECOND
    log.take(presence.was_frozen(log.room, back, back - 13 * SECOND), back)
    left = presence.disconnect_candidate(
        log.room, back + found, "c", 1, "transport close", back + silent if silent else None
    )
    log.take(left, back + found)
    log.pass_time(DEADLINE + INSTANT)
    assert (log.room.hold is not None) == held
    assert log.room.hold is None or log.room.hold.candidates == {"c"}  # d was there, and did not submit


def test_a_standstill_is_on_the_log_of_a_room_in_which_somebody_was_though_all_have_gone() -> None:
    log = Log().published("c")
    assert presence.was_frozen(log.room, ENTRY, ENTRY - MINUTE).events == ()
    log.attended().take(presence.leave_staff(log.room, ENTRY, "s"), ENTRY)
    (told,) = presence.was_frozen(log.room, ENTRY, ENTRY - MINUTE).events
    assert (told.kind, told.since) == ("server_stood_still", ENTRY - MINUTE)  # type: ignore[attr-defined]


def back_before_the_deadline(seconds: int, rules: RoomRules | None = None) -> Log:
    """c and d are at work, and e with ten minutes more, as the server goes; it is back `seconds` before submit-by."""
    log = Log().published("c", "d", "e", rules=rules).attended().admitted("c", "d", "e").pass_time(T)
    log.save("đã lưu", 0)
    end_at = T + 100 * MINUTE
    log.take(times.grant(log.room, T, candidate="e", minutes=10, reason="Khuyết tật", end_at=end_at), T)
    back = DEADLINE - timedelta(seconds=seconds)
    return down(log, back - timedelta(seconds=3), back)


@pytest.mark.parametrize("collect_saved", [False, True])
@pytest.mark.parametrize(("seconds", "held"), [(1, True), (5, True), (14, True), (15, False), (20, False)])
def test_nobody_misses_a_deadline_that_the_server_was_back_just_before(
    seconds: int, held: bool, collect_saved: bool
) -> None:
    log = back_before_the_deadline(seconds, RoomRules(collect_saved=collect_saved))
    assert log.pass_time(DEADLINE).room.hold is None
    log.pass_time(DEADLINE + INSTANT)
    assert (log.room.hold is not None) == held
    if not held:
        assert (log.room.sittings["c"].not_collected is not None) == collect_saved
        return
    assert log.room.hold is not None
    assert (log.room.hold.missed, log.room.hold.candidates) == ("deadline", {"c", "d"})
    assert kinds(log.room, DEADLINE + MINUTE) == []  # once
    with pytest.raises(Refusal, match="room_held"):
        log.save("c viết tiếp", 1, DEADLINE + MINUTE)
    now = DEADLINE + 11 * MINUTE
    log.submit(DEADLINE + 9 * MINUTE, candidate="e")
    resolve(log, now, "accept_saved").pass_time(now)
    c, d, _ = log.room.sittings.values()
    assert (c.state, d.referred, log.room.submission_closed) == (State.SUBMITTED, "makeup", True)
    assert closing.lists(log.room).did_not_submit == ()


def test_who_was_back_in_time_after_the_server_ends_by_the_clock() -> None:
    log = back_before_the_deadline(5, RoomRules(collect_saved=True))
    almost = DEADLINE - INSTANT
    log.take(presence.connect_candidate(log.room, almost, "c", 1), almost)
    log.take(presence.connect_candidate(log.room, almost, "d", 1), almost)
    assert kinds(log.room, DEADLINE + INSTANT)[0] == "submitted"  # c's work is collected
    log.pass_time(DEADLINE + INSTANT)
    assert log.room.hold is None
    down(log, DEADLINE + 10 * MINUTE - timedelta(seconds=6), DEADLINE + 10 * MINUTE - timedelta(seconds=5))
    log.pass_time(DEADLINE + 10 * MINUTE + INSTANT)
    assert log.room.hold is not None and log.room.hold.candidates == {"e"}  # d's own time was over before
    resolve(log, DEADLINE + 11 * MINUTE, "accept_saved").pass_time(DEADLINE + 11 * MINUTE)
    assert closing.lists(log.room).did_not_submit == ("Thí sinh 002",)


@pytest.mark.parametrize(("lost", "held"), [(timedelta(seconds=30), False), (timedelta(seconds=10), True)])
def test_who_was_away_before_the_server_went_is_not_held_for_it(lost: timedelta, held: bool) -> None:
    log = Log().published("c").attended().admitted("c").pass_time(T)
    went = DEADLINE - timedelta(seconds=8)
    log.take(presence.disconnect_candidate(log.room, went - lost, "c", 1, "transport close"), went - lost)
    down(log, went, DEADLINE - timedelta(seconds=5)).pass_time(DEADLINE + INSTANT)
    assert (log.room.hold is not None) == held


def test_who_was_back_and_was_lost_again_before_the_deadline_did_not_submit() -> None:
    log = back_before_the_deadline(5)
    for candidate in "cd":
        log.take(presence.connect_candidate(log.room, DEADLINE - 2 * SECOND, candidate, 1), DEADLINE - 2 * SECOND)
        lost = presence.disconnect_candidate(log.room, DEADLINE - SECOND, candidate, 1, "transport close")
        log.take(lost, DEADLINE - SECOND)
    assert log.pass_time(DEADLINE + INSTANT).room.hold is None


def test_a_server_that_went_again_before_the_timer_of_the_deadline_holds_the_same() -> None:
    log = back_before_the_deadline(5)
    down(log, DEADLINE + INSTANT, DEADLINE + 5 * SECOND)
    assert log.room.hold is None
    log.pass_time(DEADLINE + 5 * SECOND)
    assert log.room.hold is not None and log.room.hold.candidates == {"c", "d"}


def test_a_deadline_moved_by_the_office_to_just_after_the_hold_holds_nobody_who_is_there() -> None:
    log = back_before_the_deadline(1).pass_time(DEADLINE + INSTANT)
    now = DEADLINE + 10 * SECOND
    resolve(log, now, "shift", 1)
    for candidate in "cd":
        log.take(presence.connect_candidate(log.room, now, candidate, 1), now)
    log.pass_time(DEADLINE + MINUTE + INSTANT)
    assert log.room.hold is None


def test_a_paper_that_was_due_just_after_the_server_was_back_goes_out_with_the_first_invigilator() -> None:
    log = Log().published("c").attended().admitted("c")
    down(log, T - 4 * SECOND, T - SECOND)
    assert kinds(log.room, T) == ["release_held", "room_unattended"]
    log.pass_time(T)
    came = T + 3 * SECOND
    log.take(presence.connect_candidate(log.room, came, "c", 1), came)
    log.take(presence.enter_staff(log.room, came, "s", Role.INVIGILATOR), came)
    assert (log.room.hold, log.room.released_at, log.room.delay) == (None, came, None)
    assert log.room.sittings["c"].key_delivered_at == came


def unreleased() -> Log:
    """A room whose invigilator left before the release and never came back."""
    log = Log().published("c").attended().admitted("c")
    log.left("s", T - MINUTE)
    return log.pass_time(T).pass_time(DEADLINE)


def test_a_room_whose_paper_nobody_released_waits_for_the_office() -> None:
    log = unreleased()
    assert log.room.release_held
    assert log.room.hold is None
    log.pass_time(DEADLINE + INSTANT)
    assert log.room.hold is not None
    assert (log.room.hold.missed, log.room.hold.since) == ("invigilator", T)
    assert not log.room.submission_closed
    assert log.room.holds(log.room.sittings["c"])
    assert kinds(log.room, DEADLINE + 5 * MINUTE) == []  # once
    with pytest.raises(Refusal, match="bad_request"):
        resolve(log, DEADLINE + 5 * MINUTE, "accept_saved")


def test_a_shift_after_a_missed_release_leaves_the_whole_working_time() -> None:
    log = Log().published("c").attended().admitted("c")
    back = T + 40 * MINUTE
    down(log, T - MINUTE, back)
    assert log.room.hold is not None
    with pytest.raises(Refusal, match="shift_too_short") as refused:
        resolve(log, back, "shift", minutes=39)
    assert refused.value.details["minutes"] == 40
    resolve(log, back, "shift", minutes=40)
    assert log.room.release_due_at() == back
    assert log.room.schedule.submit_by - back == DEADLINE - T


def test_a_process_that_stood_still_over_the_whole_exam_blames_no_invigilator() -> None:
    log = Log().published("c").attended().admitted("c").pass_time(DEADLINE + MINUTE)
    assert log.room.hold is not None
    assert (log.room.hold.missed, log.room.hold.since) == ("release", T)


def test_it_goes_on_by_a_shift_once_somebody_is_there() -> None:
    log = unreleased().pass_time(DEADLINE + INSTANT)
    now = DEADLINE + 5 * MINUTE
    resolve(log, now, "shift", 100)
    assert log.room.released_at is None
    assert log.room.release_due_at() == T + 100 * MINUTE
    log.take(presence.enter_staff(log.room, now, "s", Role.INVIGILATOR), now)
    assert kinds(log.room, T + 100 * MINUTE)[0] == "paper_released"


def test_or_is_called_off_and_nobody_is_listed() -> None:
    log = unreleased().pass_time(DEADLINE + INSTANT)
    resolve(log, DEADLINE + 5 * MINUTE, "refer_to_makeup")
    assert log.room.called_off
    with pytest.raises(Refusal, match="called_off"):
        admission.admit(log.room, DEADLINE + 5 * MINUTE, "s", ["c"], checked=admission.CHECKS)
    log.pass_time(DEADLINE + 5 * MINUTE)
    assert log.room.submission_closed
    assert log.room.sittings["c"].referred
    assert closing.lists(log.room).did_not_submit == ()


def test_nobody_has_to_attend_a_room_that_was_called_off() -> None:
    log = Log().published("c").attended().admitted("c")
    back = T + MINUTE
    down(log, T - MINUTE, back)
    log.take(presence.enter_staff(log.room, back, "s", Role.INVIGILATOR), back)
    assert len(presence.leave_staff(log.room, back, "s").events) == 2  # the alarm is the second
    resolve(log, back, "refer_to_makeup")
    assert [event.kind for event in presence.leave_staff(log.room, back, "s").events] == ["staff_left"]
    assert kinds(log.left("s", back).room, back + MINUTE) == []


@pytest.mark.parametrize("reason", ["", "  \n"])
@pytest.mark.parametrize("outcome", ["shift", "accept_saved", "refer_to_makeup"])
def test_no_held_room_goes_on_without_a_reason(outcome: str, reason: str) -> None:
    log = held_at_the_deadline()
    with pytest.raises(Refusal, match="reason_needed"):
        holding.resolve_hold(log.room, DEADLINE + 3 * MINUTE, outcome=outcome, minutes=30, reason=reason)


def test_a_room_without_candidates_waits_for_nobody() -> None:
    log = Log().published("c")
    log.take(planning.move_out(log.room, ENTRY, "c", "r2"), ENTRY)
    log.pass_time(T).pass_time(DEADLINE + INSTANT)
    assert log.room.hold is None
    assert log.room.submission_closed


def test_a_release_that_the_office_decides_on_is_not_put_off_meanwhile() -> None:
    log = Log().published("c").attended().admitted("c")
    back = T + MINUTE
    down(log, T - MINUTE, back)
    log.take(presence.enter_staff(log.room, back, "s", Role.INVIGILATOR), back)
    with pytest.raises(Refusal, match="room_held"):
        papers.delay_release(log.room, back, by="s", until=back + 10 * MINUTE, reason="Mạng")
    resolve(log, back, "shift", 10)
    log.take(papers.delay_release(log.room, back, by="s", until=T + 15 * MINUTE, reason="Mạng"), back)
    assert log.room.release_due_at() == T + 15 * MINUTE


def test_a_shift_after_a_missed_delayed_release_moves_that_too() -> None:
    log = Log().published("c").attended().admitted("c")
    put_off = papers.delay_release(log.room, T - MINUTE, by="s", until=T + 20 * MINUTE, reason="Chờ thí sinh")
    log.take(put_off, T - MINUTE)
    back = T + 30 * MINUTE
    down(log, T + 10 * MINUTE, back)
    log.take(presence.enter_staff(log.room, back, "s", Role.INVIGILATOR), back)
    resolve(log, back, "shift", 15)
    assert log.room.released_at is None
    assert log.room.release_due_at() == T + 35 * MINUTE
    assert log.room.schedule.submit_by == DEADLINE + 15 * MINUTE
    assert log.room.shift_wanted == 20  # what the delay took is still owed
    log.take(times.shift(log.room, back, minutes=20, reason="Theo đề nghị"), back)
    assert (log.room.release_due_at(), log.room.shift_wanted) == (T + 35 * MINUTE, 0)
    assert kinds(log.room, T + 35 * MINUTE)[0] == "paper_released"


def test_a_held_room_goes_on_by_a_shift() -> None:
    log = held_at_the_deadline()
    now = DEADLINE + 3 * MINUTE
    with pytest.raises(Refusal, match="shift_too_short") as refused:
        resolve(log, now, "shift", 3)  # would be over already
    assert refused.value.details == {"minutes": 4}
    resolve(log, now, "shift", 10)
    log.save("viết tiếp", 1, DEADLINE + 10 * MINUTE)
    assert kinds(log.room, DEADLINE + 10 * MINUTE + INSTANT)[0] == "submission_closed"


def test_of_a_held_room_what_was_saved_is_accepted_and_who_saved_nothing_is_referred() -> None:
    log = held_at_the_deadline()
    now = DEADLINE + 3 * MINUTE
    resolve(log, now, "accept_saved").pass_time(now)
    c, d = log.room.sittings.values()
    assert (c.state, c.submitted_at, c.referred) == (State.SUBMITTED, now, "")
    told = views.sitting(log.room, c)["losses"]
    assert [loss["to"] for loss in told] == [views.moment(DEADLINE)]  # away when it was handed in for c
    assert (d.state, d.submission, d.referred) == (State.ADMITTED, None, "makeup")  # no empty work in d's name
    assert closing.lists(log.room).did_not_submit == ()


@pytest.mark.parametrize(
    ("regime", "outcome", "referred", "others"),
    [
        ("A", "refer_to_makeup", "makeup", "refer_to_deferral"),
        ("B", "refer_to_deferral", "deferral", "refer_to_makeup"),
    ],
)
def test_a_held_room_sits_again_as_its_regime_says_and_nobody_is_listed(
    regime: Any, outcome: str, referred: str, others: str
) -> None:
    log = held_at_the_deadline(regime)
    now = DEADLINE + 3 * MINUTE
    with pytest.raises(Refusal, match="bad_request"):
        resolve(log, now, others)
    resolve(log, now, outcome).pass_time(now)
    assert {known.referred for known in log.room.sittings.values()} == {referred}
    assert closing.publish_lists(log.room, now, by="s", reason="").events[0].did_not_submit == ()


def test_a_held_room_is_not_over_for_anybody_while_the_office_decides() -> None:
    log = held_at_the_deadline()
    past = T + 96 * MINUTE
    assert log.room.phase(past) is Phase.AFTER
    resolve(log, past, "refer_to_makeup")
    assert log.room.phase(past) is Phase.ENDED


def held_at_ones_own_deadline(rules: RoomRules | None = None) -> Log:
    """Down over c's and e's deadline; d has ten minutes more, and works on."""
    log = Log().published("c", "d", "e", rules=rules).attended().admitted("c", "d", "e").pass_time(T)
    log.save("đã lưu", 0)
    log.save("đã lưu", 0, candidate="d")
    end_at = T + 100 * MINUTE
    log.take(times.grant(log.room, T, candidate="d", minutes=10, reason="Khuyết tật", end_at=end_at), T)
    return down(log, DEADLINE - MINUTE, DEADLINE + 2 * MINUTE)


def test_a_deadline_that_was_missed_holds_the_room_for_those_whose_it_was() -> None:
    log = held_at_ones_own_deadline()
    back = DEADLINE + 2 * MINUTE
    assert log.room.hold is not None and log.room.hold.candidates == {"c", "e"}
    with pytest.raises(Refusal, match="room_held"):
        log.save("c muộn", 1, back)
    log.save("d viết tiếp", 1, back, candidate="d")
    log.submit(DEADLINE + 9 * MINUTE, candidate="d")
    assert log.room.sittings["d"].state is State.SUBMITTED
    with pytest.raises(Refusal, match="room_held"):
        closing.publish_lists(log.room, DEADLINE + 11 * MINUTE, by="s", reason="")
    now = DEADLINE + 12 * MINUTE
    resolve(log, now, "accept_saved").pass_time(now)
    assert [known.state for known in log.room.sittings.values()] == [State.SUBMITTED, State.SUBMITTED, State.ADMITTED]
    assert closing.lists(log.room).did_not_submit == ()  # c is accepted, e referred


def test_who_still_has_time_in_a_held_room_ends_by_the_clock() -> None:
    log = held_at_ones_own_deadline(RoomRules(collect_saved=True))
    log.take(presence.enter_staff(log.room, DEADLINE + 3 * MINUTE, "s", Role.INVIGILATOR), DEADLINE + 3 * MINUTE)
    log.take(presence.connect_candidate(log.room, DEADLINE + 3 * MINUTE, "d", 1), DEADLINE + 3 * MINUTE)
    last = DEADLINE + 10 * MINUTE
    assert timing.next_boundary(log.room, DEADLINE + 3 * MINUTE) == last + timedelta(milliseconds=1)
    assert kinds(log.room, last) == []
    assert kinds(log.room, last + INSTANT) == ["submitted"]  # collected; c and e wait for the office
    log.pass_time(last + INSTANT)
    assert timing.next_boundary(log.room, last + INSTANT) is None
    assert log.room.sittings["c"].state is State.ADMITTED


def test_who_had_time_in_a_held_room_and_handed_nothing_in_did_not_submit() -> None:
    log = held_at_ones_own_deadline()
    now = DEADLINE + 11 * MINUTE
    with pytest.raises(Refusal, match="after_submit_by"):  # no decision of the office will open this again
        log.save("d muộn", 1, now, candidate="d")
    resolve(log, now, "accept_saved").pass_time(now)
    assert closing.lists(log.room).did_not_submit == ("Thí sinh 002",)


def test_a_held_room_in_which_somebody_writes_on_wants_an_invigilator() -> None:
    log = held_at_ones_own_deadline()
    assert kinds(log.room, DEADLINE + 2 * MINUTE) == ["room_unattended"]
    assert kinds(log.room, DEADLINE + 11 * MINUTE) == []


def test_a_shift_out_of_a_hold_reaches_those_who_were_cut_off() -> None:
    log = held_at_ones_own_deadline()
    now = DEADLINE + 5 * MINUTE
    with pytest.raises(Refusal, match="shift_too_short"):
        resolve(log, now, "shift", 4)  # d would have time, c and e would not
    resolve(log, now, "shift", 6)
    log.save("c viết tiếp", 1, DEADLINE + 6 * MINUTE)
    log.save("d viết tiếp", 1, DEADLINE + 16 * MINUTE, candidate="d")


def test_a_second_fault_adds_those_whose_deadline_it_missed() -> None:
    log = held_at_ones_own_deadline()
    again = presence.restart(log.room, DEADLINE + 6 * MINUTE, 3, DEADLINE - MINUTE)
    assert [event.kind for event in again.events] == ["server_restarted"]  # c and e are held already
    down(log, DEADLINE + 9 * MINUTE, DEADLINE + 12 * MINUTE)
    assert log.room.hold is not None
    assert (log.room.hold.since, log.room.hold.candidates) == (DEADLINE - MINUTE, {"c", "d", "e"})
    resolve(log, DEADLINE + 12 * MINUTE, "refer_to_makeup").pass_time(DEADLINE + 12 * MINUTE)
    assert closing.lists(log.room).did_not_submit == ()


def test_a_room_whose_work_was_all_handed_in_is_not_held() -> None:
    log = Log().at_work()
    log.submit()
    assert down(log, DEADLINE - MINUTE, DEADLINE + MINUTE).room.hold is None


def test_who_decides_second_is_told_that_the_room_is_not_held_any_more() -> None:
    log = resolve(held_at_the_deadline(), DEADLINE + 2 * MINUTE, "accept_saved")
    with pytest.raises(Refusal, match="not_held"):
        resolve(log, DEADLINE + 3 * MINUTE, "refer_to_makeup")


def test_time_given_to_one_of_a_held_room_is_not_taken_back_by_a_decision_for_the_others() -> None:
    log = held_at_ones_own_deadline()
    now = DEADLINE + 3 * MINUTE
    log.take(times.grant(log.room, now, candidate="c", minutes=10, reason="Máy chủ ngừng"), now)
    resolve(log, now, "accept_saved")
    log.save("c viết tiếp", 1, DEADLINE + 10 * MINUTE)
    assert log.room.sittings["e"].referred == "makeup"


def test_saved_work_of_who_was_referred_is_not_collected_afterwards() -> None:
    log = held_at_ones_own_deadline(RoomRules(collect_saved=True))
    now = DEADLINE + 3 * MINUTE
    resolve(log, now, "refer_to_makeup")
    log.take(presence.connect_candidate(log.room, now, "c", 1), now)
    log.pass_time(DEADLINE + 10 * MINUTE + INSTANT)
    assert log.room.sittings["c"].state is State.ADMITTED


@pytest.mark.parametrize(("regime", "outcome"), [("A", "refer_to_makeup"), ("B", "refer_to_deferral")])
def test_a_room_referred_after_a_missed_release_is_called_off_as_a_whole(regime: Any, outcome: str) -> None:
    log = Log().published("c", "d", "e", "f", regime=regime).attended().admitted("c").waiting("d").waiting("e")
    log.take(admission.refuse(log.room, ENTRY, by="s", candidate="e", reason="Không đúng người"), ENTRY)
    back = T + MINUTE
    down(log, T - MINUTE, back)
    log.take(presence.enter_staff(log.room, back, "s", Role.INVIGILATOR), back)
    with pytest.raises(Refusal, match="bad_request"):
        resolve(log, back, "accept_saved")
    resolve(log, back, outcome)
    assert [bool(known.referred) for known in log.room.sittings.values()] == [True, True, False, True]
    assert kinds(log.room, back) == []  # no paper goes out
    for act in (
        lambda: papers.delay_release(log.room, back, by="s", until=back + MINUTE, reason="Mạng"),
        lambda: papers.use_reserve(log.room, back, sha256="9" * 64, size=5, reason="Đề lộ"),
        lambda: admission.admit(log.room, back, "s", ["d"], checked=admission.CHECKS),
    ):
        with pytest.raises(Refusal, match="called_off"):
            act()
    log.pass_time(DEADLINE + INSTANT)
    lists = closing.publish_lists(log.room, DEADLINE + INSTANT, by="s", reason="").events[0]
    assert (lists.did_not_submit, lists.minutes_only) == ((), ())


def test_who_was_suspended_at_a_missed_deadline_is_neither_accepted_nor_referred() -> None:
    log = Log().at_work()
    log.save("đã lưu", 0)
    log.take(conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="Dùng tài liệu"), T + MINUTE)
    down(log, DEADLINE - MINUTE, DEADLINE + MINUTE)
    resolve(log, DEADLINE + MINUTE, "accept_saved")
    known = log.room.sittings["c"]
    assert (known.state, known.referred) == (State.ADMITTED, "")


def test_who_was_referred_hands_nothing_in_whatever_time_the_others_get() -> None:
    log = resolve(held_at_ones_own_deadline(), DEADLINE + 2 * MINUTE, "refer_to_makeup")
    now = DEADLINE + 3 * MINUTE
    log.take(times.shift(log.room, now, minutes=20, reason=REASON), now)
    for act in (
        lambda: log.save("nữa", 0, now),
        lambda: times.grant(log.room, now, candidate="c", minutes=30, reason=REASON),
    ):
        with pytest.raises(Refusal, match="referred"):
            act()


def test_time_given_while_the_room_is_held_ends_by_the_clock() -> None:
    log = held_at_ones_own_deadline()
    now = DEADLINE + 2 * MINUTE
    log.take(times.grant(log.room, now, candidate="c", minutes=4, reason=REASON), now)
    assert log.room.hold is not None
    assert log.room.hold.candidates == {"e"}  # the other waits for the office still
    with pytest.raises(Refusal, match="after_submit_by"):
        log.save("quá giờ", 0, DEADLINE + 4 * MINUTE + INSTANT)


def test_who_was_let_in_nowhere_is_admitted_to_a_held_room_once_the_office_has_given_time() -> None:
    log = Log().published("c", "d").attended().admitted("c").waiting("d").pass_time(T)
    log.save("c viết", 0)
    down(log, DEADLINE - MINUTE, DEADLINE + MINUTE)
    now = DEADLINE + 2 * MINUTE
    assert log.room.hold is not None and not log.room.hold.of_all
    assert possible.out_of_time(log.room, now) == ["d"]
    with pytest.raises(Refusal, match="room_held"):
        admission.admit(log.room, now, "s", ["d"], checked=admission.CHECKS)
    resolve(log, now, "shift", 6)
    assert admission.admit(log.room, now, "s", ["d"], checked=admission.CHECKS).answer["admitted"] == ["d"]
