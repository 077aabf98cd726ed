"""What the wall works out without a pixel of it: who needs somebody now, and how large tiles can be."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

NEEDS = """async ([sittings, messages]) => {
  const { needs } = await import("/pages/invigilator/attention.js");
  const found = needs(new Map(sittings.map((one) => [one.candidate, one])), messages, []);
  return found.map(({ candidate, why, others }) => [candidate, why, ...others.map((one) => one.why)]);
}"""
AT = "2026-03-02T03:04:05Z"


def sitting(candidate: str, **more: Any) -> dict[str, Any]:
    return {"candidate": candidate, "state": "admitted", "connected": True, "asked": {}, **more}


async def test_open_matters_of_who_handed_in_and_of_another_device_are_listed_too(module_page: Page) -> None:
    sittings = [
        sitting("works"),
        sitting("asks", hand_raised_at=AT),
        sitting("handed in", state="submitted", connected=False, absent_since=AT),
        sitting("handed in and asks", state="submitted", hand_raised_at="2026-03-02T03:04:06Z"),
        sitting("at another device", readmission=True, connected=False),
        sitting("handed in, at another device", state="submitted", readmission=True),
        sitting("suspended", suspended="Dùng tài liệu", hand_raised_at=AT),
        sitting("never came", state="expected"),
    ]
    assert await module_page.evaluate(NEEDS, [sittings, []]) == [
        ["suspended", "suspended", "hand"], ["at another device", "device", "offline"],
        ["handed in, at another device", "device"],
        ["asks", "hand"], ["handed in and asks", "hand"],
    ]  # fmt: skip


async def test_all_that_one_candidate_needs_is_told_the_worst_first(module_page: Page) -> None:
    wrote = {"to": "staff", "answers": "", "at": AT}
    messages = [
        {**wrote, "message": "m_3", "from": "quiet"}, {**wrote, "message": "m_2", "from": "both"},
        {**wrote, "message": "m_1", "from": "both"}, {"message": "m_4", "from": "s", "to": ["quiet"], "answers": "m_3"},
    ]  # fmt: skip
    sittings = [sitting("both", suspended="x", hand_raised_at=AT, absent_since=AT), sitting("quiet")]
    assert await module_page.evaluate(NEEDS, [sittings, messages]) == [
        ["both", "suspended", "hand", "message", "absent"]
    ]


# What the strip, the tile and the button of the log show of somebody suspended who raised a hand and wrote twice.
MARKED = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { Attention } = await import("/pages/invigilator/attention.js");
  const { RoomBar } = await import("/pages/invigilator/room_bar.js");
  const { TileWall } = await import("/pages/invigilator/tile_wall.js");
  const { AUTO } = await import("/pages/invigilator/grid.js");
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  const at = "2026-11-23T03:00:00Z";
  const one = { candidate: "c", number: "001", full_name: "Trần Một", state: "admitted", connected: true, asked: {},
    suspended: "x", hand_raised_at: at, violations: 0, connection_changed_at: at };
  const watched = new WatchedRoom("r", "s");
  watched.room.value = { times: { submit_by: at, end_at: at } };
  watched.sittings.value = new Map([["c", one]]);
  watched.messages.value = ["m_1", "m_2"].map((message) => ({ message, from: "c", to: "staff", answers: "", at }));
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${RoomBar} watched=${watched} people=${[one]} layout=${AUTO} page=${0} pages=${1} />
    <${Attention} watched=${watched} />
    <${TileWall} watched=${watched} shown=${[one]} layout=${AUTO} onOver=${() => {}} />`, root);
  const text = (name) => root.querySelector(`[data-testid=${name}]`)?.textContent;
  const found = [text("attention-item"), text("tile-messages"), text("tile"), text("log-unanswered")];
  render(null, root);
  return found.map((said) => said?.replace(/\\s+/g, " ").trim());
}"""


async def test_a_message_nobody_answered_is_marked_whatever_else_there_is(module_page: Page) -> None:
    strip, mark, tile, log = await module_page.evaluate(MARKED)
    assert "đang đình chỉ" in strip and "giơ tay" in strip and "chờ trả lời" in strip
    assert mark == "2" and "2 tin nhắn chờ trả lời" in tile
    assert log == "2 – 2 tin nhắn chờ trả lời"


