"""What a page does with the text that the server did not have when nothing is saved from it any more, and what it says
(candidate/hand_over.js, candidate/late_text.js)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# A candidate's page whose text is not with the server; `says` is what the server answers to each request in turn: the
# code of a refusal, "network", or null for the acknowledgement. What is put off comes when nothing else is to be done.
HAND_OVER = """async ([state, says, replaced]) => {
  const { HandOver, notTaken } = await import("/pages/candidate/hand_over.js");
  const WORDS = "Viết khi mất mạng.", asked = [], kept = [], closing = new AbortController();
  const answers = {
    state: { readOnly: "after_submit_by", lateAt: null, excess: 0, localAt: 0, text: WORDS, ...state },
    flush: async () => true, unsent: { base_revision: 1, text: WORDS },
    handed: async (text) => { answers.state = { ...answers.state, handed: text === WORDS }; },
    keptLate: async (text, at) => { kept.push(text); answers.state = { ...answers.state, lateAt: at }; },
  };
  const post = async (path) => {
    const code = says[asked.push(path.split("/").pop()) - 1];
    if (code) throw { code, isNetwork: code === "network", status: code === "network" ? 0 : 409 };
    return { received_at: "11:31" };
  };
  const link = { api: { post }, path: "/r" };
  const candidate = { connection: { value: { state: "connected" } }, work: { answers }, link };
  const { setTimeout: wait } = window, later = [];
  window.setTimeout = (act) => later.push(act);
  notTaken.value = null;
  const over = new HandOver(candidate, closing.signal);
  await over.hand(replaced);
  while (later.length > 0) {
    later.shift()();
    await new Promise((done) => wait(done));
  }
  await over.hand(replaced); // as at the next word from the room
  window.setTimeout = wait;
  closing.abort();
  return [asked, kept.length, notTaken.value === WORDS, Boolean(answers.state.handed)];
}"""
LATE = "late-text"


@pytest.mark.parametrize(
    ("state", "says", "replaced", "asked", "kept", "refused"),
    [
        ({}, ["network", "room_held", "not_late", None], False, [LATE] * 4, 1, False),
        ({}, ["room_ended"], False, [LATE], 0, True),
        ({}, ["nothing_late"], False, [LATE], 0, False),
        ({"readOnly": "held"}, [], False, [], 0, False),
        ({"readOnly": None}, [], False, [], 0, False),
        ({"lateAt": "11:31"}, [], False, [], 0, False),
        ({"excess": 1}, [], False, [], 0, True),
        ({"readOnly": "superseded"}, ["network", None, None], True, ["words"] * 3, 0, False),
        ({"readOnly": "superseded"}, ["after_submit_by", None, "referred"], True, ["words", LATE, "words"], 1, False),
        ({"readOnly": "superseded"}, ["already_submitted"] * 4, True, ["words", LATE, "words"], 0, True),
        ({"readOnly": "superseded"}, ["room_ended"] * 2, True, ["words"] * 2, 0, False),
    ],
)
async def test_it_is_offered_until_the_server_has_it_or_refuses_it(
    module_page: Page, state: dict[str, Any], says: list[str | None], replaced: bool, asked: list[str], kept: int,
    refused: bool,
) -> None:  # fmt: skip
    handed = (replaced and says[-1] is None) or says == ["nothing_late"]
    assert await module_page.evaluate(HAND_OVER, [state, says, replaced]) == [asked, kept, refused, handed]


SAID = """async ([answer, lateTexts, phase, refused, state]) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { LateText } = await import("/pages/candidate/late_text.js");
  const { notTaken } = await import("/pages/candidate/hand_over.js");
  notTaken.value = refused;
  const root = document.body.appendChild(document.createElement("main"));
  const candidate = {
    work: { answer: { value: answer } }, sitting: { value: { late_texts: lateTexts } }, room: { value: { phase } },
    connection: { value: { state } },
  };
  render(html`<${LateText} candidate=${candidate} framed />`, root);
  const text = root.textContent;
  render(null, root);
  return text;
}"""
OVER = {"dirty": True, "text": "Viết.", "readOnly": "after_submit_by"}
KEPT = [{"received_at": "2026-11-23T04:31:00.000Z"}]


@pytest.mark.parametrize(
    ("answer", "late", "phase", "refused", "says"),
    [
        (OVER, [], "after", None, "trang tự gửi"),
        (OVER, [], "after", "Viết.", "chỉ còn trên máy này"),
        (OVER, [], "ended", None, "vì buổi thi đã kết thúc"),
        (OVER, [], "signed out", None, "hãy đăng nhập lại để trang gửi"),
        ({**OVER, "excess": 1}, [], "after", "Viết.", "dài quá 200.000 ký tự"),
        (OVER, KEPT, "after", None, "11:31:00, được giữ làm bằng chứng, không tính là bài nộp"),
        (OVER, KEPT, "ended", None, "không tính là bài nộp"),
        ({**OVER, "dirty": False}, [], "after", None, ""),
        ({**OVER, "text": " "}, [], "after", None, ""),
        ({**OVER, "readOnly": None}, KEPT, "writing", None, ""),
    ],
)
async def test_the_page_says_what_became_of_it(
    module_page: Page, answer: dict[str, Any], late: list[Any], phase: str, refused: str | None, says: str
) -> None:
    phase, state = ("after", "signed_out") if phase == "signed out" else (phase, "connected")
    told = await module_page.evaluate(SAID, [answer, late, phase, refused, state])
    assert says in told
    assert bool(told) == bool(says)


UNSENT = """async (lateAt) => {
  const { signal } = await import("@preact/signals");
  const { Work } = await import("/pages/candidate/work.js");
  const work = new Work(signal([]));
  work.answers = { state: { text: "Viết.", dirty: true, setAside: [], lateAt } };
  return work.unsent({ awaited: [], missing: false }).text;
}"""


@pytest.mark.parametrize(("late_at", "stays"), [(None, 5), ("11:31", 0)])
async def test_beside_collected_work_it_stays_here_until_the_server_keeps_it(
    module_page: Page, late_at: str | None, stays: int
) -> None:
    assert await module_page.evaluate(UNSENT, late_at) == stays


LEFT = """async ([receipt, answer]) => {
  const { openStore } = await import("/lib/store.js");
  const { forgetLeftovers } = await import("/pages/candidate/entrance_memory.js");
  const store = await openStore();
  const identity = { room: "r", subject: "c" };
  await store.put("session", { identity, sitting: { state: "submitted" }, receipt }, "candidate");
  await store.put("answer", { text: "Viết.", dirty: true, set_aside: [], ...answer }, "r/c");
  await store.put("upload", { unwanted: "/api/rooms/r/files/f_1", work: true }, "r/c/1");
  await forgetLeftovers(false);
  const left = await store.get("answer", "r/c");
  store.close();
  return left?.text ?? "";
}"""
COLLECTED: dict[str, Any] = {"awaited": []}
ASIDE = {"text": "Chữ khác.", "at": 0}


@pytest.mark.parametrize(
    ("receipt", "answer", "left"),
    [
        (COLLECTED, {}, "Viết."),
        (COLLECTED, {"late": {"text": "Viết", "at": ""}}, "Viết."),
        (COLLECTED, {"late": {"text": "Viết.", "at": ""}}, ""),
        (COLLECTED, {"handed": "Viết"}, "Viết."),
        (COLLECTED, {"handed": "Viết."}, ""),
        (COLLECTED, {"dirty": False, "set_aside": [{**ASIDE, "origin": "here"}]}, ""),
        (None, {}, "Viết."),  # handed in at another device
        (None, {"handed": "Viết."}, ""),
        (None, {"dirty": False, "set_aside": [{**ASIDE, "origin": "here"}]}, "Viết."),
        (None, {"dirty": False, "set_aside": [{**ASIDE, "origin": "server"}]}, ""),
    ],
)
async def test_a_page_that_opens_later_erases_it_only_when_the_server_keeps_it(
    module_page: Page, receipt: dict[str, Any] | None, answer: dict[str, Any], left: str
) -> None:
    assert await module_page.evaluate(LEFT, [receipt, answer]) == left


# The place was taken from this page, and then the time is over: as its own timer and the room's words have it look.
SUPERSEDED = """async () => {
  const { Candidate } = await import("/pages/candidate/controller.js");
  const { serverClock } = await import("/lib/time.js");
  const candidate = new Candidate({ room: "r", subject: "c" });
  candidate.link.start = () => {};
  await candidate.open();
  const is = (state) => candidate.link.emit("state", { state, refusal: null });
  serverClock.told("2026-11-23T04:00:00.000Z");
  candidate.room.value = { phase: "open", released_at: "2026-11-23T01:00:00Z" };
  candidate.sitting.value = { state: "admitted", suspended: null, deadline: "2026-11-23T03:30:00Z" };
  is("superseded");
  candidate.work.settle();
  const told = [candidate.work.readOnly.value];
  candidate.link.start = () => is("lost");
  await candidate.useHere();
  return [...told, candidate.work.readOnly.value];
}"""


async def test_a_page_whose_place_was_taken_says_nothing_of_a_deadline_until_it_takes_it_back(
    module_page: Page,
) -> None:
    assert await module_page.evaluate(SUPERSEDED) == ["superseded", "after_submit_by"]
