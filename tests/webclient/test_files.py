"""`webclient/lib/files.js`: what is refused, and uploads that are given up before they have begun."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re

import pytest
from playwright.async_api import Page, Route

from proctor.text import safe_name

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
pytestmark = pytest.mark.browser

# The first is dropped while its digest is computed. Two more go out one after the other, which it would have overtaken.
DROPPED = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const files = new Files({
    store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/api/rooms/none/files", role: "candidate",
  });
  const asked = [], waiting = new Map();
  const send = XMLHttpRequest.prototype.setRequestHeader;
  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    if (name === "Upload-Metadata") {
      asked.push(atob(value.split(",")[0].split(" ")[1]));
      waiting.get(asked.at(-1))?.();
    }
    return send.call(this, name, value);
  };
  const sent = (name) => new Promise((done) => {
    waiting.set(name, done);
    void files.take(new File([name], name), 0);
  });
  const { id } = await files.take(new File(["first"], "first.txt"), 0);
  await files.drop(id);
  await sent("second.txt");
  await sent("third.txt");
  return asked;
}"""


async def test_a_file_that_is_dropped_while_it_is_prepared_is_not_sent(module_page: Page) -> None:
    assert await module_page.evaluate(DROPPED) == ["second.txt", "third.txt"]


# A submission names an upload that has not begun. Before that is answered it arrives, under a name of its own.
OVERTAKEN = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore();
  const files = new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const arrived = () => new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  const first = arrived();
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  const [named] = await files.named();
  const kept = async () => Boolean(await store.get("upload", id));
  const told = [named.file, await first, await kept(), files.pending.length];
  const second = arrived();
  await files.awaitAs(id, "f_awaited");
  const again = [files.pending[0].awaited, await second];
  await files.answered();
  return [...told, ...again, await kept()];
}"""


async def tus(route: Route) -> None:
    """A server that takes everything, each file in one request; an upload is called by what it says that it is awaited
    as."""
    request = route.request
    if request.method == "POST":
        told = dict(pair.split(" ") for pair in request.headers["upload-metadata"].split(","))
        name = base64.b64decode(told.get("awaited", "")).decode() or "f_own"
        await route.fulfill(status=201, headers={"Location": f"/uploads/{name}"})
    else:
        content = request.post_data_buffer or b""
        told = {"Upload-Offset": str(len(content)), "Upload-Sha256": hashlib.sha256(content).hexdigest()}
        await route.fulfill(status=204, headers=told)


async def test_what_arrived_before_the_submission_that_awaits_it_was_answered_is_sent_as_what_it_awaits(
    module_page: Page,
) -> None:
    await module_page.route("**/uploads*", tus)
    await module_page.route("**/uploads/*", tus)
    assert await module_page.evaluate(OVERTAKEN) == ["", "f_own", True, 0, "f_awaited", "f_awaited", False]


# What a suspended candidate's page sends is evidence. Neither a new connection nor a page that opens sends it again.
SUSPENDED = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore();
  const made = () => new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const put = store.put.bind(store);
  const kept = new Promise((done) => {
    store.put = async (name, value, key) => {
      await put(name, value, key);
      if (value.suspended) done();
    };
  });
  const before = made();
  const { id } = await before.take(new File(["work"], "bai.pdf"), 0);
  store.getAllKeys = async () => [id];
  await kept;
  before.resume();
  before.again();
  const files = made();
  await files.load();
  files.resume();
  const told = [before.pending[0].error.code, files.pending[0].state, files.pending[0].error.code];
  const arrived = new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  await (await fetch("/uploads/lift", { method: "POST" })).text();
  files.lifted();
  return [...told, await arrived];
}"""


