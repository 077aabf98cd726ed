"""A change of shift over real sockets: what has to be read, whose name the paper goes out in, an offer that lapses."""

from __future__ import annotations

from datetime import timedelta

from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Server,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)


async def test_who_took_the_shift_releases_the_paper_and_an_offer_ends_with_the_assignment(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    office = server.house.office
    other = (await office.create_staff(OPERATOR, "hai", "Nguyễn Thị Hai", "invigilator", PASSWORD)).staff
    live = server.house.rooms.get(exam.room)
    alone = list(live.state.staff)
    await office.assign_staff(OPERATOR, exam.room, [*alone, other])
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with (
        await invigilator_page(server) as first,
        Page(server.url, "invigilator") as second,
        await candidate_page(server, exam, "001") as candidate,
    ):
        assert "error" not in await second.sign_in("hai", PASSWORD)
        await first.join(exam.room)
        await second.join(exam.room)
        assert await first.tell("offer_shift", to=other, note="Về sớm") == {}
        told = await second.hear("staff", lambda told: told["shift"] is not None)
        unbriefed = ["briefing:rules", "briefing:submission"]
        assert told["shift"]["matters"] == unbriefed
        await reach_lobby(candidate, exam.room)  # meanwhile somebody waits, and writes
        written = await candidate.tell("write_message", text="Em chưa thấy mình trong danh sách")
        assert "error" not in written
        refused = await second.tell("take_shift", matters=told["shift"]["matters"])
        waits = [f"waiting:{exam.candidates['001']}", f"message:{live.state.messages[-1].message}", *unbriefed]
        assert (code(refused), refused["error"]["details"]) == ("matters_changed", {"matters": waits})
        assert await second.tell("take_shift", matters=waits[1:]) == {}
        clock.jump_to(exam.starts_at)
        await first.hear("room", lambda room: room["released_at"] is not None)

        assert await second.tell("offer_shift", to=(await first.get("/api/me"))["subject"]) == {}
        assert code(await second.tell("take_shift", matters=waits)) == "not_found"  # it was offered to the other
        me = (await first.get("/api/me"))["subject"]
        await office.assign_staff(OPERATOR, exam.room, [other, *(each for each in alone if each != me)])
        lapsed = await second.hear("staff", lambda told: told["shift_lapsed"] is not None)
        assert undescribed([*first.heard, *second.heard]) == []
        assert (lapsed["shift"], lapsed["shift_lapsed"]) == (
            None, {"by": other, "to": me, "full_name": "Cán bộ invigilator"},
        )  # fmt: skip
    async with await office_page(server) as asking:
        log = (await asking.get(f"/api/rooms/{exam.room}/events"))["events"]
    data = {event["kind"]: event["data"] for event in log}
    assert data["shift_taken"] == {"by": other, "matters": waits}
    assert data["paper_released"]["by"] == other
    assert data["shift_lapsed"] == {"by": other, "to": me}
