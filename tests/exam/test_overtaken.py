"""Of two invigilators who act at once the first wins, and the second is told who did what, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from proctor.exam.decisions import admission, briefing, closing, conduct, papers, presence
from proctor.exam.room import Decision
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, Log, T

OVER = T + 96 * MINUTE
Act = Callable[..., Decision]


def waiting() -> Log:
    return Log().published("c").attended().waiting("c")


def entered() -> Log:
    return Log().published("c").attended().admitted("c")


def at_work() -> Log:
    return Log().at_work()


def noted() -> Log:
    log = at_work()
    note = conduct.note_violation(
        log.room, T, by="s", violation="x", candidate="c", category="phone", text="", since=None, until=None
    )
    log.take(note, T)
    return log


def asked_from_a_second_device() -> Log:
    return at_work().asking("c")


def suspended() -> Log:
    log = at_work()
    log.take(conduct.suspend(log.room, T, by="s", candidate="c", reason="Dùng điện thoại"), T)
    return log


def away() -> Log:
    log = at_work()
    log.take(conduct.begin_absence(log.room, T, by="s", candidate="c", why="Đi vệ sinh"), T)
    return log


def over() -> Log:
    return at_work().pass_time(OVER)


def listed() -> Log:
    log = over()
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    return log


C = {"candidate": "c"}
ACTS: dict[str, tuple[Callable[[], Log], Any, str | None, Act, dict[str, Any], dict[str, Any], str]] = {
    # what two decide: the room, when, what already stands, the act, what the first says, what the second, its word
    "refuse": (waiting, ENTRY, None, admission.refuse, C | {"reason": "A"}, C | {"reason": "B"}, "refused"),
    "decline a device": (
        asked_from_a_second_device, T, "entry", admission.decline, C | {"epoch": 2, "reason": "A"},
        C | {"epoch": 2, "reason": "B"}, "declined",
    ),
    "ask again": (
        at_work, T, None, admission.ask_again, C | {"subject": "face", "text": "A"},
        C | {"subject": "face", "text": "B"}, "asked",
    ),
    "check": (
        waiting, ENTRY, None, admission.check, C | {"name": "camera", "passed": True},
        C | {"name": "camera", "passed": False, "reason": "B"}, "passed",
    ),
    "suspend": (at_work, T, None, conduct.suspend, C | {"reason": "A"}, C | {"reason": "B"}, "suspended"),
    "resume": (suspended, T, "suspension", conduct.resume, C | {"reason": "A"}, C | {"reason": "B"}, "resumed"),
    "leave": (at_work, T, None, conduct.begin_absence, C | {"why": "A"}, C | {"why": "B"}, "left"),
    "back": (away, T, "absence", conduct.end_absence, C, C, "back"),
    "confirm, dismiss": (
        noted, T, None, conduct.decide_violation, {"violation": "x", "status": "confirmed", "reason": ""},
        {"violation": "x", "status": "dismissed", "reason": "B"}, "confirmed",
    ),
    "confirm alike": (
        noted, T, None, conduct.decide_violation, {"violation": "x", "status": "confirmed", "reason": ""},
        {"violation": "x", "status": "confirmed", "reason": ""}, "confirmed",
    ),
    "brief": (entered, ENTRY, None, briefing.hold, {"topic": "rules"}, {"topic": "rules"}, "briefed"),
    "delay": (
        entered, ENTRY, None, papers.delay_release, {"until": T + 5 * MINUTE, "reason": "A"},
        {"until": T + 10 * MINUTE, "reason": "B"}, "delayed",
    ),
    "offer the shift": (
        at_work, T, None, presence.offer_shift, {"to": "s2", "note": "A"},
        {"to": "s", "note": "B"}, "offered",
    ),
    "publish": (over, OVER, None, closing.publish_lists, {"reason": ""}, {"reason": "B"}, "published"),
    "hand over": (
        listed, OVER, None, closing.hand_over, {"handover": "h1", "log_head": (1, "a")},
        {"handover": "h2", "log_head": (1, "a")}, "handed_over",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ACTS)
def test_the_second_of_two_changes_nothing_and_is_told_who_did_what_and_when(what: str) -> None:
    make, now, stands, act, first, second, word = ACTS[what]
    log = make()
    seen = log.stands(stands, "c") if stands else 0
    assert log.take(act(log.room, now, by="s", **first, replaces=seen), now).events
    with pytest.raises(Refusal, match="overtaken") as told:
        act(log.room, now, by="s2", **second, replaces=seen)
    assert {key: told.value.details[key] for key in ("act", "by", "name", "at")} == {
        "act": word, "by": "s", "name": "Cán bộ coi thi",
        "at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }  # fmt: skip


@pytest.mark.parametrize("what", ACTS)
def test_a_page_that_did_not_hear_the_answer_asks_again_and_nothing_is_done_twice(what: str) -> None:
    make, now, stands, act, first, _second, _word = ACTS[what]
    log = make()
    seen = log.stands(stands, "c") if stands else 0
    log.take(act(log.room, now, by="s", **first, replaces=seen), now)
    assert act(log.room, now, by="s", **first, replaces=seen).events == ()


CHANGES = {
    "another reason for the refusal": ("refuse", "entry", "c"),
    "another wish": ("ask again", "asked_face", "c"),
    "the check comes out otherwise": ("check", "check_camera", "c"),
    "dismissed after all": ("confirm, dismiss", None, None),
    "briefed again": ("brief", "briefing_rules", None),
    "put off further": ("delay", "delay", None),
    "the hand-over made anew": ("hand over", "handover", None),
}


@pytest.mark.parametrize("what", CHANGES)
def test_who_names_the_decision_that_stands_changes_it(what: str) -> None:
    name, subject, candidate = CHANGES[what]
    make, now, _stands, act, first, second, _word = ACTS[name]
    log = make()
    log.take(act(log.room, now, by="s", **first), now)
    seen = log.stands(subject, candidate) if subject else log.room.violations["x"].decision.seq
    changed = log.take(act(log.room, now, by="s2", **second, replaces=seen), now)
    assert [event.by for event in changed.events] == ["s2"]


def test_a_suspension_that_was_lifted_meanwhile_is_no_longer_the_one_that_was_seen() -> None:
    log = suspended()
    first = log.stands("suspension", "c")
    log.take(conduct.resume(log.room, T, by="s", candidate="c", reason="Nhầm", replaces=first), T)
    again = conduct.suspend(
        log.room, T, by="s", candidate="c", reason="Lần nữa", replaces=log.stands("suspension", "c")
    )
    log.take(again, T)
    with pytest.raises(Refusal, match="overtaken"):
        conduct.resume(log.room, T, by="s2", candidate="c", reason="Nhầm", replaces=first)
    assert log.room.sittings["c"].suspended_because == "Lần nữa"


def test_a_refusal_is_not_lifted_by_who_has_not_seen_it_and_no_admission_undone() -> None:
    log = entered()
    with pytest.raises(Refusal, match="overtaken") as told:
        admission.refuse(log.room, ENTRY, by="s2", candidate="c", reason="Không đúng người")
    assert told.value.details["act"] == "admitted"
    with pytest.raises(Refusal, match="not_waiting"):  # an admission is not undone by a refusal, seen or not
        seen = log.stands("entry", "c")
        admission.refuse(log.room, ENTRY, by="s2", candidate="c", reason="Không đúng người", replaces=seen)


def test_of_two_who_admit_and_decline_a_second_device_the_first_wins_whichever_it_is() -> None:
    log = asked_from_a_second_device()
    seen = log.stands("entry", "c")
    admitted = admission.admit(
        log.room, T, "s", ["c"], {"c": 2}, checked=admission.CHECKS, replaces={"c": seen}
    )
    declined = admission.decline(log.room, T, by="s2", candidate="c", epoch=2, reason="Nhầm máy", replaces=seen)
    log.take(admitted, T)
    with pytest.raises(Refusal, match="overtaken") as told:
        admission.decline(log.room, T, by="s2", candidate="c", epoch=2, reason="Nhầm máy", replaces=seen)
    assert told.value.details["act"] == "admitted"

    log = asked_from_a_second_device()
    log.take(declined, T)
    second: Any = {"now": T, "by": "s", "candidates": ["c"], "checked": admission.CHECKS, "replaces": {"c": seen}}
    for room in (log.room, log.asking("c").room):  # gone, and come again since
        late = admission.admit(room, **second)
        assert (late.events, late.answer["skipped"]) == ((), ["c"])
        told_late = late.answer["overtaken"]["c"]
        assert (told_late["act"], told_late["name"], told_late["reason"]) == (
            "declined", "Cán bộ coi thi hai", "Nhầm máy",
        )  # fmt: skip
    second["replaces"] = {"c": log.stands("entry", "c")}
    log.take(admission.admit(log.room, **second), T)
    assert log.room.sittings["c"].device == "phone"
