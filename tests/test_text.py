"""Names that strangers gave their files."""

from __future__ import annotations

import pytest

from proctor.text import all_visible, safe_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("bài làm.docx", "bài làm.docx"),
        ("x\u202etxt.exe.pdf", "xtxt.exe.pdf"),  # shown as "xfdp.exe.txt"
        ("\u2066a\u2069\u200f\u200b\u200d\ufeff.pdf", "a.pdf"),
        ("../a\\b\x85\u2028c.txt", "_a_b__c.txt"),
        ("\u202e. \u200b", "file"),
        ("\u3164\u2800", "file"),
        ("", "file"),
        ("a" * 300 + ".pdf", "a" * 196 + ".pdf"),
    ],
)
def test_a_file_name_shows_what_it_is_and_stays_in_its_folder(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_what_was_typed_is_seen_as_it_is_but_for_what_is_kept_to_the_letter() -> None:
    told = {"reason": "\u200b", "text": "a\u202eb", "names": ["\u2066x", {"text": "c\u200d"}], "minutes": 5}
    shown = {"reason": "", "text": "a\u202eb", "names": ["x", {"text": "c\u200d"}], "minutes": 5}
    assert all_visible(told, ("text",)) == shown
    assert all_visible(told)["text"] == "ab"
    assert all_visible({"title": "\u3164\u115f\uffa0"}) == {"title": ""}, "no title that nobody can see"
