"""The two lists that are published at the end of an exam (A14.2dd, reading X32)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from proctor.exam.articles import articles
from proctor.regulation.citation import Regime
from proctor.regulation.ruling import Ruling


@dataclass(frozen=True)
class Row:
    """What the lists need to know of one candidate of the roster. `submitted_at`: an accepted submission."""

    candidate: str
    full_name: str
    admitted: bool
    submitted_at: datetime | None
    violation_confirmed: bool
    in_room: bool
    excused: bool = False  # had nothing to hand in here: referred to another sitting, or off the roster


def publication(rows: Iterable[Row], *, publish_absent: bool = False, regime: Regime) -> Ruling:
    """Who did not submit, who broke the rules, who is told, and who stands in the minutes only.

    `publish_absent` is the other reading of X32: who never came is listed among those who did not submit.
    """
    rows = list(rows)
    absent = [row for row in rows if not row.admitted and not row.excused]
    did_not_submit = [
        row for row in rows if row.submitted_at is None and not row.excused and (row.admitted or publish_absent)
    ]
    violated = [row for row in rows if row.violation_confirmed]
    return Ruling(
        "published", articles(regime, "A14.2dd.1", "A14.2dd.2"), (), ("X32",),
        {
            "did_not_submit": tuple(row.full_name for row in did_not_submit),
            "violated": tuple(row.full_name for row in violated),
            "who_did_not_submit": tuple(row.candidate for row in did_not_submit),
            "who_violated": tuple(row.candidate for row in violated),
            "recipients": tuple(row.candidate for row in rows if row.in_room),
            "minutes_only": tuple(row.full_name for row in absent if row not in did_not_submit),
        },
    )  # fmt: skip
