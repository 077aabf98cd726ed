"""Decisions of authorities, as the records refer to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DecisionRef:
    """A signed act: its number, day and signer; `digest` is the SHA-256 of a filed copy."""

    number: str
    signed_on: date
    signer: str
    digest: str | None = None
