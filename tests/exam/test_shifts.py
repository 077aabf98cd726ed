"""The change of shift: what goes over with the room, when an offer lapses, and in whose name the paper goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from proctor.exam import events as e
from proctor.exam.decisions import admission, briefing, conduct, papers, planning, presence
from proctor.exam.permissions import Role
from proctor.exam.room import Decision
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, STAFF, Log, T

UNBRIEFED = tuple(f"briefing:{topic}" for topic in papers.BRIEFINGS)


def offered() -> Log:
    """A hand is up and a violation noted; the first invigilator offers the room to the second."""
    log = Log().at_work()
    log.take(presence.enter_staff(log.room, T, "s2", Role.INVIGILATOR), T)
    noted = conduct.note_violation(
        log.room, T, by="s", violation="x", candidate="c", category="phone", text="", since=None, until=None
    )
    log.take(noted, T)
    log.take(conduct.raise_hand(log.room, T, "c"), T)
    log.take(presence.offer_shift(log.room, T, by="s", to="s2", note="Về sớm"), T)
    return log


def test_a_shift_is_offered_with_what_is_open_to_another_invigilator_who_alone_takes_it() -> None:
    log = offered()
    assert log.room.shift and log.room.shift.matters == ("hand:c", "violation:x", *UNBRIEFED)
    for person in ("p", "s", "nobody"):
        with pytest.raises(Refusal, match="not_assigned"):
            presence.offer_shift(log.room, T, by="s", to=person, note="")  # a supervisor runs no room
    with pytest.raises(Refusal, match="not_found"):
        presence.take_shift(log.room, T, "s", log.room.shift.matters)
    taken = log.take(presence.take_shift(log.room, T, "s2", log.room.shift.matters), T)
    assert taken.events == (e.ShiftTaken(by="s2", matters=("hand:c", "violation:x", *UNBRIEFED)),)
    assert (log.room.shift, log.room.shift_taken_by) == (None, "s2")


def test_what_came_since_the_matters_were_shown_has_to_be_read_first() -> None:
    log = offered()
    assert log.room.shift
    shown = log.room.shift.matters
    log.take(conduct.write(log.room, T, candidate="c", message="m", text="Em không thấy trang 2"), T)
    for too_few in ((), shown):
        with pytest.raises(Refusal, match="matters_changed") as refused:
            presence.take_shift(log.room, T, "s2", too_few)
        assert refused.value.details == {"matters": ["hand:c", "violation:x", "message:m", *UNBRIEFED]}
    assert log.room.shift is not None
    taken = presence.take_shift(log.room, T, "s2", refused.value.details["matters"])
    assert taken.events == (e.ShiftTaken(by="s2", matters=("hand:c", "violation:x", "message:m", *UNBRIEFED)),)


def test_what_was_settled_since_is_nothing_to_acknowledge() -> None:
    log = offered()
    assert log.room.shift
    shown = log.room.shift.matters
    log.take(conduct.lower_hand(log.room, T, "c", "s"), T)
    assert presence.take_shift(log.room, T, "s2", shown).events == (
        e.ShiftTaken(by="s2", matters=("violation:x", *UNBRIEFED)),
    )


def test_an_empty_room_is_taken_without_anything_to_read() -> None:
    log = briefed(Log().published("c").attended())
    log.take(presence.offer_shift(log.room, ENTRY, by="s", to="s2", note=""), ENTRY)
    assert presence.take_shift(log.room, ENTRY, "s2").events == (e.ShiftTaken(by="s2"),)


@pytest.mark.parametrize(
    "staff",
    [
        [each for each in STAFF if each.staff != "s2"],
        [replace(each, role="supervisor") if each.staff == "s2" else each for each in STAFF],
    ],
)
def test_an_offer_to_somebody_who_runs_the_room_no_more_lapses(staff: list[planning.Assigned]) -> None:
    log = offered()
    assigned = log.take(planning.assign_staff(log.room, T, staff), T)
    assert assigned.events[0] == e.ShiftLapsed(by="s", to="s2")
    lapsed = log.room.shift_lapsed
    assert lapsed and (lapsed.by, lapsed.full_name) == ("s", "Cán bộ coi thi hai")
    with pytest.raises(Refusal, match="not_found"):
        presence.take_shift(log.room, T, "s2", presence.open_matters(log.room))
    log.take(planning.assign_staff(log.room, T, STAFF), T)
    assert log.room.shift is None  # coming back does not revive it
    log.take(presence.offer_shift(log.room, T, by="s", to="s2", note=""), T)
    assert log.room.shift_lapsed is None


def test_an_offer_stands_while_others_come_and_go() -> None:
    log = offered()
    log.take(planning.assign_staff(log.room, T, [each for each in STAFF if each.staff != "p"] + [
        planning.Assigned("p2", "Giám sát khác", "supervisor")]), T)  # fmt: skip
    assert log.room.shift is not None


def released_by(log: Log) -> str:
    (released,) = (each for each in papers.release(log.room, T).events if isinstance(each, e.PaperReleased))
    return released.by


def came(*people: str) -> Log:
    log = Log().published("c")
    for minute, person in enumerate(people):
        now = ENTRY + minute * MINUTE
        log.take(presence.enter_staff(log.room, now, person, Role.INVIGILATOR), now)
    return log


def given(log: Log, by: str, to: str) -> Log:
    log.take(presence.offer_shift(log.room, ENTRY, by=by, to=to, note=""), ENTRY)
    log.take(presence.take_shift(log.room, ENTRY, to, presence.open_matters(log.room)), ENTRY)
    return log


def test_the_paper_goes_out_in_the_name_of_who_has_the_shift() -> None:
    """Reading X34: in the invigilator's name. Without a change of shift that is who came first."""
    assert released_by(came("s", "s2")) == "s"
    assert released_by(came("s2", "s")) == "s2"
    assert released_by(given(came("s", "s2"), "s", "s2")) == "s2"
    assert released_by(given(came("s2", "s"), "s2", "s")) == "s"
    assert released_by(given(given(came("s", "s2"), "s", "s2"), "s2", "s")) == "s"


