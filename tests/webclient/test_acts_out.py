"""Dialogs of staff whose act is out at a server that does not answer (pages/shared/working.js)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# Each is drawn, and its act begun, which waits for `answer()`; closing it counts in `left`.
DRAW = """async (which) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { signal } = await import("@preact/signals");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const styles = ["base", "console", "office", "invigilator"];
  await Promise.all(styles.map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  const act = () => new Promise((done) => { window.answer = done; });
  const sitting = { candidate: "c_1", number: "001", full_name: "Trần An", state: "admitted", checks: {}, asked: {},
    acts: {}, admitted_at: "2026-11-20T01:00:00Z", connected: true };
  const watched = { sittings: signal(new Map([["c_1", sitting]])), room: signal({ regime: "A" }),
    seats: signal(new Map()), streams: signal(new Map()), messages: signal([]), staff: signal([]),
    decisionsSeen: () => ({}), noteViolation: act, admit: act, sendMessage: act, wall: { carries: () => false },
    onScreen: { watch: () => {}, forget: () => {} }, photoLink: () => "data:," };
  const api = { delete: act, post: act, put: act, get: async () => ({ candidates: [] }) };
  const room = { room: "r_1", title: "Phòng 1", staff: [], candidates: [sitting], staff_edition: 1 };
  const times = { starts_at: "2036-12-20T01:00:00Z", release_at: "2036-12-20T01:00:00Z", working_minutes: 60,
    submit_by: "2036-12-20T02:00:00Z", end_at: "2036-12-20T02:05:00Z" };
  const rules = { upload_grace_minutes: 0 };
  const decided = { regime: "A", programme: "training", form: "written", basis: {}, rules };
  const exam = { exam: "e_1", title: "Nháp", rooms: [room], times, removable: "x", plan: decided };
  Object.assign(window, { left: 0, done: 0 });
  const done = () => { window.done += 1; };
  const props = { watched, api, room, exam, onClose: () => { left += 1; }, reload: async () => {},
    onDone: which === "codes_issue_dialog" ? () => {} : done, onRemoved: done, opening: { A: [], B: [] },
    candidate: which === "flag_dialog" ? "c_1" : sitting, candidates: ["c_1"], to: ["c_1"],
    others: [room], staff: [{ subject: "s_1", role: "invigilator", name: "a", full_name: "A", unit: "" }],
    person: { subject: "s_1", name: "a", full_name: "A" } };
  const folder = ["flag_dialog", "admit_dialog", "message_dialog"].includes(which) ? "invigilator" : "office";
  const parts = Object.values(await import(`/pages/${folder}/${which}.js`));
  const Part = parts.find((one) => typeof one === "function");
  window.root = document.body.appendChild(document.createElement("main"));
  window.undraw = () => render(null, root);
  render(html`<${Part} ...${props} />`, root);
}"""

OPEN = """[...document.querySelectorAll("dialog :is(input, select, textarea):enabled")]
  .map(({ outerHTML }) => outerHTML)"""
ACTS = {
    "flag_dialog": ["flag-phone", "flag-save"],
    "admit_dialog": ["check-eligibility", "check-camera", "admit-confirm"],
    "message_dialog": ["prepared-face", "message-send"],
    "remove_draft": ["draft-remove-ok"],
    "assign_dialog": ["assign-person", "assign-save"],
    "move_dialog": ["move-confirm"],
    "codes_issue_dialog": ["codes-issue-confirm"],
    "password_dialog": ["password-reset-confirm"],
    "clone_dialog": ["clone-confirm"],
    "exam_form": ["exam-create"],
    "plan_dialog": ["plan-save"],
}


@pytest.mark.parametrize("dialog", ACTS)
async def test_it_says_so_and_asks_before_it_is_closed(module_page: Page, dialog: str) -> None:
    page = module_page
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.evaluate(DRAW, dialog)
    field = page.get_by_test_id
    close = "plan-close" if dialog == "plan_dialog" else "dialog-close"
    for button in ACTS[dialog]:
        await field(button).click()
    await field("working").get_by_text("Đang gửi").wait_for()
    assert await page.evaluate(OPEN) == [], "what is changed now would be thrown away"
    for leave in (field(close).click, lambda: page.keyboard.press("Escape")):
        await leave()
        await field("still-out").wait_for()
        assert await page.evaluate("left") == 0
        await page.keyboard.press("Enter")  # waits
        await field("still-out").wait_for(state="detached")
    await field(close).click()
    await field("still-out-leave").click()
    assert await page.evaluate("left") == 1
    await page.evaluate("undraw()")  # something else may stand there when the answer comes
    await page.evaluate("answer({ candidates: [] })")
    await page.evaluate("new Promise((done) => setTimeout(done))")
    assert (await page.evaluate("[left, done]"), errors) == ([1, 0], []), "it leads nowhere from what stands there now"
