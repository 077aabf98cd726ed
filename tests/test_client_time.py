"""What the clock of a candidate's own computer, or telephone, showed stands beside the server's time on the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proctor.rehearsal.page import code
from tests.support.clock import SteppedClock
from tests.support.house import Server, admit, candidate_page, invigilator_page, office_page, plan_exam, reach_lobby
from tests.support.tus import TUS
from tests.test_phones import link, paired, send

CLOCK = "Proctor-Client-Time"
BEHIND = "2001-01-01T00:00:00.000Z"
MINUTES = {"page": "2026-11-20T01:02:03.000Z", "phone": "2026-11-20T04:05:06.000Z"}


async def test_requests_of_a_candidate_and_its_telephone_say_what_their_own_clocks_show(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    async with await invigilator_page(server) as desk, await candidate_page(server, exam, "001") as page:
        page.http.headers[CLOCK] = MINUTES["page"]
        desk.http.headers[CLOCK] = BEHIND  # no fact of the exam is what staff's computers show
        clock.jump_to(exam.starts_at)
        await desk.join(exam.room)
        await reach_lobby(page, exam.room)
        await admit(desk, exam.candidates["001"])
        assert (await page.get(f"/api/rooms/{exam.room}/paper"))["status"] == 200
        kept = await send(page, exam.room, b"x")
        assert (await page.call("DELETE", f"/api/rooms/{exam.room}/files/{kept}", headers=TUS))["status"] == 204
        async with await paired(server, page, exam.room) as phone:
            phone.http.headers[CLOCK] = MINUTES["phone"]
            await send(phone, exam.room, b"y")
        assert code(await page.call("DELETE", f"/api/rooms/{exam.room}/phone")) is None
        clock.jump_to(exam.starts_at + timedelta(minutes=91))
        assert code(await send(page, exam.room, b"z")) == "kept_as_evidence"
    async with await office_page(server) as office:
        log = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
    told = [(each["kind"], each["data"]["client_time"]) for each in log if each["data"].get("client_time")]
    ours = MINUTES["page"]
    assert told == [
        ("candidate_joined", ours), ("photo_taken", ours), ("photo_taken", ours), ("paper_fetched", ours),
        ("file_received", ours), ("file_removed", ours), ("file_received", MINUTES["phone"]), ("phone_revoked", ours),
        ("late_file_kept", ours),
    ]  # fmt: skip


@pytest.mark.parametrize("told", ["9" * 41, "giờ"])
async def test_what_no_clock_shows_is_refused(server: Server, clock: SteppedClock, told: str) -> None:
    exam = await plan_exam(server, candidates=1)
    async with await candidate_page(server, exam, "001") as page:
        page.http.headers[CLOCK] = told
        assert code(await link(page, exam.room)) == "bad_request"
        page.http.headers[CLOCK] = "9" * 40
        assert code(await page.get("/api/me")) is None