async def test_what_came_while_the_exam_was_suspended_is_sent_again_once_it_goes_on(module_page: Page) -> None:
    names = iter(("f_1", "f_2", "f_3"))
    suspended, sent, clocks = True, [], []

    async def server(route: Route) -> None:
        nonlocal suspended
        request = route.request
        clocks.append(request.headers.get("proctor-client-time"))
        if request.url.endswith("/lift"):
            suspended = False
            await route.fulfill(status=200)
        elif request.method == "POST":
            await route.fulfill(status=201, headers={"Location": f"/uploads/{next(names)}"})
        elif suspended:
            sent.append(request.url.rsplit("/", 1)[1])
            await route.fulfill(status=422, json={"error": {"code": "kept_while_suspended", "vi": "x", "en": "x"}})
        else:
            await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    kept = "kept_while_suspended"
    assert await module_page.evaluate(SUSPENDED) == [kept, "failed", kept, "f_2"]
    assert sent == ["f_1"]
    # Each request tells what this computer's clock shows, as the others of a candidate's page do.
    assert [bool(clock and re.fullmatch(MOMENT, clock)) for clock in clocks] == [True, True, False, True, True]


# The answer that a whole file is kept as evidence is lost: the page asks where to go on.
LOST_ANSWER = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const files = new Files({ store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  let uploaded = 0;
  files.on("uploaded", () => { uploaded += 1; });
  const settled = new Promise((done) => files.on("change", () => {
    if (!files.pending.length || files.pending[0].error) done(files.pending.map(({ error }) => error?.code));
  }));
  await files.take(new File(["work"], "bai.pdf"), 0);
  return [await settled, uploaded];
}"""


@pytest.mark.parametrize(
    ("code", "told"), [("kept_as_evidence", []), ("kept_while_suspended", ["kept_while_suspended"])]
)
async def test_a_file_is_sent_as_evidence_once_when_the_answer_was_lost(
    module_page: Page, code: str, told: list[str]
) -> None:
    methods = []

    async def server(route: Route) -> None:
        methods.append(route.request.method)
        if route.request.method == "POST":
            await tus(route)
        elif route.request.method == "PATCH":
            await route.abort()
        else:
            headers = {"Upload-Offset": "4", "Upload-Length": "4", "Upload-Refused": code}
            await route.fulfill(status=200, headers=headers)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    assert await module_page.evaluate(LOST_ANSWER) == [told, 0]
    assert methods == ["POST", "PATCH", "HEAD"]


# The room's connection is lost, files still get through: whether the exam goes on is known at the next welcome.
STALE = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const candidate = new Candidate({ room: "r", subject: "c" });
  candidate.link.start = () => {};
  await candidate.open();
  candidate.room.value = { phase: "open", released_at: "2026-11-22T01:00:00Z" };
  candidate.sitting.value = { state: "admitted", suspended: null };
  const { files } = candidate.work, lifted = [];
  files.lifted = () => lifted.push(candidate.connection.value.state);
  for (const state of ["lost", "connected"]) {
    candidate.connection.value = { state, refusal: null };
    files.emit("suspended");
  }
  return lifted;
}"""


async def test_what_came_while_suspended_is_sent_again_only_by_a_page_that_the_room_tells_how_things_stand(
    module_page: Page,
) -> None:
    assert await module_page.evaluate(STALE) == ["connected"]


# The answer to the last piece is lost while the server still hashes the whole: it is asked where to go on.
WHOLE = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore();
  const files = new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const unanswered = new Promise((done) => files.on("unanswered", done));
  const arrived = new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  const failed = new Promise((done) => files.on("change", () => files.pending[0]?.error && done("failed")));
  const first = await Promise.race([unanswered, arrived, failed]);
  if (first) return [first, Boolean(await store.get("upload", id))];
  const kept = [first, Boolean(await store.get("upload", id)), files.pending[0]?.state];
  files.resume(); // as at the next connection; by itself after a moment
  return [...kept, await arrived];
}"""


@pytest.mark.parametrize("first", ["no digest", "locked"])
async def test_a_whole_file_is_done_only_when_the_server_has_told_its_digest(module_page: Page, first: str) -> None:
    asked = []

    async def server(route: Route) -> None:
        method = route.request.method
        asked.append(method)
        told = {"Upload-Offset": "4", "Upload-Length": "4", "Upload-Sha256": hashlib.sha256(b"work").hexdigest()}
        if method == "POST":
            await tus(route)
        elif method == "PATCH":
            await route.abort()
        elif first == "locked" and asked.count("HEAD") <= 5:  # it asks so often before it waits
            await route.fulfill(status=423)
        elif first == "no digest" and asked.count("HEAD") == 1:
            await route.fulfill(status=200, headers={"Upload-Offset": "4", "Upload-Length": "4"})
        else:
            await route.fulfill(status=200, headers=told)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    await module_page.clock.install()
    evaluating = asyncio.ensure_future(module_page.evaluate(WHOLE))
    async with asyncio.timeout(10):
        while not evaluating.done():
            await module_page.clock.run_for(500)  # what it lets pass before it asks again
    assert await evaluating == [None, True, "waiting", "f_own"]
    assert set(asked) == {"POST", "PATCH", "HEAD"} and asked.count("POST") == asked.count("PATCH") == 1


async def test_a_page_that_was_too_fast_goes_on_in_a_moment(module_page: Page) -> None:
    asked = []

    async def server(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.method == "HEAD":
            await route.fulfill(status=200, headers={"Upload-Offset": "0", "Upload-Length": "4"})
        elif asked == ["POST", "PATCH"]:
            await route.fulfill(status=429, json={"error": {"code": "too_fast", "vi": "x", "en": "x"}})
        else:
            await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    assert await module_page.evaluate(WHOLE) == [None, True, "waiting", "f_own"]
    assert asked == ["POST", "PATCH", "HEAD", "PATCH"]


# The link is lost in the middle of a file. `then` is what the server answers when it is asked how far the file is.
ASKED_AGAIN = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const files = new Files({ store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const arrived = new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  const failed = () => new Promise((done) => files.on("change", () => {
    if (files.pending[0]?.error) done(files.pending[0].error.code);
  }));
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  const first = await Promise.race([arrived, failed()]);
  if (first === "f_own") return [first];
  const told = [first, files.pending[0].file];
  if (first === "file_gone") { // which nothing but its candidate sends again
    files.again();
    files.resume();
    if (files.pending[0].state !== "failed") return ["sent again"];
  }
  files.retry(id);
  return [...told, await Promise.race([arrived, failed()])];
}"""


