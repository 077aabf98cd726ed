"""The manifest that the player reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from proctor.recording.index import manifest
from tests.recording.support import FakeClock


def closed(name: str, start: float, seconds: float, width: int = 640) -> dict[str, Any]:
    began = FakeClock.anchor + timedelta(seconds=start)
    return {
        "segment": name,
        "started_at": began.isoformat(timespec="milliseconds"),
        "ended_at": (began + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"),
        "duration_ms": round(seconds * 1000),
        "width": width, "height": width * 9 // 16, "bytes": 1, "sha256": "ab", "layer": "h", "holes": [],
    }  # fmt: skip


def opened(name: str, start: float) -> dict[str, Any]:
    began = FakeClock.anchor + timedelta(seconds=start)
    return {"segment": name, "started_at": began.isoformat(), "layer": "h", "width": 640, "height": 360}


BASE = round(FakeClock.anchor.timestamp() * 1000)


def test_segments_stand_in_order_of_time_each_once() -> None:
    made = manifest([closed("b", 60, 60), closed("a", 0, 60), closed("b", 60, 60), opened("a", 0)])
    assert [(one["id"], one["start_ms"] - BASE) for one in made["segments"]] == [("a", 0), ("b", 60_000)]
    assert made["gaps"] == [] and made["open"] is None
    assert made["ended_at"] == closed("b", 60, 60)["ended_at"]


def test_gaps_are_what_no_segment_covers() -> None:
    made = manifest(
        [
            closed("a", 0, 60),
            closed("b", 60.4, 10),
            closed("c", 65, 2),
            closed("d", 71.0, 5),
            closed("e", 90, 5),
        ]
    )
    assert [(gap["from_ms"] - BASE, gap["to_ms"] - BASE) for gap in made["gaps"]] == [
        (70_400, 71_000),
        (76_000, 90_000),
    ]


def test_the_segment_being_recorded_is_named() -> None:
    made = manifest([opened("a", 0), closed("a", 0, 60), opened("b", 60)])
    assert made["open"] == {"id": "b", "start_ms": BASE + 60_000}


def test_sound_alone_has_its_own_type() -> None:
    made = manifest([closed("a", 0, 60, 0), closed("b", 60, 60)])
    assert [one["mime"] for one in made["segments"]] == [
        'audio/webm; codecs="opus"',
        'video/webm; codecs="vp8,opus"',
    ]


def test_nothing_recorded_is_an_empty_manifest() -> None:
    assert manifest([]) == {"started_at": None, "ended_at": None, "segments": [], "gaps": [], "open": None}
