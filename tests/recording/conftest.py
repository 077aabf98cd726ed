"""What tests of the replay share: a recorded sitting, and the browser that plays it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from copy import deepcopy
from multiprocessing import get_context

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import shared_chromium
from tests.recording.playing import Sitting, recorded, sit


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Where recordings are finalised; one for all tests, since it is slow to start."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole(tmp_path_factory: pytest.TempPathFactory, pool: Executor) -> Sitting:
    return await recorded(tmp_path_factory.mktemp("recordings"), pool, sit)


@pytest.fixture
def sitting(whole: Sitting) -> Sitting:
    """A test's own copy of the manifest."""
    return Sitting(deepcopy(whole.manifest), whole.segments)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with shared_chromium() as browser:
        yield browser
