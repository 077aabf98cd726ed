"""Decisions of authorities, as the records refer to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class DecisionRef:
    """A signed act: its number, day and signer; `digest` is the SHA-256 of a filed copy, in lower-case hexadecimal.

    Raises ValueError where `digest` is none.
    """

    number: str
    signed_on: date
    signer: str
    digest: str | None = None

    def __post_init__(self) -> None:
        if self.digest is not None and not _SHA256.fullmatch(self.digest):
            raise ValueError("digest must be a SHA-256 in lower-case hexadecimal")
