"""What can happen while a candidate writes: two texts, a session that ends, reloads, a network that breaks."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import network, new_page, picture, shared_chromium, until
from tests.browser.entering import (
    at_work,
    open_in_the_lobby,
    open_room,
    paper_is_open,
    saved_on_the_server,
    stage_is,
    start_writing,
)
from tests.support.house import Exam, Server, admit

pytestmark = pytest.mark.browser

KEPT_HERE = "document.querySelector('[data-testid=save-state]').dataset.state === 'local'"
FILES = "document.querySelectorAll('[data-testid=file]').length"


def text_of(server: Server, exam: Exam, number: str = "001") -> str:
    return server.house.rooms.get(exam.room).state.sittings[exam.candidates[number]].text


async def test_two_different_texts_are_both_shown_and_none_is_lost(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        first = await new_page(browser, errors)
        await start_writing(first, server, clock, exam, "001", invigilator)
        await first.locator("#answer").fill("Mở đầu.")
        await saved_on_the_server(first)
        await network(first, offline=True)
        await first.get_by_test_id("offline-notice").wait_for()
        await first.locator("#answer").fill("Mở đầu. Viết khi mất mạng.")
        await until(first, KEPT_HERE)

        second = await first.context.new_page()
        await second.goto(f"{server.url}/candidate")
        await paper_is_open(second)
        await until(second, "document.querySelector('#answer').value === 'Mở đầu. Viết khi mất mạng.'")
        await second.locator("#answer").fill("Mở đầu. Viết ở thẻ thứ hai.")
        await saved_on_the_server(second)
        await first.locator("#answer").fill("Mở đầu. Viết khi mất mạng, viết thêm.")
        await until(first, KEPT_HERE)
        await network(first)

        dialog = first.get_by_test_id("conflict")
        await dialog.get_by_text("Mở đầu. Viết khi mất mạng, viết thêm.").wait_for()
        await dialog.get_by_text("Mở đầu. Viết ở thẻ thứ hai.").wait_for()
        await picture(first, "two-texts")
        assert text_of(server, exam) == "Mở đầu. Viết ở thẻ thứ hai."
        await first.get_by_test_id("conflict-mine").click()
        await saved_on_the_server(first)
        assert text_of(server, exam) == "Mở đầu. Viết khi mất mạng, viết thêm."
        await first.reload()
        await paper_is_open(first)
        await first.get_by_test_id("set-aside").locator("summary").click()
        await first.get_by_test_id("set-aside").get_by_text("Mở đầu. Viết ở thẻ thứ hai.").wait_for()
    assert errors == []


async def test_a_session_that_ends_while_writing_is_begun_anew_in_place(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, server, clock, exam):
        await page.locator("#answer").fill("Trước khi hết phiên.")
        await saved_on_the_server(page)
        (secret,) = (one["value"] for one in await page.context.cookies() if one["name"] == "proctor_candidate")
        session = await server.house.people.session(secret, clock.now())
        assert session is not None
        await server.house.people.close_session(session.session)
        await network(page, offline=True)
        await page.get_by_test_id("offline-notice").wait_for()
        await page.locator("#answer").fill("Trước khi hết phiên. Sau đó.")
        await until(page, KEPT_HERE)
        await network(page)
        await page.get_by_test_id("sign-in-again").wait_for()
        await picture(page, "sign-in-again")
        await page.get_by_test_id("sign-in-number").fill("001")
        await page.get_by_test_id("sign-in-code").fill(exam.codes["001"])
        await page.get_by_test_id("sign-in-submit").click()
        await saved_on_the_server(page)
        assert text_of(server, exam) == "Trước khi hết phiên. Sau đó."
        assert await page.get_by_test_id("sign-in-again").count() == 0


async def test_back_reload_and_reopening_lose_nothing(tmp_path: Path) -> None:
    async with at_work(tmp_path, coming_from="/", opens_offline=True) as (page, server, _clock, _exam):
        await page.locator("[data-testid=paper-page-1][data-drawn]").wait_for()
        await page.evaluate("document.querySelector('.pages').scrollTo(0, 1e6)")
        await page.locator("[data-testid=paper-page-2][data-drawn]").wait_for()
        await until(page, "document.querySelectorAll('.pdf_page figcaption')[1].textContent.length > 20")
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")  # the paper's frame does
        await page.locator("#answer").fill("Chưa kịp gửi")
        await page.evaluate("history.back()")
        await page.get_by_test_id("stay-leave").click()
        await page.get_by_text("vai trò").first.wait_for()
        await page.go_back()
        await paper_is_open(page)
        await until(page, "document.querySelector('#answer').value === 'Chưa kịp gửi'")
        await page.locator("#answer").fill("Chưa kịp gửi, đóng trang")
        context = page.context
        await page.close()
        page = await context.new_page()
        await page.goto(f"{server.url}/candidate")
        await paper_is_open(page)
        await until(page, "document.querySelector('#answer').value === 'Chưa kịp gửi, đóng trang'")
        await saved_on_the_server(page)
        await page.context.set_offline(True)
        await page.reload()
        await paper_is_open(page)
        await saved_on_the_server(page)  # said without a network too: the server acknowledged it before
        await page.context.set_offline(False)
        await page.locator("[data-testid=connection-state][data-state=connected]").wait_for()
        await page.get_by_test_id("submit").click()
        await page.get_by_test_id("submit-confirm").click()
        await page.get_by_test_id("receipt").wait_for()
        await page.reload()
        await stage_is(page, "receipt")
        await page.get_by_test_id("receipt").wait_for()
        assert {"answer", "paper", "session"} <= {where for where, _ in await page.evaluate(KEPT_ON_THE_COMPUTER)}
        await page.context.set_offline(True)
        await page.get_by_test_id("sign-out").click()
        await page.get_by_test_id("signing-out").get_by_text("chưa tới máy chủ").wait_for()
        assert await looked_at_by_axe(page, "signing-out") == []
        await page.reload()  # nobody is signed out yet, and nothing of the session opens
        await page.get_by_test_id("ends-first").get_by_text("chưa tới máy chủ").wait_for()
        assert await page.get_by_text("Thí sinh 001").count() == 0
        await page.context.set_offline(False)
        await page.get_by_test_id("sign-in").wait_for()
        await page.evaluate(HIDDEN)
        assert await page.evaluate(KEPT_ON_THE_COMPUTER) == [["localStorage", "proctor.language"]]
        assert [name for name in await page.evaluate(CACHED) if "/api/" in name] == []
        await page.context.set_offline(True)
        await page.reload()
        await page.get_by_test_id("error").wait_for()
        assert await page.get_by_text("Thí sinh 001").count() == 0  # the next person at this computer sees nothing


# Every key of every store, and of what is kept without one.
KEPT_ON_THE_COMPUTER = """async () => {
  const { openStore } = await import("/lib/store.js");
  const store = await openStore();
  const kept = [];
  for (const name of store.objectStoreNames) for (const key of await store.getAllKeys(name)) kept.push([name, key]);
  store.close();
  return [...kept, ...Object.keys(localStorage).map((key) => ["localStorage", key])];
}"""
CACHED = """async () => (await Promise.all((await caches.keys()).map(async (name) =>
  (await (await caches.open(name)).keys()).map(({ url }) => url)))).flat()"""
HIDDEN = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_who_signs_out_before_handing_in_is_told_what_stays_and_nothing_is_erased(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, _server, clock, exam):
        await page.locator("#answer").fill("Chưa nộp.")
        await saved_on_the_server(page)
        kept = [one for one in await page.evaluate(KEPT_ON_THE_COMPUTER) if one[0] in ("answer", "paper")]
        assert len(kept) == 2
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=10))
        await stage_is(page, "over")
        await page.get_by_test_id("sign-out").click()
        dialog = page.get_by_test_id("leave")
        await dialog.locator("li").first.wait_for()  # its words are loaded when they are wanted
        assert await dialog.locator("li").all_inner_texts() == ["bài làm, 9 ký tự", "đề thi"]
        assert await looked_at_by_axe(page, "leave") == []
        await page.keyboard.press("Enter")  # the careful answer
        await dialog.wait_for(state="detached")
        await page.get_by_test_id("sign-out").click()
        await page.get_by_test_id("leave-ok").click()
        await page.get_by_test_id("sign-in").wait_for()
        left = await page.evaluate(KEPT_ON_THE_COMPUTER)
        assert [one for one in left if one[0] in ("answer", "paper")] == kept
        assert "session" not in [where for where, _ in left]


async def test_a_big_file_arrives_whole_over_a_breaking_network_and_a_reload(tmp_path: Path) -> None:
    photograph = tmp_path / "bài làm.jpg"
    photograph.write_bytes(os.urandom(12_000_000))
    async with at_work(tmp_path) as (page, server, _clock, exam):
        offsets: list[int] = []
        page.on("request", lambda request: request.method == "PATCH" and offsets.append(offset_of(request)))
        await network(page, upload_bytes_per_second=4_000_000)
        await page.get_by_test_id("file-input").set_input_files(photograph)
        await page.get_by_test_id("file-pending").wait_for()
        await until(page, SENT_PAST, 2_500_000)
        await network(page, offline=True)
        await page.get_by_test_id("offline-notice").wait_for()
        await network(page, upload_bytes_per_second=4_000_000)
        await until(page, SENT_PAST, 6_500_000)
        await page.reload()
        await until(page, f"{FILES} === 1", seconds=20)
        (known,) = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].files
        assert known.sha256 == hashlib.sha256(photograph.read_bytes()).hexdigest()
        assert known.name == "bài làm.jpg"
        assert offsets.count(0) == 1  # what had arrived was never sent again from the start

        await page.get_by_test_id("file-remove").click()
        await page.get_by_test_id("remove-file").get_by_text("bài làm.jpg").wait_for()
        await page.get_by_test_id("remove-file-confirm").click()
        await until(page, f"{FILES} === 0")
        assert server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].files == ()


async def test_too_many_too_large_and_empty_files_are_refused_by_name(tmp_path: Path) -> None:
    small = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"x" * 10} for n in range(21)]
    large = tmp_path / "phim.mp4"
    with large.open("wb") as file:
        file.truncate(51_000_000)
    async with at_work(tmp_path) as (page, server, _clock, exam):
        await page.get_by_test_id("file-input").set_input_files(large)
        await page.get_by_text("phim.mp4: Tệp lớn hơn 50 MB.").wait_for()
        await page.get_by_test_id("file-input").set_input_files(
            [{"name": "rỗng.txt", "mimeType": "text/plain", "buffer": b""}]
        )
        await page.get_by_text("rỗng.txt: Tệp rỗng.").wait_for()
        await page.get_by_test_id("file-input").set_input_files(small)
        await page.get_by_text("20.txt: Đã đủ 20 tệp.").wait_for()
        await until(page, f"{FILES} === 20")
        await until(page, "document.querySelectorAll('[data-testid=file-pending]').length === 0")
        assert len(server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].files) == 20


LINE = f"{'ế' * 79}\n"
WRITE = "(field, text) => { field.value = text; field.dispatchEvent(new Event('input')); }"  # at once, unlike keys


async def test_a_text_that_is_too_long_stays_whole_and_is_sent_once_it_was_shortened(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (page, server, _clock, exam):
        answer, excess = page.get_by_test_id("answer"), page.get_by_test_id("answer-excess")
        await answer.evaluate(WRITE, LINE * 2500)
        await answer.press("Control+End")
        await page.keyboard.insert_text("ếế")  # as pasted
        assert "Bài dài quá 200.000 ký tự" in await excess.inner_text()
        assert "rút bớt 2 ký tự" in await excess.inner_text()
        await page.locator("[data-testid=save-state][data-state=here_only]").wait_for()
        await page.get_by_test_id("submit").click()
        await page.get_by_test_id("submit-dialog").get_by_test_id("answer-excess").wait_for()
        assert await page.get_by_test_id("submit-confirm").is_disabled()
        await page.get_by_test_id("submit-back").click()
        await answer.press("Control+End")
        await answer.press("Backspace")
        await answer.press("Backspace")
        await excess.wait_for(state="detached")
        await saved_on_the_server(page)
        assert server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].text == LINE * 2500


SPOIL = """async () => {
  const { openStore } = await import("/lib/store.js");
  const store = await openStore();
  const [room] = await store.getAllKeys("paper");
  const kept = await store.get("paper", room);
  await store.put("paper", { ...kept, sealed: new Uint8Array(kept.sealed).map((byte) => byte ^ 1).buffer }, room);
}"""


async def test_a_copy_of_the_paper_that_this_computer_spoilt_is_fetched_once_more(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        await open_in_the_lobby(page, server, exam, "001")
        await invigilator.hear("sitting", lambda sitting: sitting["state"] == "waiting")
        await admit(invigilator, exam.candidates["001"])
        await until(page, "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'sealed'")
        await page.evaluate(SPOIL)
        clock.jump_to(exam.starts_at)
        await paper_is_open(page)
    assert errors == []


SENT_PAST = "(bytes) => document.querySelector('[data-testid=file-pending] progress')?.value > bytes"


def offset_of(request: object) -> int:
    return int(request.headers["upload-offset"])  # type: ignore[attr-defined]
