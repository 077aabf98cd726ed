"""People and exams of the demonstration, planned through the office's use cases."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from proctor.app import House
from proctor.exam import plan as exam_plan
from proctor.exam.basis import Basis, Ground
from proctor.exam.permissions import Role
from proctor.exam.schedule import Schedule
from proctor.exam.staffing import ASSIGNABLE
from proctor.lists.roster import Roster, RosterRow
from proctor.office_log import OPERATOR
from proctor.regulation.decision import DecisionRef
from proctor.regulation.local_time import local_day

UNIT = "Bộ môn mẫu"
PAPER = Path(__file__).parent / "paper.pdf"
STAFF = {
    Role.TRAINING_OFFICE: ("demo-office", "Phòng Quản lý đào tạo (mẫu)"),
    Role.INVIGILATOR: ("demo-invigilator", "Cán bộ coi thi (mẫu)"),
    Role.SUPERVISOR: ("demo-supervisor", "Cán bộ giám sát (mẫu)"),
    Role.INSPECTOR: ("demo-inspector", "Cán bộ thanh tra (mẫu)"),
    Role.TECH_SUPPORT: ("demo-tech", "Cán bộ hỗ trợ kỹ thuật (mẫu)"),
    Role.IT_UNIT: ("demo-it", "Đơn vị CNTT (mẫu)"),
    Role.UNIT_HEAD: ("demo-unit-head", "Trưởng bộ môn (mẫu)"),
}


@dataclass(frozen=True)
class Plan:
    """A planned exam with one room."""

    exam: str
    room: str
    staff: dict[Role, str]
    candidates: list[str]
    codes: list[tuple[str, str]]  # (number, exam code)

    @property
    def invigilator(self) -> str:
        return self.staff[Role.INVIGILATOR]


async def _staff(house: House, cast: str) -> dict[Role, str]:
    """The demonstration's staff by role, created at first use with passwords that nobody knows; links sign them in.

    Each `cast` has an invigilator of its own, who cannot be in two rooms at a time.
    """
    found = {}
    for role, (name, full_name) in STAFF.items():
        if role is Role.INVIGILATOR:
            name = f"{name}-{cast}"
        member = await house.people.staff_by_name(name)
        if member is None:
            unit = UNIT if role is Role.UNIT_HEAD else ""
            member = await house.office.create_staff(OPERATOR, name, full_name, role, secrets.token_urlsafe(24), unit)
        found[role] = member.staff
    return found


def _decided(starts_at: datetime) -> exam_plan.Plan:
    """Grounds, consents and decisions of a sample."""
    decision = DecisionRef("00/MẪU", local_day(starts_at) - timedelta(days=30), "Hiệu trưởng (mẫu)")
    basis = Basis(
        Ground.NATURAL_DISASTER, "Mẫu: bão lũ, học viên không đến trường được.", party_consent=decision,
        academy_consent=decision,
    )  # fmt: skip
    return exam_plan.Plan(regime="A", form_decision=decision, conditions=decision, basis=basis)


async def plan_exam(house: House, title: str, starts_at: datetime, candidates: int, *, minutes: int) -> Plan:
    """A published exam with one room, a roster, staff and a paper.

    Its people are others than those of any earlier start, whose exam may still be running.
    """
    cast = secrets.token_hex(3)
    people = await _staff(house, cast)
    office = people[Role.TRAINING_OFFICE]
    end = starts_at + timedelta(minutes=minutes)
    times = Schedule(starts_at, starts_at, minutes, end, end + timedelta(minutes=5))
    exam = await house.office.create_exam(office, title, times, regime="A")
    room = await house.office.create_room(office, exam["exam"], "Phòng thi 1")
    numbers = [f"{number:03}" for number in range(1, candidates + 1)]
    roster = Roster([RosterRow(number, f"Thí sinh {number}", f"{cast}-{number}") for number in numbers], [])
    imported = await house.rosters.import_roster(office, room["room"], roster, dry=False)
    in_room = [people[role] for role in ASSIGNABLE]
    await house.office.assign_staff(office, room["room"], in_room)
    await house.office.load_paper(office, exam["exam"], PAPER.read_bytes())
    await house.office.load_paper(office, exam["exam"], PAPER.read_bytes(), "reserve")
    await house.office.planning.set_plan(office, exam["exam"], _decided(starts_at))
    await house.office.planning.support_room(people[Role.IT_UNIT], room["room"])
    await house.office.publish(office, exam["exam"])
    for person in in_room:
        await house.office.planning.acknowledge(person, room["room"])
    return Plan(
        exam["exam"], room["room"], people,
        [row["candidate"] for row in imported["candidates"]],
        [(row["number"], row["code"]) for row in imported["candidates"]],
    )  # fmt: skip
