"""What is decided of an exam before it is published, apart from its times, rooms and people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from proctor.exam.alike import folded
from proctor.exam.articles import articles
from proctor.exam.basis import CONSENTS, Basis, Programme, allowed_online, signed_by
from proctor.regulation.citation import Regime
from proctor.regulation.decision import EARLIEST, DecisionRef
from proctor.regulation.ruling import Ruling


class Form(StrEnum):
    """How an exam is sat in a live room (A16.1). A course report is handed in without one, under A15."""

    WRITTEN = "written"
    MULTIPLE_CHOICE = "multiple_choice"
    ORAL = "oral"


HELD_BY_ROOMS = frozenset({Form.WRITTEN})
"""The forms that rooms can hold; an exam of another form stays a draft."""

MOST_LATE_MINUTES = 240
MOST_GRACE_MINUTES = 24 * 60
MOST_UNIT_CHARACTERS = 200


@dataclass(frozen=True)
class RoomRules:
    """What an exam sets for its rooms. They learn it at publication.

    `late_minutes`: how long after the release of the paper a candidate may still come; None: until work is due.
    `collect_saved`: work that was saved counts as handed in at the deadline, never of a disconnected sitting (X31).
    `upload_grace_minutes`: how long bytes of files that were named in time may follow; it takes a decision (A14.2b.7).
    `publish_absent`: the other reading of X32.

    Raises ValueError for minutes below zero, or that nobody can have meant.
    """

    late_minutes: int | None = None
    collect_saved: bool = False
    upload_grace_minutes: int = 0
    publish_absent: bool = False

    def __post_init__(self) -> None:
        for name, value, most in (
            ("late_minutes", self.late_minutes or 0, MOST_LATE_MINUTES),
            ("upload_grace_minutes", self.upload_grace_minutes, MOST_GRACE_MINUTES),
        ):
            if not 0 <= value <= most:
                raise ValueError(f"{name} must be from 0 to {most}")


FIRST_REGIME: Regime = "A"
"""What a draft is judged by until the office says in its plan what it is held under."""


DECISIONS = ("form_decision", "conditions", "grace_decision")
"""The names of the decisions in a plan, apart from those of its basis."""


@dataclass(frozen=True)
class Plan:
    """The decisions behind an exam. A missing one keeps it a draft."""

    regime: Regime
    programme: Programme = Programme.TRAINING
    form: Form = Form.WRITTEN
    form_decision: DecisionRef | None = None  # the Rector's, per course (A16.1)
    conditions: DecisionRef | None = None  # content, form and duration come from outside (A14.1, X43)
    basis: Basis = field(default_factory=Basis)
    rules: RoomRules = field(default_factory=RoomRules)
    grace_decision: DecisionRef | None = None
    unit: str = ""  # academic, that sets the paper of regime B; its head confirms it (B22.4)

    def wrong(self, today: date) -> str | None:
        """Where in it something stands that cannot be entered `today`, as "basis.direction.number"; None: nowhere."""
        if len(self.unit) > MOST_UNIT_CHARACTERS:
            return "unit"
        own = {name: getattr(self, name) for name in DECISIONS}
        consents = {f"basis.{name}": getattr(self.basis, name) for name in CONSENTS}
        for name, decision in (own | consents).items():
            if decision is not None and (part := decision.wrong(today)) is not None:
                return f"{name}.{part}"
        for name, day in (("since", self.basis.since), ("until", self.basis.until)):
            if day is not None and day < EARLIEST:
                return f"basis.{name}"
        return None

    def is_set_by(self, unit: str) -> bool:
        """Whether `unit`, as a member of staff has it, is the academic unit that sets the paper (B22.4)."""
        return bool(folded(self.unit)) and folded(self.unit) == folded(unit)

    def copied(self, today: date) -> Plan:
        """What of it another exam of the course begins with `today`: why it is held online has to be decided anew (A4),
        and so does what records hold of earlier days, but nobody could enter now."""

        def enterable(decision: DecisionRef | None) -> DecisionRef | None:
            return decision if decision is not None and decision.wrong(today) is None else None

        return replace(
            self, basis=Basis(), form_decision=enterable(self.form_decision), conditions=enterable(self.conditions),
            grace_decision=enterable(self.grace_decision),
        )  # fmt: skip


def decided(plan: Plan, first_day: date, today: date) -> Ruling:
    """Whether everything that others decide is there: grounds, form, conditions (A4, B22.2, A16.1, A14.1).

    A publication of `today` rests on the decisions on form, conditions and waiting for files, and so does the exam:
    they are signed no later than the earlier of the two days.
    """
    basis = allowed_online(plan.regime, plan.programme, plan.basis, first_day)
    unmet = list(basis.unmet)
    citations = (*basis.citations, *articles(plan.regime, "A16.1", "A14.1"))
    if plan.form not in HELD_BY_ROOMS:
        unmet.append("form_not_held")
    needed_on = min(today, first_day)
    unmet += signed_by("form_decision", plan.form_decision, needed_on)
    unmet += signed_by("conditions", plan.conditions, needed_on)
    if plan.rules.upload_grace_minutes:
        unmet += signed_by("grace_decision", plan.grace_decision, needed_on)
    return Ruling("unmet" if unmet else "met", citations, tuple(unmet), basis.readings)


@dataclass(frozen=True)
class PaperState:
    """What publication asks of an exam's paper. `confirmed` by the head of the academic unit (B22.4)."""

    loaded: bool
    confirmed: bool


def publication(
    plan: Plan, first_day: date, today: date, paper: PaperState, rooms: Iterable[tuple[str, Ruling]]
) -> tuple[Ruling, dict[str, tuple[str, ...]]]:
    """Whether an exam may be published `today`, and what each of its rooms, by name, still lacks.

    Without a ground the exam stays a draft (A4.1a); a paper of regime B has a unit whose head confirms it first
    (B22.4); each room has the IT unit's support and its people (A14.2b.1, A14.2b.2).
    """
    ruling = decided(plan, first_day, today)
    unmet = list(ruling.unmet)
    citations = tuple(dict.fromkeys((*ruling.citations, *articles(plan.regime, "A14.2b.1", "A14.2b.2", "A14.2b.4"))))
    if plan.regime == "B" and not folded(plan.unit):
        unmet.append("unit")
    if not paper.loaded:
        unmet.append("paper")
    elif plan.regime == "B" and not paper.confirmed:
        unmet.append("paper_confirmation")
    rooms = list(rooms)
    lacking = {room: found.unmet for room, found in rooms if found.unmet}
    if not rooms:
        unmet.append("rooms")
    if lacking:
        unmet.append("room_setup")
    return Ruling("unmet" if unmet else "met", citations, tuple(unmet), ruling.readings), lacking
