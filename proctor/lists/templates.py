"""The files that the office fills in: headings, two rows as examples, every column formatted as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from proctor.lists import roster, staff
from proctor.lists.columns import Column

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

LISTS: dict[str, tuple[str, Sequence[Column], Sequence[Sequence[str]]]] = {
    "roster": ("danh-sach-du-thi", roster.COLUMNS, (
        ("001", "Nguyễn Thị An", "HV2026001", "", "", ""),
        ("002", "Trần Văn Bình", "HV2026002", "Nhà A", "Cỡ chữ lớn", "15"),
    )),
    "staff": ("danh-sach-can-bo", staff.COLUMNS, (
        ("an.nguyen", "Nguyễn Thị An", "Cán bộ coi thi", "Khoa Triết học"),
        ("binh.tran", "Trần Văn Bình", "Cán bộ thanh tra", ""),
    )),
}  # fmt: skip
_WIDTH = 24


def file_name(kind: str, form: str) -> str:
    """What a template is called."""
    return f"{LISTS[kind][0]}.{form}"


def template(kind: str, form: str) -> bytes:
    """The template for lists of `kind` as `csv` or `xlsx`."""
    _, columns, examples = LISTS[kind]
    lines = [[column.title for column in columns], *examples]
    return _csv(lines) if form == "csv" else _xlsx(lines)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8-sig")  # the mark makes spreadsheet programs read the names as UTF-8


def _xlsx(lines: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Danh sách")
        text = workbook.add_format({"num_format": "@"})  # a number that is typed keeps its leading zeros
        head = workbook.add_format({"num_format": "@", "bold": True, "bottom": 1})
        sheet.set_column(0, len(lines[0]) - 1, _WIDTH, text)
        sheet.freeze_panes(1, 0)
        for row, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell, text if row else head)
    return out.getvalue()
