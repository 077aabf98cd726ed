"""The inspector's player: speeds, keys, a gap, one candidate after another, one who has no recording, and an exam that
still runs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from proctor.exam.permissions import Role, allowed
from proctor.regulation.local_time import LOCAL_TIME
from proctor.rehearsal.page import Page as RehearsalPage
from proctor.rehearsal.page import code
from proctor.rehearsal.pictures import photo
from proctor.signalling.messages import FROM_PAGE
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import LOOK, new_page, picture, shared_chromium, until
from tests.browser.entering import finished, has_recorded, open_room, sending, sign_in_staff
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    Server,
    candidate_page,
    invigilator_page,
    plan_exam,
    reach_lobby,
    running,
)

pytestmark = pytest.mark.browser

FAILED = {"error": {"code": "internal", "vi": "Máy chủ gặp lỗi", "en": "The server failed"}}

PLAYER = "document.querySelector('[data-testid=player]')?.dataset"
WALL_CLOCK = f"Number({PLAYER}.wallClock)"
READY = f"{PLAYER}.ready === 'true' && {WALL_CLOCK} > 0"  # before it tells a time there is no line to seek on


async def record(server: Server, room: str, pages: dict[str, RehearsalPage], *, seconds: float) -> None:
    """Picture and sound of candidates, until so much of each is recorded."""
    async with contextlib.AsyncExitStack() as stack:
        for person, page in enumerate(pages.values()):
            await stack.enter_async_context(sending(page, person))
        await asyncio.gather(*(has_recorded(server, room, candidate, seconds=seconds) for candidate in pages))


async def choose(page: Page, candidate: str) -> None:
    await page.locator(f"[data-testid=sitting][data-candidate={candidate}]").click()
    await until(page, f"(c) => {PLAYER}?.candidate === c", candidate)


def marks(page: Page, **data: str) -> Any:
    """Entries of the log beside the player, by their data attributes."""
    return page.locator("[data-testid=event]" + "".join(f"[data-{name}={value}]" for name, value in data.items()))


# What a page of somebody who only looks on may have to press: ways, the log, the keys, filters, layout, language.
LOOKING = {"attention-item", "bar-menu", "leave", "log-toggle", "help", "layout", "language", "focus-close", "tile",
           "photo"}  # fmt: skip


async def controls(page: Page) -> list[str]:
    """What can be pressed or filled and is no part of looking on."""
    found: list[str] = await page.evaluate(
        """(looking) => [...document.querySelectorAll('button, input, select, textarea')]
          .map((one) => one.dataset.testid
            ?? (one.closest('[role=group]') ? 'chip-' : '') + one.className + one.textContent)
          .filter((name) => !looking.includes(name) && !name.startsWith('chip-') && !/[‹›]/.test(name))""",
        sorted(LOOKING),
    )
    return found


async def test_an_inspector_looks_on_from_half_an_hour_before_acts_on_nothing_and_replays(tmp_path: Path) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        shared_chromium() as browser,
    ):
        exam = await plan_exam(server)
        one = exam.candidates["001"]

        # At T - 31 the page says from when it works, and the server refuses.
        clock.jump_to(exam.starts_at - timedelta(minutes=31))
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "inspector", "inspector")
        assert "09:30" in await desk.get_by_test_id("gate-closed").inner_text()
        assert await desk.get_by_test_id("watch-room").count() == 0
        refused = await desk.evaluate(
            """async (room) => (await (await fetch(`/api/rooms/${room}/join`, { method: 'POST', body: '{}',
               headers: { 'Proctor-Role': 'inspector' } })).json()).error""",
            exam.room,
        )
        assert refused["code"] == "gate_closed"
        opens_at = datetime.fromisoformat(refused["details"]["opens_at"])
        assert opens_at == exam.starts_at - timedelta(minutes=30)

        # At T - 30 the inspector comes in, which is on the log, and sees how the room is attended.
        clock.jump_to(exam.starts_at - timedelta(minutes=30))
        await desk.get_by_test_id("glance").get_by_text("Cán bộ invigilator").wait_for()
        await picture(desk, "inspector-rooms")
        await desk.set_viewport_size({"width": 390, "height": 844})
        await picture(desk, "inspector-rooms-phone")
        await desk.set_viewport_size({"width": 1366, "height": 768})
        await desk.get_by_test_id("watch-room").click()
        await desk.get_by_test_id("wall").wait_for()
        told = await entered(server, exam.room)
        assert [data["role"] for data in told] == ["inspector"]
        assert told[0]["minutes_before_start"] == 29  # whole minutes; the clock flows

        async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as first:
            await invigilator.join(exam.room)
            await reach_lobby(first, exam.room)
            await invigilator.tell("admit", candidates=[one], checks=CHECKS)
            await first.tell("raise_hand", client_time="2026-11-20T01:02:03.000Z")  # its clock is days behind
            async with sending(first, 0):
                await watches(desk, one)
                await picture(desk, "inspector-wall")
                await has_recorded(server, exam.room, one, seconds=3)
            clock.jump_to(exam.starts_at)
            await desk.locator("[data-testid=watch][data-phase=writing]").wait_for()
            async with sending(first, 0):
                await desk.locator(f"[data-testid=tile][data-candidate={one}]").click()
                video = "[data-testid=focus-video]"
                await until(desk, f"({LOOK})('{video}')?.width === 640", seconds=40)
                assert not await desk.locator(video).evaluate("(video) => video.muted")
                assert await desk.locator(video).evaluate("(video) => video.srcObject.getAudioTracks().length") == 1
                assert await controls(desk) == []
                for key in "fmbzha":  # the invigilator's keys
                    await desk.keyboard.press(key)
                assert await desk.locator("dialog").count() == 0
                await picture(desk, "inspector-focus")
                await invigilator.tell("note_violation", candidate=one, category="phone", text="Cầm điện thoại")
                await desk.get_by_test_id("log-toggle").click()
                await desk.get_by_test_id("log").get_by_text("Cầm điện thoại").wait_for()
                assert await controls(desk) == []
                clip = await desk.context.new_page()
                replay = desk.get_by_test_id("log").get_by_test_id("violation-clip")
                await clip.goto(f"{server.url}{await replay.get_attribute('href')}")
                await until(clip, f"(c) => {PLAYER}?.candidate === c", one)
                await clip.close()
                await picture(desk, "inspector-log")
                await desk.set_viewport_size({"width": 390, "height": 844})
                await picture(desk, "inspector-focus-phone")
                await desk.get_by_test_id("focus-close").click()
                await picture(desk, "inspector-wall-phone")
                await desk.set_viewport_size({"width": 1366, "height": 768})

                # Whatever the page shows, the server lets an inspector act on nothing.
                async with RehearsalPage(server.url, "inspector") as other:
                    await other.sign_in("inspector", PASSWORD)
                    await other.join(exam.room)
                    acts = [name for name in FROM_PAGE if not allowed(Role.INSPECTOR, name)]
                    assert {"admit", "note_violation", "send_message", "hold_briefing", "publish_lists"} <= set(acts)
                    for name in acts:
                        assert code(await other.tell(name)) == "forbidden", name
                await has_recorded(server, exam.room, one, seconds=3)
            await finished(server, exam.room, one, segments=2)

        # Back, and the same is replayed.
        await desk.get_by_test_id("leave").click()
        await desk.get_by_test_id("choose-room").click()
        await choose(desk, one)
        await until(desk, READY)
        await until(desk, f"({LOOK})('[data-testid=player-video]')?.contrast > 10")
        await incidents_are_found(desk)
    assert errors == []


async def entered(server: Any, room: str) -> list[dict[str, Any]]:
    """Who came into the room, as its log has it."""
    async with RehearsalPage(server.url, "inspector") as page:
        await page.sign_in("inspector", PASSWORD)
        log = await page.get(f"/api/rooms/{room}/events?after=0")
    return [event["data"] for event in log["events"] if event["kind"] == "staff_entered"]


async def watches(page: Page, candidate: str) -> None:
    """The candidate's picture stands on the wall and moves."""
    tile = f"[data-testid=tile][data-candidate={candidate}] video"
    await until(page, f"({LOOK})('{tile}')?.contrast > 10", seconds=40)
    before = (await page.evaluate(LOOK, tile))["frames"]
    await until(page, f"({LOOK})('{tile}').frames > {before + 5}")


