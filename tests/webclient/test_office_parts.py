"""Parts of the office's page, by themselves."""

import asyncio
import hashlib
from typing import Any

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

CARD = """async (room) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { RoomCard } = await import("/pages/office/room_card.js");
  const { Api } = await import("/lib/api.js");
  const root = document.body.appendChild(document.createElement("main"));
  const api = new Api("training_office");
  render(html`<${RoomCard} api=${api} exam=${{ times: {} }} room=${room} others=${[]} staff=${[]} />`, root);
  return root.textContent;
}"""
SAID = """async (people) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { InTwoRooms } = await import("/pages/office/in_two_rooms.js");
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${InTwoRooms} people=${people} />`, root);
  return [...root.querySelectorAll("li")].map((one) => one.textContent);
}"""


def person(name: str, room: str, exam: str) -> dict[str, str]:
    return {"full_name": name, "room": room, "room_title": "Phòng 1", "exam_title": exam}


async def test_people_are_named_by_the_room_they_are_in_as_well(module_page: Page):
    people = [person("An", "r_1", "Triết học"), person("Bình", "r_2", "Kinh tế"), person("Chi", "r_1", "Triết học")]
    assert await module_page.evaluate(SAID, people) == [
        "Phòng 1, Triết học (2): An, Chi", "Phòng 1, Kinh tế (1): Bình",
    ]  # fmt: skip


STATES = """async (rooms) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { CandidateTable } = await import("/pages/office/candidate_table.js");
  const root = document.body.appendChild(document.createElement("main"));
  const api = { get: async () => ({ candidates: [] }) };
  const candidates = [{ candidate: "c_1", number: "001", full_name: "An", state: "admitted" }];
  return rooms.map((more) => {
    const room = { room: "r_1", times: {}, candidates, ...more };
    render(html`<${CandidateTable} api=${api} room=${room} others=${[]} />`, root);
    return root.querySelector("[data-testid=candidate-state]").textContent;
  });
}"""


async def test_who_did_not_hand_in_is_not_at_the_exam_once_everybodys_time_is_over(module_page: Page):
    rooms = [{"phase": "writing"}, {"phase": "after"}, {"phase": "after", "hold": {}}, {"phase": "ended"}]
    assert await module_page.evaluate(STATES, rooms) == ["Đang thi", "Chưa nộp bài", "Đang thi", "Chưa nộp bài"]


async def test_a_room_that_is_not_read_yet_is_said_nothing_false_of(module_page: Page):
    asleep = {"room": "r_1", "title": "Phòng 1", "phase": "ended", "staff": [],
              "candidates": [{"candidate": "c_1", "number": "001", "full_name": "An"}]}  # fmt: skip
    said = await module_page.evaluate(CARD, asleep)
    assert "Phòng 1" in said and "1Thí sinh" in said
    assert "Chưa phân công" not in said and "Đã nộp" not in said


REACHED = """async (rooms) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { RoomCard } = await import("/pages/office/room_card.js");
  const { Api } = await import("/lib/api.js");
  const root = document.body.appendChild(document.createElement("main"));
  const api = new Api("training_office");
  return rooms.map((room) => {
    render(html`<${RoomCard} api=${api} exam=${{ times: {} }} room=${room} others=${[]} staff=${[]} />`, root);
    const part = root.querySelector("[data-testid=room-reached]");
    for (const each of part.querySelectorAll("details")) each.open = true;
    return part.innerText.split("\\n").map((line) => line.trim()).filter(Boolean);
  });
}"""


