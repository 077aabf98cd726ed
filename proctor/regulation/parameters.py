"""Figures by effective date and citation, read from `parameters/*.yaml`.

A figure is looked up for the day it is applied to. A day that no text covers is refused: better no answer than a
guessed one. So is a figure that a reading of its text forbids: the files may be edited, the text stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from proctor.regulation.citation import Citation, Regime
from proctor.regulation.refusal import Refusal

_FOLDER = Path(__file__).parent / "parameters"
_LEAST: Mapping[tuple[Regime, str], tuple[int, str]] = {
    # Staff are to be inside by T - 30 min (A14.2c.1): a house may open the gate earlier, never later.
    ("A", "staff_open_minutes"): (30, "X28"),
}
"""What a figure may not be lower than, and the reading that says so. Regime B has no text of this (B21.3)."""


class UncoveredDate(LookupError):
    """No version of the parameter is in force on that day."""


@dataclass(frozen=True)
class Value:
    """One version of a figure."""

    value: int
    valid_from: date
    citation: Citation


@dataclass(frozen=True)
class Parameter:
    """A figure of one regime with its versions, newest first."""

    name: str
    unit: str
    versions: tuple[Value, ...]

    def on(self, day: date) -> Value:
        """The version in force on `day`.

        Raises UncoveredDate when `day` lies before the first version.
        """
        for version in self.versions:
            if version.valid_from <= day:
                return version
        raise UncoveredDate(f"{self.name} has no value on {day.isoformat()}")


@cache
def parameters(regime: Regime) -> Mapping[str, Parameter]:
    """All figures of a regime by name. Raises as `read`."""
    return read(_FOLDER, regime)


def read(folder: Path, regime: Regime) -> Mapping[str, Parameter]:
    """The figures of a regime as a file in `folder` has them.

    Raises Refusal `figure_too_low`, which names the file, the figure and the day from which it would hold.
    """
    with (folder / f"{regime}.yaml").open(encoding="utf-8") as file:
        document = yaml.safe_load(file)
    return {name: _checked(regime, _parameter(name, entry)) for name, entry in document.items()}


def figure(regime: Regime, name: str, day: date) -> int:
    """The figure `name` of `regime` in force on `day`.

    Raises UncoveredDate for a day without a text, KeyError for a name that no file has.
    """
    return parameters(regime)[name].on(day).value


def _checked(regime: Regime, parameter: Parameter) -> Parameter:
    least, reading = _LEAST.get((regime, parameter.name), (0, ""))
    for version in parameter.versions:
        if version.value < least:
            raise Refusal(
                "figure_too_low", field=f"{regime}.yaml: {parameter.name}, {version.valid_from.isoformat()}",
                value=version.value, least=least, citation=str(version.citation), reading=reading,
            )  # fmt: skip
    return parameter


def _parameter(name: str, entry: Mapping[str, object]) -> Parameter:
    versions = entry["values"]
    assert isinstance(versions, dict)
    return Parameter(
        name=name,
        unit=str(entry["unit"]),
        versions=tuple(
            sorted(
                (Value(int(version["value"]), day, Citation(version["citation"])) for day, version in versions.items()),
                key=lambda version: version.valid_from,
                reverse=True,
            )
        ),
    )
