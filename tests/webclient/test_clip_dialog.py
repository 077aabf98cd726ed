"""The recording of a violation, as who runs the room looks at it (pages/invigilator/clip_dialog.js)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.chromium import picture

pytestmark = pytest.mark.browser

# What `watched.clip` answers is `window.clip`; each part is a picture made here, of eight seconds.
DRAW = """async () => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { ClipDialog } = await import("/pages/invigilator/clip_dialog.js");
  await Promise.all(["base", "console", "invigilator"].map((name) => new Promise((done) => document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/styles/${name}.css`, onload: done })))));
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const paint = canvas.getContext("2d");
  const drawing = setInterval(() => { paint.fillStyle = `hsl(${Date.now() / 10 % 360} 80% 50%)`;
    paint.fillRect(0, 0, 320, 180); }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
  const data = new Promise((done) => { recorder.ondataavailable = (event) => done(event.data); });
  recorder.start();
  await new Promise((done) => setTimeout(done, 1500));
  recorder.stop();
  const webm = URL.createObjectURL(await data);
  clearInterval(drawing);
  window.clip = { from: "2026-11-23T03:00:10.000Z", to: "2026-11-23T03:01:30.000Z", parts: [], gaps: [],
    recorded: true, recording: true, awaited: true };
  window.part = (name, from, to) => ({ url: `${webm}#${name}`, started_at: `2026-11-23T03:${from}.000Z`,
    ended_at: `2026-11-23T03:${to}.000Z` });
  window.asked = 0;
  const watched = { clip: async () => { asked += 1; return structuredClone(clip); },
    link: { api: { link: (url) => url } } };
  window.closed_by = 0;
  render(html`<${ClipDialog} watched=${watched} violation="v" name="001 Trần An"
    onClose=${() => { closed_by += 1; }} />`, document.body.appendChild(document.createElement("main")));
}"""


async def test_it_waits_for_the_recording_and_begins_where_the_violation_does(module_page: Page) -> None:
    page = module_page
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.clock.install()
    await page.evaluate(DRAW)
    field = page.get_by_test_id
    await field("clip-unfinished").get_by_text("khoảng một phút").wait_for()
    assert await field("clip-video").count() == 0
    await page.evaluate("clip.parts = [part('one', '00:09', '01:00')]")
    await page.clock.fast_forward(10_000)
    await field("clip-video").wait_for()
    await field("clip-unfinished").get_by_text("Phần cuối").wait_for()
    begins = "document.querySelector('[data-testid=clip-video]').currentTime"
    await page.wait_for_function(f"{begins} >= 1")  # a second of the first part came before
    parts = "[part('one', '00:09', '01:00'), part('two', '01:00', '01:40')]"
    await page.evaluate(f"Object.assign(clip, {{ parts: {parts}, awaited: false }})")
    await page.clock.fast_forward(10_000)
    await field("clip-unfinished").wait_for(state="detached")
    asked = await page.evaluate("asked")
    shown = await field("clip-part").all_inner_texts()
    assert shown == ["10:00:10", "10:01:00"]
    await field("clip-part").nth(1).click()
    await page.wait_for_function("document.querySelector('[data-testid=clip-video]').src.endsWith('#two')")
    assert await field("clip-gap").count() == 0
    await field("clip-span").get_by_text("Từ 10:00:10 đến 10:01:30").wait_for()
    await picture(page, "clip-dialog")
    await page.clock.fast_forward(30_000)
    assert await page.evaluate("asked") == asked, "what is whole is asked for once"
    await page.keyboard.press("Escape")
    assert await page.evaluate("closed_by") == 1


async def test_what_is_missing_is_told_with_its_times_and_why(module_page: Page) -> None:
    page = module_page
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.clock.install()
    await page.evaluate(DRAW)
    await page.evaluate("""Object.assign(clip, { awaited: false, parts: [part("one", "00:30", "00:47"),
      part("two", "01:09", "01:29")], gaps: [
      { from: "2026-11-23T03:00:10.000Z", to: "2026-11-23T03:00:30.000Z", missing: ["picture"], cause: "no_media" },
      { from: "2026-11-23T03:00:47.000Z", to: "2026-11-23T03:01:09.000Z", missing: ["picture", "sound"],
        cause: "connection" }] })""")
    await page.clock.fast_forward(10_000)
    gaps = page.get_by_test_id("clip-gap")
    await gaps.nth(1).wait_for()
    assert await gaps.all_inner_texts() == [
        "Không có hình từ 10:00:10 đến 10:00:30: trang của thí sinh không gửi.",
        "Không có hình và tiếng từ 10:00:47 đến 10:01:09: thí sinh mất kết nối.",
    ]
    await picture(page, "clip-gaps-phone")


async def test_what_is_of_another_time_is_not_played(module_page: Page) -> None:
    """A segment goes on for up to a minute after what belongs to the violation."""
    page = module_page
    await page.clock.install()
    await page.evaluate(DRAW)
    until = "2026-11-23T03:00:31.000Z"
    one = "[part('one', '00:30', '01:00')]"
    await page.evaluate(f"Object.assign(clip, {{ awaited: false, to: '{until}', parts: {one} }})")
    await page.clock.fast_forward(10_000)
    await page.get_by_test_id("clip-video").wait_for()
    place = "document.querySelector('[data-testid=clip-video]')"
    await page.wait_for_function(f"{place}.paused && {place}.currentTime > 0.9")
    assert await page.evaluate(f"{place}.currentTime") == pytest.approx(1.0, abs=0.1)
    await page.evaluate(f"{place}.currentTime = 1.4")
    await page.wait_for_function(f"Math.abs({place}.currentTime - 1) < 0.1")


@pytest.mark.parametrize(("recorded", "told"), [(True, "không có ghi hình"), (False, "chưa được cho vào phòng thi")])
async def test_what_was_never_recorded_is_not_waited_for(module_page: Page, recorded: bool, told: str) -> None:
    page = module_page
    await page.clock.install()
    await page.evaluate(DRAW)
    await page.get_by_test_id("clip-unfinished").get_by_text("khoảng một phút").wait_for()
    await page.evaluate("(recorded) => Object.assign(clip, { recorded, recording: false, awaited: false })", recorded)
    await page.clock.fast_forward(10_000)
    await page.get_by_test_id("clip-unfinished").get_by_text(told).wait_for()
    await page.clock.fast_forward(60_000)
    assert await page.evaluate("asked") == 2
