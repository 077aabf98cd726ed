"""A text that the server did not have when the time was over: evidence, and never the answer (A14.2b.7, X31)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from proctor import views
from proctor.exam.decisions import admission, answers, closing, conduct, holding, presence
from proctor.exam.plan import RoomRules
from proctor.exam.sitting import LateText, State
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
BY = T + 90 * MINUTE
LATE = BY + MINUTE
END = T + 95 * MINUTE
WRITTEN = "2026-11-23T04:25:00.000Z"
COLLECTING = RoomRules(collect_saved=True)


def keep(log: Log, text: str = "một, viết khi mất mạng", now: datetime = LATE, device: str = "laptop") -> LateText:
    decided = answers.keep_late_text(
        log.room, now, "c", device, base_revision=1, text=text, written_at=WRITTEN, client_time="t"
    )
    kept: LateText = log.take(decided, now).answer
    return kept


def saved() -> Log:
    log = Log().at_work()
    log.save("một", 0)
    return log


def suspended() -> Log:
    log = saved()
    log.take(conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="Dùng tài liệu"), T + MINUTE)
    return log


def collected() -> Log:
    log = Log().published("c", rules=COLLECTING).attended().admitted("c").pass_time(T)
    log.save("một", 0)
    log.pass_time(BY + INSTANT)
    assert log.room.sittings["c"].state is State.SUBMITTED
    return log


def held() -> Log:
    log = saved()
    log.take(presence.restart(log.room, BY + INSTANT, 2, BY - MINUTE), BY + INSTANT)
    return log


def referred() -> Log:
    log = held()
    decided = holding.resolve_hold(log.room, LATE, outcome="refer_to_makeup", minutes=0, reason="Máy chủ ngừng")
    log.take(decided, LATE)
    return log


@pytest.mark.parametrize("room", [saved, suspended, collected, referred])
def test_it_is_kept_beside_the_work_which_stays_as_it_is(room: Callable[[], Log]) -> None:
    log = room().pass_time(BY + INSTANT)
    before = log.room.sittings["c"]
    kept = keep(log)
    known = log.room.sittings["c"]
    assert known.late_texts == (kept,)
    assert (kept.text, kept.received_at, kept.written_at, kept.client_time, kept.why) == (
        "một, viết khi mất mạng", LATE, WRITTEN, "t", "late"
    )  # fmt: skip
    assert (known.text, known.revision, known.state, known.manifest, known.words_left) == (
        "một", 1, before.state, before.manifest, {}
    )  # fmt: skip
    (told,) = views.own_sitting(log.room, known)["late_texts"]
    assert told == views.late_text(kept)
    assert "mất mạng" not in str(told)
    assert views.waiting_page(log.room, known)["late_texts"] == []


def test_the_same_text_again_is_answered_like_the_first_time_and_is_one_event() -> None:
    log = saved().pass_time(BY + INSTANT)
    kept = keep(log)
    for now in (LATE + MINUTE, END + MINUTE):
        again = answers.keep_late_text(log.room, now, "c", "laptop", base_revision=1, text=kept.text)
        assert (again.events, again.answer) == ((), kept)


@pytest.mark.parametrize(("now", "refused"), [
    (BY - MINUTE, "not_late"),
    (BY, "not_late"),
    (BY + INSTANT, None),
    (END, None),
    (END + timedelta(milliseconds=1), "room_ended"),
])  # fmt: skip
def test_it_is_kept_from_the_own_deadline_to_the_end(now: datetime, refused: str | None) -> None:
    log = saved()
    if refused:
        with pytest.raises(Refusal, match=refused):
            keep(log, now=now)
    else:
        assert keep(log, now=now)


def test_after_the_end_the_room_stays_closed_to_it_whatever_a_clock_says() -> None:
    log = saved().pass_time(END + MINUTE)
    with pytest.raises(Refusal, match="room_ended"):
        keep(log, now=LATE)


@pytest.mark.parametrize(("text", "refused"), [
    ("một", "nothing_late"),
    (" \n", "nothing_late"),
    ("x" * (answers.MAX_ANSWER_CHARACTERS + 1), "too_large"),
])  # fmt: skip
def test_what_the_server_has_and_what_is_no_answer_is_refused(text: str, refused: str) -> None:
    with pytest.raises(Refusal, match=refused):
        keep(saved(), text)


def test_who_handed_in_in_time_has_nothing_late() -> None:
    log = saved()
    log.submit(BY)
    with pytest.raises(Refusal, match="already_submitted"):
        keep(log)


def test_who_was_never_admitted_is_refused_at_whatever_device() -> None:
    log = Log().published("c").attended().waiting("c").pass_time(T)
    with pytest.raises(Refusal, match="not_admitted"):
        keep(log)
    log = saved()
    log.asking("c")
    with pytest.raises(Refusal, match="readmission_needed"):
        keep(log, device="phone")


def test_while_the_office_may_yet_give_time_it_waits() -> None:
    with pytest.raises(Refusal, match="room_held"):
        keep(held())


def test_without_a_released_paper_there_is_no_answer() -> None:
    log = Log().published("c").attended().admitted("c")
    with pytest.raises(Refusal, match="before_release"):
        keep(log)


def test_a_device_whose_place_was_taken_hands_over_its_own_and_not_what_it_left_in_time() -> None:
    log = saved()
    log.asking("c", T + MINUTE)
    shown = {"c": log.stands("entry", "c")}
    log.take(admission.admit(log.room, T, "s", ["c"], checked=admission.CHECKS, replaces=shown), T)
    log.save("một, hai", 1)
    with pytest.raises(Refusal, match="nothing_late"):
        keep(log, "một")  # the answer to its last save was lost
    log.take(answers.leave_words(log.room, BY, "c", "laptop", base_revision=1, text="một, ba"), BY)
    with pytest.raises(Refusal, match="nothing_late"):
        keep(log, "một, ba")
    assert keep(log, "một, ba, bốn").text == "một, ba, bốn"
    assert keep(log, "một, năm", device="phone").text == "một, năm"


def test_nobody_hands_over_texts_for_ever() -> None:
    log = saved()
    for number in range(answers.MOST_LATE_TEXTS):
        keep(log, f"lần {number}")
    with pytest.raises(Refusal, match="too_often"):
        keep(log, "nữa")
    assert len(log.room.sittings["c"].late_texts) == answers.MOST_LATE_TEXTS


def test_the_manifest_names_it_among_what_was_rejected_and_the_lists_do_not_know_it() -> None:
    log = saved().pass_time(BY + INSTANT)
    kept = keep(log)
    assert closing.lists(log.room).did_not_submit == ("Thí sinh 001",)
    log.take(closing.publish_lists(log.room, LATE, by="s", reason=""), LATE)
    log.pass_time(END + MINUTE)
    handed = closing.hand_over(log.room, END + MINUTE, by="s", handover="h", log_head=(1, "0"))
    (told,) = json.loads(handed.events[0].manifest)["rejected"]
    assert (told["candidate"], told["name"], told["why"]) == ("c", "answer.txt", "late")
    assert told["sha256"] == kept.sha256 == hashlib.sha256(kept.text.encode()).hexdigest()