# A wall of thirteen tiles as it is beside the open log at 1366x768, with the styles of the page.
NAMES = """async ([names, width]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { Tile } = await import("/pages/invigilator/tile.js");
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  await Promise.all(["base", "console", "invigilator"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  const at = "2026-11-23T03:00:00Z", now = Date.parse(at) + 2000, deadline = "2026-11-23T03:45:00Z";
  const admitted = { number: "001", state: "admitted", connected: true, violations: 0, asked: {}, deadline,
    answer: { saved_at: at } };
  const watched = new WatchedRoom("r", "s");
  watched.room.value = { released_at: at };
  const vitals = { media: "connected", loss: 0, level: 0.2, recorded: true };
  watched.vitals.value = { candidates: Object.fromEntries(names.map((_, index) => [`c${index}`, vitals])) };
  const root = document.body.appendChild(document.createElement("main"));
  document.body.className = "invigilator";
  document.querySelector("main:not(:last-child)")?.remove();
  render(html`<div class="wall" style="--columns: 4; --tile: ${width}px">${names.map((name, index) => html`
    <${Tile} watched=${watched} now=${now}
      sitting=${{ ...admitted, candidate: `c${index}`, full_name: name }} />`)}</div>`, root);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [...root.querySelectorAll(".tile_name")].map((box) => {
    const { left, right, top, bottom } = box.getBoundingClientRect();
    const shown = [...box.children].filter((one) => one.getBoundingClientRect().top < bottom - 1);
    const cut = shown.filter((one) => {
      const word = one.getBoundingClientRect();
      const beyond = word.left < left - 1 || word.right > right + 1 || word.top < top - 1;
      return one.scrollWidth > one.clientWidth + 1 || beyond;
    });
    const said = shown.map((one) => one.textContent.trim()).join(" ");
    return [cut.length ? "cut" : said, Math.round(right - left), box.title, box.textContent];
  });
}"""


async def test_a_name_that_is_too_long_for_its_tile_is_cut_by_words_and_keeps_its_last(module_page: Page) -> None:
    await module_page.set_viewport_size({"width": 1366, "height": 768})
    names = ["Nguyễn Trần Thị Hoàng Một", "Thí sinh 002", "An", "Lê Thị Nghiêng", "Trần An", "Phạm Ngọc  Thương "]
    for width in (99, 178, 330):
        found = await module_page.evaluate(NAMES, [names, width])
        await picture(module_page, f"tile-names-{width}")
        for name, (shown, *_) in zip(names, found, strict=True):
            words = shown.split()
            assert words and words == name.split()[-len(words) :], found
        assert found[4][0] == "Trần An"
        assert [title for *_, title, _ in found] == names
        assert [text.split() for *_, text in found] == [name.split() for name in names]
        if width > 120:
            assert min(place for _, place, *_ in found) >= 90


async def test_the_age_of_the_last_save_stands_still_from_the_deadline_on(module_page: Page) -> None:
    await module_page.evaluate(NAMES, [["An"], 330])
    ages = await module_page.evaluate("""async () => {
      const { render } = await import("preact");
      const { html } = await import("/lib/html.js");
      const { Tile } = await import("/pages/invigilator/tile.js");
      const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
      const watched = new WatchedRoom("r", "s");
      watched.room.value = { released_at: "2026-11-23T03:00:00Z" };
      const sitting = { candidate: "c", number: "001", full_name: "An", state: "admitted", connected: true,
        violations: 0, asked: {}, deadline: "2026-11-23T03:45:00Z", answer: { saved_at: "2026-11-23T03:44:20Z" } };
      const root = document.querySelector("main:last-child"), ages = [];
      for (const time of ["03:44:30", "03:45:00", "03:59:00"]) {
        render(html`<${Tile} watched=${watched} now=${Date.parse(`2026-11-23T${time}Z`)} sitting=${sitting} />`, root);
        const save = root.querySelector(".tile_save");
        ages.push([save.textContent.trim(), save.classList.contains("late")]);
      }
      return ages;
    }""")
    assert ages == [["00:10", False], ["00:40", False], ["00:40", False]]


