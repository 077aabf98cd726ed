"""One room under inspection, by itself: what it reads of a room that still runs, and when."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# A server that answers by itself, but for the held question, which is answered when the test lets something change.
PAGE = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/log_texts.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { Inspection } = await import("/pages/inspector/inspection.js");
  const asked = [], events = [], waiting = [];
  let count = 5;
  const answers = {
    join: () => ({ room_url: "" }), state: () => ({ room: { briefings: {}, lists_version: 0 }, sittings: [] }),
    recordings: () => ({ sittings: [] }),
    events: (after) => ({ events: events.filter(({ seq }) => seq > after), more: false }),
  };
  window.fetch = async (address) => {
    const { pathname, searchParams } = new URL(address, location.href);
    const what = pathname.split("/").at(-1), after = Number(searchParams.get("after"));
    asked.push(what);
    if (what === "changes" && after === count) await new Promise((resolve) => waiting.push(resolve));
    const told = what === "changes" ? { count } : answers[what](after);
    return new Response(JSON.stringify(told), { headers: { "Content-Type": "application/json" } });
  };
  const later = window.setTimeout;
  const asking = async (what, times) => {
    for (let tries = 0; asked.filter((one) => one === what).length < times; tries += 1) {
      if (tries > 500) throw new Error(`${what} was not asked`);
      await new Promise((resolve) => later(resolve, 10));
    }
  };
  window.setTimeout = (act, ms, ...given) => ms === 4000 ? 0 : later(act, ms, ...given); // nothing comes by waiting
  const root = document.body.appendChild(document.createElement("main"));
  const known = { room: "r_1", title: "Phòng 1", exam_title: "Thi" };
  render(html`<${Inspection} me=${{ subject: "s_1", full_name: "Thanh tra" }} known=${known} />`, root);
  await asking("changes", 2);
  const before = asked.splice(0);
  const data = { material: "m_1", nature: "correction", title: "Câu 2" };
  events.push({ seq: 1, kind: "material_given", at: new Date().toISOString(), data });
  count += 1;
  waiting[0]();
  await asking("changes", 1);
  const meanwhile = asked.splice(0);
  render(null, root);
  window.setTimeout = later;
  return [before.sort(), meanwhile.sort()];
}"""


async def test_the_log_and_the_room_are_read_when_the_server_tells_of_a_change_the_recordings_by_themselves(
    module_page: Page,
):
    before, meanwhile = await module_page.evaluate(PAGE)
    assert before == ["changes", "changes", "events", "join", "recordings", "state"]
    assert meanwhile == ["changes", "events", "state"]


PRESENT = """async (events) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/log_texts.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { EventList } = await import("/pages/inspector/event_list.js");
  const { known } = await import("/pages/inspector/sentences.js");
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${EventList} events=${events} isWhole it=${known(events)} />`, root);
  return [...root.querySelectorAll("[data-testid=present]")].map((one) => one.querySelector("p").textContent);
}"""


async def test_who_was_present_at_a_briefing_is_read_by_name_beside_it(module_page: Page) -> None:
    """A14.2c.3, A14.2c.4"""
    events: list[dict[str, object]] = [
        {"kind": "candidate_enrolled", "candidate": f"c_{number}", "data": {"number": f"0{number}", "full_name": name}}
        for number, name in ((1, "An"), (2, "Bình"), (3, "Chi"))
    ]
    events += [
        {"kind": "briefing_held", "data": {"topic": "rules", "present": present, "by": "s"}}
        for present in (["c_3", "c_1"], [])
    ]
    read = [{"at": "2026-11-23T02:00:00Z", "seq": seq, **each} for seq, each in enumerate(events, 1)]
    assert await module_page.evaluate(PRESENT, read) == ["01 An, 03 Chi"]
