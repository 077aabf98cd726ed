"""A candidate goes to another room before the start."""

from __future__ import annotations

from datetime import datetime

import pytest

from proctor.exam import events as e
from proctor.exam.decisions import admission, planning, presence
from proctor.exam.decisions.planning import Enrolment
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import EARLY, MINUTE, Log, T

SOON = T - 20 * MINUTE
AN = Enrolment("c", "001", "An", "Nhà A")


def waiting(*, admitted: bool = False) -> Log:
    """A room where one candidate waits, or was admitted."""
    log = Log()
    log.take(planning.enroll(log.room, EARLY, [AN], regime="A"), EARLY)
    log.published().attended(SOON).waiting("c", SOON)
    if admitted:
        log.take(admission.admit(log.room, SOON, "s", ["c"], checked=admission.CHECKS), SOON)
    return log


@pytest.mark.parametrize(
    ("admitted", "at", "candidate", "to", "code"),
    [
        (False, T - MINUTE, "c", "r2", None),
        (False, T, "c", "r2", "move_too_late"),
        (True, T - MINUTE, "c", "r2", "already_admitted"),
        (True, T + MINUTE, "c", "r2", "already_admitted"),
        (False, T - MINUTE, "nobody", "r2", "not_found"),
        (False, T - MINUTE, "c", "r", "same_room"),
    ],
)
def test_who_may_be_moved_and_until_when(
    admitted: bool, at: datetime, candidate: str, to: str, code: str | None
) -> None:
    room = waiting(admitted=admitted).room
    if code is None:
        assert planning.move_out(room, at, candidate, to).events == (e.CandidateMovedOut(candidate="c", to="r2"),)
        return
    with pytest.raises(Refusal) as refused:
        planning.move_out(room, at, candidate, to)
    assert refused.value.code == code


def test_who_was_moved_is_on_no_list_and_cannot_act_here() -> None:
    log = waiting()
    log.take(planning.move_out(log.room, SOON, "c", "r2"), SOON)
    assert (dict(log.room.sittings), log.room.moved_out["c"].state) == ({}, State.MOVED_OUT)
    assert admission.admit(log.room, SOON, "s", ["c"]).answer["skipped"] == ["c"]
    for act in (
        lambda: presence.join_candidate(log.room, SOON, "c", "laptop"),
        lambda: presence.connect_candidate(log.room, SOON, "c", 1),
        lambda: admission.enter_lobby(log.room, SOON, "c"),
    ):
        with pytest.raises(Refusal, match="not_found"):
            act()


def test_a_connection_that_ends_after_its_candidate_had_gone_leaves_the_log_readable() -> None:
    log = waiting()
    log.take(planning.move_out(log.room, SOON, "c", "r2"), SOON)
    gone = log.room.moved_out["c"]
    log.take(presence.disconnect_candidate(log.room, SOON, "c", 1, "signed out"), SOON)
    assert log.room.moved_out["c"] == gone


def test_saying_it_again_changes_nothing_and_another_room_is_refused() -> None:
    log = waiting()
    log.take(planning.move_out(log.room, SOON, "c", "r2"), SOON)
    assert planning.move_out(log.room, SOON, "c", "r2").events == ()
    with pytest.raises(Refusal, match="not_found"):
        planning.move_out(log.room, SOON, "c", "r3")
    other = Log()
    other.take(planning.move_in(other.room, SOON, AN, regime="A"), SOON)
    assert other.room.sittings["c"].shares_place == "Nhà A"
    assert planning.move_in(other.room, SOON, AN, regime="A").events == ()


def test_who_was_moved_out_does_not_count_and_can_come_back() -> None:
    log = Log()
    people = [(f"c{at}", f"{at:03}", "An") for at in range(50)]
    log.take(planning.enroll(log.room, EARLY, people, regime="A"), EARLY)
    one_more = Enrolment("x", "x", "Bình")
    for decide in (
        lambda: planning.enroll(log.room, EARLY, [one_more], regime="A"),
        lambda: planning.move_in(log.room, EARLY, one_more, regime="A"),
    ):
        with pytest.raises(Refusal, match="room_capacity"):
            decide()
    log.take(planning.move_out(log.room, SOON, "c7", "r2"), SOON)
    back = log.take(planning.move_in(log.room, SOON, Enrolment("c7", "007", "An"), regime="A"), SOON)
    assert back.events and len(log.room.sittings) == 50 and not log.room.moved_out
    assert log.room.sittings["c7"].state is State.EXPECTED


def test_a_number_that_the_other_room_has_refuses_the_move() -> None:
    log = waiting()
    with pytest.raises(Refusal, match="name_taken"):
        planning.move_in(log.room, SOON, Enrolment("other", "001", "Bình"), regime="A")


def test_a_move_that_was_begun_is_brought_to_its_end_even_late() -> None:
    log = waiting()
    log.take(planning.load_paper(log.room, SOON, "0" * 64, 1), SOON)
    late = T + 91 * MINUTE
    with pytest.raises(Refusal, match="roster_locked"):
        planning.enroll(log.room, late, [("d", "002", "Bình")], regime="A")
    assert planning.move_in(log.room, late, Enrolment("d", "002", "Bình"), regime="A").events