@pytest.mark.parametrize(
    ("then", "found", "requests"),
    [
        (500, ["f_own"], ["POST", "PATCH", "HEAD", "HEAD", "PATCH"]),  # twice, it would be twice in the work
        (404, ["file_gone", None, "f_own"], ["POST", "PATCH", "HEAD", "POST", "PATCH"]),  # it was removed elsewhere
        (401, ["not_signed_in", "f_own", "f_own"], ["POST", "PATCH", "HEAD", "POST", "HEAD", "PATCH"]),
    ],
)  # fmt: skip
async def test_a_file_is_announced_again_only_by_its_candidate(
    module_page: Page, then: int, found: list[str | None], requests: list[str]
) -> None:
    asked = []

    async def server(route: Route) -> None:
        method = route.request.method
        asked.append(method)
        first = asked.count(method) == 1
        if method == "HEAD" and first:
            await route.fulfill(status=then)
        elif method == "HEAD":
            await route.fulfill(status=200, headers={"Upload-Offset": "0", "Upload-Length": "4"})
        elif method == "PATCH" and first:
            await route.abort()
        elif method == "POST" and not first and then == 401:
            await route.fulfill(status=401, json={"error": {"code": "not_signed_in", "vi": "x", "en": "x"}})
        else:
            await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    assert await module_page.evaluate(ASKED_AGAIN) == found
    assert asked == requests


