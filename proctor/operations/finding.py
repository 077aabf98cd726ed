"""What an examination finds: one sentence about one thing, how bad it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """How bad a finding is. A warning may be meant so; a failure keeps an exam from being held as it should be."""

    OK = 0
    WARNING = 1
    FAILURE = 2


@dataclass(frozen=True)
class Finding:
    """`vi`, `en`: what was found; `do_vi`, `do_en`: what to do, empty when there is nothing to do."""

    name: str
    level: Level
    vi: str
    en: str
    do_vi: str = ""
    do_en: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The finding as `--json` prints it."""
        return {
            "name": self.name,
            "level": self.level.name.lower(),
            "vi": self.vi,
            "en": self.en,
            "do": {"vi": self.do_vi, "en": self.do_en} if self.do_en else None,
            "details": self.details,
        }


def ok(name: str, vi: str, en: str, **details: Any) -> Finding:
    """All is well."""
    return Finding(name, Level.OK, vi, en, details=details)


def warning(name: str, vi: str, en: str, do_vi: str, do_en: str, **details: Any) -> Finding:
    """Worth a look; an exam can be held."""
    return Finding(name, Level.WARNING, vi, en, do_vi, do_en, details)


def failure(name: str, vi: str, en: str, do_vi: str, do_en: str, **details: Any) -> Finding:
    """To be put right before an exam."""
    return Finding(name, Level.FAILURE, vi, en, do_vi, do_en, details)
