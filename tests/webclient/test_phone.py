"""What the telephone says of the photographs that it was to send, and how it comes in."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.async_api import Page, Route

pytestmark = pytest.mark.browser

SAID = """async (states) => {
  const { saidOf } = await import("/pages/phone/said.js");
  const { key, count } = saidOf(states.map((state) => ({ state })));
  return [key, count];
}"""


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], ["phone.none", 0]),  # none was taken, or the only one was refused
        (["there", "there"], ["phone.all_sent", 2]),
        (["there", "sending", "waiting", "failed"], ["phone.waiting", 2]),
        (["there", "failed"], ["phone.failed", 1]),
    ],
)
async def test_nothing_is_said_to_be_sent_that_was_not(
    module_page: Page, states: list[str], said: list[object]
) -> None:
    assert await module_page.evaluate(SAID, states) == said


# The answer to the first request is lost; then the page is opened anew, with the link still in its address.
COME_IN = """async () => {
  const { Sender } = await import("/pages/phone/sender.js");
  location.hash = "room=r&token=t";
  const [first, again] = [new Sender(), new Sender()];
  await first.open();
  const lost = first.offline.value;
  await again.open();
  const told = [lost, again.standing.value?.number, location.pathname];
  history.replaceState(null, "", "/");
  return told;
}"""


async def test_a_link_whose_answer_was_lost_is_used_as_the_same_again(module_page: Page) -> None:
    uses: list[dict[str, Any]] = []

    async def server(route: Route) -> None:
        if route.request.method == "POST":
            uses.append(route.request.post_data_json)
        if len(uses) < 2 or route.request.method != "POST":
            await route.abort()
        else:
            standing = {"room": "r", "number": "001", "open": False, "files": [], "server_time": "2026-11-23T03:00:00Z"}
            await route.fulfill(json=standing)

    await module_page.route("**/api/rooms/r/phone", server)
    # Held, so that the first does not ask again by itself while the page is opened anew.
    await module_page.route("**/api/rooms/r/phone/changes*", lambda _: None)
    assert await module_page.evaluate(COME_IN) == [True, "001", "/phone"]
    assert len(uses) >= 2
    assert {use["token"] for use in uses} == {"t"}
    assert len({use["act"] for use in uses}) == 1
    assert uses[0]["act"]


# What became of a telephone that opened a link which is used up.
USED = """async () => {
  const signals = await import("@preact/signals");
  const { Sender } = await import("/pages/phone/sender.js");
  location.hash = "room=r&token=t";
  const sender = new Sender();
  await sender.open();
  const become = () => sender.standing.value?.number ?? sender.ended.value?.code;
  await new Promise((done) => signals.effect(() => void (become() && done())));
  const told = [become(), location.pathname + location.hash, sender.mayTake];
  history.replaceState(null, "", "/");
  return told;
}"""


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([200], ["001", "/phone", True]),  # its own link: it goes on as the telephone that it is
        ([None, 200], ["001", "/phone", True]),  # and a network that breaks meanwhile ends nothing
        ([403], ["phone_link_ended", "/#room=r&token=t", False]),
    ],
)
async def test_a_telephone_that_opens_its_used_link_again_goes_on(
    module_page: Page, answers: list[int | None], told: list[Any]
) -> None:
    left = list(answers)

    async def server(route: Route) -> None:
        if route.request.method == "POST":
            await route.fulfill(status=403, json={"error": {"code": "phone_link_ended", "vi": "", "en": ""}})
            return
        answer = left.pop(0)
        if answer == 200:
            standing = {"room": "r", "number": "001", "open": True, "files": [], "server_time": "2026-11-23T03:00:00Z"}
            await route.fulfill(json=standing)
        elif answer:
            await route.fulfill(status=answer, json={"error": {"code": "phone_revoked", "vi": "", "en": ""}})
        else:
            await route.abort()

    await module_page.route("**/api/rooms/r/phone", server)
    await module_page.route("**/api/rooms/r/phone/changes*", lambda route: route.abort())
    async with asyncio.timeout(20):
        assert await module_page.evaluate(USED) == told


# The server answers, but for one question how things stand: as of one that is being started.
LOOKS = """async () => {
  const { Sender } = await import("/pages/phone/sender.js");
  location.hash = "#room=r_1";
  const ask = window.fetch, waiting = [];
  let count = 5, failing = false;
  const now = new Date().toISOString();
  const standing = { room: "r_1", number: "001", full_name: "An", exam_title: "Thi", files: [], open: true,
    suspended: false, submit_by: now, server_time: now };
  window.fetch = async (address) => {
    const { pathname, searchParams } = new URL(address, location.href);
    if (pathname.endsWith("/changes")) {
      if (Number(searchParams.get("after")) === count) await new Promise((resolve) => waiting.push(resolve));
      return new Response(JSON.stringify({ count }));
    }
    const fails = failing;
    failing = false;
    if (fails) return new Response('{"error":{"code":"internal"}}', { status: 500 });
    return new Response(JSON.stringify(standing));
  };
  const comes = async (what, test) => {
    for (let tries = 0; !test(); tries += 1) {
      if (tries > 500) throw new Error(what);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const sender = new Sender();
  await sender.open();
  await comes("it holds no question", () => waiting.length === 1);
  failing = true;
  count += 1;
  waiting[0]();
  await comes("it says nothing", () => sender.refused.value?.code === "internal" && !sender.offline.value);
  await comes("it is not back", () => !sender.refused.value);
  window.fetch = ask;
  return true;
}"""


async def test_it_asks_again_when_one_question_failed_though_nothing_changes_any_more(module_page: Page) -> None:
    assert await module_page.evaluate(LOOKS)


# A photograph is being sent when the page goes away. Then it comes back, or its telephone is let in by another link.
BEGUN = """async (link) => {
  const { Sender } = await import("/pages/phone/sender.js");
  const opened = async (hash) => {
    location.hash = hash;
    const sender = new Sender();
    await sender.open();
    return sender;
  };
  const until = ({ items }, test) => new Promise((done) => items.subscribe(([one]) => one && test(one) && done()));
  const first = await opened("room=r&token=t");
  const canvas = Object.assign(document.createElement("canvas"), { width: 150, height: 200 });
  await first.pages.add([await new Promise((done) => canvas.toBlob(done, "image/jpeg"))]);
  await (await fetch("/api/rooms/r/files/begun", { method: "POST" })).text();
  const second = await opened(link);
  await until(second, ({ token, error }) => token.startsWith("f_") || error);
  history.replaceState(null, "", "/");
  return second.items.value[0].error?.code ?? second.items.value[0].token;
}"""


@pytest.mark.parametrize(
    ("link", "found", "requests"),
    [
        ("room=r", "f_1", ["POST", "PATCH", "HEAD", "PATCH"]),
        # The server tells this telephone nothing of what began under the name that it had before.
        ("room=r&token=another", "f_2", ["POST", "PATCH", "POST", "PATCH"]),
    ],
)
async def test_a_telephone_that_is_let_in_anew_begins_its_photographs_anew(
    module_page: Page, link: str, found: str, requests: list[str]
) -> None:
    asked: list[str] = []
    begun = asyncio.Event()

    async def phone(route: Route) -> None:
        standing = {"room": "r", "number": "001", "open": True, "files": [], "server_time": "2026-11-23T03:00:00Z"}
        await route.fulfill(json=standing)

    async def files(route: Route) -> None:
        request = route.request
        if request.url.endswith("/begun"):
            await begun.wait()
            await route.fulfill(status=200)
            return
        asked.append(request.method)
        if request.method == "POST":
            await route.fulfill(status=201, headers={"Location": f"/api/rooms/r/files/f_{asked.count('POST')}"})
        elif request.method == "HEAD":
            told = {"Upload-Offset": "0", "Upload-Length": request.headers.get("upload-length", "1")}
            await (route.fulfill(status=404) if "another" in link else route.fulfill(status=200, headers=told))
        elif asked.count("PATCH") == 1:
            begun.set()  # and it is not answered any more
        else:
            content = request.post_data_buffer or b""
            told = {"Upload-Offset": str(len(content)), "Upload-Sha256": hashlib.sha256(content).hexdigest()}
            await route.fulfill(status=204, headers=told)

    await module_page.route("**/api/rooms/r/phone", phone)
    await module_page.route("**/api/rooms/r/phone/changes*", lambda _: None)
    await module_page.route("**/api/rooms/r/files", files)
    await module_page.route("**/api/rooms/r/files/*", files)
    async with asyncio.timeout(20):
        assert await module_page.evaluate(BEGUN, link) == found
    assert asked == requests


# The connection dies without a word while the telephone asks to be let in: its time limit passes. `said` is what the
# page tells of it and of the answers that follow.
SILENT = """async () => {
  const signals = await import("@preact/signals");
  const { Sender } = await import("/pages/phone/sender.js");
  const limits = [];
  AbortSignal.timeout = (ms) => {
    const limit = new AbortController();
    limits.push({ ms, pass: () => limit.abort(new DOMException("", "TimeoutError")) });
    return limit.signal;
  };
  location.hash = "room=r&token=t";
  const sender = new Sender(), said = [];
  const stop = signals.effect(() => {
    const word = sender.standing.value?.number ?? sender.refused.value?.code ?? (sender.offline.value && "offline");
    if (word && said.at(-1) !== word) said.push(word);
  });
  const opening = sender.open();
  await (await fetch("/api/rooms/r/phone/asked")).text();
  limits[0]?.pass();
  await opening;
  await new Promise((done) => sender.standing.subscribe((standing) => standing && done()));
  stop();
  history.replaceState(null, "", "/");
  return said;
}"""


async def test_a_telephone_that_is_not_answered_asks_again_and_says_why_it_is_not_let_in_yet(module_page: Page) -> None:
    uses: list[dict[str, Any]] = []
    asked = asyncio.Event()

    async def server(route: Route) -> None:
        if route.request.method == "POST":
            uses.append(route.request.post_data_json)
        if len(uses) == 1:
            asked.set()  # and it is never answered
        elif len(uses) == 2:
            await route.fulfill(status=409, json={"error": {"code": "room_held", "vi": "Đang chờ.", "en": "Waiting."}})
        else:
            standing = {"room": "r", "number": "001", "open": False, "files": [], "server_time": "2026-11-23T03:00:00Z"}
            await route.fulfill(json=standing)

    async def when_asked(route: Route) -> None:
        await asked.wait()
        await route.fulfill(status=200)

    await module_page.route("**/api/rooms/r/phone", server)
    await module_page.route("**/api/rooms/r/phone/asked", when_asked)
    await module_page.route("**/api/rooms/r/phone/changes*", lambda route: route.abort())
    async with asyncio.timeout(20):
        assert await module_page.evaluate(SILENT) == ["offline", "room_held", "001"]
    assert len({use["act"] for use in uses}) == 1


# The page itself, as its address opens it.
PAGE = """async (hash) => {
  document.body.append(Object.assign(document.createElement("div"), { id: "app" }));
  location.hash = hash;
  await import("/pages/phone/main.js");
}"""
STANDING = {
    "room": "r", "number": "001", "full_name": "An", "exam_title": "Thi", "open": True, "suspended": False,
    "files": [], "submit_by": "2026-11-23T04:30:00Z", "server_time": "2026-11-23T03:00:00Z",
}  # fmt: skip
PHOTOGRAPH = {
    "name": "a.jpg", "mimeType": "image/jpeg",
    "buffer": cv2.imencode(".jpg", np.full((200, 150, 3), 200, np.uint8))[1].tobytes(),
}  # fmt: skip


async def test_a_telephone_that_is_ended_says_what_it_has_not_sent_and_how_it_is_sent(
    module_page: Page, site: str
) -> None:
    page, refusing = module_page, ""

    async def phone(route: Route) -> None:
        if refusing:
            await route.fulfill(status=403, json={"error": {"code": refusing, "vi": "", "en": ""}})
        else:
            await route.fulfill(json=STANDING)

    await page.route("**/api/rooms/r/phone", phone)
    await page.route("**/api/rooms/r/phone/changes*", lambda route: route.abort())
    await page.route("**/api/rooms/r/files", lambda route: route.abort())
    below = page.get_by_test_id("phone-ended-help")
    await page.evaluate(PAGE, "")  # before it was ever let in
    assert "Chưa có ảnh nào được gửi" in await below.inner_text()
    assert "đóng trang này" in await below.inner_text()

    await page.goto(site)
    await page.evaluate(PAGE, "room=r&token=t")
    await page.get_by_test_id("page-input").set_input_files(PHOTOGRAPH)
    await page.get_by_test_id("page").wait_for()
    refusing = "phone_revoked"
    await page.evaluate("dispatchEvent(new Event('online'))")
    assert "1 ảnh chưa gửi" in await below.inner_text()
    assert "ghép lại" in await below.inner_text()
    assert "đóng trang" not in await page.get_by_test_id("phone-ended").inner_text()
    await page.get_by_test_id("page").get_by_text("Chưa gửi").wait_for()  # nothing goes with the next connection

    await page.goto(site)  # opened again, without a link, and then by a link that comes too late
    await page.evaluate(PAGE, "")
    assert "1 ảnh chưa gửi" in await below.inner_text()
    refusing = "after_submit_by"
    await page.goto(site)
    await page.evaluate(PAGE, "room=r&token=another")
    assert "không nằm trong bài thi" in await below.inner_text()

    # As its upload leaves the store once the server has the file.
    gone = """async () => {
      const { openStore } = await import("/lib/store.js");
      const store = await openStore("proctor_phone");
      for (const key of await store.getAllKeys("upload")) await store.delete("upload", key);
    }"""
    await page.evaluate(gone)
    await page.goto(site)
    await page.evaluate(PAGE, "")
    assert "Ảnh đã gửi vẫn nằm trong bài thi" in await below.inner_text()


async def test_beyond_the_deadline_nothing_is_promised_without_a_network(module_page: Page) -> None:
    page, standing = module_page, {**STANDING, "submit_by": "2026-11-23T02:59:00Z"}  # the server may have given time
    answers = True

    async def phone(route: Route) -> None:
        await (route.fulfill(json=standing) if answers else route.abort())

    await page.route("**/api/rooms/r/phone", phone)
    await page.route("**/api/rooms/r/phone/changes*", lambda route: route.abort())
    await page.route("**/api/rooms/r/files", lambda route: route.abort())
    await page.evaluate(PAGE, "room=r&token=t")
    await page.get_by_test_id("page-input").set_input_files(PHOTOGRAPH)
    fault = page.locator("[data-testid=page-fault][data-fault=small]")
    assert "điện thoại" not in await fault.inner_text()
    answers = False
    await page.evaluate("dispatchEvent(new Event('offline'))")
    told = page.get_by_test_id("phone-offline")
    await told.get_by_text("đã qua hạn nộp bài (09:59:00)").wait_for()
    assert "tự gửi" not in await told.inner_text()
    answers, standing = True, {**standing, "open": False}
    await page.evaluate("dispatchEvent(new Event('online'))")
    await page.get_by_test_id("phone-unsent").get_by_text("1 ảnh chưa gửi kịp và không nằm trong bài thi").wait_for()
    assert await page.get_by_test_id("page").get_attribute("data-state") == "unsent"


async def test_a_photograph_for_which_there_is_no_place_is_promised_nothing_beyond_the_end(module_page: Page) -> None:
    page, standing = module_page, STANDING
    details = {"limit": "20 files", "whole": 20}
    full = {"error": {"code": "too_large", "vi": "", "en": "", "details": details}}
    await page.route("**/api/rooms/r/phone", lambda route: route.fulfill(json=standing))
    await page.route("**/api/rooms/r/phone/changes*", lambda route: route.abort())
    await page.route("**/api/rooms/r/files", lambda route: route.fulfill(status=413, json=full))
    await page.evaluate(PAGE, "room=r&token=t")
    await page.get_by_test_id("page-input").set_input_files(PHOTOGRAPH)
    photograph = page.get_by_test_id("page")
    await photograph.get_by_text("chỉ gửi khi bạn bỏ bớt tệp").wait_for()
    assert "2 phút" not in await photograph.inner_text()
    standing = {**STANDING, "open": False}
    await page.evaluate("dispatchEvent(new Event('online'))")
    await page.get_by_test_id("phone-unsent").get_by_text("1 ảnh chưa gửi kịp và không nằm trong bài thi").wait_for()
    await photograph.get_by_text("Chưa gửi").wait_for()
    assert "bỏ bớt" not in await photograph.inner_text()


async def test_a_browser_that_allows_no_locks_sends_all_the_same(module_page: Page) -> None:
    await module_page.route("**/api/rooms/r/phone", lambda route: route.fulfill(json=STANDING))
    await module_page.route("**/api/rooms/r/phone/changes*", lambda route: route.abort())
    refuse = "navigator.locks.request = () => Promise.reject(new DOMException('', 'SecurityError'))"
    await module_page.evaluate(f"() => {{ {refuse}; }}")
    await module_page.evaluate(PAGE, "room=r&token=t")
    assert await module_page.get_by_test_id("page-camera").is_enabled()
    assert await module_page.get_by_test_id("phone-elsewhere").count() == 0


async def test_of_two_tabs_of_a_telephone_the_one_opened_last_sends_and_the_other_goes_on_when_it_is_closed(
    module_page: Page, site: str
) -> None:
    first, second = module_page, await module_page.context.new_page()
    announced: list[Page] = []
    held = asyncio.Event()  # the network returns
    arrived: list[dict[str, Any]] = []

    async def files(route: Route) -> None:
        request = route.request
        if not held.is_set():
            await route.abort()
        elif request.method == "POST":
            announced.append(request.frame.page)
            await route.fulfill(status=201, headers={"Location": f"/api/rooms/r/files/f_{len(announced)}"})
        else:
            content = request.post_data_buffer or b""
            told = {"Upload-Offset": str(len(content)), "Upload-Sha256": hashlib.sha256(content).hexdigest()}
            name = {"name": "trang-01.jpg", "type": "image/jpeg"}
            sent = {"file": "f_1", **name, "bytes": len(content), "source": "phone"}
            arrived.append(sent)
            await route.fulfill(status=204, headers=told)

    async def phone(route: Route) -> None:
        await route.fulfill(json={**STANDING, "files": arrived[:1]})

    for pattern, handler in (
        ("**/api/rooms/r/phone", phone), ("**/api/rooms/r/files", files), ("**/api/rooms/r/files/*", files),
        ("**/api/rooms/r/phone/changes*", lambda route: route.abort()),
    ):  # fmt: skip
        await first.context.route(pattern, handler)

    async def opened_again(route: Route) -> None:
        await route.continue_(url=site)

    await first.context.route(f"{site}phone", opened_again)
    await first.evaluate(PAGE, "room=r&token=t")
    await first.get_by_test_id("page-input").set_input_files(PHOTOGRAPH)
    await first.get_by_test_id("page").wait_for()
    await second.goto(site)
    await second.evaluate(PAGE, "room=r&token=another")
    await first.get_by_test_id("phone-elsewhere").wait_for()
    assert await first.get_by_test_id("page-camera").count() == 0
    await second.get_by_test_id("page").wait_for()  # what waited there waits here

    held.set()
    for tab in (first, second):
        await tab.evaluate("dispatchEvent(new Event('online'))")
    await second.locator("[data-testid=page][data-state=there]").wait_for()
    assert announced == [second]
    assert len(arrived) == 1

    async with first.expect_navigation():  # it begins anew, and takes part again
        await second.close()
    await first.evaluate(PAGE, "room=r")
    await first.locator("[data-testid=page][data-state=there]").wait_for()
    assert await first.get_by_test_id("phone-elsewhere").count() == 0
    assert announced == [second]
