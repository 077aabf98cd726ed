"""XLSX to rows, as a person sees them.

calamine reads the cells. Two things it cannot do for us stand before it:

* A workbook is an archive that a stranger made. It is unpacked here under a bound and packed again without
  compression, so that what was counted is what calamine reads, whatever the archive says of its sizes. A sheet that
  claims a cell far away would have calamine reserve everything in between, so the positions are looked at first.
* calamine gives the number 12 for a cell that shows `012`, since it drops number formats. The sheet's own XML tells the
  format of each number (ECMA-376 part 1, 18.8.30): whole numbers shown as such or padded with zeros are put back into
  the form that is seen, and every other number is marked as unclear. So is every date: a spreadsheet makes one of what
  somebody typed as a number or a code ("6/5"), and what was typed is not in the file any more. The XML also tells the
  formulas that no spreadsheet has computed, whose cells calamine takes for empty ones.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from proctor.errors import ProctorError
from proctor.lists.table import MAX_COLUMNS, MAX_ROWS, Row

_MAX_UNPACKED = 8_000_000
_MAX_PARSED = 1_000_000  # of a member that is parsed as a whole; each element takes a hundred times its length
_MAX_CELLS = 50_000
_MAX_MEMBERS = 200
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_BUILT_IN = {0: "General", 1: "0", 49: "@"}  # ECMA-376 part 1, 18.8.30; others are not whole numbers as they stand
_MOST_GENERAL_DIGITS = 11  # a longer number is shown as 1.23E+11
_MOST_EXACT_DIGITS = 15  # beyond, a spreadsheet has rounded


@dataclass(frozen=True)
class _Look:
    """How cells are shown: the format of each number, and what is wrong with a formula; by (row, column) from 0."""

    formats: Mapping[tuple[int, int], str]
    formulas: Mapping[tuple[int, int], str]


def read_workbook(content: bytes) -> list[Row]:
    """The rows of the one sheet that holds something. Raises as `read_table`."""
    archive = _unpacked(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(_packed(archive)))
        shown = [
            sheet.name for sheet in workbook.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible
        ]
        parts = _sheet_parts(archive)
        looks = {name: _look(archive[parts[name]], _styles(archive)) for name in shown if name in parts}
        sheets = [workbook.get_sheet_by_name(name) for name in looks]
        filled = [sheet for sheet in sheets if sheet.height and sheet.width]
    except PasswordError:
        raise ProctorError("list_encrypted") from None
    except (CalamineError, ElementTree.ParseError, LookupError, ValueError, OverflowError):
        raise ProctorError("list_unreadable", why="XLSX") from None
    if not filled:
        raise ProctorError("list_empty")
    if len(filled) > 1:
        raise ProctorError("list_several_sheets", sheets=", ".join(sheet.name for sheet in filled))
    (sheet,) = filled
    if merged := sheet.merged_cell_ranges:
        (top, left), (bottom, right) = merged[0]
        raise ProctorError("list_merged_cells", cells=f"{_name(left)}{top + 1}:{_name(right)}{bottom + 1}")
    return _rows(sheet, looks[sheet.name])


def _rows(sheet: CalamineSheet, look: _Look) -> list[Row]:
    rows = []
    table = sheet.to_python(skip_empty_area=False)
    height = max([len(table), *(row + 1 for row, _ in look.formulas)])  # formulas without a value may lie beyond
    width = max([*map(len, table), *(column + 1 for _, column in look.formulas)])
    for at in range(height):
        values = table[at] if at < len(table) else []
        cells, unclear = [], {}
        for column in range(width):
            place = (at, column)
            text, problem = _seen(values[column] if column < len(values) else "", look.formats.get(place, "General"))
            problem = look.formulas.get(place, problem)
            cells.append(text)
            if problem:
                unclear[column] = problem
        if unclear or any(cell.strip() for cell in cells):
            rows.append(Row(at + 1, tuple(cells), unclear))
    return rows


def _seen(value: object, number_format: str) -> tuple[str, str]:
    """The text of a cell as a person sees it, and why that is not sure, or nothing."""
    match value:
        case str():
            return value, ""
        case bool():
            return str(value).upper(), "unclear_number"
        case int() | float():
            return _seen_number(float(value), number_format)
        case datetime() | date():
            return f"{value:%d/%m/%Y}", "date_cell"
        case time() | timedelta():
            return str(value), "date_cell"
    return str(value), "unclear_number"


def _seen_number(value: float, number_format: str) -> tuple[str, str]:
    if not math.isfinite(value) or value < 0 or value != int(value):
        return f"{value:g}", "unclear_number"
    digits = str(int(value))
    if number_format in ("General", "@") and len(digits) <= _MOST_GENERAL_DIGITS:
        return digits, ""
    if set(number_format) == {"0"} and len(digits) <= _MOST_EXACT_DIGITS:
        return digits.zfill(len(number_format)), ""
    return digits, "unclear_number"


# -- the archive ------------------------------------------------------------------------------------------------------


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The members that belong to a workbook's cells. Raises ProctorError `list_unreadable`, `list_too_long`."""
    members: dict[str, bytes] = {}
    left = _MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            if len(infos) > _MAX_MEMBERS:
                raise ProctorError("list_too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
            for info in infos:
                if info.flag_bits & 1:
                    raise ProctorError("list_encrypted")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ProctorError("list_unreadable", why="XLSX")
                if not info.filename.endswith((".xml", ".rels")):
                    continue  # pictures, macros, printer settings
                with archive.open(info) as member:
                    held = member.read(left + 1)
                left -= len(held)
                if left < 0:
                    raise ProctorError("list_too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
                if b"\0" in held or b"<!DOCTYPE" in held:  # not UTF-8, or entities: no workbook has them
                    raise ProctorError("list_unreadable", why="XLSX")
                members[info.filename] = held
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        raise ProctorError("list_unreadable", why="XLSX") from None
    if "xl/workbook.xml" not in members:
        raise ProctorError("list_unreadable", why="CSV, XLSX")
    return members


def _packed(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _sheet_parts(members: Mapping[str, bytes]) -> dict[str, str]:
    """The member that holds each sheet, by the sheet's name."""
    targets = {
        each.get("Id", ""): posixpath.normpath(posixpath.join("xl", each.get("Target", ""))).lstrip("/")
        for each in _parsed(members["xl/_rels/workbook.xml.rels"])
    }
    found = {}
    for sheet in _parsed(members["xl/workbook.xml"]).iter():
        if _tag(sheet) == "sheet":
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            found[sheet.get("name", "")] = targets[relation]
    return found


def _styles(members: Mapping[str, bytes]) -> list[str]:
    """The number format of each cell style."""
    if "xl/styles.xml" not in members:
        return []
    root = _parsed(members["xl/styles.xml"])
    codes = dict(_BUILT_IN)
    styles: list[str] = []
    for part in root:
        if _tag(part) == "numFmts":
            codes |= {int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in part}
        elif _tag(part) == "cellXfs":
            styles = [codes.get(int(each.get("numFmtId", "0")), "other") for each in part]
    return styles


def _look(sheet: bytes, styles: list[str]) -> _Look:
    """Raises ProctorError `list_too_long` for a cell beyond the bounds, or too many of them."""
    formats: dict[tuple[int, int], str] = {}
    formulas: dict[tuple[int, int], str] = {}
    row = column = -1
    cells = 0
    for action, element in ElementTree.iterparse(io.BytesIO(sheet), ("start", "end")):  # noqa: S314  as above
        tag = _tag(element)
        if action == "end":
            if tag == "c" and _uncomputed(element):
                formulas[row, column] = "formula_without_value"
            elif tag == "row":
                element.clear()
            continue
        if tag == "row":
            row, column = int(element.get("r", row + 2)) - 1, -1
        elif tag == "c":
            row, column = _place(element.get("r"), row, column + 1)
            cells += 1
            if cells > _MAX_CELLS or not (0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS):
                raise ProctorError("list_too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
            kind, style = element.get("t", "n"), int(element.get("s", "0"))
            if kind == "n":
                formats[row, column] = styles[style] if style < len(styles) else "General"
            elif kind == "e":
                formulas[row, column] = "formula_error"
    return _Look(formats, formulas)


def _uncomputed(cell: ElementTree.Element) -> bool:
    """Whether a cell holds a formula whose value no spreadsheet has stored; an empty text is a value (18.3.1.96)."""
    parts = {_tag(part): part for part in cell}
    value = parts.get("v")
    return "f" in parts and (value is None or (not value.text and cell.get("t") != "str"))


def _place(told: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column from 0 of a cell that may tell its own place, else stands where the one before leaves it."""
    if told is None:
        return row, column
    found = _PLACE.fullmatch(told)
    if found is None:
        raise ValueError(told)
    letters = 0
    for letter in found[1]:
        letters = letters * 26 + ord(letter) - 64
    return int(found[2]) - 1, letters - 1


def _name(column: int) -> str:
    """The letters of a column from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _parsed(content: bytes) -> ElementTree.Element:
    if len(content) > _MAX_PARSED:
        raise ProctorError("list_too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
    return ElementTree.fromstring(content)  # noqa: S314  `_unpacked` let no document type pass


def _tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(_MAIN).removeprefix(_STRICT)
