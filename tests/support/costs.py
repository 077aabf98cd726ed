"""What a process costs: time on processors, and memory, read from /proc."""

from __future__ import annotations

import contextlib
from pathlib import Path


def cpu_seconds(pid: int) -> dict[str, float]:
    """Time on a processor, to the nanosecond, of a process's first thread (the loop), of its other threads, and of
    its children (the pool). The ticks in /proc/pid/stat are too coarse here, since the server wakes in step with
    the timer."""
    found = {"loop": 0.0, "threads": 0.0}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            spent = int((task / "schedstat").read_text().split()[0]) / 1e9
            found["loop" if task.name == str(pid) else "threads"] += spent
    found["pool"] = sum(sum(cpu_seconds(child).values()) for child in children(pid))
    return found


def rss_mb(pid: int) -> float:
    """Of a process and its children; what they share is divided among them, and among whoever else has it."""
    own = _kilobytes(pid, "Pss") / 1024
    return own + sum(rss_mb(child) for child in children(pid))


def memory_mb(pid: int) -> tuple[float, float]:
    """All that a process has in memory, shared or not; and what its children have for themselves."""
    return _kilobytes(pid, "Rss") / 1024, sum(_own_mb(child) for child in children(pid))


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, (task / "children").read_text().split())
    return found


def _own_mb(pid: int) -> float:
    own = (_kilobytes(pid, "Private_Clean") + _kilobytes(pid, "Private_Dirty")) / 1024
    return own + sum(_own_mb(child) for child in children(pid))


def _kilobytes(pid: int, name: str) -> int:
    return int(Path(f"/proc/{pid}/smaps_rollup").read_text().split(f"{name}:")[1].split()[0])
