"""What the list of recordings tells of each (web/replay.py)."""

from __future__ import annotations

from proctor.web.replay import period


def test_a_recording_lasts_until_its_last_picture_whichever_segment_has_it() -> None:
    long = {"started_at": "2026-11-23T02:04:00.000Z", "ended_at": "2026-11-23T02:05:00.000Z"}
    short = {"started_at": "2026-11-23T02:04:13.400Z", "ended_at": "2026-11-23T02:04:14.000Z"}
    assert period([long, short]) == {"from": long["started_at"], "to": long["ended_at"]}
    assert period([]) == {"from": None, "to": None}