# All places at the server are taken, as by what a page began that was closed since.
NO_PLACE = """async () => {
  const { signal } = await import("@preact/signals");
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const { FileList } = await import("/pages/candidate/file_list.js");
  const files = new Files({ store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const arrived = new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  const stopped = new Promise((done) => files.on("change", () => {
    const [{ state, full, error } = {}] = files.pending;
    if (full && state === "waiting") done("full");
    if (error) done(error.code);
  }));
  await files.take(new File(["work"], "bai.pdf"), 0);
  const first = await stopped;
  const candidate = {
    room: { value: { released_at: "2026-11-22T01:00:00Z" } }, sitting: { value: {} },
    work: { complete: signal([]), pending: signal(files.pending), readOnly: signal(null), files },
  };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${FileList} candidate=${candidate} />`, root);
  const said = root.querySelector("[data-testid=file-full]")?.textContent ?? "";
  render(null, root);
  if (first === "full") {
    files.away();
    if (files.pending[0].full) return ["still full"];
    files.resume(); // refused once more, and then it goes on by itself
  }
  files.again();
  return [first, said, first === "full" ? await arrived : files.pending[0].state];
}"""


FULL = (
    "Máy chủ đã hết chỗ (20 tệp, kể cả tệp gửi dở). Tệp này tự gửi khi có chỗ, thường trong khoảng 2 phút, "
    "hoặc khi bạn bỏ bớt tệp."
)
FULL_OF_WHOLE_FILES = "Máy chủ đã đủ 20 tệp. Tệp này chỉ gửi khi bạn bỏ bớt tệp."


@pytest.mark.parametrize(
    ("limit", "told", "announced"),
    [
        ({"limit": "20 files"}, ["full", FULL, "f_own"], 3),
        ({"limit": "20 files", "whole": 20}, ["full", FULL_OF_WHOLE_FILES, "f_own"], 3),
        ({"limit": "200 MB"}, ["too_large", "", "failed"], 1),
    ],
)
async def test_a_file_that_finds_no_place_waits_for_one_and_says_so(
    module_page: Page, limit: dict[str, object], told: list[str], announced: int
) -> None:
    asked = []

    async def server(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.method == "POST" and asked.count("POST") <= 2:
            error = {"code": "too_large", "vi": "x", "en": "x", "details": limit}
            await route.fulfill(status=413, json={"error": error})
        else:
            await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    await module_page.clock.install()
    evaluating = asyncio.ensure_future(module_page.evaluate(NO_PLACE))
    async with asyncio.timeout(10):
        while not evaluating.done():
            await module_page.clock.run_for(500)
    assert await evaluating == told
    assert asked.count("POST") == announced


# Given up while there is no network, or the server is busy. `then` is what the page does before that is over.
GIVEN_UP = """async (then) => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore(), keys = new Set(), put = store.put.bind(store);
  store.put = async (name, value, key) => { keys.add(key); await put(name, value, key); };
  store.getAllKeys = async () => {
    const kept = [];
    for (const key of keys) if (await store.get("upload", key)) kept.push(key);
    return kept;
  };
  const made = () => new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  let files = made();
  const unanswered = new Promise((done) => files.on("unanswered", done));
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  const moment = () => new Promise((done) => setTimeout(done, 5));
  if (then === "while it is sent") while (!(await store.get("upload", id)).url) await moment();
  else await unanswered;
  await files.drop(id);
  const left = [files.pending.length, (await store.getAllKeys()).length];
  if (then === "reloads") {
    files = made();
    await files.load();
    left.push(files.pending.length);
  }
  await (await fetch("/uploads/online", { method: "POST" })).text();
  const settled = store.delete.bind(store);
  const forgotten = new Promise((done) => { store.delete = async (...asked) => { await settled(...asked); done(); }; });
  if (then !== "is busy") files.resume();
  await Promise.race([forgotten, new Promise((done) => setTimeout(done, 5000))]);
  return [...left, (await store.getAllKeys()).length];
}"""


@pytest.mark.parametrize("then", ["waits", "reloads", "while it is sent", "is busy"])
async def test_an_upload_that_is_given_up_without_a_network_is_given_up_at_the_server_too(
    module_page: Page, then: str
) -> None:
    asked, online = [], False

    async def server(route: Route) -> None:
        nonlocal online
        request = route.request
        if request.url.endswith("/online"):
            online = True
            await route.fulfill(status=200)
        elif request.method == "POST":
            await tus(route)
        elif not online:
            busy = 500 if request.method == "PATCH" else 423 if then == "is busy" else None
            await (route.fulfill(status=busy) if busy else route.abort())
        else:
            asked.append((request.method, request.url.rsplit("/", 1)[1], request.headers.get("tus-resumable")))
            await route.fulfill(status=204)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    await module_page.clock.install()
    evaluating = asyncio.ensure_future(module_page.evaluate(GIVEN_UP, then))
    async with asyncio.timeout(10):
        while not evaluating.done():
            await module_page.clock.run_for(100)
    assert await evaluating == [0, 1, *([0] if then == "reloads" else []), 0]
    assert asked == [("DELETE", "f_own", "1.0.0")]


# Another tab takes the exam over while this one sends; then this one takes it back.
TAKEN_OVER = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const candidate = new Candidate({ room: "r", subject: "c" });
  candidate.link.start = () => {};
  await candidate.open();
  const { files } = candidate.work;
  const sending = new Promise((done) => files.on("change", () => files.pending[0]?.file && done()));
  const arrived = new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  await files.take(new File(["work"], "bai.pdf"), 0);
  await sending;
  candidate.link.emit("state", { state: "superseded", refusal: null });
  const told = files.pending[0].state;
  await (await fetch("/api/rooms/r/files/quiet", { method: "POST" })).text();
  files.resume();
  return [told, await arrived];
}"""


async def test_a_tab_that_was_superseded_leaves_the_files_to_the_other(module_page: Page) -> None:
    asked = []

    async def server(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.url.endswith("/quiet"):
            asked.append("quiet")
            await route.fulfill(status=200)
        elif route.request.method == "HEAD":
            await route.fulfill(status=200, headers={"Upload-Offset": "0", "Upload-Length": "4"})
        elif route.request.method == "POST":
            await route.fulfill(status=201, headers={"Location": "/api/rooms/r/files/f_own"})
        elif "quiet" in asked:
            await tus(route)  # else it is still being sent

    await module_page.route("**/api/rooms/r/files", server)
    await module_page.route("**/api/rooms/r/files/*", server)
    assert await asyncio.wait_for(module_page.evaluate(TAKEN_OVER), 10) == ["waiting", "f_own"]
    assert asked[-2:] == ["HEAD", "PATCH"]


# The browser fails to read the copy once, as a full disk may do.
FAILS_ONCE = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore(), read = store.get.bind(store);
  let failures = 1;
  store.get = async (...asked) => {
    if (failures-- > 0) throw new DOMException("", "UnknownError");
    return read(...asked);
  };
  const files = new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const arrived = new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  await files.take(new File(["work"], "bai.pdf"), 0);
  return await arrived;
}"""


