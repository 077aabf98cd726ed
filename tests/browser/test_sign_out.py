"""Signing out in one tab, and signing in as somebody else, as the other tabs of that browser show it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.browser.chromium import new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, saved_on_the_server, sign_in_staff, start_writing
from tests.support.house import PASSWORD
from tests.support.killable import KillableServer, planned

pytestmark = pytest.mark.browser


@pytest.mark.long  # tests/test_sign_out.py
async def test_signing_out_in_one_tab_shows_in_the_others(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("watch").wait_for()
        office = await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-list").wait_for()
        writing = await new_page(browser, errors)
        await start_writing(writing, server, clock, exam, "001", invigilator)
        await until(writing, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")

        sign_out = """async (role) => (await fetch('/api/sign-out',
            {method: 'POST', headers: {'Proctor-Role': role, 'Content-Type': 'application/json'}, body: '{}'})).ok"""
        for page, role in ((desk, "invigilator"), (office, "training_office"), (writing, "candidate")):
            other = await page.context.new_page()
            await other.goto(f"{server.url}/api/time")
            assert await other.evaluate(sign_out, role)

        for page in (desk, office):
            await page.get_by_test_id("signed-out").wait_for()
            assert await page.locator("video").count() == 0
        await picture(desk, "signed-out")
        await writing.get_by_test_id("sign-in-again").wait_for()
        assert await writing.get_by_test_id("media-state").get_attribute("data-state") == "off"
        await picture(writing, "signed-out-candidate")

        await desk.get_by_test_id("sign-in-name").fill("invigilator")
        await desk.get_by_test_id("sign-in-password").fill(PASSWORD)
        await desk.get_by_test_id("sign-in-submit").click()
        await desk.get_by_test_id("watch").wait_for()
        await writing.get_by_test_id("sign-in-number").fill("001")
        await writing.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await writing.get_by_test_id("sign-in-submit").click()
        await until(writing, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")
        await writing.locator("#answer").fill("Đã đăng nhập lại.")
        await saved_on_the_server(writing)
    assert errors == []


async def test_what_a_page_links_to_opens_from_there_and_not_by_its_address(tmp_path: Path) -> None:
    """Whoever comes next to a computer whose sign-out has not reached the server finds addresses in its history."""
    errors: list[str] = []
    async with open_room(tmp_path) as (server, _, exam, _), shared_chromium() as browser:
        office = await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-list").wait_for()
        link = f"/api/rooms/{exam.room}/attendance.pdf?role=training_office"
        async with office.expect_download() as download:
            await office.evaluate("(link) => location.assign(link)", link)
        assert (await (await download.value).path()).read_bytes().startswith(b"%PDF")
        other = await office.context.new_page()
        answer = await other.goto(server.url + link)
        assert answer is not None and answer.status == 403
        assert (await answer.json())["error"]["code"] == "open_from_page"
    assert errors == []


async def test_a_tab_that_has_no_network_hears_of_the_sign_out_from_the_tab_that_has_one(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, _, _, _), shared_chromium() as browser:
        office = await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-list").wait_for()
        beside = await office.context.new_page()
        await beside.goto(f"{server.url}/office")
        await beside.get_by_test_id("exam-list").wait_for()
        await beside.route("**/api/**", lambda route: route.abort())
        await office.get_by_test_id("sign-out").click()
        await office.get_by_test_id("sign-in-name").wait_for()
        await beside.get_by_test_id("signed-out").wait_for()
        assert await beside.get_by_test_id("exam-list").count() == 0
        kept = await beside.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('sign'))")
        assert kept == [], "nothing of it stays on the computer"
    assert errors == []


async def test_the_front_door_sends_a_sign_out_that_was_not_heard(tmp_path: Path) -> None:
    errors: list[str] = []
    async with open_room(tmp_path) as (server, _, _, _), shared_chromium() as browser:
        office = await new_page(browser, errors)
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-list").wait_for()
        await office.route("**/api/sign-out", lambda route: route.abort())
        await office.get_by_test_id("sign-out").click()
        await office.get_by_test_id("signing-out").wait_for()
        context = office.context
        await office.close()
        front = await context.new_page()
        await front.goto(server.url)
        await until(front, ENDED)
    assert errors == []


ENDED = """async () => (await fetch('/api/me', {headers: {'Proctor-Role': 'training_office'}})).status === 401"""


async def _given_up(port: int) -> None:
    """Wait until a connection to the server was closed at its other end (proc(5): state 08, CLOSE_WAIT): before that,
    what came by it would be carried out."""
    async with asyncio.timeout(10):
        while True:
            tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
            rows = [row.split() for table in tables for row in table]
            if any(row[1].endswith(f":{port:04X}") and row[3] == "08" for row in rows):
                return
            await asyncio.sleep(0.02)


async def test_beside_a_server_that_stands_still_who_stays_stays_and_who_closes_the_page_is_signed_out(
    tmp_path: Path,
) -> None:
    """What was sent waits at the server, whoever gave it up."""
    server = KillableServer(tmp_path)
    await planned(server, 1)
    errors: list[str] = []
    async with server.up(), shared_chromium() as browser:
        page = await new_page(browser, errors)
        await page.goto(f"{server.url}/office")
        await page.get_by_test_id("sign-in-name").fill("training_office")
        await page.get_by_test_id("sign-in-password").fill(PASSWORD)
        await page.get_by_test_id("sign-in-submit").click()
        beside = await page.context.new_page()
        await beside.goto(f"{server.url}/api/time")
        said = page.get_by_test_id("signing-out-said").get_by_text("Đang báo máy chủ")
        await page.get_by_test_id("exam-list").wait_for()

        server.command.stop()
        await page.get_by_test_id("sign-out").click()
        await said.wait_for()
        async with page.expect_response("**/api/sign-out/withdraw") as answered:
            await page.get_by_test_id("sign-out-stay").click()
            await _given_up(server.port)
            server.command.go_on()
        assert (await answered.value).status == 200
        assert not await beside.evaluate(ENDED)
        assert await page.get_by_test_id("sign-in").count() == 0

        server.command.stop()
        await page.get_by_test_id("sign-out").click()
        await said.wait_for()
        await page.close()
        await _given_up(server.port)
        server.command.go_on()
        await until(beside, f"({ENDED})()")
    assert errors == []


async def test_who_signs_in_at_the_next_tab_gets_nothing_of_the_first(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        first = await new_page(browser, errors)
        second = await first.context.new_page()
        await second.goto(f"{server.url}/candidate")
        await second.get_by_test_id("sign-in-number").wait_for()
        await start_writing(first, server, clock, exam, "001", invigilator)
        await first.get_by_test_id("answer").fill("Bài của 001.")
        await saved_on_the_server(first)
        await second.get_by_test_id("sign-in-number").fill("002")
        await second.get_by_test_id("sign-in-code").fill(exam.codes["002"])
        await second.get_by_test_id("sign-in-submit").click()
        await second.get_by_test_id("stage").wait_for()

        await first.bring_to_front()
        await first.get_by_test_id("file-input").set_input_files(
            [{"name": "bài.txt", "mimeType": "text/plain", "buffer": "Của 001.".encode()}]
        )
        await first.context.set_offline(True)
        await first.get_by_test_id("offline-notice").wait_for()
        await first.context.set_offline(False)
        await first.get_by_test_id("sign-in-again").wait_for()
        live = server.house.rooms.get(exam.room)
        mine, theirs = (live.state.sittings[exam.candidates[number]] for number in ("001", "002"))
        assert (theirs.files, theirs.photos, theirs.consented_at) == ((), {}, None)
        assert mine.files == ()

        await first.get_by_test_id("sign-in-number").fill("001")
        await first.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await first.get_by_test_id("sign-in-submit").click()
        await until(first, "document.querySelector('[data-testid=file]')")  # what waited goes to whom it is of
        assert [each.name for each in live.state.sittings[exam.candidates["001"]].files] == ["bài.txt"]
        assert await first.get_by_test_id("answer").input_value() == "Bài của 001."
        assert live.state.sittings[exam.candidates["002"]].files == ()
    assert errors == []