async def test_the_office_reads_whom_briefings_the_paper_and_what_came_after_it_reached(module_page: Page):
    at = "2026-11-23T02:00:00Z"
    steps = [dict.fromkeys(("fetched_at", "key_at", "opened_at")[:count], at) for count in range(4)]
    people = [
        {"number": f"00{number}", "full_name": name, "admitted_at": at, "submitted_at": None, "materials_received": [],
         "state": "admitted", "briefed": ["rules"], "briefed_alone": [], "briefings_read": [],
         "paper": {"fetched_at": None, "key_at": None, "opened_at": None, **step}}
        for number, (name, step) in enumerate(zip(("An", "Bình", "Chi", "Dung"), steps, strict=True), 1)
    ]  # fmt: skip
    people[1]["briefed_alone"] = people[1]["briefings_read"] = ["rules"]
    people[2]["briefed"] = []
    people[3]["materials_received"] = ["g"]
    through = {**people[3], "number": "005", "full_name": "Em", "submitted_at": "2026-11-23T02:30:00Z"}
    outside = {**people[2], "number": "006", "full_name": "Giang", "state": "expected", "admitted_at": None}
    room = {"room": "r_1", "title": "Phòng 1", "phase": "writing", "staff": [], "times": {},
            "candidates": [*people, through, outside], "released_at": at, "reserve_used_at": None,
            "briefings": {"rules": {"by": "s", "at": "2026-11-23T01:50:00Z", "present": 3, "times": 1, "seq": 9}},
            "materials": [{"material": "g", "nature": "correction", "title": "Câu 2", "at": at}]}  # fmt: skip
    reserve = {**room, "reserve_used_at": "2026-11-23T03:00:00Z", "materials": [], "briefings": {}}
    ahead = {**room, "released_at": None, "briefings": {}}
    again = {**room, "briefings": {"rules": {**room["briefings"]["rules"], "times": 2}}}
    opened, with_reserve, before, twice = await module_page.evaluate(REACHED, [room, reserve, ahead, again])
    assert opened == [
        "Phổ biến quy chế thi 08:50:00", "1/5 thí sinh đã xác nhận rõ", "Chưa được phổ biến: 003 Chi",
        "Có mặt khi phổ biến cho cả phòng: 001 An, 004 Dung, 005 Em", "Được phổ biến riêng sau đó: 002 Bình",
        "Đã được phổ biến, chưa xác nhận: 001 An, 004 Dung, 005 Em", "Đã xác nhận rõ: 002 Bình",
        "Đề thi 09:00:00", "2/5 thí sinh đã mở đề", "Chưa nhận đề: 001 An",
        "Đã nhận đề niêm phong, chưa có khóa mở: 002 Bình", "Đã có khóa, chưa mở đề: 003 Chi",
        "Đã mở đề: 004 Dung, 005 Em",
        "Đính chính: Câu 2 09:00:00", "2/5 thí sinh đã nhận", "Chưa nhận: 001 An, 002 Bình, 003 Chi",
        "Đã nhận: 004 Dung, 005 Em",
    ]  # fmt: skip
    assert twice[0] == "Phổ biến quy chế thi 2 lần, lần cuối 08:50:00"
    assert twice[3] == "Có mặt ở ít nhất một lần phổ biến cho cả phòng: 001 An, 004 Dung, 005 Em"
    assert with_reserve[:2] == ["Đề dự phòng 10:00:00", "1/4 thí sinh đã mở đề"], "who had handed in has the first"
    assert before == ["Đính chính: Câu 2 09:00:00", "Gửi kèm khi phát đề."]


STEER = """async ([exam, taken]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { SteerDialog } = await import("/pages/office/steer_dialog.js");
  const root = document.body.appendChild(document.createElement("main"));
  const sent = [];
  const post = async (path, body) => { sent.push([path, body]); return {}; };
  const api = { get: async () => ({ candidates: [] }), post };
  render(html`<${SteerDialog} api=${api} exam=${exam} room=${exam.rooms[0]} reload=${async () => {}} />`, root);
  const part = (name) => root.querySelectorAll(`[data-testid=${name}]`);
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  await drawn();
  part("steer-reserve")[0].click();
  await drawn();
  const offered = [...part("steer-room")].map((one) => [one.parentElement.textContent.trim(), one.checked]);
  for (const each of part("steer-room")) if (taken.includes(each.value)) each.click();
  part("steer-reason")[0].value = "Lộ đề";
  part("steer-ok")[0].click();
  while (part("steer-done").length === 0) await drawn();
  render(null, root);
  return [offered, sent];
}"""


