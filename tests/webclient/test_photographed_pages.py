"""Photographed pages before they are sent: what becomes of a picture, whether it looks readable, and their order
through reloads, broken connections and changes (lib/pages.js, lib/photos.js).

`desk` opens real IndexedDB and the real worker. The server behind it is a list that takes files when the test says so.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Page

from proctor.text import safe_name

pytestmark = pytest.mark.browser

HEIC = (Path(__file__).parents[1] / "support/page.heic").read_bytes()

DESK = """async () => {
  const { Pages } = await import("/lib/pages.js");
  const { Photos } = await import("/lib/photos.js");
  const { Emitter } = await import("/lib/emitter.js");
  const { openStore } = await import("/lib/store.js");
  const store = await openStore("test");
  class Files extends Emitter { // takes everything; `arrive` is the server that has it
    pending = [];
    leaving = new Set();
    async take(file, count, before, replaces = []) {
      if (count >= 20) return { code: "too_many_files" };
      const id = `r/c/${crypto.randomUUID()}`;
      await before(id);
      this.pending = [...this.pending, { id, name: file.name, bytes: file.size, sent: 0, state: "waiting", replaces }];
      desk.files.set(id, file);
      this.emit("change");
      return { id };
    }
    retry(id) {
      this.pending = this.pending.map((one) => (one.id === id ? { ...one, state: "waiting", error: null } : one));
    }
    async takeOut(file) {
      this.leaving.add(file);
      desk.server = desk.server.filter((one) => one.file !== file);
    }
    async drop(id) { this.pending = this.pending.filter((one) => one.id !== id); }
  }
  const settle = () => new Promise((resolve) => setTimeout(resolve, 60)); // lets IndexedDB's own callbacks run
  const desk = {
    files: new Map(), server: [], timers: [], errors: [], settle,
    async open() {
      const pending = desk.uploads?.pending ?? [];
      desk.uploads = new Files();
      desk.uploads.pending = pending;
      desk.pages = new Pages({
        store, prefix: "r/c/", files: desk.uploads, photos: new Photos(),
        remove: async (file) => {
          if (desk.away) throw Object.assign(new Error("network"), { code: "network" });
          desk.server = desk.server.filter((one) => one.file !== file);
        },
        fetchContent: async (file) => desk.files.get(file).arrayBuffer(),
        timers: {
          set: (act) => { desk.timers.push(act); return act; },
          clear: (act) => { desk.timers = desk.timers.filter((one) => one !== act); },
        },
      });
      desk.pages.on("change", () => desk.list());
      desk.pages.on("error", (error) => desk.errors.push(error.message));
      await desk.pages.load();
      desk.list();
    },
    list: () => desk.pages.list(desk.server, desk.uploads.pending),
    tokens: () => desk.list().map(({ token }) => token),
    names: () => desk.list().map(({ name }) => name),
    // The server has them: the first `count` of what is under way.
    async arrive(count = 100) {
      for (const { id, name, replaces } of desk.uploads.pending.slice(0, count)) {
        const file = `f_${desk.server.length}${Math.random()}`;
        desk.files.set(file, desk.files.get(id));
        desk.uploads.pending = desk.uploads.pending.filter((one) => one.id !== id);
        desk.uploads.emit("uploaded", { id, file });
        await settle();
        desk.server = [...desk.server, { file, name, bytes: 1, sha256: "x" }];
        for (const old of replaces) await desk.uploads.takeOut(old);
        desk.list();
      }
    },
    async settled() {
      const due = desk.timers;
      desk.timers = [];
      due.forEach((act) => act());
      for (let tries = 0; desk.pages.busy && tries < 100; tries += 1) await settle();
    },
    picture: (base64) => new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], "a.jpg"),
    sizes: async (token) => {
      const bitmap = await createImageBitmap(await desk.pages.photo(token));
      return [bitmap.width, bitmap.height];
    },
  };
  window.desk = desk;
  await desk.open();
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def desk(module_page: Page) -> Page:
    await module_page.evaluate(DESK)
    return module_page


async def run(page: Page, body: str, argument: Any = None) -> Any:
    return await page.evaluate(f"async (given) => {{ {body} }}", argument)


