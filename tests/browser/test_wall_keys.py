"""The wall, used: keys with their effect, the attention strip, the filters, prepared messages, the feed; and tiles that
tell what they should and stand still under the pointer. One house, one room of ten."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page as RehearsalPage
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import LOOK, new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sign_in_staff
from tests.support.house import Exam, admit, candidate_page, reach_lobby

pytestmark = pytest.mark.browser

STRIP = """[...document.querySelectorAll('[data-testid=attention-item]')]
  .map((one) => [one.querySelector('b').textContent, one.dataset.why])"""
TILES = """[...document.querySelectorAll('[data-testid=tile]')].map((tile) => {
  const box = tile.getBoundingClientRect();
  return [tile.dataset.candidate, Math.round(box.x), Math.round(box.y), Math.round(box.width)]; })"""
WORST = [
    ("001", "suspended"), ("002", "hand"), ("008", "hand"), ("003", "message"), ("004", "offline"), ("005", "no_media"),
]  # fmt: skip


class Wall:
    """The invigilator's page, and the candidates by number; 009 never comes, 010 waits."""

    def __init__(self, desk: Page, live: Any, exam: Exam, pages: dict[str, RehearsalPage]) -> None:
        self.desk, self.live, self.exam, self.pages = desk, live, exam, pages

    def tile(self, number: str) -> str:
        return f"[data-testid=tile][data-candidate={self.exam.candidates[number]}]"

    def sitting(self, number: str) -> Any:
        return self.live.state.sittings[self.exam.candidates[number]]

    async def press(self, key: str, number: str | None = None) -> None:
        """Press a key, with the keyboard's focus on a tile."""
        if number is not None:
            await self.desk.locator(self.tile(number)).focus()
        await self.desk.keyboard.press(key)

    async def focused(self, number: str) -> None:
        await self.desk.locator(f"[data-testid=focus][data-candidate={self.exam.candidates[number]}]").wait_for()

    async def shows(self, *numbers: str) -> None:
        """Wait until these tiles, in this order, are the wall."""
        wanted = [self.exam.candidates[number] for number in numbers]
        await until(self.desk, f"(wanted) => {TILES}.map(([one]) => one).join() === wanted", ",".join(wanted))


async def test_the_wall_is_run_by_keys_and_filters_and_stands_still(tmp_path: Path) -> None:
    errors: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        server, clock, exam, other = await stack.enter_async_context(open_room(tmp_path, candidates=10))
        pages = {}
        for number in ("001", "002", "003", "004", "005", "006", "007", "008", "010"):
            pages[number] = await stack.enter_async_context(await candidate_page(server, exam, number))
            await reach_lobby(pages[number], exam.room)
        publisher = SyntheticPublisher(0)
        stack.push_async_callback(publisher.stop)
        answer = await pages["008"].tell("publish", epoch=pages["008"].epoch, sdp=publisher.offer())
        await publisher.accept(answer["sdp"])
        publisher.start()
        await admit(other, *(exam.candidates[number] for number in pages if number != "010"))
        clock.jump_to(exam.starts_at)
        await pages["008"].hear("paper_key")
        await trouble(other, exam, pages)
        browser = await stack.enter_async_context(shared_chromium())
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("wall").wait_for()
        wall = Wall(desk, server.house.rooms.get(exam.room), exam, pages)

        await the_strip_has_the_six_worst_in_order(wall)
        await a_tile_tells_what_it_should(wall)
        await n_and_p_go_from_alert_to_alert(wall)
        await z_suspends_and_resumes_only_when_confirmed(wall)
        await h_and_the_question_mark_open_their_dialogs(wall)
        await prepared_messages_are_sent(wall)
        await an_open_question_is_offered_to_be_answered(wall)
        await chips_count_and_filter(wall)
        await tiles_stand_still(wall, other)
        await the_feed_tells_of_losses_and_takes_notes(wall)
        await only_what_is_on_the_screen_is_sent(wall)
        await an_offline_tile_keeps_its_picture(wall, publisher)
    assert errors == []


async def trouble(other: RehearsalPage, exam: Exam, pages: dict[str, RehearsalPage]) -> None:
    """One of each kind, the least first, so that the order in the strip is not the order of coming."""
    to = {number: exam.candidates[number] for number in exam.candidates}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("note_violation", {"candidate": to["007"], "category": "phone", "text": "Cầm điện thoại"}),
        ("begin_absence", {"candidate": to["006"], "why": "Đi vệ sinh"}),
        ("ask_again", {"candidate": to["005"], "subject": "camera", "text": "Xoay camera"}),
    ]
    for message, body in acts:
        assert "error" not in await other.tell(message, **body)
    await pages["004"].leave()
    await other.hear("sitting", lambda one: one["candidate"] == to["004"] and one["losses"])
    await pages["003"].tell("write_message", text="Em không mở được tệp.")
    for number in ("002", "008"):
        await pages[number].tell("raise_hand")
    assert "error" not in await other.tell("suspend", candidate=to["001"], reason="Có người ngồi cạnh")