@pytest.mark.parametrize(("taken", "left"), [([], ["r_2"]), (["r_2"], [])])
async def test_the_reserve_paper_goes_to_all_rooms_under_way_unless_one_is_taken_out(
    module_page: Page, taken: list[str], left: list[str]
):
    times = {"submit_by": "2026-11-23T04:30:00Z", "end_at": "2026-11-23T04:35:00Z"}
    writes = {"candidate": "c_1", "number": "001", "full_name": "An", "extra_minutes": 0, "state": "admitted"}
    through = {**writes, "state": "submitted"}
    rooms = [{"room": f"r_{number}", "title": f"Phòng {number}", "phase": phase, "times": times, "candidates": [who],
              "released_at": None, "hold": None}
             for number, phase, who in ((1, "writing", writes), (2, "writing", writes), (3, "ended", writes),
                                        (4, "writing", through), (5, "after", through))]  # fmt: skip
    exam = {"plan": {"regime": "A"}, "reserve": {"sha256": "…"}, "rooms": rooms}
    offered, sent = await module_page.evaluate(STEER, [exam, taken])
    assert offered == [["Phòng 2", True]]
    assert sent == [["/api/rooms/r_1/paper/reserve", {"reason": "Lộ đề", "rooms": left}]]


CORRECTION = """async (exam) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { SteerDialog } = await import("/pages/office/steer_dialog.js");
  const root = document.body.appendChild(document.createElement("main"));
  const api = { get: async () => ({ candidates: [] }) };
  render(html`<${SteerDialog} api=${api} exam=${exam} room=${exam.rooms[0]} reload=${async () => {}} />`, root);
  const part = (name) => root.querySelectorAll(`[data-testid=${name}]`);
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  await drawn();
  part("steer-material")[0].click();
  await drawn();
  const ahead = (one) => one.parentElement.textContent.includes("chưa phát đề");
  const offered = [...part("steer-room")].map((one) => [one.value, ahead(one)]);
  render(null, root);
  return offered;
}"""


async def test_a_correction_reaches_the_rooms_that_have_no_paper_yet_and_the_dialog_says_when(module_page: Page):
    times = {"submit_by": "2026-11-23T04:30:00Z", "end_at": "2026-11-23T04:35:00Z"}
    writes = {"candidate": "c_1", "number": "001", "full_name": "An", "extra_minutes": 0, "state": "admitted"}
    rooms = [{"room": f"r_{number}", "title": f"Phòng {number}", "phase": phase, "times": times, "candidates": [writes],
              "released_at": times["end_at"] if released else None, "hold": None, "published": published,
              "called_off": called_off}
             for number, (phase, released, published, called_off) in enumerate([
                 ("writing", True, True, False), ("writing", True, True, False), ("entry", False, True, False),
                 ("closed", False, True, False), ("entry", False, False, False), ("entry", False, True, True),
                 ("ended", True, True, False),
             ], 1)]  # fmt: skip
    exam = {"plan": {"regime": "A"}, "reserve": None, "rooms": rooms}
    assert await module_page.evaluate(CORRECTION, exam) == [["r_2", False], ["r_3", True], ["r_4", True]]


@pytest.mark.parametrize(
    ("starts_at", "minutes"),
    [("2027-01-01T23:30:00.000Z", 45), ("2026-12-31T17:00:00.000Z", 45), ("2026-12-31T16:59:00.000Z", 30)],
)
async def test_the_form_tells_the_gate_of_the_day_in_vietnam(module_page: Page, starts_at: str, minutes: int):
    """As the server does, which refuses by it: 00:00 in Hanoi is the day before in UTC."""
    ask = """async (starts) => (await import("/pages/office/exam_times.js")).entryBefore(
      [{ from: "2027-01-01", minutes: 45 }, { from: "2024-02-12", minutes: 30 }], starts).minutes"""
    assert await module_page.evaluate(ask, starts_at) == minutes


