"""Where a rule stands in the regulations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Regime = Literal["A", "B"]
_NUMBER = re.compile(r"(A|B|BQ)(?:\d+|\.\d+).*")


@dataclass(frozen=True, order=True)
class Citation:
    """One rule by its number, such as `A14.2b.4`: regulation A, article 14, clause 2, point b, fourth item."""

    rule: str

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.rule):
            raise ValueError(f"not a rule number: {self.rule!r}")

    @property
    def regime(self) -> Regime:
        return "A" if self.rule.startswith("A") else "B"

    def __str__(self) -> str:
        return self.rule


def cite(*rules: str) -> tuple[Citation, ...]:
    """The citations of several rule numbers."""
    return tuple(Citation(rule) for rule in rules)
