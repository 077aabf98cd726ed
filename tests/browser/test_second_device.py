"""The same candidate at two devices, and in two tabs of one browser, as the people before the screens see it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.async_api import Route, async_playwright

from tests.browser.camera import portrait
from tests.browser.chromium import LOOK, chromium, new_page, picture, shared_chromium, until
from tests.browser.entering import (
    admit_from_queue,
    check_devices_and_agree,
    open_room,
    paper_is_open,
    reach_the_photos,
    saved_on_the_server,
    sign_in_candidate,
    sign_in_staff,
    stage_is,
    start_writing,
)
from tests.support.house import admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

READ_ONLY = "document.querySelector('#answer').readOnly"
# What a page has opened, and whether all of it is shut again.
OPENED = """
const media = navigator.mediaDevices, open = media.getUserMedia.bind(media);
window.opened = [];
media.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  window.opened.push(...stream.getTracks());
  return stream;
};
"""
SHUT = "() => window.opened.length > 0 && window.opened.every(({ readyState }) => readyState === 'ended')"
GREENER = f"((selector) => {{ const look = ({LOOK})(selector); return look && look.mean[1] > 1.3 * look.mean[0]; }})"


async def test_another_device_is_seen_compared_and_admitted(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        async_playwright() as playwright,
        shared_chromium(face=True) as home,
        chromium(playwright, camera=portrait(tmp_path / "2.y4m", tint=(0.4, 0.9, 0.4))) as away,
    ):
        old, new, desk = await new_page(home, errors), await new_page(away, errors), await new_page(home, errors)
        candidate = exam.candidates["001"]
        await start_writing(old, server, clock, exam, "001", invigilator)
        await old.locator("#answer").fill("Viết ở máy thứ nhất.")
        await saved_on_the_server(old)
        await invigilator.tell("send_message", to=[candidate], text="Riêng cho thí sinh 001.")
        await old.get_by_test_id("message").wait_for()
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        tile = f"[data-testid=tile][data-candidate={candidate}]"
        await until(desk, f"({LOOK})('{tile} video')?.contrast > 10")

        # The new device waits, is told why, and knows nothing of the work.
        heard: list[str] = []
        new.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
        await sign_in_candidate(new, server, "001", exam.codes["001"])
        await until(new, "document.querySelector('[data-testid=check-camera]')?.dataset.state === 'ok'")
        assert await new.get_by_test_id("stage").get_attribute("data-stage") == "check"
        assert server.house.rooms.get(exam.room).state.sittings[candidate].pending is None, "its camera may yet fail"
        assert await old.get_by_test_id("asked-elsewhere").count() == 0
        await check_devices_and_agree(new)
        await old.get_by_test_id("asked-elsewhere").get_by_text("Một thiết bị khác đang xin vào").wait_for()
        await picture(old, "second-device-asks")
        await new.get_by_test_id("lobby-state").get_by_text("thiết bị khác").wait_for()
        await picture(new, "second-device-waits")
        await desk.locator("[data-testid=queue-entry][data-readmission=true]").wait_for()
        await until(desk, f"{GREENER}('[data-testid=queue-entry] video')")
        assert not await desk.evaluate(f"{GREENER}('{tile} video')")
        await picture(desk, "second-device-beside")
        assert not await old.evaluate(READ_ONLY)
        assert "Viết ở máy" not in "".join(heard)
        assert "Riêng cho" not in "".join(heard)

        # The first device comes back after a loss: it is still the active one, and the other one goes on asking.
        await old.reload()
        await paper_is_open(old)
        await old.locator("#answer").fill("Viết ở máy thứ nhất, tải lại.")
        await saved_on_the_server(old)
        await old.get_by_test_id("asked-elsewhere").wait_for()
        await stage_is(new, "lobby")
        assert await desk.get_by_test_id("queue-entry").count() == 1

        # Admitted, the text goes on at the new device. The old one, back from a loss, is read only and asks nobody.
        await old.context.set_offline(True)
        await old.get_by_test_id("offline-notice").wait_for()
        await admit_from_queue(desk)
        await paper_is_open(new)
        assert await new.locator("#answer").input_value() == "Viết ở máy thứ nhất, tải lại."
        await new.get_by_test_id("message").get_by_text("Riêng cho").wait_for()
        await old.context.set_offline(False)
        await old.get_by_test_id("superseded").get_by_test_id("use-here").wait_for()
        assert server.house.rooms.get(exam.room).state.sittings[candidate].pending is None
        assert await new.get_by_test_id("asked-elsewhere").count() == 0
        assert await old.evaluate(READ_ONLY)
        await until(desk, f"{GREENER}('{tile} video')", seconds=15)
        assert await desk.get_by_test_id("queue-entry").count() == 0
        await new.locator("#answer").fill("Viết tiếp ở máy thứ hai.")
        await saved_on_the_server(new)
        assert server.house.rooms.get(exam.room).state.sittings[candidate].text == "Viết tiếp ở máy thứ hai."

        # Handed in there, the old one waits for nothing: it says so, and asks only if it is told to.
        await new.get_by_test_id("submit").click()
        await new.get_by_test_id("submit-confirm").click()
        await stage_is(new, "receipt")
        await old.reload()
        await stage_is(old, "receipt")
        said = await old.get_by_test_id("handed-in").inner_text()
        assert "Máy chủ nhận bài lúc" in said and "Biên nhận ở thiết bị đã nộp bài" in said
        assert server.house.rooms.get(exam.room).state.sittings[candidate].pending is None
        await picture(old, "handed-in-elsewhere")
        await old.get_by_test_id("receipt-ask").click()
        await stage_is(old, "check")
    assert errors == []


@pytest.mark.long  # tests/exam/test_second_device.py declines
async def test_another_device_is_declined_told_why_and_may_ask_again_while_the_first_keeps_writing(
    tmp_path: Path,
) -> None:
    errors: list[str] = []
    reason = "Người trước camera không phải thí sinh"
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as home,
    ):
        old, new, desk = [await new_page(home, errors) for _ in range(3)]
        candidate = exam.candidates["001"]
        live = server.house.rooms.get(exam.room)
        await new.add_init_script(OPENED)
        await start_writing(old, server, clock, exam, "001", invigilator)
        await old.locator("#answer").fill("Viết ở máy thứ nhất.")
        await saved_on_the_server(old)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await sign_in_candidate(new, server, "001", exam.codes["001"])
        await check_devices_and_agree(new)
        await old.get_by_test_id("asked-elsewhere").wait_for()
        await until(desk, f"({LOOK})('[data-testid=queue-entry] video')?.contrast > 10")
        assert f"{candidate}/asking" in live.media.connections.health()

        # Declined from where it would be admitted.
        await desk.get_by_test_id("admit").click()
        await desk.get_by_test_id("admit-refuse").click()
        await desk.get_by_test_id("decline-dialog").get_by_role("button", name=reason).click()
        await picture(desk, "second-device-decline")
        await desk.get_by_test_id("reason-ok").click()
        await desk.get_by_test_id("queue-entry").wait_for(state="detached")
        await desk.get_by_test_id("admit-dialog").wait_for(state="detached")
        await new.locator("[data-testid=lobby-state][data-connection=declined]").get_by_text(reason).wait_for()
        await until(new, f"({SHUT})()")
        assert f"{candidate}/asking" not in live.media.connections.health()
        assert await new.locator("video").count() == 0
        await picture(new, "second-device-declined")
        await old.get_by_test_id("asked-elsewhere").wait_for(state="detached")
        assert not await old.evaluate(READ_ONLY)
        await old.locator("#answer").fill("Viết ở máy thứ nhất, viết tiếp.")
        await saved_on_the_server(old)
        assert live.state.sittings[candidate].text == "Viết ở máy thứ nhất, viết tiếp."

        # It asks again, and everybody sees that it did before; this time from the queue.
        await new.get_by_test_id("use-here").click()
        await new.get_by_test_id("declined-before").get_by_text(reason).wait_for()
        await old.get_by_test_id("asked-elsewhere").wait_for()
        await desk.get_by_test_id("queue-entry").get_by_test_id("declined-before").get_by_text(reason).wait_for()
        await until(desk, f"({LOOK})('[data-testid=queue-entry] video')?.contrast > 10")
        await picture(desk, "second-device-asks-again")
        await desk.get_by_test_id("decline").click()
        await desk.get_by_test_id("reason").fill("Vẫn không phải")
        await desk.get_by_test_id("reason-ok").click()
        await new.get_by_test_id("lobby-state").get_by_text("Vẫn không phải").wait_for()
        await until(new, f"({SHUT})()")

        # While it asks once more, a third device asks in its place: it is told, and lets go of the camera.
        await new.get_by_test_id("use-here").click()
        await desk.get_by_test_id("queue-entry").wait_for()
        async with await candidate_page(server, exam, "001") as third:
            await third.join(exam.room)
            there = new.locator("[data-testid=lobby-state][data-connection=superseded]")
            await there.get_by_text("đang mở ở thẻ hoặc thiết bị khác").wait_for()
            await until(new, f"({SHUT})()")
            await picture(new, "second-device-superseded")

        # A person may have erred: asked again, it is admitted.
        await new.get_by_test_id("use-here").click()
        await desk.get_by_test_id("queue-entry").wait_for()
        await admit_from_queue(desk)
        await paper_is_open(new)
        assert await new.locator("#answer").input_value() == "Viết ở máy thứ nhất, viết tiếp."
        await new.locator("[data-testid=media-state][data-recorded=true]").wait_for()
        await old.get_by_test_id("superseded").wait_for()
    assert errors == []


@pytest.mark.long  # the tests before it walk the same way
async def test_the_replaced_device_loaded_again_asks_by_its_device_check(tmp_path: Path) -> None:
    """It remembers an exam in which it has no part any more: what was written there would reach nobody."""
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as home,
    ):
        old, new = await new_page(home, errors, opens_offline=True), await new_page(home, errors)
        candidate = exam.candidates["001"]
        await start_writing(old, server, clock, exam, "001", invigilator)
        await old.locator("#answer").fill("Viết ở máy thứ nhất.")
        await saved_on_the_server(old)
        await sign_in_candidate(new, server, "001", exam.codes["001"])
        await check_devices_and_agree(new)
        await old.get_by_test_id("asked-elsewhere").wait_for()
        await admit(invigilator, candidate)
        await paper_is_open(new)
        await old.get_by_test_id("superseded").wait_for()

        await old.context.set_offline(True)
        await old.reload()
        await paper_is_open(old)  # without a network it shows what it remembers, and asks before it joins
        await old.context.set_offline(False)
        await old.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        assert server.house.rooms.get(exam.room).state.sittings[candidate].pending is None
        assert await new.evaluate("document.querySelector('[data-testid=superseded]') === null")

        await old.reload()
        await old.locator("[data-testid=check-camera][data-state=ok]").wait_for()
        assert server.house.rooms.get(exam.room).state.sittings[candidate].pending is None
        await check_devices_and_agree(old)
        await new.get_by_test_id("asked-elsewhere").wait_for()
        assert not await new.evaluate(READ_ONLY)
    assert errors == []


@pytest.mark.parametrize("handed_in", [True, False])
async def test_a_replaced_page_on_which_no_device_was_checked_asks_back_only_after_its_device_check(
    tmp_path: Path, handed_in: bool
) -> None:
    """Before that the invigilator would have no face to compare. Of a hand-in it knew nothing when its candidate
    pressed the button."""
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium(face=True) as home,
        await candidate_page(server, exam, "001") as new,
    ):
        old = await new_page(home, errors)
        candidate = exam.candidates["001"]
        live = server.house.rooms.get(exam.room)
        await start_writing(old, server, clock, exam, "001", invigilator)
        await old.reload()
        await paper_is_open(old)
        await reach_lobby(new, exam.room)
        await admit(invigilator, candidate)
        await old.get_by_test_id("superseded").get_by_test_id("use-here").wait_for()
        digest = hashlib.sha256(b"").hexdigest()
        if handed_in:
            assert "error" not in await new.tell("submit", epoch=new.epoch, revision=0, text_sha256=digest, files=[])
        await old.get_by_test_id("use-here").click()
        if handed_in:
            await stage_is(old, "receipt")
            await old.get_by_test_id("receipt-ask").click()
        await stage_is(old, "check")
        assert live.state.sittings[candidate].pending is None
        await reach_the_photos(old)
        if handed_in:
            await old.get_by_test_id("handed-in").get_by_text("Đang xin cán bộ coi thi").wait_for()
        else:
            await old.get_by_test_id("lobby-state").get_by_text("thiết bị khác").wait_for()
        await admit(invigilator, candidate)
        if handed_in:
            await old.get_by_text(digest).first.wait_for()
        else:
            await stage_is(old, "exam")
    assert errors == []


@pytest.mark.long  # tests/exam/test_second_device.py, tests/webclient/test_answers.py
async def test_words_that_the_replaced_device_had_not_saved_reach_the_page_that_writes(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as home,
    ):
        old, new = await new_page(home, errors, opens_offline=True), await new_page(home, errors)
        candidate = exam.candidates["001"]
        await start_writing(old, server, clock, exam, "001", invigilator)
        await old.locator("#answer").fill("Một.")
        await saved_on_the_server(old)
        await sign_in_candidate(new, server, "001", exam.codes["001"])
        await check_devices_and_agree(new)
        await old.get_by_test_id("asked-elsewhere").wait_for()
        await old.context.set_offline(True)
        await old.locator("#answer").fill("Một. Hai, chưa lưu.")
        refusals = [(429, "too_fast"), (503, "internal"), (409, "room_held")]  # none of which lasts

        async def refuse(route: Route) -> None:
            status, code = refusals.pop()
            await route.fulfill(status=status, json={"error": {"code": code, "vi": "Chờ", "en": "Wait"}})

        await old.route("**/words", refuse, times=len(refusals))
        await admit(invigilator, candidate)
        await paper_is_open(new)
        await new.locator("#answer").fill("Một. Ba.")
        await saved_on_the_server(new)
        await old.context.set_offline(False)
        await old.get_by_test_id("superseded").wait_for()
        await new.get_by_test_id("conflict").get_by_text("Một. Hai, chưa lưu.").wait_for()
        assert refusals == []
        await old.locator("[data-testid=save-state][data-state=handed_over]").wait_for()
        await picture(new, "words-left")
        await picture(old, "words-handed-over")
        await new.get_by_test_id("conflict-theirs").click()
        await saved_on_the_server(new)
        assert server.house.rooms.get(exam.room).state.sittings[candidate].text == "Một. Hai, chưa lưu."
    assert errors == []


async def test_an_older_tab_is_read_only_and_takes_the_exam_back(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        older = await new_page(browser, errors)
        await older.add_init_script(OPENED)
        await start_writing(older, server, clock, exam, "001", invigilator)
        await older.locator("#answer").fill("Thẻ thứ nhất.")
        await saved_on_the_server(older)
        await older.locator("[data-testid=media-state][data-recorded=true]").wait_for()
        newer = await older.context.new_page()
        await newer.goto(f"{server.url}/candidate")
        await paper_is_open(newer)
        await older.get_by_test_id("superseded").wait_for()
        assert await older.evaluate(READ_ONLY)
        # It says what is so, offers nothing that goes nowhere, and nobody is filmed for it.
        await older.get_by_test_id("connection-state").get_by_text("Đang mở ở nơi khác").wait_for()
        await until(older, f"({SHUT})()")
        for gone in ("media-state", "talk-open", "hand", "submit", "self-view", "device-lost"):
            assert await older.get_by_test_id(gone).count() == 0, gone
        assert "Muốn nhắn cán bộ, hãy dùng trang kia" in await older.get_by_test_id("superseded").inner_text()
        await picture(older, "superseded")
        assert await newer.locator("#answer").input_value() == "Thẻ thứ nhất."
        await newer.locator("#answer").fill("Thẻ thứ nhất. Thẻ thứ hai.")  # not yet on the server
        await older.get_by_test_id("use-here").click()
        await until(older, f"!({READ_ONLY})")
        await newer.get_by_test_id("superseded").wait_for()
        await until(older, "document.querySelector('#answer').value === 'Thẻ thứ nhất. Thẻ thứ hai.'")
        await older.locator("#answer").fill("Thẻ thứ nhất. Thẻ thứ hai. Trở lại.")
        await saved_on_the_server(older)
        live = server.house.rooms.get(exam.room)
        assert live.state.sittings[exam.candidates["001"]].text == "Thẻ thứ nhất. Thẻ thứ hai. Trở lại."
        await older.locator("[data-testid=media-state][data-recorded=true]").wait_for()
        assert not await older.evaluate(f"({SHUT})()")
        await older.get_by_test_id("talk-open").wait_for()
    assert errors == []