# What the form of a new exam says at its fields while its button is dead, once each field was set to something.
FORM = """async (typed) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { ExamForm } = await import("/pages/office/exam_form.js");
  const opening = { A: [{ from: "2024-02-12", minutes: 30, article: { vi: "A", en: "A" } }] };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${ExamForm} opening=${opening} onClose=${() => {}} />`, root);
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const part = (name) => root.querySelector(`[data-testid=${name}]`);
  await drawn();
  for (const [name, value] of Object.entries(typed)) {
    part(name).value = value;
    part(name).dispatchEvent(new InputEvent("input", { bubbles: true }));
    await drawn();
  }
  const said = [...root.querySelectorAll("[data-testid$=-wrong]")].map((one) => [one.dataset.testid, one.className]);
  const found = [part("exam-create").disabled, Object.fromEntries(said)];
  render(null, root);
  return found;
}"""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, {"exam-title-wrong": "help"}),  # nobody did anything wrong yet
        ({"exam-title": "A"}, {}),
        ({"exam-title": " "}, {"exam-title-wrong": "wrong"}),
        ({"exam-title": "A", "exam-starts_at": "20266-12-01T08:00"}, {"exam-starts_at-wrong": "wrong"}),
        ({"exam-title": "A", "exam-release_at": ""}, {"exam-release_at-wrong": "wrong"}),
        ({"exam-title": "A", "exam-end_at": ""}, {"exam-end_at-wrong": "wrong"}),
        ({"exam-title": "A", "exam-working_minutes": "601"}, {"exam-working_minutes-wrong": "wrong"}),
        ({"exam-title": "A", "exam-working_minutes": "1.5"}, {"exam-working_minutes-wrong": "wrong"}),
    ],
)
async def test_the_form_says_at_the_field_why_nothing_can_be_made(
    module_page: Page, typed: dict[str, str], said: dict[str, str]
):
    dead, found = await module_page.evaluate(FORM, typed)
    assert found == said
    assert dead is bool(said)


# The form of a draft, or the dialog that plans another exam after it.
TYPED = """async (what) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { ExamForm } = await import("/pages/office/exam_form.js");
  const { CloneDialog } = await import("/pages/office/clone_dialog.js");
  const opening = { A: [{ from: "2024-02-12", minutes: 30, article: { vi: "A", en: "A" } }] };
  const times = { starts_at: "2026-12-31T01:00:00Z", release_at: "2026-12-31T01:10:00Z", working_minutes: 90,
    submit_by: "2026-12-31T02:50:00Z", end_at: "2026-12-31T03:05:00Z" };
  const exam = what === "new" ? undefined : { title: "A", plan: { regime: "A" }, times };
  document.querySelector("main")?.remove();
  const root = document.body.appendChild(document.createElement("main"));
  const Form = what === "clone" ? CloneDialog : ExamForm;
  render(html`<${Form} exam=${exam} opening=${opening} onClose=${() => {}} />`, root);
}"""
FIELDS = """() => Object.fromEntries([...document.querySelectorAll("input[type=datetime-local]")]
  .map((field) => [field.id, field.value]))"""
NAMED = "() => [...document.querySelectorAll('[data-testid$=-wrong]')].map((one) => one.dataset.testid)"