async def the_strip_has_the_six_worst_in_order(wall: Wall) -> None:
    await until(wall.desk, f"{STRIP}.at(-1)?.[1] === 'no_media'")  # with the vitals: only 008 is seen
    assert [tuple(one) for one in await wall.desk.evaluate(STRIP)] == WORST
    assert "và 2 thí sinh nữa" in await wall.desk.get_by_test_id("attention").inner_text()
    await wall.desk.get_by_test_id("attention-item").nth(4).click()
    await wall.focused("004")
    await wall.press("Escape")


async def a_tile_tells_what_it_should(wall: Wall) -> None:
    """State, sound, network, recording, age of the last save, minutes left, open incidents."""
    first = wall.pages["008"]
    await first.tell("save_answer", epoch=first.epoch, base_revision=0, text="Bài làm.", client_time="t")
    tile = wall.desk.locator(wall.tile("008"))
    await wall.desk.locator(f"{wall.tile('008')}[data-state=live]").wait_for()
    await until(wall.desk, f"document.querySelector('{wall.tile('008')} meter')?.value > 0.05")
    await tile.get_by_test_id("tile-recorded").wait_for()
    await tile.locator(".tile_network[data-bars='3']").wait_for()
    said = await tile.inner_text()
    assert "90′" in said, said
    assert await tile.locator(".tile_save").inner_text() in ("00:00", "00:01", "00:02", "00:03")
    assert await wall.desk.locator(wall.tile("007")).locator(".tile_flag").inner_text() == "1"
    borders = {
        number: await wall.desk.locator(wall.tile(number)).evaluate("(tile) => getComputedStyle(tile).borderColor")
        for number in ("008", "004", "001", "009", "010")
    }
    assert len(set(borders.values())) == len(borders), borders
    for number, word in (("001", "Đình chỉ"), ("004", "Mất kết nối 00:"), ("009", "Chưa vào"), ("010", "Đang chờ")):
        assert word in await wall.desk.locator(wall.tile(number)).inner_text()
    assert await looked_at_by_axe(wall.desk, "wall-in-use") == []
    await picture(wall.desk, "wall-in-use")


async def n_and_p_go_from_alert_to_alert(wall: Wall) -> None:
    for key, number in (("n", "001"), ("n", "002"), ("n", "008"), ("p", "002"), ("p", "001"), ("p", "007")):
        await wall.press(key)
        await wall.focused(number)
    await wall.press("Escape")
    await wall.desk.get_by_test_id("wall").wait_for()


async def z_suspends_and_resumes_only_when_confirmed(wall: Wall) -> None:
    dialog = wall.desk.get_by_test_id("suspend-dialog")
    await wall.press("z", "006")
    await dialog.wait_for()
    assert await wall.desk.get_by_test_id("reason-ok").is_disabled()
    await wall.desk.keyboard.type("z")  # a letter of the reason, and no key of the wall
    await wall.press("Escape")
    await wall.desk.get_by_test_id("typed-discard").click()
    await dialog.wait_for(state="detached")
    assert wall.sitting("006").suspended_because == ""
    for reason, stands in (("Dùng tài liệu", "Dùng tài liệu"), ("Đã giải thích", "")):
        await wall.press("z", "006")
        await dialog.wait_for()
        await wall.desk.keyboard.type(reason)
        await wall.press("Tab")
        await wall.press("Tab")
        await wall.press("Enter")
        await dialog.wait_for(state="detached")
        assert wall.sitting("006").suspended_because == stands


async def h_and_the_question_mark_open_their_dialogs(wall: Wall) -> None:
    for key, dialog in (("h", "run-dialog"), ("?", "help-dialog")):
        await wall.press(key)
        await wall.desk.get_by_test_id(dialog).wait_for()
        if key == "?":
            await wall.desk.get_by_test_id(dialog).get_by_text("Chọn loại vi phạm").wait_for()
            await picture(wall.desk, "wall-keys")
        await wall.press("Escape")
        await wall.desk.get_by_test_id(dialog).wait_for(state="detached")


async def prepared_messages_are_sent(wall: Wall) -> None:
    """One sentence to one, by M; one to all, by B."""
    for key, choice, text, hears in (
        ("m", "face", "Đề nghị bạn chỉnh camera", ["008"]), ("b", "fifteen", "Còn 15 phút.", ["002", "008"]),
    ):  # fmt: skip
        await wall.press(key, "008")
        await wall.desk.get_by_test_id(f"prepared-{choice}").click()
        sent = await wall.desk.get_by_test_id("message-text").input_value()
        assert sent.startswith(text)
        await wall.desk.get_by_test_id("message-send").click()
        for number in hears:
            await wall.pages[number].hear("message", lambda told, sent=sent: told["text"] == sent)
        await wall.desk.get_by_test_id("message-dialog").wait_for(state="detached")