def sheet(width: int = 1500, height: int = 2000, *, light: float = 1.0, blur: float = 0, **saved: Any) -> str:
    """A photograph of a written sheet, in base64."""
    picture = Image.new("RGB", (width, height), (235, 232, 225))
    draw = ImageDraw.Draw(picture)
    for row, y in enumerate(range(height // 12, height - height // 12, height // 40)):
        for x in range(width // 10, width - width // 10 - (row * 37) % (width // 4), width // 50):
            draw.line((x, y, x + width // 90, y - height // 130), fill=(35, 40, 110), width=max(2, width // 350))
    picture = picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture
    picture = picture.point(lambda value: int(value * light)) if light != 1 else picture
    made = io.BytesIO()
    picture.save(made, saved.pop("kind", "JPEG"), **saved)
    return base64.b64encode(made.getvalue()).decode()


FAULTS = {
    "readable": (sheet(), []),
    "a little soft, still readable": (sheet(blur=1.5), []),
    "blurred": (sheet(blur=9), ["blurred"]),
    "dark": (sheet(light=0.2), ["dark"]),
    "small": (sheet(480, 640), ["small"]),
}


@pytest.mark.parametrize(("photograph", "faults"), FAULTS.values(), ids=FAULTS)
async def test_whether_a_page_looks_readable_is_said_and_it_is_taken_in_any_case(
    desk: Page, photograph: str, faults: list[str]
) -> None:
    told = await run(
        desk, "const told = await desk.pages.add([desk.picture(given)]); return [told, desk.names()];", photograph
    )
    assert told == [{"refused": [], "faults": faults}, ["trang-01.jpg"]]


async def test_a_large_photograph_is_made_upright_and_smaller_and_says_nothing_of_place_or_camera(desk: Page) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter when shown
    exif[0x010F] = "Camera maker"
    exif[0x8825] = {1: "N", 2: (21.0, 1.0, 30.0)}
    photograph = sheet(4000, 3000, exif=exif)
    assert b"Camera maker" in base64.b64decode(photograph)
    size, kept = await run(
        desk,
        """await desk.pages.add([desk.picture(given)]);
        const [token] = desk.tokens();
        const bytes = new Uint8Array(await (await desk.pages.photo(token)).arrayBuffer());
        return [await desk.sizes(token), btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""))];""",
        photograph,
    )
    assert size == [1800, 2400]
    content = base64.b64decode(kept)
    assert content.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in content
    assert not Image.open(io.BytesIO(content)).getexif()


@pytest.mark.parametrize(
    ("name", "content", "outcome"),
    [
        ("IMG_1.HEIC", HEIC, ["trang-01.heic"]),
        ("trang.jpg", b"MZ this is a program", []),
        ("trang.jpg", b"%PDF-1.7 under another name", []),
        ("trang.jpg", b"\xff\xd8\xff and no picture", []),
        ("trang.jpg", b"", []),
        ("\u202egpj.trang", b"MZ this is a program", []),
    ],
    ids=["heic", "program", "pdf", "broken", "empty", "turned name"],
)
async def test_what_is_no_picture_is_refused_in_words_and_heic_goes_as_it_is(
    desk: Page, name: str, content: bytes, outcome: list[str]
) -> None:
    told, names, kept = await run(
        desk,
        """const [name, base64] = given;
        const told = await desk.pages.add([new File([desk.picture(base64)], name)]);
        const blob = desk.tokens().length ? await desk.pages.photo(desk.tokens()[0]) : null;
        return [told, desk.names(), blob && btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())))];""",
        [name, base64.b64encode(content).decode()],
    )
    assert names == outcome
    assert told["refused"] == ([] if outcome else [{"name": safe_name(name), "code": "not_a_picture"}])
    assert kept == (base64.b64encode(content).decode() if outcome else None)


SMALL = sheet(150, 200)
async def test_a_browser_that_can_prepare_nothing_hands_in_what_the_camera_made(desk: Page) -> None:
    told = await run(
        desk,
        """window.Worker = class {
          constructor() { setTimeout(() => this.onerror(new Event("error"))); }
          postMessage() {}
        };
        await desk.open();
        const file = desk.picture(given);
        const { refused } = await desk.pages.add([file]);
        return [refused, desk.names(), (await desk.pages.photo(desk.tokens()[0])).size === file.size];""",
        sheet(150, 200, kind="PNG"),
    )
    assert told == [[], ["trang-01.png"], True]


THREE = "for (const one of [1, 2, 3]) await desk.pages.add([desk.picture(given)]);"


async def test_order_and_photographs_outlive_a_reload_and_arriving(desk: Page) -> None:
    names = await run(
        desk,
        f"""{THREE}
        await desk.pages.place(desk.tokens()[2], 0);
        const told = [desk.names()];
        await desk.arrive(2);
        told.push(desk.names());
        await desk.open();
        told.push(desk.names());
        await desk.arrive();
        await desk.open();
        told.push(desk.names());
        told.push(await Promise.all(desk.tokens().map(async (token) => (await desk.pages.photo(token)) !== null)));
        return told;""",
        SMALL,
    )
    assert names == [["trang-03.jpg", "trang-01.jpg", "trang-02.jpg"]] * 4 + [[True] * 3]


async def test_pages_of_another_device_come_last_and_can_be_put_anywhere(desk: Page) -> None:
    names = await run(
        desk,
        f"""{THREE}
        await desk.arrive();
        desk.files.set("f_phone", desk.picture(given));
        const [phone, other] = [{{ file: "f_phone", name: "trang-01.jpg" }}, {{ file: "f_doc", name: "a.docx" }}];
        desk.server = [phone, ...desk.server, other];
        const before = desk.tokens().indexOf("f_phone");
        await desk.pages.place("f_phone", 1);
        await desk.open();
        const placed = [desk.tokens().indexOf("f_phone"), desk.tokens().length];
        await desk.pages.remove("f_phone");
        await desk.pages.undo();
        await desk.arrive();
        return [before, ...placed, desk.list()[1].name];""",
        SMALL,
    )
    assert names == [3, 1, 4, "trang-04.jpg"]


async def test_a_page_turned_twice_is_sent_once_in_its_place(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        await desk.arrive();
        const before = desk.tokens();
        desk.pages.turn(before[1]);
        const once = desk.list()[1].turns;
        desk.pages.turn(before[1]);
        desk.pages.turn(before[1]);
        const waits = desk.pages.busy;
        await desk.settled();
        await desk.arrive();
        const after = desk.tokens();
        const sizes = [await desk.sizes(before[0]), await desk.sizes(after[1])];
        const same = after.map((token, index) => token === before[index]);
        return [once, waits, same, ...sizes, desk.server.length, desk.pages.busy];""",
        SMALL,
    )
    assert told == [1, True, [True, False, True], [150, 200], [200, 150], 3, False]


async def test_a_turn_while_its_page_arrives_is_not_lost(desk: Page) -> None:
    told = await run(
        desk,
        """await desk.pages.add([desk.picture(given)]);
        desk.pages.turn(desk.tokens()[0]);
        await desk.arrive();
        await desk.settled();
        await desk.arrive();
        return [await desk.sizes(desk.tokens()[0]), desk.server.length, desk.pages.busy];""",
        SMALL,
    )
    assert told == [[200, 150], 1, False]


async def test_a_turn_that_was_not_sent_yet_is_left_where_another_tab_has_the_exam(desk: Page) -> None:
    told = await run(
        desk,
        """await desk.pages.add([desk.picture(given)]);
        await desk.arrive();
        const [token] = desk.tokens();
        desk.pages.turn(token);
        desk.uploads.emit("paused");
        await desk.settled();
        return [desk.tokens()[0] === token, desk.list()[0].turns, desk.pages.busy];""",
        SMALL,
    )
    assert told == [True, 0, False]


async def test_the_order_that_another_tab_made_meanwhile_is_the_one_that_goes_on(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        await desk.arrive();
        const {{ pages, uploads }} = desk;
        await desk.open();
        await desk.pages.place(desk.tokens()[2], 0);
        const moved = desk.names();
        Object.assign(desk, {{ pages, uploads }});
        const listed = new Promise((done) => pages.on("change", done));
        uploads.emit("returned");
        await listed;
        return [moved, desk.names()];""",
        SMALL,
    )
    assert told == [["trang-03.jpg", "trang-01.jpg", "trang-02.jpg"]] * 2


async def test_a_page_under_way_of_which_nothing_is_left_here_can_be_taken_out(desk: Page) -> None:
    told = await run(
        desk,
        """await desk.pages.add([desk.picture(given)]);
        const [token] = desk.tokens();
        desk.pages.photo = async () => null; // the browser threw it away
        await desk.pages.remove(token);
        return [desk.tokens().length, desk.pages.removed.length, desk.pages.busy];""",
        SMALL,
    )
    assert told == [0, 0, False]


async def test_pages_of_a_telephone_stand_as_they_were_photographed_whichever_came_first(desk: Page) -> None:
    told = await run(
        desk,
        """await desk.pages.add([desk.picture(given)]);
        await desk.arrive();
        const come = (phone, ...numbers) => {
          const page = (number) => ({ file: `${phone}${number}`, name: `trang-0${number}.jpg`, phone });
          desk.server = [...desk.server, ...numbers.map(page)];
          return desk.list().slice(1).map(({ token, number }) => `${token} is ${number}`);
        };
        const told = [come("a", 3, 1), come("a", 2), come("b", 1)];
        desk.server = [...desk.server, { file: "a3_again", name: "trang-03.jpg", phone: "a" }]; // taken again there
        desk.list();
        desk.server = desk.server.filter(({ file }) => file !== "a3");
        told.push(come("a", 4));
        await desk.pages.add([desk.picture(given)]);
        return [...told, desk.names().length, desk.tokens().slice(1, 6)];""",
        SMALL,
    )
    order = ["a1", "a2", "a3_again", "b1", "a4"]
    assert told == [
        ["a1 is 1", "a3 is 3"],
        ["a1 is 1", "a2 is 2", "a3 is 3"],
        ["a1 is 1", "a2 is 2", "a3 is 3", "b1 is 1"],
        ["a1 is 1", "a2 is 2", "a3_again is 3", "b1 is 1", "a4 is 4"],
        7,
        order,
    ]


async def test_a_page_that_a_telephone_sends_anew_stands_where_the_old_one_was_put(desk: Page) -> None:
    told = await run(
        desk,
        """const page = (number, file = `p${number}`) => ({ file, name: `trang-0${number}.jpg`, phone: "a" });
        desk.server = [1, 2, 3].map((number) => page(number));
        desk.list();
        await desk.pages.place("p3", 0);
        const told = [desk.tokens()];
        for (const old of [2, 3]) { // the new one first
          desk.server = [...desk.server, page(old, `p${old}_turned`)];
          desk.list();
          desk.server = desk.server.filter(({ file }) => file !== `p${old}`);
          told.push(desk.tokens());
        }
        return told;""",
    )
    assert told == [["p3", "p1", "p2"], ["p3", "p1", "p2_turned"], ["p3_turned", "p1", "p2_turned"]]


async def test_a_page_that_was_turned_taken_again_or_put_back_keeps_its_number(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        await desk.arrive();
        desk.pages.turn(desk.tokens()[0]);
        await desk.settled();
        await desk.pages.retake(desk.tokens()[1], desk.picture(given));
        await desk.pages.remove(desk.tokens()[2]);
        await desk.pages.undo();
        await desk.arrive();
        await desk.pages.add([desk.picture(given)]);
        return desk.names();""",
        SMALL,
    )
    assert told == ["trang-01.jpg", "trang-02.jpg", "trang-03.jpg", "trang-04.jpg"]


async def test_four_turns_are_none(desk: Page) -> None:
    told = await run(
        desk,
        """await desk.pages.add([desk.picture(given)]);
        await desk.arrive();
        const [token] = desk.tokens();
        for (const turn of [1, 2, 3, 4]) desk.pages.turn(token);
        await desk.settled();
        return [desk.tokens()[0] === token, desk.pages.busy];""",
        SMALL,
    )
    assert told == [True, False]


async def test_a_page_taken_out_comes_back_where_it_was_also_after_a_reload(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        await desk.arrive();
        const before = desk.tokens();
        const bytes = (await desk.pages.photo(before[1])).size;
        await desk.pages.remove(before[1]);
        const gone = [desk.tokens().length, desk.server.length];
        await desk.open();
        await desk.pages.undo();
        await desk.arrive();
        const after = desk.tokens();
        const same = after.map((token, index) => token === before[index]);
        return [gone, same, (await desk.pages.photo(after[1])).size === bytes, desk.pages.removed.length];""",
        SMALL,
    )
    assert told == [[2, 2], [True, False, True], True, 0]


async def test_a_page_that_cannot_be_taken_out_now_stays(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        await desk.arrive();
        desk.away = true;
        const before = desk.tokens();
        const failed = await desk.pages.remove(before[1]).catch((error) => error.code);
        const same = JSON.stringify(before) === JSON.stringify(desk.tokens());
        return [failed, same, desk.pages.removed.length, desk.pages.busy];""",
        SMALL,
    )
    assert told == ["network", True, 0, False]


async def test_a_page_is_listed_between_its_last_byte_and_the_servers_word(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        const [{{ id }}] = desk.uploads.pending;
        desk.uploads.pending = desk.uploads.pending.slice(1);
        desk.uploads.emit("uploaded", {{ id, file: "f_1" }});
        await desk.settle();
        const between = [desk.tokens().length, desk.tokens()[0], desk.list()[0].state, desk.pages.busy];
        desk.server = [{{ file: "f_1", name: "trang-01.jpg" }}];
        return [between, desk.list()[0].state, desk.pages.busy];""",
        SMALL,
    )
    assert told == [[3, "f_1", "sending", True], "there", False]


async def test_a_file_that_the_server_told_of_first_is_one_page_in_its_place(desk: Page) -> None:
    told = await run(
        desk,
        f"""{THREE}
        const [{{ id }}] = desk.uploads.pending;
        desk.server = [{{ file: "f_1", name: "trang-01.jpg" }}];
        desk.list();
        await desk.pages.place(desk.tokens()[2], 1);
        desk.uploads.pending = desk.uploads.pending.slice(1);
        desk.uploads.emit("uploaded", {{ id, file: "f_1" }});
        await desk.settle();
        return [desk.names(), desk.list()[0].kept, desk.pages.busy];""",
        SMALL,
    )
    assert told == [["trang-01.jpg", "trang-03.jpg", "trang-02.jpg"], True, False]


async def test_a_page_is_taken_again_also_when_the_work_is_full(desk: Page) -> None:
    told = await run(
        desk,
        """for (let page = 0; page < 20; page += 1) await desk.pages.add([desk.picture(given)]);
        await desk.arrive();
        const { refused } = await desk.pages.add([desk.picture(given)]);
        const before = desk.tokens();
        await desk.pages.retake(before[4], desk.picture(given));
        await desk.arrive();
        const after = desk.tokens();
        const changed = after.filter((token, index) => token !== before[index]).length;
        return [refused[0].code, after.length, changed, after[4] !== before[4]];""",
        SMALL,
    )
    assert told == ["too_many_files", 20, 1, True]


async def test_a_page_takes_one_place_though_the_server_tells_of_it_before_its_upload_is_answered(desk: Page) -> None:
    told = await run(
        desk,
        """for (let page = 0; page < 10; page += 1) await desk.pages.add([desk.picture(given)]);
        desk.uploads.pending = desk.uploads.pending.map((one, index) => ({ ...one, file: `f_${index}` }));
        desk.server = desk.uploads.pending.map(({ file, name }) => ({ file, name }));
        desk.list();
        const refused = [];
        const add = () => desk.pages.add([desk.picture(given)]);
        for (let page = 10; page < 21; page += 1) refused.push(...(await add()).refused);
        const { placesOf, takeAll } = await import("/lib/files.js");
        const chosen = [1, 2].map((one) => new File([one], `${one}.pdf`));
        const files = { take: async (file, count) => ({ code: count >= 20 ? "too_many_files" : undefined }),
          pending: desk.uploads.pending.slice(0, 19), leaving: new Set() };
        return [refused.map(({ code }) => code), desk.list().length, placesOf(["f_0", "f_x"], desk.uploads),
          (await takeAll(files, chosen, desk.server)).map(({ name }) => name)];""",
        SMALL,
    )
    assert told == [["too_many_files"], 20, 21, ["2.pdf"]]


async def test_once_a_page_was_taken_out_the_work_is_not_called_full(desk: Page) -> None:
    told = await run(
        desk,
        """const { render } = await import("preact");
        const { html } = await import("/lib/html.js");
        const { PageStrip } = await import("/pages/shared/page_strip.js");
        for (let page = 0; page < 20; page += 1) await desk.pages.add([desk.picture(given)]);
        await desk.arrive();
        const root = document.body.appendChild(document.createElement("main"));
        const shown = () => render(html`<${PageStrip} pages=${desk.pages} items=${desk.list()} open />`, root);
        const refused = () => root.querySelectorAll("[data-testid=page-refused]").length;
        const drawn = async (holds) => { for (let turn = 0; turn < 500 && !holds(); turn += 1) {
          await new Promise(requestAnimationFrame); shown(); } return refused(); };
        shown();
        const input = root.querySelector("[data-testid=page-input]");
        const more = new DataTransfer();
        more.items.add(new File([desk.picture(given)], "21.jpg", { type: "image/jpeg" }));
        input.files = more.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        const full = await drawn(() => refused() === 1);
        root.querySelector("[data-testid=page-remove]:not(:disabled)").click();
        return [full, await drawn(() => desk.list().length === 19 && refused() === 0), desk.list().length];""",
        SMALL,
    )
    assert told == [1, 0, 19]


async def test_a_page_that_was_refused_is_sent_again_where_its_photograph_is(desk: Page) -> None:
    told = await run(
        desk,
        f"""const {{ render }} = await import("preact");
        const {{ html }} = await import("/lib/html.js");
        const {{ PageStrip }} = await import("/pages/shared/page_strip.js");
        {THREE}
        const fail = (one, code) => ({{ ...one, state: "failed", error: {{ code }} }});
        const [first, second, third] = desk.uploads.pending;
        desk.uploads.pending = [fail(first, "file_gone"), fail(second, "copy_gone"), third];
        const root = document.body.appendChild(document.createElement("main"));
        const shown = (ordered) => {{
          render(html`<${{PageStrip}} pages=${{desk.pages}} items=${{desk.list()}} open ordered=${{ordered}} />`, root);
          return [...root.querySelectorAll("[data-testid=page-retry]")];
        }};
        const counts = [shown(false).length, shown(true).length];
        shown(true)[0].click();
        return [...counts, shown(true).length, desk.list().map(({{ state }}) => state)];""",
        SMALL,
    )
    assert told == [1, 1, 0, ["waiting", "failed", "waiting"]]


async def test_a_picture_that_gave_way_to_another_and_fails_afterwards_hides_nothing(desk: Page) -> None:
    """Firefox says so of one that was being loaded; the page of the work stood there without a picture."""
    told = await run(
        desk,
        """const { render } = await import("preact");
        const { html } = await import("/lib/html.js");
        const { PageStrip } = await import("/pages/shared/page_strip.js");
        const page = { token: "f_1", file: "f_1", name: "trang-01.jpg", number: 1, bytes: 1,
          state: "there", faults: [], turns: 0 };
        const pages = { removed: [], photo: async () => desk.picture(given) };
        const root = document.body.appendChild(document.createElement("main"));
        const shown = () => root.querySelector("[data-testid=page-picture]");
        const as = async (kept, ready) => {
          render(html`<${PageStrip} pages=${pages} items=${[{ ...page, kept }]} open />`, root);
          while (!ready()) await new Promise((resolve) => requestAnimationFrame(resolve));
          await shown().decode();
          return [shown(), shown().src];
        };
        const [first, address] = await as(false, shown);
        const [, other] = await as(true, () => shown().src !== address);
        first.dispatchEvent(new Event("error"));
        await desk.settle();
        const released = await fetch(address).then(() => false, () => true);
        return [shown()?.src === other, released];""",
        SMALL,
    )
    assert told == [True, True]


CLAIMS = [
    ("a.jpg", "image/jpeg", False), ("a.JPEG", "image/jpeg", False), ("a.jpg", "image/heic", True), ("a.jpg", "", True),
    ("a.heic", "image/heic", False), ("a.pdf", "image/jpeg", True), ("a.docx", "application/zip", False),
    ("a.txt", "", False), ("no ending", "", False),
]  # fmt: skip


async def test_a_name_that_lies_about_its_content_is_noticed(desk: Page) -> None:
    found = await run(
        desk,
        """const { isMisnamed } = await import("/lib/photos.js");
        return given.map(([name, looks]) => isMisnamed(name, looks));""",
        [[name, looks] for name, looks, _ in CLAIMS],
    )
    assert found == [lie for *_, lie in CLAIMS]
