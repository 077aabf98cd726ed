"""Kill -9 under real pages: they come back by themselves, and what was typed meanwhile is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.browser.chromium import LOOK, new_page, shared_chromium, until
from tests.browser.entering import admit_from_queue, reach_the_lobby, sign_in_staff
from tests.support.command import Stopwatch
from tests.support.killable import STARTS_AT, KillableServer, planned

pytestmark = [pytest.mark.browser, pytest.mark.measured]

TYPED = "Vật chất quyết định ý thức."
CONNECTED = "document.querySelector('[data-testid=connection-state]')?.dataset.state === 'connected'"
WATCHING = "!document.querySelector('[data-testid=offline-notice]')"
SENDING = "document.querySelector('[data-testid=media-state]')?.dataset.state === 'sending'"
SAVED = "document.querySelector('[data-testid=save-state]')?.dataset.state === 'server'"


async def test_pages_come_back_by_themselves_within_five_seconds_of_the_server(tmp_path: Path) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, 1)
    candidate = exam.candidates["001"]
    tile = f"[data-testid=tile][data-candidate={candidate}] video"
    errors: list[str] = []
    async with (
        shared_chromium(face=True) as home,
        shared_chromium() as desk,
    ):
        page, watcher = await new_page(home, errors, opens_offline=True), await new_page(desk, errors)
        async with server.up():
            await server.jump_to(STARTS_AT)
            await sign_in_staff(watcher, server, "invigilator", "invigilator")
            await reach_the_lobby(page, server, "001", exam.codes["001"])
            await admit_from_queue(watcher)
            await until(page, "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'open'")
            await page.get_by_test_id("answer").fill(TYPED)
            await until(page, SAVED)
            await until(watcher, f"({LOOK})('{tile}')?.contrast > 10")
            await server.has_recorded(exam.room, candidate, seconds=2)
            await server.kill()

        await asyncio.gather(until(page, f"!({CONNECTED})"), until(watcher, f"!({WATCHING})"))
        await page.get_by_test_id("answer").fill(f"{TYPED} Viết khi máy chủ tắt.")
        await until(page, "document.querySelector('[data-testid=save-state]')?.dataset.state === 'local'")

        async with server.up():
            watch = Stopwatch()
            await asyncio.gather(until(page, CONNECTED), until(watcher, WATCHING))
            print(f"sockets back after {watch.seconds:.2f} s")
            assert watch.seconds < 5
            await until(page, SAVED)
            state, _ = server.room(exam.room)
            assert state.sittings[candidate].text == f"{TYPED} Viết khi máy chủ tắt."
            await until(page, SENDING)
            print(f"media back after {watch.seconds:.2f} s")
            assert watch.seconds < 5
            before = (await watcher.evaluate(LOOK, tile) or {"frames": 0})["frames"]
            await until(watcher, f"(() => {{ const look = ({LOOK})('{tile}'); "
                                 f"return look?.contrast > 10 && look.frames !== {before}; }})()")  # fmt: skip
            print(f"live picture back after {watch.seconds:.2f} s")
            await server.has_recorded(exam.room, candidate, seconds=1)
            server.command.terminate()
            assert await server.command.ended() == 0
        state, _ = server.room(exam.room)
        first, *_, last = sorted(state.sittings[candidate].segments, key=lambda segment: segment["started_at"])
        assert first["recovered"]
        assert not last["recovered"]
        assert first["ended_at"] < last["started_at"]
        assert errors == []