async def test_an_upload_whose_copy_could_not_be_read_is_tried_again(module_page: Page) -> None:
    await module_page.route("**/uploads*", tus)
    await module_page.route("**/uploads/*", tus)
    await module_page.clock.install()
    evaluating = asyncio.ensure_future(module_page.evaluate(FAILS_ONCE))
    async with asyncio.timeout(10):
        while not evaluating.done():
            await module_page.clock.run_for(500)  # what it lets pass before it tries again
    assert await evaluating == "f_own"


@pytest.mark.parametrize(
    ("size", "beside", "code"),
    [
        (1, 19, None), (1, 20, "too_many_files"), (0, 20, "file_empty"), (50_000_001, 20, "file_too_large"),
        (50_000_000, 19, None), (0, 0, "file_empty"),
    ],
)  # fmt: skip
async def test_a_file_that_no_place_would_help_is_told_what_is_wrong_with_it(
    module_page: Page, size: int, beside: int, code: str | None
) -> None:
    asked = f"import('/lib/files.js').then(({{ refusal }}) => refusal({{ size: {size} }}, {beside}))"
    assert await module_page.evaluate(asked) == code


# The answer to the last piece is lost in the second case: what the server has is asked for, and compared as well.
DAMAGED = """async () => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const files = new Files({ store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const told = [];
  files.on("uploaded", () => told.push("uploaded"));
  const failed = new Promise((done) => files.on("change", () => files.pending[0]?.state === "failed" && done()));
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  await failed;
  told.push(files.pending[0].error.code);
  const arrived = () => new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  const another = async () => {
    const other = arrived();
    await files.take(new File(["other"], "khac.pdf"), 1);
    await other;
  };
  await another();
  files.resume(); // of itself it does not go on: another one overtakes it
  files.again();
  files.resume();
  await another();
  told.push(files.pending[0].state);
  const anew = arrived();
  files.retry(id);
  return [...told, await anew];
}"""


