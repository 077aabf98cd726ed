"""How the pure rooms say no."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A refusal with a stable code; `details` fill its sentence and go to the client as they are.

    The sentences stand in `proctor.errors`.
    """

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        return f"{self.code} {self.details}" if self.details else self.code
