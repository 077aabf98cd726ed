"""One person in two rooms at the same time.

Whether two entries of rosters are one person is a judgement on what the lists say. What is sure is refused; where it
may be chance the office is warned and decides.

| number | name | identity | rooms | is |
|---|---|---|---|---|
| same | any | any | of one exam | refused: a number names one candidate of an exam |
| same | same | not both given and different | of two exams | refused: nobody else has both |
| any | same | same | any | refused: the identity tells people of one name apart |
| same | other | any | of two exams | warned: numbers may begin at 001 in each exam |
| any | same | missing in one | any | warned: names repeat |
| any | same | different | any | nothing: two people of one name |

A member of staff runs one room at a time (A14.2c); who oversees several at once may be assigned to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from proctor.exam.alike import folded
from proctor.exam.schedule import Schedule
from proctor.regulation.citation import Regime

# Who need not stay in one room (A14.2d): named as text, a role that does not exist yet included.
OVERSEEING = frozenset({"supervisor", "inspector", "tech_support", "it_unit", "unit_head", "training_office"})

Code = Literal["in_this_exam", "same_person", "same_number", "same_name"]
REFUSED: frozenset[Code] = frozenset({"in_this_exam", "same_person"})


@dataclass(frozen=True)
class Occupied:
    """A room for the time that it holds people; `until` itself is free again."""

    exam: str
    room: str
    since: datetime
    until: datetime

    def overlaps(self, other: Occupied) -> bool:
        return self.since < other.until and other.since < self.until


@dataclass(frozen=True)
class Listed:
    """A candidate as a roster tells it. `identity` is what the roster tells people of one name apart by, or empty."""

    number: str
    full_name: str
    identity: str = ""


@dataclass(frozen=True)
class Clash:
    """Entry `index` of those that were asked about, and the room where the person seems to be."""

    index: int
    room: str
    code: Code

    @property
    def refused(self) -> bool:
        return self.code in REFUSED


def for_candidates(exam: str, room: str, times: Schedule) -> Occupied:
    """When a candidate has to be in the room: from T to the end."""
    return Occupied(exam, room, times.starts_at, times.end_at)


def for_staff(exam: str, room: str, times: Schedule, *, regime: Regime) -> Occupied:
    """When staff have to be in the room: from T minus 30 minutes (A14.2c.1) to the end."""
    return Occupied(exam, room, times.staff_entry_at(regime=regime), times.end_at)


def candidates(
    wanted: Iterable[Listed], place: Occupied, others: Iterable[tuple[Occupied, Listed]]
) -> list[Clash]:
    """Where those `wanted` in `place` seem to be at that time already: the gravest clash of each, in their order.

    `others` are the candidates of all rooms; those of `place` itself are left out, the room refuses a number twice.
    """
    rivals = [(there, known) for there, known in others if there.room != place.room and there.overlaps(place)]
    by_number: dict[str, list[tuple[Occupied, Listed]]] = {}
    by_name: dict[str, list[tuple[Occupied, Listed]]] = {}
    for rival in rivals:
        by_number.setdefault(folded(rival[1].number), []).append(rival)
        by_name.setdefault(folded(rival[1].full_name), []).append(rival)
    clashes = []
    for index, person in enumerate(wanted):
        found = [
            Clash(index, there.room, code)
            for there, known in (
                *by_number.get(folded(person.number), ()), *by_name.get(folded(person.full_name), ())
            )
            if (code := _judged(person, known, one_exam=there.exam == place.exam))
        ]  # fmt: skip
        if found:
            clashes.append(min(found, key=lambda clash: (not clash.refused, clash.code, clash.room)))
    return clashes


def _judged(one: Listed, other: Listed, *, one_exam: bool) -> Code | None:
    same_number = folded(one.number) == folded(other.number)
    same_name = folded(one.full_name) == folded(other.full_name)
    told_apart = bool(one.identity and other.identity)
    same_identity = told_apart and folded(one.identity) == folded(other.identity)
    if same_number and one_exam:
        return "in_this_exam"
    if same_name and (same_identity or (same_number and not told_apart)):
        return "same_person"
    if same_number:
        return "same_number"
    if same_name and not told_apart:
        return "same_name"
    return None


def within(wanted: Iterable[Listed], enrolled: Iterable[Listed] = ()) -> list[int]:
    """Entries with the name and the identity of one before them, or of one who is `enrolled` in the room."""
    seen = {(folded(known.full_name), folded(known.identity)) for known in enrolled}
    repeated = []
    for index, person in enumerate(wanted):
        key = folded(person.full_name), folded(person.identity)
        if person.identity and key in seen:
            repeated.append(index)
        seen.add(key)
    return repeated


def staff(
    wanted: Iterable[tuple[str, str]], place: Occupied, others: Iterable[tuple[Occupied, str, str]]
) -> list[tuple[str, str]]:
    """Those of `wanted`, as (person, role), who run another room at that time, with that room.

    `others` are (room, person, role) of all assignments. A role that oversees several rooms is left out on both sides:
    an inspector of one room may well be an inspector of all.
    """
    running: dict[str, str] = {}
    for there, person, role in others:
        if there.room != place.room and role not in OVERSEEING and there.overlaps(place):
            running.setdefault(person, there.room)
    return [
        (person, running[person])
        for person, role in wanted
        if role not in OVERSEEING and person in running
    ]