async def incidents_are_found(page: Page) -> None:
    """The log beside the player by its filters; N, P, comma, full stop and G in the player."""
    note = marks(page, kind="violation_noted")
    assert "Dùng điện thoại" in await note.inner_text()
    assert await note.get_attribute("data-level") == "reported"
    await marks(page, kind="check_made").first.get_by_text("kiểm tra điều kiện dự thi: đạt").wait_for()
    await marks(page, kind="hand_raised").get_by_text("giờ trên máy thí sinh: 08:02:03 20/11/2026").wait_for()
    assert await marks(page, kind="candidate_enrolled").count() == 1
    await page.get_by_test_id("events-all").click()
    assert await marks(page, kind="candidate_enrolled").count() == 2
    await picture(page, "replay-log")
    await page.get_by_test_id("events-incidents").click()
    levels = {await one.get_attribute("data-level") for one in await page.get_by_test_id("event").all()}
    assert "reported" in levels
    assert None not in levels
    await picture(page, "replay-incidents")
    noted = await note.locator("time").inner_text()
    begin = await page.evaluate(WALL_CLOCK)
    await page.get_by_test_id("wall-clock").click()
    last = begin
    for _ in range(10):  # forwards to the last incident there is
        await page.keyboard.press("n")
        try:
            await until(page, f"{WALL_CLOCK} > {last} + 50", seconds=2)
        except TimeoutError:
            break
        last = await page.evaluate(WALL_CLOCK)
    assert last > begin + 29 * 60_000
    await page.keyboard.press("p")
    await until(page, f"{WALL_CLOCK} < {last} - 1000")
    await page.keyboard.press("g")
    assert await page.evaluate("document.activeElement.dataset.testid") == "go-to"
    await page.keyboard.type(noted)
    await page.keyboard.press("Enter")
    await page.locator("[data-testid=wall-clock]").get_by_text(noted).wait_for()
    at = await page.evaluate(WALL_CLOCK)
    await page.keyboard.press(".")
    await until(page, f"Math.abs({WALL_CLOCK} - {at} - 1000 / 15) < 2")
    await page.keyboard.press(",")
    await until(page, f"Math.abs({WALL_CLOCK} - {at}) < 2")
    await page.set_viewport_size({"width": 390, "height": 844})
    await picture(page, "replay-phone")


