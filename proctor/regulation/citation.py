"""Where a rule stands in the regulations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Regime = Literal["A", "B"]
_ARTICLE = re.compile(r"[AB](?P<article>\d+)(?:\.(?P<clause>\d+)(?P<point>[a-z]*))?(?:\.\d+)?")
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

    def words(self, language: Literal["vi", "en"]) -> str:
        """Article, clause and point as people name them; the rule's number inside the point is ours alone."""
        found = _ARTICLE.fullmatch(self.rule)
        if found is None:
            return self.rule
        article, clause, point = found["article"], found["clause"], (found["point"] or "").replace("dd", "đ")
        if language == "en":
            return f"Art. {article}" + (f".{clause}{point}" if clause else "")
        return f"Điều {article}" + (f" khoản {clause}" if clause else "") + (f" điểm {point}" if point else "")


def named(citations: Iterable[Citation], language: Literal["vi", "en"]) -> str:
    """Citations as they stand in a sentence, after the regime that each is of: `quy chế A: Điều 14 khoản 2 điểm a`."""
    label = "regime" if language == "en" else "quy chế"
    by_regime: dict[str, list[str]] = {}
    for each in citations:
        by_regime.setdefault(each.regime, []).append(each.words(language))
    return "; ".join(f"{label} {regime}: {', '.join(dict.fromkeys(found))}" for regime, found in by_regime.items())


def cite(*rules: str) -> tuple[Citation, ...]:
    """The citations of several rule numbers."""
    return tuple(Citation(rule) for rule in rules)
