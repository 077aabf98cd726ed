"""A sign-out that the server does not hear at once (lib/sign_out.js), on a page of staff and on a candidate's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, Route

from tests.browser.chromium import new_page
from tests.webclient.conftest import WEBCLIENT

pytestmark = pytest.mark.browser

STAFF = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { StaffPage } = await import("/pages/shared/staff_page.js");
  const { TopBar } = await import("/pages/shared/top_bar.js");
  const Desk = ({ me, onSignOut }) => html`<${TopBar} who=${me.full_name} onSignOut=${onSignOut} />`;
  const root = document.body.appendChild(document.createElement("div"));
  render(html`<${StaffPage} role="training_office" Page=${Desk} />`, root);
}"""
CANDIDATE = """async () => {
  document.body.append(Object.assign(document.createElement("div"), { id: "app" }));
  navigator.serviceWorker.register = async () => {};
  await import("/pages/candidate/main.js");
}"""
# What this computer remembers of who handed in, all of which the server has; or of who still writes.
REMEMBERED = """async (state) => {
  const { openStore } = await import("/lib/store.js");
  const store = await openStore();
  const at = "2026-11-22T01:00:00Z", until = "2999-11-22T01:00:00Z";
  const times = { release_at: at, submit_by: until, end_at: until };
  const room = { exam_title: "Triết học", times, phase: "gathering" };
  const sitting = { number: "001", full_name: "Lan", state, answer: {}, files: [], submitted_at: at };
  const done = { received_at: at, files: [], ledger: {}, submission: "b_1" };
  const receipt = state === "submitted" ? done : null;
  const identity = { room: "r", subject: "c", full_name: "Lan" };
  await store.put("session", { identity, room, sitting, receipt, ahead: 0 }, "candidate");
  await store.put("answer", { text: "Viết.", base: 1, dirty: false, edited_at: 1, set_aside: [] }, "r/c");
  store.close();
}"""
KEPT = """async () => {
  const { openStore } = await import("/lib/store.js");
  const store = await openStore();
  const kept = [Boolean(await store.get("session", "candidate")), Boolean(await store.get("answer", "r/c"))];
  store.close();
  return [...kept, Object.keys(localStorage).filter((key) => key.startsWith("signing_out/"))];
}"""
ONLINE = "dispatchEvent(new Event('online'))"
REFUSED = {"error": {"code": "not_signed_in", "vi": "", "en": ""}}


