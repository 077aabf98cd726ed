"""Whose turn it is, when several processes share the suite.

A test marked `measured` holds a bar of time, which what runs beside it could break: it waits until the other processes
have ended their tests, and they wait for it. The others run beside one another.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def turn(shared: Path, *, alone: bool) -> Iterator[None]:
    """Hold the machine, `alone` or with the others; `shared` is a folder that all processes of this run know."""
    with (shared / "queue").open("w") as queue, (shared / "turn").open("w") as held:
        fcntl.flock(queue, fcntl.LOCK_EX)  # kept while waiting, so that nobody overtakes who waits to be alone
        fcntl.flock(held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield
