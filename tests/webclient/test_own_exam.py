"""What a candidate's exam page says of a submission under way and of another device that asks, how it writes a name,
and when closing lists were seen (pages/candidate)."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# The dialog over the deadline: `said` is what stands in it, each time it changed.
SUBMITTED = """async (code) => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  const { Submit } = await import("/pages/candidate/submit.js");
  let answer;
  const readOnly = signal(null), submissionSent = signal(false);
  const candidate = {
    grace: 0, held: false, submit: () => new Promise((done, failed) => { answer = failed; }),
    work: {
      answer: signal({ text: "Viết.", dirty: true, excess: 0 }), readOnly, submissionSent, filesInOrder: () => [],
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
  submissionSent.value = true;
  while ((await there("submit-busy")).textContent === told[0]) await new Promise((done) => setTimeout(done, 5));
  told.push((await there("submit-busy")).textContent);
  readOnly.value = code;
  told.push((await there("submit-waiting")).textContent, root.querySelector("[data-testid=submit-over]"));
  submissionSent.value = false;
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
    assert told == ["Đang nộp bài… Xin đừng đóng trang.", True, None, waiting, waiting, None, True, None]


# What is done before a submission goes out, and whether it is said to be sent by then.
GOES_OUT = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const candidate = new Candidate({ room: "r", subject: "c" });
  candidate.link.start = () => {};
  await candidate.open();
  candidate.link.joined = { epoch: 1 };
  const { work } = candidate, told = [];
  const tells = (name, answer) => async () => { told.push([name, work.submissionSent.value]); return answer; };
  work.answers.flush = tells("saves", true);
  work.named = tells("hashes", []);
  candidate.link.request = async () => { throw await tells("submits", { code: "timeout" })(); };
  const { code } = await candidate.submit().catch((error) => error);
  return [...told, [code, work.submissionSent.value]];
}"""


async def test_a_submission_is_said_to_be_sent_from_when_it_goes_out_until_it_is_answered(module_page: Page) -> None:
    told = await asyncio.wait_for(module_page.evaluate(GOES_OUT), 10)
    assert told == [["saves", False], ["hashes", False], ["submits", True], ["timeout", False]]


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
