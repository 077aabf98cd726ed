"""What a candidate's exam page says of a submission under way and of another device that asks, how it writes a name,
and when closing lists were seen (pages/candidate)."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import FilePayload, Page, Route

pytestmark = pytest.mark.browser

# The dialog over the deadline: `said` is what stands in it, each time it changed.
SUBMITTED = """async (code) => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { Submit } = await import("/pages/candidate/submit.js");
  let answer;
  const readOnly = signal(null), submission = signal(null), connection = signal({ state: "connected" });
  const candidate = {
    grace: 0, held: false, connection, deadline: "2026-11-22T02:30:00Z",
    submit: () => new Promise((done, failed) => { answer = failed; }),
    work: {
      answer: signal({ text: "Viết.", dirty: true, excess: 0 }), readOnly, submission, filesInOrder: () => [],
      pending: signal([]), pageChanges: signal(0), pages: { busy: false },
    },
  };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${Submit} candidate=${candidate} />`, root);
  const there = async (name) => {
    const found = () => root.querySelector(`[data-testid=${name}]`);
    while (!found()) await new Promise((done) => setTimeout(done, 5));
    return found();
  };
  (await there("submit")).click();
  (await there("submit-confirm")).click();
  const told = [(await there("submit-busy")).textContent];
  readOnly.value = code; // before it went out
  told.push(Boolean(await there("submit-over")), root.querySelector("[data-testid=submit-waiting]"));
  readOnly.value = null;
  const at = Date.parse("2026-11-22T02:29:50Z");
  submission.value = { stage: "sent", at };
  while ((await there("submit-busy")).textContent === told[0]) await new Promise((done) => setTimeout(done, 5));
  told.push((await there("submit-busy")).textContent);
  readOnly.value = code;
  told.push((await there("submit-waiting")).textContent, root.querySelector("[data-testid=submit-over]"));
  submission.value = { stage: "open", at }; // the page has given the answer up, and asks again
  while ((await there("submit-waiting")).textContent === told.at(-2)) await new Promise((done) => setTimeout(done, 5));
  told.push((await there("submit-waiting")).textContent, root.querySelector("[data-testid=submit-over]"));
  submission.value = null;
  answer({ code: "after_submit_by" });
  told.push(Boolean(await there("submit-over")), root.querySelector("[data-testid=submit-waiting]"));
  render(null, root);
  return told;
}"""


@pytest.mark.parametrize("code", ["after_submit_by", "held"])
async def test_a_submission_pressed_in_time_is_said_to_be_under_way_until_it_is_answered(
    module_page: Page, code: str
) -> None:
    told = await asyncio.wait_for(module_page.evaluate(SUBMITTED, code), 10)
    waiting = "Bài đã được gửi, đang chờ máy chủ trả lời. Xin đừng đóng trang."
    unknown = (
        "Bài đã được gửi lúc 09:29:50, trước hạn nộp 09:30:00. Chưa biết máy chủ đã nhận hay chưa: trang tự hỏi lại "
        "khi có kết nối và báo kết quả. Xin đừng đóng trang."
    )
    under_way = "Đang nộp bài… Xin đừng đóng trang."
    assert told == [under_way, True, None, waiting, waiting, None, unknown, None, True, None]


# The page of an exam with its dialog, the keyboard at it; `steps` lets what the server is asked go on one by one.
HANDING_IN = """async (text) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { Candidate } = await import("/pages/candidate/controller.js");
  const { Exam } = await import("/pages/candidate/exam.js");
  const candidate = new Candidate({ room: "r", subject: "c", full_name: "Lan" });
  candidate.link.start = () => {};
  await candidate.open();
  const at = "2026-11-22T01:00:00Z", until = "2999-11-22T01:00:00Z";
  const times = { release_at: at, submit_by: until, end_at: until };
  candidate.room.value = { exam_title: "Triết học", times, released_at: at, phase: "writing", form: "written" };
  candidate.sitting.value = { number: "001", state: "admitted", answer: {}, files: [] };
  const is = (state) => {
    candidate.link.state = state;
    candidate.link.emit("state", { state, refusal: null });
  };
  candidate.link.joined = { epoch: 1 };
  is("connected");
  await candidate.work.answers.meet(null);
  candidate.work.answers.edit(text);
  const asked = [];
  candidate.link.request = (name, payload) => {
    if (!["save_answer", "submit"].includes(name)) return new Promise(() => {});
    return new Promise((done, failed) => asked.push({ name, payload, done, failed }));
  };
  const root = document.body.appendChild(document.createElement("div"));
  render(html`<${Exam} candidate=${candidate} />`, root);
  const { setTimeout: wait } = window;
  const untilSo = async (what) => { while (!what()) await new Promise((done) => wait(done, 5)); };
  const { ApiError } = await import("/lib/api.js");
  const broken = (details) => new ApiError({ code: "network", details });
  window.desk = { candidate, asked, is, until: untilSo, broken };
}"""
STANDS = """() => [
  document.querySelector("[data-testid=submit-dialog]")?.open ?? false,
  document.querySelector("[data-testid=submit-busy]") !== null,
  document.querySelector("[data-testid=answer]").readOnly,
  document.querySelector("[data-testid=error]")?.textContent ?? null,
]"""


async def _no_way_back(page: Page, words: str) -> None:
    """The dialog comes to say `words`, and stays whatever is tried that could lead back to the work."""
    await page.get_by_test_id("submit-busy").get_by_text(words).wait_for()
    for _ in range(3):
        await page.keyboard.press("Escape")
    await page.locator("[data-testid=submit-dialog][open]").wait_for()  # a browser may close it, and it opens again
    assert await page.get_by_test_id("submit-back").is_disabled()
    assert await page.get_by_test_id("submit-confirm").is_disabled()
    assert await page.evaluate(STANDS) == [True, True, True, None]


async def test_nothing_leads_back_from_a_submission_under_way_until_it_is_known_what_became_of_it(
    module_page: Page,
) -> None:
    async def when(what: str) -> None:
        await module_page.evaluate(f"async () => {{ await desk.until(() => {what}) }}")

    async def then(what: str) -> None:
        await module_page.evaluate(f"async () => {{ {what} }}")

    await module_page.evaluate(HANDING_IN, "Viết.")
    await module_page.get_by_test_id("submit").click()
    await module_page.get_by_test_id("submit-confirm").click()
    await when("desk.asked.length === 1")
    await _no_way_back(module_page, "Đang lưu những chữ cuối lên máy chủ trước khi nộp")
    # It never went out: said, and one may write on.
    await then("desk.asked[0].done({ revision: 1, saved_at: '' })")
    await when("desk.asked.length === 2")
    await then("desk.asked[1].failed(desk.broken({ unsent: true }))")
    await module_page.get_by_test_id("error").wait_for()
    open_, busy, read_only, said = await module_page.evaluate(STANDS)
    assert (open_, busy, read_only) == (True, False, False)
    assert "Không liên lạc được" in said
    await then("desk.is('lost')")
    await module_page.locator("[data-testid=connection-state][data-state=lost]").wait_for()
    await then("desk.is('connected')")
    await module_page.get_by_test_id("error").wait_for(state="detached")
    # It went out, and no answer came: asked again over the next connection, and only then is there a way back.
    await then("window.setTimeout = (act) => { desk.again = act; }")
    await module_page.get_by_test_id("submit-confirm").click()
    await when("desk.asked.length === 3")
    await _no_way_back(module_page, "Bài đã được gửi, đang chờ máy chủ trả lời")
    await then("desk.is('lost'); desk.asked[2].failed(desk.broken({}))")
    await when("desk.again")
    await _no_way_back(module_page, "Chưa biết máy chủ đã nhận hay chưa")
    await then("desk.again(); desk.again = null; desk.candidate.link.joined = { epoch: 2 }")
    assert await module_page.evaluate("desk.asked.length") == 3, "nothing is asked without a connection"
    await then("desk.is('connected')")
    await when("desk.asked.length === 4")
    first, second = await module_page.evaluate("desk.asked.slice(2).map(({ payload }) => payload)")
    assert (first.pop("epoch"), second.pop("epoch")) == (1, 2)
    assert first == second
    await then("desk.asked[3].failed(Object.assign(desk.broken({}), { code: 'upload_incomplete' }))")
    await module_page.get_by_test_id("error").wait_for()
    await module_page.get_by_test_id("submit-lost").get_by_text("chưa được nộp").wait_for()
    assert (await module_page.evaluate(STANDS))[:2] == [True, False]
    await module_page.get_by_test_id("submit-back").click()
    assert (await module_page.evaluate(STANDS))[:3] == [False, False, False]
    # Where the exam goes on elsewhere, nothing is asked from here any more.
    await module_page.get_by_test_id("submit").click()
    await module_page.get_by_test_id("submit-confirm").click()
    await when("desk.asked.length === 5")
    await then("desk.asked[4].failed(desk.broken({}))")
    await when("desk.again")
    await then("desk.is('superseded'); desk.again()")
    await when("!desk.candidate.work.submission.value && !document.querySelector('[data-testid=submit-dialog]')")
    assert await module_page.evaluate("desk.asked.length") == 5
    await then("desk.candidate.close()")


UNTIL = """async ([grace, extra]) => {
  const { candidate } = desk, { files } = candidate.work;
  const until = (minutes) => new Date(Date.parse("2999-11-22T01:00:00Z") + minutes * 60000).toISOString();
  candidate.sitting.value = { ...candidate.sitting.value, deadline: until(extra) };
  const times = { ...candidate.room.value.times, end_at: until(5) };
  candidate.room.value = { ...candidate.room.value, times, upload_grace_minutes: grace };
  files.pause(); // nothing is sent
  await files.take(new File(["abc"], "bao-cao.pdf"), 0);
}"""


@pytest.mark.parametrize(("grace", "extra", "until"), [(3, 0, "08:03:00"), (10, 0, "08:05:00"), (3, 4, "08:05:00")])
async def test_the_dialog_promises_no_more_time_for_bytes_than_the_server_gives(
    module_page: Page, grace: int, extra: int, until: str
) -> None:
    """The time for files that a submission named ends with the room (proctor/exam/room.py, `awaited_until`)."""
    await module_page.evaluate(HANDING_IN, "Viết.")
    await module_page.evaluate(UNTIL, [grace, extra])
    await module_page.get_by_test_id("submit").click()
    await module_page.get_by_test_id("submit-grace").get_by_text(f"được gửi tiếp đến {until}").wait_for()
    await module_page.evaluate("desk.candidate.close()")


WELCOMED = """(state) => {
  const { room, sitting, link } = desk.candidate, me = { ...sitting.value, state };
  desk.candidate.devices.value = { camera: { ok: true }, microphone: { ok: true } };
  desk.is("joining");
  link.emit("welcome", { room: room.value, me, draft: null, words_left: [], receipt: null });
}"""


@pytest.mark.parametrize("state", ["admitted", "submitted"])
async def test_a_page_opened_anew_leads_to_no_work_either_while_a_submission_is_out(
    module_page: Page, state: str
) -> None:
    await module_page.evaluate(HANDING_IN, "")
    await module_page.get_by_test_id("submit").click()
    await module_page.get_by_test_id("submit-confirm").click()
    await module_page.evaluate("async () => { await desk.until(() => desk.asked.length === 1) }")
    await module_page.evaluate("desk.candidate.memory.write()")
    await module_page.reload()
    await module_page.evaluate(HANDING_IN, "")
    await _no_way_back(module_page, "Chưa biết máy chủ đã nhận hay chưa")
    await module_page.evaluate(WELCOMED, state)
    if state == "admitted":  # nor does it arrive any more
        await module_page.get_by_test_id("submit-lost").get_by_text("chưa được nộp").wait_for()
        await module_page.get_by_test_id("submit-back").click()
    await module_page.get_by_test_id("submit-dialog").wait_for(state="detached")
    assert await module_page.evaluate("desk.candidate.memory.read().then(({ sentAt }) => sentAt)") is None
    assert await module_page.get_by_test_id("answer").is_editable() == (state == "admitted")
    await module_page.evaluate("desk.candidate.close()")


# What this computer remembers of an exam whose time is over in `left` ms.
REMEMBERED = """async (left) => {
  const { monotonicMs, serverClock } = await import("/lib/time.js");
  const { candidate } = desk, { room, sitting } = candidate;
  serverClock.sample(monotonicMs(), new Date(Date.now()).toISOString(), monotonicMs());
  const until = new Date(Date.now() + left).toISOString();
  room.value = { ...room.value, times: { ...room.value.times, submit_by: until } };
  sitting.value = { ...sitting.value, deadline: until };
  await candidate.memory.write();
}"""
OPENED = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const candidate = new Candidate({ room: "r", subject: "c", full_name: "Lan" });
  candidate.link.start = () => {}; // there is no network
  await candidate.open();
  const began = candidate.work.readOnly.value;
  while (candidate.work.readOnly.value === null) await new Promise((done) => setTimeout(done, 20));
  const told = [began, candidate.work.readOnly.value];
  await candidate.close();
  return told;
}"""


@pytest.mark.parametrize("left", [-1000, 1500])
async def test_the_time_is_over_on_a_page_that_was_opened_without_a_network_too(module_page: Page, left: int) -> None:
    await module_page.evaluate(HANDING_IN, "Viết.")
    await module_page.evaluate(REMEMBERED, left)
    await module_page.evaluate("desk.candidate.close()")
    await module_page.reload()
    began, ended = await asyncio.wait_for(module_page.evaluate(OPENED), 10)
    assert ended == "after_submit_by"
    assert began == ended or left > 0


async def test_a_page_opened_anew_sends_what_a_submission_named_under_the_name_by_which_it_is_awaited(
    module_page: Page,
) -> None:
    await module_page.evaluate(HANDING_IN, "")
    awaited = await module_page.evaluate(
        """async () => {
          const { work } = desk.candidate;
          work.files.away();
          await work.files.take(new File(["abc"], "a.pdf"), 0);
          await work.files.take(new File(["abcd"], "b.pdf"), 1);
          await work.claim([{ file: "f_9", name: "b.pdf", bytes: 4 }, { file: "f_8", name: "c.pdf", bytes: 4 }]);
          return work.files.pending.map(({ name, awaited }) => [name, awaited]);
        }"""
    )
    assert awaited == [["a.pdf", ""], ["b.pdf", "f_9"]]
    await module_page.evaluate("desk.candidate.close()")


async def test_a_page_opened_anew_goes_on_with_what_it_had_begun_under_the_name_that_the_submission_took_over(
    module_page: Page,
) -> None:
    await module_page.evaluate(HANDING_IN, "")
    told = await module_page.evaluate(
        """async () => {
          const { candidate, candidate: { work, store, identity: { room, subject } } } = desk;
          const url = "/api/rooms/r/files/f_7";
          await store.put("upload", { file: new File(["abcd"], "b.pdf"), name: "b.pdf", url }, `${room}/${subject}/1`);
          work.files.away();
          await work.files.load();
          const changes = [];
          work.files.on("change", () => changes.push(work.files.pending.map(({ awaited }) => awaited)));
          const named = { name: "b.pdf", bytes: 4 };
          const kept = () => store.get("upload", `${room}/${subject}/1`);
          await work.claim([{ file: "f_7", begun: true, ...named }, { file: "f_8", begun: false, ...named }]);
          const stands = async () => [work.files.pending.map((one) => [one.file, one.awaited]), (await kept()).url];
          const first = [...(await stands()), [...changes]];
          await work.claim([{ file: "f_9", begun: false, ...named }]);
          return [...first, ...(await stands())];
        }"""
    )
    assert told[:3] == [[["f_7", ""]], "/api/rooms/r/files/f_7", []]
    assert told[3:] == [[["f_9", "f_9"]], None], "it had begun while the submission went out that did not know of it"
    await module_page.evaluate("desk.candidate.close()")


async def test_a_page_that_was_never_connected_sends_nothing_and_says_so(module_page: Page) -> None:
    said = await module_page.evaluate(
        """async () => {
          const { deliver } = await import("/pages/candidate/submission.js");
          const { ApiError } = await import("/lib/api.js");
          const request = async () => { throw new ApiError({ code: "network", details: { unsent: true } }); };
          return deliver({ joined: null, request }, {}, () => {}).catch(({ code }) => code);
        }"""
    )
    assert said == "network"


async def test_a_difference_is_shown_while_one_may_choose_and_then_it_is_said_where_both_texts_are(
    module_page: Page,
) -> None:
    await module_page.evaluate(HANDING_IN, "Viết.")
    conflict = module_page.get_by_test_id("conflict")
    await module_page.evaluate("desk.candidate.work.answers.meet({ revision: 3, text: 'Lưu ở nơi khác.' })")
    await conflict.wait_for()
    for submission in ({"stage": "open", "at": 0}, None):  # nothing is chosen beneath one that is out
        await module_page.evaluate("(one) => { desk.candidate.work.submission.value = one; }", submission)
        await conflict.wait_for(state="detached" if submission else "visible")
    for reason in ("suspended", "held", "after_submit_by"):
        await module_page.evaluate("(reason) => desk.candidate.work.answers.close(reason)", reason)
        await conflict.wait_for(state="detached")
        if reason != "after_submit_by":
            await module_page.evaluate("desk.candidate.work.answers.reopen()")
            await conflict.wait_for()
    await module_page.get_by_test_id("after-submit-by").get_by_test_id("undecided").wait_for()
    assert await module_page.get_by_test_id("answer").input_value() == "Viết."
    assert "Lưu ở nơi khác." in (await module_page.get_by_test_id("set-aside").text_content() or "")
    await module_page.evaluate("desk.candidate.close()")


async def test_that_nothing_was_handed_in_is_said_only_by_the_word_of_the_server(module_page: Page) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "Viết.")
    said = page.get_by_test_id("after-submit-by")
    unknown = said.get_by_text("không biết bài của bạn đã được nộp hay chưa")
    await page.evaluate("desk.candidate.work.answers.close('after_submit_by')")
    await unknown.wait_for()  # what this page remembers, and no word of the room yet
    welcomed = """(answer) => {
      const { candidate } = desk;
      candidate.devices.value = { camera: { ok: true }, microphone: { ok: true } };
      const me = { ...candidate.sitting.value, answer };
      const times = { ...candidate.room.value.times, submit_by: "2026-11-22T02:00:00Z" };
      const room = { ...candidate.room.value, times, phase: "after" };
      desk.is("connected");
      candidate.link.emit("welcome", { room, me, draft: null, words_left: [], receipt: null });
    }"""
    await page.evaluate(welcomed, {})
    await said.get_by_text("Máy chủ chưa nhận được bài làm nào").wait_for()
    await page.evaluate(welcomed, {"revision": 3})
    await said.get_by_text("Bạn chưa bấm nộp.").wait_for()
    for state in ("signed_out", "refused"):
        told = "(state) => desk.candidate.link.emit('state', { state, refusal: desk.broken() })"
        await page.evaluate(told, state)
        await unknown.wait_for()
        await page.evaluate(welcomed, {"revision": 3})
        await said.get_by_text("Bạn chưa bấm nộp.").wait_for()
    await page.evaluate("desk.candidate.close()")


# The server is back after the deadline, and the office decides; `tells` is the time in its welcome.
BACK = """(tells) => {
  const { candidate } = desk;
  candidate.devices.value = { camera: { ok: true }, microphone: { ok: true } };
  const me = { ...candidate.sitting.value, answer: { revision: 3 }, held: true };
  const room = { ...candidate.room.value, phase: "after", hold: { missed: "deadline", candidates: 1 } };
  desk.is("connected");
  candidate.link.emit("welcome", { server_time: tells, room, me, draft: null, words_left: [], receipt: null });
}"""
THE_TIME_IS = "(at) => import('/lib/time.js').then(({ serverClock }) => serverClock.told(at))"
EARLIER, AFTER = "2999-11-22T00:50:00Z", "2999-11-22T01:10:00Z"


@pytest.mark.parametrize("tells", [AFTER, None])
async def test_who_waits_for_the_office_is_not_told_as_well_that_the_time_was_over_with_nothing_handed_in(
    module_page: Page, tells: str | None
) -> None:
    page = module_page
    held, over = page.get_by_test_id("held"), page.get_by_test_id("after-submit-by")
    await page.evaluate(HANDING_IN, "Viết.")
    await page.evaluate(THE_TIME_IS, EARLIER)
    await page.evaluate(BACK, tells)
    if tells is None:  # the clock of a server that came back is measured a little later
        await over.get_by_text("Bạn chưa bấm nộp.").wait_for()
        await page.evaluate(THE_TIME_IS, AFTER)
    await held.get_by_text("Phòng Quản lý đào tạo đang quyết định").wait_for()
    await over.wait_for(state="detached")
    await page.evaluate("desk.candidate.link.emit('clock')")
    assert await page.evaluate("desk.candidate.work.readOnly.value") == "held"
    await page.evaluate("desk.is('lost')")
    await page.get_by_test_id("offline-notice").get_by_text("đã hết hạn nộp bài").wait_for()
    await page.evaluate("desk.candidate.close()")


async def test_files_that_were_refused_while_the_office_decided_are_sent_on_once_it_has(module_page: Page) -> None:
    """Too late for the work, they are kept as evidence (A14.2b.7)."""
    page = module_page
    await page.evaluate(HANDING_IN, "Viết.")
    await page.evaluate(BACK, AFTER)
    await page.get_by_test_id("held").wait_for()
    done = """() => {
      const { work, room, link } = desk.candidate;
      const acts = [];
      work.files.again = () => acts.push("again");
      work.files.resume = () => acts.push("resume");
      link.emit("room", { ...room.value, server_time: "2999-11-22T01:10:00Z" });
      const before = acts.length;
      link.emit("room", { ...room.value, hold: null, server_time: "2999-11-22T01:11:00Z" });
      return [before, work.readOnly.value, ...acts];
    }"""
    assert await page.evaluate(done) == [0, "after_submit_by", "again", "resume"]
    await page.evaluate("desk.candidate.close()")


RECEIVED = """async (collected) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { Receipt } = await import("/pages/candidate/receipt.js");
  const { candidate } = desk;
  candidate.sitting.value = { ...candidate.sitting.value, state: "submitted" };
  candidate.receipt.value = { received_at: "2026-11-22T04:50:25Z", files: [], ledger: {}, collected };
  document.body.replaceChildren();
  render(html`<${Receipt} candidate=${candidate} />`, document.body);
  const told = document.querySelector("[data-testid=receipt]").textContent;
  candidate.close();
  return told;
}"""


@pytest.mark.parametrize(
    ("collected", "says", "silent"),
    [
        ({"because": "Máy chủ ngừng."}, "Phòng Quản lý đào tạo đã quyết định", "Máy chủ nhận bài lúc"),
        ({"because": None}, "Kỳ thi này quy định", "Phòng Quản lý đào tạo"),
        (None, "Máy chủ nhận bài lúc 11:50:25", "chưa bấm nộp"),
    ],
)
async def test_a_receipt_of_what_nobody_handed_in_says_who_decided_that_it_is_the_submission_and_why(
    module_page: Page, collected: dict[str, str | None] | None, says: str, silent: str
) -> None:
    await module_page.evaluate(HANDING_IN, "")
    told = await module_page.evaluate(RECEIVED, collected)
    assert says in told
    assert silent not in told
    assert not collected or (collected["because"] or "đã lưu trở thành bài nộp lúc 11:50:25") in told


async def test_who_is_let_in_at_another_device_writes_nothing_before_the_text_is_there(module_page: Page) -> None:
    await module_page.evaluate(HANDING_IN, "")
    state, answer = module_page.get_by_test_id("save-state"), module_page.get_by_test_id("answer")
    await state.get_by_text("Chưa có gì để lưu").wait_for()
    told = await module_page.evaluate(
        """async () => {
          const { candidate, is } = desk, me = candidate.sitting.value;
          candidate.work.answers.away();
          candidate.devices.value = { camera: { ok: true }, microphone: { ok: true } };
          candidate.link.joined = { epoch: 5 };
          candidate.link.emit("me", { ...me, pending: { epoch: 5 } });
          const waits = candidate.readmission.value;
          is("joining");
          candidate.link.emit("me", me);
          return [waits, candidate.readmission.value];
        }"""
    )
    assert told == [True, False]
    await state.get_by_text("Đang mở bài…").wait_for()
    assert not await answer.is_editable()
    assert await module_page.get_by_test_id("submit").is_disabled()
    await module_page.evaluate(
        """() => {
          const { room, sitting } = desk.candidate, draft = { revision: 4, text: "Viết ở máy kia." };
          const files = [1, 2].map((n) => ({ file: `f_${n}`, name: `trang-0${n}.jpg`, bytes: 9, sha256: "ab" }));
          const me = { ...sitting.value, files };
          desk.candidate.link.emit("welcome", { room: room.value, me, draft, words_left: [] });
        }"""
    )
    await state.and_(module_page.locator(":not([data-state=opening])")).wait_for()
    assert await answer.is_editable()
    assert await answer.input_value() == "Viết ở máy kia."
    assert await module_page.get_by_test_id("submit").is_enabled()
    # The pages lie as this device has them, until they are put in order here.
    await module_page.get_by_test_id("pages-inherited").get_by_text("thứ tự các trang trước khi nộp").wait_for()
    await module_page.evaluate("desk.candidate.work.pages.load()")  # as after a reload
    assert await module_page.evaluate("desk.candidate.work.pages.inherited")
    for answer in ("page-later", "pages-order-right"):
        await module_page.get_by_test_id(answer).first.click()
        await module_page.get_by_test_id("pages-inherited").wait_for(state="detached")
        await module_page.evaluate("desk.candidate.work.pages.takeOver()")
        await module_page.get_by_test_id("pages-inherited").wait_for()
    await module_page.evaluate("desk.candidate.close()")


# Another device had the place meanwhile; there what stood for f_1 was taken out. The welcome tells what the work holds.
STOOD_FOR = """async () => {
  const { candidate, until } = desk, { sitting, room, work: { files } } = candidate;
  files.pause();
  await files.takeOut("f_1", "f_2");
  const me = { ...sitting.value, files: [{ file: "f_1", name: "trang-01.jpg", bytes: 9, sha256: "ab" }] };
  const before = files.leaving.has("f_1");
  candidate.link.emit("welcome", { room: room.value, me, draft: null, words_left: [] });
  await until(() => !files.leaving.has("f_1"));
  candidate.close();
  return before;
}"""


async def test_a_welcome_tells_whether_what_took_the_place_of_an_old_file_is_still_in_the_work(
    module_page: Page,
) -> None:
    await module_page.evaluate(HANDING_IN, "Viết.")
    assert await asyncio.wait_for(module_page.evaluate(STOOD_FOR), 10)


# The work was handed in at another device. What a sign-out says here and what it leaves on this computer, when
# all of it was saved, when the last words were handed over, or are those that were handed in, with words that were
# set aside for those of the other device, and with a file that was never sent. `how` the page knows of it: it asked
# to come in, it was opened anew, or it has the receipt.
HANDED_IN_ELSEWHERE = """async ([how, last]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { sha256OfText } = await import("/lib/digest.js");
  const { Candidate } = await import("/pages/candidate/controller.js");
  const { Leave } = await import("/pages/candidate/leave.js");
  const at = "2026-11-22T01:00:00Z";
  const { candidate } = desk, { sitting, room, store, work: { answers, files } } = candidate;
  answers.close("superseded");
  files.pause();
  if (last === "handed over") await answers.handed(answers.state.text);
  const handedIn = last === "handed in" ? answers.state.text : "Viết ở máy kia.";
  const receipt = how === "receipt" && { text_sha256: await sha256OfText(handedIn), files: [] };
  if (how === "opened") {
    candidate.close();
    desk.candidate = new Candidate({ room: "r", subject: "c" });
    desk.candidate.link.start = () => {};
    await desk.candidate.open(true, at);
  } else {
    candidate.link.joined = { epoch: 5 };
    const pending = receipt ? null : { epoch: 5 };
    candidate.link.emit("me", { ...sitting.value, state: "submitted", submitted_at: at, pending });
    if (receipt) candidate.link.emit("receipt", receipt);
    if (receipt && last === "handed in") await desk.until(() => answers.state.handed);
  }
  const root = document.body.appendChild(document.createElement("div"));
  render(html`<${Leave} candidate=${desk.candidate} />`, root);
  const words = root.querySelector("[data-testid=leave]").innerText;
  const stays = desk.candidate.staysHere();
  render(null, root);
  await desk.candidate.forget();
  const left = [await store.get("answer", "r/c"), ...(await store.getAllKeys("upload"))].filter(Boolean).length;
  return [stays, left, words];
}"""


@pytest.mark.parametrize(
    ("how", "last", "text", "files"),
    [
        *((how, "saved", 0, 0) for how in ("asked", "opened", "receipt")),
        *((how, "handed over", 0, 0) for how in ("asked", "opened", "receipt")),
        ("receipt", "handed in", 0, 0),  # nothing else tells what was
        *((how, "unsaved", 5, 0) for how in ("asked", "opened", "receipt")),
        *((how, "file", 0, 1) for how in ("asked", "opened", "receipt")),
        *((how, "set aside", 5, 0) for how in ("asked", "opened")),
    ],
)
async def test_where_the_work_was_handed_in_at_another_device_a_sign_out_asks_of_what_the_server_lacks_alone(
    module_page: Page, how: str, last: str, text: int, files: int
) -> None:
    await module_page.evaluate(HANDING_IN, "Viết.")
    await module_page.evaluate(
        """async (last) => {
          const { answers, files } = desk.candidate.work;
          if (["saved", "file"].includes(last)) {
            const saved = answers.flush();
            await desk.until(() => desk.asked.length === 1);
            desk.asked[0].done({ revision: 1, saved_at: "" });
            await saved;
          }
          if (last === "set aside") {
            await answers.meet({ revision: 3, text: "Lưu ở nơi khác." });
            await answers.choose("theirs");
            await answers.meet({ revision: 4, text: "Viết tiếp ở máy kia." });
          }
          files.away();
          files.pause();
          if (last === "file") await files.take(new File(["abc"], "bao-cao.pdf"), 0);
          await answers.keepLocally();
        }""",
        last,
    )
    stays, left, words = await module_page.evaluate(HANDED_IN_ELSEWHERE, [how, last])
    if not text and not files:
        assert (stays, left) == (None, 0)
        assert "không còn gì phải giữ trên máy này" in words
    else:
        assert (stays["text"], stays["files"], stays["paper"]) == (text, files, False)
        assert left == 1 + files
        assert "Bài chưa được nộp" not in words
        assert ("Bài đã được thu" if how == "receipt" else "Bài đã nộp ở thiết bị khác") in words
    await module_page.evaluate("desk.candidate.close()")


# A file that is refused with `code` here, where the work was handed in: at another device, whose receipt this page has
# or not. What a sign-out says of it, and whether it is here after a page opened with nobody signed in, and after that.
REFUSED_HERE = """async ([code, receipt]) => {
  const { forgetLeftovers } = await import("/pages/candidate/entrance_memory.js");
  const { candidate, candidate: { sitting, store, work: { files } } } = desk;
  await candidate.work.answers.keepLocally();
  candidate.link.api.base = location.origin;
  const { id } = await files.take(new File(["abc"], "bao-cao.pdf"), 0);
  await desk.until(() => files.pending.some(({ state }) => state === "failed"));
  while (!(await store.get("upload", id)).refused) await new Promise((done) => setTimeout(done, 5));
  sitting.value = { ...sitting.value, state: "submitted" };
  candidate.receipt.value = receipt;
  const stays = candidate.staysHere()?.files ?? 0;
  const there = async () => (await store.getAllKeys("upload")).length;
  candidate.close();
  await candidate.memory.forget();
  const { identity } = candidate;
  await store.put("session", { identity, sitting: { state: "submitted" }, receipt }, "candidate");
  await forgetLeftovers(false);
  const told = [code, stays, await there()];
  await candidate.forget();
  return [...told, await there()];
}"""


@pytest.mark.parametrize(
    ("code", "receipt", "stays"),
    [
        *((code, None, 1) for code in ("already_submitted", "readmission_needed", "internal")),
        ("already_submitted", {"files": []}, 1),
        ("readmission_needed", {"files": []}, 0),  # and left out of what was handed in
    ],
)
async def test_a_file_that_was_refused_here_stays_while_nothing_tells_that_the_server_has_it(
    module_page: Page, code: str, receipt: dict[str, object] | None, stays: int
) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=409, json={"error": {"code": code, "vi": "", "en": ""}})

    await module_page.route("**/files", refuse)
    await module_page.evaluate(HANDING_IN, "")
    told = await asyncio.wait_for(module_page.evaluate(REFUSED_HERE, [code, receipt]), 10)
    assert told == [code, stays, stays, stays]


LEFT_BEHIND = """async ([receipt, upload]) => {
  const { leftBehind } = await import("/pages/candidate/work.js");
  const one = { state: "failed", error: {}, ...upload };
  return leftBehind(receipt, { text: "", dirty: false, setAside: [] }, [one]).files;
}"""
AWAITED = [{"file": "f_7"}]


@pytest.mark.parametrize(
    ("receipt", "upload", "stays"),
    [
        ({"files": [], "awaited": AWAITED}, {"awaited": "f_7"}, 1),
        ({"files": [], "awaited": AWAITED}, {"awaited": "", "file": "f_7"}, 1),  # it had begun when it was named
        ({"files": [], "awaited": AWAITED}, {"awaited": "", "file": "f_8"}, 0),
        ({"files": [], "awaited": []}, {"state": "waiting"}, 1),
        ({"files": [], "awaited": AWAITED, "missing": True}, {"awaited": "f_7"}, 0),
    ],
)
async def test_a_file_that_the_submission_named_stays_while_it_is_awaited(
    module_page: Page, receipt: dict[str, object], upload: dict[str, str], stays: int
) -> None:
    assert await module_page.evaluate(LEFT_BEHIND, [receipt, upload]) == stays


# The receipt of a work whose file is on its way: what the page says of it, by its connection, then a sign-out.
AWAITING = """async ([state, until, here]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { serverClock } = await import("/lib/time.js");
  const { Leave } = await import("/pages/candidate/leave.js");
  const { Receipt } = await import("/pages/candidate/receipt.js");
  const { candidate, is } = desk, { files } = candidate.work;
  serverClock.told("2026-11-22T02:30:00Z");
  files.away();
  files.pause();
  if (here) await files.take(new File(["abc"], "bao-cao.pdf"), 0);
  const awaited = [{ file: "f_1", name: "bao-cao.pdf", bytes: 3 }];
  candidate.sitting.value = { ...candidate.sitting.value, state: "submitted" };
  candidate.receipt.value = { received_at: until, files: [], ledger: {}, awaited, awaited_until: until };
  is("connected");
  if (state.startsWith("asks")) {
    candidate.readmission.value = true;
    candidate.sitting.value = { ...candidate.sitting.value, connected: state === "asks, the other is there" };
  } else is(state);
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${Receipt} candidate=${candidate} />`, root);
  const said = root.querySelector("[data-testid=receipt-awaited]");
  const told = [said.textContent, said.querySelector("progress") !== null];
  let asked = 0;
  candidate.link.start = () => { asked += 1; };
  said.querySelector("[data-testid=use-here]")?.click();
  await new Promise((done) => setTimeout(done, 20));
  told.push(asked);
  render(html`<${Leave} candidate=${candidate} />`, root);
  told.push(root.querySelector("[data-testid=leave] p").textContent);
  render(null, root);
  candidate.close();
  return told;
}"""
LATER, BEFORE = "2026-11-22T02:33:00Z", "2026-11-22T02:29:00Z"


@pytest.mark.parametrize(
    ("state", "until", "here", "says", "asks", "leaves"),
    [
        ("connected", LATER, True, "Còn 1 tệp đang gửi, chờ đến 09:33:00. Đừng đóng", 0, "ngừng gửi"),
        ("connected", LATER, False, "Máy chủ còn chờ 1 tệp đến 09:33:00, nhưng tệp không có ở máy này", 0, None),
        ("lost", LATER, True, "Không có kết nối với máy chủ nên 1 tệp chưa gửi tiếp được", 0, "ngừng gửi"),
        ("joining", LATER, True, "Không có kết nối với máy chủ nên 1 tệp chưa gửi tiếp được", 0, "ngừng gửi"),
        ("lost", BEFORE, True, "thời gian chờ tệp đã hết lúc 09:29:00. Chưa biết", 0, "ngừng gửi"),
        ("superseded", LATER, True, "Trang này không gửi tệp nữa", 1, "không biết tệp đã gửi xong chưa"),
        ("signed_out", LATER, True, "hãy đăng nhập lại để gửi tiếp", 0, "ngừng gửi"),
        ("asks", LATER, True, "cán bộ coi thi phải cho máy này vào lại trước", 0, "ngừng gửi"),
        ("superseded", LATER, False, "nơi giữ tệp tự gửi khi phòng thi mở ở đó", 0, None),
        ("asks", LATER, False, "được cho vào thì thiết bị giữ tệp không gửi tiếp được", 0, None),
        ("asks, the other is there", LATER, False, "được cho vào thì thiết bị đó ngừng gửi", 0, None),
        ("lost", LATER, False, "nên không gửi từ đây", 0, None),
        ("lost", BEFORE, False, "chưa biết 1 tệp này đã đến hay đã bị ghi là thiếu", 0, None),
        ("signed_out", LATER, False, "nên không gửi từ đây được", 0, None),
    ],
)
async def test_a_receipt_says_that_a_file_is_being_sent_only_where_it_is(
    module_page: Page, state: str, until: str, here: bool, says: str, asks: int, leaves: str | None
) -> None:
    await module_page.evaluate(HANDING_IN, "")
    said, is_sending, asked, left = await module_page.evaluate(AWAITING, [state, until, here])
    assert says in said
    assert "bao-cao.pdf" in said
    assert ("đang gửi" in said) == is_sending == (state == "connected" and here)
    assert ("không có ở máy này" in said) == (not here)
    assert asked == asks
    assert (leaves or "không còn gì") in left


async def test_who_is_admitted_for_the_receipt_asks_for_no_paper_and_reads_of_no_error(module_page: Page) -> None:
    asked: list[str] = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.url.split("/api/")[1])
        refused = {"code": "already_submitted", "vi": "Bài thi đã được nộp.", "en": ""}
        await route.fulfill(status=409, json={"error": refused})

    await module_page.route("**/api/**", refuse)
    await module_page.evaluate(HANDING_IN, "")
    error = await module_page.evaluate(
        """async () => {
          const { candidate, is } = desk, { link } = candidate;
          candidate.devices.value = { camera: { ok: true }, microphone: { ok: true } };
          candidate.link.api.base = location.origin;
          let written;
          const done = new Promise((resolve) => { written = resolve; });
          candidate.entrance.enterWhenReady = async () => written(); // the last thing of a welcome
          is("joining");
          const me = { ...candidate.sitting.value, state: "submitted", pending: null };
          const room = { ...candidate.room.value, paper: { sha256: "ab", bytes: 9 } };
          const receipt = { received_at: "", files: [], ledger: {}, awaited: [] };
          link.emit("welcome", { room, me, draft: { revision: 0, text: "" }, words_left: [], receipt, paper_key: "k" });
          await done;
          const { value } = candidate.error;
          candidate.close();
          return value;
        }"""
    )
    assert (error, [path for path in asked if path.endswith("/paper")]) == (None, [])


# The device at which the work was handed in, back from another one that took its place, with its receipt.
TAKEN_BACK = """async (until) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { serverClock } = await import("/lib/time.js");
  const { Receipt } = await import("/pages/candidate/receipt.js");
  const { candidate, is } = desk, { files } = candidate.work, started = desk.started = [];
  serverClock.told("2026-11-22T02:30:00Z");
  files.away();
  files.pause();
  await files.take(new File(["abc"], "bao-cao.pdf"), 0);
  const awaited = [{ file: "f_1", name: "bao-cao.pdf", bytes: 3 }];
  const me = { ...candidate.sitting.value, state: "submitted", awaited_until: until };
  candidate.sitting.value = me;
  candidate.receipt.value = { received_at: until, files: [], ledger: {}, awaited, awaited_until: until };
  const stop = candidate.link.stop.bind(candidate.link);
  candidate.link.stop = (...why) => { started.push("stop"); stop(...why); };
  candidate.link.start = () => { started.push("start"); };
  is("connected");
  document.body.replaceChildren();
  render(html`<${Receipt} candidate=${candidate} />`, document.body);
  const asked = () => document.querySelector("[data-testid=asked-elsewhere]");
  desk.told = [Boolean(asked())];
  candidate.link.joined = { epoch: 1 };
  candidate.link.emit("me", { ...me, pending: { epoch: 5 } });
  await desk.until(asked);
  desk.told.push(asked().textContent);
  is("superseded");
  await desk.until(() => !asked());
  document.querySelector("[data-testid=use-here]").click();
  await desk.until(() => started.includes("start"));
  candidate.link.joined = { epoch: 5 };
  is("connected");
  desk.asks = (more = {}) => candidate.link.emit("me", { ...me, pending: { epoch: 5 }, awaited: [], ...more });
  desk.asks();
}"""


async def test_a_receipt_says_that_another_device_asks_and_taken_back_that_an_invigilator_has_to_admit_it_and_the_end(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "")
    await asyncio.wait_for(page.evaluate(TAKEN_BACK, LATER), 10)
    before, asked = await page.evaluate("desk.told")
    assert not before and "Một thiết bị khác đang xin vào" in asked
    assert "1 tệp chưa gửi xong ở đây sẽ không chuyển theo" in asked
    assert await page.get_by_test_id("asked-elsewhere").count() == 0
    said = page.get_by_test_id("receipt-awaited")
    await said.get_by_text("cán bộ coi thi phải cho máy này vào lại").wait_for()
    assert "đang gửi" not in await said.inner_text()
    assert await said.locator("progress").count() == 0
    assert await page.evaluate("desk.candidate.asksReceipt.value"), "a page that did no device check does it first"
    await page.evaluate("desk.asks({ incomplete_at: '2026-11-22T02:33:00Z' })")
    await page.get_by_test_id("receipt-missing").get_by_text("được ghi là thiếu").wait_for()
    assert await said.count() == 0
    await page.evaluate("desk.started.length = 0; const { candidate } = desk;"
                        "candidate.link.emit('room', { ...candidate.room.value, phase: 'ended' })")  # fmt: skip
    assert await page.evaluate("desk.started") == ["stop", "start"], "which asks for the result"
    await page.evaluate("desk.candidate.close()")


# The same device, its page opened anew while another one has the place; `named` as the server tells it.
OPENED_BESIDE = """async ([named, until]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { serverClock } = await import("/lib/time.js");
  const { Candidate } = await import("/pages/candidate/controller.js");
  const { Leave } = await import("/pages/candidate/leave.js");
  const { Receipt } = await import("/pages/candidate/receipt.js");
  const { files } = desk.candidate.work;
  files.away();
  files.pause();
  const { id } = await files.take(new File(["abc"], "bao-cao.pdf"), 0);
  if (named[0]?.file === "f_1") await files.awaitAs(id, "f_1");
  const { room } = desk.candidate;
  desk.candidate.close();
  serverClock.told("2026-11-22T02:30:00Z");
  const candidate = desk.candidate = new Candidate({ room: "r", subject: "c", plan: room.value });
  candidate.room.value = { ...room.value, times: { ...room.value.times, end_at: until } };
  candidate.link.start = () => {};
  await candidate.open(true, "2026-11-22T02:29:00Z", { awaited: named, awaited_until: named.length ? until : null });
  document.body.replaceChildren();
  const main = document.body.appendChild(document.createElement("main"));
  const dialog = document.body.appendChild(document.createElement("div"));
  render(html`<${Receipt} candidate=${candidate} />`, main);
  render(html`<${Leave} candidate=${candidate} />`, dialog);
  const left = dialog.querySelector("p").textContent;
  render(null, dialog);
  return left;
}"""
REPORT: dict[str, object] = {"file": "f_2", "name": "bao-cao.pdf", "bytes": 3}


@pytest.mark.parametrize(
    ("named", "until", "says", "leaves"),
    [
        ([{"file": "f_1", "name": "x.pdf", "bytes": 9}], LATER, "Tệp nằm ở máy này", "chờ đến 09:33:00"),
        ([REPORT], LATER, "Tệp nằm ở máy này", "chờ đến 09:33:00"),
        ([REPORT], BEFORE, "Đã hết thời gian chờ lúc 09:29:00", "máy chủ chưa có phần này"),
        ([{**REPORT, "bytes": 4}], LATER, None, "không có phần này"),
        ([], LATER, None, "không có phần này"),
    ],
)
async def test_where_a_file_lies_that_the_submission_waits_for_a_page_opened_beside_another_device_says_how_it_is_sent(
    module_page: Page, named: list[dict[str, object]], until: str, says: str | None, leaves: str
) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "")
    left = await page.evaluate(OPENED_BESIDE, [named, until])
    assert leaves in left
    here, use = page.get_by_test_id("awaited-here"), page.get_by_test_id("awaited-use-here")
    if says is None:
        await page.get_by_test_id("handed-in").get_by_text("Biên nhận ở thiết bị đã nộp bài").wait_for()
        assert await here.count() == 0
        # Of what is sent from elsewhere: to take the place would stop it.
        stops = page.get_by_test_id("sent-elsewhere").get_by_text("thiết bị đó ngừng gửi")
        assert await stops.count() == (1 if named else 0)
    else:
        await here.get_by_text(says).wait_for()
    if says and until == LATER:
        await use.click()
        assert await page.evaluate("desk.candidate.asksReceipt.value")
    else:
        assert await use.count() == 0
    await page.evaluate("desk.candidate.close()")


# The same once more, with the receipt that this computer remembers, and once it asks to come in again.
REMEMBERS = """async () => {
  const { candidate } = desk, received_at = "2026-11-22T02:29:00Z";
  const receipt = { submission: "b_1", received_at, files: [], ledger: {} };
  candidate.sitting.value = { ...candidate.sitting.value, number: "001", full_name: "Lan", state: "submitted" };
  candidate.receipt.value = { ...receipt, awaited: [{ file: "f_0", name: "cu.pdf", bytes: 3 }] };
  await candidate.memory.write();
  desk.is = (state) => {
    desk.candidate.link.state = state;
    desk.candidate.link.emit("state", { state, refusal: null });
  };
  desk.asks = () => {
    const { candidate } = desk, { link, entrance } = candidate;
    entrance.checked.value = entrance.consented.value = true;
    entrance.enterWhenReady = async () => {};
    candidate.publishWhenWanted = () => {};
    link.joined = { epoch: 5 };
    desk.is("connected");
    const me = { number: "001", full_name: "Lan", state: "submitted", awaited: [], pending: { epoch: 5 } };
    link.emit("welcome", { room: candidate.room.value, me, draft: null, words_left: [], receipt: null });
  };
}"""


async def test_a_receipt_of_this_computer_stays_to_be_read_beside_another_device_and_offline_nobody_is_said_to_be_asked(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "")
    await page.evaluate(REMEMBERS)
    left = await page.evaluate(OPENED_BESIDE, [[REPORT], LATER])
    assert "chờ đến 09:33:00" in left
    receipt = page.get_by_test_id("receipt")
    await receipt.get_by_text("b_1").wait_for()
    await receipt.get_by_text("001 · Lan").wait_for()
    await receipt.get_by_test_id("awaited-use-here").wait_for()
    assert await receipt.get_by_text("cu.pdf").count() == 0, "which has arrived since"
    await page.evaluate("desk.asks()")
    said = receipt.get_by_test_id("receipt-awaited")
    await said.get_by_text("và đang được hỏi").wait_for()
    await receipt.get_by_text("b_1").wait_for()
    await page.evaluate("desk.is('lost')")
    await said.get_by_text("chưa hỏi được cán bộ coi thi").wait_for()
    assert "đang được hỏi" not in await said.inner_text()
    # Where no receipt is known, the same.
    await page.evaluate("desk.candidate.receipt.value = null")
    here = page.get_by_test_id("awaited-here")
    await here.get_by_text("chưa hỏi được cán bộ coi thi").wait_for()
    await page.evaluate("desk.candidate.work.files.drop(desk.candidate.work.pending.value[0].id)")
    await page.get_by_test_id("handed-in").get_by_text("chưa nhận được lời xin").wait_for()
    await page.evaluate("desk.candidate.close()")


async def test_a_receipt_of_this_computer_says_what_is_sent_from_elsewhere_and_does_not_ask_for_the_place(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "")
    await page.evaluate(REMEMBERS)
    await page.evaluate(OPENED_BESIDE, [[{**REPORT, "bytes": 4}], LATER])
    receipt = page.get_by_test_id("receipt")
    await receipt.get_by_test_id("sent-elsewhere").get_by_text("thiết bị giữ tệp tự gửi").wait_for()
    for name in ("use-here", "awaited-use-here", "receipt-ask"):
        assert await page.get_by_test_id(name).count() == 0, name
    await page.evaluate("desk.candidate.close()")


# The whole page, of somebody whom this computer remembers: `state` of the sitting, `phase` of the room.
REMEMBERED_PAGE = """async ([state, phase, last]) => {
  const { openStore } = await import("/lib/store.js");
  const at = "2026-11-22T01:00:00Z", until = "2999-11-22T01:00:00Z";
  const times = { release_at: at, submit_by: until, end_at: until };
  const room = { exam_title: "Triết học", times, released_at: at, phase, form: "written" };
  const sitting = { number: "001", full_name: "Lan", state, answer: {}, files: [], submitted_at: at };
  const receipt = state === "submitted" ? { received_at: at, files: [], ledger: {}, submission: "b_1" } : null;
  const store = await openStore();
  const identity = { room: "r", subject: "c", full_name: "Lan" };
  await store.put("session", { identity, room, sitting, receipt }, "candidate");
  if (last) await store.put("answer", { text: last, base: 1, dirty: true, edited_at: 1, set_aside: [] }, "r/c");
  store.close();
  document.body.append(Object.assign(document.createElement("div"), { id: "app" }));
  await import("/pages/candidate/main.js");
}"""


@pytest.mark.parametrize(
    ("state", "phase", "last", "says"),
    [
        ("submitted", "writing", "", "Bài của bạn đã nộp; những gì"),
        ("submitted", "writing", "Viết.", "Hãy đăng nhập lại để trang gửi tiếp"),
        ("submitted", "ended", "Viết.", "Bài của bạn đã nộp; những gì"),
        ("admitted", "ended", "", "Buổi thi đã kết thúc"),
        ("admitted", "writing", "", "đăng nhập lại để làm tiếp"),
    ],
)
async def test_who_is_signed_out_is_barred_from_nothing_that_is_left_to_read(
    module_page: Page, state: str, phase: str, last: str, says: str
) -> None:
    page, joins = module_page, 0

    async def join(route: Route) -> None:
        nonlocal joins
        joins += 1
        await route.fulfill(status=401, json={"error": {"code": "not_signed_in", "vi": "", "en": ""}})

    me = {"subject": "c", "full_name": "Lan", "room": "r", "rooms": [], "elsewhere": False, "submitted_at": None}
    await page.route("**/api/me", lambda route: route.fulfill(json=me))
    await page.route("**/api/sign-in/candidate", lambda route: route.fulfill(json={}))
    await page.route("**/api/rooms/r/join", join)
    await page.evaluate(REMEMBERED_PAGE, [state, phase, last])
    dialog = page.get_by_test_id("sign-in-again")
    if says.endswith("làm tiếp"):
        await dialog.get_by_text(says).wait_for()
        assert await page.get_by_test_id("signed-out").count() == 0
    else:
        await page.get_by_test_id("signed-out").get_by_text(says).wait_for()
        waits = await page.get_by_test_id("signed-out").locator("li").all_inner_texts()
        assert waits == (["bài làm, 5 ký tự"] if says.endswith("gửi tiếp") else [])
        assert "làm tiếp" not in await page.locator("body").inner_text()
        assert await page.locator("dialog[open]").count() == 0
        await page.get_by_test_id("receipt-copy" if state == "submitted" else "over").click()
        await page.get_by_test_id("sign-in-open").click()
        await dialog.wait_for()
        await page.keyboard.press("Escape")
        await dialog.wait_for(state="detached")
        await page.get_by_test_id("sign-in-open").click()
    before = joins
    await dialog.get_by_test_id("sign-in-number").fill("001")
    await dialog.get_by_test_id("sign-in-code").fill("KQ7D-M2XP")
    async with page.expect_request("**/api/rooms/r/join"):
        await dialog.get_by_test_id("sign-in-submit").click()
    await page.get_by_test_id("signed-out").or_(dialog).first.wait_for()  # as the server says once more
    assert joins > before


async def test_a_page_whose_place_was_taken_says_that_it_sends_its_files_no_more(module_page: Page) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "")
    await page.evaluate(
        """async () => {
          const { files } = desk.candidate.work;
          files.away();
          files.pause(); // nothing is sent in this test
          await files.take(new File(["abc"], "bao-cao.pdf"), 0);
        }"""
    )
    row, stopped = page.get_by_test_id("file-pending"), page.get_by_test_id("files-stopped")
    await row.get_by_text("Chờ kết nối").wait_for()
    assert await stopped.count() == 0
    asks = page.get_by_test_id("asked-elsewhere")  # another device, and the file would not go with the exam
    await page.evaluate("desk.candidate.sitting.value = { ...desk.candidate.sitting.value, pending: { epoch: 9 } }")
    await asks.get_by_text("1 tệp chưa gửi xong ở đây sẽ không chuyển theo").wait_for()
    await page.evaluate("desk.is('superseded')")
    await row.get_by_text("Không gửi từ đây nữa").wait_for()
    said = await stopped.inner_text()
    assert "còn 1 tệp chưa gửi xong. Tệp còn giữ trên máy này" in said
    assert "bao-cao.pdf" in said
    await page.evaluate("desk.candidate.close()")


async def test_a_device_that_goes_on_says_which_files_the_other_did_not_send_until_they_are_added_here(
    module_page: Page,
) -> None:
    page = module_page
    await page.evaluate(HANDING_IN, "")
    await page.evaluate(
        """() => {
          const { candidate, is } = desk, { room, sitting, link, work } = candidate;
          candidate.devices.value = { camera: { ok: true }, microphone: { ok: true } };
          work.files.resume = () => {}; // nothing is sent in this test
          work.files.pause();
          const begun = [["f_1", "bao-cao.pdf", 3], ["f_2", "trang-01.jpg", 9]]; // another page than the one here
          const begun_elsewhere = begun.map(([file, name, bytes]) => ({ file, name, bytes }));
          const here = { file: "f_9", name: "trang-01.jpg", bytes: 8, sha256: "ab", looks: "image/jpeg" };
          const me = { ...sitting.value, files: [here] };
          is("joining");
          link.emit("welcome", { room: room.value, me, draft: null, words_left: [], begun_elsewhere });
          is("connected");
        }"""
    )
    said = page.locator(".alerts").get_by_test_id("begun-elsewhere")
    assert "Thiết bị kia còn 2 tệp chưa gửi xong" in await said.inner_text()
    assert await said.locator("li").all_inner_texts() == ["bao-cao.pdf (1 KB)", "trang-01.jpg (1 KB)"]
    await page.get_by_test_id("submit").click()
    asked = page.get_by_test_id("submit-dialog").get_by_test_id("begun-elsewhere")
    assert "nộp bây giờ thì bài không có tệp này" in await asked.inner_text()
    await page.get_by_test_id("submit-back").click()
    await page.get_by_test_id("file-input").set_input_files(
        {"name": "bao-cao.pdf", "mimeType": "application/pdf", "buffer": b"abc"}
    )
    await said.get_by_text("còn 1 tệp chưa gửi xong").wait_for()
    await page.evaluate(
        """() => {
          const { link, sitting } = desk.candidate, { files } = sitting.value;
          const came = { ...files[0], file: "f_2", bytes: 9 }; // by the device that had begun it, after all
          link.emit("me", { ...sitting.value, files: [...files, came] });
        }"""
    )
    await said.wait_for(state="detached")
    await page.evaluate("desk.candidate.close()")


async def test_a_chosen_file_is_asked_about_by_the_name_that_staff_will_see(module_page: Page) -> None:
    await module_page.evaluate(HANDING_IN, "")
    chosen: FilePayload = {"name": "bai\u202ecod.exe", "mimeType": "", "buffer": b"x"}  # reads "baiexe.doc"
    await module_page.get_by_test_id("file-input").set_input_files(chosen)
    assert await module_page.get_by_test_id("unusual-files").locator("li").text_content() == "baicod.exe"
    await module_page.evaluate("desk.candidate.close()")


# What is done before a submission goes out, and whether it is said to be sent by then.
GOES_OUT = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const candidate = new Candidate({ room: "r", subject: "c" });
  candidate.link.start = () => {};
  await candidate.open();
  candidate.link.joined = { epoch: 1 };
  const { work } = candidate, told = [];
  const isSent = () => work.submission.value?.stage === "sent";
  const tells = (name, answer) => async () => { told.push([name, isSent()]); return answer; };
  work.answers.flush = tells("saves", true);
  work.named = tells("hashes", []);
  candidate.link.request = async () => { throw await tells("submits", { code: "timeout" })(); };
  const { code } = await candidate.submit().catch((error) => error);
  return [...told, [code, work.submission.value !== null]];
}"""


