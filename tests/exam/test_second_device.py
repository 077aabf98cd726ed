"""Another device that asks to take over an admitted sitting, and is declined: whenever it may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam.decisions import admission, answers, briefing, conduct, holding, phones, presence
from proctor.regulation.refusal import Refusal
from proctor.signalling.exchange import pushes
from tests.exam.rooms import ENTRY, MINUTE, Log, T

DEADLINE = T + 90 * MINUTE
END = T + 95 * MINUTE


def asking(log: Log, now: datetime = T, device: str = "phone") -> int:
    """A page at another device asks; its epoch."""
    log.asking("c", now, device)
    pending = log.room.sittings["c"].pending
    assert pending is not None
    return pending.epoch


def decline(log: Log, epoch: int, now: datetime = T, reason: str = "Không đúng người") -> Log:
    seen = log.stands("entry", "c")
    decision = admission.decline(
        log.room, now, by="s", candidate="c", epoch=epoch, reason=reason, replaces=seen
    )
    assert [event.kind for event in decision.events] == ["device_declined"]
    log.take(decision, now)
    return log


def test_the_first_device_goes_on_as_if_nothing_had_asked() -> None:
    """A14.2c.5, B5.5: whom an invigilator does not recognise does not come in."""
    log = Log().at_work()
    log.save("Bài làm", 0)
    before = log.room.sittings["c"]
    decline(log, asking(log))
    known = log.room.sittings["c"]
    told = {name: getattr(known, name) for name in ("last_epoch", "declined", "acts", "device_reports")}
    assert (known.pending, known) == (None, replace(before, **told))
    assert log.save("Bài làm, viết tiếp", 1).events
    assert log.submit().events


def test_what_was_declined_sends_no_picture() -> None:
    log = Log().at_work()
    epoch = asking(log)
    admission.may_publish(log.room, T, "c", epoch)
    decline(log, epoch)
    with pytest.raises(Refusal, match="superseded"):
        admission.may_publish(log.room, T, "c", epoch)
    with pytest.raises(Refusal, match="readmission_needed"):
        admission.may_photograph(log.room, T, "c", "phone", "camera")


def test_a_reason_is_needed_and_only_the_page_that_was_seen_is_declined() -> None:
    log = Log().at_work()
    about: Any = {"by": "s", "candidate": "c", "replaces": log.stands("entry", "c")}
    with pytest.raises(Refusal, match="not_asking"):
        admission.decline(log.room, T, **about, epoch=1, reason="Không đúng người")
    seen = asking(log)
    with pytest.raises(Refusal, match="reason_needed"):
        admission.decline(log.room, T, **about, epoch=seen, reason=" ")
    asking(log, device="third")  # takes the place of the one that was seen
    with pytest.raises(Refusal, match="not_asking"):
        admission.decline(log.room, T, **about, epoch=seen, reason="Không đúng người")


def test_it_may_ask_again_and_staff_and_its_page_see_that_it_was_declined() -> None:
    log = Log().at_work()
    decline(log, asking(log), reason="Chưa thấy mặt")
    asking(log, T + MINUTE, "third")
    assert views.sitting(log.room, log.room.sittings["c"])["pending"]["declined"] is None
    epoch = asking(log, T + MINUTE, "phone")
    known = log.room.sittings["c"]
    told = {"at": views.moment(T), "reason": "Chưa thấy mặt"}
    assert views.sitting(log.room, known)["pending"]["declined"] == {"by": "s", **told}
    assert views.waiting_page(log.room, known)["pending"] == {"epoch": epoch, "declined": told}
    assert views.own_sitting(log.room, known)["pending"] == {"epoch": epoch}


def test_who_asked_is_told_when_a_third_device_asks_instead() -> None:
    log = Log().at_work()
    second = asking(log)
    before, third = log.room, presence.join_candidate(log.room, T, "c", "third")
    log.take(third, T)
    told = [(push.only_epoch, push.candidate) for push in pushes(before, log.room, third.events, T)
            if push.message == "superseded"]  # fmt: skip
    assert told == [(second, "c")]


def test_the_telephone_of_the_old_device_goes_with_it_and_the_log_says_so() -> None:
    log = Log().at_work()
    log.take(phones.pair(log.room, T, "c", "laptop", "p_1"), T)
    asking(log)
    seen = {"seen": {"c": log.room.sittings["c"].last_epoch}, "checked": admission.CHECKS}
    taken = log.take(admission.admit(log.room, T, "s", ["c"], **seen), T)
    revoked = [event for event in taken.events if event.kind == "phone_revoked"]
    assert [(event.phone, event.why) for event in revoked] == [("p_1", "device_changed")]
    assert log.room.sittings["c"].phone is None


def test_what_was_heard_at_a_device_before_the_admission_is_said_again_at_the_next() -> None:
    """A14.2c.3: who sits at the other one may be somebody else, and is briefed alone."""
    log = Log().published("c").attended().waiting("c")
    log.take(briefing.hold(log.room, ENTRY, by="s", topic="rules"), ENTRY)
    assert log.room.sittings["c"].briefed == {"rules"}
    log.joined("c", device="another").ready("c", device="another")
    log.take(admission.enter_lobby(log.room, ENTRY, "c"), ENTRY)
    taken = admission.admit(log.room, ENTRY, "s", ["c"], checked=admission.CHECKS)
    assert [event.topic for event in taken.events if event.kind == "briefing_given"] == ["rules"]


def in_a_held_room(now: datetime) -> Log:
    log = Log().at_work()
    log.take(presence.restart(log.room, now, 2, DEADLINE - MINUTE), now)
    assert log.room.hold is not None
    return log


def handed_in(now: datetime) -> Log:
    log = Log().at_work()
    log.submit()
    return log


def called_off(now: datetime) -> Log:
    log = Log().published("c").attended().admitted("c")
    log.take(presence.restart(log.room, now, 2, T - MINUTE), now)
    log.take(holding.resolve_hold(log.room, now, outcome="refer_to_makeup", minutes=0, reason="Máy chủ ngừng"), now)
    assert log.room.called_off
    return log


@pytest.mark.parametrize(
    ("room", "now"),
    [
        (lambda now: Log().published("c").attended().admitted("c"), ENTRY),
        (lambda now: Log().at_work(), T + MINUTE),
        (lambda now: Log().at_work().pass_time(now), DEADLINE + MINUTE),
        (in_a_held_room, DEADLINE + MINUTE),
        (in_a_held_room, END + MINUTE),
        (handed_in, T + 2 * MINUTE),
        (called_off, T + MINUTE),
        (called_off, END),
    ],
)
def test_whenever_it_may_ask_it_can_be_declined(room: Callable[[datetime], Log], now: datetime) -> None:
    log = room(now)
    decline(log, asking(log, now), now)
    assert not log.room.sittings["c"].pending


def test_after_the_end_nobody_asks_and_nobody_declines() -> None:
    log = Log().at_work()
    epoch = asking(log, END)
    over = END + timedelta(milliseconds=1)
    with pytest.raises(Refusal, match="room_ended"):
        admission.decline(log.room, over, by="s", candidate="c", epoch=epoch, reason="Không đúng người")
    with pytest.raises(Refusal, match="room_ended"):
        asking(log, over, "third")


def taken_over() -> Log:
    """The phone took the place of the laptop, which had saved a text; the phone went on from it."""
    log = Log().at_work()
    log.save("một", 0)
    asking(log)
    shown = {"c": log.stands("entry", "c")}
    log.take(admission.admit(log.room, T, "s", ["c"], checked=admission.CHECKS, replaces=shown), T)
    log.save("một, hai", 1)
    return log


def test_a_replaced_device_that_comes_back_by_itself_neither_asks_nor_takes_its_place_back() -> None:
    log = taken_over()
    before = log.room
    with pytest.raises(Refusal, match="superseded"):
        presence.join_candidate(log.room, T, "c", "laptop", resumes=True)
    assert log.room == before
    log.take(presence.join_candidate(log.room, T, "c", "phone", resumes=True), T)
    assert log.room.sittings["c"].pending is None
    log.take(presence.join_candidate(log.room, T, "c", "laptop"), T)
    assert log.room.sittings["c"].pending, "a person asks"
    waiting = Log().published("c").attended().waiting("c").joined("c", device="phone")
    with pytest.raises(Refusal, match="superseded"):
        presence.join_candidate(waiting.room, ENTRY, "c", "laptop", resumes=True)
    assert waiting.room.sittings["c"].device == "phone"


def leave(log: Log, text: str, device: str = "laptop", now: datetime = T + 2 * MINUTE) -> list[str]:
    left = answers.leave_words(log.room, now, "c", device, base_revision=1, text=text)
    return [event.kind for event in log.take(left, now).events]


def test_what_the_old_device_had_not_saved_is_kept_beside_the_answer_and_told_to_the_page_that_writes() -> None:
    log = taken_over()
    before = log.room
    assert leave(log, "một, ba") == ["words_left"]
    known = log.room.sittings["c"]
    assert (known.text, known.revision) == ("một, hai", 2)
    (told,) = views.words_left(known)
    assert told["text"] == "một, ba"
    left = answers.leave_words(before, T + 2 * MINUTE, "c", "laptop", base_revision=1, text="một, ba")
    heard = [push for push in pushes(before, log.room, left.events, T + 2 * MINUTE) if push.message == "words_left"]
    assert [(push.candidate, push.only_epoch, push.body) for push in heard] == [("c", known.epoch, told)]
    assert leave(log, "một, ba") == [], "the answer was lost, and it says it again"


@pytest.mark.parametrize("text", ["một", "một, hai", " \n"])
def test_nothing_is_kept_of_what_the_server_has(text: str) -> None:
    assert leave(taken_over(), text) == []


def test_words_are_kept_while_the_exam_is_suspended_since_it_may_go_on() -> None:
    log = taken_over()
    log.take(conduct.suspend(log.room, T, by="s", candidate="c", reason="trao đổi bài"), T)
    assert leave(log, "một, ba") == ["words_left"]


def test_who_writes_saves_and_who_was_never_admitted_leaves_nothing() -> None:
    log = taken_over()
    assert leave(log, "của máy đang làm", device="phone") == []
    with pytest.raises(Refusal, match="readmission_needed"):
        leave(log, "của ai", device="elsewhere")
    asking(log, device="third")
    with pytest.raises(Refusal, match="readmission_needed"):
        leave(log, "của máy đang xin", device="third")


def test_words_are_left_in_the_window_and_not_without_end() -> None:
    log = taken_over()
    with pytest.raises(Refusal, match="after_submit_by"):
        leave(log, "muộn", now=T + 90 * MINUTE + timedelta(milliseconds=1))
    with pytest.raises(Refusal, match="too_large"):
        leave(log, "x" * (answers.MAX_ANSWER_CHARACTERS + 1))
    for number in range(answers.MOST_WORDS_LEFT):
        assert leave(log, f"lần {number}") == ["words_left"]
    with pytest.raises(Refusal, match="too_often"):
        leave(log, "nữa")
    assert len(views.words_left(log.room.sittings["c"])) == 1, "the newest of a device stands for it"


def test_a_device_that_takes_its_place_back_is_not_told_its_own_words() -> None:
    log = taken_over()
    leave(log, "một, ba")
    asking(log, device="laptop")
    shown = {"c": log.stands("entry", "c")}
    log.take(admission.admit(log.room, T, "s", ["c"], checked=admission.CHECKS, replaces=shown), T)
    assert views.words_left(log.room.sittings["c"]) == []