# The wall, the chips and the acts of who did not hand in, at moments around the own deadline.
AROUND = """async ([moment, hold, more]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { serverClock } = await import("/lib/time.js");
  const { RoomBar } = await import("/pages/invigilator/room_bar.js");
  const { SittingActs } = await import("/pages/invigilator/sitting_dialogs.js");
  const { TileWall } = await import("/pages/invigilator/tile_wall.js");
  const { needs } = await import("/pages/invigilator/attention.js");
  const { AUTO } = await import("/pages/invigilator/grid.js");
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  await Promise.all(["base", "console", "invigilator"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  const at = "2026-11-23T03:00:00Z", deadline = "2026-11-23T04:30:00Z";
  serverClock.now = () => Date.parse(deadline) + moment * 1000;
  const one = { candidate: "c", number: "001", full_name: "Trần Một", state: "admitted", connected: true, asked: {},
    violations: 0, connection_changed_at: at, deadline, acts: {}, answer: { saved_at: at }, ...more };
  const watched = new WatchedRoom("r", "s");
  watched.room.value = { times: { submit_by: deadline, end_at: "2026-11-23T04:40:00Z" }, released_at: at, hold,
    last_deadline: deadline, title: "Phòng 1", exam_title: "Triết học" };
  watched.sittings.value = new Map([["c", one]]);
  const vitals = { media: "connected", loss: 0, level: 0.2, recorded: true, ...more.vitals };
  watched.vitals.value = { candidates: { c: vitals }, recording: null };
  document.body.className = "invigilator";
  document.querySelectorAll("main").forEach((each) => each.remove());
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${RoomBar} watched=${watched} people=${[one]} layout=${AUTO} page=${0} pages=${1} />
    <${SittingActs} watched=${watched} sitting=${one} onDialog=${() => {}} />
    <${TileWall} watched=${watched} shown=${[one]} layout=${AUTO} onOver=${() => {}} />`, root);
  const counted = [...root.querySelectorAll(".chip")].filter((chip) => chip.querySelector("b").textContent !== "0");
  const tile = root.querySelector("[data-testid=tile]");
  const found = { tile: tile.dataset.state, word: tile.querySelector(".visually_hidden").textContent,
    chips: counted.map((chip) => chip.textContent.replace(/\\s+/g, " ").trim()),
    left: tile.querySelector("[data-testid=tile-left]")?.textContent ?? null,
    acts: ["absence-begin", "absence-end", "suspend"].filter((name) => root.querySelector(`[data-testid=${name}]`)),
    needs: needs(watched.sittings.value, [], [], { c: vitals }, watched.room.value).map(({ why }) => why) };
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return found;
}"""
THINNED = """async ([level, mine]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { TileWall } = await import("/pages/invigilator/tile_wall.js");
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  const { AUTO } = await import("/pages/invigilator/grid.js");
  window.at = "2026-11-23T03:00:00Z";
  window.watched ??= new WatchedRoom("r", "s");
  watched.wall.isOf = (subscription) => subscription === "mine";
  watched.room.value = { released_at: at };
  const one = { candidate: "c", number: "001", full_name: "Trần Một", state: "admitted", connected: true, asked: {},
    violations: 0, deadline: "2036-11-23T03:00:00Z" };
  watched.link.emit("thinned", { subscription: mine ? "mine" : "another", level });
  const root = document.querySelector("main") ?? document.body.appendChild(document.createElement("main"));
  render(html`<${TileWall} watched=${watched} shown=${[one]} layout=${AUTO} onOver=${() => {}} />`, root);
  return [root.querySelectorAll("[data-testid=tile-still]").length,
    root.querySelector(".visually_hidden").textContent.includes("Hình cũ")];
}"""


async def test_a_picture_that_stands_for_the_own_network_is_called_old(module_page: Page) -> None:
    for level, mine, old in (
        ("quarter_rate", True, False), ("stills", True, True), ("all", False, True), ("all", True, False),
    ):  # fmt: skip
        assert await module_page.evaluate(THINNED, [level, mine]) == [int(old), old], level


