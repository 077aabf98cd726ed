"""How people come in, through their pages; to the exam itself also past them, for tests of what comes then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from proctor.exam.room import Decision
from proctor.facts import SERVER
from proctor.live_room import LiveRoom
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page as RehearsalPage
from tests.browser.chromium import new_page, shared_chromium, until
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    plan_exam,
    reach_lobby,
    running,
)


async def sign_in_staff(page: Page, server: Server, where: str, name: str) -> None:
    """Open a staff page and sign in."""
    await page.goto(f"{server.url}/{where}")
    await page.get_by_test_id("sign-in-name").fill(name)
    await page.get_by_test_id("sign-in-password").fill(PASSWORD)
    await page.get_by_test_id("sign-in-submit").click()


async def reach_the_lobby(page: Page, server: Server, number: str, code: str) -> None:
    """A candidate signs in, checks the devices, agrees, and waits."""
    await sign_in_candidate(page, server, number, code)
    await check_devices_and_agree(page)


async def sign_in_candidate(page: Page, server: Server, number: str, code: str) -> None:
    """Open the candidates' page and sign in."""
    await page.goto(f"{server.url}/candidate")
    await page.get_by_test_id("sign-in-number").fill(number)
    await page.get_by_test_id("sign-in-code").fill(code.lower())
    await page.get_by_test_id("sign-in-submit").click()


async def check_devices_and_agree(page: Page) -> None:
    """From the device check, right after signing in, to the lobby."""
    await reach_the_photos(page)
    await take_photos(page)
    await page.get_by_test_id("lobby-state").wait_for()


async def reach_the_photos(page: Page) -> None:
    """From the device check, right after signing in, to the photographs."""
    await until(page, "document.querySelector('[data-testid=check-camera]')?.dataset.state === 'ok'")
    await page.get_by_test_id("play-tone").click()
    await page.get_by_test_id("tone-heard").click()
    await page.get_by_test_id("device-ok").click(timeout=20_000)
    assert not await page.get_by_test_id("consent-box").is_checked()
    await page.get_by_test_id("consent-box").check()
    await page.get_by_test_id("rules-box").check()
    await page.get_by_test_id("consent-ok").click()


async def take_photos(page: Page) -> None:
    """The face, then the card; a device that asks to take over goes on with those that the room has."""
    step = await until(page, "['take-face', 'lobby-state'].find((id) => document.querySelector(`[data-testid=${id}]`))")
    if step == "lobby-state":
        return
    for subject in ("face", "card"):
        await until(page, "document.querySelector('.booth video')?.videoWidth > 0")
        await page.get_by_test_id(f"take-{subject}").click()
        await page.get_by_test_id(f"keep-{subject}").click()


async def admit_from_queue(page: Page) -> None:
    """An invigilator looks at the first who waits, states the checks and admits."""
    await page.get_by_test_id("admit").first.click()
    await confirm_admission(page)


async def confirm_admission(page: Page) -> None:
    for check in ("eligibility", "camera", "identity"):
        await page.get_by_test_id(f"check-{check}").check()
    await page.get_by_test_id("admit-confirm").click()


async def stage_is(page: Page, stage: str) -> None:
    await until(page, "(stage) => document.querySelector('[data-testid=stage]')?.dataset.stage === stage", stage)


async def saved_on_the_server(page: Page) -> None:
    """Wait until the page says that the server holds the text as it stands."""
    await until(page, "document.querySelector('[data-testid=save-state]')?.dataset.state === 'server'")


async def paper_is_open(page: Page) -> None:
    await until(page, "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'open'")


async def open_in_the_lobby(page: Page, server: Server, exam: Exam, number: str) -> None:
    """What the pages before the lobby send is sent without them, which spares a test most of what coming in costs. Then
    the page is opened with that sign-in, as one that is loaded again."""
    async with await candidate_page(server, exam, number) as before:
        await reach_lobby(before, exam.room)
        cookies = [{"name": each.key, "value": each.value, "url": server.url} for each in before.http.cookie_jar]
    await page.context.add_cookies(cookies)
    await page.goto(f"{server.url}/candidate")
    await page.get_by_test_id("lobby-state").wait_for()


