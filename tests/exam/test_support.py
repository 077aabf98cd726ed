"""Requests for help and how long they waited (A5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proctor.exam import events as e
from proctor.exam.support import Summary, summary, support_log
from tests.exam.rooms import T

RAISED = e.HandRaised(candidate="c")
WROTE = e.CandidateWrote(candidate="c", message="m1", text="?")


def sent(*to: str, answers: str = "") -> e.MessageSent:
    return e.MessageSent(message="m9", to=to, text="!", by="s", answers=answers)


def lowered(by: str) -> e.HandLowered:
    return e.HandLowered(candidate="c", by=by)


def asked(subject: str) -> e.AskedAgain:
    return e.AskedAgain(candidate="c", subject=subject, text="", by="s")


def photo(subject: str) -> e.PhotoTaken:
    return e.PhotoTaken(candidate="c", photo="f", subject=subject, sha256="0" * 64, bytes=1)


REPORT = e.DeviceReported(candidate="c", report={})
DIAGNOSIS = e.DiagnosisAsked(candidate="c", diagnosis="d", by="k")


@pytest.mark.parametrize(("events", "found"), [
    ([RAISED], [("hand", None, "", False)]),
    ([RAISED, lowered("s")], [("hand", 10, "s", False)]),
    ([RAISED, lowered("c")], [("hand", None, "", True)]),
    ([RAISED, sent("c"), lowered("s")], [("hand", 10, "s", False)]),
    ([RAISED, sent(), sent("d"), sent("c", "d"), lowered("s")], [("hand", 40, "s", False)]),  # not to this one alone
    ([RAISED, lowered("s"), RAISED, lowered("k")], [("hand", 10, "s", False), ("hand", 10, "k", False)]),
    ([WROTE], [("message", None, "", False)]),
    ([WROTE, sent("c"), sent("c", answers="m1")], [("message", 20, "s", False)]),
    ([WROTE, sent("c", answers="m2")], [("message", None, "", False)]),
    ([DIAGNOSIS, e.DiagnosisGiven(candidate="c", diagnosis="d")], [("diagnosis", 10, "c", False)]),
    ([DIAGNOSIS, e.DiagnosisGiven(candidate="c", diagnosis="e")], [("diagnosis", None, "", False)]),
    ([asked("face"), photo("card"), photo("face")], [("asked_again", 20, "c", False)]),
    ([asked("face"), asked("face"), photo("face")], [("asked_again", 20, "c", False)]),
    ([asked("device"), REPORT], [("asked_again", 10, "c", False)]),
    ([photo("face"), lowered("s"), REPORT], []),
])  # fmt: skip
def test_who_asked_who_answered_and_after_how_long(
    events: list[e.Event], found: list[tuple[str, float | None, str, bool]]
) -> None:
    requests = support_log((T + timedelta(seconds=10 * number), event) for number, event in enumerate(events))
    assert [(each.kind, each.seconds, each.answered_by, each.withdrawn) for each in requests] == found


def test_the_figures_have_medians_by_kind() -> None:
    events = [
        (0, RAISED), (4, lowered("s")), (10, RAISED), (18, lowered("s")), (20, RAISED), (50, lowered("s")),
        (60, RAISED), (61, lowered("c")), (70, WROTE),
    ]  # fmt: skip
    figures = summary(support_log((T + timedelta(seconds=at), event) for at, event in events))
    assert figures["hand"] == Summary(4, 3, 1, 8.0)
    assert figures["message"] == Summary(1, 0, 0, None)
    assert figures["diagnosis"] == Summary(0, 0, 0, None)
