"""Examining the disk: for how many hours of an exam it has room, and whether recordings share it with the data."""

from __future__ import annotations

import heapq
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from proctor.config import Config
from proctor.operations.finding import Finding, failure, ok, warning
from proctor.recording.finalise import FACTS_SUFFIX

_NAME = "disk"
_ASSUMED = 450_000 / 8  # bytes a second: 400 kbit/s of picture, the bound in webclient/lib/media.js, and 50 of sound
_SEGMENTS_MEASURED = 500
_LEAST_MEASURED_SECONDS = 60.0
_ONE_EXAM, _SEVERAL_EXAMS = 4.0, 24.0  # hours


def disk(config: Config, candidates: int) -> Finding:
    """Hours until the recordings' volume is full, beside the reserve that answers and the log keep."""
    recordings, data = _existing(config.recordings), _existing(config.data)
    free = shutil.disk_usage(recordings).free
    shared = recordings.stat().st_dev == data.stat().st_dev
    measured = _measured(config.recordings)
    rate = measured or _ASSUMED
    reserve = config.free_bytes if shared else 0
    hours = max(0, free - reserve) / (rate * candidates * 3600)
    details = {
        "free_bytes": free, "hours": round(hours, 1), "candidates": candidates, "shared_volume": shared,
        "bytes_per_candidate_second": round(rate), "rate": "measured" if measured else "assumed",
    }  # fmt: skip
    source = ("đo từ bản ghi đã có", "measured on recordings here") if measured else (
        "mức cao nhất trang gửi", "the most that pages send")  # fmt: skip
    vi = (f"Còn {free / 1e9:.1f} GB cho bản ghi: {hours:.1f} giờ với {candidates} thí sinh, mỗi người "
          f"{rate * 8 / 1000:.0f} kbit/s ({source[0]}).")  # fmt: skip
    en = (f"{free / 1e9:.1f} GB are free for recordings: {hours:.1f} hours of {candidates} candidates at "
          f"{rate * 8 / 1000:.0f} kbit/s each ({source[1]}).")  # fmt: skip
    if shared:
        vi += " Dữ liệu và bản ghi chung một đĩa: đĩa đầy thì bài viết cũng không lưu được."
        en += " Data and recordings share a volume: when it is full, answers cannot be saved either."
    if hours < _ONE_EXAM:
        return failure(_NAME, vi, en, "Giải phóng chỗ, hoặc đặt --recordings ở đĩa lớn hơn.",
                       "Free some space, or put --recordings on a larger disk.", **details)  # fmt: skip
    if hours < _SEVERAL_EXAMS:
        return warning(_NAME, vi, en, "Chuyển bản ghi cũ đi, hoặc đặt --recordings ở đĩa lớn hơn.",
                       "Move old recordings away, or put --recordings on a larger disk.", **details)  # fmt: skip
    if shared:
        return warning(_NAME, vi, en, "Đặt --recordings ở một đĩa riêng.",
                       "Put --recordings on a volume of its own.", **details)  # fmt: skip
    return ok(_NAME, vi, en, **details)


def _measured(recordings: Path) -> float | None:
    """Bytes a second of a sitting in the newest finished segments; None without enough of them."""
    newest = heapq.nlargest(_SEGMENTS_MEASURED, recordings.glob(f"*/*/s*{FACTS_SUFFIX}"), key=lambda path: path.name)
    found = list(_facts(newest))
    seconds = sum(duration for _, duration in found)
    return sum(size for size, _ in found) / seconds if seconds >= _LEAST_MEASURED_SECONDS else None


def _facts(paths: list[Path]) -> Iterator[tuple[int, float]]:
    for path in paths:
        try:
            facts = json.loads(path.read_text())
            yield int(facts["stored_bytes"]), int(facts["duration_ms"]) / 1000
        except (OSError, ValueError, KeyError):  # an odd one measures nothing
            continue


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: what is not made yet will lie on its volume."""
    while not folder.exists():
        folder = folder.parent
    return folder