async def test_a_submission_is_said_to_be_sent_from_when_it_goes_out_until_it_is_answered(module_page: Page) -> None:
    told = await asyncio.wait_for(module_page.evaluate(GOES_OUT), 10)
    assert told == [["saves", False], ["hashes", False], ["submits", True], ["timeout", False]]


# Handed in here with a file on its way, and one that had failed and that is left out knowingly.
LEFT_OUT = """async () => {
  const { candidate, candidate: { work: { answers, files }, store, room } } = desk;
  room.value = { ...room.value, upload_grace_minutes: 3 };
  candidate.link.api.base = location.origin;
  await files.take(new File(["abc"], "hong.pdf"), 0);
  await desk.until(() => files.pending.some(({ state }) => state === "failed"));
  files.away();
  files.pause();
  await files.take(new File(["abcd"], "bao-cao.pdf"), 1);
  const handing = candidate.submit();
  await desk.until(() => desk.asked.length === 1);
  const named = desk.asked[0].payload.files.map(({ name }) => name);
  const file = { file: "f_7", name: "bao-cao.pdf", bytes: 4 };
  desk.asked[0].done({ received_at: "2026-11-22T02:00:00Z", files: [file], awaited: [file], ledger: {} });
  await handing;
  await desk.until(() => files.pending.length === 1);
  const read = async (id) => (await store.get("upload", id))?.name;
  let kept;
  do { kept = await Promise.all((await store.getAllKeys("upload")).map(read)); } while (kept.length > 1);
  return [named, kept, candidate.staysHere()];
}"""


