"""Violations, suspensions, absences, the two lists, the hand-over, the change of shift (A14.2c.8, A14.2dd, A14.2e)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.errors import sentence
from proctor.exam import events as e
from proctor.exam.closing import Row, publication
from proctor.exam.decisions import (
    admission,
    answers,
    briefing,
    closing,
    conduct,
    files,
    holding,
    notes,
    papers,
    planning,
    presence,
)
from proctor.exam.decisions.conditions import iso
from proctor.exam.permissions import Role
from proctor.exam.plan import RoomRules
from proctor.exam.room import Decision
from proctor.exam.sitting import WorkFile
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, Log, T

AFTER = T + 90 * MINUTE + timedelta(microseconds=1)
OVER = T + 95 * MINUTE + timedelta(microseconds=1)
LATER = OVER + 30 * MINUTE


def note(
    log: Log,
    candidate: str = "c",
    category: str = "phone",
    text: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    noted = conduct.note_violation(
        log.room, T, by="s", violation=f"x_{candidate}", candidate=candidate, category=category, text=text,
        since=since, until=until,
    )  # fmt: skip
    log.take(noted, T)


def decide(log: Log, status: str, violation: str = "x_c") -> None:
    decision = log.room.violations[violation].decision
    decided = conduct.decide_violation(
        log.room, OVER, by="s", violation=violation, status=status, reason="Đã xem lại",
        replaces=decision.seq if decision else 0,
    )  # fmt: skip
    log.take(decided, OVER)


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
    values = publication([row], publish_absent=absent_too, regime="A").values
    assert ("Lê An" in values["did_not_submit"]) is not_submitted
    assert ("Lê An" in values["violated"]) is violated
    assert ("Lê An" in values["minutes_only"]) is minutes_only


def test_nobody_is_listed_as_a_non_submitter_where_no_paper_went_out() -> None:
    log = Log().published("c").attended().admitted("c").left("s", T - MINUTE)
    log.pass_time(T)
    assert log.room.release_held
    log.pass_time(AFTER)
    with pytest.raises(Refusal, match="room_held"):
        closing.publish_lists(log.room, AFTER, by="s", reason="")
    off = holding.resolve_hold(log.room, AFTER, outcome="refer_to_makeup", minutes=0, reason="Không có cán bộ coi thi")
    log.take(off, AFTER)
    log.pass_time(AFTER)
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason=""), AFTER)
    assert log.room.closing is not None
    assert (log.room.closing.did_not_submit, log.room.closing.minutes_only) == ((), ())


def test_the_lists_come_after_the_deadline_empty_ones_too_and_a_correction_is_a_new_version() -> None:
    log = Log().at_work()
    log.save("bài", 0)
    log.submit()
    with pytest.raises(Refusal, match="not_closed"):
        closing.publish_lists(log.room, AFTER, by="s", reason="")
    log.pass_time(AFTER)
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason=""), AFTER)
    assert (log.room.closing.version, log.room.closing.did_not_submit, log.room.closing.violated) == (1, (), ())
    first = log.stands("closing")
    assert closing.publish_lists(log.room, AFTER, by="s", reason="lần nữa", replaces=first).events == ()  # nothing new
    note(log)
    confirmed = conduct.decide_violation(log.room, AFTER, by="s", violation="x_c", status="confirmed", reason="")
    log.take(confirmed, AFTER)
    with pytest.raises(Refusal, match="reason_needed"):
        closing.publish_lists(log.room, AFTER, by="s", reason="", replaces=first)
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason="Bổ sung vi phạm", replaces=first), AFTER)
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
    seen = {"violation": "x_c", "replaces": log.room.violations["x_c"].decision.seq}
    with pytest.raises(Refusal, match="reason_needed"):  # a changed mind says why
        conduct.decide_violation(log.room, T, by="s2", status="dismissed", reason=" ", **seen)
    log.take(conduct.decide_violation(log.room, T, by="s2", status="dismissed", reason="Nhầm người", **seen), T)
    assert log.room.violations["x_c"].status == "dismissed"


def test_a_dismissed_note_counts_no_more_until_it_is_confirmed_after_all() -> None:
    log = Log().at_work()
    note(log)
    assert log.room.sittings["c"].violations == 1
    for status, count in (("dismissed", 0), ("confirmed", 1)):
        decision = log.room.violations["x_c"].decision
        seen = decision.seq if decision else 0
        decided = conduct.decide_violation(
            log.room, T, by="s", violation="x_c", status=status, reason="r", replaces=seen
        )
        log.take(decided, T)
        assert views.sitting(log.room, log.room.sittings["c"])["violations"] == count


@pytest.mark.parametrize(
    ("since", "until", "fault"),
    [
        (T, T + MINUTE, False),
        (T, None, False),
        (T + MINUTE, T, True),  # ends before it begins
        (T + 3 * MINUTE, None, True),  # still to come
        (T, T + 3 * MINUTE, True),
        (ENTRY - MINUTE, T, True),  # before the admission
        (None, ENTRY - MINUTE, True),
    ],
)
def test_the_time_range_of_a_note_lies_between_admission_and_now(since, until, fault) -> None:
    log, now = Log().at_work(), T + 2 * MINUTE
    given = {"by": "s", "violation": "x", "candidate": "c", "category": "phone", "text": ""}
    if fault:
        with pytest.raises(Refusal, match="bad_period"):
            conduct.note_violation(log.room, now, since=since, until=until, **given)
    else:
        (noted,) = conduct.note_violation(log.room, now, since=since, until=until, **given).events
        assert (noted.since, noted.until) == (since, until)


def test_a_page_that_is_a_little_wrong_about_the_time_notes_what_it_sees() -> None:
    """Its clock, or the admission, which it knows to the millisecond."""
    log = Log().at_work()
    (noted,) = conduct.note_violation(
        log.room, T, by="s", violation="x", candidate="c", category="phone", text="",
        since=ENTRY - timedelta(microseconds=1), until=T + conduct.CLOCK_ERROR,
    ).events  # fmt: skip
    assert (noted.since, noted.until) == (ENTRY, T)


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
        conduct.resume(log.room, T + 3 * MINUTE, by="s", candidate="c", reason="", replaces=1)
    seen = log.stands("suspension", "c")
    resumed = conduct.resume(log.room, T + 3 * MINUTE, by="s", candidate="c", reason="Nhầm", replaces=seen)
    log.take(resumed, T + 3 * MINUTE)
    log.save("sau", 1, T + 4 * MINUTE)


@pytest.mark.parametrize(("candidate", "code"), [
    ("expected", "not_admitted"),
    ("waiting", "not_admitted"),
    ("refused", "not_admitted"),
    ("admitted", None),
    ("submitted", "already_submitted"),
])  # fmt: skip
def test_only_who_is_at_work_is_suspended(candidate: str, code: str | None) -> None:
    log = Log().published("expected", "waiting", "refused", "admitted", "submitted").attended()
    log.waiting("waiting").waiting("refused").admitted("admitted", "submitted")
    log.take(admission.refuse(log.room, ENTRY, by="s", candidate="refused", reason="Không đúng người"), ENTRY)
    log.pass_time(T).submit(candidate="submitted")
    assert [known.state for known in log.room.sittings.values()] == list(log.room.sittings)  # each is what it is called
    if code is None:
        assert conduct.suspend(log.room, T + MINUTE, by="s", candidate=candidate, reason="Dùng điện thoại").events
        return
    with pytest.raises(Refusal) as refused:
        conduct.suspend(log.room, T + MINUTE, by="s", candidate=candidate, reason="Dùng điện thoại")
    assert refused.value.code == code


def test_a_leave_begins_and_ends_once() -> None:
    log = Log().at_work()
    log.take(conduct.begin_absence(log.room, T, by="s", candidate="c", why="Đi vệ sinh"), T)
    seen = log.stands("absence", "c")
    assert conduct.begin_absence(log.room, T, by="s", candidate="c", why="", replaces=seen).events == ()
    assert log.room.sittings["c"].absent_since == T
    back = conduct.end_absence(log.room, T + MINUTE, by="s", candidate="c", replaces=seen)
    assert [event.kind for event in back.events] == ["absence_ended"], "with its own moment on the log"
    log.take(back, T + MINUTE)
    assert log.room.sittings["c"].absent_since is None
    assert conduct.end_absence(log.room, T + MINUTE, by="s", candidate="c", replaces=seen).events == ()


def test_the_room_without_an_invigilator_is_alarmed_once_and_not_before_somebody_is_in_it() -> None:
    empty = Log().published("c").attended()
    assert [event.kind for event in presence.leave_staff(empty.room, T, "s").events] == ["staff_left"]
    log = Log().at_work()
    assert [event.kind for event in presence.leave_staff(log.room, T, "s").events] == ["staff_left", "room_unattended"]
    log.take(presence.enter_staff(log.room, T, "s2", Role.INVIGILATOR), T)
    assert [event.kind for event in presence.leave_staff(log.room, T, "s").events] == ["staff_left"]


def test_everything_is_handed_over_after_the_lists_and_received_by_the_office() -> None:
    log = Log().at_work()
    log.save("bài", 0)
    log.submit()
    note(log, text="Điện thoại trên bàn", since=T - 2 * MINUTE, until=T - MINUTE)
    log.take(notes.add(log.room, T, by="s2", note="n", text="Đã cất đi", violation="x_c"), T + MINUTE)
    log.take(Decision(tuple(conduct.stills_lost(log.room))), T + MINUTE)
    log.pass_time(AFTER)
    give = {"by": "s", "handover": "h", "log_head": (log.room.seq + 2, "ab")}
    with pytest.raises(Refusal, match="room_not_over"):  # it is still recorded
        closing.hand_over(log.room, AFTER, **give)
    log.pass_time(OVER)
    with pytest.raises(Refusal, match="lists_first"):
        closing.hand_over(log.room, OVER, **give)
    preview = closing.preview_lists(log.room)
    assert (preview["did_not_submit"], preview["violated"]) == ((), ())
    assert (preview["undecided"], preview["changes"]) == (1, True)
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    with pytest.raises(Refusal, match="violations_undecided"):
        closing.hand_over(log.room, OVER, **give)
    assert not closing.outdated(log.room)
    decide(log, "confirmed")
    assert closing.outdated(log.room), "who was confirmed since is in no list"
    with pytest.raises(Refusal, match="lists_outdated"):
        closing.hand_over(log.room, OVER, **give)
    decide(log, "dismissed")
    assert not closing.outdated(log.room)
    handed = log.take(closing.hand_over(log.room, OVER, **give), OVER).events[0]
    manifest = json.loads(handed.manifest)
    known = log.room.sittings["c"]
    assert known.manifest is not None and known.submission_sha256 == hashlib.sha256(known.manifest.encode()).hexdigest()
    assert manifest["submissions"] == [
        {
            "candidate": "c", "number": "001", "full_name": "Thí sinh 001", "submission": known.submission,
            "sha256": known.submission_sha256, "received_at": iso(T + MINUTE), "paper": "0" * 64, "completed_at": None,
            "missing": [],
        }
    ]  # fmt: skip
    assert manifest["violations"] == [
        {
            "violation": "x_c", "candidate": "c", "category": "phone", "text": "Điện thoại trên bàn", "by": "s",
            "at": iso(T), "from": iso(T - 2 * MINUTE), "to": iso(T - MINUTE),
            "notes": [{"text": "Đã cất đi", "by": "s2", "at": iso(T + MINUTE)}],
            "status": "dismissed", "decided_by": "s", "decided_at": iso(OVER), "reason": "Đã xem lại",
            "still": None, "still_missing": "server_restarted",
        }
    ]  # fmt: skip
    assert manifest["log"] == {"entries": give["log_head"][0], "head": "ab"}
    anew = {**give, "handover": "h2", "replaces": log.stands("handover")}
    log.take(closing.hand_over(log.room, OVER, **anew), OVER)
    for other in ("other", "h"):  # the first was renewed
        with pytest.raises(Refusal, match="not_found"):
            closing.receive_handover(log.room, OVER, other)
    log.take(closing.receive_handover(log.room, OVER, "h2"), OVER)
    assert closing.receive_handover(log.room, OVER, "h2").events == ()
    with pytest.raises(Refusal, match="handed_over"):
        closing.hand_over(log.room, OVER, **give)


def test_what_is_no_part_of_the_work_any_more_is_handed_over_as_that() -> None:
    """A file that was taken out, and every text that a device whose place was taken had not saved."""
    log = Log().at_work()
    for file in ("f_1", "f_2"):
        work = WorkFile(file, "trang.jpg", "image/jpeg", 3, file[-1] * 64)
        log.take(files.receive_file(log.room, T, "c", work, T + MINUTE), T + MINUTE)
    log.take(files.remove_file(log.room, T + 2 * MINUTE, "c", "laptop", "f_1"), T + 2 * MINUTE)
    log.asking("c")
    shown = {"c": log.stands("entry", "c")}
    log.take(admission.admit(log.room, T, "s", ["c"], checked=admission.CHECKS, replaces=shown), T + 3 * MINUTE)
    for text in ("một", "một, ba"):
        left = answers.leave_words(log.room, T + 4 * MINUTE, "c", "laptop", base_revision=0, text=text)
        log.take(left, T + 4 * MINUTE)
    log.pass_time(OVER)
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    (handed,) = closing.hand_over(log.room, OVER, by="s", handover="h", log_head=(1, "a")).events
    manifest = json.loads(handed.manifest)
    assert manifest["taken_out"] == [
        {
            "candidate": "c", "file": "f_1", "name": "trang.jpg", "sha256": "1" * 64, "bytes": 3,
            "received_at": iso(T + MINUTE), "removed_at": iso(T + 2 * MINUTE),
        }
    ]  # fmt: skip
    assert manifest["words_left"] == [
        {
            "candidate": "c", "name": "answer.txt", "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "bytes": len(text.encode()), "received_at": iso(T + 4 * MINUTE),
        }
        for text in ("một", "một, ba")
    ]  # fmt: skip


def test_a_correction_of_the_lists_takes_the_hand_over_back() -> None:
    log = Log().at_work()
    note(log)
    log.pass_time(OVER)
    decide(log, "dismissed")
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    assert log.room.handover_wanted_since is None  # the first one is no correction
    give: Any = {"by": "s", "log_head": (9, "ab")}
    log.take(closing.hand_over(log.room, OVER, handover="h", **give), OVER)
    log.take(closing.receive_handover(log.room, OVER, "h"), OVER)
    decide(log, "confirmed")
    assert closing.preview_lists(log.room)["changes"]
    correction = {"reason": "Xem lại bản ghi", "replaces": log.stands("closing")}
    log.take(closing.publish_lists(log.room, LATER, by="s", **correction), LATER)
    assert (log.room.handover, log.room.handover_wanted_since) == (None, LATER)
    assert not closing.preview_lists(log.room)["changes"]
    log.take(closing.hand_over(log.room, OVER, handover="h2", **give), OVER)
    assert log.room.handover is not None and log.room.handover.received_at is None
    assert log.room.handover_wanted_since is None


def test_a_hand_over_whose_lists_became_wrong_is_not_received() -> None:
    log = Log().at_work()
    note(log)
    log.pass_time(OVER)
    decide(log, "dismissed")
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    give: Any = {"by": "s", "log_head": (9, "ab")}
    log.take(closing.hand_over(log.room, OVER, handover="h", **give), OVER)
    decide(log, "confirmed")
    with pytest.raises(Refusal, match="handover_outdated") as refused:
        closing.receive_handover(log.room, OVER, "h")
    assert "Điều 14 khoản 2 điểm đ" in sentence(refused.value, "vi")
    assert "Art. 14.2đ" in sentence(refused.value, "en")
    correction = {"reason": "Xem lại bản ghi", "replaces": log.stands("closing")}
    log.take(closing.publish_lists(log.room, LATER, by="s", **correction), LATER)
    log.take(closing.hand_over(log.room, LATER, handover="h2", **give), LATER)
    log.take(closing.receive_handover(log.room, LATER, "h2"), LATER)
    decide(log, "dismissed")
    assert closing.receive_handover(log.room, LATER, "h2").events == ()  # what was received was right then


@pytest.mark.parametrize(("came", "violated"), [("", False), ("lobby", True), ("admitted", True)])
def test_who_never_came_is_not_published_as_somebody_who_broke_the_rules(came: str, violated: bool) -> None:
    """A note without times can be about anybody on the roster (A14.2dd.2, X32)."""
    log = Log().published("c", "d").attended().admitted("d")
    if came == "lobby":
        log.waiting("c")
    elif came == "admitted":
        log.admitted("c")
    log.pass_time(T)
    note(log)
    log.pass_time(OVER)
    decide(log, "confirmed")
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    assert log.room.closing is not None
    assert log.room.closing.violated == (("Thí sinh 001",) if violated else ())
    assert not closing.outdated(log.room)
    (handed,) = closing.hand_over(log.room, OVER, by="s", handover="h", log_head=(1, "a")).events
    assert [each["candidate"] for each in json.loads(handed.manifest)["violations"]] == ["c"]


@pytest.mark.parametrize("moved", [True, False])
def test_who_broke_a_rule_in_the_lobby_stays_listed_after_leaving_the_roster_and_for_nothing_else(moved: bool) -> None:
    """A14.2dd.2"""
    log = Log().published("c", "d", rules=RoomRules(publish_absent=True)).attended().waiting("c").admitted("d")
    note(log)
    if moved:
        log.take(planning.move_out(log.room, ENTRY, "c", "r2"), ENTRY)
    else:
        log.take(planning.remove_candidate(log.room, ENTRY, "c", "Không dự thi"), ENTRY)
    log.pass_time(T)
    log.submit(candidate="d")
    log.pass_time(OVER)
    decide(log, "confirmed")
    named = closing.lists(log.room)
    assert (named.violated, named.did_not_submit, named.minutes_only) == (("Thí sinh 001",), (), ())
    assert named.recipients == ("d",)


def test_namesakes_are_told_apart_by_staff_and_one_in_the_place_of_the_other_is_a_correction() -> None:
    """Full names are all that is published (A14.2dd)."""
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    for each in ("c", "d"):
        known = dataclasses.replace(log.room.sitting(each), full_name="Trần An")
        log.room = dataclasses.replace(log.room, sittings={**log.room.sittings, each: known})
        log.submit(candidate=each)
        note(log, each)
    log.pass_time(OVER)
    decide(log, "confirmed", "x_c")
    preview = closing.preview_lists(log.room)
    assert (preview["violated"], preview["numbers"]) == (("Trần An",), {"did_not_submit": [], "violated": ["001"]})
    log.take(closing.publish_lists(log.room, OVER, by="s", reason="", seen=preview["seen"]), OVER)
    decide(log, "dismissed", "x_c")
    decide(log, "confirmed", "x_d")
    assert closing.outdated(log.room)
    again = {"by": "s", "reason": "Nhầm người", "replaces": log.stands("closing")}
    with pytest.raises(Refusal, match="lists_changed"):
        closing.publish_lists(log.room, OVER, **again, seen=preview["seen"])
    log.take(closing.publish_lists(log.room, OVER, **again), OVER)
    told, candidates = views.staff_lists(log.room), views.lists(log.room)
    assert told is not None and told["numbers"] == {"did_not_submit": [], "violated": ["002"]}
    assert candidates == {name: value for name, value in told.items() if name != "numbers"}
    assert not closing.outdated(log.room)
    # A log from before it was recorded who is on the lists.
    assert log.room.closing is not None
    before = dataclasses.replace(log.room.closing, who_did_not_submit=(), who_violated=())
    old = dataclasses.replace(log.room, closing=before)
    assert not closing.outdated(old)
    assert closing.numbers(old, before) == {"did_not_submit": [], "violated": []}


def test_other_lists_than_those_that_were_read_do_not_go_out() -> None:
    """Full names go to all the room: a note that was confirmed meanwhile is read first."""
    log = Log().at_work()
    note(log)
    log.pass_time(AFTER)
    seen = closing.preview_lists(log.room)["seen"]
    decide(log, "confirmed")
    with pytest.raises(Refusal, match="lists_changed"):
        closing.publish_lists(log.room, AFTER, by="s", reason="", seen=seen)
    seen = closing.preview_lists(log.room)["seen"]
    log.take(closing.publish_lists(log.room, AFTER, by="s", reason="", seen=seen), AFTER)
    assert log.room.closing is not None
    assert log.room.closing.violated == ("Thí sinh 001",)


def test_who_read_older_lists_is_told_who_published_and_publishes_none_of_them() -> None:
    log = Log().at_work()
    note(log)
    log.pass_time(AFTER)
    read = closing.preview_lists(log.room)["seen"]
    decide(log, "confirmed")
    newer = closing.preview_lists(log.room)["seen"]
    log.take(closing.publish_lists(log.room, AFTER, by="s2", reason="", seen=newer), AFTER)
    standing = log.room.closing
    with pytest.raises(Refusal, match="overtaken") as told:
        closing.publish_lists(log.room, AFTER, by="s", reason="", seen=read)
    assert (told.value.details["act"], told.value.details["by"]) == ("published", "s2")
    # Knowing of them, it has to have read what would go out now: here nothing else than what stands.
    decide(log, "dismissed")
    given = {"by": "s", "reason": "Nhầm", "replaces": log.stands("closing")}
    with pytest.raises(Refusal, match="lists_changed"):
        closing.publish_lists(log.room, AFTER, seen=newer, **given)
    assert log.room.closing is standing
    again = closing.preview_lists(log.room)["seen"]
    assert closing.publish_lists(log.room, AFTER, seen=again, **given).answer == {"version": 2}


def test_that_a_note_came_which_nobody_decided_is_read_before_the_lists_go_out() -> None:
    log = Log().at_work().pass_time(AFTER)
    seen = closing.preview_lists(log.room)["seen"]
    note(log)
    with pytest.raises(Refusal, match="lists_changed"):
        closing.publish_lists(log.room, AFTER, by="s", reason="", seen=seen)


def test_the_manifest_names_papers_materials_stills_and_photographs() -> None:
    """A14.2e.3: papers used, and what belongs to them."""
    log = Log().at_work()
    note(log)
    kept = e.StillKept(
        candidate="c", violation="x_c", still="k", sha256="5" * 64, bytes=5, width=4, height=3, taken_at=T
    )
    log.take(Decision((kept,)), T)
    log.take(papers.use_reserve(log.room, T, sha256="2" * 64, size=200, reason="Đề lộ"), T)
    given = papers.give_material(
        log.room, T, material="g", nature="file", title="Bảng số", text="", file=("3" * 64, 300, "application/pdf")
    )
    log.take(given, T)
    log.take(papers.receive_material(log.room, T, "c", "g"), T)
    asked = admission.ask_again(log.room, T, by="s", candidate="c", subject="face", text="")
    log.take(asked, T)
    anew = admission.take_photo(log.room, T, "c", "laptop", photo="p_new", subject="face", sha256="4" * 64, size=4)
    log.take(anew, T)
    log.pass_time(OVER)
    decide(log, "confirmed")
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    (handed,) = closing.hand_over(log.room, OVER, by="s", handover="h", log_head=(1, "a")).events
    manifest = json.loads(handed.manifest)
    assert manifest["paper"]["sha256"] == "2" * 64
    assert [each["sha256"] for each in manifest["papers_replaced"]] == ["0" * 64]
    (material,) = manifest["materials"]
    assert (material["title"], material["sha256"], material["received_by"]) == ("Bảng số", "3" * 64, ["c"])
    assert manifest["violations"][0]["still"]["sha256"] == "5" * 64
    assert [each["photo"] for each in manifest["photographs"]] == ["p_face", "p_card", "p_new"]


@pytest.mark.parametrize(
    "receipt",
    [
        lambda room: conduct.see_message(room, OVER, "c", "m"),
        lambda room: papers.receive_material(room, OVER, "c", "g"),
        lambda room: papers.open_paper(room, OVER, "c", "0" * 64),
        lambda room: briefing.read(room, OVER, "c", "rules"),
    ],
)
def test_after_the_end_only_the_receipt_of_the_lists_is_taken(receipt) -> None:
    """A14.2b.8, and A14.2dd.1 whose publication may come after the end."""
    log = Log().at_work()
    log.pass_time(OVER)
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    with pytest.raises(Refusal, match="room_ended"):
        receipt(log.room)
    assert [event.kind for event in closing.see_lists(log.room, OVER, "c", 1).events] == ["closing_seen"]


def test_an_attempt_to_hand_in_is_written_down_until_the_end_and_not_after_it() -> None:
    """A14.2b.7, A14.2b.8"""
    log = Log().at_work()
    log.pass_time(T + 91 * MINUTE)
    late = log.submit(T + 91 * MINUTE)
    assert [event.kind for event in late.events] == ["submission_rejected"]
    over = T + 96 * MINUTE
    log.pass_time(over)
    with pytest.raises(Refusal, match="after_submit_by"):
        log.submit(over)
