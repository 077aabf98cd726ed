"""The columns that a list is read by: found by their headings, in Vietnamese or English, in any order.

A bad cell is named by its row in the file and its column; then the whole list is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proctor.errors import ProctorError
from proctor.lists.table import Row
from proctor.text import visible

SENTENCES = {
    "empty": ("để trống", "is empty"),
    "too_long": ("quá dài", "is too long"),
    "repeated": ("trùng với dòng trước", "repeats an earlier row"),
    "missing_column": ("không có cột này", "column is missing"),
    "repeated_column": ("có hai cột cùng tên này", "stands there twice"),
    "not_minutes": ("không phải số phút từ 0 đến 240", "is not a number of minutes from 0 to 240"),
    "unknown_role": ("không phải tên một vai trò", "is not the name of a role"),
    "name_taken": ("đã có tài khoản tên này", "an account of this name exists"),
    "bad_name": ("chỉ gồm chữ không dấu, số và . _ -", "may only hold plain letters, digits and . _ -"),
    "unclear_number": (
        "là ô số, có thể khác với cái bạn thấy (mất số 0 ở đầu…); hãy đổi cột sang kiểu Văn bản (Text)",
        "is a number cell whose look cannot be told (leading zeros may be lost); format the column as Text",
    ),
    "date_cell": (
        "là ô ngày tháng: Excel đã đổi số này thành ngày, cái bạn gõ không còn nữa; hãy đổi cột sang kiểu Văn bản "
        "(Text) rồi gõ lại",
        "is a date: the spreadsheet turned what was typed into one, and it is lost; format the column as Text, then "
        "type it again",
    ),
    "formula_without_value": (
        "là công thức chưa có giá trị; hãy mở tệp bằng Excel và lưu lại, hoặc gõ thẳng giá trị vào ô",
        "is a formula that has no value yet; open the file in Excel and save it, or type the value itself",
    ),
    "formula_error": ("là công thức bị lỗi", "is a formula that failed"),
    "in_this_exam": ("đã có trong một phòng khác của kỳ thi này", "is in another room of this exam already"),
    "same_person": (
        "người này (trùng họ tên và số báo danh hoặc mã định danh) đã ở một phòng thi khác cùng giờ",
        "this person (same name, and same number or identity) is in another room at that time already",
    ),
    "same_name": (
        "trùng họ tên với người ở phòng khác cùng giờ; hãy kiểm tra có phải một người không",
        "has the name of somebody in another room at that time; check whether it is one person",
    ),
    "same_number": (
        "trùng số báo danh với người khác tên ở một kỳ thi khác cùng giờ; hãy kiểm tra",
        "has the number of somebody of another name in another exam at that time; check it",
    ),
}


@dataclass(frozen=True)
class Column:
    """A column of a list. `title` is its heading in templates; `headings` are others that are understood."""

    name: str
    title: str
    headings: Collection[str]
    longest: int
    required: bool = False


@dataclass
class Problems:
    """What is wrong with a list of these columns, by row and column."""

    columns: Sequence[Column]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: int, column: str, code: str, **more: Any) -> None:
        self.rows.append(problem(row, column, code, **more))

    def refuse(self, code: str) -> None:
        """Raises ProctorError `code` with `details["rows"]`, in the order of the file, when something is wrong."""
        places = [column.name for column in self.columns]
        if self.rows:
            raise ProctorError(code, rows=sorted(self.rows, key=lambda bad: (bad["row"], places.index(bad["column"]))))


def problem(row: int, column: str, code: str, **more: Any) -> dict[str, Any]:
    """A row of `details["rows"]`; `more` may say it in other sentences."""
    vi, en = SENTENCES[code]
    return {"row": row, "column": column, "code": code, "vi": vi, "en": en, **more}


@dataclass(frozen=True)
class Heading:
    """A column as it stands in the file: its heading, or its letter in brackets where it has none, and the name of the
    column that it is taken as, or None."""

    heading: str
    taken_as: str | None


def headings(table: Sequence[Row], columns: Sequence[Column]) -> list[Heading]:
    """What each column of the file is taken as, in the order of the file. A column with nothing in it is none."""
    head, *rest = table
    found = []
    for at in range(max(len(row.cells) for row in table)):
        heading = head.cells[at] if at < len(head.cells) else ""
        if heading.strip():
            found.append(Heading(clean(heading), _taken_as(heading, columns)))
        elif any(at < len(row.cells) and row.cells[at].strip() for row in rest):
            found.append(Heading(f"({_letter(at)})", None))
    return found


def _letter(at: int) -> str:
    """How a spreadsheet calls its column number `at`, from 0: A to Z, then AA."""
    return (_letter(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def named_columns(found: Sequence[Heading]) -> list[dict[str, str | None]]:
    """Columns as a preview names them."""
    return [{"heading": each.heading, "taken_as": each.taken_as} for each in found]


def _taken_as(cell: str, columns: Sequence[Column]) -> str | None:
    """The column that a heading names. A heading that is not known, as a day of birth, names none."""
    told = plain(cell)
    return next(
        (column.name for column in columns if told in {column.name, plain(column.title), *column.headings}), None
    )


def read_columns(rows: Sequence[Row], problems: Problems, refusal: str) -> list[tuple[int, dict[str, str]]]:
    """The values of each row below the headings, by column, with the row's number; a column that is not there is "".

    Raises ProctorError `refusal` when a required column is missing, since no row can be read then.
    """
    head, columns = rows[0], problems.columns
    places: dict[str, int] = {}
    for at, cell in enumerate(head.cells):
        if (name := _taken_as(cell, columns)) is not None:
            if name in places:
                problems.add(head.number, name, "repeated_column")
            places[name] = at
    for column in columns:
        if column.required and column.name not in places:
            problems.add(head.number, column.name, "missing_column")
    problems.refuse(refusal)
    read = []
    for row in rows[1:]:
        if not any(cell.strip() for cell in row.cells) and row.unclear.keys().isdisjoint(places.values()):
            continue  # nothing but formulas in columns that are not read
        values = {}
        for column in columns:
            at = places.get(column.name, -1)
            value = values[column.name] = clean(row.cells[at]) if 0 <= at < len(row.cells) else ""
            if at in row.unclear:
                problems.add(row.number, column.name, row.unclear[at])
            elif column.required and not value:
                problems.add(row.number, column.name, "empty")
            elif len(value) > column.longest:
                problems.add(row.number, column.name, "too_long")
        read.append((row.number, values))
    if not read and not problems.rows:
        problems.add(head.number + 1, columns[0].name, "empty")
    return read


def repeated(read: Sequence[tuple[int, Mapping[str, str]]], column: str, problems: Problems) -> None:
    """Name the rows whose value in `column` an earlier row has."""
    seen: set[str] = set()
    for number, values in read:
        value = values[column].casefold()
        if value and value in seen:
            problems.add(number, column, "repeated")
        seen.add(value)


def plain(text: str) -> str:
    """Lower case, without accents: how headings and names of roles are compared."""
    decomposed = unicodedata.normalize("NFD", clean(text).lower().replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def clean(cell: str) -> str:
    """One line in NFC without spaces at its ends, of characters that are seen."""
    return unicodedata.normalize("NFC", " ".join(visible(cell).split()))
