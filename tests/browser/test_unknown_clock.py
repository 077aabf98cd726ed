"""A page that is loaded without a network shows the server's clock as it was compared before, and none if it never was;
what the computer's own clock says closes nothing. The server's clock in this test is not that of the computer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proctor.ledger import tables
from tests.browser.chromium import new_page, until
from tests.browser.entering import at_work, saved_on_the_server, sign_in_candidate, stage_is

pytestmark = pytest.mark.browser

AHEAD = """(change) => new Promise((done) => {
  const opening = indexedDB.open('proctor');
  opening.onsuccess = () => {
    const store = opening.result.transaction('session', 'readwrite').objectStore('session');
    store.get('candidate').onsuccess = ({ target: { result: kept } }) => {
      if (!change) return done(kept?.ahead ?? null);
      store.put({ ...kept, ahead: null }, 'candidate').onsuccess = () => done(true);
    };
  };
})"""
FIGURES = "document.querySelector('[data-testid=countdown] strong')"


async def test_no_clock_is_shown_that_was_never_compared(tmp_path: Path) -> None:
    errors: list[str] = []
    async with at_work(tmp_path, opens_offline=True) as (page, server, clock, exam):
        browser = page.context.browser
        assert browser
        fresh = await new_page(browser, errors, opens_offline=True)
        await sign_in_candidate(fresh, server, "002", exam.codes["002"])
        await stage_is(fresh, "check")
        await until(fresh, "navigator.serviceWorker.ready.then(() => true)")
        await until(fresh, f"({AHEAD})(false).then((ahead) => ahead !== null)")
        await fresh.context.set_offline(True)
        await fresh.reload()
        shown = await fresh.get_by_test_id("server-clock").inner_text()
        assert shown[:2] == "10", f"the server's, not the computer's: {shown}"
        assert clock.now() >= exam.starts_at

        await page.context.set_offline(True)
        await page.get_by_test_id("offline-notice").wait_for()
        await page.reload()  # what an earlier page knew rests on this computer's own clock since
        await page.get_by_test_id("own-clock").get_by_text("theo giờ máy này").wait_for()
        await page.evaluate(AHEAD, True)
        await page.reload()
        await page.get_by_test_id("countdown").get_by_text("Chưa so được giờ với máy chủ").wait_for()
        assert await page.evaluate(f"{FIGURES} === null")
        await page.locator("#answer").fill("Viết tiếp, dù máy này nghĩ đã hết giờ.")
        assert await page.get_by_test_id("after-submit-by").count() == 0
        await page.context.set_offline(False)
        await until(page, f"/^1:2/.test({FIGURES}?.textContent)")
        await page.get_by_test_id("own-clock").wait_for(state="detached")

        # What the page reported keeps what its own computer's clock showed beside the server's time.
        await saved_on_the_server(page)
        entries = list(tables.read(server.house.rooms._engine, exam.room))
        for kind in ("paper_opened", "answer_saved"):
            told = next(entry for entry in reversed(entries) if entry.kind == kind)
            own = datetime.fromisoformat(json.loads(told.payload or b"")["client_time"])
            assert abs(datetime.now(UTC) - own) < timedelta(minutes=5), kind
            assert abs(told.at - own) > timedelta(minutes=5), f"{kind}: by another clock than the computer's"
    assert errors == []
