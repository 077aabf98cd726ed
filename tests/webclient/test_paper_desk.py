"""The paper on a candidate's page (pages/candidate/paper_desk.js): which one it opened is what the server hears."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.house import PDF

pytestmark = pytest.mark.browser

# A paper and the reserve paper, sealed as the server does; `reload` is a page that begins with what is kept here.
DESK = """async () => {
  const { PaperDesk } = await import("/pages/candidate/paper_desk.js");
  const { Paper } = await import("/lib/paper.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore();
  const seal = async (text) => {
    const raw = crypto.getRandomValues(new Uint8Array(32)), iv = crypto.getRandomValues(new Uint8Array(12));
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
    const bytes = (words) => new TextEncoder().encode(words);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes("e") }, key, bytes(text));
    const told = { exam: "e", key: btoa(String.fromCharCode(...raw)) };
    return { sealed: await new Blob([iv, sealed]).arrayBuffer(), key: told };
  };
  window.papers = { first: await seal("the paper"), reserve: await seal("the reserve") };
  window.told = [];
  window.reload = () => {
    window.desk = new PaperDesk({
      fetchSealed: async () => papers[window.current].sealed,
      tellOpened: async (digest) => {
        if (window.cut) throw Object.assign(new Error(), { isNetwork: true });
        told.push(digest);
      },
      tellNotShown: async () => {
        const fails = (details) => Object.assign(new Error(), { isNetwork: true, details });
        if (window.cut) throw fails({ unsent: true });
        told.push("not shown");
        if (window.mute) throw fails({}); // it arrived, and that is not known here
      },
      onError: (error) => { throw error; },
    });
    desk.paper = new Paper({ store, room: "r" });
  };
  window.take = async (name) => {
    window.current = name;
    await desk.fetch(name);
    await desk.takeKey(papers[name].key);
  };
  window.see = async () => {
    await desk.shown();
    return { shows: new TextDecoder().decode(desk.pdf.value), state: desk.state.value, told };
  };
  reload();
}"""


async def test_the_digest_of_the_paper_that_was_opened_is_told_also_after_a_start_without_a_network(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(DESK)

    async def seen(act: str) -> dict[str, Any]:
        return await page.evaluate(f"(async () => {{ {act}; return see(); }})()")

    assert await seen("await take('first')") == {"shows": "the paper", "state": "open", "told": ["first"]}
    again = await seen("reload(); await desk.open()")
    assert again == {"shows": "the paper", "state": "open", "told": ["first", "first"]}
    # Back on the network, where the reserve has taken its place.
    replaced = await seen("await take('reserve')")
    assert replaced == {"shows": "the reserve", "state": "open", "told": ["first", "first", "reserve"]}


async def test_a_page_still_being_drawn_when_another_paper_came_is_no_receipt_and_a_cut_link_loses_none(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(DESK)
    await page.evaluate("take('first')")
    late = await page.evaluate("(async () => { await desk.fetch('reserve'); await desk.shown(); return told; })()")
    assert late == []
    await page.evaluate("window.cut = true")
    await page.evaluate("take('reserve')")
    await page.evaluate("void (window.telling = desk.shown())")
    await page.evaluate("void setTimeout(() => { window.cut = false; }, 100)")
    assert await page.evaluate("telling.then(() => told)") == ["reserve"]
    assert await page.evaluate("see().then(({ told }) => told)") == ["reserve"]


async def test_a_page_that_cannot_draw_its_paper_tells_the_staff_once_for_each(module_page: Page) -> None:
    page = module_page
    await page.evaluate(DESK)
    await page.evaluate("take('first')")
    await page.evaluate("window.cut = true")
    await page.evaluate("void (window.telling = desk.notShown())")
    await page.evaluate("void setTimeout(() => { window.cut = false; }, 100)")
    await page.evaluate("telling.then(() => desk.notShown())")
    assert await page.evaluate("told") == ["not shown"]
    await page.evaluate("window.mute = true")
    async with asyncio.timeout(10):
        await page.evaluate("take('reserve').then(() => desk.notShown())")
    assert await page.evaluate("told") == ["not shown", "not shown"]


# A computer that cannot draw its paper: the page is opened, and opened once more; then another paper comes.
REOPENED = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const told = [];
  const opened = async (digest) => {
    const candidate = new Candidate({ room: "r", subject: "c" });
    candidate.link.start = () => {};
    candidate.staff.write = async (text) => told.push(text);
    await candidate.open();
    candidate.desk.paper = { open: async () => ({ bytes: new ArrayBuffer(1), digest }) };
    await candidate.desk.open();
    await candidate.paperNotShown();
    candidate.close();
    return told.length;
  };
  return [await opened("first"), await opened("first"), await opened("reserve")];
}"""


async def test_a_page_that_is_opened_anew_does_not_tell_the_staff_of_the_same_paper_again(module_page: Page) -> None:
    assert await module_page.evaluate(REOPENED) == [1, 1, 2]


# A request to the room while there is no connection to it.
UNSENT = """async () => {
  const { RoomConnection } = await import("/lib/room.js");
  const failed = await new RoomConnection("candidate", "r").request("write_message", { text: "x" }).catch((one) => one);
  return [failed.code, failed.isNetwork, failed.details];
}"""


async def test_a_request_that_did_not_go_out_says_so(module_page: Page) -> None:
    assert await module_page.evaluate(UNSENT) == ["network", True, {"unsent": True}]


# What a candidate's page says of an opened paper of these bytes, and which of its two reports it makes.
VIEW = """async (bytes) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { PaperView } = await import("/pages/candidate/paper_view.js");
  const root = document.body.appendChild(document.createElement("main"));
  const said = new Promise((resolve) => {
    const candidate = { paperState: { value: "open" }, pdf: { value: new Uint8Array(bytes).buffer },
      paperShown: () => resolve("shown"), paperNotShown: () => resolve("not shown") };
    render(html`<${PaperView} candidate=${candidate} />`, root);
  });
  return said;
}"""


async def test_whether_its_paper_could_be_drawn_is_what_a_page_reports(module_page: Page) -> None:
    async with asyncio.timeout(20):
        assert await module_page.evaluate(VIEW, list(PDF)) == "shown"
        assert await module_page.evaluate(VIEW, list(b"%PDF-1.7 of no page\n%%EOF")) == "not shown"
