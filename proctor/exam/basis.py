"""Whether an exam may be held online at all (A4, B22.2): the ground, and who has consented.

Regime A allows online work of a training programme when force majeure makes it impossible face to face, with the
consent of the provincial Party committee and of the Academy; of a refresher course under the direction of the
competent authority. Regime B holds final exams face to face, except on such a ground and by guidance of the Ministry
(reading X37). Consents are dated no later than the first day online (A4.1b, implied).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from proctor.regulation.citation import Regime, cite
from proctor.regulation.decision import DecisionRef
from proctor.regulation.ruling import Ruling


class Ground(StrEnum):
    """Why the exam cannot be held face to face (A4.1a, B22.2.2)."""

    NATURAL_DISASTER = "natural_disaster"
    EPIDEMIC = "epidemic"
    OTHER_FORCE_MAJEURE = "other_force_majeure"


class Programme(StrEnum):
    """The kinds of programme that regime A tells apart."""

    TRAINING = "training"
    REFRESHER = "refresher"


@dataclass(frozen=True)
class Basis:
    """What an online exam rests on. Which papers are needed follows from regime and programme."""

    ground: Ground | None = None
    description: str = ""
    since: date | None = None  # the period for which the ground holds
    until: date | None = None
    party_consent: DecisionRef | None = None
    academy_consent: DecisionRef | None = None
    direction: DecisionRef | None = None
    refresher_requirement_met: bool = False
    ministry_guidance: DecisionRef | None = None


CONSENTS = ("party_consent", "academy_consent", "direction", "ministry_guidance")
"""The names of the decisions in a basis."""


def allowed_online(regime: Regime, programme: Programme, basis: Basis, first_day: date) -> Ruling:
    """Whether `basis` lets an exam be held online from `first_day` on (A4.1, A4.2a, B22.2.2)."""
    unmet = []
    if basis.ground is None:
        unmet.append("ground")
    if not basis.description.strip():
        unmet.append("ground_description")
    if (basis.since and basis.since > first_day) or (basis.until and basis.until < first_day):
        unmet.append("ground_period")
    if regime == "B":
        unmet += signed_by("ministry_guidance", basis.ministry_guidance, first_day)
        return Ruling("unmet" if unmet else "met", cite("B22.2.1", "B22.2.2"), tuple(unmet), ("X37",))
    if programme is Programme.REFRESHER:
        unmet += signed_by("direction", basis.direction, first_day)
        if not basis.refresher_requirement_met:
            unmet.append("refresher_requirement")
        return Ruling("unmet" if unmet else "met", cite("A4.2a"), tuple(unmet))
    unmet += signed_by("party_consent", basis.party_consent, first_day)
    unmet += signed_by("academy_consent", basis.academy_consent, first_day)
    return Ruling("unmet" if unmet else "met", cite("A4.1a", "A4.1b"), tuple(unmet), ("X53",))


def signed_by(name: str, decision: DecisionRef | None, day: date) -> list[str]:
    """What is unmet of a decision that is needed on `day`: it is not there, or not whole, or dated later."""
    if decision is None or not decision.whole:
        return [name]
    return [f"{name}_date"] if decision.signed_on > day else []
