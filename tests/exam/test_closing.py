"""Violations, suspensions, absences, the two lists, the hand-over, the change of shift (A14.2c.8, A14.2dd, A14.2e)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from proctor.exam.closing import Row, publication
from proctor.exam.decisions import closing, conduct, presence
from proctor.exam.permissions import Role
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import MINUTE, Log, T

AFTER = T + 90 * MINUTE + timedelta(microseconds=1)


def note(log: Log, candidate: str = "c", category: str = "phone", text: str = "") -> None:
    noted = conduct.note_violation(
        log.room, T, by="s", violation=f"x_{candidate}", candidate=candidate, category=category, text=text, since=None,
        until=None,
    )  # fmt: skip
    log.take(noted, T)


@pytest.mark.parametrize(
    ("admitted", "submitted", "confirmed", "excused", "absent_too", "not_submitted", "violated", "minutes_only"),
    [
        (True, True, False, False, False, False, False, False),
        (True, False, False, False, False, True, False, False),  # disconnected included, cause not shown
        (True, False, True, False, False, True, True, False),
        (True, True, True, False, False, False, True, False),
        (False, False, False, False, False, False, False, True),  # never came: in the minutes, not published
        (False, False, False, False, True, True, False, False),  # the other reading of X32
        (True, False, False, True, False, False, False, False),  # our fault: nobody is listed
    ],
)
def test_who_stands_on_which_list(
    admitted, submitted, confirmed, excused, absent_too, not_submitted, violated, minutes_only
) -> None:
    row = Row("c", "Lê An", admitted, T if submitted else None, confirmed, True, excused)
    values = publication([row], publish_absent=absent_too).values
    assert ("Lê An" in values["did_not_submit"]) is not_submitted
    assert ("Lê An" in values["violated"]) is violated
    assert ("Lê An" in values["minutes_only"]) is minutes_only


def test_the_lists_come_after_the_deadline_empty_ones_too_and_a_correction_is_a_new_version() -> None:
    log = Log().at_work()
    log.save("bài", 0)
    log.submit()
    with pytest.raises(Refusal, match="not_closed"):
        closing.publish_lists(log.room, AFTER, by="s", reason="")
    log.pass_time(AFTER)
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason=""), AFTER)
    assert (log.room.closing.version, log.room.closing.did_not_submit, log.room.closing.violated) == (1, (), ())
    assert closing.publish_lists(log.room, AFTER, by="s", reason="lần nữa").events == ()  # says nothing new
    note(log)
    confirmed = conduct.decide_violation(log.room, AFTER, by="s", violation="x_c", status="confirmed", reason="")
    log.take(confirmed, AFTER)
    with pytest.raises(Refusal, match="reason_needed"):
        closing.publish_lists(log.room, AFTER, by="s", reason="")
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason="Bổ sung vi phạm"), AFTER)
    assert (log.room.closing.version, log.room.closing.violated) == (2, ("Thí sinh 001",))
    log.take(closing.see_lists(log.room, AFTER, "c", 2), AFTER)
    assert log.room.sittings["c"].closing_seen == 2


def test_a_note_is_a_report_until_somebody_confirms_or_dismisses_it() -> None:
    log = Log().at_work()
    note(log)
    assert closing.lists(log.room).violated == ()
    with pytest.raises(Refusal, match="reason_needed"):
        conduct.decide_violation(log.room, T, by="s", violation="x_c", status="dismissed", reason="")
    log.take(conduct.decide_violation(log.room, T, by="s", violation="x_c", status="confirmed", reason=""), T)
    second = conduct.decide_violation(log.room, T, by="s2", violation="x_c", status="confirmed", reason="")
    assert (second.events, second.answer) == ((), {"by": "s"})
    with pytest.raises(Refusal, match="reason_needed"):  # a changed mind says why
        conduct.decide_violation(log.room, T, by="s2", violation="x_c", status="dismissed", reason=" ")


def test_a_report_of_impersonation_names_who_sat() -> None:
    log = Log().at_work()
    with pytest.raises(Refusal, match="sitter_needed"):
        note(log, category="impersonation")
    note(log, category="impersonation", text="không rõ")


def test_a_suspended_candidate_neither_writes_nor_hands_in_until_resumed() -> None:
    log = Log().at_work()
    log.save("trước", 0)
    with pytest.raises(Refusal, match="reason_needed"):
        conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="")
    log.take(conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="Dùng điện thoại"), T + MINUTE)
    for act in (lambda: log.save("trong khi đình chỉ", 1, T + 2 * MINUTE), lambda: log.submit(T + 2 * MINUTE)):
        with pytest.raises(Refusal, match="suspended"):
            act()
    with pytest.raises(Refusal, match="reason_needed"):
        conduct.resume(log.room, T + 3 * MINUTE, by="s", candidate="c", reason="")
    log.take(conduct.resume(log.room, T + 3 * MINUTE, by="s", candidate="c", reason="Nhầm"), T + 3 * MINUTE)
    log.save("sau", 1, T + 4 * MINUTE)


def test_a_leave_begins_and_ends_once() -> None:
    log = Log().at_work()
    log.take(conduct.begin_absence(log.room, T, by="s", candidate="c", why="Đi vệ sinh"), T)
    assert conduct.begin_absence(log.room, T, by="s", candidate="c", why="").events == ()
    log.take(conduct.end_absence(log.room, T + MINUTE, by="s", candidate="c"), T + MINUTE)
    assert conduct.end_absence(log.room, T + MINUTE, by="s", candidate="c").events == ()


def test_the_room_without_an_invigilator_is_alarmed_once_and_not_before_somebody_is_in_it() -> None:
    empty = Log().published("c").attended()
    assert [event.kind for event in presence.leave_staff(empty.room, T, "s").events] == ["staff_left"]
    log = Log().at_work()
    assert [event.kind for event in presence.leave_staff(log.room, T, "s").events] == ["staff_left", "room_unattended"]
    log.take(presence.enter_staff(log.room, T, "s2", Role.INVIGILATOR), T)
    assert [event.kind for event in presence.leave_staff(log.room, T, "s").events] == ["staff_left"]


def test_a_shift_is_offered_with_what_is_open_and_taken_by_the_one_it_was_offered_to() -> None:
    log = Log().at_work()
    note(log)
    log.take(conduct.raise_hand(log.room, T, "c"), T)
    with pytest.raises(Refusal, match="not_assigned"):
        presence.offer_shift(log.room, T, by="s", to="p", matters=(), note="")  # a supervisor runs no room
    log.take(presence.offer_shift(log.room, T, by="s", to="s2", matters=(), note="Về sớm"), T)
    assert log.room.shift.matters == ("hand:c", "violation:x_c")
    with pytest.raises(Refusal, match="not_found"):
        presence.take_shift(log.room, T, "s")
    log.take(presence.take_shift(log.room, T, "s2"), T)
    assert log.room.shift is None


def test_everything_is_handed_over_after_the_lists_and_received_by_the_office() -> None:
    log = Log().at_work()
    log.save("bài", 0)
    log.submit()
    note(log)
    log.pass_time(AFTER)
    give = {"by": "s", "handover": "h", "log_head": (log.room.seq, "ab")}
    with pytest.raises(Refusal, match="lists_first"):
        closing.hand_over(log.room, AFTER, **give)
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason=""), AFTER)
    handed = log.take(closing.hand_over(log.room, AFTER, **give), AFTER).events[0]
    manifest = json.loads(handed.manifest)
    assert [each["candidate"] for each in manifest["submissions"]] == ["c"]
    assert manifest["violations"][0]["violation"] == "x_c"
    assert manifest["log"] == {"entries": log.room.seq - 2, "head": "ab"}
    with pytest.raises(Refusal, match="not_found"):
        closing.receive_handover(log.room, AFTER, "other")
    log.take(closing.receive_handover(log.room, AFTER, "h"), AFTER)
    assert closing.receive_handover(log.room, AFTER, "h").events == ()
    with pytest.raises(Refusal, match="handed_over"):
        closing.hand_over(log.room, AFTER, **give)
