"""What an invigilator notes of a breach, and what is decided of it: its bounds (A14.2c.8, A25.1)."""

from __future__ import annotations

from typing import Any

import pytest

from proctor.exam import events as e
from proctor.exam.decisions import conduct
from proctor.exam.room import Decision
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, Log, T

NOW = T + 10 * MINUTE


def note(log: Log, **given: Any) -> Decision:
    said: dict[str, Any] = {"violation": "x", "category": "phone", "text": "", "since": None, "until": None, **given}
    return log.take(conduct.note_violation(log.room, NOW, by="s", candidate="c", **said), NOW)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"category": "daydreaming"}, "bad_request"),
        ({"text": "x" * (conduct.MAX_TEXT + 1)}, "too_large"),
        ({"category": "impersonation", "text": " "}, "sitter_needed"),
        ({"since": NOW.replace(tzinfo=None)}, "bad_request"),
        ({"until": NOW.replace(tzinfo=None)}, "bad_request"),
        ({"since": ENTRY - MINUTE}, "bad_period"),
        ({"until": NOW + MINUTE}, "bad_period"),
        ({"since": NOW, "until": NOW - MINUTE}, "bad_period"),
    ],
)
def test_a_note_within_no_bounds_is_refused(given: dict[str, Any], code: str) -> None:
    log = Log().at_work()
    with pytest.raises(Refusal, match=code):
        note(log, **given)
    assert log.room.violations == {}


def test_a_note_of_one_moment_is_kept_and_a_text_as_long_as_may_be() -> None:
    log = Log().at_work()
    note(log, violation="x1", since=T)
    note(log, violation="x2", until=T)
    note(log, violation="x3", text="x" * conduct.MAX_TEXT)
    kept = [(each.noted.since, each.noted.until) for each in log.room.violations.values()]
    assert kept == [(T, None), (None, T), (None, None)]


def test_who_waits_is_seen_from_the_lobby_on_and_nobody_before() -> None:
    log = Log().published("c", "d").attended().waiting("c")
    with pytest.raises(Refusal, match="bad_period"):
        note(log, since=ENTRY - MINUTE)
    note(log, since=ENTRY)
    with pytest.raises(Refusal, match="bad_period") as refused:
        conduct.note_violation(
            log.room, NOW, by="s", candidate="d", violation="y", category="phone", text="", since=ENTRY, until=None
        )
    assert refused.value.details["seen_from"] == "–"


def decide(log: Log, **given: Any) -> Decision:
    said: dict[str, Any] = {"violation": "x", "status": "confirmed", "reason": "", **given}
    return log.take(conduct.decide_violation(log.room, NOW, by="s", **said), NOW)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"violation": "none"}, "not_found"),
        ({"status": "forgotten"}, "bad_request"),
        ({"status": "dismissed"}, "reason_needed"),
    ],
)
def test_a_decision_about_nothing_or_without_its_reason_is_refused(given: dict[str, Any], code: str) -> None:
    log = Log().at_work()
    note(log)
    with pytest.raises(Refusal, match=code):
        decide(log, **given)


def test_to_change_a_decision_needs_a_reason() -> None:
    log = Log().at_work()
    note(log)
    decide(log)
    seq = log.room.violations["x"].decision.seq  # type: ignore[union-attr]
    decide(log, status="dismissed", reason="Nhầm người", replaces=seq)
    seq = log.room.violations["x"].decision.seq  # type: ignore[union-attr]
    with pytest.raises(Refusal, match="reason_needed"):
        decide(log, replaces=seq)


def test_a_still_that_was_taken_or_given_up_or_of_who_has_gone_is_not_lost_by_a_restart() -> None:
    log = Log().at_work()
    for violation in ("x", "y", "z"):
        note(log, violation=violation)
    kept = e.StillKept(
        candidate="c", violation="x", still="f", sha256="1" * 64, bytes=9, width=640, height=360, taken_at=NOW
    )
    log.take(Decision((kept, e.StillMissing(candidate="c", violation="y", why="no_picture"))), NOW)
    assert [each.violation for each in conduct.stills_lost(log.room)] == ["z"]
    log.take(Decision((e.CandidateMovedOut(candidate="c", to="r2"),)), NOW)
    assert conduct.stills_lost(log.room) == []


def test_a_look_at_a_still_names_who_is_not_of_the_room() -> None:
    log = Log().at_work()
    note(log)
    with pytest.raises(Refusal, match="not_found"):
        conduct.view_still(log.room, NOW, "s", "none")
    for person, named in (("s", ""), ("somebody", "Thanh tra")):
        (viewed,) = conduct.view_still(log.room, NOW, person, "x", "Thanh tra").events
        assert (viewed.kind, viewed.full_name) == ("still_viewed", named)  # type: ignore[attr-defined]
