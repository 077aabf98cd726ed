"""What staff's pages are told cannot be done now is what the server refuses, with the same code, at each boundary."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from proctor import views
from proctor.exam.decisions import admission, briefing, closing, conduct, papers, possible, presence, times
from proctor.exam.decisions.conditions import iso
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import ENTRY, MINUTE, Log, T

DEADLINE = T + 90 * MINUTE
AFTER = DEADLINE + timedelta(milliseconds=1)
OVER = T + 95 * MINUTE + timedelta(milliseconds=1)


def a_room() -> Log:
    """One at work, one in the lobby; the clock has not passed the deadline yet."""
    return Log().published("c", "d").attended().admitted("c").waiting("d").pass_time(T)


def told(log: Log, now: datetime) -> dict[str, str]:
    return {act: refusal.code for act, refusal in possible.refused(log.room, now).items()}


def asked(log: Log, now: datetime) -> dict[str, str]:
    """What the decisions themselves say to somebody who asks for every act."""
    room, found = log.room, {}
    for act, decide in {
        "admit": lambda: admission.admit(room, now, "s", ["d"], checked=admission.CHECKS),
        "hold_briefing": lambda: briefing.hold(room, now, by="s", topic="rules"),
        "delay_release": lambda: papers.delay_release(
            room, now, by="s", until=max(now, room.release_due_at()) + MINUTE, reason="x"
        ),
        "offer_shift": lambda: presence.offer_shift(room, now, by="s", to="s2", note=""),
        "publish_lists": lambda: closing.publish_lists(room, now, by="s", reason=""),
        "hand_over": lambda: closing.hand_over(room, now, by="s", handover="h", log_head=(1, "0")),
    }.items():
        try:
            decide()
        except Refusal as refusal:
            found[act] = refusal.code
    return found


NOT_YET = {"publish_lists": "not_closed", "hand_over": "room_not_over"}


@pytest.mark.parametrize(("now", "refused"), [
    (T - MINUTE, NOT_YET),
    (T, {**NOT_YET, "delay_release": "already_released"}),
    (DEADLINE, {**NOT_YET, "delay_release": "already_released"}),
    (AFTER, {
        "admit": "work_over", "hold_briefing": "work_over", "delay_release": "already_released",
        "hand_over": "room_not_over",
    }),
    (OVER, {
        "admit": "room_ended", "hold_briefing": "room_ended", "delay_release": "room_ended",
        "offer_shift": "room_ended", "hand_over": "lists_first",
    }),
])  # fmt: skip
def test_what_is_told_is_what_is_answered(now: datetime, refused: dict[str, str]) -> None:
    log = Log().published("c", "d").attended().admitted("c").waiting("d").pass_time(min(T, now)).pass_time(now)
    assert asked(log, now) == refused
    # Of an admission the room tells what holds for everybody; whose time is over is told one by one.
    own = {"admit"} if refused.get("admit") == "work_over" else set()
    assert told(log, now) == {act: code for act, code in refused.items() if act not in own}
    assert possible.out_of_time(log.room, now) == (["d"] if now > DEADLINE else [])


def test_the_hand_over_waits_for_what_is_undecided() -> None:
    log = a_room()
    noted = conduct.note_violation(
        log.room, T + MINUTE, by="s", candidate="c", violation="x", category="phone", text="", since=T, until=T
    )
    log.take(noted, T + MINUTE)
    log.pass_time(AFTER).pass_time(OVER)
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    assert told(log, OVER)["hand_over"] == asked(log, OVER)["hand_over"] == "violations_undecided"
    assert views.staff_room(log.room, OVER)["refuses"]["hand_over"]["details"] == {"count": 1}


def test_who_has_extra_time_may_still_be_admitted_and_who_has_none_not() -> None:
    log = Log().published("c", "d", "f").attended().admitted("c").waiting("d").waiting("f").pass_time(T)
    log.take(times.grant(log.room, T, candidate="d", minutes=3, reason="x"), T)
    now = AFTER
    assert possible.out_of_time(log.room, now) == ["f"]
    with pytest.raises(Refusal, match="work_over") as refused:
        admission.admit(log.room, now, "s", ["d", "f"], checked=admission.CHECKS)
    assert refused.value.details == {"submit_by": iso(DEADLINE)}
    assert admission.admit(log.room, now, "s", ["d"], checked=admission.CHECKS).answer["admitted"] == ["d"]


def test_nothing_can_be_put_off_beyond_submit_by() -> None:
    log = Log().published("c").attended().admitted("c").left("s", ENTRY).pass_time(T)
    assert log.room.released_at is None
    assert "delay_release" not in told(log, DEADLINE - 2 * MINUTE)
    assert told(log, DEADLINE)["delay_release"] == asked(log, DEADLINE)["delay_release"] == "delay_too_long"


def test_candidates_are_not_told_when_nobody_watched_nor_what_staff_may_do() -> None:
    log = a_room()
    staff_alone = {"lists_outdated", "unattended_since", "unattended_before", "refuses", "out_of_time"}
    assert set(views.staff_room(log.room, T)) - set(views.room(log.room, T)) == staff_alone
