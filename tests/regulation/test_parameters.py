"""Figures by day and citation."""

from __future__ import annotations

from datetime import date

import pytest

from proctor.regulation.citation import Citation
from proctor.regulation.parameters import UncoveredDate, figure, parameters


def test_the_figures_of_the_exam_room_are_those_of_the_text() -> None:
    day = date(2026, 11, 23)
    assert figure("A", "room_capacity", day) == 50
    assert figure("A", "staff_open_minutes", day) == 30
    assert parameters("A")["room_capacity"].on(day).citation == Citation("A14.2a")


def test_a_day_without_a_text_is_refused() -> None:
    first = parameters("A")["room_capacity"].versions[-1].valid_from
    assert figure("A", "room_capacity", first) == 50
    with pytest.raises(UncoveredDate):
        figure("A", "room_capacity", date(first.year - 1, 12, 31))


@pytest.mark.parametrize("wrong", ["", "14.2a", "C1.1", "A", "AB14"])
def test_a_citation_is_a_rule_number(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a rule number"):
        Citation(wrong)
