"""What of an exam was not recorded, from when to when and why (A14.2c.7)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor.exam import coverage
from proctor.exam import events as e
from proctor.exam.coverage import Gap
from proctor.exam.decisions import closing, presence
from proctor.exam.room import Decision
from tests.exam.rooms import ENTRY, MINUTE, Log, T

OVER = T + 95 * MINUTE + timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


def recorded(log: Log, since: datetime, until: datetime) -> Log:
    segment: dict[str, Any] = {
        "segment": since.isoformat(), "started_at": since.isoformat(), "ended_at": until.isoformat(),
        "sha256": "1" * 64, "stored_sha256": "2" * 64,
    }  # fmt: skip
    log.take(Decision((e.SegmentClosed(candidate="c", segment=segment),)), until)
    return log


def gaps(log: Log, now: datetime) -> tuple[Gap, ...]:
    return coverage.gaps(log.room, log.room.sittings["c"], now)


def test_who_was_not_admitted_is_not_expected_on_the_recording() -> None:
    log = Log().published("c").attended().waiting("c")
    assert gaps(log, T + 5 * MINUTE) == ()


def test_everything_from_the_admission_to_the_hand_in_is_accounted_for() -> None:
    log = recorded(recorded(Log().at_work(), ENTRY, T), T, T + 10 * MINUTE)
    log.submit(T + 10 * MINUTE)
    assert gaps(log, OVER) == ()


def test_who_sent_nothing_has_one_gap_from_the_admission_to_the_end() -> None:
    log = Log().at_work().pass_time(OVER)
    assert gaps(log, OVER) == (Gap(ENTRY, log.room.schedule.end_at, "no_media"),)


def test_what_is_being_recorded_is_not_judged_yet() -> None:
    log = recorded(Log().at_work(), ENTRY, T)
    assert gaps(log, T + coverage.UNFINISHED) == ()
    assert gaps(log, T + coverage.UNFINISHED + SECOND) == (Gap(T, T + SECOND, "no_media"),)


@pytest.mark.parametrize(("lost", "cause"), [(True, "connection"), (False, "no_media")])
def test_a_gap_is_the_connections_when_the_page_was_away(lost: bool, cause: str) -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    if lost:
        log.take(presence.disconnect_candidate(log.room, T + MINUTE, "c", 1, "network"), T + MINUTE)
        log.take(presence.connect_candidate(log.room, T + 3 * MINUTE, "c", 1), T + 3 * MINUTE)
    recorded(log, T + 3 * MINUTE, T + 5 * MINUTE)
    assert gaps(log, T + 5 * MINUTE) == (Gap(T + MINUTE, T + 3 * MINUTE, cause),)


def test_a_gap_is_the_servers_when_it_was_away_or_could_not_record() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    log.take(Decision((e.RecordingFault(candidate="c", why="queue_full"),)), T + 2 * MINUTE)
    recorded(log, T + 3 * MINUTE, T + 5 * MINUTE)
    log.take(presence.restart(log.room, T + 7 * MINUTE, 2, T + 5 * MINUTE), T + 7 * MINUTE)
    recorded(log, T + 7 * MINUTE, T + 9 * MINUTE)
    assert [gap.cause for gap in gaps(log, T + 9 * MINUTE)] == ["server", "server"]


def test_the_hand_over_lists_segments_with_their_times_and_the_gaps() -> None:
    log = recorded(Log().at_work(), ENTRY, T + MINUTE)
    log.submit(T + 6 * MINUTE)
    log.pass_time(T + 91 * MINUTE).pass_time(OVER)
    log.take(closing.publish_lists(log.room, OVER, by="s", reason=""), OVER)
    handed = closing.hand_over(log.room, OVER, by="s", handover="h", log_head=(9, "ab")).events[0]
    manifest = json.loads(handed.manifest)
    assert manifest["recordings"][0]["ended_at"] == (T + MINUTE).isoformat()
    assert [(gap["candidate"], gap["cause"]) for gap in manifest["gaps"]] == [("c", "no_media")]
