"""From the facts of a sitting's segments to the manifest that the replay player reads. Pure.

    {"started_at", "ended_at",
     "segments": [{"id", "start_ms", "duration_ms", "mime", "width", "height", "bytes", "sha256", "layer",
                   "holes"}],
     "gaps": [{"from_ms", "to_ms"}],
     "open": {"id", "start_ms"} | null}

`start_ms`, `from_ms` and `to_ms` are milliseconds of server time since 1970 (UTC); those inside `holes`
count from the segment's beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

GAP_MS = 500  # shorter ones are the seam between two segments
VIDEO_MIME = 'video/webm; codecs="vp8,opus"'
AUDIO_MIME = 'audio/webm; codecs="opus"'


def manifest(segments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`segments` are payloads of segment_closed, in any order, repeated or not, and of segment_opened for
    those still being recorded."""
    closed: dict[str, Mapping[str, Any]] = {}
    opened: dict[str, Mapping[str, Any]] = {}
    for facts in segments:
        (closed if "sha256" in facts else opened)[facts["segment"]] = facts
    ordered = sorted(closed.values(), key=lambda facts: (facts["started_at"], facts["segment"]))
    entries = [_entry(facts) for facts in ordered]
    gaps = []
    covered_to = entries[0]["start_ms"] if entries else 0
    for entry in entries:
        if entry["start_ms"] - covered_to >= GAP_MS:
            gaps.append({"from_ms": covered_to, "to_ms": entry["start_ms"]})
        covered_to = max(covered_to, entry["start_ms"] + entry["duration_ms"])
    still_open = [facts for name, facts in opened.items() if name not in closed]
    latest = max(still_open, key=lambda facts: facts["started_at"], default=None)
    return {
        "started_at": ordered[0]["started_at"] if ordered else None,
        "ended_at": max((facts["ended_at"] for facts in ordered), default=None),
        "segments": entries,
        "gaps": gaps,
        "open": {"id": latest["segment"], "start_ms": _ms(latest["started_at"])} if latest else None,
    }


def _entry(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": facts["segment"],
        "start_ms": _ms(facts["started_at"]),
        "duration_ms": facts["duration_ms"],
        "mime": VIDEO_MIME if facts["width"] else AUDIO_MIME,
        **{name: facts[name] for name in ("width", "height", "bytes", "sha256", "layer", "holes")},
    }


def _ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
