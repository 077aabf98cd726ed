"""Where the two regulations part before the candidate's eyes: the identity that is checked at the admission in regime B
(B5.5), to what the office refers those whose deadline the server missed: a make-up in A, a deferral in B; and before
the eyes of staff, whom help tells the articles."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import looked_at_by_axe
from tests.browser.chromium import new_page, picture, shared_chromium
from tests.browser.entering import (
    open_in_the_lobby,
    paper_is_open,
    saved_on_the_server,
    sign_in_staff,
    stage_is,
)
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import Server, office_page, plan_exam, running

pytestmark = pytest.mark.browser

VALUES = "(all) => all.map(({ value }) => value)"


OF_B = "B: Điều 21 khoản 3, Điều 22 khoản 2"


async def help_cites(page: Page, article: str) -> None:
    await page.get_by_text(f"(quy chế {article})").wait_for()


async def note_impersonation(desk: Page, candidate: str, sitter: str, published: str) -> None:
    """An invigilator notes it; help tells what asks for the one who sat, and for names to be published."""
    await desk.locator(f"[data-testid=tile][data-candidate={candidate}]").click()
    await desk.get_by_test_id("focus-flag").click()
    await desk.get_by_test_id("flag-impersonation").check()
    await help_cites(desk, sitter)
    await desk.get_by_test_id("flag-text").fill("Không rõ")
    await desk.get_by_test_id("flag-save").click()
    await desk.get_by_test_id("violation-confirm").first.click()
    await help_cites(desk, published)
    await desk.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("regime", "staff_entry", "support"),
    [("A", "A: Điều 14 khoản 2 điểm c", "A: Điều 14 khoản 2 điểm b"), ("B", OF_B, OF_B)],
)
async def test_help_before_an_exam_cites_its_own_regime(
    server: Server, regime: str, staff_entry: str, support: str
) -> None:
    exam = await plan_exam(server, candidates=1, regime=regime)
    async with await office_page(server) as planning:
        await planning.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "Sửa giờ"})
    errors: list[str] = []
    async with shared_chromium() as browser:
        office, unit = [await new_page(browser, errors) for _ in range(2)]
        await sign_in_staff(office, server, "office", "office")
        await office.get_by_test_id("exam-open").click()
        await office.get_by_test_id("exam-edit").click()
        await help_cites(office, staff_entry)
        await sign_in_staff(unit, server, "it_unit", "it_unit")
        await help_cites(unit, support)
    assert errors == []


@pytest.mark.parametrize(
    ("regime", "checks", "outcome", "told"),
    [
        ("A", ("eligibility", "camera"), "refer_to_makeup", "thi bổ sung, tính là thi lần 1"),
        pytest.param(
            "B", ("eligibility", "camera", "identity"), "refer_to_deferral", "ghi điểm I và thi ở đợt thi kế tiếp",
            marks=pytest.mark.long,  # its words are held by test_office_steers.py
        ),
    ],
)
async def test_who_is_admitted_as_the_regime_asks_and_cut_off_is_referred_as_it_says(
    tmp_path: Path, regime: str, checks: tuple[str, ...], outcome: str, told: str
) -> None:
    errors: list[str] = []
    clock = SteppedClock(MORNING, flowing=True)
    async with shared_chromium() as browser:
        page, desk, office = [await new_page(browser, errors) for _ in range(3)]
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server, candidates=1, regime=regime)
            clock.jump_to(exam.starts_at - timedelta(minutes=10))
            await sign_in_staff(desk, server, "invigilator", "invigilator")
            await desk.get_by_test_id("wall").wait_for()
            await open_in_the_lobby(page, server, exam, "001")

            # Every check that the regime needs, and none besides, stands between the lobby and the exam.
            await desk.get_by_test_id("admit").click()
            confirm = desk.get_by_test_id("admit-confirm")
            for check in checks:
                await expect(confirm).to_be_disabled()
                await desk.get_by_test_id(f"check-{check}").check()
            await picture(desk, f"admission-regime-{regime.lower()}")
            await confirm.click()
            await stage_is(page, "exam")
            made = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].checks
            assert set(made) == set(checks)
            of_a = ("A: Điều 25 khoản 1 điểm d", "A: Điều 14 khoản 2 điểm đ")
            articles = of_a if regime == "A" else ("B: Điều 35 khoản 2", OF_B)
            await note_impersonation(desk, exam.candidates["001"], *articles)
            clock.jump_to(exam.starts_at)
            await paper_is_open(page)
            await page.get_by_test_id("answer").fill("Câu 1.")
            await saved_on_the_server(page)
        clock.jump_to(exam.starts_at + timedelta(minutes=92))

        async with running(tmp_path, clock, listen=urlsplit(server.url).port or 0) as server:
            await page.get_by_test_id("held").wait_for()
            await sign_in_staff(office, server, "office", "office")
            await office.get_by_test_id("exam-open").click()
            await office.get_by_test_id("steer-open").click()
            outcomes = office.get_by_test_id("steer-outcome")
            offered = await outcomes.locator("option").evaluate_all(VALUES)
            assert offered == ["shift", "accept_saved", outcome], "the other regime's way is not offered"
            await outcomes.select_option(outcome)
            await office.get_by_test_id("steer-reason").fill("Máy chủ ngừng lúc hết giờ.")
            await office.get_by_test_id("steer-ok").click()
            await page.get_by_test_id("referred").get_by_text(told).wait_for()
            await page.get_by_test_id("held").wait_for(state="detached")
            assert await page.get_by_test_id("receipt").count() == 0
            assert await looked_at_by_axe(page, f"referred in regime {regime}") == []
            await picture(page, f"referred-regime-{regime.lower()}")
        assert errors == []
