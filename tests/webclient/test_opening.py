"""The candidate's page as its address opens it, beside a server that answers nothing for a while
(pages/candidate/main.js)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, Route

pytestmark = pytest.mark.browser

# What this computer remembers of an exam, under way or `submitted`. `asks` are the time limits of what the page asks,
# to be let pass.
OPEN = """async (remembers) => {
  const { openStore } = await import("/lib/store.js");
  const store = await openStore();
  const identity = { subject: "c", full_name: "Lan", room: "r", plan: null };
  const at = "2026-11-22T01:00:00Z", until = "2999-11-22T01:00:00Z", times = { release_at: at, submit_by: until };
  const room = { exam_title: "Triết học", times, released_at: at, phase: "writing", form: "written" };
  const submitted = remembers === "submitted", state = submitted ? "submitted" : "admitted";
  const sitting = { number: "001", full_name: "Lan", state, suspended: "", extra_minutes: 0, phone: null,
    materials_received: [], answer: { revision: 1, saved_at: at }, files: [] };
  const done = { received_at: at, files: [], ledger: {}, submission: "b_1" };
  const receipt = submitted ? done : null;
  const kept = { identity, room, sitting, receipt, ahead: 0, messages: [], seen: [], materials: [] };
  if (remembers) {
    await store.put("session", kept, "candidate");
    const answer = { text: "Đã viết.", base: 1, sent: null, dirty: false, edited_at: 1, set_aside: [] };
    await store.put("answer", answer, "r/c");
  }
  navigator.serviceWorker.register = async () => {};
  const asks = window.asks = [];
  AbortSignal.timeout = (ms) => {
    const limit = new AbortController();
    asks.push({ ms, pass: () => limit.abort(new DOMException("", "TimeoutError")) });
    return limit.signal;
  };
  document.body.append(Object.assign(document.createElement("div"), { id: "app" }));
  await import("/pages/candidate/main.js");
}"""
ASKED = "async (count) => { while (asks.length < count) await new Promise((done) => setTimeout(done, 5)); }"


class Server:
    """Who is signed in, once it answers; and what was asked of it."""

    def __init__(self, me: dict[str, Any]) -> None:
        self.me = me
        self.answers = False
        self.asked: list[str] = []

    async def answer(self, route: Route) -> None:
        path = route.request.url.split("/api/")[1]
        self.asked.append(path)
        if self.answers and path == "me":
            await route.fulfill(json=self.me)
        elif self.answers and path == "sign-out":
            await route.fulfill(json={})
        elif self.answers:
            await route.abort()


ME = {"role": "candidate", "subject": "c", "full_name": "Lan", "room": "r", "rooms": [], "elsewhere": False}


async def test_who_has_work_here_sees_it_soon_beside_a_server_that_does_not_answer(module_page: Page) -> None:
    server = Server(ME)
    await module_page.route("**/api/**", server.answer)
    await module_page.evaluate(OPEN, True)
    async with asyncio.timeout(15):
        await module_page.get_by_test_id("opening").get_by_text("Đang mở bài trên máy này…").wait_for()
        assert await module_page.get_by_test_id("opening").get_attribute("role") == "status"
        await module_page.evaluate(ASKED, 1)
        assert await module_page.evaluate("asks[0].ms") == 2500
        await module_page.evaluate("asks[0].pass()")
        answer = module_page.get_by_test_id("answer")
        await answer.wait_for()
        assert await answer.input_value() == "Đã viết."
        assert await module_page.get_by_test_id("opening").count() == 0
        await module_page.evaluate(ASKED, 2)
    assert set(server.asked) == {"me"}  # it does not join before it knows that no other device has the place


@pytest.mark.parametrize("other", [{"elsewhere": True, "submitted_at": None}, {"subject": "d", "full_name": "Minh"}])
async def test_the_work_that_was_shown_gives_way_to_what_the_server_says_by_then(
    module_page: Page, other: dict[str, Any]
) -> None:
    server = Server(ME | other)
    await module_page.route("**/api/**", server.answer)
    await module_page.evaluate(OPEN, True)
    async with asyncio.timeout(15):
        await module_page.evaluate(ASKED, 1)
        await module_page.evaluate("asks[0].pass()")
        await module_page.get_by_test_id("answer").wait_for()
        await module_page.evaluate(ASKED, 2)
        server.answers = True
        await module_page.evaluate("asks[1].pass()")
        await module_page.get_by_test_id("answer").wait_for(state="detached")
    joins = [path for path in server.asked if path.endswith("/join")]
    assert "subject" in other or joins == []  # the other person's page joins for that person


async def test_who_has_nothing_here_is_told_that_the_page_is_being_opened(module_page: Page) -> None:
    server = Server(ME)
    await module_page.route("**/api/**", server.answer)
    await module_page.evaluate(OPEN, False)
    async with asyncio.timeout(15):
        await module_page.get_by_test_id("opening").get_by_text("Đang mở…").wait_for()
        await module_page.evaluate(ASKED, 1)
        assert await module_page.evaluate("asks[0].ms") == 8000
        await module_page.evaluate("asks[0].pass()")
        await module_page.get_by_test_id("error").wait_for()
        assert await module_page.get_by_test_id("opening").count() == 0


async def test_after_a_sign_out_that_erased_the_work_nothing_is_said_of_work_on_this_computer(
    module_page: Page,
) -> None:
    server = Server(ME)
    server.answers = True
    await module_page.route("**/api/**", server.answer)
    await module_page.evaluate(OPEN, "submitted")
    async with asyncio.timeout(15):
        await module_page.get_by_test_id("receipt").wait_for()
        await module_page.route("**/api/me", lambda route: None)  # from now on nothing answers
        await module_page.get_by_test_id("sign-out").click()
        await module_page.get_by_test_id("opening").get_by_text("Đang mở…").wait_for()