@pytest.mark.long  # tests/recording/test_replay.py plays what is finished while the player waits
async def test_the_player_while_the_exam_still_runs(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=3) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        shared_chromium() as browser,
    ):
        one, two, absent = exam.candidates.values()
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=[one, two], checks=CHECKS)
        await record(server, exam.room, {one: first, two: second}, seconds=7)
        clock.advance(seconds=20)  # nobody sends: a gap of a little more than that
        await record(server, exam.room, {one: first}, seconds=6)
        live = server.house.rooms.get(exam.room)
        await finished(server, exam.room, one, segments=2)
        await finished(server, exam.room, two)

        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "inspector", "inspector")
        await desk.get_by_test_id("choose-room").click()
        await choose(desk, absent)
        await desk.get_by_test_id("no-recording").wait_for()
        await desk.get_by_test_id("no-gaps").get_by_text("hai phút sau cùng chưa biết").wait_for()
        for key in ("j", "k", "l", " ", "+"):
            await desk.keyboard.press(key)

        await choose(desk, one)
        await until(desk, READY)
        await until(desk, f"({LOOK})('[data-testid=player-video]')?.contrast > 10")
        await desk.keyboard.press(" ")
        await until(desk, f"{PLAYER}.playing === 'true'")
        rated = "(rate) => document.querySelector('[data-testid=player-video]').playbackRate === rate"
        for rate in (0.5, 2):
            await desk.get_by_test_id(f"rate-{rate}").click()
            await until(desk, rated, rate)
        await desk.get_by_test_id("wall-clock").click()
        await desk.keyboard.press("k")
        await until(desk, f"{PLAYER}.playing === 'false'")
        for rate in (4, 8, 1):  # at rest: a slow machine would be at the end before it is told the next
            await desk.get_by_test_id(f"rate-{rate}").click()
            await until(desk, rated, rate)

        # A server that fails for a while is told, and is not any more once it answers.
        answers = f"**/recordings/{one}"
        await desk.route(answers, lambda route: route.fulfill(status=503, json=FAILED))
        await desk.get_by_test_id("player-error").wait_for()
        await desk.unroute(answers)
        await desk.get_by_test_id("player-error").wait_for(state="detached")

        # Into the gap, by the keys; it is said in words and can be passed over.
        start, end = edges(live.segments(one))
        before = start - 5000
        await seek(desk, before)
        await until(desk, f"(before) => Math.abs({WALL_CLOCK} - before) < 300", before)
        await desk.keyboard.press("l")
        await until(desk, f"(before) => {WALL_CLOCK} >= before + 9000", before)
        await seek(desk, (start + end) / 2)
        await desk.get_by_test_id("gap").get_by_text("Không có bản ghi từ").wait_for()
        await desk.get_by_test_id("gap-mark").wait_for()
        await desk.get_by_test_id("gaps").locator("summary").click()
        assert "không gửi hình và tiếng" in await desk.get_by_test_id("gap-row").first.inner_text()
        await picture(desk, "replay-gap")
        await desk.get_by_test_id("gap").get_by_role("button").click()
        await desk.get_by_test_id("gap").wait_for(state="detached")
        await until(desk, f"(end) => {WALL_CLOCK} >= end - 200", end)
        await desk.keyboard.press("j")
        await until(desk, f"(end) => {WALL_CLOCK} < end - 5000", end)

        await choose(desk, two)
        await until(desk, READY)
        await desk.keyboard.press("k")
        await until(desk, f"(() => {{ const look = ({LOOK})('[data-testid=player-video]'); "
                          "return look?.contrast > 10 && look.frames > 5; })()")  # fmt: skip
        await a_moment_can_be_shared(desk, one, end)
        assert clock.now() < exam.starts_at + timedelta(minutes=90)
        assert live.state.phase(clock.now()) == "entry"
    assert errors == []


