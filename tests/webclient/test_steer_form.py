"""What the office writes into the acts of a room under way (pages/office/steer_form.js)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture
from tests.support.house import PDF

pytestmark = pytest.mark.browser

# The dialog of one room; what was sent is on `window.sent`, and what the server would make of it stands in the room.
STEER = """async (hold) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { SteerDialog } = await import("/pages/office/steer_dialog.js");
  await Promise.all(["base", "console", "office"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  window.sent = [];
  const times = { submit_by: "2026-11-23T04:30:00Z", end_at: "2026-11-23T04:35:00Z" };
  const one = (number, name, minutes) => (
    { candidate: `c_${number}`, number, full_name: name, extra_minutes: minutes, state: "admitted" });
  const room = { room: "r_1", title: "Phòng 1", phase: "writing", times, released_at: times.submit_by, hold,
    published: true, candidates: [one("001", "Trần An", 8), one("002", "Lê Bình", 0)] };
  const exam = { plan: { regime: "A" }, reserve: null, rooms: [room] };
  const put = async (path, body) => {
    sent.push([path, body.minutes, body.seen]);
    room.candidates.find(({ candidate }) => path.includes(candidate)).extra_minutes = body.minutes;
    return {};
  };
  window.answer = async () => ({});
  const post = async (path, body) => {
    sent.push([path, body.minutes, body.seen, body.act]);
    return answer(room, body);
  };
  const postForm = async (path, form) => {
    sent.push([path, JSON.parse(await form.get("material").text()).title, form.get("file")?.name ?? null]);
    return {};
  };
  const api = { get: async () => ({ candidates: [] }), put, post, postForm };
  const root = document.body.appendChild(document.createElement("main"));
  window.escapes = 0;
  window.draw = (more = {}, of = (one) => one) => render(html`<${SteerDialog} api=${api} exam=${exam}
    room=${of(Object.assign(room, more))} reload=${async () => {}} onClose=${() => { escapes += 1; }} />`, root);
  draw();
}"""


async def test_time_that_somebody_has_is_shown_and_begun_with_and_taken_away_only_when_asked(module_page: Page) -> None:
    page = module_page
    await page.evaluate(STEER)
    field = page.get_by_test_id
    await field("steer-extra").click()
    await field("steer-candidate").select_option("c_001")
    assert await field("steer-minutes").input_value() == "8"
    assert "Hiện có 8 phút, hạn nộp 11:38:00" in await field("steer-has").inner_text()
    await field("steer-minutes").fill("3")
    await field("steer-reason").fill("Mất điện")
    await field("steer-ok").click()
    said = await field("steer-less").inner_text()
    assert "001 Trần An" in said and "8 phút" in said and "3 phút" in said
    await picture(page, "steer-less")
    await page.keyboard.press("Escape")
    await field("steer-less").wait_for(state="detached")
    assert await page.evaluate("sent") == []
    assert await field("steer-minutes").input_value() == "3"

    path = "/api/rooms/r_1/candidates/c_00{}/extra-time"
    await field("steer-minutes").fill("0")
    await field("steer-ok").click()
    await field("steer-less-ok").click()
    await field("steer-done").wait_for()
    assert await page.evaluate("sent") == [[path.format(1), 0, 8]]
    assert await field("steer-candidate").input_value() == ""

    for candidate, minutes, had in (("1", "5", 0), ("1", "11", 5), ("2", "4", 0)):  # more is given without a question
        await field("steer-candidate").select_option(f"c_00{candidate}")
        assert await field("steer-minutes").input_value() == str(had)
        await field("steer-minutes").fill(minutes)
        await field("steer-reason").fill("Mất điện")
        await field("steer-ok").click()
        await page.wait_for_function("(one) => JSON.stringify(sent.at(-1)) === JSON.stringify(one)",
                                     arg=[path.format(candidate), int(minutes), had])  # fmt: skip
        await page.wait_for_function("!document.querySelector('[data-testid=steer-minutes]')")
    await field("steer-candidate").select_option("everybody")
    assert "4–11 phút" in await field("steer-has").inner_text()
    await picture(page, "steer-extra")


async def test_what_was_typed_for_one_act_is_there_when_somebody_comes_back_to_it(module_page: Page) -> None:
    page = module_page
    await page.evaluate(STEER)
    field = page.get_by_test_id
    await field("steer-material").click()
    await field("steer-title").fill("Đính chính câu 2")
    await field("steer-text").fill("x = 3")
    await field("material-file").set_input_files(file("bang.txt", b"1 2 3", "text/plain"))
    await field("steer-shift").click()
    await field("steer-minutes").fill("7")
    await field("steer-reason").fill("Mất điện")
    assert await field("steer-title").count() == 0
    await field("steer-material").click()
    assert await field("steer-title").input_value() == "Đính chính câu 2"
    assert await field("steer-text").input_value() == "x = 3"
    await field("steer-shift").click()
    assert await field("steer-minutes").input_value() == "7"
    await field("steer-ok").click()
    await field("steer-done").wait_for()
    # What waits in another act is still something that a key does not throw away.
    await page.keyboard.press("Escape")
    await field("typed-keep").click()
    assert await page.evaluate("escapes") == 0
    await field("steer-material").click()
    await field("steer-ok").click()
    await field("steer-done").wait_for()
    assert await page.evaluate("sent.at(-1)") == ["/api/rooms/r_1/materials", "Đính chính câu 2", "bang.txt"]
    await page.keyboard.press("Escape")
    await page.wait_for_function("escapes === 1")


def file(name: str, content: bytes, kind: str = "application/pdf") -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


async def test_a_pdf_for_all_is_opened_before_it_is_sent(module_page: Page) -> None:
    page = module_page
    await page.evaluate(STEER)
    field = page.get_by_test_id
    await field("steer-material").click()
    await field("steer-title").fill("Bảng số")
    await field("material-file").set_input_files(file("bang.pdf", b"%PDF-1.7 of no page\n%%EOF"))
    await page.locator("[data-testid=steer-error] [data-code=pdf_unreadable]").wait_for()
    await field("steer-ok").click()
    await field("steer-done").wait_for()
    await field("steer-title").fill("Bảng số")
    await field("material-file").set_input_files(file("bang.pdf", PDF))
    await field("material-file-chosen").get_by_text("2 trang").wait_for()
    await picture(page, "steer-material-pages")
    await field("steer-ok").click()
    await page.wait_for_function("sent.length === 2")
    assert [named for _, _, named in await page.evaluate("sent")] == [None, "bang.pdf"]


async def test_an_act_under_way_is_seen_and_read_out_and_a_second_press_sends_nothing(module_page: Page) -> None:
    page = module_page
    await page.evaluate(STEER)
    await page.evaluate("() => { answer = () => new Promise((done) => { window.arrives = () => done({}); }); }")
    field = page.get_by_test_id
    await field("steer-shift").click()
    await field("steer-reason").fill("Mất điện")
    working = field("working")
    assert await working.inner_text() == ""
    assert await working.get_attribute("role") == "status"
    twice = "document.querySelector('[data-testid=steer-ok]').form"
    await page.evaluate(f"() => {{ const form = {twice}; form.requestSubmit(); form.requestSubmit(); }}")
    await working.get_by_text("Đang gửi").wait_for()
    assert await field("steer-ok").is_disabled()
    await picture(page, "steer-working")
    assert len(await page.evaluate("sent")) == 1
    await page.evaluate("arrives()")
    await field("steer-done").wait_for()
    assert await working.inner_text() == ""
    assert len(await page.evaluate("sent")) == 1


async def test_a_dialog_is_not_closed_unawares_while_its_act_is_under_way_and_tells_how_it_ended(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(STEER)
    await page.evaluate("""async () => {
      const { ApiError } = await import("/lib/api.js");
      answer = () => new Promise((done, failed) => {
        window.arrives = () => done({});
        window.refused = () => failed(new ApiError({ code: "x", vi: "Giờ đã khác." }, 409));
      });
    }""")
    field = page.get_by_test_id
    close = page.locator("form:not([hidden])").get_by_test_id("dialog-close")
    await field("steer-shift").click()
    await field("steer-minutes").fill("9")
    await field("steer-reason").fill("Mất điện")
    await field("steer-reason").press("Tab")
    await field("steer-ok").press("Enter")
    await field("working").get_by_text("Đang gửi").wait_for()
    for name in ("steer-minutes", "steer-reason"):
        assert await field(name).is_disabled(), "what is sent is not what is typed meanwhile"
    for leave in (close.click, lambda: page.keyboard.press("Escape")):
        await leave()
        await field("still-out").wait_for()
        assert await page.evaluate("escapes") == 0
        if leave == close.click:
            await picture(page, "steer-still-out")
            await page.keyboard.press("Enter")  # waits
            await field("still-out").wait_for(state="detached")
    assert await field("steer-extra").is_disabled(), "how it ends is told where it was written"
    await page.evaluate("refused()")
    await field("still-out").wait_for(state="detached")
    await field("steer-error").get_by_text("Giờ đã khác.").wait_for()
    assert await field("steer-minutes").input_value() == "9"
    await page.wait_for_function("!document.querySelector('[data-testid=steer-extra]').disabled")
    await field("steer-ok").click()
    await close.click()
    await field("still-out-leave").click()
    assert await page.evaluate("escapes") == 1
    await page.evaluate("arrives()")
    await field("steer-done").wait_for()
    await close.click()
    assert await page.evaluate("escapes") == 2, "nothing is under way: it closes at once"


@pytest.mark.parametrize("handed_over", [False, True])
async def test_a_dialog_that_stands_open_over_the_rooms_end_offers_nothing_that_is_too_late(
    module_page: Page, handed_over: bool
) -> None:
    page = module_page
    await page.evaluate(STEER)
    field = page.get_by_test_id
    await field("steer-extra").click()
    await field("steer-candidate").select_option("c_002")
    await field("steer-minutes").fill("5")
    await field("steer-reason").fill("Mất điện")
    handover = {"at": "2026-11-23T04:36:00Z", "received_at": None, "handover": "h", "files": []}
    await page.evaluate("(handover) => draw({ phase: 'ended', handover })", handover if handed_over else None)
    said = field("steer-too-late")
    await said.get_by_text("Giờ làm bài của phòng đã hết").wait_for()
    assert "Thêm giờ" in await said.inner_text()
    focused = "(said) => document.activeElement.contains(said)"
    assert await said.evaluate(focused)
    await picture(page, f"steer-too-late-{handed_over}")
    if handed_over:
        assert await field("steer-handover").get_attribute("aria-selected") == "true"
        assert "Mất điện" in await said.inner_text(), "what was typed can be read"
        assert await field("steer-ok").inner_text() == "Xác nhận đã nhận"
    else:
        assert await field("steer-reason").input_value() == "Mất điện" and await field("steer-reason").is_disabled()
        assert await field("steer-ok").count() == 0
    await page.evaluate("draw({ phase: 'writing' })")  # the office gave time in another window
    await said.wait_for(state="detached")
    assert await field("steer-minutes").input_value() == "5" and await field("steer-minutes").is_enabled()


async def test_a_hand_over_that_became_wrong_is_not_confirmed_and_what_was_said_of_it_goes_with_it(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(STEER)
    field = page.get_by_test_id
    ended = "{ phase: 'ended', handover_wanted_since: null, lists_outdated: false, ...more }"
    draw = f"(more) => draw({ended}, structuredClone)"
    first = {"at": "2026-11-23T04:36:00Z", "received_at": None, "handover": "h", "files": [], "sha256": "1" * 64}
    await page.evaluate(draw, {"handover": first})
    await field("steer-handover").click()
    refusal = "{ code: 'handover_outdated', vi: 'Hai danh sách trong bàn giao không còn đúng', en: '' }"
    throws = f"answer = async () => {{ throw new m.ApiError({refusal}); }}"
    await page.evaluate(f"import('/lib/api.js').then((m) => {{ {throws}; }})")
    await field("steer-ok").click()
    await field("steer-error").get_by_text("không còn đúng").wait_for()
    await page.evaluate(draw, {"handover": first, "lists_outdated": True})
    await field("handover-outdated").get_by_text("công khai lại").wait_for()
    assert await field("steer-ok").count() == 0
    await page.evaluate(draw, {"handover": None, "handover_wanted_since": "2026-11-23T04:50:00Z"})
    await field("handover-again").get_by_text("11:50:00").wait_for()
    await field("steer-error").wait_for(state="detached")
    assert await field("steer-ok").count() == 0
    await page.evaluate(draw, {"handover": {**first, "handover": "h2"}})
    await field("steer-ok").get_by_text("Xác nhận đã nhận").wait_for()


# The server did it, and its answer was lost; the page has heard of the new times meanwhile.
LOST = """async () => {
  const { ApiError } = await import("/lib/api.js");
  const { serverClock } = await import("/lib/time.js");
  window.answer = async (room, { minutes, act }) => {
    if (sent.some((one, at) => at < sent.length - 1 && one[3] === act)) return {};
    const until = Date.parse(room.times.submit_by) + minutes * 60_000;
    room.times = { ...room.times, submit_by: new Date(until).toISOString() };
    for (const one of room.candidates) one.extra_minutes += minutes;
    throw new ApiError({ code: "network" });
  };
}"""


@pytest.mark.parametrize("act", ["shift", "extra"])
async def test_what_is_pressed_again_after_a_lost_answer_is_the_same_act_on_the_same_times(
    module_page: Page, act: str
) -> None:
    page = module_page
    await page.evaluate(STEER)
    await page.evaluate(LOST)
    field = page.get_by_test_id
    await field(f"steer-{act}").click()
    if act == "extra":
        await field("steer-candidate").select_option("everybody")
    await field("steer-minutes").fill("3")
    await field("steer-reason").fill("Mất điện")
    await field("steer-ok").click()
    await field("steer-error").wait_for()
    await field("steer-ok").click()
    await field("steer-done").wait_for()
    first, second = await page.evaluate("sent")
    assert first == second and first[3], "nothing is given on top of what may be given"
    if act == "extra":
        await field("steer-candidate").select_option("everybody")
    await field("steer-minutes").fill("4")
    await field("steer-reason").fill("Mất điện nữa")
    await field("steer-ok").click()
    await field("steer-error").wait_for()
    third = (await page.evaluate("sent"))[2]
    assert third[2] != first[2] and third[3] != first[3], "what is decided next is decided on what is shown then"
    await field("steer-minutes").fill("5")  # not the same act any more
    await field("steer-ok").click()
    await page.wait_for_function("sent.length === 4")
    fourth = (await page.evaluate("sent"))[3]
    assert fourth[2] == third[2] and fourth[3] != third[3], "which the server refuses, since the times are others"


async def test_minutes_are_asked_for_only_where_a_held_room_gets_some(module_page: Page) -> None:
    page = module_page
    await page.evaluate(STEER, {"missed": "deadline", "since": "2026-11-23T04:30:00Z", "candidates": 2})
    field = page.get_by_test_id
    assert await field("steer-minutes").count() == 1
    for outcome in ("accept_saved", "refer_to_makeup"):
        await field("steer-outcome").select_option(outcome)
        await field("steer-minutes").wait_for(state="detached")
        await field("steer-reason").fill("Máy chủ ngừng")
        await field("steer-ok").click()
        await field("steer-done").wait_for()
        assert (await page.evaluate("sent")).pop()[:2] == ["/api/rooms/r_1/hold", 0]
        await field("steer-minutes").wait_for(), "as it was at first"


@pytest.mark.parametrize(("act", "whom"), [("shift", None), ("extra", "everybody")])
async def test_who_is_in_two_rooms_by_the_new_times_is_named_until_the_next_act(
    module_page: Page, act: str, whom: str | None
) -> None:
    page = module_page
    await page.evaluate(STEER)
    field = page.get_by_test_id
    said = field("steer-in-two-rooms")
    there = {"full_name": "Lê Bình", "room": "r_9", "room_title": "Phòng 9", "exam_title": "Kinh tế"}
    for people, told in (([], None), ([there], "Phòng 9, Kinh tế (1): Lê Bình"), ([], None)):
        await page.evaluate("(in_two_rooms) => { answer = async () => ({ in_two_rooms }); }", people)
        await field(f"steer-{act}").click()
        if whom:
            await field("steer-candidate").select_option(whom)
        await field("steer-reason").fill("Mất điện")
        before = await page.evaluate("sent.length")
        await field("steer-ok").click()
        await page.wait_for_function("(before) => sent.length > before", arg=before)
        if told is None:
            await said.wait_for(state="detached")
        else:
            await said.get_by_text(told).wait_for()
            assert "ở hai phòng cùng lúc" in await said.inner_text()
        await field("steer-done").wait_for()