def test_who_has_the_shift_and_is_away_releases_nothing() -> None:
    assert released_by(given(came("s", "s2"), "s", "s2").left("s2", ENTRY)) == "s"


def test_who_comes_to_a_held_release_releases_the_paper() -> None:
    log = Log().published("c").pass_time(T)
    entered = presence.enter_staff(log.room, T + MINUTE, "s2", Role.INVIGILATOR).events
    assert [each.by for each in entered if isinstance(each, e.PaperReleased)] == ["s2"]


def briefed(log: Log) -> Log:
    for topic in papers.BRIEFINGS:
        log.take(briefing.hold(log.room, ENTRY, by="s", topic=topic), ENTRY)
    return log


def sent(log: Log, decision: Decision, now: datetime = T) -> Log:
    log.take(decision, now)
    return log


def entry() -> Log:
    """Briefed, one candidate waits."""
    return briefed(Log().published("c").attended().waiting("c"))


def at_work() -> Log:
    return briefed(Log().published("c").attended().admitted("c")).pass_time(T)


def suspended(log: Log) -> Log:
    return sent(log, conduct.suspend(log.room, T, by="s", candidate="c", reason="Nghi nhờ người"))


def noted(log: Log) -> Log:
    period: Any = {"since": None, "until": None}
    return sent(log, conduct.note_violation(
        log.room, T, by="s", violation="x", candidate="c", category="phone", text="", **period
    ))  # fmt: skip


OPEN: dict[str, Callable[[], Log]] = {
    "waiting:c": entry,
    "refused:c": lambda: sent(
        log := entry(), admission.refuse(log.room, ENTRY, by="s", candidate="c", reason="Thẻ mờ"), ENTRY
    ),
    "asking:c": lambda: at_work().asking("c"),
    "offline:c": lambda: sent(log := at_work(), presence.disconnect_candidate(log.room, T, "c", 1, "network")),
    "hand:c": lambda: sent(log := at_work(), conduct.raise_hand(log.room, T, "c")),
    "suspended:c": lambda: suspended(at_work()),
    "absent:c": lambda: sent(log := at_work(), conduct.begin_absence(log.room, T, by="s", candidate="c", why="")),
    "asked:c": lambda: sent(
        log := at_work(), admission.ask_again(log.room, T, by="s", candidate="c", subject="card", text="")
    ),
    "violation:x": lambda: noted(at_work()),
    "message:m": lambda: sent(log := at_work(), conduct.write(log.room, T, candidate="c", message="m", text="Em hỏi")),
    "briefing:submission": lambda: Log().published("c").attended().admitted("c").pass_time(T),
    "release_delayed": lambda: sent(
        log := entry(), papers.delay_release(log.room, ENTRY, by="s", until=T + 10 * MINUTE, reason="Chờ")
    ),
    "release_held": lambda: entry().left("s", ENTRY).pass_time(T),
    "room_held": lambda: sent(log := entry(), presence.restart(log.room, T + MINUTE, 2, T - MINUTE), T + MINUTE),
}


@pytest.mark.parametrize("matter", OPEN)
def test_whatever_stays_open_goes_over_with_the_shift(matter: str) -> None:
    assert matter in presence.open_matters(OPEN[matter]().room)


def test_every_kind_of_matter_was_looked_at_and_a_room_in_order_leaves_none() -> None:
    assert {matter.partition(":")[0] for matter in OPEN} == presence.MATTERS.keys()
    assert presence.open_matters(at_work().room) == ()


def test_who_was_refused_and_has_gone_waits_no_more() -> None:
    log = OPEN["refused:c"]()
    log.take(presence.disconnect_candidate(log.room, ENTRY, "c", 1, "left"), ENTRY)
    assert presence.open_matters(log.room) == ()


def test_briefings_that_were_noted_as_missing_are_settled() -> None:
    log = OPEN["briefing:submission"]()
    log.take(briefing.acknowledge_missing(log.room, T, by="s"), T)
    assert presence.open_matters(log.room) == ()
