"""The marks on the seek bar of a replay: how grave each is shows without colours, and in words."""

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

SHOWN = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  await import("/pages/shared/log_texts.js");
  const { known } = await import("/pages/inspector/sentences.js");
  const { Timeline } = await import("/pages/inspector/timeline.js");
  const styled = ["base", "console", "event_list", "inspector"].map((name) => new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: resolve });
    document.head.append(link);
  }));
  await Promise.all(styled);
  document.body.className = "inspector";
  const noted = (violation) => ["violation_noted", { violation, category: "phone", text: "Cầm máy", by: "s_1" }];
  const decided = (violation, status) => ["violation_decided", { violation, status, reason: "", by: "s_1" }];
  const log = [
    ["admitted", { by: "s_1" }], ["candidate_disconnected", {}], ["room_unattended", {}], ["sitting_suspended", { reason: "ồn", by: "s_1" }],
    noted("v_1"), noted("v_2"), noted("v_3"), decided("v_2", "confirmed"), decided("v_3", "dismissed"),
  ];
  const from = Date.parse("2026-11-20T01:00:00Z");
  const events = log.map(([kind, data], index) => ({ seq: index + 1, kind, candidate: "c_1", at: new Date(from + 60_000 * (index + 1)).toISOString(), data }));
  const root = document.body.appendChild(document.createElement("main"));
  const manifest = { segments: [{ id: 1, start_ms: from, duration_ms: 300_000 }], gaps: [] };
  render(html`<${Timeline} manifest=${manifest} from=${from} to=${from + 600_000} now=${from} events=${events} it=${known(events)} candidate="c_1" />`, root);
  const form = (mark) => {
    const { width, height, borderRadius, transform, bottom, backgroundImage, backgroundColor, borderColor } = getComputedStyle(mark);
    return [width, height, borderRadius, transform, bottom, backgroundImage !== "none", backgroundColor === borderColor].join(" ");
  };
  const marks = [...root.querySelectorAll("[data-testid=mark]")];
  return {
    forms: Object.fromEntries(marks.map((mark) => [mark.dataset.level, form(mark)])), titles: marks.map(({ title }) => title),
    legend: [...root.querySelectorAll("[data-testid=legend] li")].map((one) => one.textContent.trim()),
  };
}"""  # noqa: E501
LEVELS = {"ordinary", "technical", "alarm", "measure", "reported", "confirmed", "dismissed"}


async def test_every_level_has_a_form_of_its_own_a_sentence_and_a_place_in_the_legend(module_page: Page):
    shown = await module_page.evaluate(SHOWN)
    assert shown["forms"].keys() == LEVELS
    assert len(set(shown["forms"].values())) == len(LEVELS), shown["forms"]
    assert shown["titles"][1].startswith("08:02:00 Kỹ thuật, không phải vi phạm: "), shown["titles"]
    assert all(": " in title and title[-1] != " " for title in shown["titles"])
    assert "08:05:00 Ghi nhận chờ xác nhận: s_1 ghi nhận: Dùng điện thoại. Cầm máy" in shown["titles"]
    assert shown["legend"] == [
        "Diễn biến thông thường", "Vi phạm đã xác nhận", "Ghi nhận chờ xác nhận", "Ghi nhận đã bỏ",
        "Kỹ thuật, không phải vi phạm", "Việc của phòng thi", "Biện pháp của cán bộ",
    ]  # fmt: skip
    for name, width, height in (("marks", 1366, 768), ("marks-phone", 390, 844)):
        await module_page.set_viewport_size({"width": width, "height": height})
        await picture(module_page, name)
