"""Figures by day and citation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from proctor.app import House
from proctor.errors import describe
from proctor.regulation import parameters as module
from proctor.regulation.citation import Citation, Regime
from proctor.regulation.parameters import UncoveredDate, figure, parameters, read
from proctor.regulation.refusal import Refusal
from tests.support.house import config_in


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


def written(folder: Path, regime: Regime, minutes: int) -> Path:
    """A file that opens the gate so many minutes before the start, from a later day on."""
    later = f"    2027-01-01: {{value: {minutes}, citation: {'A14.2c.1' if regime == 'A' else 'B21.3'}}}\n"
    (folder / f"{regime}.yaml").write_text((module._FOLDER / f"{regime}.yaml").read_text() + later)
    return folder


@pytest.mark.parametrize(("regime", "minutes"), [("A", 30), ("A", 45), ("B", 15)])
def test_a_house_may_open_the_gate_earlier(tmp_path: Path, regime: Regime, minutes: int) -> None:
    figures = read(written(tmp_path, regime, minutes), regime)
    assert figures["staff_open_minutes"].on(date(2027, 1, 1)).value == minutes


def test_a_gate_that_opens_later_than_its_text_allows_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        read(written(tmp_path, "A", 29), "A")
    assert refused.value.details["field"] == "A.yaml: staff_open_minutes, 2027-01-01"
    assert describe(refused.value)["en"] == (
        "The figure A.yaml: staff_open_minutes, 2027-01-01 is 29; it has to be 30 at least "
        "(regime A: Art. 14.2c, X28)."
    )


async def test_with_a_wrong_figure_no_server_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_in(tmp_path / "house")
    monkeypatch.setattr(module, "_FOLDER", written(tmp_path, "A", 29))
    parameters.cache_clear()
    try:
        with pytest.raises(Refusal, match="figure_too_low"):
            await House.open(config)
    finally:
        parameters.cache_clear()
    assert not config.data.exists()