async def test_a_file_that_was_left_out_of_what_was_handed_in_here_is_given_up_with_the_receipt(
    module_page: Page,
) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=413, json={"error": {"code": "evidence_full", "vi": "", "en": ""}})

    await module_page.route("**/files", refuse)
    await module_page.evaluate(HANDING_IN, "")
    named, kept, stays = await asyncio.wait_for(module_page.evaluate(LEFT_OUT), 10)
    assert (named, kept) == (["bao-cao.pdf"], ["bao-cao.pdf"])
    assert stays == {"text": 0, "pages": 0, "files": 1, "paper": False}
    await module_page.evaluate("desk.candidate.close()")


# Lists below a page of other things; `told` are the versions that the candidate is said to have seen.
LISTS = """async (how) => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { ClosingLists } = await import("/pages/candidate/closing_lists.js");
  const told = [], heard = { done: () => {} };
  const lists = { version: 1, at: "2026-11-22T03:00:00Z", did_not_submit: ["A"], violated: [] };
  const staff = { lists: signal(lists), sawLists: (version) => { told.push(version); heard.done(); } };
  const candidate = { staff, connection: signal({ state: "connected" }) };
  let hidden = how === "hidden";
  Object.defineProperty(document, "hidden", { get: () => hidden });
  const root = document.body.appendChild(document.createElement("main"));
  const high = how === "scrolled" || how === "focus" ? "3000px" : "0px";
  render(html`<div style=${`height: ${high}`}></div><${ClosingLists} candidate=${candidate} />`, root);
  if (how === "long") root.querySelector("section").style.minHeight = "9000px";
  // Another observer's answers come with ours: after some of them ours would be there too.
  const looked = () => new Promise((done) => {
    new IntersectionObserver((_, one) => { one.disconnect(); done(); }).observe(root);
  });
  for (let times = 0; times < 8; times += 1) await looked();
  const before = [...told];
  const seen = new Promise((done) => { heard.done = done; });
  if (how === "hidden") {
    hidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
  }
  if (how === "scrolled") scrollTo(0, 5000);
  if (how === "focus") root.querySelector("section").focus({ preventScroll: true });
  if (before.length === 0) await seen;
  const again = new Promise((done) => { heard.done = done; });
  const first = [...told];
  staff.lists.value = { ...lists, version: 2 };
  if (how !== "focus") await again;
  render(null, root);
  return [before, first.at(-1), told.at(-1)];
}"""


