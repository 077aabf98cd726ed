"""When work counts as submitted (A14.2b.7)."""

from __future__ import annotations

from datetime import datetime

from proctor.exam.articles import articles
from proctor.regulation.citation import Regime
from proctor.regulation.ruling import Ruling


def window(released_at: datetime | None, submit_by: datetime, received_at: datetime, *, regime: Regime) -> Ruling:
    """Whether work received at `received_at` is a submission: release <= received <= submit-by, inclusive.

    What comes outside the window is evidence, never a submission.
    """
    unmet = []
    if released_at is None or received_at < released_at:
        unmet.append("before_release")
    if received_at > submit_by:
        unmet.append("after_submit_by")
    return Ruling(
        "rejected" if unmet else "accepted",
        articles(regime, "A14.2b.7"),
        tuple(unmet),
        values={"kept_as": "rejected_evidence" if unmet else "submission"},
    )
