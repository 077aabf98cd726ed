"""Text that strangers made and other people read in lists."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """The text without characters that are not seen themselves: marks and overrides of direction, zero-width spaces
    and joiners, soft hyphens.

    They make one name look like another ("x\\u202etxt.exe" reads "xexe.txt"), and equal codes unequal. These are the
    format characters of Unicode (general category Cf); Vietnamese needs none of them.
    """
    return "".join(character for character in text if unicodedata.category(character) != "Cf")