@pytest.mark.parametrize(
    ("how", "before", "then"),
    [("shown", [1], 2), ("long", [1], 2), ("hidden", [], 2), ("scrolled", [], 2), ("focus", [], 1)],
)
async def test_closing_lists_were_seen_once_they_were_in_sight_or_the_keyboard_came_to_them(
    module_page: Page, how: str, before: list[int], then: int
) -> None:
    assert await asyncio.wait_for(module_page.evaluate(LISTS, how), 10) == [before, 1, then]


# The whole page of the exam, at a device that another one asks to replace.
EXAM = """async ([suspended, readOnly]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { Candidate } = await import("/pages/candidate/controller.js");
  const { Exam } = await import("/pages/candidate/exam.js");
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/styles/candidate.css" });
  await new Promise((done) => { document.head.append(Object.assign(style, { onload: done })); });
  const candidate = new Candidate({ room: "r", subject: "c", full_name: "Nguyễn Thị Phương Thảo Nguyên Khuê" });
  candidate.link.start = () => {};
  await candidate.open();
  const at = "2026-11-22T01:00:00Z", times = { release_at: at, submit_by: at, end_at: at };
  candidate.room.value = { exam_title: "Triết học", times, released_at: at, phase: "writing", form: "written" };
  candidate.sitting.value = {
    number: "001", state: "admitted", suspended, pending: { epoch: 9 }, answer: {}, files: [],
  };
  candidate.connection.value = { state: "connected", refusal: null };
  if (readOnly) candidate.work.answers.close(readOnly);
  const root = document.body.appendChild(document.createElement("div"));
  render(html`<${Exam} candidate=${candidate} />`, root);
  const asks = root.querySelector("[data-testid=asked-elsewhere]").textContent;
  const name = root.querySelector("[data-testid=own-name]"), [start, last] = name.children;
  const header = root.querySelector(".exam_title").getBoundingClientRect();
  const word = last.getBoundingClientRect();
  const told = [asks.includes("cứ làm bài ở đây"), asks.includes("báo ngay cán bộ coi thi"), name.textContent];
  const isRead = last.scrollWidth <= last.clientWidth && word.right <= header.right + 1;
  told.push(start.scrollWidth > start.clientWidth, isRead);
  render(null, root);
  candidate.close();
  return told;
}"""