async def a_moment_can_be_shared(desk: Page, candidate: str, moment: float) -> None:
    """The address names room, candidate and moment: loaded again, or opened by a colleague, it shows them."""
    await choose(desk, candidate)
    await until(desk, READY)
    length = await desk.evaluate("history.length")
    second = int((moment + 2000) / 1000) * 1000
    await seek(desk, second + 500)  # not at its edge, which the nearest picture may be before
    told = "Date.parse(new URLSearchParams(location.hash.slice(1)).get('at'))"
    await until(desk, f"(second) => {told} === second", second)
    assert await desk.evaluate("history.length") == length
    link = desk.url
    near = f"(second) => {PLAYER}?.ready === 'true' && Math.abs({WALL_CLOCK} - second) < 1000"

    await desk.reload()
    await until(desk, near, second)
    assert await desk.evaluate(f"{PLAYER}.candidate") == candidate
    other = await desk.context.new_page()
    await other.goto(link)
    await until(other, near, second)
    assert await other.evaluate(f"{PLAYER}.candidate") == candidate
    await other.evaluate("(at) => { location.hash = location.hash.replace(/at=[^&]*/, `at=${at}`); }",
                         f"{datetime.fromtimestamp(second / 1000 - 4, UTC):%Y-%m-%dT%H:%M:%SZ}")  # fmt: skip
    await until(other, near, second - 4000)

    # What the recording does not hold is said, by the link and by the field, until somebody goes elsewhere.
    outside = other.get_by_test_id("moment-outside")
    assert await outside.count() == 0
    await other.evaluate("location.hash = location.hash.replace(/at=[^&]*/, 'at=2026-11-22T16:00:00Z')")
    await outside.get_by_text("Không có lúc 23:00:00 22/11/2026 trong bản ghi").wait_for()
    await other.keyboard.press("l")
    await outside.wait_for(state="detached")
    await other.get_by_test_id("go-to").fill("23:59:59")
    await other.keyboard.press("Enter")
    await outside.get_by_text("23:59:59").wait_for()

    # A name that is nobody's is answered in words, and asks the server for nothing.
    asked: list[str] = []
    other.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await other.evaluate("location.hash = location.hash.replace(/candidate=[^&]*/, 'candidate=../../x')")
    await other.get_by_test_id("candidate-not-listed").get_by_text("không có trong phòng thi này").wait_for()
    assert not {path for path in asked if "x" in path.split("/")}, asked
    await other.evaluate("location.hash = 'room=r_none'")
    await other.get_by_test_id("room-not-listed").get_by_text("không có trong danh sách của bạn").wait_for()
    await other.close()

    # Back goes out of the recording, not through its seconds; somebody else's begins at the beginning.
    await desk.go_back()
    await until(desk, f"(candidate) => {PLAYER}?.candidate !== candidate", candidate)
    await desk.go_forward()
    await until(desk, near, second)


