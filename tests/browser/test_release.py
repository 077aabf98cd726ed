"""At the release every page that waits shows the paper within a second (X34)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import come_in, open_room, paper_is_open

pytestmark = [pytest.mark.browser, pytest.mark.measured]

SEALED = "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'sealed'"
READY = "import('/lib/pdf.js').then(({ preload }) => preload()).then(() => true)"


async def test_a_laptop_and_a_telephone_show_the_paper_within_a_second(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, clock, exam, invigilator), shared_chromium() as browser:
        pages = [await new_page(browser, errors), await new_page(browser, errors, width=390, height=844)]
        for page, number in zip(pages, exam.codes, strict=True):
            await come_in(page, server, exam, number, invigilator)
        for page in pages:  # as minutes before the release
            await until(page, SEALED)
            await until(page, READY)
        live = server.house.rooms.get(exam.room)
        clock.jump_to(exam.starts_at)
        await asyncio.gather(*map(paper_is_open, pages))
        async with asyncio.timeout(5):
            while not all(known.paper_opened_at for known in live.state.sittings.values()):
                await asyncio.sleep(0.02)
        took = [known.paper_opened_at - live.state.released_at for known in live.state.sittings.values()]
        print(f"readable after {', '.join(f'{each.total_seconds():.2f}' for each in took)} s")
        assert max(took) < timedelta(seconds=1)
    assert errors == []