@pytest.mark.parametrize(
    ("suspended", "read_only", "goes_on"),
    [(None, None, True), ("Có hai giọng nói", "suspended", False), (None, "after_submit_by", False)],
)
async def test_who_cannot_write_is_not_told_to_go_on_and_the_given_name_is_read_on_a_telephone(
    module_page: Page, suspended: str | None, read_only: str | None, goes_on: bool
) -> None:
    await module_page.set_viewport_size({"width": 390, "height": 844})
    told = await module_page.evaluate(EXAM, [suspended, read_only])
    assert told == [goes_on, True, "001 · Nguyễn Thị Phương Thảo Nguyên Khuê", True, True]


# Where the paper will be, at the moment of its release.
SEALED = """async ([connection, room]) => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { serverClock } = await import("/lib/time.js");
  const { PaperView } = await import("/pages/candidate/paper_view.js");
  serverClock.told("2026-11-23T01:00:00Z");
  const candidate = {
    paperState: signal("sealed"), connection: signal({ state: connection }), isAway: connection === "superseded",
    room: signal({ paper: {}, released_at: null, release_held: false, times: {}, ...room }),
  };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${PaperView} candidate=${candidate} />`, root);
  const told = [...root.querySelectorAll("h2, p")].map((one) => one.textContent);
  render(null, root);
  return told;
}"""
DUE, SOON = {"release_due_at": "2026-11-23T01:00:00Z"}, {"release_due_at": "2026-11-23T02:00:00Z"}
HELD = {**DUE, "release_held": True}
NO_INVIGILATOR = ["Đã đến giờ, chờ cán bộ coi thi phát đề", "Chưa có cán bộ coi thi trong phòng."]


