"""Decisions of authorities, as the records refer to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_SHA256 = re.compile("[0-9a-f]{64}")
_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # the digest of no bytes at all
EARLIEST = date(1990, 1, 1)
"""No decision that an exam rests on is older: an earlier year is one that was typed wrong."""


@dataclass(frozen=True)
class DecisionRef:
    """A signed act: its number, day and signer; `digest` is the SHA-256 of a filed copy, in lower-case hexadecimal."""

    number: str
    signed_on: date
    signer: str
    digest: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it names an act: with a number, a signer and a day that can have been meant."""
        return bool(self.number.strip() and self.signer.strip()) and self.signed_on >= EARLIEST

    def wrong(self, today: date) -> str | None:
        """What of it cannot be entered `today`: number, signed_on, signer, digest or, where its signed copy is a file
        of no bytes, empty_copy. Asked of what is entered, not of what records hold.

        A day more than `today` is allowed, for a place where it is tomorrow already.
        """
        if not self.number.strip():
            return "number"
        if not EARLIEST <= self.signed_on <= today + timedelta(days=1):
            return "signed_on"
        if not self.signer.strip():
            return "signer"
        if self.digest is not None and not _SHA256.fullmatch(self.digest):
            return "digest"
        return "empty_copy" if self.digest == _EMPTY else None
