"""The admission: the queue with the card beside the live face, and many at once, each compared and each chosen."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from proctor.rehearsal.client import SyntheticPublisher
from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import LOOK, new_page, picture, shared_chromium, until
from tests.browser.entering import open_room, sending, sign_in_staff
from tests.support.house import candidate_page, reach_lobby

pytestmark = pytest.mark.browser

LOADED = "[...document.querySelectorAll('{} img')].filter((one) => one.naturalWidth > 100).length"


async def test_many_are_admitted_but_for_the_one_who_does_not_match(tmp_path: Path) -> None:
    errors: list[str] = []
    for person in range(3):
        SyntheticPublisher(person)  # before anybody waits: it draws their pictures
    async with contextlib.AsyncExitStack() as stack:
        server, _clock, exam, _invigilator = await stack.enter_async_context(open_room(tmp_path, candidates=4))
        for person, number in enumerate(("001", "002", "003")):
            page = await stack.enter_async_context(await candidate_page(server, exam, number))
            await reach_lobby(page, exam.room)
            await stack.enter_async_context(sending(page, person))
        browser = await stack.enter_async_context(shared_chromium())
        live = server.house.rooms.get(exam.room)
        one, two, three, absent = exam.candidates.values()
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")

        # In the queue everybody's card stands beside the live face.
        await until(desk, f"{LOADED.format('[data-testid=queue-entry]')} === 3")
        entry = f"[data-testid=queue-entry][data-candidate={three}]"
        await until(desk, f"({LOOK})('{entry} video')?.contrast > 10")
        assert await desk.locator(f"{entry} [data-testid=photo-card]").count() == 1
        await picture(desk, "queue-cards")

        # One row each, with live face, face and card.
        await desk.get_by_test_id("admit-all").click()
        rows = desk.get_by_test_id("admit-row")
        assert await rows.count() == 3
        await until(desk, f"{LOADED.format('[data-testid=admit-row]')} === 6")
        for candidate in (one, two, three):
            row = f"[data-testid=admit-row][data-candidate={candidate}]"
            await until(desk, f"({LOOK})('{row} video')?.contrast > 10")
            assert await desk.locator(f"{row} :is([data-testid=photo-face], [data-testid=photo-card])").count() == 2
        assert await desk.get_by_test_id("admit-confirm").is_disabled()

        # Stated for all, taken back for one: that one stays in the lobby, with no check on the log.
        for check in ("eligibility", "camera"):
            await desk.get_by_test_id(f"check-{check}").check()
        await desk.locator(f"[data-testid=admit-row][data-candidate={one}]").get_by_test_id("row-identity").check()
        await desk.locator(f"[data-testid=admit-row][data-candidate={two}]").get_by_test_id("row-camera").uncheck()
        assert await desk.get_by_test_id("admit-left-out").inner_text() == "Ở lại phòng chờ: 002"
        assert "(2)" in await desk.get_by_test_id("admit-confirm").inner_text()
        faults = await looked_at_by_axe(desk, "admit-many")
        await picture(desk, "admit-many")
        await desk.set_viewport_size({"width": 390, "height": 844})
        await picture(desk, "admit-many-phone")
        await desk.set_viewport_size({"width": 1366, "height": 768})
        await desk.get_by_test_id("admit-confirm").click()
        await until(desk, "document.querySelectorAll('[data-testid=queue-entry]').length === 1")
        states = {known.candidate: (known.state.value, sorted(known.checks)) for known in live.state.sittings.values()}
        assert states == {
            one: ("admitted", ["camera", "eligibility", "identity"]), two: ("waiting", []),
            three: ("admitted", ["camera", "eligibility"]), absent: ("expected", []),
        }  # fmt: skip
        assert await desk.get_by_test_id("overtaken").count() == 0
        assert faults == []
    assert errors == []


async def test_what_is_not_in_order_is_recorded_before_the_admission_and_lifted_knowingly(tmp_path: Path) -> None:
    errors: list[str] = []
    async with (
        open_room(tmp_path, candidates=1) as (server, _clock, exam, colleague),
        await candidate_page(server, exam, "001") as page,
        shared_chromium() as browser,
    ):
        await reach_lobby(page, exam.room)
        candidate = exam.candidates["001"]
        desk = await new_page(browser, errors)
        await sign_in_staff(desk, server, "invigilator", "invigilator")
        await desk.get_by_test_id("queue-entry").get_by_test_id("admit").click()
        dialog = desk.get_by_test_id("admit-dialog")
        await dialog.get_by_test_id("check-again").click()
        await desk.get_by_test_id("recheck-eligibility").check()
        await desk.get_by_test_id("found-failed").check()
        await desk.get_by_test_id("reason").fill("Chưa có trong danh sách đủ điều kiện")
        await desk.get_by_test_id("reason-ok").click()
        await dialog.locator("[data-testid=found-eligibility][data-passed=false]").wait_for()
        await picture(desk, "admit-not-in-order")

        # A colleague finds something else while this one is about to admit: that is not lifted unawares.
        failed = {"check": "camera", "passed": False, "reason": "Camera quay lên trần"}
        for check in ("eligibility", "camera"):
            await dialog.get_by_test_id(f"check-{check}").check()
        assert "error" not in await colleague.tell("check", candidate=candidate, **failed)
        await dialog.locator("[data-testid=found-camera][data-passed=false]").wait_for()
        await dialog.get_by_test_id("admit-confirm").click()
        await desk.get_by_test_id("overtaken").get_by_text("Camera quay lên trần").wait_for()
        assert server.house.rooms.get(exam.room).state.sittings[candidate].state.value == "waiting"

        # Having seen both, the invigilator admits.
        await desk.get_by_test_id("queue-entry").get_by_test_id("admit").click()
        for check in ("eligibility", "camera"):
            await dialog.get_by_test_id(f"check-{check}").check()
        await dialog.get_by_test_id("admit-confirm").click()
        await page.hear("me", lambda me: me["state"] == "admitted")
        assert all(made.passed for made in server.house.rooms.get(exam.room).state.sittings[candidate].checks.values())
    assert errors == []
