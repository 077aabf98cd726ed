"""What is printed reads back as what was meant, whatever people are called."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pypdf
import pytest
import segno

from proctor.documents import typeset as typesetting
from proctor.documents.typeset import typeset, typeset_slips
from proctor.exam.staffing import ASSIGNABLE
from tests.support.pdf import pages

WORDS = json.loads((Path(typesetting.__file__).parent / "templates/words.json").read_text(encoding="utf-8"))
HEADING = {
    "exam": "Triết học Mác - Lênin",
    "room": "Phòng 1",
    "starts_at": "08:00, 23/11/2026",
    "release_at": "08:00",
    "submit_by": "09:30, 23/11/2026",
}
CODE = "KQ7D-M2XP-9RTA"
NAMES = [
    "Nguyễn Thị Ngọc Ánh",
    "Ỷ Ỹ Ặ Ậ Ễ Ợ Ự ẫ ặ ộ ỡ ữ ỵ đ Đ Ă Â Ê Ô Ơ Ư",
    '#strong[Bình] $x$ *a* _b_ `c` <d> @e \\ "f" // g /* h',
    "#panic()",
    "#read(\"/etc/passwd\")",
]


def slips(names: list[str]) -> bytes:
    people = [{"number": f"{at:03}", "full_name": name, "code": CODE} for at, name in enumerate(names)]
    address = "https://thi.example.edu.vn/candidate"
    return typeset_slips({**HEADING, "language": "vi", "address": address, "candidates": people})


def attendance(names: list[str], staff: list[dict[str, str]] | None = None) -> bytes:
    people = [{"number": f"{at:03}", "full_name": name, "shares_place": "Nhà A"} for at, name in enumerate(names)]
    return typeset("attendance", {**HEADING, "language": "vi", "candidates": people, "staff": staff or []})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("paper", [slips, attendance])
def test_a_name_stands_as_it_is_and_is_never_markup(paper: Any, name: str) -> None:
    (text,) = pages(paper([name]))
    assert name.replace(" ", "") in text.replace(" ", "")


def test_a_slip_tells_all_that_its_candidate_needs_and_nobody_elses_code() -> None:
    (text,) = pages(slips(NAMES[:1]))
    for words in (*HEADING.values(), "000", CODE, "https://thi.example.edu.vn/candidate"):
        assert words in text
    assert text.count(CODE) == 1


def test_slips_of_a_full_room_are_cut_between_and_never_through_candidates() -> None:
    texts = pages(slips([f"Thí sinh {at:03}" for at in range(50)]))
    assert len(texts) == 13
    assert [text.count("Mã thi ") for text in texts] == [4 * 2] * 12 + [2 * 2]  # the label, and the warning


def test_every_slip_has_the_address_as_a_code_that_a_phone_reads() -> None:
    """The dark modules are rectangles of one size; put back on their grid they are the code that was asked for."""
    page = pypdf.PdfReader(io.BytesIO(slips(["An"]))).pages[0]
    corners: list[tuple[float, float]] = []

    def visit(operator: bytes, _operands: Any, matrix: list[float], _text: Any) -> None:
        if operator in (b"f", b"f*"):
            corners.append((matrix[4], matrix[5]))

    page.extract_text(visitor_operand_before=visit)
    expected = segno.make("https://thi.example.edu.vn/candidate", error="m", micro=False)
    dark = {(x, y) for y, row in enumerate(expected.matrix) for x, module in enumerate(row) if module}
    assert len(corners) >= len(dark)
    columns = sorted({round(x, 2) for x, _ in corners[-len(dark) :]})
    rows = sorted({round(y, 2) for _, y in corners[-len(dark) :]}, reverse=True)
    drawn = {(columns.index(round(x, 2)), rows.index(round(y, 2))) for x, y in corners[-len(dark) :]}
    assert drawn == dark


def test_an_attendance_list_repeats_its_head_and_names_the_staff() -> None:
    staff = [{"full_name": "Lê Thị Lan", "role": "invigilator"}]
    texts = pages(attendance([f"Thí sinh {at:03}" for at in range(50)], staff))
    assert len(texts) == 2
    assert all("STT Số báo danh Họ và tên Cùng địa điểm Ký tên" in text for text in texts)
    assert "Lê Thị Lan Cán bộ coi thi" in texts[-1]
    assert "Số thí sinh: 50" in texts[0]
    assert "Chưa phân công." in pages(attendance(["An"]))[0]


def test_papers_bring_their_fonts_with_them() -> None:
    for content in (slips(["An"]), attendance(["An"])):
        fonts = pypdf.PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"].values()
        names = {font.get_object()["/BaseFont"].split("+")[-1] for font in fonts}
        assert names and all(name.startswith(("LibertinusSerif", "DejaVuSansMono")) for name in names)


def test_every_word_of_a_paper_stands_in_both_languages_and_is_used() -> None:
    assert list(WORDS["vi"]) == list(WORDS["en"])
    templates = "".join(path.read_text() for path in Path(typesetting.__file__).parent.glob("templates/*.typ"))
    roles = set(ASSIGNABLE)
    assert set(re.findall(r"words\.(\w+)", templates)) - {"at", "json"} == WORDS["vi"].keys() - roles
    assert roles <= WORDS["vi"].keys()


@pytest.mark.parametrize("paper", ["slips", "attendance"])
def test_a_paper_is_in_one_language(paper: str) -> None:
    people = [{"number": "001", "full_name": "An", "code": CODE, "shares_place": ""}]
    staff = [{"full_name": "Ba", "role": role} for role in ASSIGNABLE]
    read = {}
    for language in ("vi", "en"):
        data = {**HEADING, "language": language, "address": "https://a.vn", "candidates": people, "staff": staff}
        (text,) = pages(typeset_slips(data) if paper == "slips" else typeset("attendance", data))
        read[language] = re.sub(r"\s", "", text).casefold()
    for language, other in (("vi", "en"), ("en", "vi")):
        for key in ("room", "starts_at", "times", "full_name", *(ASSIGNABLE if paper == "attendance" else ("secret",))):
            said, unsaid = (re.sub(r"\s", "", WORDS[each][key]).casefold() for each in (language, other))
            assert said in read[language], key
            assert unsaid not in read[language], key
