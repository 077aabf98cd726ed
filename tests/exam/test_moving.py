"""A candidate goes to another room before the start."""

from __future__ import annotations

from datetime import datetime

import pytest

from proctor.exam import events as e
from proctor.exam.decisions import admission, planning, presence, times
from proctor.exam.decisions.planning import Enrolment
from proctor.exam.room import Decision
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import EARLY, MINUTE, STAFF, Log, T

SOON = T - 20 * MINUTE
ROOMY = T + 110 * MINUTE
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


def given_there() -> Log:
    """A room where everybody was given 10 minutes, and one of them 20 besides, who may come late."""
    log = waiting()
    log.take(times.grant(log.room, SOON, candidate="c", minutes=20, reason="Khuyết tật", end_at=ROOMY), SOON)
    log.take(times.grant_everybody(log.room, SOON, minutes=10, seen=20, reason="Ồn", move_end=True), SOON)
    log.take(planning.allow_late(log.room, SOON, "c", "Tàu trễ"), SOON)
    return log


def test_what_the_office_decided_for_one_alone_goes_along_with_its_reason_and_moves_the_end_as_far() -> None:
    old, new = given_there(), Log().published("d")
    new.take(times.grant_everybody(new.room, SOON, minutes=5, seen=0, reason="Báo cháy"), SOON)
    given = planning.given_to(old.room, "c")
    old.take(planning.move_out(old.room, SOON, "c", "r2"), SOON)
    assert planning.given_to(old.room, "c") == given  # also when a crash cut the move short
    person = Enrolment("c", "002", "An")
    new.take(planning.move_in(new.room, SOON, person, regime="A", given=given), SOON)
    here = new.room.sittings["c"]
    assert (here.extra_minutes, here.extra_because, here.late_allowed) == (25, "Khuyết tật", True)
    assert new.room.schedule.end_at == new.room.deadline(here) == new.room.schedule.submit_by + 25 * MINUTE
    assert new.room.sittings["d"].extra_minutes == new.room.minutes_for_all == 5


@pytest.mark.parametrize(("of_all", "minutes", "of_all_here", "total"), [
    (10, 30, 0, 30),  # thirty in all were decided for this one, with ten of everybody's in them
    (10, 30, 10, 30),
    (10, 30, 25, 45),
    (0, 20, 10, 30),
    (10, 10, 0, 0),  # as much as everybody had, who stay behind
])  # fmt: skip
def test_minutes_of_one_decided_after_those_of_all_go_along_whole_there_and_back(
    of_all: int, minutes: int, of_all_here: int, total: int
) -> None:
    old, new = waiting(), Log().published("d")
    for log, given in ((old, of_all), (new, of_all_here)):
        if given:
            everybody = times.grant_everybody(log.room, SOON, minutes=given, seen=0, reason="Ồn", move_end=True)
            log.take(everybody, SOON)
    alone = times.grant(
        old.room, SOON, candidate="c", minutes=minutes, reason="Khuyết tật", end_at=T + 120 * MINUTE
    )
    old.take(alone, SOON)
    for here, there, at_last in ((old, new, total), (new, old, max(total, minutes))):
        given_along = planning.given_to(here.room, "c")
        here.take(planning.move_out(here.room, SOON, "c", "r2"), SOON)
        assert planning.given_to(here.room, "c") == given_along
        person = Enrolment("c", "002", "An")
        there.take(planning.move_in(there.room, SOON, person, regime="A", given=given_along), SOON)
        assert there.room.sittings["c"].extra_minutes == at_last


def test_who_takes_nothing_along_gets_what_everybody_here_has() -> None:
    new = Log().published("d")
    new.take(times.grant_everybody(new.room, SOON, minutes=3, seen=0, reason="Ồn"), SOON)
    new.take(times.grant_everybody(new.room, SOON, minutes=2, seen=3, reason="Báo cháy"), SOON)
    new.take(planning.move_in(new.room, SOON, Enrolment("c", "002", "An"), regime="A"), SOON)
    new.take(planning.enroll(new.room, SOON, [("e", "003", "Bình")], regime="A"), SOON)
    assert {known.extra_minutes for known in new.room.sittings.values()} == {5}
    assert planning.given_to(new.room, "c") == planning.Given()


def test_what_was_given_to_one_alone_is_not_given_to_who_is_enrolled_later() -> None:
    log = waiting()
    log.take(times.grant(log.room, SOON, candidate="c", minutes=5, reason="Khuyết tật"), SOON)
    log.take(planning.enroll(log.room, SOON, [("e", "003", "Bình")], regime="A"), SOON)
    assert log.room.sittings["e"].extra_minutes == 0


@pytest.mark.parametrize("act", ["move", "remove"])
def test_a_published_room_has_candidates_when_it_opens(act: str) -> None:
    """A14.2b.2: assigned before the room opens; who opened it may be sent elsewhere."""

    def last(log: Log, at: datetime) -> Decision:
        if act == "move":
            return planning.move_out(log.room, at, "c", "r2")
        return planning.remove_candidate(log.room, at, "c", "Không dự thi")

    log = Log().published("c")
    with pytest.raises(Refusal, match="candidates_needed") as refused:
        last(log, EARLY)
    assert "citation" in refused.value.details
    assert last(Log().published("c", "d"), EARLY).events
    draft = Log()
    draft.take(planning.enroll(draft.room, EARLY, [AN], regime="A"), EARLY)
    assert last(draft, EARLY).events
    log.take(last(log, SOON), SOON)
    assert not log.room.sittings
    others = [each for each in STAFF if each.staff != "s2"]
    assert planning.assign_staff(log.room, SOON, others).events  # its staff can still be changed
