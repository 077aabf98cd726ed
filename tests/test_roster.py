"""Rosters as spreadsheets write them."""

from __future__ import annotations

import pytest

from proctor.errors import ProctorError
from proctor.roster import RosterRow, read_roster

ROWS = [RosterRow("001", "Thí Sinh Ánh Một"), RosterRow("002", "Đây Là Đức Hai")]


@pytest.mark.parametrize(
    "text",
    [
        "number,full_name\n001,Thí Sinh Ánh Một\n002,Đây Là Đức Hai\n",
        "\ufeffSố báo danh;Họ và tên\r\n001;Thí Sinh Ánh Một\r\n002;Đây Là Đức Hai\r\n",
        "SBD\tHọ tên\n001\tThí  Sinh Ánh Một \n\n002\tĐây Là Đức Hai",
        'full_name,ghi chú,number\n"Thí Sinh Ánh Một",x,001\nĐây Là Đức Hai,,002\n',
        "number,full_name\n001,Thi\u0301 Sinh A\u0301nh Mo\u0323\u0302t\n002,Đây Là Đức Hai\n",  # decomposed letters
    ],
)
def test_every_common_form_reads_the_same(text: str) -> None:
    assert read_roster(text.encode()) == ROWS


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("number,full_name\n001,\n,Đỗ\n", [(2, "full_name", "empty"), (3, "number", "empty")]),
        ("number,full_name\n001,A\n001,B\n", [(3, "number", "repeated")]),
        ("name\nA\n", [(1, "number", "missing_column")]),
        ("", [(1, "full_name", "missing_column"), (1, "number", "missing_column")]),
        ("number,full_name\n", [(2, "number", "empty")]),
        (f"number,full_name\n1,{'x' * 300}\n", [(2, "full_name", "too_long")]),
    ],
)
def test_bad_rows_are_named_by_row_and_column(text: str, bad: list[tuple[int, str, str]]) -> None:
    with pytest.raises(ProctorError) as refused:
        read_roster(text.encode())
    assert [(row["row"], row["column"], row["code"]) for row in refused.value.details["rows"]] == bad


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(ProctorError, match="bad_request"):
        read_roster(b"PK\x03\x04\xff\xfe")
