"""Who has to be assigned to a room, and who has said yes (A14.2b.1, A14.2b.2, A14.2b.3, A23.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from proctor.exam.articles import articles
from proctor.exam.permissions import Role
from proctor.regulation.citation import Regime
from proctor.regulation.ruling import Ruling

NEEDED = (Role.INVIGILATOR, Role.SUPERVISOR, Role.TECH_SUPPORT)
"""At least one each before a room opens; "at least one" is our minimum, the text gives no number (A14.2b.2)."""

ASSIGNABLE = (*NEEDED, Role.INSPECTOR)
"""Who can be assigned to a room. Inspectors may be (reading X35); the others act for all rooms."""


IT_UNIT: dict[Regime, str] = {
    "A": "Phòng Tổ chức, hành chính, thông tin, tư liệu",
    "B": "Trung tâm Công nghệ thông tin",
}
"""Which unit is in charge of information technology, where a school names no other. A does not say; it gives the
infrastructure to this office (A21.2, reading X36)."""


@dataclass(frozen=True)
class Assigned:
    """A member of staff of a room."""

    staff: str
    full_name: str
    role: str
    acknowledged: bool = False
    unit: str = ""  # that the person belongs to (A21.3)


def setup(candidates: int, staff: Collection[Assigned], *, supported: bool, regime: Regime) -> Ruling:
    """Whether a room is set up for publication: the IT unit supports it, people are assigned, some to be examined."""
    unmet = [] if supported else ["it_unit"]
    if not candidates:
        unmet.append("candidates")
    roles = {person.role for person in staff}
    unmet += [role for role in NEEDED if role not in roles]
    citations = articles(regime, "A14.2b.1", "A14.2b.2")
    return Ruling("unmet" if unmet else "met", citations, tuple(unmet), ("X36",))


def acknowledged(staff: Mapping[str, Assigned], *, regime: Regime) -> Ruling:
    """Whether one of each role that a room needs has taken the assignment (A14.2b.2, A23.5)."""
    unmet = [
        role for role in NEEDED if not any(person.role == role and person.acknowledged for person in staff.values())
    ]
    return Ruling("unmet" if unmet else "met", articles(regime, "A14.2b.2", "A23.5"), tuple(unmet))
