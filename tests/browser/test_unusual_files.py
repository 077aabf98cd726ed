"""A file that staff may not be able to open is sent only when the candidate, told so, wants it; others go at once.
Before one is taken out again the candidate reads which, and the answer that loses nothing lies under the key."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Route

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import picture, until
from tests.browser.entering import at_work

pytestmark = pytest.mark.browser

NAMES = "[...document.querySelectorAll('[data-testid=file] .file_name')].map((one) => one.innerText.trim())"


def made(name: str) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": name.encode()}


async def held(route: Route, told: asyncio.Event) -> None:
    with contextlib.suppress(PlaywrightError):  # the page was closed meanwhile
        answer = await route.fetch()
        await told.wait()
        await route.fulfill(response=answer)


async def test_an_unusual_file_waits_for_the_candidates_word(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, server, _clock, exam):
        chosen, asked = page.get_by_test_id("file-input"), page.get_by_test_id("unusual-files")
        await chosen.set_input_files([made("virus.exe"), made("ghi chú.txt"), made("không đuôi")])
        await asked.get_by_text("có thể không mở được").wait_for()
        assert await asked.locator("li").all_inner_texts() == ["virus.exe", "không đuôi"]
        assert await page.evaluate("document.activeElement.dataset.testid") == "unusual-discard", "the careful answer"
        await until(page, f"{NAMES}.join() === 'ghi chú.txt'")  # what is usual did not wait
        await page.keyboard.press("Enter")
        await asked.wait_for(state="detached")
        assert await page.get_by_test_id("file-pending").count() == 0

        told = asyncio.Event()  # until then the last answer to an upload is on its way
        await page.route("**/files/*", lambda route: held(route, told))
        await chosen.set_input_files([made("mô hình.blend")])
        await page.get_by_test_id("unusual-send").click()
        await until(page, f"{NAMES}.includes('mô hình.blend')")
        assert await page.get_by_test_id("file-pending").count() == 0, "one file, shown once"
        told.set()
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        assert [work.name for work in live.state.sittings[candidate].files] == ["ghi chú.txt", "mô hình.blend"]

        removed = page.get_by_test_id("remove-file")
        await page.get_by_role("button", name="Bỏ tệp ghi chú.txt").press("Enter")
        await removed.get_by_text("ghi chú.txt").wait_for()
        await page.keyboard.press("Enter")
        await removed.wait_for(state="detached")
        await page.keyboard.press("Enter")  # the focus is back where it was
        await page.get_by_test_id("remove-file-confirm").press("Enter")
        await until(page, f"{NAMES}.join() === 'mô hình.blend'")
        assert [work.name for work in live.state.sittings[candidate].files] == ["mô hình.blend"]
        await until(page, "document.activeElement.dataset.file")  # and goes on at the file that is left


async def test_a_file_of_a_taken_name_stands_beside_the_other_or_takes_its_place_once_it_is_there(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path) as (page, server, clock, exam):
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]

        def contents() -> list[tuple[str, int]]:
            return [(work.name, work.bytes) for work in live.state.sittings[candidate].files]

        async def becomes(files: list[tuple[str, int]]) -> None:
            async with asyncio.timeout(10):  # the page shows it first, and then it is asked to take the old one out
                while contents() != files:
                    await asyncio.sleep(0.01)

        def version(words: str) -> dict[str, object]:
            return made("bài.docx") | {"buffer": words.encode()}

        chosen, asked = page.get_by_test_id("file-input"), page.get_by_test_id("same-name")
        await chosen.set_input_files([version("1")])
        await until(page, f"{NAMES}.length === 1")
        assert await page.get_by_test_id("file-at").count() == 0
        clock.advance(minutes=3)
        await chosen.set_input_files([version("22")])
        await asked.get_by_text("bài.docx").wait_for()
        assert await page.evaluate("document.activeElement.dataset.testid") == "same-name-both", "it loses nothing"
        assert await looked_at_by_axe(page, "same name") == []
        await page.get_by_test_id("same-name-both").press("Enter")
        await until(page, f"{NAMES}.length === 2")
        assert contents() == [("bài.docx", 1), ("bài.docx", 2)]
        shown = await page.get_by_test_id("file-at").all_inner_texts()
        assert len(set(shown)) == 2 and all("đến lúc 10:0" in one for one in shown), shown

        # Who hands in sees which is which.
        await page.get_by_test_id("submit").click()
        assert (await page.get_by_test_id("submit-files").inner_text()).count("đến lúc") == 2
        await picture(page, "submit-same-names")
        await page.get_by_test_id("submit-back").click()

        # The place of both is taken; until the new one is there, both stay.
        held, told = asyncio.Event(), asyncio.Event()

        async def hold(route: Route) -> None:
            if route.request.method == "PATCH":
                held.set()
                await told.wait()
            await route.continue_()

        await page.route("**/files/*", hold)
        await chosen.set_input_files([version("333")])
        await page.get_by_test_id("same-name-replace").click()
        await held.wait()
        await page.get_by_test_id("file-replaces").get_by_text("sẽ thay tệp cũ").wait_for()
        assert contents() == [("bài.docx", 1), ("bài.docx", 2)]
        told.set()
        await until(page, f"{NAMES}.length === 1")
        await page.get_by_test_id("file-at").first.wait_for(state="detached")
        await becomes([("bài.docx", 3)])

        # What a file is to replace may itself arrive meanwhile, and the page be loaded anew: the newest stays alone.
        sending, gates = asyncio.Semaphore(0), [asyncio.Event(), asyncio.Event()]
        waiting = iter(gates)

        async def hold_two(route: Route) -> None:
            if route.request.method == "PATCH" and (gate := next(waiting, None)):
                sending.release()
                await gate.wait()
            with contextlib.suppress(PlaywrightError):  # the page that asked is gone
                await route.continue_()

        await page.unroute("**/files/*")
        await page.route("**/files/*", hold_two)
        for newer in ("4444", "55555"):
            await chosen.set_input_files([version(newer)])
            await page.get_by_test_id("same-name-replace").click()
            await sending.acquire()
        gates[0].set()
        on_its_way = "document.querySelectorAll('[data-testid=file-pending]').length"
        await until(page, f"{NAMES}.length === 1 && {on_its_way} === 1")
        await becomes([("bài.docx", 4)])
        await page.reload()
        await until(page, f"{NAMES}.length === 1 && {on_its_way} === 0")
        await becomes([("bài.docx", 5)])
        gates[1].set()

        # Escape is no answer that loses anything.
        await chosen.set_input_files([version("666666")])
        await asked.wait_for()
        await page.keyboard.press("Escape")
        await until(page, f"{NAMES}.length === 2")
        assert contents() == [("bài.docx", 5), ("bài.docx", 6)]

        # When the time is over before an answer, it is said that the file was not sent.
        refused = page.get_by_test_id("file-refused")
        await chosen.set_input_files([version("7777777")])
        await asked.wait_for()
        clock.jump_to(exam.starts_at + timedelta(minutes=91))
        await refused.get_by_text("bài.docx: Chưa gửi").wait_for()
        assert await asked.count() == 0
        assert contents() == [("bài.docx", 5), ("bài.docx", 6)]


@pytest.mark.long  # the tests before it walk through the same dialog
async def test_no_place_is_offered_that_the_full_number_of_files_has_not(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, server, _clock, exam):
        chosen = page.get_by_test_id("file-input")
        await chosen.set_input_files([made(f"{number}.txt") for number in range(20)])
        await until(page, f"{NAMES}.length === 20 && !document.querySelector('[data-testid=file-pending]')")
        refused = page.get_by_test_id("file-refused")
        await chosen.set_input_files([made("7.txt"), made("mới.txt"), {**made("rỗng.txt"), "buffer": b""}])
        await refused.get_by_text("7.txt: Đã đủ 20 tệp. Muốn thay tệp cũ cùng tên, hãy bỏ nó").wait_for()
        await refused.get_by_text("mới.txt: Đã đủ 20 tệp.", exact=True).wait_for()
        await refused.get_by_text("rỗng.txt: Tệp rỗng.").wait_for()
        assert await page.get_by_test_id("same-name").count() == 0
        assert len(server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].files) == 20