@pytest.mark.parametrize("what", ["new", "draft", "clone"])
async def test_a_year_can_be_typed_by_keyboard_and_no_moment_is_lost_on_the_way(module_page: Page, what: str):
    page = module_page
    await page.evaluate(TYPED, what)
    start = "clone_start" if what == "clone" else "starts_at"
    save = page.get_by_test_id("clone-confirm" if what == "clone" else "exam-create")
    if what == "new":
        await page.get_by_test_id("exam-title").fill("A")
        await page.locator("#starts_at").fill("2026-12-05T08:00")
    before = await page.evaluate(FIELDS)
    await page.locator(f"#{start}").focus()
    for key in ("Tab", "Tab"):  # month and day come first in this browser's language
        await page.keyboard.press(key)
    for figure, year in zip("2035", ("0002", "0020", "0203", "2035"), strict=True):
        await page.keyboard.press(figure)
        told = await page.evaluate(FIELDS)
        assert told == {name: year + value[4:] for name, value in before.items()}
        wrong = await page.evaluate(NAMED)
        assert wrong == ([] if year == "2035" else ["clone-start-wrong" if what == "clone" else "exam-starts_at-wrong"])
        assert await save.is_enabled() is (year == "2035")

    # A part that was taken out leaves the field blank for a while, and the others where they are.
    for key in ("Shift+Tab", "Backspace"):
        await page.keyboard.press(key)
    assert await page.evaluate(FIELDS) == told | {start: ""}
    assert await page.evaluate(NAMED) != []
    assert await save.is_disabled()
    if what != "clone":
        await page.get_by_test_id("exam-working_minutes").fill("90")
        await page.locator(f"#{start}").focus()
        for key in ("Tab", "Tab"):
            await page.keyboard.press(key)
    await page.keyboard.type("2036")
    assert await page.evaluate(FIELDS) == {name: "2036" + value[4:] for name, value in before.items()}
    assert await page.evaluate(NAMED) == []


# Somebody is asked about a draft, which a colleague fills before the answer; `told` is what the server says to it.
REMOVAL = """async ([before, now, told]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { RemoveDraft } = await import("/pages/office/remove_draft.js");
  const { ApiError } = await import("/lib/api.js");
  const root = document.body.appendChild(document.createElement("main"));
  const part = (name) => root.querySelector(`[data-testid=draft-remove-${name}]`);
  const asked = [];
  let removed = 0, shown = before;
  const api = { delete: async (path, body, { seen }) => {
    asked.push([path, seen]);
    if (told) throw new ApiError({ code: told, vi: told, en: told });
  } };
  const draw = () => render(html`<${RemoveDraft} api=${api} exam=${shown} onClose=${() => {}} reload=${async () => {
    shown = now;
    draw();
  }} onRemoved=${() => { removed += 1; }} />`, root);
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  draw();
  await drawn();
  shown = { ...before, removable: "later" };
  draw();
  part("ok").click();
  await drawn();
  const said = part("error")?.textContent ?? "";
  const found = { asked, removed, listed: root.querySelectorAll("li").length, said, dead: part("ok").disabled };
  render(null, root);
  root.remove();
  return found;
}"""


async def test_what_goes_with_a_draft_is_what_was_read_and_what_was_added_is_told(module_page: Page) -> None:
    people = [{"candidate": f"c_{number}"} for number in range(300)]
    before = {"exam": "e_1", "title": "A", "removable": "first", "rooms": [], "paper": None, "reserve": None}
    now = before | {"removable": "then", "rooms": [{"candidates": people}]}
    one = {"asked": [["/api/exams/e_1", "first"]], "listed": 1, "dead": False}
    told = await module_page.evaluate(REMOVAL, [before, now, None])
    assert told == one | {"removed": 1, "said": ""}
    told = await module_page.evaluate(REMOVAL, [before, now, "changed_meanwhile"])
    assert "danh sách thí sinh (300)" in told.pop("said")
    assert told == one | {"removed": 0, "dead": True}
    told = await module_page.evaluate(REMOVAL, [before, now, "not_found"])
    assert told == one | {"removed": 1, "said": ""}, "the answer was lost, or another window was faster"
    told = await module_page.evaluate(REMOVAL, [before, now, "was_published"])
    assert told == one | {"removed": 0, "said": "was_published"}


