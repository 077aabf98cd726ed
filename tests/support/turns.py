"""Whose turn it is, when several processes share the suite.

A test marked `measured` holds a bar of time, which what runs beside it could break: it waits until the other processes
have ended their tests, and they wait for it and for those that follow it. The others run beside one another.
"""

from __future__ import annotations

import fcntl
import time
from io import TextIOWrapper
from pathlib import Path

import psutil
import pytest

_LOOK_SECONDS = 0.25
_LOOKS = 20  # at most
_QUIET = 0.2  # of a processor


class Turns:
    """The turn of this process, kept in two files that all processes of a run lock, in this order: `queue`, `turn`."""

    def __init__(self) -> None:
        self._held: TextIOWrapper | None = None
        self._alone = False

    def take(self, item: pytest.Item) -> None:
        """Wait until `item` may run. Nothing waits when one process runs the suite."""
        alone = item.get_closest_marker("measured") is not None
        if not hasattr(item.config, "workerinput") or (self._held and self._alone and alone):
            return
        shared = Path(item.config.getoption("basetemp")).parent  # the folder that all processes of the run see
        with (shared / "queue").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)  # kept while waiting, so that nobody overtakes who waits to be alone
            self._held, self._alone = (shared / "turn").open("w"), alone
            fcntl.flock(self._held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if alone:
            _settle()

    def give_back(self, following: pytest.Item | None) -> None:
        """The test is over; a turn alone goes on while `following` is measured too."""
        if self._held and not (self._alone and following and following.get_closest_marker("measured")):
            self._held.close()
            self._held = None


def _settle() -> None:
    """Wait until what the other processes' tests left behind is done with: pages that were closed go on for a while."""
    for _ in range(_LOOKS):
        before = _spent_by_others()
        time.sleep(_LOOK_SECONDS)
        spent = sum(now - before.get(pid, 0.0) for pid, now in _spent_by_others().items())
        if spent < _LOOK_SECONDS * _QUIET:
            return


def _spent_by_others() -> dict[int, float]:
    """Processor seconds of all processes but this one and what it started, by process."""
    me = psutil.Process()
    own = {me.pid, *(child.pid for child in me.children(recursive=True))}
    return {
        process.pid: times.user + times.system
        for process in psutil.process_iter(["cpu_times"])
        if process.pid not in own and (times := process.info["cpu_times"])
    }
