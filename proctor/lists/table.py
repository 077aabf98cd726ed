"""A file to the table a person sees in it, by its content: its name and declared type prove nothing.

CSV in UTF-8 or UTF-16, with comma, semicolon or tab; XLSX with one sheet that holds something. What is neither is
refused with a code that says what it is instead.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from proctor.errors import ProctorError

MAX_BYTES = 1_000_000
MAX_ROWS = 2_000
MAX_COLUMNS = 100

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE2: .xls of before 2007, and every encrypted .xlsx
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)  # what Excel writes and understands
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')  # how spreadsheets are told in CSV to leave leading zeros alone


@dataclass(frozen=True)
class Row:
    """One row that holds something. `number` is its number in the file, from 1.

    `unclear` names, by column, why a cell's text is not surely what a person sees in it: a code of `columns.SENTENCES`.
    """

    number: int
    cells: tuple[str, ...]
    unclear: Mapping[int, str] = field(default_factory=dict)


def read_table(content: bytes) -> list[Row]:
    """The rows of a CSV or XLSX file that hold something.

    Raises ProctorError `too_large`, `list_empty`, `list_unreadable` (`why`), `list_encrypted`, `list_old_excel`,
    `list_several_sheets` (`sheets`), `list_merged_cells` (`cells`), `list_too_long` (`rows`, `columns`).
    """
    if len(content) > MAX_BYTES:
        raise ProctorError("too_large", limit="1 MB")
    if not content.strip():
        raise ProctorError("list_empty")
    if content.startswith(_OLD_OFFICE):
        raise ProctorError("list_encrypted" if _ENCRYPTED in content else "list_old_excel")
    if content.startswith(b"PK"):
        from proctor.lists.workbook import read_workbook

        rows = read_workbook(content)
    else:
        rows = _read_csv(content)
    if not rows:
        raise ProctorError("list_empty")
    return rows


def _read_csv(content: bytes) -> list[Row]:
    text = _text(content)
    if text.lstrip().startswith(("<", "%PDF", "{\\rtf")):
        raise ProctorError("list_unreadable", why="CSV, XLSX")
    if told := _SEPARATOR_LINE.match(text):
        delimiter, skipped = told[1], 1
        text = text[told.end() :]
    else:
        first_line, skipped = text.lstrip(" \r\n").split("\n", 1)[0], 0
        delimiter = max(",;\t", key=first_line.count)
    rows = []
    for number, cells in enumerate(_records(text, delimiter, skipped), start=1 + skipped):
        if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise ProctorError("list_too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
        if any(cell.strip() for cell in cells):
            rows.append(Row(number, tuple(cells)))
    return rows


def _records(text: str, delimiter: str, skipped: int) -> Iterator[list[str]]:
    """The cells of each line after the `skipped` ones. Raises ProctorError `list_quotes`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise ProctorError("list_quotes", row=begins) from None
        if any("\n" in cell or "\r" in cell for cell in cells):  # a quote that closes lines later swallows these
            raise ProctorError("list_quotes", row=begins)
        yield [kept[1] if (kept := _KEPT_AS_TEXT.fullmatch(cell)) else cell for cell in cells]


def _text(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise ProctorError("list_unreadable", why="CSV UTF-8, XLSX") from None
    if any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        raise ProctorError("list_unreadable", why="CSV UTF-8, XLSX")
    return text.removeprefix("\ufeff")
