"""Identifiers and secrets made by the server."""

from __future__ import annotations

import secrets

# No letter or digit that is taken for another when read aloud or from paper.
_CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_id(prefix: str) -> str:
    """An opaque identifier such as `r_7f3a…`."""
    return f"{prefix}_{secrets.token_hex(8)}"


def new_exam_code() -> str:
    """A candidate's exam code, such as `KQ7D-M2XP-9RTA`: 60 random bits in a form that can be typed."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(12))
    return "-".join(letters[i : i + 4] for i in range(0, 12, 4))