STILLS = """async (levels) => {
  const { StillPictures } = await import("/pages/invigilator/still_pictures.js");
  const stills = new StillPictures({ api: { base: "", role: "invigilator" }, path: "/api/rooms/r" });
  window.asked = [];
  const [waiting, before] = [[], window.fetch];
  window.fetch = (path, { headers, signal }) => new Promise((answer, refuse) => {
    asked.push([path.match(/candidates.(.*).picture/)[1], headers["Proctor-Role"]]);
    signal.addEventListener("abort", () => refuse(signal.reason));
    waiting.push(answer);
  });
  const answer = (found = true) => waiting.shift()({ ok: found, blob: async () => new Blob(["jpeg"]),
    headers: new Headers({ "Proctor-Taken-At": `2026-11-23T03:00:0${asked.length}.000Z` }) });
  Object.assign(window, { stills, answer, rest: () => { window.fetch = before; }, shown: () => Object.fromEntries(
    [...stills.pictures.value].map(([who, { takenAt }]) => [who, takenAt.slice(17, 19)])) });
}"""


async def test_pictures_that_stand_still_are_asked_for_one_after_the_other(module_page: Page) -> None:
    """Longest ago first, with a rest in between that grows with what one takes; never two at once."""
    page = module_page
    await page.clock.install(time=0)
    await page.evaluate(STILLS, [])
    await page.clock.pause_at(1000)  # it passes as the test says, however slow this machine is

    async def asked(*, after: int) -> list[str]:
        await page.clock.run_for(after)
        return [who for who, role in await page.evaluate("asked") if role == "invigilator"]

    await page.evaluate("stills.want(['a', 'b', 'c'])")
    assert await asked(after=1) == ["a"]
    assert await asked(after=2000) == ["a"], "the next one waits for the first"
    await page.evaluate("answer()")
    await page.evaluate("stills.want(['a', 'b', 'c'])")  # as the page is drawn again
    assert await asked(after=5000) == ["a"], "a line that took two seconds is left alone for six"
    assert await asked(after=1100) == ["a", "b"]
    assert await page.evaluate("shown()") == {"a": "01"}
    await page.evaluate("answer(false)")  # who has left
    assert await asked(after=600) == ["a", "b", "c"]
    await page.evaluate("stills.want(['a', 'b', 'c', 'd'])")
    await page.evaluate("answer()")
    assert await asked(after=600) == ["a", "b", "c", "d"], "who came has no picture yet"
    await page.evaluate("answer()")
    assert await asked(after=600) == ["a", "b", "c", "d"], "of ten seconds there is no newer one"
    assert (await asked(after=10_000))[4:5] == ["a"]
    await page.evaluate("stills.want([])")  # given up
    assert len(await asked(after=60_000)) == 5
    assert await page.evaluate("shown()") == {"a": "01", "c": "03", "d": "04"}, "what there is stays until it moves"
    await page.evaluate("stills.drop('c')")
    await page.evaluate("stills.want(['b'])")
    assert (await asked(after=1))[5:] == ["b"]
    await page.evaluate("(answer(), answer(), stills.close(), rest())")
    assert await page.evaluate("shown()") == {}
    assert len(await asked(after=60_000)) == 6


HOLD = {"missed": "deadline", "since": "2026-11-23T04:29:00Z", "candidates": 1}
OVER = "Hết giờ, chưa nộp"
NO_PICTURE = {"vitals": {"media": "closed", "age": 60}}


@pytest.mark.parametrize(
    ("moment", "hold", "more", "state", "word", "acts"),
    [
        (-60, None, {}, "live", "Đang thi", ["absence-begin", "suspend"]),
        (1, None, {}, "live", "Đang thi", ["absence-begin", "suspend"]),  # it is being found out what came in time
        (3, None, {}, "over", OVER, []),
        (3, None, {"deadline": "2026-11-23T04:35:00Z"}, "live", "Đang thi", ["absence-begin", "suspend"]),
        (3, HOLD, {}, "held", "Chờ quyết định", ["absence-begin", "suspend"]),
        (-60, HOLD, {}, "live", "Đang thi", ["absence-begin", "suspend"]),
        (3, None, {"referred": "makeup"}, "referred", "Thi vào dịp khác", []),
        (3, None, {"state": "submitted"}, "submitted", "Đã nộp", []),
        (3, None, {"suspended": "Dùng tài liệu"}, "suspended", "Đình chỉ", ["suspend"]),
        (3, None, {"absent_since": "2026-11-23T04:20:00Z"}, "over", OVER, ["absence-end"]),
        (3, None, NO_PICTURE, "over", OVER, []),
    ],
)
async def test_who_did_not_hand_in_is_not_at_the_exam_once_the_own_time_is_over(
    module_page: Page, moment: int, hold: Any, more: dict[str, Any], state: str, word: str, acts: list[str]
) -> None:
    await module_page.set_viewport_size({"width": 1366, "height": 768})
    found = await module_page.evaluate(AROUND, [moment, hold, more])
    assert (found["tile"], found["chips"], found["acts"]) == (state, [f"{word} 1"], acts)
    assert word in found["word"]
    assert (found["left"] is None) == (more.get("state") == "submitted" or (moment > 0 and "deadline" not in more))
    assert "no_media" not in found["needs"]
    if state in ("over", "held", "referred"):
        await picture(module_page, f"wall-{state}")


