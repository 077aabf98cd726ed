"""Versions of an answer from the changes between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.exam.writing import WHOLE_EVERY, change, changed

TEXT = st.text(st.sampled_from("aab ệ🙂\n"), max_size=12)


@given(TEXT, TEXT)
def test_a_change_leads_from_one_version_to_the_next(before: str, after: str) -> None:
    head, tail, between = change(before, after, 1)
    assert changed(before, head, tail, between) == after
    assert head + tail + len(between) == len(after)


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("", "a", (0, 0, "a")),
        ("Bài làm", "Bài làm.", (7, 0, ".")),
        ("Bài làm", "ài làm", (0, 6, "")),
        ("Câu một. Câu hai.", "Câu một. Thêm. Câu hai.", (9, 8, "Thêm. ")),
        ("aaa", "aaaa", (3, 0, "a")),
        ("aaaa", "aa", (2, 0, "")),
        ("", "", (0, 0, "")),
    ],
)
def test_only_what_changed_is_kept(before: str, after: str, kept: tuple[int, int, str]) -> None:
    assert change(before, after, 1) == kept
    assert changed(before, *kept) == after


def test_the_whole_text_is_kept_now_and_then() -> None:
    assert change("abc", "abcd", WHOLE_EVERY) == (0, 0, "abcd")
    assert change("abc", "abcd", WHOLE_EVERY + 1) == (3, 0, "d")
