"""Reading a roster: the candidates of a room.

Beside number and name a roster may carry what tells two people of one name apart, whom a candidate shares a room or an
address with (invigilators will hear two voices), and what a candidate with a disability or an illness asks for. That is
a wish: nothing follows from it until the office grants it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from proctor.lists.columns import Column, Heading, Problems, headings, read_columns, repeated
from proctor.lists.table import read_table

MOST_WISHED_MINUTES = 240

COLUMNS = (
    Column("number", "Số báo danh", {"sbd", "ma so", "candidate number"}, 64, required=True),
    Column("full_name", "Họ và tên", {"full name", "name", "ho ten"}, 200, required=True),
    Column("identity", "Mã học viên", {
        "ma sinh vien", "ma so hoc vien", "ma so sinh vien", "mshv", "mssv", "can cuoc", "cccd", "so can cuoc",
        "so dinh danh", "ma dinh danh", "student id",
    }, 64),
    Column("shares_place", "Cùng địa điểm", {"cung phong", "cung dia chi", "nhom cung dia diem", "shares place"}, 64),
    Column("wish", "Hỗ trợ đề nghị", {"ho tro", "de nghi", "de nghi ho tro", "accommodations"}, 500),
    Column("wished_minutes", "Số phút thêm đề nghị", {"so phut them", "phut them", "them gio", "extra minutes"}, 8),
)  # fmt: skip


@dataclass(frozen=True)
class RosterRow:
    """One candidate of a roster. `row` is the number of the row in the file."""

    number: str
    full_name: str
    identity: str = ""
    shares_place: str = ""
    wish: str = ""
    wished_minutes: int = 0
    row: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Roster:
    """The candidates of a file, and what each of its columns was taken as."""

    rows: list[RosterRow]
    columns: list[Heading]


def read_roster(content: bytes) -> Roster:
    """The candidates of a CSV or XLSX file. A day of birth is no code of a learner, and is not read.

    Raises ProctorError `roster_rows` with `details["rows"]`, and as `read_table`.
    """
    problems = Problems(COLUMNS)
    table = read_table(content)
    read = read_columns(table, problems, "roster_rows")
    repeated(read, "number", problems)
    rows = []
    for number, values in read:
        minutes = values["wished_minutes"]
        if minutes and not (minutes.isdecimal() and minutes.isascii() and int(minutes) <= MOST_WISHED_MINUTES):
            problems.add(number, "wished_minutes", "not_minutes")
            minutes = ""
        rows.append(RosterRow(**{**values, "wished_minutes": int(minutes or 0), "row": number}))  # type: ignore[arg-type]
    problems.refuse("roster_rows")
    return Roster(rows, headings(table, COLUMNS))
