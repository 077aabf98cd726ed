"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from tests.support.clock import SteppedClock
from tests.support.house import Server, running
from tests.support.turns import turn


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def server(tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Server]:
    """A whole server on loopback whose time stands still until the test moves it."""
    async with running(tmp_path, clock) as started:
        yield started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not hasattr(item.config, "workerinput"):  # one process runs them all
        return (yield)
    shared = Path(item.config.getoption("basetemp")).parent
    with turn(shared, alone=item.get_closest_marker("measured") is not None):
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files that drive a browser evenly among the others: side by side, two of them hinder each other."""
    files = dict.fromkeys(item.path for item in items)
    driven = {item.path for item in items if item.get_closest_marker("browser")}
    place: dict[Path, float] = {}
    for kind in (driven, files.keys() - driven):
        of_kind = [path for path in files if path in kind]
        place |= {path: (at + 0.5) / len(of_kind) for at, path in enumerate(of_kind)}
    items.sort(key=lambda item: place[item.path])
