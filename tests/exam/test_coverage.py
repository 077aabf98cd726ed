"""What of an exam was not recorded, from when to when and why (A14.2c.7)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor.exam import coverage
from proctor.exam import events as e
from proctor.exam.coverage import UNFINISHED, Gap
from proctor.exam.decisions import admission, closing, presence
from proctor.exam.plan import Form, RoomRules
from proctor.exam.room import Decision
from tests.exam.rooms import DEVICES, ENTRY, MINUTE, Log, T

OVER = T + 95 * MINUTE + timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


def recorded(log: Log, since: datetime, until: datetime, **facts: Any) -> Log:
    """A segment; `holes` by track as seconds from its beginning."""
    holes = [
        {"kind": kind, "from_ms": begin * 1000, "to_ms": end * 1000}
        for kind, spans in facts.pop("holes", {}).items()
        for begin, end in spans
    ]
    segment: dict[str, Any] = {
        "segment": since.isoformat(), "started_at": since.isoformat(), "ended_at": until.isoformat(),
        "sha256": "1" * 64, "stored_sha256": "2" * 64, "width": 640, "height": 360, "video_frames": 900,
        "audio_packets": 1000, "holes": holes,
    } | facts  # fmt: skip
    log.take(Decision((e.SegmentClosed(candidate="c", segment=segment),)), until)
    return log


def lose(log: Log, since: datetime, until: datetime | None = None) -> None:
    """The page is away."""
    epoch = log.room.sittings["c"].epoch
    log.take(presence.disconnect_candidate(log.room, since, "c", epoch, "network"), since)
    if until is not None:
        log.take(presence.connect_candidate(log.room, until, "c", epoch), until)


def gaps(log: Log, now: datetime) -> tuple[Gap, ...]:
    return coverage.gaps(log.room, log.room.sittings["c"], now)


def test_who_was_not_admitted_is_not_expected_on_the_recording() -> None:
    log = Log().published("c").attended().waiting("c")
    assert gaps(log, T + 5 * MINUTE) == ()


def test_everything_from_the_admission_until_the_page_was_left_is_accounted_for() -> None:
    log = recorded(recorded(Log().at_work(), ENTRY, T), T, T + 10 * MINUTE)
    log.submit(T + 10 * MINUTE)
    lose(log, T + 10 * MINUTE)
    assert gaps(log, OVER) == ()


def test_who_stays_after_the_hand_in_is_recorded_until_leaving_for_good() -> None:
    log = recorded(Log().at_work(), ENTRY, T + 11 * MINUTE)
    log.submit(T + 10 * MINUTE)
    lose(log, T + 11 * MINUTE, T + 12 * MINUTE)
    lost = Gap(T + 11 * MINUTE, T + 12 * MINUTE, "connection")
    recorded(log, T + 12 * MINUTE, T + 15 * MINUTE)
    log.pass_time(OVER)
    assert gaps(log, OVER) == (lost, Gap(T + 15 * MINUTE, log.room.schedule.end_at, "no_media"))
    lose(log, T + 16 * MINUTE)
    assert gaps(log, OVER) == (lost, Gap(T + 15 * MINUTE, T + 16 * MINUTE, "no_media"))


def test_who_was_away_when_the_saved_work_was_collected_left_with_it() -> None:
    log = Log().published("c", rules=RoomRules(collect_saved=True)).attended().admitted("c").pass_time(T)
    log.save("bài", 0)
    recorded(log, ENTRY, T + 90 * MINUTE)
    log.pass_time(T + 90 * MINUTE + SECOND)
    lose(log, T + 90 * MINUTE + 2 * SECOND)
    assert log.room.sittings["c"].submitted_at
    assert [gap.until for gap in gaps(log.pass_time(OVER), OVER)] == [T + 90 * MINUTE + 2 * SECOND]


def test_who_sent_nothing_has_one_gap_from_the_admission_to_the_end() -> None:
    log = Log().at_work().pass_time(OVER)
    assert gaps(log, OVER) == (Gap(ENTRY, log.room.schedule.end_at, "no_media"),)


def test_what_is_being_recorded_is_not_judged_yet() -> None:
    log = recorded(Log().at_work(), ENTRY, T)
    assert gaps(log, T + UNFINISHED) == ()
    assert gaps(log, T + UNFINISHED + SECOND) == (Gap(T, T + SECOND, "no_media"),)


@pytest.mark.parametrize(("lost", "cause"), [(True, "connection"), (False, "no_media")])
def test_a_gap_is_the_connections_when_the_page_was_away(lost: bool, cause: str) -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    if lost:
        lose(log, T + MINUTE + 3 * SECOND, T + 3 * MINUTE - 5 * SECOND)  # picture and sound went before, and came after
    recorded(log, T + 3 * MINUTE, T + 5 * MINUTE)
    assert gaps(log, T + 5 * MINUTE) == (Gap(T + MINUTE, T + 3 * MINUTE, cause),)


def test_however_often_the_connection_was_lost_each_gap_has_its_cause() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    for number in range(1, 31):
        begin = T + number * MINUTE
        lose(log, begin, begin + 30 * SECOND)
        recorded(log, begin + 30 * SECOND, begin + MINUTE)
    assert [gap.cause for gap in gaps(log, T + 31 * MINUTE)] == ["connection"] * 30


def test_a_gap_that_has_several_causes_is_told_in_parts() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    log.take(presence.restart(log.room, T + 12 * MINUTE, 2, T + 11 * MINUTE), T + 12 * MINUTE)
    log.joined("c", T + 12 * MINUTE)
    lose(log, T + 20 * MINUTE, T + 25 * MINUTE)
    recorded(log, T + 32 * MINUTE, T + 33 * MINUTE)
    assert [(gap.since - T, gap.until - T, gap.cause) for gap in gaps(log, T + 33 * MINUTE)] == [
        (1 * MINUTE, 11 * MINUTE, "no_media"),
        (11 * MINUTE, 12 * MINUTE, "server"),
        (12 * MINUTE, 20 * MINUTE, "no_media"),
        (20 * MINUTE, 25 * MINUTE, "connection"),
        (25 * MINUTE, 32 * MINUTE, "no_media"),
    ]


def test_a_gap_is_the_servers_while_it_could_not_record() -> None:
    log = recorded(Log().at_work(), ENTRY, T + 2 * MINUTE)
    log.take(Decision((e.RecordingFault(candidate="c", why="queue_full"),)), T + 2 * MINUTE + SECOND)
    log.take(Decision((e.RecordingFault(candidate="c", why="disk"),)), T + 3 * MINUTE)
    log.take(Decision((e.RecordingResumed(candidate="c"),)), T + 4 * MINUTE)
    recorded(log, T + 5 * MINUTE, T + 6 * MINUTE)
    # Of a segment that could not be finished it is known later.
    log.take(Decision((e.RecordingFault(candidate="c", why="finalise_failed", since=T + 6 * MINUTE),)), T + 8 * MINUTE)
    recorded(log, T + 7 * MINUTE, T + 8 * MINUTE)
    # Nobody told of the end of this one: it ended before the next segment.
    log.take(Decision((e.RecordingFault(candidate="c", why="disk"),)), T + 8 * MINUTE)
    recorded(recorded(log, T + 9 * MINUTE, T + 10 * MINUTE), T + 11 * MINUTE, T + 12 * MINUTE)
    assert [(gap.since - T, gap.until - T, gap.cause) for gap in gaps(log, T + 12 * MINUTE)] == [
        (2 * MINUTE, 4 * MINUTE, "server"),
        (4 * MINUTE, 5 * MINUTE, "no_media"),
        (6 * MINUTE, 7 * MINUTE, "server"),
        (8 * MINUTE, 9 * MINUTE, "server"),
        (10 * MINUTE, 11 * MINUTE, "no_media"),
    ]


def test_a_gap_is_the_servers_while_it_stood_still_though_nobody_was_cut_off() -> None:
    log, back = recorded(Log().at_work(), ENTRY, T), T + 9 * SECOND
    log.take(presence.was_frozen(log.room, back, T + SECOND), back)
    recorded(log, back + 2 * SECOND, T + MINUTE)
    recorded(log, T + 2 * MINUTE, T + 3 * MINUTE)
    assert [(gap.since - T, gap.until - T, gap.cause) for gap in gaps(log, T + 3 * MINUTE)] == [
        (timedelta(0), 11 * SECOND, "server"),
        (MINUTE, 2 * MINUTE, "no_media"),
    ]


def test_a_fault_of_which_nobody_told_the_end_excuses_no_later_gap() -> None:
    log = recorded(Log().at_work(), ENTRY, T)
    log.take(Decision((e.RecordingFault(candidate="c", why="damaged"),)), T + SECOND)
    recorded(log, T + SECOND * 2, T + 10 * MINUTE)
    log.take(Decision((e.RecordingFault(candidate="c", why="disk"),)), T + 20 * MINUTE)
    log.take(Decision((e.RecordingResumed(candidate="c"),)), T + 21 * MINUTE)
    recorded(log, T + 21 * MINUTE, T + 95 * MINUTE)
    assert [(gap.since, gap.until, gap.cause) for gap in gaps(log, OVER)] == [
        (T, T + 2 * SECOND, "server"), (T + 10 * MINUTE, T + 20 * MINUTE, "no_media"),
        (T + 20 * MINUTE, T + 21 * MINUTE, "server"),
    ]  # fmt: skip


def test_a_segment_that_was_lost_is_the_servers_gap_up_to_the_next_one_whenever_that_was_found() -> None:
    log = recorded(Log().at_work(), ENTRY, T)
    recorded(log, T + MINUTE, T + 2 * MINUTE)
    log.take(Decision((e.RecordingFault(candidate="c", why="damaged", since=T),)), T + 30 * MINUTE)
    recorded(log, T + 30 * MINUTE, T + 95 * MINUTE)
    assert [(gap.since, gap.until, gap.cause) for gap in gaps(log, OVER)] == [
        (T, T + MINUTE, "server"), (T + 2 * MINUTE, T + 30 * MINUTE, "no_media"),
    ]  # fmt: skip


def test_what_is_missing_of_picture_or_sound_alone_is_a_gap_too() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    recorded(log, T + MINUTE, T + 2 * MINUTE, width=0, height=0, holes={"audio": [(50, 60)]})
    recorded(log, T + 2 * MINUTE, T + 3 * MINUTE, holes={"video": [(10, 20)], "audio": [(30, 60)]})
    assert [(gap.since - T, gap.until - T, gap.missing) for gap in gaps(log, T + 3 * MINUTE)] == [
        (60 * SECOND, 110 * SECOND, ("picture",)),
        (110 * SECOND, 120 * SECOND, ("picture", "sound")),
        (130 * SECOND, 140 * SECOND, ("picture",)),
        (150 * SECOND, 180 * SECOND, ("sound",)),
    ]


def test_picture_that_is_back_later_than_sound_was_away_for_the_same_cause() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    lose(log, T + MINUTE, T + 2 * MINUTE)
    recorded(log, T + 2 * MINUTE, T + 3 * MINUTE, holes={"video": [(0, 4)]})
    assert [(gap.missing, gap.cause) for gap in gaps(log, T + 3 * MINUTE)] == [
        (("picture", "sound"), "connection"), (("picture",), "connection"),
    ]  # fmt: skip


def test_who_has_no_microphone_lost_no_sound_for_as_long_as_the_page_had_none() -> None:
    log = Log().at_work()
    none = {"camera": {"ok": True}, "microphone": {"ok": False, "cause": "not_found"}}
    log.take(admission.report_device(log.room, T, "c", none, 1), T)
    recorded(log, ENTRY, T)
    recorded(log, T, T + 4 * MINUTE, audio_packets=0, holes={"audio": [(0, 240)], "video": [(60, 63)]})
    log.take(admission.report_device(log.room, T + 2 * MINUTE, "c", DEVICES, 1), T + 2 * MINUTE)
    assert [(gap.until - gap.since, gap.missing, gap.cause) for gap in gaps(log, T + 4 * MINUTE)] == [
        (60 * SECOND, ("sound",), "no_microphone"),
        (3 * SECOND, ("picture", "sound"), "no_media"),
        (57 * SECOND, ("sound",), "no_microphone"),
        (120 * SECOND, ("sound",), "no_media"),
    ]


def test_in_an_oral_exam_sound_that_is_missing_was_lost_whatever_the_device_has() -> None:  # X46
    log = Log().at_work()
    log.room = replace(log.room, form=Form.ORAL)
    none = {"camera": {"ok": True}, "microphone": {"ok": False, "cause": "not_found"}}
    log.take(admission.report_device(log.room, T, "c", none, 1), T)
    recorded(log, ENTRY, T)
    recorded(log, T, T + 4 * MINUTE, audio_packets=0, holes={"audio": [(0, 240)]})
    found = [(gap.until - gap.since, gap.missing, gap.cause) for gap in gaps(log, T + 4 * MINUTE)]
    assert found == [(4 * MINUTE, ("sound",), "no_media")]


def test_the_hand_over_lists_segments_with_their_times_and_the_gaps() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE, holes={"audio": [(5, 9)]})
    log.submit(T + 6 * MINUTE)
    log.pass_time(T + 91 * MINUTE).pass_time(OVER)
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    handed = closing.hand_over(log.room, OVER, by="s", handover="h", log_head=(9, "ab")).events[0]
    manifest = json.loads(handed.manifest)
    held = manifest["recordings"][0]
    assert held["ended_at"] == (T + MINUTE).isoformat()
    assert held["holes"] == [{"kind": "audio", "from_ms": 5000, "to_ms": 9000}]
    assert [(gap["candidate"], gap["missing"], gap["cause"]) for gap in manifest["gaps"]] == [
        ("c", ["sound"], "no_media"), ("c", ["picture", "sound"], "no_media"),
    ]  # fmt: skip
