"""Lists of staff, with the roles as people call them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.lists.columns import plain
from proctor.lists.staff import MOST_ACCOUNTS, StaffRow, read_staff, roles

LANG = Path(__file__).parents[2] / "webclient" / "lang"
HEAD = "Tên đăng nhập,Họ và tên,Vai trò\n"


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("Cán bộ coi thi", "invigilator"),
        ("CÁN BỘ  COI THI", "invigilator"),
        ("giám thị", "invigilator"),
        ("invigilator", "invigilator"),
        ("Thanh tra", "inspector"),
        ("Phòng Quản lý đào tạo", "training_office"),
        ("training office", "training_office"),
    ],
)
def test_a_role_is_known_by_its_name_in_both_languages(said: str, role: str) -> None:
    assert read_staff(f"{HEAD}lan,Lê Thị Lan,{said}\n".encode()).rows == [StaffRow("lan", "Lê Thị Lan", role)]


def test_every_role_of_staff_can_be_named_in_vietnamese() -> None:
    named = {role for word, role in roles().items() if word not in {each.value for each in Role}}
    assert named == set(Role) - {Role.CANDIDATE, Role.PHONE}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_role_is_known_by_the_name_that_pages_show(language: str) -> None:
    texts = (LANG / f"{language}.js").read_text(encoding="utf-8")
    shown = dict(re.findall(r'"role\.(\w+)": "(.+)",', texts))
    assert {role: roles().get(plain(words)) for role, words in shown.items() if role != "candidate"} == {
        role: role for role in shown if role != "candidate"
    }


def test_who_names_no_role_is_told_which_there_are() -> None:
    with pytest.raises(ProctorError) as refused:
        read_staff(f"{HEAD}hoa,Hoa,bảo vệ\n".encode())
    (bad,) = refused.value.details["rows"]
    assert "Trưởng đơn vị chuyên môn" in bad["vi"] and "unit head" in bad["en"]


@pytest.mark.parametrize(
    ("rows", "bad"),
    [
        ("lan,Lan,thí sinh\n", [(2, "role", "unknown_role")]),
        ("lan,Lan,\n", [(2, "role", "empty")]),
        ("lan,Lan,coi thi\nLAN,Lan Anh,coi thi\n", [(3, "name", "repeated")]),
        ("lê lan,Lan,coi thi\n", [(2, "name", "bad_name")]),
        (",Lan,coi thi\n", [(2, "name", "empty")]),
        (
            "lan,Lan,bảo vệ\nlê,,\nLAN,Lan,bảo vệ\n",
            [
                (2, "role", "unknown_role"), (3, "name", "bad_name"), (3, "full_name", "empty"), (3, "role", "empty"),
                (4, "name", "repeated"), (4, "role", "unknown_role"),
            ],
        ),
    ],
)
def test_bad_rows_are_named_by_row_and_column(rows: str, bad: list[tuple[int, str, str]]) -> None:
    with pytest.raises(ProctorError) as refused:
        read_staff((HEAD + rows).encode())
    assert refused.value.code == "staff_rows"
    assert [(row["row"], row["column"], row["code"]) for row in refused.value.details["rows"]] == bad


def test_a_list_has_only_so_many_accounts() -> None:
    rows = [f"u{number},Người {number},coi thi\n" for number in range(MOST_ACCOUNTS + 1)]
    assert len(read_staff((HEAD + "".join(rows[1:])).encode()).rows) == MOST_ACCOUNTS
    with pytest.raises(ProctorError, match="list_too_long"):
        read_staff((HEAD + "".join(rows)).encode())
