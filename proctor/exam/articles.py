"""What the working of an exam room rests on, in the words of the regime that the exam is held under (reading X37).

Article 14 of regulation A orders how a room works: how many it holds, who comes when, its times, its papers, its lists.
Regulation B has no such article. It holds final exams face to face; online it goes by the guidance of the ministry
(B22.2.2), and how papers, admission, times and invigilation go is the Rector's to regulate (B21.3). What A orders for a
room is applied in B as the house's procedure under these two, and nothing of A is cited there. Where B orders a thing
itself, that article stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from proctor.regulation.citation import Citation, Regime, cite

HOUSE_PROCEDURE = ("B21.3", "B22.2.2")
ORDERED_BY_B: Mapping[str, tuple[str, ...]] = {
    "A14.1": ("B21.3",),  # content, form and duration
    "A14.2b.4": ("B22.4",),  # papers: the head of the academic unit has confirmed them
    "A16.1": ("B21.3",),  # forms
}


def articles(regime: Regime, *rules: str) -> tuple[Citation, ...]:
    """What stands, in `regime`, for these rules of regulation A."""
    if regime == "A":
        return cite(*rules)
    return cite(*dict.fromkeys(found for rule in rules for found in ORDERED_BY_B.get(rule, HOUSE_PROCEDURE)))


def cited(regime: Regime, *rules: str) -> str:
    """The same as a refusal tells it."""
    return ", ".join(map(str, articles(regime, *rules)))
