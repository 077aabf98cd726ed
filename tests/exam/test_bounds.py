"""What a page may say again and again fills neither log nor disk; what somebody gives as a reason is kept whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proctor.exam.decisions import admission, answers, conduct, phones
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, Log, T

OVER = T + 95 * MINUTE + timedelta(milliseconds=1)


def test_a_message_is_read_once() -> None:
    log = Log().at_work()
    log.take(conduct.send_message(log.room, T, by="s", message="m", to=(), text="Còn 15 phút"), T)
    assert log.take(conduct.see_message(log.room, T, "c", "m"), T).events
    assert conduct.see_message(log.room, T, "c", "m").events == ()


def test_nobody_checks_devices_for_ever() -> None:
    log = Log().published("c").attended().joined("c")
    for _ in range(admission.MOST_REPORTS):
        log.take(admission.report_device(log.room, ENTRY, "c", {"camera": {"ok": True}}, 1), ENTRY)
    with pytest.raises(Refusal, match="too_often"):
        admission.report_device(log.room, ENTRY, "c", {"camera": {"ok": True}}, 1)


def test_nobody_takes_photographs_for_ever() -> None:
    log = Log().published("c").attended().joined("c")
    for number in range(admission.MOST_PHOTOS):
        taken = admission.take_photo(
            log.room, ENTRY, "c", "laptop", photo=f"p_{number}", subject="face", sha256="1" * 64, size=9
        )
        log.take(taken, ENTRY)
    with pytest.raises(Refusal, match="too_often"):
        admission.may_photograph(log.room, ENTRY, "c", "laptop", "face")


def test_attempts_to_hand_in_too_late_are_refused_each_time_and_kept_as_often_as_tells_something() -> None:
    log = Log().at_work()
    late = T + 91 * MINUTE
    kept = 0
    for _ in range(answers.MOST_REJECTIONS + 5):
        try:
            decision = log.submit(late)
        except Refusal as refusal:
            assert refusal.code == "after_submit_by"
        else:
            assert isinstance(decision.answer, Refusal)
            assert decision.answer.code == "after_submit_by"
            kept += len(decision.events)
    assert kept == answers.MOST_REJECTIONS


def test_a_long_reason_is_kept_to_its_last_word() -> None:
    log = Log().published("c").attended().waiting("c")
    reason = "Không có tên trong danh sách. " * 60
    (refused,) = admission.refuse(log.room, ENTRY, by="s", candidate="c", reason=reason).events
    assert refused.reason == reason


def test_after_the_end_a_telephone_is_not_cut_off_any_more() -> None:
    log = Log().at_work()
    log.take(phones.pair(log.room, T, "c", "laptop", "p_1"), T)
    with pytest.raises(Refusal, match="room_ended"):
        phones.revoke(log.room, OVER, "c", "laptop")
