"""A socket acts for as long as the session and the assignment that opened it, and not a message longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from socketio.exceptions import ConnectionError as ConnectFailed

from proctor.rehearsal.page import Page, code
from proctor.sign_in import SESSION_HOURS
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    PASSWORD,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)


def other_tab(page: Page) -> Page:
    """A second page of the same browser."""
    tab = Page(page.url, page.role)
    for cookie in page.http.cookie_jar:
        tab.http.cookie_jar.update_cookies({cookie.key: cookie.value})
    return tab


async def open_exam(server: Server, clock: SteppedClock) -> Exam:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=10))
    return exam


async def test_signing_out_ends_every_tab_of_that_session_and_no_other(server: Server, clock: SteppedClock) -> None:
    exam = await open_exam(server, clock)
    async with (
        await invigilator_page(server) as first,
        other_tab(first) as second,
        await invigilator_page(server) as elsewhere,
    ):
        for page in (first, second, elsewhere):
            await page.join(exam.room)
        assert await second.post("/api/sign-out") == {}
        for page in (first, second):
            assert code(await page.hear("signed_out")) == "not_signed_in"
            assert page.socket is not None
            await page.socket.wait()  # the server closed it
            assert not page.socket.connected
            assert code(await page.join(exam.room)) == "not_signed_in"
        assert "error" not in await elsewhere.tell("send_message", to="room", text="Vẫn trong phòng.")
        live = server.house.rooms.get(exam.room)
        assert len(live.state.present) == 1
        await elsewhere.post("/api/sign-out")
        await elsewhere.hear("signed_out")
    assert live.state.present == frozenset()


async def test_a_signed_out_candidate_is_gone_from_the_room_at_once(server: Server, clock: SteppedClock) -> None:
    exam = await open_exam(server, clock)
    async with await invigilator_page(server) as desk, await candidate_page(server, exam, "001") as page:
        await desk.join(exam.room)
        await reach_lobby(page, exam.room)
        await page.post("/api/sign-out")
        gone = await desk.hear("sitting", lambda sitting: sitting["epoch"] == 1 and not sitting["connected"])
        assert gone["candidate"] == exam.candidates["001"]


async def test_a_ticket_of_a_session_that_ended_opens_nothing(server: Server, clock: SteppedClock) -> None:
    exam = await open_exam(server, clock)
    async with await invigilator_page(server) as page, other_tab(page) as tab:
        joined = await page.post(f"/api/rooms/{exam.room}/join")
        await tab.post("/api/sign-out")
        with pytest.raises(ConnectFailed):
            await page.open_socket(joined["ticket"])
    assert server.house.rooms.get(exam.room).state.present == frozenset()


async def test_a_socket_ends_when_the_time_of_its_session_does(server: Server, clock: SteppedClock) -> None:
    ends_at = MORNING + timedelta(hours=SESSION_HOURS)
    exam = await plan_exam(server, starts_at=ends_at + timedelta(minutes=10))
    async with await invigilator_page(server) as page:
        clock.jump_to(ends_at - timedelta(seconds=1))
        await page.join(exam.room)
        assert "error" not in await page.tell("send_message", to="room", text="Còn một giây.")
        clock.jump_to(ends_at)
        assert code(await page.hear("signed_out")) == "not_signed_in"
        assert code(await page.join(exam.room)) == "not_signed_in"


async def test_whoever_is_taken_off_a_room_leaves_it_at_once_and_the_room_is_alarmed(
    server: Server, clock: SteppedClock
) -> None:
    exam = await open_exam(server, clock)
    async with (
        await invigilator_page(server) as page,
        await candidate_page(server, exam, "001") as candidate,
        await office_page(server) as office,
    ):
        await page.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await admit(page, exam.candidates["001"])
        live = server.house.rooms.get(exam.room)
        other = {"name": "hai", "full_name": "Cán bộ Hai", "role": "invigilator", "password": PASSWORD}
        stand_in = (await office.post("/api/staff", other))["subject"]
        (taken_off,) = live.state.present
        staff = [person for person in live.state.staff if person != taken_off]
        assert "error" not in await office.put(f"/api/rooms/{exam.room}/staff", {"staff": [*staff, stand_in]})
        assert page.socket is not None
        await page.socket.wait()  # the server closed it
        assert code(await page.join(exam.room)) == "not_assigned"
        assert live.state.present == frozenset()
        assert live.state.unattended_since == clock.now()
