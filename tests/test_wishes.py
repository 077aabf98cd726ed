"""Extra minutes that candidates ask for on the roster, granted by the office in one act (A5.3)."""

from __future__ import annotations

from datetime import timedelta

from proctor.rehearsal.page import code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.house import Server, candidate_page, invigilator_page, office_page, plan_exam

ROSTER = "số báo danh,họ và tên,số phút thêm đề nghị\n101,Thí sinh A,10\n102,Thí sinh B,5\n103,Thí sinh C,\n"


async def test_wishes_are_granted_together_or_not_at_all(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=1)
    async with await office_page(server) as office, await invigilator_page(server) as invigilator:
        imported = await office.call("POST", f"/api/rooms/{exam.room}/roster", data=ROSTER.encode())
        rows = {row["number"]: row for row in imported["candidates"]}
        a, b, c = (rows[number]["candidate"] for number in ("101", "102", "103"))
        exam.codes["101"], exam.candidates["101"] = rows["101"]["code"], a
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        async with await candidate_page(server, exam, "101") as page:
            await page.join(exam.room)
            path = f"/api/rooms/{exam.room}/extra-time/wishes"

            def asked(*candidates: str, move_end: bool = False) -> dict[str, object]:
                return {"candidates": list(candidates), "reason": "quyết định 7", "move_end": move_end}

            live = server.house.rooms.get(exam.room)
            assert code(await office.post(path, asked(a, c))) == "no_wish"
            assert code(await office.post(path, asked(a, b))) == "beyond_the_end"  # ten minutes, and the end is in five
            assert all(known.extra_minutes == 0 for known in live.state.sittings.values())
            assert code(await office.post(path, asked(a, b, move_end=True))) is None
            assert [live.state.sittings[one].extra_minutes for one in (a, b, c)] == [10, 5, 0]
            submit_by = exam.starts_at + timedelta(minutes=90)
            assert live.state.schedule.end_at == submit_by + timedelta(minutes=10)
            me = await page.hear("me", lambda me: me["extra_minutes"] == 10)
            assert me["deadline"] == moment(submit_by + timedelta(minutes=10))
            before = live.state.seq
            assert code(await office.post(path, asked(a, b))) is None  # said again: nothing more is given
            assert live.state.seq == before
            log = await office.get(f"/api/rooms/{exam.room}/events")
            granted = [each for each in log["events"] if each["kind"] == "extra_time_granted"]
            assert [each["data"]["reason"] for each in granted] == ["quyết định 7"] * 2
