"""What an event is. `all_events` lists those of a kind that are defined by then."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `kind` is its name in the log."""

    kind: ClassVar[str]


def happened(event: Event, at: datetime) -> Event:
    """The event as it is written long after `at`, when it happened, if it is one that can say so and does not yet."""
    silent = getattr(event, "happened_at", at) is None
    return replace(event, **{each.name: at for each in fields(event) if silent and each.name == "happened_at"})


@dataclass(frozen=True, kw_only=True)
class SittingEvent(Event):
    """A fact about one candidate's sitting."""

    candidate: str


@dataclass(frozen=True, kw_only=True)
class Reported(SittingEvent):
    """What a candidate's page reported; `client_time` is what the clock of its own computer showed then, in ISO 8601.

    That stands beside the server's time as evidence and decides nothing. Empty where no page said it.
    """

    client_time: str = ""


def reported(event: Event, client_time: str) -> Event:
    """The event with what the computer's clock showed, if it is one that a page reports."""
    return replace(event, client_time=client_time) if client_time and isinstance(event, Reported) else event


@dataclass(frozen=True, kw_only=True)
class NotLetIn(Event):
    """A fact about somebody who was refused a place or the way in, which may be asked again every few seconds."""

    def told_as(self) -> tuple[str, str]:
        """Who was refused, and what: one entry stands for all that are alike, for a while."""
        raise NotImplementedError


def all_events(base: type[Event]) -> dict[str, type[Event]]:
    """The events below `base` that are defined by now, by kind."""
    found = {}
    for cls in base.__subclasses__():
        if "kind" in cls.__dict__:
            found[cls.kind] = cls
        found.update(all_events(cls))
    return found
