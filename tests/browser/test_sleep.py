"""A page that is loaded again, a laptop that sleeps, a server that stands still: both ends notice, and all goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser.camera import portrait, tone
from tests.browser.chromium import CHROMIUM, chromium, new_page, shared_chromium, until
from tests.browser.entering import admit_from_queue, open_in_the_lobby, sign_in_staff
from tests.support.command import Stopwatch
from tests.support.killable import STARTS_AT, KillableServer, planned

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.measured]

SLEEP = float(os.environ.get("PROCTOR_SLEEP", "40"))  # seconds; nothing of a connection lasts longer than 30 in silence
BACK = 5.0  # seconds
NOTICED = 5.5  # an exchange of clocks a second, each of which is waited for for four
TYPED = "Trước giấc ngủ."
CONNECTED = "document.querySelector('[data-testid=connection-state]')?.dataset.state === 'connected'"
SENDING = "document.querySelector('[data-testid=media-state]')?.dataset.state === 'sending'"
SAVED = "document.querySelector('[data-testid=save-state]')?.dataset.state === 'server'"
TRACKS = "document.querySelector('[data-testid=self-view]').srcObject.getTracks().map((t) => [t.id, t.readyState])"


async def test_after_a_reload_or_sleep_of_laptop_or_server_the_same_sitting_goes_on_within_five_seconds(
    tmp_path: Path,
) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, 1)
    candidate, errors = exam.candidates["001"], []
    face, voice = portrait(tmp_path / "face.y4m"), tone(tmp_path / "voice.wav", 440)
    laptop = Laptop(tmp_path)
    async with (
        async_playwright() as playwright,
        chromium(playwright, camera=face, microphone=voice, executable=laptop.browser) as home,
        shared_chromium() as desk,
        server.up(),
    ):
        page, watcher = await new_page(home, errors), await new_page(desk, errors)
        await server.jump_to(STARTS_AT)
        await sign_in_staff(watcher, server, "invigilator", "invigilator")
        await watcher.get_by_test_id("wall").wait_for()
        await open_in_the_lobby(page, server, exam, "001")
        await admit_from_queue(watcher)
        await page.get_by_test_id("answer").fill(TYPED)
        await until(page, SAVED)
        await server.has_recorded(exam.room, candidate, seconds=2)
        device = server.room(exam.room)[0].sittings[candidate].device

        watch = Stopwatch()
        await page.reload()
        await until(page, f"{CONNECTED} && {SENDING}")
        print(f"loaded again and back after {watch.seconds:.2f} s")
        assert watch.seconds < BACK
        tracks = await page.evaluate(TRACKS)
        await server.has_recorded(exam.room, candidate, seconds=1)
        assert len(server.room(exam.room)[0].sittings[candidate].segments) == 1

        server.command.stop()
        watch = Stopwatch()
        await until(page, f"!({CONNECTED})")
        print(f"the page noticed after {watch.seconds:.2f} s that the server stood still")
        assert watch.seconds < NOTICED
        server.command.go_on()
        watch = Stopwatch()
        await until(page, f"{CONNECTED} && {SENDING}")
        print(f"back after {watch.seconds:.2f} s")
        assert watch.seconds < BACK
        await server.has_recorded(exam.room, candidate, seconds=1)

        laptop.sleep()
        await asyncio.sleep(SLEEP)  # this computer's time, since a browser is really stopped
        state = server.room(exam.room)[0]
        assert not state.sittings[candidate].connected
        segments = len(state.sittings[candidate].segments)
        laptop.wake()
        watch = Stopwatch()
        while not server.room(exam.room)[0].sittings[candidate].connected:  # its page still shows what was
            await asyncio.sleep(0.1)
        print(f"awake and connected after {watch.seconds:.2f} s")
        await server.has_recorded(exam.room, candidate, seconds=1)
        print(f"a second recorded after {watch.seconds:.2f} s")
        assert watch.seconds < BACK + 1
        await until(page, f"{CONNECTED} && {SENDING}")
        assert await page.evaluate(TRACKS) == tracks, "camera and microphone were kept alive"
        assert await page.get_by_test_id("answer").input_value() == TYPED
        server.command.terminate()
        assert await server.command.ended() == 0
        state, _ = server.room(exam.room)
        known = state.sittings[candidate]
        assert (known.device, known.pending, known.text) == (device, None, TYPED)
        assert len(known.segments) > segments
    assert errors == []


class Laptop:
    """On which a browser runs."""

    def __init__(self, folder: Path) -> None:
        self._pid = folder / "laptop.pid"
        self.browser = folder / "chromium-on-laptop"
        self.browser.write_text(f'#!/bin/sh\necho $$ > {self._pid}\nexec {CHROMIUM} "$@"\n')
        self.browser.chmod(0o755)

    def sleep(self) -> None:
        """All its processes stand still, until it wakes."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._processes():
            os.kill(pid, number)

    def _processes(self) -> list[int]:
        """The browser's, parents first."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            parents[int(stat.parent.name)] = int(words[1])
        found = [int(self._pid.read_text())]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found