# Two copies of a decision are chosen one after the other, and the first is read last; `then` is what is done meanwhile.
COPIES = """async (then) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { Decision } = await import("/pages/office/decision_field.js");
  const root = document.body.appendChild(document.createElement("main"));
  const part = (name) => root.querySelector(`[data-testid=plan-d-${name}]`);
  const read = {};
  let value = { digest: "before" }, reading = 0, done;
  const draw = () => render(html`<${Decision} name="d" words="form_decision" value=${value}
    onReading=${(is) => { reading += is ? 1 : -1; if (reading === 0) done(); }}
    onChange=${(next) => { value = next; draw(); }} />`, root);
  const choose = (name) => {
    const arrayBuffer = () => new Promise((resolve, reject) => { read[name] = { resolve, reject }; });
    Object.defineProperty(part("copy"), "files", { value: [{ name, arrayBuffer }], configurable: true });
    part("copy").dispatchEvent(new Event("change"));
  };
  const all = new Promise((resolve) => { done = resolve; });
  draw();
  choose("first");
  if (then === "taken out") part("take-out").click();
  else choose("second");
  read.second?.resolve(new TextEncoder().encode("second").buffer);
  if (read.second) while (value.digest === "before") await new Promise((next) => setTimeout(next, 5));
  if (then === "unreadable") read.first.reject(new Error());
  else read.first.resolve(new TextEncoder().encode("first").buffer);
  await all;
  await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  return [value.digest, part("copy-chosen").textContent, Boolean(part("copy-error"))];
}"""


@pytest.mark.parametrize("then", ["second", "unreadable", "taken out"])
async def test_of_two_copies_of_a_decision_the_one_chosen_last_counts(module_page: Page, then: str) -> None:
    second = hashlib.sha256(b"second").hexdigest()
    counts = [None, ""] if then == "taken out" else [second, "second"]
    assert await asyncio.wait_for(module_page.evaluate(COPIES, then), 10) == [*counts, False]


# The dialog of grounds and rules of a draft; what it sends is answered with nothing and kept in `sent`.
PLAN = """async (plan) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { monotonicMs, serverClock } = await import("/lib/time.js");
  const { PlanDialog } = await import("/pages/office/plan_dialog.js");
  serverClock.sample(monotonicMs(), "2026-11-23T01:00:00Z", monotonicMs());
  Object.assign(window, { sent: [] });
  const put = async (path, body) => void sent.push([path, body]);
  const root = document.body.appendChild(document.createElement("main"));
  const exam = { exam: "e_1", edition: "1", plan };
  const [reload, onClose] = [async () => {}, () => {}];
  render(html`<${PlanDialog} api=${{ put }} exam=${exam} reload=${reload} onClose=${onClose} />`, root);
}"""
DRAFT: dict[str, Any] = {
    "regime": "A", "programme": "training", "form": "written", "form_decision": None, "conditions": None,
    "grace_decision": None,
    "basis": {
        "ground": "epidemic", "description": "Dịch", "since": None, "until": None, "party_consent": None,
        "academy_consent": None, "direction": None, "ministry_guidance": None, "refresher_requirement_met": False,
    },
    "rules": {"late_minutes": None, "upload_grace_minutes": 0, "collect_saved": False, "publish_absent": False},
}  # fmt: skip


async def type_day(page: Page, testid: str, figures: str) -> str:
    """Type a day as people do, month and day first in this browser's language; what the field holds then."""
    field = page.get_by_test_id(testid)
    await field.focus()
    await page.keyboard.type(figures)
    return await field.input_value()


