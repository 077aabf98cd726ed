"""A page that is turned or taken again while the network or the server is away: the old one is neither listed nor
handed in, and the server hears of it as soon as it can, whatever becomes of the page meanwhile (lib/pages.js,
lib/files.js).

`desk` is the work of a candidate's page with real IndexedDB; the server behind it is `Server`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from tests.webclient.test_files import tus

pytestmark = pytest.mark.browser

DESK = """async () => {
  const { effect, signal } = await import("@preact/signals");
  const { Api } = await import("/lib/api.js");
  const { Emitter } = await import("/lib/emitter.js");
  const { Files } = await import("/lib/files.js");
  const { openStore } = await import("/lib/store.js");
  const { Work } = await import("/pages/candidate/work.js");
  const store = await openStore("test");
  const answers = Object.assign(new Emitter(), { state: {} });
  const photo = async (shade) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 150, height: 200 });
    const context = canvas.getContext("2d");
    context.fillStyle = `rgb(${shade}, ${shade}, ${shade})`;
    context.fillRect(0, 0, 150, 200);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg"));
  };
  const desk = window.desk = {
    photo,
    async open() {
      desk.stop?.(); // the page before is closed: it neither looks at what is not open yet nor asks the server
      desk.files?.away();
      desk.complete = signal([]);
      desk.work = new Work(desk.complete);
      const files = desk.files = new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
      const remove = (file) => new Api("candidate").tusDelete(`/uploads/${file}`).then(() => files.removed(file));
      await desk.work.open({ store, prefix: "r/c/", answers, files, remove });
      desk.stop = effect(() => void desk.tokens()); // as a page that is drawn
      await desk.work.pages.load();
      await files.load();
      await desk.told();
    },
    async told() { desk.complete.value = await (await fetch("/list")).json(); }, // as the server tells the room
    tokens: () => desk.work.pageList.value.map(({ token }) => token),
    async until(test) {
      while (!(await test())) {
        await new Promise((done) => setTimeout(done, 10));
        await desk.told();
      }
    },
    sent: () => desk.until(() => desk.files.pending.length === 0 && !desk.work.pages.busy),
    seen: () => ({
      pages: desk.work.pageList.value.map(({ name, state }) => `${name} ${state}`),
      handedIn: desk.work.filesInOrder().map(({ file }) => file),
      error: desk.work.pageError.value?.code ?? null,
    }),
  };
  await desk.open();
}"""


PLACES = 20


class Server:
    """Takes whole files in one request each, and lists them; `online` as long as it is reached."""

    def __init__(self) -> None:
        self.online = True
        self.removes: str | None = ""  # "": files are taken out, None: that is not reached, else the code of a refusal
        self.keeps = ""  # the removal of that file does not come through
        self.files: list[dict[str, Any]] = []
        self._names: list[str] = []

    def fill(self, count: int) -> None:
        """As if a telephone had sent pages until there are `count` files."""
        for number in range(len(self.files) + 1, count + 1):
            name = f"trang-{number:02}.jpg"
            self.files.append({"file": f"p_{number}", "name": name, "bytes": 1, "sha256": "x", "phone": "t_1"})

    def _cut_off(self, url: str) -> bool:
        return self.removes is None or url.rsplit("/", 1)[1] == self.keeps

    async def answer(self, route: Route) -> None:
        request = route.request
        if request.url.endswith("/list"):
            await route.fulfill(json=self.files)
        elif not self.online or (request.method == "DELETE" and self._cut_off(request.url)):
            await route.abort()
        elif request.method == "POST" and len(self.files) >= PLACES:
            error = {"code": "too_large", "vi": "x", "en": "x", "details": {"limit": f"{PLACES} files"}}
            await route.fulfill(status=413, json={"error": error})
        elif request.method == "POST":
            told = dict(pair.split(" ") for pair in request.headers["upload-metadata"].split(","))
            self._names.append(base64.b64decode(told["filename"]).decode())
            await route.fulfill(status=201, headers={"Location": f"/uploads/f_{len(self._names)}"})
        elif request.method == "DELETE" and self.removes:
            await route.fulfill(status=403, json={"error": {"code": self.removes, "vi": "x", "en": "x"}})
        elif request.method == "DELETE":
            self.files = [one for one in self.files if one["file"] != request.url.rsplit("/", 1)[1]]
            await route.fulfill(status=204)
        else:
            file = request.url.rsplit("/", 1)[1]
            name = self._names[int(file.removeprefix("f_")) - 1]
            sha256 = hashlib.sha256(request.post_data_buffer or b"").hexdigest()
            self.files.append({"file": file, "name": name, "bytes": 1, "sha256": sha256})
            await tus(route)


@pytest_asyncio.fixture(loop_scope="session")
async def server(module_page: Page) -> Server:
    server = Server()
    for pattern in ("**/uploads", "**/uploads/*", "**/list"):
        await module_page.route(pattern, server.answer)
    await module_page.evaluate(DESK)
    for shade in (200, 210):
        await run(module_page, f"await desk.work.pages.add([await desk.photo({shade})]); await desk.sent();")
    assert [one["file"] for one in server.files] == ["f_1", "f_2"]
    return server


async def run(page: Page, body: str) -> Any:
    return await asyncio.wait_for(page.evaluate(f"async () => {{ {body} }}"), 10)


RETAKE = "await desk.work.pages.retake(desk.tokens()[0], await desk.photo(100));"
SEEN = "return desk.seen();"
BACK = "desk.files.resume(); await desk.sent();"
GONE = "await desk.until(() => desk.complete.value.length === 2);"


@pytest.mark.parametrize("reloads", [False, True])
async def test_a_page_taken_again_twice_without_a_network_is_one_page_there_and_afterwards(
    module_page: Page, server: Server, reloads: bool
) -> None:
    server.online = False
    await run(module_page, RETAKE + RETAKE)
    if reloads:
        await run(module_page, "await desk.open();")
    away = await run(module_page, SEEN)
    assert away["pages"][0].startswith("trang-01.jpg ") and away["pages"][1:] == ["trang-02.jpg there"]
    assert away["handedIn"] == ["f_2"]
    assert [one["file"] for one in server.files] == ["f_1", "f_2"]  # nothing is away before the new one is there

    server.online = True
    seen = await run(module_page, BACK + GONE + SEEN)
    assert seen["pages"] == ["trang-01.jpg there", "trang-02.jpg there"]
    assert seen["handedIn"] == [server.files[1]["file"], "f_2"]
    assert "f_1" not in [one["file"] for one in server.files]


async def test_a_page_turned_without_a_network_is_one_page(module_page: Page, server: Server) -> None:
    server.online = False
    turned = "desk.work.pages.turn(desk.tokens()[0]); await desk.until(() => desk.files.pending.length === 1);"
    assert len((await run(module_page, turned + SEEN))["pages"]) == 2
    server.online = True
    seen = await run(module_page, BACK + GONE + SEEN)
    assert seen == {"pages": ["trang-01.jpg there", "trang-02.jpg there"], "handedIn": ["f_3", "f_2"], "error": None}


async def test_an_old_page_that_the_server_still_has_is_handed_in_no_more_and_goes_with_the_next_connection(
    module_page: Page, server: Server
) -> None:
    server.removes = None
    await run(module_page, RETAKE + "await desk.sent();")
    assert [one["file"] for one in server.files] == ["f_1", "f_2", "f_3"]
    for reload in ("", "await desk.open();"):
        seen = await run(module_page, reload + SEEN)
        assert seen == {
            "pages": ["trang-01.jpg there", "trang-02.jpg there"], "handedIn": ["f_3", "f_2"], "error": None,
        }  # fmt: skip
    server.removes = ""
    await run(module_page, BACK + GONE)
    assert [one["file"] for one in server.files] == ["f_2", "f_3"]


@pytest.mark.parametrize("code", ["after_submit_by", "suspended"])
async def test_an_old_page_that_may_not_be_taken_out_any_more_is_shown_and_said_to_be_in_the_work(
    module_page: Page, server: Server, code: str
) -> None:
    server.removes = code
    refused = "await desk.until(() => desk.complete.value.length === 3);" + (
        "await desk.until(() => desk.seen().error);" if code == "after_submit_by" else ""
    )
    seen = await run(module_page, RETAKE + "await desk.sent();" + refused + SEEN)
    if code == "suspended":  # it may be lifted
        assert seen["error"] is None and seen["handedIn"] == ["f_3", "f_2"]
        return
    assert seen["error"] == "replaced_stays"
    assert seen["pages"] == ["trang-01.jpg there", "trang-01.jpg there", "trang-02.jpg there"]
    assert seen["handedIn"] == ["f_3", "f_1", "f_2"]


async def test_a_page_that_is_refused_stands_beside_the_old_one_which_stays_when_it_is_given_up(
    module_page: Page, server: Server
) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=413, json={"error": {"code": "too_large", "vi": "x", "en": "x", "details": {}}})

    await module_page.route("**/uploads", refuse)
    failed = "await desk.until(() => desk.files.pending[0].state === 'failed');"
    seen = await run(module_page, RETAKE + failed + SEEN)
    assert seen["pages"] == ["trang-01.jpg failed", "trang-01.jpg there", "trang-02.jpg there"]
    assert seen["handedIn"] == ["f_1", "f_2"]
    seen = await run(module_page, "await desk.work.pages.remove(desk.tokens()[0]);" + SEEN)
    assert seen["pages"] == ["trang-01.jpg there", "trang-02.jpg there"]
    assert [one["file"] for one in server.files] == ["f_1", "f_2"]


async def test_a_page_that_is_taken_again_and_then_out_takes_the_old_one_along(
    module_page: Page, server: Server
) -> None:
    server.online = False
    seen = await run(module_page, RETAKE + "await desk.work.pages.remove(desk.tokens()[0]);" + SEEN)
    assert (seen["pages"], seen["handedIn"]) == (["trang-02.jpg there"], ["f_2"])
    server.online = True
    await run(module_page, BACK + "await desk.until(() => desk.complete.value.length === 1);")
    assert [one["file"] for one in server.files] == ["f_2"]


async def test_in_a_work_that_is_more_than_full_no_page_goes_for_one_that_is_refused(
    module_page: Page, server: Server
) -> None:
    server.fill(PLACES - 1)
    server.online = False
    await run(module_page, "await desk.told(); await desk.work.pages.add([await desk.photo(90)]);")
    server.fill(PLACES)  # meanwhile one came from the telephone
    turned = "desk.work.pages.turn(desk.tokens()[0]); await desk.until(() => desk.seen().error);"
    refused = "const code = await desk.work.pages.retake(desk.tokens()[1], await desk.photo(100)).catch((e) => e.code);"
    told = "return [code, desk.seen(), Boolean(await desk.work.pages.photo('f_1'))];"
    code, seen, kept = await run(module_page, "await desk.told();" + turned + refused + told)
    assert (code, kept) == ("too_many_files", True)
    assert seen["pages"][:2] == ["trang-01.jpg there", "trang-02.jpg there"] and len(seen["pages"]) == PLACES + 1
    server.online = True
    await run(module_page, "desk.files.resume(); await desk.until(() => desk.files.pending[0].full);")
    assert [one["file"] for one in server.files][:2] == ["f_1", "f_2"] and len(server.files) == PLACES


async def test_a_page_whose_place_was_taken_meanwhile_takes_that_of_the_old_one(
    module_page: Page, server: Server
) -> None:
    server.fill(PLACES - 1)
    server.online = False
    await run(module_page, "await desk.told();" + RETAKE)
    server.fill(PLACES)
    server.online = True
    seen = await run(module_page, BACK + SEEN)
    assert len(seen["pages"]) == PLACES and seen["handedIn"][:2] == ["f_3", "f_2"]
    assert "f_1" not in [one["file"] for one in server.files] and len(server.files) == PLACES


RECEIPT = """
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { Receipt } = await import("/pages/candidate/receipt.js");
  const at = "2026-11-22T01:00:00Z", root = document.body.appendChild(document.createElement("div"));
  const said = (names) => {
    const files = desk.complete.value.filter(({ file }) => names.includes(file));
    const receipt = { submission: "b_1", sha256: "x", text_sha256: "x", received_at: at, files, ledger: {} };
    const sitting = { number: "001", full_name: "Lan", state: "submitted", submitted_at: at };
    const connection = signal({ state: "connected" });
    const candidate = {
      work: desk.work, connection, readmission: signal(false), room: signal({}), sitting: signal(sitting),
      receipt: signal(receipt),
    };
    render(html`<${Receipt} candidate=${candidate} />`, root);
    return root.querySelector("[data-testid=receipt-replaced-stays]") !== null;
  };
  await desk.told();
  return [said(["f_1", "f_2", "f_3"]), said(["f_2", "f_3"]), desk.seen().error];
