"""Photographs of candidates: every one that was taken stays to be looked at, by those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from proctor.analysis.picture import BLURRED, DARK
from proctor.exam.permissions import Role
from proctor.rehearsal.page import Page, code
from proctor.rehearsal.pictures import photo
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    sit_until_over,
)


async def taken_twice(server: Server, clock: SteppedClock) -> Exam:
    """The face of 001 is photographed, and anew when an invigilator asks."""
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    one = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await invigilator.tell("ask_again", candidate=one, subject="face", text="Quay lại camera.")
        assert "photo" in await page.put(f"/api/rooms/{exam.room}/photos/face", data=photo(1))
    return exam


async def test_what_was_measured_of_the_picture_of_the_device_check_is_kept_and_told_to_staff(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    one = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        told = await page.put(f"/api/rooms/{exam.room}/photos/camera", data=photo(1))
        assert code(told) is None, told
        measured = {name: told[name] for name in ("brightness", "sharpness")}
        assert measured["brightness"] > DARK and measured["sharpness"] > BLURRED
        await invigilator.hear("sitting", lambda shown: shown["candidate"] == one and shown["still"] == measured)
    async with await office_page(server) as office:
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
    (kept,) = [each["data"] for each in log if each["kind"] == "photo_taken" and each["data"]["subject"] == "camera"]
    assert measured.items() <= kept.items()


async def looked_at(page: Page, exam: Exam, number: str, name: str) -> Any:
    """The photograph, or the code of the refusal."""
    answer = await page.get(f"/api/rooms/{exam.room}/candidates/{exam.candidates[number]}/photos/{name}")
    return code(answer) if "error" in answer else answer["body"]


async def test_a_photograph_that_was_taken_anew_can_still_be_looked_at_also_after_the_end(
    server: Server, clock: SteppedClock
) -> None:
    exam = await taken_twice(server, clock)
    known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
    faces = [each.photo for each in known.photographs if each.subject == "face"]
    assert len(faces) == 2
    assert faces[-1] == known.photos["face"].photo
    await sit_until_over(server, clock, exam)
    async with Page(server.url, "inspector") as inspector, await office_page(server) as office:
        await inspector.sign_in("inspector", PASSWORD)
        assert [await looked_at(inspector, exam, "001", name) for name in faces] == [photo(0), photo(1)]
        assert await looked_at(inspector, exam, "002", faces[0]) == "not_found", "of somebody else"
        assert await looked_at(inspector, exam, "001", "f_0000000000000000") == "not_found"
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [event["kind"] for event in events].count("photos_viewed") == 1, "once in a quarter of an hour"


@pytest.mark.parametrize("role", ["supervisor", "tech_support", "training_office", "candidate"])
async def test_nobody_else_may_look(server: Server, clock: SteppedClock, role: str) -> None:
    exam = await taken_twice(server, clock)
    known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
    if role == Role.TRAINING_OFFICE:
        page = await office_page(server)
    elif role == Role.CANDIDATE:
        page = await candidate_page(server, exam, "001")
    else:
        page = Page(server.url, role)
        await page.sign_in(role, PASSWORD)
    async with page:
        refused = "not_handed_over" if role == Role.TRAINING_OFFICE else "forbidden"
        assert await looked_at(page, exam, "001", known.photographs[0].photo) == refused