async def test_what_of_a_decision_cannot_be_meant_is_said_at_the_field_and_not_sent(module_page: Page) -> None:
    page = module_page
    await page.evaluate(PLAN, DRAFT)
    for part in ("number", "signer"):
        await page.get_by_test_id(f"plan-form_decision-{part}").fill("x")
    days = ("plan-form_decision-signed_on", "plan-since", "plan-until")
    for testid in days:
        wrong = page.get_by_test_id(f"{testid}-wrong")
        assert await wrong.count() == 0  # nobody has typed anything yet
        assert await type_day(page, testid, "11050202") == "0202-11-05"
        assert "bốn chữ số" in await wrong.inner_text()
        await page.get_by_test_id("plan-save").click()
        await page.get_by_test_id(testid).fill("")
        held = await type_day(page, testid, "1105202612")
        assert len(held) == 10, "a year takes no fifth figure"
        await page.get_by_test_id(testid).fill("2026-11-05")
        assert await wrong.count() == 0
    signed = page.get_by_test_id(days[0])
    empty = {"name": "qd.pdf", "mimeType": "application/pdf", "buffer": b""}
    await page.get_by_test_id("plan-form_decision-copy").set_input_files(empty)
    assert "rỗng" in await page.get_by_test_id("plan-form_decision-copy-error").inner_text()
    assert await page.get_by_test_id("plan-form_decision-digest").count() == 0
    for day, told in (("2026-11-25", 1), ("2026-11-24", 0), ("1989-12-31", 1), ("1990-01-01", 0)):
        await signed.fill(day)
        assert await page.get_by_test_id(f"{days[0]}-wrong").count() == told, day
    assert await page.evaluate("sent") == []
    await page.get_by_test_id("plan-save").click()
    await page.wait_for_function("sent.length === 1")


async def test_what_is_entered_of_a_refresher_course_and_of_its_ground_is_what_is_sent(module_page: Page) -> None:
    """Its direction in the place of the consents (A4.2a), the ground's period, whether absentees are listed (X32). What
    the page does not ask for is not sent, however it was entered once."""
    page = module_page
    old = {"number": "1/QĐ", "signed_on": "0202-11-05", "signer": "x", "digest": None}
    await page.evaluate(PLAN, {**DRAFT, "grace_decision": old, "basis": {**DRAFT["basis"], "ministry_guidance": old}})
    field = page.get_by_test_id
    assert await field("plan-direction-number").count() == 0
    assert await field("plan-refresher-requirement").count() == 0
    await field("plan-programme").select_option("refresher")
    assert await field("plan-party_consent-number").count() == await field("plan-academy_consent-number").count() == 0
    signed = {"number": "7/CĐ", "signed_on": "2026-11-02", "signer": "Trưởng ban"}
    for part, value in signed.items():
        await field(f"plan-direction-{part}").fill(value)
    await field("plan-refresher-requirement").check()
    await field("plan-ground").select_option("natural_disaster")
    await field("plan-since").fill("2026-11-01")
    await field("plan-until").fill("2026-12-15")
    await field("plan-publish-absent").check()
    await field("plan-save").click()
    await page.wait_for_function("sent.length === 1")
    basis = {
        **DRAFT["basis"], "ground": "natural_disaster", "since": "2026-11-01", "until": "2026-12-15",
        "direction": {**signed, "digest": None}, "refresher_requirement_met": True,
    }  # fmt: skip
    rules = {**DRAFT["rules"], "publish_absent": True}
    sent = {**DRAFT, "programme": "refresher", "basis": basis, "rules": rules}
    assert await page.evaluate("sent") == [["/api/exams/e_1/plan", sent]]

    # What was entered is shown, and taken back as well.
    await page.evaluate("document.querySelector('main').remove()")
    await page.evaluate(PLAN, sent)
    assert await field("plan-refresher-requirement").is_checked()
    assert await field("plan-publish-absent").is_checked()
    assert [await field(f"plan-{end}").input_value() for end in ("since", "until")] == ["2026-11-01", "2026-12-15"]
    await field("plan-until").fill("")
    await field("plan-publish-absent").uncheck()
    await field("plan-save").click()
    await page.wait_for_function("sent.length === 1")
    less = {**sent, "basis": {**basis, "until": None}, "rules": {**rules, "publish_absent": False}}
    assert await page.evaluate("sent") == [["/api/exams/e_1/plan", less]]
