"""Reading a list of staff: who gets an account, under which name, in which role."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.lists.columns import Column, Heading, Problems, headings, plain, read_columns, repeated
from proctor.lists.table import read_table

MOST_ACCOUNTS = 200  # each costs a worker tens of milliseconds for its password

COLUMNS = (
    Column("name", "Tên đăng nhập", {"ten tai khoan", "tai khoan", "username", "login"}, 64, required=True),
    Column("full_name", "Họ và tên", {"full name", "ho ten"}, 200, required=True),
    Column("role", "Vai trò", {"chuc trach", "nhiem vu"}, 64, required=True),
    Column("unit", "Đơn vị", {"don vi cong tac", "khoa", "phong ban", "department"}, 200),
)

# How each role is called in Vietnamese (GLOSSARY): its title, and other words for it, those of the pages among them.
# Some may not exist yet.
_CALLED = {
    "invigilator": ("Cán bộ coi thi", "coi thi", "giám thị"),
    "supervisor": ("Cán bộ giám sát", "giám sát"),
    "inspector": ("Cán bộ thanh tra", "thanh tra"),
    "training_office": ("Phòng Quản lý đào tạo", "Phòng Đào tạo"),
    "tech_support": (
        "Cán bộ hỗ trợ kỹ thuật tin học", "cán bộ hỗ trợ kỹ thuật", "hỗ trợ kỹ thuật", "kỹ thuật", "technical support",
    ),
    "it_unit": ("Đơn vị phụ trách công nghệ thông tin", "Trung tâm Công nghệ thông tin", "công nghệ thông tin"),
    "unit_head": (
        "Trưởng đơn vị chuyên môn", "Trưởng đơn vị", "lãnh đạo đơn vị", "thủ trưởng đơn vị",
        "head of the academic unit",
    ),
    "examiner": ("Cán bộ hỏi thi", "hỏi thi"),
    "marker": ("Cán bộ chấm thi", "chấm thi"),
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


@dataclass(frozen=True)
class StaffRow:
    """One account to be made. `row` is the number of the row in the file."""

    name: str
    full_name: str
    role: str
    unit: str = ""
    row: int = field(default=0, compare=False)


def roles() -> dict[str, Role]:
    """The roles that staff can have, by every word for them."""
    found: dict[str, Role] = {}
    for role in Role:
        if role not in (Role.CANDIDATE, Role.PHONE):
            for word in (role.value, role.value.replace("_", " "), *_CALLED.get(role.value, ())):
                found[plain(word)] = role
    return found


def title(role: str) -> str:
    """What a role is called in Vietnamese."""
    return _CALLED.get(role, (role,))[0]


@dataclass(frozen=True)
class StaffList:
    """The accounts of a file, and what each of its columns was taken as."""

    rows: list[StaffRow]
    columns: list[Heading]


def read_staff(content: bytes, taken: Collection[str] = ()) -> StaffList:
    """The accounts of a CSV or XLSX file. `taken` are the names, casefolded, that accounts have already.

    Raises ProctorError `staff_rows` with `details["rows"]`, `list_too_long`, and as `read_table`.
    """
    problems = Problems(COLUMNS)
    known = roles()
    named = dict.fromkeys(known.values())
    not_one = {
        "vi": f"không phải tên một vai trò; các vai trò là: {', '.join(map(title, named))}",
        "en": f"is not the name of a role; the roles are: {', '.join(role.replace('_', ' ') for role in named)}",
    }
    table = read_table(content)
    read = read_columns(table, problems, "staff_rows")
    repeated(read, "name", problems)
    if len(read) > MOST_ACCOUNTS:
        raise ProctorError("list_too_long", rows=MOST_ACCOUNTS, columns=len(COLUMNS))
    rows = []
    for number, values in read:
        role = known.get(plain(values["role"]))
        if values["role"] and role is None:
            problems.add(number, "role", "unknown_role", **not_one)
        if values["name"] and not _NAME.fullmatch(values["name"]):
            problems.add(number, "name", "bad_name")
        elif values["name"].casefold() in taken:
            problems.add(number, "name", "name_taken")
        if role is Role.UNIT_HEAD and not values["unit"].strip():
            problems.add(number, "unit", "empty")
        rows.append(StaffRow(values["name"], values["full_name"], role or "", values["unit"], number))
    problems.refuse("staff_rows")
    return StaffList(rows, headings(table, COLUMNS))