@pytest.mark.parametrize("lost", [False, True])
async def test_a_file_that_arrived_as_another_is_not_taken_for_sent_and_is_begun_anew(
    module_page: Page, lost: bool
) -> None:
    names, asked = iter(("f_1", "f_other", "f_other", "f_2")), []

    async def server(route: Route) -> None:
        request = route.request
        asked.append(request.method)
        if request.method == "POST":
            await route.fulfill(status=201, headers={"Location": f"/uploads/{next(names)}"})
            return
        if request.method == "DELETE":
            asked[-1] = request.url.rsplit("/", 1)[1]
            await route.fulfill(status=204)
            return
        if request.url.endswith("f_other"):
            await tus(route)
            return
        if request.method == "PATCH" and lost and asked.count("PATCH") == 1:
            await route.abort()
            return
        sha256 = hashlib.sha256(b"work" if request.url.endswith("f_2") else b"wurk").hexdigest()
        headers = {"Upload-Offset": "4", "Upload-Length": "4", "Upload-Sha256": sha256}
        await route.fulfill(status=204 if request.method == "PATCH" else 200, headers=headers)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    told = await asyncio.wait_for(module_page.evaluate(DAMAGED), 10)
    assert told == ["checksum_mismatch", "uploaded", "uploaded", "failed", "f_2"]
    assert asked == ["POST", "PATCH", *(["HEAD"] if lost else []), "f_1", *["POST", "PATCH"] * 3]


# The room was held when it came. `then` is what the page does once it is not any more.
REFUSED = """async (then) => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const files = new Files({ store: new MemoryStore(), prefix: "r/c/", endpoint: () => "/uploads", role: "phone" });
  const arrived = () => new Promise((done) => files.on("uploaded", ({ file }) => done(file)));
  const failed = new Promise((done) => files.on("change", () => files.pending[0]?.state === "failed" && done()));
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  await failed;
  const other = arrived();
  files.reopen(); // the phone asks how things stand, which is as before
  await files.take(new File(["other"], "khac.pdf"), 1);
  await other;
  const told = [files.pending[0].state];
  const anew = arrived();
  if (then === "signs in") files.again();
  else files.close();
  files.reopen();
  return [...told, await anew];
}"""


@pytest.mark.parametrize("then", ["signs in", "opens again"])
async def test_what_was_refused_for_how_things_stood_goes_on_once_they_stand_otherwise(
    module_page: Page, then: str
) -> None:
    patches = 0

    async def server(route: Route) -> None:
        nonlocal patches
        patches += route.request.method == "PATCH"
        if route.request.method == "PATCH" and patches == 1:
            await route.fulfill(status=409, json={"error": {"code": "room_held", "vi": "x", "en": "x"}})
        elif route.request.method == "HEAD":
            await route.fulfill(status=200, headers={"Upload-Offset": "0", "Upload-Length": "4"})
        else:
            await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    assert await asyncio.wait_for(module_page.evaluate(REFUSED, then), 10) == ["failed", "f_own"]
    assert patches == 3