@pytest.mark.parametrize(
    ("connection", "room", "says"),
    [
        ("connected", HELD, NO_INVIGILATOR),
        ("connected", DUE, ["Đã đến giờ phát đề", "Đề tự mở đúng giờ"]),
        ("lost", DUE, ["Đã đến giờ phát đề", "Trang này chưa kết nối được"]),
        ("waiting", HELD, ["Đã đến giờ phát đề", "Trang này chưa kết nối được"]),
        ("superseded", DUE, ["Đã đến giờ phát đề", "Phòng thi đang mở ở thẻ hoặc thiết bị khác"]),
        ("superseded", SOON, ["Đề thi đã ở trên máy, còn niêm phong", "Mở lúc 09:00:00", "Phòng thi đang mở"]),
        ("lost", SOON, ["Đề thi đã ở trên máy, còn niêm phong", "Mở lúc 09:00:00", "Đề tự mở đúng giờ"]),
    ],
)
async def test_no_page_says_of_the_staff_what_it_cannot_know(
    module_page: Page, connection: str, room: dict[str, object], says: list[str]
) -> None:
    told = await module_page.evaluate(SEALED, [connection, room])
    assert len(told) == len(says)
    assert [one[: len(begins)] for one, begins in zip(told, says, strict=True)] == says
