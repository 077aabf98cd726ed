"""What the telephone says of the photographs that it was to send, and how it comes in."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

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
  await comes("it says nothing", () => sender.offline.value);
  await comes("it is not back", () => !sender.offline.value);
  window.fetch = ask;
  return true;
}"""


async def test_it_asks_again_when_one_question_failed_though_nothing_changes_any_more(module_page: Page) -> None:
    assert await module_page.evaluate(LOOKS)
