"""The tests of this folder run on one event loop a process, so that they can share a browser (chromium.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.chromium import one_loop
from tests.support.clock import SteppedClock
from tests.support.house import Server, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    one_loop(HERE, items)


@pytest_asyncio.fixture(loop_scope="session")
async def server(tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Server]:
    """As that of all tests, on this folder's loop."""
    async with running(tmp_path, clock) as started:
        yield started