@pytest.mark.long  # tests/test_photos.py
async def test_every_photograph_of_a_candidate_stands_beside_the_player_after_the_end(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        await candidate_page(server, exam, "001") as first,
        shared_chromium() as browser,
    ):
        one, two = exam.candidates.values()
        await reach_lobby(first, exam.room)
        await invigilator.tell("ask_again", candidate=one, subject="face", text="Quay lại camera.")
        assert "photo" in await first.put(f"/api/rooms/{exam.room}/photos/face", data=photo(1))
        await invigilator.tell("admit", candidates=[one], checks=CHECKS)
        await record(server, exam.room, {one: first}, seconds=2)
        live = server.house.rooms.get(exam.room)
        await finished(server, exam.room, one)
        clock.jump_to(exam.starts_at)
        await first.hear("paper_key")
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=10))
        await invigilator.hear("room", lambda room: room["phase"] == "ended")

        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "inspector", "inspector")
        await desk.get_by_test_id("choose-room").click()
        await choose(desk, two)
        await desk.get_by_test_id("no-recording").wait_for()
        assert await desk.get_by_test_id("photographs").count() == 0
        await choose(desk, one)
        part = desk.get_by_test_id("photographs")
        await part.get_by_text("Ảnh mặt, thẻ và góc camera (3)").wait_for()
        assert not await viewed(server, exam.room), "nobody has looked yet"
        await part.locator("summary").click()
        shown = "document.querySelectorAll('[data-testid=photograph]')"
        await until(desk, f"{shown}.length === 3 && [...{shown}].every((one) => one.naturalWidth > 0)")
        subjects = [await each.get_attribute("data-subject") for each in await part.get_by_test_id("photograph").all()]
        assert subjects == ["face", "card", "face"]
        lines = await part.locator("li").all_inner_texts()
        assert ["đã chụp lại" in line for line in lines] == [True, False, False]
        at = live.state.sittings[one].photos["face"].at.astimezone(LOCAL_TIME)
        assert f"khuôn mặt · {at:%H:%M:%S}" in lines[2]
        assert await viewed(server, exam.room)
        await until(desk, READY)
        assert await looked_at_by_axe(desk, "photographs") == []
        await picture(desk, "replay-photographs")
        await desk.set_viewport_size({"width": 390, "height": 844})
        await part.scroll_into_view_if_needed()
        await picture(desk, "replay-photographs-phone")
    assert errors == []


async def viewed(server: Any, room: str) -> bool:
    """Whether the room's log tells of a look at photographs."""
    async with RehearsalPage(server.url, "inspector") as page:
        await page.sign_in("inspector", PASSWORD)
        log = await page.get(f"/api/rooms/{room}/events?after=0")
    return any(event["kind"] == "photos_viewed" for event in log["events"])


def edges(segments: list[dict[str, Any]]) -> tuple[float, float]:
    """Where the longest gap begins and ends, in milliseconds since 1970."""
    moments = [(datetime.fromisoformat(s["started_at"]), datetime.fromisoformat(s["ended_at"])) for s in segments]
    gaps = [(before[1], after[0]) for before, after in itertools.pairwise(moments)]
    begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    return begin.timestamp() * 1000, end.timestamp() * 1000


async def seek(page: Page, wall_clock: float) -> None:
    await page.evaluate(
        """(to) => { const seek = document.querySelector('[data-testid=seek]');
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(seek, to);
          seek.dispatchEvent(new Event('input', { bubbles: true })); }""",
        str(round(wall_clock)),
    )