async def come_in(page: Page, server: Server, exam: Exam, number: str, invigilator: RehearsalPage) -> None:
    """A candidate comes to the exam; `invigilator`, in the room, admits."""
    await open_in_the_lobby(page, server, exam, number)
    candidate = exam.candidates[number]
    assert (await admit(invigilator, candidate))["admitted"] == [candidate]
    await stage_is(page, "exam")


async def start_writing(
    page: Page, server: Server, clock: SteppedClock, exam: Exam, number: str, invigilator: RehearsalPage
) -> None:
    """A candidate comes to an open paper; `invigilator`, in the room, admits."""
    await come_in(page, server, exam, number, invigilator)
    if clock.now() < exam.starts_at:
        clock.jump_to(exam.starts_at)
    await paper_is_open(page)


@contextlib.asynccontextmanager
async def sending(page: RehearsalPage, person: int, *, loses_every: int = 0) -> AsyncIterator[None]:
    """Picture and sound of a candidate without a browser; each so manieth packet is lost on its way."""
    publisher = SyntheticPublisher(person)
    publisher.loses_every = loses_every
    answer = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer())
    await publisher.accept(answer["sdp"])
    publisher.start()
    try:
        yield
    finally:
        await publisher.stop()


async def has_recorded(server: Server, room: str, candidate: str, *, seconds: float) -> None:
    """Wait until the segment that is being recorded has that much in it."""
    async with asyncio.timeout(seconds + 20):
        while (server.house.recording.health()["sittings"].get(f"{room}/{candidate}", {}).get("open_seconds") or 0) < (
            seconds
        ):
            await asyncio.sleep(0.05)


async def has_sent(live: LiveRoom, candidate: str, *, packets: int) -> None:
    """Wait until the candidate has sent so many packets more."""

    def sent() -> int:
        return int(live.media.connections.health().get(candidate, {}).get("packets", 0))

    before = sent()
    async with asyncio.timeout(30):
        while sent() < before + packets:
            await asyncio.sleep(0.05)


async def finished(server: Server, room: str, *candidates: str, segments: int = 1) -> None:
    """Let what is recorded of them be finished; then the log has at least so many segments of each."""
    await asyncio.gather(*(server.house.recording.finish(room, candidate) for candidate in candidates))
    live = server.house.rooms.get(room)
    await live.tell(SERVER, lambda room, now: Decision())  # written after the segments that were told before
    assert all(len(live.segments(candidate)) >= segments for candidate in candidates)


@contextlib.asynccontextmanager
async def open_room(
    folder: Path, *, candidates: int = 2, day: datetime = MORNING, **more: Any
) -> AsyncIterator[tuple[Server, SteppedClock, Exam, RehearsalPage]]:
    """A server with one exam ten minutes before its start, and an invigilator in its room, without a browser. `day`:
    when it was planned, for what looks at another clock than the server's."""
    clock = SteppedClock(day, flowing=True)
    async with running(folder, clock, **more) as server:
        when = {} if day == MORNING else {"starts_at": day + timedelta(hours=2)}
        exam = await plan_exam(server, candidates=candidates, **when)
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            yield server, clock, exam, invigilator


@contextlib.asynccontextmanager
async def at_work(
    folder: Path, *, coming_from: str = "", opens_offline: bool = False
) -> AsyncIterator[tuple[Page, Server, SteppedClock, Exam]]:
    """A candidate, 001, in a browser before an open paper, in a room as `open_room` makes it; with `coming_from`, the
    page was at that path before. No page of the candidate's may have had an error by the end."""
    errors: list[str] = []
    async with open_room(folder) as (server, clock, exam, invigilator), shared_chromium() as browser:
        page = await new_page(browser, errors, opens_offline=opens_offline)
        if coming_from:
            await page.goto(server.url + coming_from)
        await start_writing(page, server, clock, exam, "001", invigilator)
        yield page, server, clock, exam
    assert errors == []
