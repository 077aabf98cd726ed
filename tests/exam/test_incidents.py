"""What an invigilator's feed is made of: times without connection, and notes in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam import coverage
from proctor.exam.decisions import conduct, notes, presence, timing
from proctor.exam.sitting import SILENCE
from proctor.heard import Heard
from proctor.regulation.refusal import Refusal
from proctor.signalling.exchange import pushes
from tests.exam.rooms import ENTRY, MINUTE, Log, T
from tests.support.clock import SteppedClock

SECOND = timedelta(seconds=1)
INSTANT = timedelta(milliseconds=1)


def lose(log: Log, at: datetime, candidate: str = "c") -> None:
    epoch = log.room.sittings[candidate].epoch
    log.take(presence.disconnect_candidate(log.room, at, candidate, epoch, "transport close"), at)


def losses(log: Log) -> list[tuple[datetime, datetime | None, str]]:
    told = views.sitting(log.room, log.room.sittings["c"])["losses"]
    ends = [(each["from"], each["to"]) for each in told]
    read = [(datetime.fromisoformat(since), until and datetime.fromisoformat(until)) for since, until in ends]
    return [(*ends, each["cause"]) for ends, each in zip(read, told, strict=True)]


def test_a_loss_lasts_until_the_page_is_back_and_the_view_tells_it() -> None:
    log = Log().at_work()
    lose(log, T + MINUTE)
    assert losses(log) == [(T + MINUTE, None, "connection")]
    log.joined("c", T + 3 * MINUTE)
    assert losses(log) == [(T + MINUTE, T + 3 * MINUTE, "connection")]


def test_a_server_that_was_away_is_named_as_the_cause_and_begins_no_second_loss() -> None:
    log = Log().at_work()
    log.take(presence.restart(log.room, T + MINUTE, 2, None), T + MINUTE)
    assert losses(log) == [(T + MINUTE, None, "server")]
    log.take(presence.restart(log.room, T + 2 * MINUTE, 3, None), T + 2 * MINUTE)
    assert losses(log) == [(T + MINUTE, None, "server")]
    log.joined("c", T + 3 * MINUTE)
    lose(log, T + 4 * MINUTE)
    log.take(presence.restart(log.room, T + 5 * MINUTE, 4, None), T + 5 * MINUTE)
    assert losses(log)[1:] == [(T + 4 * MINUTE, None, "connection")], "it was gone before the server was"


@pytest.mark.parametrize("told", ["first", "last"])
@pytest.mark.parametrize(
    ("found", "cause"),
    [
        (-5 * SECOND, "server"),  # when the page was last heard of
        (SECOND, "server"),
        (2 * SECOND, "connection"),
        (-10 * SECOND, "server"),  # heard of a second before the server went, as pages are every second
        (-9 * SECOND - SILENCE, "server"),
        (-9 * SECOND - SILENCE - INSTANT, "connection"),  # it was gone before the server was
    ],
)
def test_a_server_that_stood_still_is_named_as_the_cause(told: str, found: timedelta, cause: str) -> None:
    log, back = Log().at_work(), T + MINUTE
    left = presence.disconnect_candidate(log.room, back, "c", 1, "transport close", back + found)
    stood = presence.was_frozen(log.room, back, back - 9 * SECOND)
    again = presence.was_frozen(log.room, back + MINUTE, back + MINUTE - 6 * SECOND)
    for decision in (stood, left, again) if told == "first" else (left, stood, again):
        log.take(decision, back + MINUTE if decision is again else back)
    assert losses(log) == [(back + found, None, cause)]


@pytest.mark.parametrize("told", ["first", "last"])
@pytest.mark.parametrize("heard", [timedelta(0), INSTANT, 0.5 * SECOND, SECOND, 1.3 * SECOND, 3.9 * SECOND])
@pytest.mark.parametrize("seconds", [5, 8, 12, 14, 20, 40])
def test_however_long_a_server_stood_still_the_whole_loss_is_the_servers(
    seconds: int, heard: timedelta, told: str
) -> None:
    """A page is heard of every second, so last some time before the server went, and comes back soon after it."""
    clock = SteppedClock(T)
    silent = Heard(clock, lambda: None)
    log = Log().at_work()
    clock.jump_to(T + MINUTE)
    known = log.room.sittings["c"]
    silent.hear(known, known.connected_epoch)
    went = clock.now() + heard
    back = went + seconds * SECOND
    clock.monotonic_ahead += (back - clock.now()).total_seconds()
    clock.jump_to(back)
    stood = presence.was_frozen(log.room, back, went)
    since = silent.silent_since(known, 1)
    left = presence.disconnect_candidate(log.room, back, "c", 1, "transport close", since)
    for decision in (stood, left) if told == "first" else (left, stood):
        log.take(decision, back)
    again = back + 3 * SECOND
    log.joined("c", again)
    assert losses(log) == [(T + MINUTE, again, "server")]
    gaps = coverage.gaps(log.room, log.room.sittings["c"], T + 10 * MINUTE)
    assert {gap.cause for gap in gaps if T + MINUTE <= gap.since < again} == {"server"}
    assert not any(gap.cause == "connection" for gap in gaps)


def test_a_loss_that_was_noticed_before_the_server_went_is_the_candidates_own() -> None:
    log, went = Log().at_work(), T + MINUTE
    lose(log, went - INSTANT)
    log.take(presence.was_frozen(log.room, went + 14 * SECOND, went), went + 14 * SECOND)
    assert losses(log) == [(went - INSTANT, None, "connection")]


def test_a_server_whose_clock_was_set_back_was_not_away_for_longer_than_it_was() -> None:
    log = Log().at_work()
    log.take(presence.restart(log.room, T + MINUTE, 2, T + 5 * MINUTE), T + MINUTE)
    assert log.room.outages == ((T + MINUTE, T + MINUTE),)


def test_who_waits_and_who_has_handed_in_loses_nothing() -> None:
    log = Log().published("c").attended().waiting("c")
    lose(log, ENTRY + SECOND)
    assert losses(log) == []
    log = Log().at_work()
    log.submit()
    lose(log, T + 2 * MINUTE)
    assert losses(log) == []


def test_a_loss_is_over_with_the_hand_in() -> None:
    log = Log().at_work()
    lose(log, T + MINUTE)
    log.submit(T + 2 * MINUTE)
    assert losses(log) == [(T + MINUTE, T + 2 * MINUTE, "connection")]


def test_the_last_losses_are_told() -> None:
    log = Log().at_work()
    for number in range(views.LOSSES_SHOWN + 5):
        lose(log, T + number * MINUTE)
        log.joined("c", T + number * MINUTE + SECOND)
    assert len(losses(log)) == views.LOSSES_SHOWN
    assert losses(log)[-1][0] == T + (views.LOSSES_SHOWN + 4) * MINUTE


@pytest.mark.parametrize(
    ("about", "candidate"),
    [({}, ""), ({"candidate": "c"}, "c"), ({"violation": "x"}, "c"), ({"violation": "x", "candidate": "other"}, "c")],
)
def test_a_note_is_about_the_room_a_candidate_or_a_violation_and_decides_nothing(
    about: dict[str, str], candidate: str
) -> None:
    log = noted()
    log.take(notes.add(log.room, T + MINUTE, by="s", note="n", text="Máy để trên bàn", **about), T + MINUTE)
    (kept,) = log.room.notes
    assert (kept.added.candidate, kept.added.text, kept.at) == (candidate, "Máy để trên bàn", T + MINUTE)
    assert log.room.violations["x"].status == "reported"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " "}, "bad_request"), ({"text": "x" * 1_001}, "bad_request"),
        ({"violation": "none"}, "not_found"), ({"candidate": "nobody"}, "not_found"),
    ],
)  # fmt: skip
def test_a_note_about_nothing_is_refused(wrong: dict[str, Any], code: str) -> None:
    log = noted()
    with pytest.raises(Refusal, match=code):
        notes.add(log.room, T + MINUTE, **{"by": "s", "note": "n", "text": "x", **wrong})


def test_after_the_end_no_note_is_taken() -> None:
    log = noted()
    with pytest.raises(Refusal, match="room_ended"):
        notes.add(log.room, T + 96 * MINUTE, by="s", note="n", text="x")


def noted() -> Log:
    log = Log().at_work()
    made = conduct.note_violation(
        log.room, T, by="s", violation="x", candidate="c", category="phone", text="", since=None, until=None
    )
    log.take(made, T)
    return log


def test_who_closes_the_page_once_the_own_time_is_over_has_lost_nothing() -> None:
    log = Log().published("c").attended().admitted("c").pass_time(T)
    over, late = T + 90 * MINUTE, T + 91 * MINUTE
    told = lambda: views.sitting(log.room, log.room.sittings["c"])["losses"]  # noqa: E731
    epoch = log.room.sittings["c"].epoch
    log.take(presence.disconnect_candidate(log.room, over - MINUTE, "c", epoch, "x"), over - MINUTE)
    lost = {"from": views.moment(over - MINUTE), "cause": "connection"}
    assert told() == [{**lost, "to": None}]
    log.pass_time(over + INSTANT)
    assert told() == [{**lost, "to": views.moment(over)}], "it ends with the time to work"

    log.take(presence.connect_candidate(log.room, late, "c", epoch), late)
    log.take(presence.disconnect_candidate(log.room, late + MINUTE, "c", epoch, "x"), late + MINUTE)
    assert told() == [{**lost, "to": views.moment(over)}]


@pytest.mark.parametrize(("after", "left"), [(-INSTANT, False), (timedelta(0), False), (INSTANT, True)])
def test_who_goes_after_the_own_time_has_left_and_is_no_open_matter(after: timedelta, left: bool) -> None:
    log = Log().published("c").attended().admitted("c").pass_time(T)
    gone = T + 90 * MINUTE + after
    log.take(presence.disconnect_candidate(log.room, gone, "c", log.room.sittings["c"].epoch, "x"), gone)
    assert views.sitting(log.room, log.room.sittings["c"])["left"] is left
    assert ("offline:c" in presence.open_matters(log.room)) is not left


def test_pages_are_told_when_a_loss_ended_with_the_time_to_work() -> None:
    log = Log().published("c").attended().admitted("c").pass_time(T)
    over = T + 90 * MINUTE
    log.take(presence.disconnect_candidate(log.room, over - MINUTE, "c", log.room.sittings["c"].epoch, "x"), over)
    before, done = log.room, timing.pass_time(log.room, over + INSTANT)
    log.take(done, over + INSTANT)
    told = [push.body["losses"] for push in pushes(before, log.room, done.events, over) if push.message == "sitting"]
    assert [loss["to"] for loss in told[-1]] == [views.moment(over)]
