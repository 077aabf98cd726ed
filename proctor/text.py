"""Text that strangers made and other people read in lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Any

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029/\\:*?"<>|]')
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # fillers of Hangul, and the Braille pattern without dots


def visible(text: str) -> str:
    """The text without characters that are not seen themselves: marks and overrides of direction, zero-width spaces
    and joiners, soft hyphens.

    They make one name look like another ("x\\u202etxt.exe" reads "xexe.txt"), equal codes unequal, and what is blank
    look like something. These are the format characters of Unicode (general category Cf) and the letters and signs that
    are drawn as nothing; Vietnamese needs none of them.
    """
    if text.isascii():
        return text
    return "".join(each for each in text if unicodedata.category(each) != "Cf" and each not in _BLANK)


def all_visible(value: Any, verbatim: Collection[str] = ()) -> Any:
    """What JSON was decoded to, with each string as `visible`; but for the members named in `verbatim`, which are kept
    as they were typed: the text of an answer, a password."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [all_visible(each, verbatim) for each in value]
    if isinstance(value, dict):
        return {key: each if key in verbatim else all_visible(each, verbatim) for key, each in value.items()}
    return value


def safe_name(name: str) -> str:
    """A file name without path, control characters or characters that are not seen, of 1 to 200 characters."""
    cleaned = _UNSAFE.sub("_", visible(name)).strip(" .")[-200:]
    return cleaned or "file"