# Refused at first, and its copy is gone by the time it is tried again, as when the browser made room on the disk.
COPY_GONE = """async (named) => {
  const { Files } = await import("/lib/files.js");
  const { MemoryStore } = await import("/lib/store.js");
  const store = new MemoryStore();
  const files = new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const rows = () => files.pending.map(({ state, error }) => [state, error?.code]);
  const kept = new Promise((done) => {
    const put = store.put.bind(store);
    store.put = async (name, value, key) => { await put(name, value, key); if (value.refused) done(); };
  });
  const { id } = await files.take(new File(["work"], "bai.pdf"), 0);
  await kept;
  const told = [rows()];
  await store.delete("upload", id);
  if (named) {
    files.away();
    files.again();
    told.push(await files.named().catch(({ code }) => code), await files.named());
  } else {
    const failed = new Promise((done) => files.on("change", () => files.pending[0]?.error && done()));
    files.retry(id);
    await failed;
  }
  files.again(); // as after signing in anew
  files.resume();
  told.push(rows());
  await files.drop(id);
  return [...told, rows()];
}"""


@pytest.mark.parametrize(
    ("named", "offset", "taken_out"),
    [
        (False, "0", ["f_own"]),
        (True, "0", ["f_own"]),
        (False, "4", []),  # another tab sent the rest of it, and erased the copy for that
        (False, None, []),  # no answer
    ],
)
async def test_a_file_whose_copy_is_gone_is_told_and_can_be_taken_off(
    module_page: Page, named: bool, offset: str | None, taken_out: list[str]
) -> None:
    asked = []

    async def server(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.method == "PATCH":
            await route.fulfill(status=403, json={"error": {"code": "x", "vi": "x", "en": "x"}})
        elif route.request.method == "HEAD" and offset is None:
            await route.abort()
        elif route.request.method == "HEAD":
            await route.fulfill(status=200, headers={"Upload-Offset": offset, "Upload-Length": "4"})
        elif route.request.method == "DELETE":
            asked[-1] = route.request.url.rsplit("/", 1)[1]
            await route.fulfill(status=204)
        else:
            await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    told = await asyncio.wait_for(module_page.evaluate(COPY_GONE, named), 10)
    submitted = ["copy_gone", []] if named else []
    assert told == [[["failed", "x"]], *submitted, [["failed", "copy_gone"]], []]
    assert asked == ["POST", "PATCH", "HEAD", *taken_out]


# Another tab has the exam for a while: it sends one of this tab's two files, and begins one of its own.
ELSEWHERE = """async () => {
  const { Files } = await import("/lib/files.js");
  const { openStore } = await import("/lib/store.js");
  const store = await openStore();
  const made = () => new Files({ store, prefix: "r/c/", endpoint: () => "/uploads", role: "candidate" });
  const names = () => files.pending.map(({ name, state }) => `${name} ${state}`);
  const files = made(), other = made();
  const paused = new Promise((done) => files.on("paused", done));
  files.pause();
  await paused;
  const { id } = await files.take(new File(["1"], "mot.pdf"), 0);
  await files.take(new File(["2"], "hai.pdf"), 1);
  files.retry(id);
  other.pause();
  await other.take(new File(["3"], "ba.pdf"), 2);
  await store.delete("upload", id); // as a file is that arrived
  const told = [names(), await (await fetch("/uploads/sent")).text()];
  const arrived = new Promise((done) => {
    let count = 0;
    files.on("uploaded", () => { if (++count === 2) done(); });
  });
  files.resume();
  await arrived;
  const left = await store.getAllKeys("upload");
  for (const key of left) await store.delete("upload", key);
  return [...told, names()];
}"""


async def test_a_tab_that_takes_the_exam_back_goes_on_with_what_the_other_one_left(module_page: Page) -> None:
    sent = []

    async def server(route: Route) -> None:
        if route.request.method == "GET":
            await route.fulfill(status=200, body=" ".join(sent))
            return
        if route.request.method == "POST":
            told = dict(pair.split(" ") for pair in route.request.headers["upload-metadata"].split(","))
            sent.append(base64.b64decode(told["filename"]).decode())
            await route.fulfill(status=201, headers={"Location": f"/uploads/f_{len(sent)}"})
            return
        await tus(route)

    await module_page.route("**/uploads*", server)
    await module_page.route("**/uploads/*", server)
    told = await asyncio.wait_for(module_page.evaluate(ELSEWHERE), 10)
    assert told == [["mot.pdf waiting", "hai.pdf waiting"], "", []]
    assert sorted(sent) == ["ba.pdf", "hai.pdf"]


# The list as it stands on the page, one file there and one that could not be sent, and the pages beside it.
ACTS = """async ([readOnly, code]) => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { Emitter } = await import("/lib/emitter.js");
  const { FileList } = await import("/pages/candidate/file_list.js");
  const { Handwriting } = await import("/pages/candidate/handwriting.js");
  const pages = Object.assign(new Emitter(), { removed: [{ token: "f_0", index: 0 }], photo: async () => null });
  const page = { token: "f_2", file: "f_2", name: "trang-01.jpg", state: "there", faults: [], turns: 0, kept: false };
  const one = { id: "r/c/1", name: "bai.pdf", bytes: 4, sent: 0, state: "failed", replaces: [], error: { code } };
  const there = { file: "f_1", name: "khac.pdf", looks: "application/pdf", bytes: 4, sha256: "x", at: "" };
  const candidate = {
    room: { value: { released_at: "2026-11-22T01:00:00Z" } }, sitting: { value: { phone: null } }, practice: true,
    devices: { value: null }, pageCamera: () => {}, connection: signal({ state: "connected" }),
    work: {
      complete: { value: [there] }, pending: { value: [one] }, readOnly: signal(null), files: { pending: [one] },
      pageList: { value: [page, { ...page, token: "f_3", file: "f_3" }] }, pages, pageError: { value: null },
    },
  };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${Handwriting} candidate=${candidate} /><${FileList} candidate=${candidate} />`, root);
  if (readOnly) { // the camera is open when it happens
    root.querySelector("[data-testid=page-camera]").click();
    for (const opens of [true, false]) {
      const isOpen = () => Boolean(root.querySelector("[data-testid=camera-dialog]"));
      while (isOpen() !== opens) await new Promise((done) => setTimeout(done, 5));
      candidate.work.readOnly.value = readOnly;
    }
  }
  const acts = [...root.querySelectorAll("button, input")].filter(({ disabled }) => !disabled);
  const told = acts.map(({ dataset }) => dataset.testid ?? "?");
  told.push(...[...root.querySelectorAll("[draggable=true]")].map(() => "drag"));
  render(null, root);
  return told;
}"""
PAGE_ACTS = ["page-turn", "page-retake", "page-remove"]
ALL_ACTS = [
    "page-camera", "page-input", "page-later", *PAGE_ACTS, "page-earlier", *PAGE_ACTS, "page-undo", "file-input",
    "file-remove", "file-retry", "file-cancel", "drag", "drag",
]  # fmt: skip


@pytest.mark.parametrize(
    ("read_only", "code", "acts"),
    [
        (None, "internal", ALL_ACTS),
        (None, "copy_gone", [act for act in ALL_ACTS if act != "file-retry"]),
        ("superseded", "internal", []),
    ],
)
async def test_a_page_that_is_only_read_offers_no_act_on_files(
    module_page: Page, read_only: str | None, code: str, acts: list[str]
) -> None:
    assert await asyncio.wait_for(module_page.evaluate(ACTS, [read_only, code]), 10) == acts


NAMES = [
    "\u3164x\u2800.pdf",
    "bài làm.docx", "x\u202etxt.exe.pdf", "\u2066a\u2069\u200f\u200b\u200d\ufeff.pdf", "../a\\b\x85\u2028c.txt",
    "\u202e. \u200b", "", "a" * 300 + ".pdf", "😀" * 201, "a\u00ad\U000e0041b:*?.md", " .x. ",
]  # fmt: skip


async def test_a_chosen_file_has_the_name_here_that_it_has_at_the_server(module_page: Page) -> None:
    kept = """async (names) => {
      const { safelyNamed } = await import("/lib/file_name.js");
      return names.map((name) => safelyNamed(new File(["x"], name)).name);
    }"""
    assert await module_page.evaluate(kept, NAMES) == [safe_name(name) for name in NAMES]
