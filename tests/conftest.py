"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from proctor import logs
from tests.browser.chromium import close_shared_chromiums
from tests.support.clock import SteppedClock
from tests.support.house import Server, running
from tests.support.turns import Turns

turns = Turns()
WHOLE = {"browser", Path(__file__).parent.name}  # folders whose tests lead whole pages, or a whole house


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def server(tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Server]:
    """A whole server on loopback whose time stands still until the test moves it."""
    async with running(tmp_path, clock) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def _shared_chromiums() -> AsyncIterator[None]:
    yield
    await close_shared_chromiums()


def pytest_configure() -> None:
    """Log as the product does: structlog alone draws a traceback with the values of all variables, for seconds."""
    logs.configure()
    if examples := os.environ.get("PROCTOR_FUZZ_EXAMPLES"):  # scripts/fuzz
        settings.register_profile(
            "fuzz", max_examples=int(examples), deadline=None, suppress_health_check=list(HealthCheck)
        )
        settings.load_profile("fuzz")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with what is `measured` first; then those that drive a browser evenly among the others. Of each kind
    the longest come first, so that in the end the processes have short ones left: those that lead whole pages or a
    whole house, and that have much in them."""
    count = Counter(item.path for item in items)
    measured = Counter(item.path for item in items if item.get_closest_marker("measured"))
    driven = {item.path for item in items if item.get_closest_marker("browser")} - measured.keys()
    place: dict[Path, float] = {path: -number / count[path] for path, number in measured.items()}
    for kind in (driven, count.keys() - measured.keys() - driven):
        lengths = {path: (path.parent.name in WHOLE, path.stat().st_size) for path in sorted(kind)}
        of_kind = sorted(lengths, key=lengths.__getitem__, reverse=True)
        place |= {path: (at + 0.5) / len(of_kind) for at, path in enumerate(of_kind)}
    items.sort(key=lambda item: place[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    turns.take(item)
    try:
        return (yield)
    finally:
        turns.give_back(nextitem)
