"""Decisions of authorities, as the records refer to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class DecisionRef:
    """A signed act: its number, day and signer; `digest` is the SHA-256 of a filed copy, in lower-case hexadecimal."""

    number: str
    signed_on: date
    signer: str
    digest: str | None = None

    @property
    def well_formed(self) -> bool:
        """Whether the digest, if there is one, is a SHA-256. Asked of what is entered, not of what records hold."""
        return self.digest is None or _SHA256.fullmatch(self.digest) is not None