class Server:
    """Who is signed in, and how a sign-out is answered: it is not reached ("away"), it stands still, "answers", or
    "hears" it and its answer is lost."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.signed_in = True
        self.sign_out = "away"
        self.asked: list[str] = []
        self.given_up: list[str] = []
        self.bodies: list[dict[str, str]] = []
        self.marks: list[tuple[str, str]] = []  # path and mark of each request about a sign-out

    async def open(self, page: Page) -> None:
        await page.route("**/api/**", self.answer)
        page.on("requestfailed", self._failed)
        await page.evaluate(CANDIDATE if self.role == "candidate" else STAFF)

    def _failed(self, request: Request) -> None:
        if "/api/" in request.url:  # a test may end while the page loads parts of itself
            self.given_up.append(request.url.split("/api/")[1])

    async def answer(self, route: Route) -> None:
        path = route.request.url.split("/api/")[1]
        self.asked.append(path)
        me: dict[str, Any] = {"role": self.role, "subject": "c", "full_name": "Lan", "room": "r", "rooms": []}
        if path.startswith("sign-out"):
            self.marks.append((path, route.request.post_data_json["mark"]))
        if path == "sign-out":
            self.signed_in = self.signed_in and self.sign_out != "hears"
            self.bodies.append(route.request.headers)
            if self.sign_out == "answers":
                self.signed_in = False
                await route.fulfill(json={})
            elif self.sign_out == "away":
                await route.abort()
        elif path == "sign-out/withdraw" and self.signed_in and self.sign_out != "away":
            await route.fulfill(json={})
        elif path == "me" and self.signed_in:
            await route.fulfill(json={**me, "elsewhere": False, "submitted_at": None})
        elif path == "time":
            await route.fulfill(json={"server_time": "2026-11-22T01:00:00Z"})
        elif path.startswith("sign-in"):
            self.signed_in = True
            await route.fulfill(json=me)
        elif not self.signed_in:
            await route.fulfill(status=401, json=REFUSED)
        else:
            await route.abort()


@pytest.fixture(params=["training_office", "candidate"])
def server(request: pytest.FixtureRequest) -> Server:
    return Server(request.param)


async def test_nobody_looks_signed_out_before_the_server_has_heard_it_and_the_next_page_says_it_first(
    module_page: Page, server: Server
) -> None:
    page = module_page
    dialog, said = page.get_by_test_id("signing-out"), page.get_by_test_id("signing-out-said")
    if server.role == "candidate":
        await page.evaluate(REMEMBERED, "submitted")
    await server.open(page)
    async with asyncio.timeout(30):
        await page.get_by_test_id("who").get_by_text("Lan").wait_for()
        await page.get_by_test_id("sign-out").click()
        await said.get_by_text("chưa tới máy chủ").wait_for()
        await page.get_by_test_id("who").get_by_text("Lan").wait_for()
        assert await page.get_by_test_id("sign-in").count() == 0

        # Who stays stays, and nothing is sent any more.
        await page.get_by_test_id("sign-out-stay").click()
        await dialog.wait_for(state="detached")
        asked = server.asked.count("sign-out")
        await page.evaluate(ONLINE)
        assert (await page.evaluate(KEPT))[2] == []
        assert server.asked.count("sign-out") == asked

        # Sent again once there is a connection, by this page or by the next one, which shows nothing of the session.
        await page.get_by_test_id("sign-out").click()
        await said.get_by_text("chưa tới máy chủ").wait_for()
        await page.reload()
        server.asked.clear()
        await server.open(page)
        await page.get_by_test_id("ends-first").get_by_text("chưa tới máy chủ").wait_for()
        assert set(server.asked) == {"sign-out"}
        assert "Lan" not in await page.locator("body").inner_text()
        assert await page.get_by_test_id("sign-out-stay").count() == 0
        server.sign_out = "answers"
        await page.evaluate(ONLINE)
        await page.get_by_test_id("sign-in").wait_for()
        assert await page.get_by_test_id("ends-first").count() == 0
        assert {headers["proctor-subject"] for headers in server.bodies} == {"c"}
        assert await page.evaluate(KEPT) == [False, False, []]


async def test_a_sign_out_beside_a_server_that_stands_still_is_said_to_be_under_way_and_may_be_given_up(
    browser: Browser, site: str, server: Server
) -> None:
    errors: list[str] = []
    page = await new_page(browser, errors)  # whose clock is moved
    await page.clock.install()
    await page.goto(site)
    if server.role == "candidate":
        await page.evaluate(REMEMBERED, "submitted")
    server.sign_out = "stands still"
    await server.open(page)
    said = page.get_by_test_id("signing-out-said")
    async with asyncio.timeout(30):
        await page.get_by_test_id("sign-out").click()
        await said.get_by_text("Đang báo máy chủ").wait_for()
        async with page.expect_event("requestfailed", lambda request: request.url.endswith("/api/sign-out")):
            await page.clock.fast_forward(8000)
        await said.get_by_text("chưa tới máy chủ").wait_for()
        async with page.expect_request("**/api/sign-out"):
            await page.clock.fast_forward(3000)
        async with (
            page.expect_event("requestfailed", lambda request: request.url.endswith("/api/sign-out")),
            page.expect_response("**/api/sign-out/withdraw") as answered,
        ):
            await page.get_by_test_id("sign-out-stay").click()
        await page.get_by_test_id("who").get_by_text("Lan").wait_for()
        assert await page.get_by_test_id("signing-out").count() == 0
        # What was sent is withdrawn, since it may be read yet.
        assert (await answered.value).ok
        (*sent, withdrawn) = server.marks
        assert [path for path, _ in sent] == ["sign-out"] * 2
        assert {mark for _, mark in server.marks} == {withdrawn[1]} != {""}
        server.sign_out = "answers"
        await page.get_by_test_id("sign-out").click()
        await page.get_by_test_id("sign-in").wait_for()
        assert await page.evaluate(KEPT) == [False, False, []]
    await page.context.close()
    assert errors == []


async def test_who_stays_too_late_is_told_that_the_sign_out_had_been_carried_out(
    module_page: Page, server: Server
) -> None:
    page = module_page
    if server.role == "candidate":
        await page.evaluate(REMEMBERED, "submitted")
    server.sign_out = "hears"
    await server.open(page)
    async with asyncio.timeout(30):
        async with page.expect_request("**/api/sign-out"):
            await page.get_by_test_id("sign-out").click()
        await page.get_by_test_id("sign-out-stay").click()
        told = page.get_by_test_id("signed-out")
        await told.get_by_text("Bạn đã chọn ở lại, nhưng yêu cầu đăng xuất đã tới máy chủ trước đó").wait_for()
        assert "ở thẻ khác" not in await told.inner_text()


COVERS = """(one) => {
  const { position, backgroundColor } = getComputedStyle(one), { width, height } = one.getBoundingClientRect();
  return position === "fixed" && width >= innerWidth && height >= innerHeight && backgroundColor.startsWith("rgb(");
}"""
LEFT_BESIDE = """(role) => {
  const key = `signing_out/${role}`, mark = localStorage[key] = JSON.stringify({ subject: "c", once: 1 });
  dispatchEvent(new StorageEvent("storage", { key, newValue: mark }));
}"""


async def test_a_page_beside_the_tab_that_was_signed_out_and_closed_says_what_it_still_shows_or_shows_it_no_more(
    browser: Browser, site: str, server: Server
) -> None:
    errors: list[str] = []
    page = await new_page(browser, errors)  # whose clock is moved
    await page.clock.install()
    await page.goto(site)
    if server.role == "candidate":
        await page.evaluate(REMEMBERED, "submitted")
    await server.open(page)
    who = page.get_by_test_id("who").get_by_text("Lan")
    said = page.get_by_test_id("signing-out-said")
    async with asyncio.timeout(30):
        await who.wait_for()
        while await said.count() == 0:  # what says it is loaded last
            await page.evaluate(LEFT_BESIDE, server.role)
            await page.clock.fast_forward(8000)
        await said.get_by_text("chưa tới máy chủ").wait_for()
        assert "ở thẻ khác của trình duyệt" in await said.inner_text()
        assert "không có gì của phiên đó được mở ra" not in await said.inner_text()
        cover = page.get_by_test_id("signing-out-covers")
        if server.role == "candidate":
            assert await cover.count() == 0
        else:  # the names of others
            await page.add_style_tag(path=WEBCLIENT / "styles/base.css")
            assert await cover.evaluate(COVERS)
    await page.context.close()
    assert errors == []


ENDED_BESIDE = """(role) => dispatchEvent(
  new StorageEvent("storage", { key: `signed_out/${role}`, newValue: String(Math.random()) }))"""


async def test_a_page_without_a_network_hears_from_the_tab_beside_it_that_the_session_has_ended(
    browser: Browser, site: str, server: Server
) -> None:
    errors: list[str] = []
    page = await new_page(browser, errors)
    await page.goto(site)
    if server.role == "candidate":
        await page.evaluate(REMEMBERED, "submitted")
    await server.open(page)
    told = page.get_by_test_id("signed-out")
    async with asyncio.timeout(30):
        await page.get_by_test_id("who").get_by_text("Lan").wait_for()
        while await told.count() == 0:  # what hears it is loaded last
            await page.evaluate(ENDED_BESIDE, server.role)
        if server.role != "candidate":
            assert await page.get_by_test_id("who").count() == 0
            await page.get_by_test_id("sign-in-name").wait_for()
    await page.context.close()
    assert errors == []


async def test_the_work_of_who_signs_out_before_handing_in_stays_and_nothing_opens_it(module_page: Page) -> None:
    server = Server("candidate")
    page = module_page
    await page.evaluate(REMEMBERED, "admitted")
    await page.evaluate("localStorage['signing_out/candidate'] = JSON.stringify({ subject: 'c' })")
    server.sign_out = "answers"
    await server.open(page)
    async with asyncio.timeout(15):
        await page.get_by_test_id("sign-in").wait_for()
    assert await page.evaluate(KEPT) == [False, True, []]


async def test_who_signs_in_meanwhile_is_signed_out_by_no_earlier_page(module_page: Page, site: str) -> None:
    server = Server("training_office")
    page = module_page
    await server.open(page)
    async with asyncio.timeout(20):
        await page.get_by_test_id("sign-out").click()
        await page.get_by_test_id("signing-out-said").get_by_text("chưa tới máy chủ").wait_for()
        tab = await page.context.new_page()
        await tab.goto(site)
        await tab.evaluate("import('/lib/to_sign_out.js').then(({ signedIn }) => signedIn('training_office'))")
        await tab.close()
        asked = server.asked.count("sign-out")
        server.sign_out = "answers"
        await page.evaluate(ONLINE)
        await page.get_by_test_id("signing-out").wait_for(state="detached")
        assert server.asked.count("sign-out") == asked
