"""Kill -9 under real pages: they come back by themselves, and what was typed meanwhile is there."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Response

from tests.browser.chromium import LOOK, new_page, shared_chromium, until
from tests.browser.entering import admit_from_queue, open_in_the_lobby, sign_in_staff
from tests.support.command import Stopwatch
from tests.support.house import PASSWORD
from tests.support.killable import STARTS_AT, KillableServer, planned
from tests.test_restart import all_admitted

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
            await watcher.get_by_test_id("wall").wait_for()
            await open_in_the_lobby(page, server, exam, "001")
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
        first, *_, last = sorted(state.sittings[candidate].recorded(), key=lambda segment: segment["started_at"])
        assert first["recovered"]
        assert not last["recovered"]
        assert first["ended_at"] < last["started_at"]
        assert errors == []


NOTICES = ("offline-notice", "phone-offline", "phone-refused", "error", "player-error")
LOST = f"document.querySelector('{', '.join(f'[data-testid={name}]' for name in NOTICES)}') !== null"
PLAYER_LOST = "document.querySelector('[data-testid=player-error]') !== null"
OTHERS = {  # by a role; what each reads to show how things stand, or the socket
    "office": ("training_office", r"/api/exams$"),
    "supervisor": ("supervisor", r"/state$"),
    "inspector, live": ("inspector", None),
    "inspector, replay": ("inspector", r"/recordings$"),
    "technician": ("tech_support", None),
    "IT unit": ("it_unit", r"/api/exams$"),
    "unit head": ("unit_head", r"/api/exams$"),
    "telephone": ("phone", r"/phone$"),
}


class Told:
    """The answers by which a page learns how things stand."""

    def __init__(self, page: Page, path: str | None) -> None:
        self._path = path and re.compile(path)
        self._news = asyncio.Event()
        page.on("response", self._take)

    def _take(self, response: Response) -> None:
        if self._path and response.ok and self._path.search(response.url.partition("?")[0]):
            self._news.set()

    def forget(self) -> None:
        self._news.clear()

    async def again(self) -> None:
        if self._path:
            await self._news.wait()


@pytest.mark.long
async def test_the_other_pages_come_back_too_without_a_hand(tmp_path: Path) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, 1, regime="B")
    candidate = exam.candidates["001"]
    errors: list[str] = []
    async with contextlib.AsyncExitStack() as stack, shared_chromium() as desk:
        pages = {name: await new_page(desk, errors) for name in OTHERS}
        told = {name: Told(page, OTHERS[name][1]) for name, page in pages.items()}
        async with server.up():
            await server.jump_to(STARTS_AT)
            _, (writer,) = await all_admitted(server, exam, stack)
            await writer.page.hear("paper_key")
            publisher = await writer.publish()
            link = (await writer.page.post(f"/api/rooms/{exam.room}/phone/link"))["link"]
            await server.has_recorded(exam.room, candidate, seconds=1)

            async def opened(name: str) -> None:
                page, (role, _) = pages[name], OTHERS[name]
                if role == "phone":
                    await page.goto(link)
                    await until(page, "document.querySelector('[data-testid=phone][data-state=open]') !== null")
                    return
                where = "office" if role == "training_office" else role
                await page.goto(f"{server.url}/{where}")
                await page.get_by_test_id("sign-in-name").fill(role)
                await page.get_by_test_id("sign-in-password").fill(PASSWORD)
                await page.get_by_test_id("sign-in-submit").click()
                if name == "inspector, live":
                    await page.get_by_test_id("watch-room").click()
                    await page.get_by_test_id("tile").wait_for()
                elif name == "inspector, replay":
                    await page.get_by_test_id("choose-room").click()
                    await page.get_by_test_id("sitting").click()
                elif role == "tech_support":
                    await page.get_by_test_id("choose-room").click()
                    await page.get_by_test_id("console-row").wait_for()

            async def noticed(name: str) -> None:
                await until(pages[name], PLAYER_LOST if name == "inspector, replay" else LOST)

            for name in OTHERS:
                await opened(name)
                await told[name].again()
            assert not [name for name, page in pages.items() if await page.evaluate(LOST)]
            await server.kill()
            await publisher.stop(goodbye=False)

        await asyncio.gather(*map(noticed, OTHERS))
        for each in told.values():
            each.forget()

        async with server.up():
            watch = Stopwatch()

            async def back(name: str) -> None:
                await told[name].again()
                await until(pages[name], f"!({LOST})")
                print(f"{name} back after {watch.seconds:.2f} s")
                assert watch.seconds < 5, name

            async with asyncio.timeout(20):
                await asyncio.gather(*map(back, OTHERS))
            replay = pages["inspector, replay"]
            await until(replay, "document.querySelector('[data-testid=player]')?.dataset.ready === 'true'")
            await writer.page.leave()
    assert errors == []
