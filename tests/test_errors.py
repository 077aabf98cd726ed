"""What a refusal says to people: one sentence in each language, with moments by the clock on their wall."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from proctor.errors import FIELDS, THINGS, UNITS, ProctorError, describe, malformed


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2026-11-23T04:35:00.000Z", "11:35:00 23/11/2026"),
        ("2026-11-23T20:00:00+00:00", "03:00:00 24/11/2026"),
        ("2026-11-23", "2026-11-23"),
        ("phòng 2026-11-23T04:35:00Z", "phòng 2026-11-23T04:35:00Z"),
    ],
)
def test_a_moment_in_a_sentence_is_local_and_stays_exact_for_programs(value: str, said: str) -> None:
    told = describe(ProctorError("beyond_the_end", end_at=value))
    assert told["vi"] == f"Vượt quá giờ kết thúc {said}; hãy lùi cả giờ kết thúc."
    assert told["en"] == f"That is beyond the end at {said}; move the end too."
    assert told["details"] == {"end_at": value}


@pytest.mark.parametrize(
    ("citation", "vi", "en"),
    [
        ("A14.2a", "quy chế A: Điều 14 khoản 2 điểm a", "regime A: Art. 14.2a"),
        ("A14.2dd", "quy chế A: Điều 14 khoản 2 điểm đ", "regime A: Art. 14.2đ"),
        ("A14.2b.2", "quy chế A: Điều 14 khoản 2 điểm b", "regime A: Art. 14.2b"),
        ("B35", "quy chế B: Điều 35", "regime B: Art. 35"),
        ("B21.3, B22.2.2", "quy chế B: Điều 21 khoản 3, Điều 22 khoản 2", "regime B: Art. 21.3, Art. 22.2"),
    ],
)
def test_an_article_in_a_sentence_is_named_as_people_name_it(citation: str, vi: str, en: str) -> None:
    told = describe(ProctorError("room_capacity", capacity=50, rooms=2, citation=citation))
    assert told["vi"] == f"Phòng thi trực tuyến có không quá 50 thí sinh ({vi}); cần 2 phòng."
    assert told["en"] == f"An online exam room holds at most 50 candidates ({en}); these need 2 rooms."
    assert told["details"]["citation"] == citation


@pytest.mark.parametrize("words", ["2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-01T09:00:00Z"])
def test_what_people_wrote_stays_as_it_is_and_breaks_no_sentence(words: str) -> None:
    assert words in describe(ProctorError("suspended", reason=words))["vi"]
    assert describe(ProctorError("beyond_the_end", end_at=words))["details"] == {"end_at": words}


def test_a_detail_that_is_missing_leaves_a_mark_and_no_failure() -> None:
    assert "?" in describe(ProctorError("beyond_the_end"))["vi"]


def test_what_is_not_there_has_a_name_in_the_language_of_the_sentence() -> None:
    used = {
        name
        for source in (Path(__file__).parents[1] / "proctor").rglob("*.py")
        for name in re.findall(r'"not_found", what="([^"]+)"', source.read_text(encoding="utf-8"))
    }
    assert "candidate" in used
    assert used <= THINGS.keys()
    told = describe(ProctorError("not_found", what="candidate"))
    assert (told["vi"], told["en"]) == ("Không tìm thấy thí sinh.", "There is no such candidate.")
    assert told["details"] == {"what": "candidate"}


def test_a_step_that_is_still_to_do_has_a_name_in_the_language_of_the_sentence() -> None:
    told = describe(ProctorError("not_ready", missing=["device", "card"]))
    assert told["vi"] == "Còn bước chưa xong: kiểm tra thiết bị, ảnh giấy tờ, thẻ."
    assert told["en"] == "Steps are still to do: the device check, the photograph of the card."
    assert told["details"] == {"missing": ["device", "card"]}


def test_what_a_person_filled_in_wrongly_has_a_name_in_the_language_of_the_sentence() -> None:
    decisions = (Path(__file__).parents[1] / "proctor/exam/decisions").glob("*.py")
    used = {
        name
        for source in decisions
        for name in re.findall(r'"bad_request", field="([^"]+)"', source.read_text(encoding="utf-8"))
    }
    assert "minutes" in used
    assert used <= FIELDS.keys()
    told = describe(ProctorError("bad_request", field="minutes"))
    assert (told["vi"], told["en"]) == ("Chưa đúng: số phút.", "Not right: the minutes.")
    assert told["details"] == {"field": "minutes"}
    assert describe(ProctorError("bad_request", field="Content-Type"))["vi"] == "Chưa đúng: Content-Type."


@pytest.mark.parametrize(
    ("limit", "vi", "en"),
    [
        ("200000 characters", "200.000 ký tự", "200,000 characters"),
        ("20 files", "20 tệp", "20 files"),
        ("20 files, 50 MB", "20 tệp, 50 MB", "20 files, 50 MB"),
        ("8 KB", "8 KB", "8 KB"),
    ],
)
def test_a_limit_is_written_in_the_language_of_the_sentence(limit: str, vi: str, en: str) -> None:
    told = describe(ProctorError("too_large", limit=limit))
    assert (told["vi"], told["en"]) == (f"Dữ liệu vượt quá {vi}.", f"The data is larger than {en}.")
    assert told["details"] == {"limit": limit}


def test_every_limit_counts_something_that_has_a_name_in_vietnamese() -> None:
    used = {
        word
        for source in (Path(__file__).parents[1] / "proctor").rglob("*.py")
        for limit in re.findall(r'limit=f?"([^"]+)"', source.read_text(encoding="utf-8"))
        for word in re.findall(r"\b[a-z]+\b", re.sub(r"\{[^}]*\}", "", limit))
    }
    assert used == UNITS.keys()


@pytest.mark.parametrize(
    ("message", "field", "vi"),
    [
        ({"text": "x" * 4, "files": []}, "text", "Chưa đúng: nội dung trống hoặc quá dài."),
        ({"text": "x"}, "files", "Chưa đúng: danh sách tệp."),
        ({"text": "x", "files": ["y"]}, "files[0]", "Chưa đúng: files[0]."),
        ("x", "message", "Chưa đúng: thông điệp không đọc được."),
    ],
)
def test_what_is_malformed_is_named_and_the_words_of_the_parser_are_for_programs(
    message: object, field: str, vi: str
) -> None:
    class Told(msgspec.Struct):
        text: Annotated[str, msgspec.Meta(max_length=3)]
        files: list[int]

    with pytest.raises(msgspec.ValidationError) as wrong:
        msgspec.convert(message, Told)
    told = describe(malformed(wrong.value))
    assert (told["vi"], told["details"]) == (vi, {"field": field, "why": str(wrong.value)})