"""


@pytest.mark.parametrize("code", ["already_submitted", None])
async def test_an_old_page_that_was_collected_with_the_new_one_is_told_of_at_the_receipt(
    module_page: Page, server: Server, code: str | None
) -> None:
    server.removes = code  # None: the server never heard that it was to go
    answered = "await desk.until(() => desk.work.complete.value.length === 3);" if code else ""
    told = await run(module_page, RETAKE + "await desk.sent();" + answered + "desk.files.close();" + RECEIPT)
    assert told == [True, False, None]  # nothing where the candidate handed in without it


WELCOME = """await desk.told(); desk.files.away(); desk.files.meet(desk.complete.value.map(({ file }) => file));
  desk.files.resume(); await desk.sent();"""
ONLY = "await desk.until(() => desk.complete.value.length === 1 && desk.tokens().length === 1);"


@pytest.mark.parametrize("reloads", [False, True])
async def test_an_old_page_stays_once_the_new_one_was_taken_out_at_another_device(
    module_page: Page, server: Server, reloads: bool
) -> None:
    server.removes = None
    # Away, or the removal would be tried once more before the welcome.
    await run(module_page, RETAKE + "await desk.sent(); desk.files.away();")
    server.removes = ""
    server.files = [one for one in server.files if one["file"] != "f_3"]  # elsewhere, where f_1 was seen as well
    seen = await run(module_page, ("await desk.open();" if reloads else "") + WELCOME + SEEN)
    assert seen["pages"] == ["trang-01.jpg there", "trang-02.jpg there"] and seen["handedIn"] == ["f_1", "f_2"]
    await run(module_page, WELCOME)
    assert [one["file"] for one in server.files] == ["f_1", "f_2"]


async def test_an_old_page_goes_where_the_new_one_was_replaced_or_taken_out_here(
    module_page: Page, server: Server
) -> None:
    server.removes = None
    await run(module_page, RETAKE + "await desk.sent();" + RETAKE + "await desk.sent();")
    server.files = [one for one in server.files if one["file"] != "f_3"]  # its removal was done, and the answer lost
    server.removes = ""
    await run(module_page, "await desk.open();" + WELCOME + GONE)
    assert [one["file"] for one in server.files] == ["f_2", "f_4"]

    server.keeps = "f_4"
    await run(module_page, RETAKE + "await desk.sent(); await desk.work.pages.remove(desk.tokens()[0]);")
    assert [one["file"] for one in server.files] == ["f_2", "f_4"]
    server.keeps = ""
    await run(module_page, WELCOME + ONLY)
    assert [one["file"] for one in server.files] == ["f_2"]


# What could not be done for want of a network is said in red. `network` is what `lib/api.js` throws then.
NETWORK = """
  const { ApiError } = await import("/lib/api.js");
  const network = () => new ApiError({ code: "network" });
