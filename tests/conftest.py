"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from tests.support.clock import SteppedClock
from tests.support.house import Server, running
from tests.support.turns import Turns

turns = Turns()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def server(tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Server]:
    """A whole server on loopback whose time stands still until the test moves it."""
    async with running(tmp_path, clock) as started:
        yield started


@pytest.hookimpl(tryfirst=True)  # the groups are read by what shares the tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is `measured` first, one process after the other; then those that drive a browser evenly among the rest."""
    place: dict[pytest.Item, float] = {}
    for item in items:
        if item.get_closest_marker("measured"):
            item.add_marker(pytest.mark.xdist_group("measured"))
            place[item] = -1
    rest = [item for item in items if item not in place]
    for driving in (True, False):
        of_kind = [item for item in rest if bool(item.get_closest_marker("browser")) is driving]
        place |= {item: (at + 0.5) / len(of_kind) for at, item in enumerate(of_kind)}
    items.sort(key=lambda item: place[item])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    turns.take(item)
    try:
        return (yield)
    finally:
        turns.give_back(nextitem)
