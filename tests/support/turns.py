"""Whose turn it is, when several processes share the suite.

A test marked `measured` holds a bar of time, which what runs beside it could break: it waits until the other processes
have ended their tests, and they wait for it and for those that follow it. The others run beside one another.
"""

from __future__ import annotations

import fcntl
from io import TextIOWrapper
from pathlib import Path

import pytest


class Turns:
    """The turn of this process, kept in two files that all processes of a run lock."""

    def __init__(self) -> None:
        self._held: TextIOWrapper | None = None
        self._alone = False

    def take(self, item: pytest.Item) -> None:
        """Wait until `item` may run. Nothing waits when one process runs the suite."""
        alone = item.get_closest_marker("measured") is not None
        if not hasattr(item.config, "workerinput") or (self._held and self._alone and alone):
            return
        shared = Path(item.config.getoption("basetemp")).parent
        with (shared / "queue").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)  # kept while waiting, so that nobody overtakes who waits to be alone
            self._held, self._alone = (shared / "turn").open("w"), alone
            fcntl.flock(self._held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def give_back(self, following: pytest.Item | None) -> None:
        """The test is over; a turn alone goes on while `following` is measured too."""
        if self._held and not (self._alone and following and following.get_closest_marker("measured")):
            self._held.close()
            self._held = None
