"""Reading a roster from CSV as spreadsheets write it.

Byte-order mark, comma, semicolon or tab, Vietnamese or English headings, leading zeros kept as they stand. A bad row
is named by its row in the file and its column; then nothing is imported.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass

from proctor.errors import ProctorError

MAX_BYTES = 1_000_000
_LONGEST = {"number": 64, "full_name": 200}
_HEADINGS = {
    "number": {"number", "so bao danh", "sbd", "ma so"},
    "full_name": {"full_name", "full name", "name", "ho va ten", "ho ten"},
}


@dataclass(frozen=True)
class RosterRow:
    """One candidate of a roster."""

    number: str
    full_name: str


def read_roster(content: bytes | bytearray) -> list[RosterRow]:
    """The candidates of a CSV file.

    Raises ProctorError `roster_rows` with `details["rows"]`, `too_large`, or `bad_request` when it is not UTF-8 text.
    """
    if len(content) > MAX_BYTES:
        raise ProctorError("too_large", limit="1 MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProctorError("bad_request", field="CSV: UTF-8") from None
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    table = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    columns = _columns(table[0] if table else [])
    if len(columns) < len(_HEADINGS):
        missing = sorted(set(_HEADINGS) - set(columns))
        raise ProctorError("roster_rows", rows=[_bad(1, name, "missing_column") for name in missing])
    rows: list[RosterRow] = []
    bad: list[dict[str, object]] = []
    seen: dict[str, int] = {}
    for index, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: _clean(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
        for name, value in values.items():
            if not value:
                bad.append(_bad(index, name, "empty"))
            elif len(value) > _LONGEST[name]:
                bad.append(_bad(index, name, "too_long"))
        if values["number"] in seen:
            bad.append(_bad(index, "number", "repeated"))
        seen.setdefault(values["number"], index)
        rows.append(RosterRow(**values))
    if not rows:
        bad.append(_bad(2, "number", "empty"))
    if bad:
        raise ProctorError("roster_rows", rows=bad)
    return rows


_SENTENCES = {
    "empty": ("để trống", "is empty"),
    "too_long": ("quá dài", "is too long"),
    "repeated": ("trùng với dòng trước", "repeats an earlier row"),
    "missing_column": ("không có cột này", "column is missing"),
}


def _bad(row: int, column: str, code: str) -> dict[str, object]:
    vi, en = _SENTENCES[code]
    return {"row": row, "column": column, "code": code, "vi": vi, "en": en}


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        plain = _plain(cell)
        for name, headings in _HEADINGS.items():
            if plain in headings and name not in found:
                found[name] = at
    return found


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.strip().lower().replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", " ".join(cell.split()))
