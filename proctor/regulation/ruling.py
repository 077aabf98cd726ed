"""What a rule answers: an outcome with its reasons, its articles and the readings it rests on.

A ruling advises. Who acts on it, and whether, is a person's recorded decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proctor.regulation.citation import Citation


@dataclass(frozen=True)
class Ruling:
    """`outcome` is a code of the rule; `unmet` names the conditions that failed, in the order of the text."""

    outcome: str
    citations: tuple[Citation, ...]
    unmet: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return not self.unmet
