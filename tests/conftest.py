"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clock import SteppedClock
from tests.support.house import Server, running


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def server(tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Server]:
    """A whole server on loopback whose time stands still until the test moves it."""
    async with running(tmp_path, clock) as started:
        yield started
