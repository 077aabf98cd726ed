"""Release, delays, shifts, extra time: whose word moves which time (A5.3, A14.2b, X34)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam import events as e
from proctor.exam import schedule
from proctor.exam.decisions import admission, closing, papers, planning, presence, times, timing
from proctor.exam.permissions import Role
from proctor.exam.plan import RoomRules
from proctor.exam.room import Decision, Room
from proctor.exam.schedule import Phase
from proctor.regulation.refusal import Refusal
from proctor.signalling.exchange import pushes
from tests.exam.rooms import ENTRY, MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
DEADLINE = T + 90 * MINUTE


def kinds(room: Room, now: datetime) -> list[str]:
    return [event.kind for event in timing.pass_time(room, now).events]


def test_the_paper_waits_for_an_invigilator_and_a_stand_in_releases_it() -> None:
    log = Log().published("c").attended().admitted("c")
    log.left("s", T - MINUTE)
    assert log.room.unattended_since == T - MINUTE  # candidates are in the room and nobody attends them
    log.pass_time(T)
    assert (log.room.release_held, log.room.released_at) == (True, None)
    log.take(presence.enter_staff(log.room, T + MINUTE, "s2", Role.INVIGILATOR), T + MINUTE)
    assert (log.room.released_at, log.room.release_held, log.room.unattended_since) == (T + MINUTE, False, None)


@pytest.mark.parametrize(("came", "released"), [
    (DEADLINE - INSTANT, True),
    (DEADLINE, True),
    (DEADLINE + INSTANT, False),
])  # fmt: skip
def test_who_comes_after_submit_by_releases_no_paper(came: datetime, released: bool) -> None:
    log = Log().published("c").attended().admitted("c")
    log.left("s", T - MINUTE).pass_time(T)
    entered = log.take(presence.enter_staff(log.room, came, "s", Role.INVIGILATOR), came)
    assert ("paper_released" in [event.kind for event in entered.events]) is released
    assert (log.room.released_at == came) is released


def test_after_a_restart_the_room_is_unattended_until_an_invigilator_is_back() -> None:
    log = Log().at_work()
    log.take(presence.restart(log.room, T + MINUTE, 2, T + MINUTE - timedelta(seconds=2)), T + MINUTE)
    log.pass_time(T + MINUTE)
    assert log.room.unattended_since == T + MINUTE
    assert kinds(log.room, T + 2 * MINUTE) == []  # once
    back = log.take(presence.enter_staff(log.room, T + 3 * MINUTE, "s", Role.INVIGILATOR), T + 3 * MINUTE)
    assert [event.kind for event in back.events] == ["staff_entered", "room_attended"]
    log.left("s", T + 4 * MINUTE)
    log.take(presence.enter_staff(log.room, T + 5 * MINUTE, "s", Role.INVIGILATOR), T + 5 * MINUTE)
    told = views.staff_room(log.room, T + 5 * MINUTE)["unattended_before"]
    assert [(each["from"], each["by_server"]) for each in told] == [
        (views.moment(T + MINUTE), True), (views.moment(T + 4 * MINUTE), False),
    ]  # fmt: skip
    log.left("s", T + 6 * MINUTE)
    in_a_moment = T + 6 * MINUTE + timedelta(milliseconds=400)  # as when a server that stood still hears one page first
    log.take(presence.enter_staff(log.room, in_a_moment, "s", Role.INVIGILATOR), in_a_moment)
    told = views.staff_room(log.room, in_a_moment)["unattended_before"]
    assert (len(told), len(log.room.unattended_before)) == (2, 3)


def test_every_time_without_an_invigilator_stays_known_with_its_beginning_and_end() -> None:
    log = Log().at_work()
    assert log.room.unattended_before == ()
    for left in (T + MINUTE, T + 10 * MINUTE):
        log.left("s", left)
        log.take(presence.enter_staff(log.room, left + 3 * MINUTE, "s", Role.INVIGILATOR), left + 3 * MINUTE)
    assert log.room.unattended_before == (
        (T + MINUTE, T + 4 * MINUTE),
        (T + 10 * MINUTE, T + 13 * MINUTE),
    )


def test_a_paper_that_went_out_late_asks_the_office_for_an_equal_shift() -> None:
    log = Log().published("c").attended().admitted("c")
    log.left("s", T - MINUTE).pass_time(T)
    came = T + 30 * MINUTE
    log.take(presence.enter_staff(log.room, came, "s2", Role.INVIGILATOR), came)
    assert (log.room.released_at, log.room.shift_wanted) == (came, 30)
    log.take(times.shift(log.room, came, minutes=30, reason="Phát đề muộn"), came)
    assert (log.room.shift_wanted, log.room.schedule.submit_by) == (0, DEADLINE + 30 * MINUTE)


def test_a_delay_has_a_reason_moves_the_release_and_asks_the_office_for_an_equal_shift() -> None:
    log = Log().published("c").attended().admitted("c")
    until = T + 10 * MINUTE
    with pytest.raises(Refusal, match="reason_needed"):
        papers.delay_release(log.room, ENTRY, by="s", until=until, reason="")
    with pytest.raises(Refusal, match="bad_request"):
        papers.delay_release(log.room, ENTRY, by="s", until=T, reason="mạng")  # never earlier, nor at the same time
    with pytest.raises(Refusal, match="delay_too_long"):
        papers.delay_release(log.room, ENTRY, by="s", until=DEADLINE + INSTANT, reason="mạng")
    log.take(papers.delay_release(log.room, ENTRY, by="s", until=until, reason="Chờ thí sinh mất mạng"), ENTRY)
    assert kinds(log.room, until - INSTANT) == []
    assert log.room.shift_wanted == 10
    log.take(times.shift(log.room, ENTRY, minutes=10, reason="Theo đề nghị"), ENTRY)
    assert (log.room.shift_wanted, log.room.schedule.submit_by) == (0, DEADLINE + 10 * MINUTE)
    assert "paper_released" in kinds(log.room, until)
    log.pass_time(until)
    with pytest.raises(Refusal, match="already_released"):
        papers.delay_release(log.room, until, by="s", until=until + MINUTE, reason="mạng")


def delayed(log: Log, minutes: int) -> None:
    until = T + minutes * MINUTE
    put_off = papers.delay_release(
        log.room, ENTRY, by="s", until=until, reason="Mạng", replaces=log.stands("delay")
    )
    log.take(put_off, ENTRY)


def shifted(log: Log, minutes: int) -> None:
    log.take(times.shift(log.room, ENTRY, minutes=minutes, reason="Theo đề nghị"), ENTRY)


def everybody(log: Log, now: datetime, **given: Any) -> Decision:
    """As the office decides who has just looked."""
    seen = max(known.extra_minutes for known in log.room.sittings.values())
    return times.grant_everybody(log.room, now, seen=seen, **given)


def extra_beyond_the_end(log: Log, minutes: int) -> None:
    end_at = log.room.schedule.submit_by + minutes * MINUTE
    log.take(times.grant(log.room, ENTRY, candidate="c", minutes=minutes, reason="Khuyết tật", end_at=end_at), ENTRY)


@pytest.mark.parametrize(
    ("acts", "owed"),
    [
        ([(delayed, 10), (delayed, 15)], 15),
        ([(delayed, 10), (shifted, 10)], 0),
        ([(delayed, 10), (shifted, 10), (delayed, 15)], 5),
        ([(delayed, 10), (shifted, 4)], 6),
        ([(delayed, 10), (shifted, 20), (delayed, 15)], 0),
        ([(delayed, 10), (extra_beyond_the_end, 10)], 10),
        ([(delayed, 10), (shifted, 4), (extra_beyond_the_end, 10), (delayed, 15)], 11),
        ([(shifted, 5), (delayed, 12)], 7),  # before a delay a shift moves the release too
    ],
)
def test_the_office_is_asked_for_what_the_delays_still_owe(
    acts: list[tuple[Callable[[Log, int], None], int]], owed: int
) -> None:
    log = Log().published("c").attended().admitted("c")
    for act, minutes in acts:
        act(log, minutes)
    assert log.room.shift_wanted == owed


def test_after_the_deadline_nothing_is_owed_any_more() -> None:
    log = Log().published("c").attended().admitted("c")
    delayed(log, 10)
    log.pass_time(T + 10 * MINUTE)
    assert log.room.shift_wanted == 10  # the paper is out, and the time is still owed
    log.pass_time(DEADLINE + INSTANT)
    assert log.room.shift_wanted == 0


def test_a_shift_moves_all_that_is_to_come_and_leaves_a_paper_that_is_out() -> None:
    before = Log().published("c").attended()
    before.take(times.shift(before.room, ENTRY, minutes=15, reason="Lũ"), ENTRY)
    assert before.room.schedule.release_at == T + 15 * MINUTE
    log = Log().at_work()
    log.take(times.shift(log.room, T + MINUTE, minutes=15, reason="Mất điện"), T + MINUTE)
    assert log.room.schedule.release_at == T
    assert (log.room.schedule.submit_by, log.room.schedule.end_at) == (DEADLINE + 15 * MINUTE, T + 110 * MINUTE)
    log.save("trong giờ bù", 0, DEADLINE + 15 * MINUTE)
    with pytest.raises(Refusal, match="after_submit_by"):
        log.save("quá giờ", 1, DEADLINE + 15 * MINUTE + INSTANT)


@pytest.mark.parametrize("reason", ["", "  "])
def test_no_time_moves_without_a_reason(reason: str) -> None:
    log = Log().at_work()
    for act in (
        lambda: times.shift(log.room, T, minutes=5, reason=reason),
        lambda: times.grant(log.room, T, candidate="c", minutes=5, reason=reason),
    ):
        with pytest.raises(Refusal, match="reason_needed"):
            act()


def test_what_another_gave_meanwhile_is_not_taken_back_unawares() -> None:
    log = Log().at_work()
    give: Any = {"candidate": "c", "reason": "Khuyết tật", "seen": 0}
    log.take(times.grant(log.room, T, minutes=5, **give), T)
    log.take(times.grant(log.room, T, minutes=5, **give), T)  # said twice
    with pytest.raises(Refusal, match="times_changed"):
        times.grant(log.room, T, minutes=3, **give)
    log.take(times.grant(log.room, T, minutes=3, **{**give, "seen": 5}), T)
    assert log.room.sittings["c"].extra_minutes == 3


def test_times_move_by_as_much_as_a_server_may_have_been_away() -> None:
    log = Log().at_work()
    log.take(times.shift(log.room, T, minutes=300, reason="Mất điện cả buổi"), T)
    assert log.room.schedule.submit_by == T + 390 * MINUTE
    with pytest.raises(Refusal, match="bad_request"):
        times.shift(log.room, T, minutes=24 * 60 + 1, reason="Mất điện")
    with pytest.raises(Refusal, match="bad_request"):
        times.grant(log.room, T, candidate="c", minutes=241, reason="Khuyết tật")


def test_extra_time_of_one_ends_before_the_end_or_moves_it_and_is_that_candidates_alone() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    log.take(times.grant(log.room, T, candidate="c", minutes=5, reason="Khuyết tật"), T)  # to the end exactly
    with pytest.raises(Refusal, match="beyond_the_end"):
        times.grant(log.room, T, candidate="c", minutes=6, reason="Khuyết tật")
    end = T + 97 * MINUTE
    log.take(times.grant(log.room, T, candidate="c", minutes=6, reason="Khuyết tật", end_at=end), T)
    assert log.room.schedule.end_at == end
    with pytest.raises(Refusal, match="after_submit_by"):
        log.save("d muộn", 0, DEADLINE + INSTANT, candidate="d")
    log.save("c kịp", 0, DEADLINE + 6 * MINUTE, candidate="c")
    with pytest.raises(Refusal, match="after_submit_by"):
        log.save("c muộn", 1, DEADLINE + 6 * MINUTE + INSTANT, candidate="c")
    assert kinds(log.room, DEADLINE + INSTANT) == []  # closed after the last personal deadline
    assert log.room.phase(DEADLINE + INSTANT) is Phase.WRITING
    assert timing.next_boundary(log.room, DEADLINE + schedule.JUST_AFTER) == DEADLINE + 6 * MINUTE
    assert kinds(log.room, DEADLINE + 6 * MINUTE + INSTANT) == ["submission_closed"]


def test_who_has_handed_in_or_sits_another_time_is_given_no_time() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    log.submit(T + MINUTE, candidate="c")
    with pytest.raises(Refusal, match="already_submitted"):
        times.grant(log.room, T + 2 * MINUTE, candidate="c", minutes=5, reason="Khuyết tật")


@pytest.mark.parametrize("end_at", [T + 95 * MINUTE - INSTANT, DEADLINE, T])
def test_extra_time_never_moves_the_end_to_an_earlier_moment(end_at: datetime) -> None:
    log = Log().at_work()
    with pytest.raises(Refusal, match="bad_request") as refused:
        times.grant(log.room, T, candidate="c", minutes=0, reason="Khuyết tật", end_at=end_at)
    assert refused.value.details["field"] == "end_at"


def test_extra_time_for_everybody_adds_to_what_each_has_for_all_or_for_nobody() -> None:
    log = Log().published("c", "d", "e").attended().admitted("c", "d", "e").pass_time(T)
    log.take(times.grant(log.room, T, candidate="d", minutes=5, reason="Khuyết tật"), T)
    log.submit(candidate="e")
    now = T + 2 * MINUTE
    with pytest.raises(Refusal, match="beyond_the_end"):  # c would fit, d would not
        everybody(log, now, minutes=3, reason="Ồn")
    with pytest.raises(Refusal, match="reason_needed"):
        everybody(log, now, minutes=3, reason=" ", move_end=True)
    for minutes in (0, -3, 236):  # d would have 241
        with pytest.raises(Refusal, match="bad_request"):
            everybody(log, now, minutes=minutes, reason="Ồn", move_end=True)
    log.take(everybody(log, now, minutes=3, reason="Ồn", move_end=True), now)
    assert [known.extra_minutes for known in log.room.sittings.values()] == [3, 8, 0]
    assert (log.room.schedule.submit_by, log.room.schedule.end_at) == (DEADLINE, DEADLINE + 8 * MINUTE)
    log.take(everybody(log, now, minutes=3, reason="Vẫn ồn", move_end=True), now)
    assert [known.extra_minutes for known in log.room.sittings.values()] == [6, 11, 0]


def test_extra_time_for_everybody_is_for_nobody_when_it_would_be_over_for_one_already() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    log.take(times.grant(log.room, T, candidate="d", minutes=5, reason="Khuyết tật"), T)
    with pytest.raises(Refusal, match="bad_request"):
        everybody(log, DEADLINE + 3 * MINUTE, minutes=2, reason="Ồn", move_end=True)


def test_extra_time_for_everybody_needs_somebody() -> None:
    log = Log().at_work()
    log.submit()
    with pytest.raises(Refusal, match="already_submitted"):
        everybody(log, T + 2 * MINUTE, minutes=3, reason="Ồn")


def test_the_reserve_paper_replaces_the_paper_and_its_key_goes_out_again() -> None:
    log = Log().at_work()
    with pytest.raises(Refusal, match="reason_needed"):
        papers.use_reserve(log.room, T, sha256="9" * 64, size=5, reason="")
    used = papers.use_reserve(log.room, T, sha256="9" * 64, size=5, reason="Đề lộ")
    assert [event.kind for event in used.events] == ["reserve_paper_used", "paper_key_delivered"]
    assert used.events[1] == e.PaperKeyDelivered(candidate="c", sha256="9" * 64, by="s")
    assert log.room.sittings["c"].key_delivered_at
    log.take(papers.open_paper(log.room, T, "c", "0" * 64), T)
    log.take(used, T + MINUTE)
    assert (log.room.paper.sha256, log.room.paper.replaced_at) == ("9" * 64, T + MINUTE)
    known = log.room.sittings["c"]
    assert (known.key_delivered_at, known.paper_opened_at) == (T + MINUTE, None)  # receipts of the paper that counts
    late = papers.open_paper(log.room, T + MINUTE, "c", "0" * 64)
    assert late.events == ()  # the page had not heard of the reserve yet
    opened = papers.open_paper(log.room, T + MINUTE, "c", "9" * 64)
    assert opened.events == (e.PaperOpened(candidate="c", sha256="9" * 64),)
    assert papers.use_reserve(log.room, T, sha256="9" * 64, size=5, reason="Đề lộ").events == ()


@pytest.mark.parametrize(
    ("regime", "confirmed", "refused"), [("A", False, False), ("B", False, True), ("B", True, False)]
)
def test_in_regime_b_a_reserve_paper_is_used_once_the_head_of_the_unit_confirmed_it(
    regime: Any, confirmed: bool, refused: bool
) -> None:
    log = Log().published("c", regime=regime).attended().admitted("c").pass_time(T)
    given = {"sha256": "9" * 64, "size": 5, "reason": "Đề lộ"}
    if confirmed:
        log.take(planning.confirm_paper(log.room, T, given["sha256"]), T)
        assert planning.confirm_paper(log.room, T, given["sha256"]).events == ()
    if refused:
        with pytest.raises(Refusal, match="paper_unconfirmed"):
            papers.use_reserve(log.room, T, **given)
    else:
        assert papers.use_reserve(log.room, T, **given).events


RESERVE = {"sha256": "9" * 64, "size": 5, "reason": "Đề lộ"}
CORRECTION: dict[str, Any] = {
    "material": "g", "nature": "correction", "title": "Câu 2", "text": "1945", "file": None
}  # fmt: skip


def nobody_left(case: str) -> tuple[Log, datetime, str]:
    """A room in which nobody can write any more, and how it is refused what would serve the work."""
    rules = RoomRules(late_minutes=15)
    log = Log().published("c", "d", rules=rules).attended().admitted("c").pass_time(T)
    if case == "referred":  # who missed the own deadline sits again
        again = replace(log.room.sittings["c"], referred="makeup")
        log.room = replace(log.room, sittings={**log.room.sittings, "c": again})
        return log, T + 16 * MINUTE, "nobody_writes"
    if case == "time":
        log.pass_time(T + 91 * MINUTE)
        return log, T + 91 * MINUTE, "work_over"
    log.submit(T + MINUTE)
    return log, T + 16 * MINUTE, "nobody_writes"  # whoever has not come by now is too late


@pytest.mark.parametrize("case", ["submitted", "referred", "time"])
def test_no_reserve_paper_and_no_correction_come_once_nobody_can_write(case: str) -> None:
    log, now, refused = nobody_left(case)
    with pytest.raises(Refusal, match=refused):
        papers.use_reserve(log.room, now, **RESERVE)
    with pytest.raises(Refusal, match=refused):
        papers.give_material(log.room, now, **CORRECTION)


@pytest.mark.parametrize("who", ["to come", "allowed late", "in the lobby"])
def test_a_reserve_paper_comes_for_somebody_who_can_yet_write(who: str) -> None:
    log, now, _ = nobody_left("submitted")
    if who == "to come":
        now = T + 15 * MINUTE
    elif who == "allowed late":
        log.take(planning.allow_late(log.room, now, "d", "Tàu trễ"), now)
    else:
        log.room = replace(log.room, sittings={**log.room.sittings, "d": replace(log.room.sittings["d"], lobby_at=T)})
    assert papers.use_reserve(log.room, now, **RESERVE).events
    assert papers.give_material(log.room, now, **CORRECTION).events


def test_who_handed_in_keeps_the_receipts_of_the_paper_that_was_answered() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    for candidate in ("c", "d"):
        log.fetch(candidate, T)
        log.take(papers.open_paper(log.room, T, candidate, "0" * 64), T)
    log.submit(T + MINUTE)
    before = log.room.sittings["c"]
    log.take(papers.use_reserve(log.room, T + 2 * MINUTE, **RESERVE), T + 2 * MINUTE)
    assert log.room.sittings["c"] == before
    assert (log.room.sittings["d"].paper_fetched_at, log.room.sittings["d"].paper_opened_at) == (None, None)
    log.submit(T + 3 * MINUTE, "d")
    end = T + 95 * MINUTE + timedelta(microseconds=1)
    log.pass_time(end)
    log.take(closing.publish_lists(log.room, end, by="s", reason=""), end)
    (handed,) = closing.hand_over(log.room, end, by="s", handover="h", log_head=(1, "a")).events
    manifest = json.loads(handed.manifest)
    assert {each["candidate"]: each["paper"] for each in manifest["submissions"]} == {"c": "0" * 64, "d": "9" * 64}


def test_a_correction_goes_to_all_after_the_release_and_is_received_once() -> None:
    early = Log().published("c").attended().admitted("c")
    given = {"material": "g", "nature": "correction", "title": "Câu 2", "text": "1945, không phải 1954", "file": None}
    with pytest.raises(Refusal, match="not_released"):
        papers.give_material(early.room, ENTRY, **given)
    log = Log().published("c", "late", "refused").attended().admitted("c").waiting("late").waiting("refused")
    log.pass_time(T)
    log.take(admission.refuse(log.room, T, by="s", candidate="refused", reason="Sai người"), T)
    before, decided = log.room, papers.give_material(log.room, T, **given)
    log.take(decided, T)
    heard = [(each.audience, each.candidate) for each in pushes(before, log.room, decided.events, T)
             if each.message == "material"]  # fmt: skip
    assert heard == [("staff", ""), ("candidate", "c")]  # who was not admitted gets it with the admission
    log.take(papers.receive_material(log.room, T, "c", "g"), T)
    assert papers.receive_material(log.room, T, "c", "g").events == ()
    with pytest.raises(Refusal, match="not_found"):
        papers.receive_material(log.room, T, "c", "h")


def test_a_correction_that_is_given_ahead_comes_with_the_paper_and_to_nobody_before() -> None:
    log = Log().published("c", "late").attended().admitted("c")
    before, decided = log.room, papers.give_material(log.room, ENTRY, **CORRECTION, ahead=True)
    log.take(decided, ENTRY)
    assert "material" not in [each.message for each in pushes(before, log.room, decided.events, ENTRY)]
    before = log.room
    assert (len(before.materials), before.materials_shown) == (1, ())
    with pytest.raises(Refusal, match="not_found"):
        papers.receive_material(before, ENTRY, "c", CORRECTION["material"])
    before = log.waiting("late").room
    admitted = admission.admit(log.room, ENTRY, "s", ["late"], checked=admission.CHECKS)
    log.take(admitted, ENTRY)
    told = pushes(before, log.room, admitted.events, ENTRY)
    assert "material" not in [each.message for each in told]
    before, released = log.room, timing.pass_time(log.room, T)
    log.take(released, T)
    told = pushes(before, log.room, released.events, T)
    heard = [(each.audience, each.candidate) for each in told if each.message == "material"]
    assert heard == [("staff", ""), ("candidate", "c"), ("candidate", "late")]
    log.take(papers.receive_material(log.room, T, "c", CORRECTION["material"]), T)
    assert log.room.sittings["c"].materials_received == {CORRECTION["material"]}


def test_who_is_not_admitted_receives_no_correction() -> None:
    log = Log().published("c", "late").attended().admitted("c").pass_time(T)
    given = {"material": "g", "nature": "correction", "title": "Câu 2", "text": "1945", "file": None}
    log.take(papers.give_material(log.room, T, **given), T)
    with pytest.raises(Refusal, match="not_admitted"):
        papers.receive_material(log.room, T, "late", "g")


def test_admission_after_the_release_brings_the_key_with_it() -> None:
    log = Log().published("c", "d").attended().admitted("c").pass_time(T)
    log.waiting("d", T + MINUTE)
    events = admission.admit(log.room, T + MINUTE, "s2", ["d"], checked=admission.CHECKS).events
    assert events[-1] == e.PaperKeyDelivered(candidate="d", sha256="0" * 64, by="s2")


def test_the_key_of_who_is_away_at_the_admission_is_delivered_once_the_page_is_back() -> None:
    log = Log().published("c", "d").attended().admitted("c").pass_time(T)
    log.waiting("d", T + MINUTE)
    log.take(presence.disconnect_candidate(log.room, T + MINUTE, "d", 1, "network"), T + MINUTE)
    log.take(admission.admit(log.room, T + MINUTE, "s", ["d"], checked=admission.CHECKS), T + MINUTE)
    assert log.room.sittings["d"].key_delivered_at is None
    back = log.take(presence.connect_candidate(log.room, T + 2 * MINUTE, "d", 1), T + 2 * MINUTE)
    assert e.PaperKeyDelivered(candidate="d", sha256="0" * 64, by="s") in back.events
    assert log.room.sittings["d"].key_delivered_at == T + 2 * MINUTE


def test_more_time_for_everybody_that_is_said_twice_is_given_once() -> None:
    log = Log().at_work()
    log.take(times.grant_everybody(log.room, T, minutes=3, seen=0, reason="Ồn"), T)
    with pytest.raises(Refusal, match="times_changed"):
        times.grant_everybody(log.room, T, minutes=3, seen=0, reason="Ồn")


def test_an_act_on_the_times_that_is_said_again_is_done_already() -> None:
    """A page whose answer was lost says it again by its name; two pages that do the same are two acts."""
    log = Log().at_work()
    move: Any = {"minutes": 3, "reason": "Mất điện", "seen": log.room.schedule.submit_by}
    moved = log.take(times.shift(log.room, T, **move, act="a"), T)
    assert times.shift(log.room, T, **move, act="a").events == ()
    with pytest.raises(Refusal, match="times_changed"):
        times.shift(log.room, T, **move, act="b")
    assert log.room.schedule.submit_by == move["seen"] + timedelta(minutes=3) and len(moved.events) == 1

    give: Any = {"minutes": 3, "reason": "Ồn", "seen": 0, "move_end": True}
    log.take(times.grant_everybody(log.room, T, **give, act="c"), T)
    assert times.grant_everybody(log.room, T, **give, act="c").events == ()
    with pytest.raises(Refusal, match="times_changed"):
        times.grant_everybody(log.room, T, **give, act="d")
    assert {known.extra_minutes for known in log.room.sittings.values()} == {3}
    later = {**move, "seen": log.room.schedule.submit_by}
    assert times.shift(log.room, T, **later, act="a").events == (), "however long ago, whatever else was done since"
    with pytest.raises(Refusal, match="times_changed"):
        times.shift(log.room, T, **move)  # without a name, as before


@pytest.mark.parametrize(("person", "role"), [("p", Role.SUPERVISOR), ("k", Role.TECH_SUPPORT), ("i", Role.INSPECTOR)])
def test_nobody_but_an_invigilator_attends_a_room(person: str, role: Role) -> None:
    """Others in it open no lobby, release no paper and end no alarm (A14.2c.1, A14.2c.8)."""
    log = Log().published("c")
    log.take(presence.enter_staff(log.room, ENTRY, person, role), ENTRY)
    with pytest.raises(Refusal, match="waiting_for_invigilator"):
        presence.join_candidate(log.room, ENTRY, "c", "laptop")
    log.attended().admitted("c").left("s", T - MINUTE)
    assert log.room.unattended_since == T - MINUTE
    log.pass_time(T)
    assert (log.room.release_held, log.room.released_at) == (True, None)
    log.left(person, T)
    entered = log.take(presence.enter_staff(log.room, T + MINUTE, person, role), T + MINUTE)
    assert [each.kind for each in entered.events] == ["staff_entered"]
    assert (log.room.unattended_since, log.room.released_at) == (T - MINUTE, None)