async def an_open_question_is_offered_to_be_answered(wall: Wall) -> None:
    """Also by a message that nobody called an answer; it is one only when it is said to be."""
    (question,) = (sent for sent in wall.live.state.messages if sent.from_candidate)
    for answers in (False, True):
        await wall.press("m", "003")
        dialog = wall.desk.get_by_test_id("message-dialog")
        await dialog.get_by_text(question.text).wait_for()
        await dialog.get_by_test_id("message-text").fill("Bấm Tải về ở góc đề.")
        if answers:
            await dialog.get_by_test_id("message-answers").check()
            await picture(wall.desk, "message-answers")
        await dialog.get_by_test_id("message-send").click()
        await dialog.wait_for(state="detached")
        assert wall.live.state.messages[-1].answers == (question.message if answers else "")
    await wall.press("m", "003")
    assert await dialog.get_by_test_id("message-answers").count() == 0
    await wall.press("Escape")


async def chips_count_and_filter(wall: Wall) -> None:
    """Each chip counts those whom it shows; pressed again it shows everybody."""
    shown = {
        "waiting": ["010"], "live": ["008"], "offline": ["004"], "suspended": ["001"], "absent": ["009"],
        "flagged": ["007"], "submitted": [], "no_media": ["002", "003", "005", "006", "007"], "reconnecting": [],
    }  # fmt: skip
    for state, numbers in shown.items():
        chip = wall.desk.get_by_test_id(f"chip-{state}")
        await until(wall.desk, "([state, count]) => document.querySelector(`[data-testid=chip-${state}] b`)"
                               ".textContent === String(count)", [state, len(numbers)])  # fmt: skip
        await chip.click()
        await wall.shows(*numbers)
        assert await chip.get_attribute("aria-pressed") == "true"
        await chip.click()
    await wall.shows(*(f"{number:03}" for number in range(1, 11)))


async def tiles_stand_still(wall: Wall, other: RehearsalPage) -> None:
    # Admitting moves nobody.
    before = await wall.desk.evaluate(TILES)
    await admit(other, wall.exam.candidates["010"])
    await wall.desk.locator(f"{wall.tile('010')}:not([data-state=waiting])").wait_for()
    assert await wall.desk.evaluate(TILES) == before

    # With a filter on, and the pointer on a tile, one comes to match and another ceases to: nothing moves.
    await wall.desk.get_by_test_id("chip-offline").click()
    await wall.shows("004")
    await wall.desk.locator(wall.tile("004")).hover()
    before = await wall.desk.evaluate(TILES)
    await wall.pages["003"].leave()
    await wall.desk.get_by_test_id("wall-held").get_by_text("1 thay đổi").wait_for()
    await wall.pages["004"].join(wall.exam.room)
    await wall.desk.get_by_test_id("wall-held").get_by_text("2 thay đổi").wait_for()
    assert await wall.desk.evaluate(TILES) == before
    await picture(wall.desk, "wall-held")

    # Away from the wall it is up to date at once.
    await wall.desk.get_by_test_id("chip-offline").hover()
    await wall.shows("003")
    await wall.desk.get_by_test_id("wall-held").wait_for(state="detached")
    await wall.desk.get_by_test_id("chip-offline").click()

    # Who has come back is on the way for a while, until the picture is there.
    await wall.desk.get_by_test_id("chip-reconnecting").click()
    await wall.shows("004")
    assert "Đang nối lại" in await wall.desk.locator(wall.tile("004")).inner_text()
    await wall.desk.get_by_test_id("chip-reconnecting").click()


async def the_feed_tells_of_losses_and_takes_notes(wall: Wall) -> None:
    await wall.desk.get_by_test_id("log-toggle").click()
    losses = wall.desk.locator("[data-testid=log-entry][data-kind=loss]")
    lasting = wall.desk.locator("[data-testid=log-entry][data-kind=loss][data-state=lasting]")
    await lasting.get_by_text("Mất kết nối 00:").wait_for()
    assert "003" in await lasting.inner_text()
    over = wall.desk.locator("[data-testid=log-entry][data-kind=loss][data-state=over]")
    assert "Đã mất kết nối 00:" in await over.inner_text()
    assert await losses.count() == 2
    noted = wall.desk.locator("[data-testid=log-entry][data-kind=violation]")
    await noted.get_by_test_id("note-add").click()
    await wall.desk.get_by_test_id("reason").fill("Đã xem lại, máy để trên bàn.")
    await wall.desk.get_by_test_id("reason-ok").click()
    await wall.desk.locator("[data-testid=log-entry][data-kind=note]").get_by_text("máy để trên bàn").wait_for()
    (kept,) = wall.live.state.notes
    (violation,) = wall.live.state.violations
    assert (kept.added.violation, kept.added.candidate) == (violation, wall.exam.candidates["007"])
    first = await wall.desk.get_by_test_id("log-entry").first.get_attribute("data-kind")
    assert first == "note", "newest first"
    await picture(wall.desk, "wall-feed")
    await wall.desk.set_viewport_size({"width": 390, "height": 844})
    await picture(wall.desk, "wall-phone")
    await wall.desk.set_viewport_size({"width": 1366, "height": 768})
    await wall.desk.get_by_test_id("log-toggle").click()


