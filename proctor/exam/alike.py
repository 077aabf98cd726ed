"""When two names that people typed are one and the same."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text without what does not tell names apart: case, runs of spaces, composed or decomposed accents."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