"""
CANDIDATE = f"""async () => {{ {NETWORK}
  const {{ Candidate }} = await import("/pages/candidate/controller.js");
  const candidate = new Candidate({{ room: "r", subject: "c" }});
  candidate.link.start = () => {{}};
  await candidate.open();
  const {{ pages, pageError }} = candidate.work, told = [];
  const say = () => told.push(pageError.value?.code ?? null);
  pages.emit("error", network());
  say();
  candidate.link.emit("state", {{ state: "lost", refusal: null }});
  say();
  candidate.link.emit("state", {{ state: "connected", refusal: null }});
  say();
  pages.emit("error", {{ code: "replaced_stays" }});
  candidate.link.emit("state", {{ state: "connected", refusal: null }});
  say();
  await pages.add([new Blob(["no picture"])]); // an act that was done, though there was nothing in it
  say();
  return told;
}}"""
STRIP = f"""async () => {{ {NETWORK}
  const {{ render }} = await import("preact");
  const {{ html }} = await import("/lib/html.js");
  const {{ PageStrip }} = await import("/pages/shared/page_strip.js");
  const page = {{ token: "f_1", file: "f_1", name: "trang-01.jpg", number: 1, state: "there", faults: [], turns: 0 }};
  const pages = {{ removed: [], photo: async () => null, remove: () => Promise.reject(network()) }};
  const root = document.body.appendChild(document.createElement("main"));
  const shown = () => root.querySelector("[data-testid=page-error]");
  const strip = (is) => html`<${{PageStrip}} pages=${{pages}} items=${{[page]}} open connected=${{is}} />`;
  const draw = (connected) => render(strip(connected), root);
  const until = async (test) => {{ while (!test()) await new Promise((done) => setTimeout(done, 5)); }};
  draw(false);
  root.querySelector("[data-testid=page-remove]").click();
  await until(shown);
  draw(true);
  await until(() => !shown());
  return true;
}}"""
PHONE = f"""async () => {{ {NETWORK}
  const {{ Sender }} = await import("/pages/phone/sender.js");
  location.hash = "room=r&token=t";
  const sender = new Sender();
  await sender.open();
  history.replaceState(null, "", "/");
  sender.pages.emit("error", network());
  const told = [sender.error.value?.code];
  dispatchEvent(new Event("online"));
  while (sender.error.value) await new Promise((done) => setTimeout(done, 5));
  return told;
}}"""


async def test_that_the_server_could_not_be_reached_is_said_until_it_is_or_the_next_act_is_done(
    module_page: Page,
) -> None:
    told = await asyncio.wait_for(module_page.evaluate(CANDIDATE), 10)
    assert told == ["network", "network", None, "replaced_stays", None]
    assert await asyncio.wait_for(module_page.evaluate(STRIP), 10)


async def test_so_it_is_on_a_telephone(module_page: Page) -> None:
    standing = {"room": "r", "number": "001", "open": True, "files": [], "server_time": "2026-11-23T03:00:00Z"}
    await module_page.route("**/api/rooms/r/phone", lambda route: route.fulfill(json=standing))
    await module_page.route("**/api/rooms/r/phone/changes*", lambda _: None)
    assert await asyncio.wait_for(module_page.evaluate(PHONE), 10) == ["network"]
