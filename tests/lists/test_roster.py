"""Rosters as spreadsheets write them."""

from __future__ import annotations

import pytest

from proctor.errors import ProctorError
from proctor.lists.roster import RosterRow, read_roster

ROWS = [RosterRow("001", "Thí Sinh Ánh Một"), RosterRow("002", "Đây Là Đức Hai")]


@pytest.mark.parametrize(
    "text",
    [
        "number,full_name\n001,Thí Sinh Ánh Một\n002,Đây Là Đức Hai\n",
        "\ufeffSố báo danh;Họ và tên\r\n001;Thí Sinh Ánh Một\r\n002;Đây Là Đức Hai\r\n",
        "SBD\tHọ tên\n001\tThí  Sinh Ánh Một \n\n002\tĐây Là Đức Hai",
        'full_name,ghi chú,number\n"Thí Sinh Ánh Một",x,001\nĐây Là Đức Hai,,002\n',
        "number,full_name\n001,Thi\u0301 Sinh A\u0301nh Mo\u0323\u0302t\n002,Đây Là Đức Hai\n",  # decomposed letters
        # marks and overrides of direction, a zero-width space, a joiner, a soft hyphen: none of them is seen
        "\u200eSBD,Họ\u00ad tên\n\u202d0\u200b01\u202c,Thí Sinh\u2066 Ánh\u2069 M\u200dột\n"
        "002\ufeff,\u202eĐây Là Đức Hai\n",
        'sep=;\nnumber;full_name\n="001";Thí Sinh Ánh Một\n="002";Đây Là Đức Hai\n',  # as Excel is told to keep zeros
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_common_form_reads_the_same(text: str, encoding: str) -> None:
    assert read_roster(text.encode(encoding)).rows == ROWS


def test_what_a_candidate_asks_for_and_shares_is_read_and_may_be_missing() -> None:
    text = (
        "SBD,Họ tên,Mã học viên,Cùng địa điểm,Hỗ trợ đề nghị,Số phút thêm đề nghị\n"
        "001,An,HV1,Nhà A,Cỡ chữ lớn,15\n002,Bình,,,,\n003,Chi\n"
    )
    assert read_roster(text.encode()).rows == [
        RosterRow("001", "An", "HV1", "Nhà A", "Cỡ chữ lớn", 15), RosterRow("002", "Bình"),
        RosterRow("003", "Chi"),
    ]  # fmt: skip


@pytest.mark.parametrize("born", ["Ngày sinh", "NGÀY THÁNG NĂM SINH", "ngay sinh", "Date of birth", "DOB", "Năm sinh"])
def test_a_day_of_birth_is_no_code_and_each_column_is_named(born: str) -> None:
    told = read_roster(f"SBD,Họ tên,{born},,Lớp,,Mã học viên\n001,An,01/02/2003,x,K74,,HV1,thêm\n".encode())
    assert told.rows == [RosterRow("001", "An", "HV1")]
    assert [(each.heading, each.taken_as) for each in told.columns] == [
        ("SBD", "number"), ("Họ tên", "full_name"), (born, None), ("(D)", None), ("Lớp", None),
        ("Mã học viên", "identity"), ("(H)", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("number,full_name\n001,\n,Đỗ\n", [(2, "full_name", "empty"), (3, "number", "empty")]),
        ("number,full_name\n001,A\n001,B\n", [(3, "number", "repeated")]),
        ("number,full_name\n001,A\n001,B\n,C\n", [(3, "number", "repeated"), (4, "number", "empty")]),
        ("name\nA\n", [(1, "number", "missing_column")]),
        ("tên,tuổi\nA,3\n", [(1, "number", "missing_column"), (1, "full_name", "missing_column")]),
        ("number,full_name\n", [(2, "number", "empty")]),
        (f"number,full_name\n1,{'x' * 300}\n", [(2, "full_name", "too_long")]),
        ("\n\nnumber,full_name\n\n1,\n", [(5, "full_name", "empty")]),
        ("number,SBD,full_name\n1,2,A\n", [(1, "number", "repeated_column")]),
        *(
            (f"number,full_name,phút thêm\n1,A,{minutes}\n", [(2, "wished_minutes", "not_minutes")])
            for minutes in ("nhiều", "-5", "241", "1.5", "٣")
        ),
    ],
)
def test_bad_rows_are_named_by_row_and_column(text: str, bad: list[tuple[int, str, str]]) -> None:
    with pytest.raises(ProctorError) as refused:
        read_roster(text.encode())
    assert refused.value.code == "roster_rows"
    assert [(row["row"], row["column"], row["code"]) for row in refused.value.details["rows"]] == bad