async def only_what_is_on_the_screen_is_sent(wall: Wall) -> None:
    """By what the server sends, page by page of the wall, before, in and after a focus, and in a hidden tab."""
    media = wall.live.media.connections
    (viewer,) = media._viewers.values()
    tiles = [slot for slot in viewer.slots if slot.offered.name != "focus"]

    def wanted() -> set[str]:
        return {person for slot in tiles if (person := viewer.wanted[slot.offered.name])}

    async def asked_for(*numbers: str, focus: str | None = None) -> None:
        expected = {wall.exam.candidates[number] for number in numbers}, focus and wall.exam.candidates[focus]
        async with asyncio.timeout(10):
            while (wanted(), viewer.wanted["focus"]) != expected:
                await asyncio.sleep(0.05)

    await wall.desk.get_by_test_id("layout").select_option(label="2 × 2")
    await asked_for("001", "002", "004")  # 003 is away
    await wall.desk.get_by_test_id("broadcast").focus()
    await wall.press("PageDown")
    await asked_for("005", "006", "007", "008")
    await until(wall.desk, f"({LOOK})('{wall.tile('008')} video')?.contrast > 10")

    await wall.press("Enter", "008")
    await asked_for(focus="008")
    await until(wall.desk, f"({LOOK})('[data-testid=focus-video]')?.contrast > 10")
    (large,) = [slot for slot in viewer.slots if slot.offered.name == "focus" and slot.offered.kind == "video"]
    small, seen = sum(slot.packets for slot in tiles), large.packets
    async with asyncio.timeout(10):
        while large.packets < seen + 20:
            await asyncio.sleep(0.05)
    assert sum(slot.packets for slot in tiles) == small

    await hide(wall.desk, True)
    await wall.press("Escape")
    await asked_for()
    await hide(wall.desk, False)
    await asked_for("005", "006", "007", "008")
    await until(wall.desk, f"({LOOK})('{wall.tile('008')} video')?.contrast > 10")
    await wall.desk.get_by_test_id("layout").select_option(index=0)

    # What a small screen has no place for is not sent before it is scrolled to.
    await wall.desk.set_viewport_size({"width": 390, "height": 400})
    for here, there in (("001", "010"), ("010", "001")):
        await wall.desk.locator(wall.tile(here)).scroll_into_view_if_needed()
        async with asyncio.timeout(10):
            while wall.exam.candidates[here] not in wanted() or wall.exam.candidates[there] in wanted():
                await asyncio.sleep(0.05)
    await wall.desk.set_viewport_size({"width": 1366, "height": 768})
    await asked_for("001", "002", "004", "005", "006", "007", "008", "010")


async def hide(page: Page, hidden: bool) -> None:
    await page.evaluate("""(hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange')); }""", hidden)


async def an_offline_tile_keeps_its_picture(wall: Wall, publisher: SyntheticPublisher) -> None:
    await until(wall.desk, f"({LOOK})('{wall.tile('008')} video')?.contrast > 10")
    await wall.pages["008"].leave()
    await publisher.stop()
    await wall.desk.locator(f"{wall.tile('008')}[data-state=offline]").wait_for()
    assert "Mất kết nối 00:" in await wall.desk.locator(wall.tile("008")).inner_text()
    kept = await wall.desk.evaluate(
        """(tile) => { const still = document.querySelector(`${tile} canvas`);
          const { data } = still.getContext('2d').getImageData(0, 0, still.width, still.height);
          const video = getComputedStyle(document.querySelector(`${tile} video`));
          return { filter: getComputedStyle(still).filter, colours: new Set(data).size,
                   gone: video.visibility === 'hidden' || video.opacity === '0' }; }""",
        wall.tile("008"),
    )
    assert "grayscale(1)" in kept["filter"]
    assert kept["colours"] > 50, "a picture, and no empty canvas"
    assert kept["gone"], "the still is seen, not the stopped picture"
    await picture(wall.desk, "wall-offline-still")