FIT = """async ([width, height]) => {
  const { AUTO, LAYOUTS, MOST_TILES, fit, perPage } = await import("/pages/invigilator/grid.js");
  const counts = Array.from({ length: MOST_TILES }, (_, index) => index + 1);
  return [...LAYOUTS.map((layout) => [layout, perPage(layout)]), ...counts.map((count) => [AUTO, count])]
    .map(([layout, count]) => ({ ...layout, count, ...fit(layout, count, { width, height }), wanted: layout.columns }));
}"""
GAP, FOOT, SMALLEST = 6, 30, 96  # pixels, as grid.js has them


@pytest.mark.parametrize("place", [(1010, 560), (1366, 600), (1900, 930), (2540, 1290)])
async def test_every_layout_uses_the_place_and_needs_no_scrolling(module_page: Page, place: tuple[int, int]) -> None:
    width, height = place
    fitted = await module_page.evaluate(FIT, place)
    assert [one["count"] for one in fitted[:7]] == [4, 9, 12, 20, 30, 42, 56]
    for one in fitted:
        columns, tile, rows = one["columns"], one["tile"], -(-one["count"] // one["columns"])
        assert one["wanted"] in (0, columns), one
        if tile > SMALLEST:
            wide, high = columns * (tile + GAP) - GAP, rows * (tile * 9 / 16 + FOOT + GAP) - GAP
            assert wide <= width and high <= height, one
            assert wide > width - columns or high > height - rows, f"a larger one would fit: {one}"
    assert min(one["tile"] for one in fitted if one["count"] <= 20) > SMALLEST


# Four are admitted at once, with the checks of each. The server has two groups to answer, and refuses one that it is
# asked about alone.
ADMITS = """async () => {
  const { WatchedRoom } = await import("/pages/invigilator/watched_room.js");
  const watched = new WatchedRoom("r", "s");
  const refused = Object.assign(new Error("not_ready"), { code: "not_ready", details: { missing: ["device"] } });
  const asked = [];
  watched.link.request = async (name, { candidates }) => {
    asked.push(candidates);
    if (candidates.join() === "c") throw refused;
    const told = { admitted: ["a"], skipped: [], overtaken: {} };
    return { ...told, not_ready: candidates.includes("b") ? { b: ["device"] } : {} };
  };
  await watched.admit(new Map([["c", ["camera"]], ["a", []], ["b", []], ["d", ["identity"]]]), {});
  const told = watched.notReady.value;
  const alone = await watched.admit(new Map([["c", []]]), {}).catch(({ code }) => code);
  return [asked, told, alone];
}"""


async def test_who_is_not_ready_stops_nobody_elses_admission(module_page: Page) -> None:
    asked, told, alone = await module_page.evaluate(ADMITS)
    assert asked == [["c"], ["a", "b"], ["d"], ["c"]]
    assert told == ["c", "b"]
    assert alone == "not_ready"


KEYS = """async (runs) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { HelpDialog } = await import("/pages/invigilator/help_dialog.js");
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${HelpDialog} runs=${runs} onClose=${() => {}} />`, root);
  const said = [...root.querySelectorAll("dt")].map((key) => [key.textContent, key.nextElementSibling.textContent]);
  render(null, root);
  return said;
}"""


async def test_the_list_of_keys_names_the_digits_that_choose_a_category_where_keys_act(module_page: Page) -> None:
    acting = await module_page.evaluate(KEYS, True)
    assert acting[acting.index(["F", "Ghi nhận vi phạm của thí sinh đang chọn"]) + 1] == [
        "1–9", "Chọn loại vi phạm trong hộp ghi nhận (F)",
    ]  # fmt: skip
    assert "1–9" not in dict(await module_page.evaluate(KEYS, False))
