"""What a room says no with cites the regime it is held under, and never the other one (reading X37)."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import proctor
from proctor.exam import articles, closing, entry, schedule, staffing, submission
from proctor.exam.basis import Basis, Ground
from proctor.exam.decisions import admission, planning, presence, times
from proctor.exam.decisions.closing import hand_over
from proctor.exam.permissions import Role
from proctor.exam.plan import Form, PaperState, Plan, publication
from proctor.exam.room import Decision, Delay, Room
from proctor.exam.schedule import Schedule
from proctor.regulation.citation import Citation, Regime
from proctor.regulation.parameters import UncoveredDate, figure, parameters
from proctor.regulation.refusal import Refusal
from proctor.regulation.ruling import Ruling
from tests.exam.rooms import DEVICES, EARLY, ENTRY, MINUTE, STAFF, Log, T
from tests.exam.rooms import times as planned

REGIMES: tuple[Regime, ...] = ("A", "B")
WRONG = Schedule(T, T - MINUTE, 90, T + 90 * MINUTE, T + 95 * MINUTE)
RULINGS: dict[str, Callable[[Regime], Ruling]] = {
    "capacity": lambda regime: entry.capacity(50, 1, T, regime=regime),
    "staff_gate": lambda regime: entry.staff_gate(planned(), EARLY, regime=regime),
    "candidate_gate": lambda regime: entry.candidate_gate(planned(), EARLY, invigilator_came=False, regime=regime),
    "late_arrival": lambda regime: entry.late_arrival(
        T, released_at=T, limit_minutes=0, lobby_at=None, allowed=False, regime=regime
    ),
    "check": lambda regime: schedule.check(WRONG, regime=regime),
    "setup": lambda regime: staffing.setup(0, (), supported=False, regime=regime),
    "acknowledged": lambda regime: staffing.acknowledged({}, regime=regime),
    "window": lambda regime: submission.window(None, T, T, regime=regime),
    "lists": lambda regime: closing.publication((), regime=regime),
    "publication": lambda regime: publication(
        Plan(regime=regime, basis=Basis(ground=Ground.EPIDEMIC)), date(2026, 11, 23), date(2026, 11, 23),
        PaperState(True, False), [],
    )[0],
}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("rule", RULINGS)
def test_a_ruling_rests_on_its_own_regime(regime: Regime, rule: str) -> None:
    citations = RULINGS[rule](regime).citations
    assert citations
    assert {each.regime for each in citations} == {regime}
    assert len(set(citations)) == len(citations)


def asks_for_a_regime() -> dict[str, inspect.Parameter]:
    """Whatever in the house takes a regime, by its name."""
    found = {}
    for module in pkgutil.walk_packages(proctor.__path__, "proctor."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        inside = vars(importlib.import_module(module.name)).values()
        classes = [each for each in inside if inspect.isclass(each)]
        for each in [*inside, *(method for one in classes for method in vars(one).values())]:
            if inspect.isfunction(each) or (inspect.isclass(each) and is_dataclass(each)):
                takes = inspect.signature(each).parameters.get("regime")
                if takes is not None and each.__module__.startswith("proctor."):
                    found[f"{each.__module__}.{each.__qualname__}"] = takes
    return found


def test_no_regime_is_taken_for_granted() -> None:
    """With a default a room of regime B would get regime A by an argument that somebody forgot."""
    asking = asks_for_a_regime()
    assert {"proctor.exam.plan.Plan", "proctor.exam.room.Room", "proctor.exam.entry.capacity"} <= asking.keys()
    assert [name for name, takes in asking.items() if takes.default is not inspect.Parameter.empty] == []


def over(room: Room) -> Room:
    log = Log()
    log.room = room
    return log.attended().admitted("c").pass_time(T).pass_time(T + timedelta(hours=2)).room


REFUSALS: dict[str, tuple[str, Callable[[Room], Any]]] = {
    "gate": ("gate_closed", lambda room: presence.enter_staff(room, EARLY, "s", Role.INVIGILATOR)),
    "full": ("room_capacity", lambda room: enroll(room, 50)),
    "moved": ("room_capacity", lambda room: one_more(full(room))),
    "staff": ("staff_needed", lambda room: planning.assign_staff(room, EARLY, STAFF[:1])),
    "roster": ("candidates_needed", lambda room: planning.remove_candidate(room, EARLY, "c", "Không dự thi")),
    "times": ("schedule_contradiction", lambda room: times.shift(delayed(room), T, minutes=1, reason="Mất điện")),
    "lists": ("lists_first", lambda room: hand_over(over(room), T, by="s", handover="h", log_head=(1, ""))),
}


def enroll(room: Room, count: int) -> Decision:
    people = [(f"d{number}", f"d{number}", "An") for number in range(count)]
    return planning.enroll(room, EARLY, people, regime=room.regime)


def one_more(room: Room) -> Decision:
    return planning.move_in(room, ENTRY, planning.Enrolment("d", "999", "An"), regime=room.regime)


def full(room: Room) -> Room:
    log = Log()
    log.room = room
    log.take(enroll(room, 49), EARLY)
    return log.room


def delayed(room: Room) -> Room:
    """Put off so far that nothing is left of the time."""
    return replace(room, delay=Delay(room.schedule.submit_by + timedelta(hours=1), "Chờ", "s"))


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_cites_the_regime_of_its_room(regime: Regime, case: str) -> None:
    code, act = REFUSALS[case]
    with pytest.raises(Refusal, match=code) as refused:
        act(Log().published("c", regime=regime).room)
    cited = [Citation(each) for each in refused.value.details["citation"].split(", ")]
    assert {each.regime for each in cited} == {regime}


@pytest.mark.parametrize("regime", REGIMES)
def test_an_oral_exam_without_a_microphone_is_refused_by_its_own_regime(regime: Regime) -> None:
    log = Log().published("c", regime=regime).attended().joined("c").ready("c")
    log.take(admission.report_device(log.room, ENTRY, "c", {**DEVICES, "microphone": {"ok": False}}, 1), ENTRY)
    with pytest.raises(Refusal, match="microphone_needed") as refused:
        admission.enter_lobby(replace(log.room, form=Form.ORAL), ENTRY, "c")
    assert refused.value.details["citation"].startswith(regime)


def test_a_draft_is_judged_by_the_regime_of_its_plan() -> None:
    """A room learns its regime at publication; the roster and the times are there before."""
    log = Log()
    with pytest.raises(Refusal) as refused:
        planning.enroll(log.room, EARLY, [(f"d{number}", f"d{number}", "An") for number in range(51)], regime="B")
    assert refused.value.details["citation"] == "B21.3, B22.2.2"
    with pytest.raises(Refusal) as refused:
        planning.revise(log.room, EARLY, "Triết học", WRONG, regime="B")
    assert refused.value.details["citation"] == "B21.3, B22.2.2"


def test_what_b_orders_itself_stands_alone_and_the_rest_is_the_houses_procedure() -> None:
    assert [str(each) for each in articles.articles("B", "A14.2b.1", "A14.2b.2", "A14.2b.4")] == [
        "B21.3", "B22.2.2", "B22.4",
    ]  # fmt: skip
    assert articles.cited("A", "A14.2b.1", "A14.2b.4") == "A14.2b.1, A14.2b.4"


@pytest.mark.parametrize("name", ["room_capacity", "staff_open_minutes"])
def test_each_regime_has_its_own_figures_with_its_own_articles(name: str) -> None:
    for regime in REGIMES:
        assert {each.citation.regime for each in parameters(regime)[name].versions} == {regime}
    assert figure("B", name, date(2024, 2, 12)) == figure("A", name, date(2024, 2, 12))
    with pytest.raises(UncoveredDate):  # in force from 12 Feb 2024 (X01)
        figure("B", name, date(2024, 2, 11))


@pytest.mark.parametrize(
    ("starts_at", "covered"),
    [
        ("2024-02-12T00:00+07:00", True),
        ("2024-02-12T06:30+07:00", True),  # still the 11th in UTC
        ("2024-02-11T23:59+07:00", False),
    ],
)
def test_a_figure_holds_from_its_first_day_where_the_exam_is(starts_at: str, covered: bool) -> None:
    starts = datetime.fromisoformat(starts_at).astimezone(UTC)
    given = Schedule(starts, starts, 60, starts + 60 * MINUTE, starts + 65 * MINUTE)
    assert schedule.check(given, regime="B").unmet == (() if covered else ("before_the_regime",))
    if covered:
        assert entry.rooms_needed(51, starts, regime="B") == 2
        assert entry.capacity(49, 1, starts, regime="B").met
        assert entry.staff_gate(given, starts - 30 * MINUTE, regime="B").met
    for ask in () if covered else (entry.rooms_needed, functools.partial(entry.capacity, 49)):
        with pytest.raises(UncoveredDate):
            ask(1, starts, regime="B")


def test_the_figure_of_the_rooms_regime_opens_its_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the Rector set another time for B, the rooms of A keep theirs, and the other way round."""
    minutes = {"A": 30, "B": 45}
    monkeypatch.setattr(schedule, "figure", lambda regime, name, day: minutes[regime])
    for regime in REGIMES:
        room, opens = Log().published("c", regime=regime).room, T - minutes[regime] * MINUTE
        presence.enter_staff(room, opens, "s", Role.INVIGILATOR)
        with pytest.raises(Refusal, match="gate_closed"):
            presence.enter_staff(room, opens - timedelta(microseconds=1), "s", Role.INVIGILATOR)
        assert (room.phase(opens), room.phase(opens - timedelta(microseconds=1))) == ("entry", "closed")
