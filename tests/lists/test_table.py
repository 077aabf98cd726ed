"""Files that spreadsheets, people and strangers make, by their content alone."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.errors import ProctorError
from proctor.lists.roster import RosterRow, read_roster
from proctor.lists.staff import read_staff
from proctor.lists.table import MAX_BYTES, MAX_ROWS, read_table
from proctor.lists.templates import template

HEAD = ("Số báo danh", "Họ và tên")


def xlsx(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook as a real program writes it; `fill` gets the workbook and its first sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Danh sách")
        sheet.write_row(0, 0, HEAD)
        fill(workbook, sheet)
    return out.getvalue()


def with_number(value: float, number_format: str) -> bytes:
    def fill(workbook: Any, sheet: Any) -> None:
        sheet.write_number(1, 0, value, workbook.add_format({"num_format": number_format}))
        sheet.write_string(1, 1, "Trần Văn Bình")

    return xlsx(fill)


def remade(content: bytes, **members: bytes) -> bytes:
    """The archive with members put in the place of others (`sheet` is the first sheet's)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = "sheet" if name == "xl/worksheets/sheet1.xml" else name
            new.writestr(name, members.get(key, old.read(name)))
    return out.getvalue()


def sheet_of(cells: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def problems(content: bytes) -> list[tuple[int, str, str]]:
    """What a roster is refused for: row, column and code."""
    with pytest.raises(ProctorError, match="roster_rows") as refused:
        read_roster(content)
    return [(row["row"], row["column"], row["code"]) for row in refused.value.details["rows"]]


PLAIN = xlsx(lambda _, sheet: sheet.write_row(1, 0, ("012", "Trần Văn Bình")))


with zipfile.ZipFile(io.BytesIO(with_number(12, "000"))) as _archive:
    MEMBERS = {name: _archive.read(name) for name in _archive.namelist() if name.startswith("xl/")}
TOKENS = (
    b'r="A0"', b'r="A99999999"', b'r="-5"', b's="-1"', b's="9999"', b't="s"', b"<v>-1</v>", b"<v>1e999</v>",
    b"<v>NaN</v>", b'r="XFE1"', b"&#x110000;", b'Target="../../x"', b'numFmtId="x"', b"</row>", b"<row>",
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (PLAIN, "012"),
        (with_number(12, "000"), "012"),
        (with_number(12, "General"), "12"),
        (with_number(12, "@"), "12"),
        (with_number(123, "0"), "123"),
        (with_number(123456789012, "0"), "123456789012"),
        (with_number(0, "000"), "000"),
    ],
)
def test_a_number_is_kept_as_the_person_sees_it(content: bytes, seen: str) -> None:
    assert read_roster(content).rows == [RosterRow(seen, "Trần Văn Bình")]


@pytest.mark.parametrize(
    "content",
    [
        with_number(12, "#,##0"),
        with_number(12, "00-0"),
        with_number(12.5, "General"),
        with_number(-12, "0"),
        with_number(123456789012, "General"),  # shown as 1.23457E+11
        with_number(1234567890123456, "0"),  # more digits than a spreadsheet keeps
        xlsx(lambda _, sheet: (sheet.write_boolean(1, 0, True), sheet.write_string(1, 1, "A"))),
    ],
)
def test_a_number_whose_look_cannot_be_told_is_refused(content: bytes) -> None:
    with pytest.raises(ProctorError, match="roster_rows") as refused:
        read_roster(content)
    assert [(row["row"], row["column"], row["code"]) for row in refused.value.details["rows"]] == [
        (2, "number", "unclear_number")
    ]


def test_formulas_give_their_value_or_are_named_when_they_failed() -> None:
    good = xlsx(lambda _, sheet: (sheet.write_formula(1, 0, '="0"&"12"', None, "012"), sheet.write(1, 1, "A")))
    assert read_roster(good).rows == [RosterRow("012", "A")]
    bad = xlsx(lambda _, sheet: (sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!"), sheet.write(1, 1, "A")))
    with pytest.raises(ProctorError) as refused:
        read_roster(bad)
    assert [row["code"] for row in refused.value.details["rows"]] == ["formula_error"]


def test_a_day_of_birth_is_not_read() -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        sheet.write(0, 2, "Ngày sinh")
        sheet.write_row(1, 0, ("1", "A"))
        sheet.write_datetime(1, 2, date(2003, 2, 1), workbook.add_format({"num_format": "dd/mm/yyyy"}))

    told = read_roster(xlsx(fill))
    assert told.rows == [RosterRow("1", "A")]
    assert ("Ngày sinh", None) in [(each.heading, each.taken_as) for each in told.columns]


@pytest.mark.parametrize(("at", "column"), [(0, "number"), (1, "full_name"), (2, "identity")])
@pytest.mark.parametrize("look", ["dd/mm/yyyy", "d-mmm", "hh:mm"])
def test_what_a_spreadsheet_made_a_date_of_is_refused_where_it_is_read(at: int, column: str, look: str) -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        sheet.write(0, 2, "Mã học viên")
        sheet.write_row(1, 0, ("1", "A", "HV1"))
        sheet.write_number(1, at, 37687.0 if "d" in look else 0.25, workbook.add_format({"num_format": look}))

    assert problems(xlsx(fill)) == [(2, column, "date_cell")]


def test_a_formula_that_nobody_computed_is_said_to_have_no_value() -> None:
    """As programs write them that are no spreadsheets. The last row and the last column hold nothing else."""
    head = '<row r="1">' + "".join(
        f'<c r="{at}1" t="inlineStr"><is><t>{title}</t></is></c>'
        for at, title in (("A", "SBD"), ("B", "Họ và tên"), ("C", "Ghi chú"))
    )
    name = '<c r="B2" t="inlineStr"><is><t>An</t></is></c>'
    rows = (
        f'</row><row r="2"><c r="A2"><f>ROW()</f></c>{name}</row>'
        '<row r="3"><c r="A3"><f>ROW()</f><v></v></c><c r="B3" t="str"><f>A1&amp;""</f></c></row>'
        '<row r="4"><c r="A4" t="str"><f>""</f><v></v></c><c r="C4"><f>ROW()</f></c></row>'
    )
    told = [(2, "number"), (3, "number"), (3, "full_name")]  # row 4 is empty where it is read
    assert problems(remade(PLAIN, sheet=sheet_of(head + rows))) == [
        (*place, "formula_without_value") for place in told
    ]


@pytest.mark.parametrize("read", [read_roster, read_staff])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_reads_as_what_it_shows(read: Callable[[bytes], list[Any]], form: str) -> None:
    kind = {read_roster: "roster", read_staff: "staff"}[read]
    rows = read(template(kind, form)).rows
    assert [row.full_name for row in rows] == ["Nguyễn Thị An", "Trần Văn Bình"]
    assert rows[0].row == 2


def two_sheets(workbook: Any, sheet: Any) -> None:
    workbook.add_worksheet("Cũ").write(0, 0, "x")


def hidden_sheet(workbook: Any, sheet: Any) -> None:
    sheet.write_row(1, 0, ("012", "Trần Văn Bình"))
    workbook.add_worksheet("Trống")
    other = workbook.add_worksheet("Ẩn")
    other.write(0, 0, "x")
    other.hide()


def test_sheets_that_are_empty_or_hidden_do_not_count() -> None:
    assert read_roster(xlsx(hidden_sheet)).rows == [RosterRow("012", "Trần Văn Bình")]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 100_000_000)
    return out.getvalue()


def lying_bomb() -> bytes:
    """Its directory says that a member of 100 MB has ten bytes."""
    content = bytearray(bomb())
    size = (100_000_000).to_bytes(4, "little")
    at = content.find(size)
    while at >= 0:
        content[at : at + 4] = (10).to_bytes(4, "little")
        at = content.find(size, at)
    return bytes(content)


def protected() -> bytes:
    """The beginning of an encrypted workbook: an OLE2 file with a stream of that name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


def encrypted_zip() -> bytes:
    content = bytearray(PLAIN)
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


LONG_STYLES = MEMBERS["xl/styles.xml"].replace(b"</styleSheet>", b"<b/>" * 400_000 + b"</styleSheet>")
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list_empty"),
        (b"\xef\xbb\xbf", "list_empty"),
        (b" \r\n ;;; \n", "list_empty"),
        (xlsx(lambda workbook, sheet: sheet.write_row(0, 0, ("", ""))), "roster_rows"),
        (remade(PLAIN, sheet=sheet_of("")), "list_empty"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "list_unreadable"),
        (b"%PDF-1.7\n", "list_unreadable"),
        (b"<html><table><tr><td>012</td></tr></table></html>", "list_unreadable"),
        (b"number,full_name\n1,T\xea\n", "list_unreadable"),  # a code page, not UTF-8
        (b"number,full_name\n1,A\0\n", "list_unreadable"),
        (b'number,full_name\n1,"' + b"A" * 200_000, "list_quotes"),
        (b'number,full_name\n1,"A\n2,B\n', "list_quotes"),  # it would swallow the second
        (b'number,full_name\n1,"A\n2,B"\n', "list_quotes"),
        (b'number,full_name\n1,"A\nB"\n', "list_quotes"),  # a cell of two lines, which nobody can tell from that
        (b'number,full_name\n1,"A"B\n', "list_quotes"),
        (b"PK\x03\x04\xff\xfe", "list_unreadable"),
        (PLAIN[: len(PLAIN) // 2], "list_unreadable"),
        (document(), "list_unreadable"),
        (remade(PLAIN, sheet=b"<worksheet><sheetData>"), "list_unreadable"),
        (remade(PLAIN, sheet=b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), "list_unreadable"),
        (remade(PLAIN, sheet=sheet_of('<row><c r="??"/></row>')), "list_unreadable"),
        (protected(), "list_encrypted"),
        (encrypted_zip(), "list_encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024), "list_old_excel"),
        (xlsx(two_sheets), "list_several_sheets"),
        (xlsx(lambda workbook, sheet: sheet.merge_range(2, 0, 2, 1, "Khoa Kinh tế")), "list_merged_cells"),
        (bomb(), "list_too_long"),
        (lying_bomb(), "list_unreadable"),
        (remade(PLAIN, sheet=sheet_of(FAR)), "list_too_long"),
        (remade(PLAIN, sheet=sheet_of('<row r="1048576"><c><v>1</v></c></row>')), "list_too_long"),
        (remade(PLAIN, sheet=sheet_of("<row>" + '<c r="A1"/>' * 100_000 + "</row>")), "list_too_long"),
        (remade(PLAIN, **{"xl/styles.xml": LONG_STYLES}), "list_too_long"),
        (b"number\n" + b"1\n" * MAX_ROWS, "list_too_long"),
        (b"number" + b"," * 200, "list_too_long"),
    ],
)
def test_what_is_no_list_is_refused_by_what_it_is(content: bytes, code: str) -> None:
    with pytest.raises(ProctorError) as refused:
        read_roster(content)
    assert refused.value.code == code


def test_merged_cells_and_sheets_are_named() -> None:
    with pytest.raises(ProctorError) as refused:
        read_table(xlsx(lambda workbook, sheet: sheet.merge_range(2, 25, 4, 27, "x")))
    assert refused.value.details == {"cells": "Z3:AB5"}
    with pytest.raises(ProctorError) as refused:
        read_table(xlsx(two_sheets))
    assert refused.value.details == {"sheets": "Danh sách, Cũ"}


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(["", *MEMBERS]))
def test_a_damaged_workbook_is_a_table_or_a_refusal(data: st.DataObject, name: str) -> None:
    """Damaged in the archive, or inside one member, whose checksum is right again then."""
    damaged = bytearray(MEMBERS.get(name, PLAIN))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        end = data.draw(st.integers(start, min(start + 40, len(damaged) - 1)))
        damaged[start:end] = data.draw(st.binary(max_size=12) | st.sampled_from(TOKENS))
    key = "sheet" if name == "xl/worksheets/sheet1.xml" else name
    with contextlib.suppress(ProctorError):
        rows = read_table(remade(PLAIN, **{key: bytes(damaged)}) if name else bytes(damaged))
        assert all(row.number >= 1 for row in rows)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_text_it_is_a_table_or_a_refusal(content: bytes) -> None:
    with contextlib.suppress(ProctorError):
        assert read_table(content)
