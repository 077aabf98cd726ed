"""Who asked for help in a room, who answered, and after how long (A5.3, A21.1.2): a projection of the room's log.

    hand          a raised hand; answered when staff lower it or write to this candidate alone
    message       a candidate's message; answered by the message that names it
    diagnosis     staff asked a page how it is doing; answered by the page
    asked_again   staff asked for a photograph or a check anew; answered when it came
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from proctor.exam import events as e
from proctor.exam.replacing import replace

KINDS = ("hand", "message", "diagnosis", "asked_again")


@dataclass(frozen=True)
class Request:
    """One request. `withdrawn`: the candidate lowered the hand before anybody came. `by` and `answered_by` are
    persons of the room, candidates too."""

    kind: str
    candidate: str
    by: str
    at: datetime
    subject: str = ""  # of what was asked for again
    answered_at: datetime | None = None
    answered_by: str = ""
    withdrawn: bool = False

    @property
    def seconds(self) -> float | None:
        """Until the answer; None without one."""
        return (self.answered_at - self.at).total_seconds() if self.answered_at else None


@dataclass
class _Reading:
    requests: list[Request] = field(default_factory=list)
    open: dict[tuple[str, ...], int] = field(default_factory=dict)  # what is not answered, by what names it

    def ask(self, key: tuple[str, ...], request: Request) -> None:
        if key not in self.open:  # asked for twice: the first counts
            self.open[key] = len(self.requests)
            self.requests.append(request)

    def answer(self, key: tuple[str, ...], at: datetime, by: str) -> None:
        index = self.open.pop(key, None)
        if index is not None:
            self.requests[index] = replace(self.requests[index], answered_at=at, answered_by=by)

    def withdraw(self, key: tuple[str, ...]) -> None:
        index = self.open.pop(key, None)
        if index is not None:
            self.requests[index] = replace(self.requests[index], withdrawn=True)


def support_log(entries: Iterable[tuple[datetime, e.Event]]) -> list[Request]:
    """The requests of a room in the order in which they were made. `entries` are its log: moment and event."""
    reading = _Reading()
    for at, event in entries:
        match event:
            case e.HandRaised(candidate=candidate):
                reading.ask(("hand", candidate), Request("hand", candidate, candidate, at))
            case e.HandLowered(candidate=candidate, by=by) if by == candidate:
                reading.withdraw(("hand", candidate))
            case e.HandLowered(candidate=candidate, by=by):
                reading.answer(("hand", candidate), at, by)
            case e.CandidateWrote(candidate=candidate, message=message):
                reading.ask(("message", message), Request("message", candidate, candidate, at))
            case e.MessageSent(by=by):
                reading.answer(("message", event.answers), at, by)
                if len(event.to) == 1:
                    reading.answer(("hand", event.to[0]), at, by)
            case e.DiagnosisAsked(candidate=candidate, diagnosis=diagnosis, by=by):
                reading.ask(("diagnosis", diagnosis), Request("diagnosis", candidate, by, at))
            case e.DiagnosisGiven(candidate=candidate, diagnosis=diagnosis):
                reading.answer(("diagnosis", diagnosis), at, candidate)
            case e.AskedAgain(candidate=candidate, subject=subject, by=by):
                asked = Request("asked_again", candidate, by, at, subject)
                reading.ask(("asked_again", candidate, subject), asked)
            case e.PhotoTaken(candidate=candidate, subject=subject):
                reading.answer(("asked_again", candidate, subject), at, candidate)
            case e.DeviceReported(candidate=candidate):
                for subject in ("device", "camera"):
                    reading.answer(("asked_again", candidate, subject), at, candidate)
    return reading.requests


@dataclass(frozen=True)
class Summary:
    """Of one kind of request: how many, how many answered, and the median of seconds until the answer."""

    count: int
    answered: int
    withdrawn: int
    median_seconds: float | None


def summary(requests: Iterable[Request]) -> dict[str, Summary]:
    """The figures by kind; kinds that did not occur too."""
    by_kind: dict[str, list[Request]] = {kind: [] for kind in KINDS}
    for request in requests:
        by_kind[request.kind].append(request)
    found = {}
    for kind, those in by_kind.items():
        seconds = [request.seconds for request in those if request.seconds is not None]
        withdrawn = sum(request.withdrawn for request in those)
        found[kind] = Summary(len(those), len(seconds), withdrawn, median(seconds) if seconds else None)
    return found
