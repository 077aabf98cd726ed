"""What the training office does is done whole, or not at all."""

from __future__ import annotations

from proctor.rehearsal.page import code
from tests.support.commits import FailingCommit
from tests.support.house import Server, office_page, plan_exam

ROSTER = "số báo danh,họ và tên\n101,Thí sinh 101\n102,Thí sinh 102\n".encode()


async def test_a_roster_whose_log_entry_failed_can_be_imported_again(server: Server) -> None:
    exam = await plan_exam(server, candidates=2)
    commits = FailingCommit(server.house.rooms._engine)
    async with await office_page(server) as office:
        path = f"/api/rooms/{exam.room}/roster"
        commits.failures = ["", "before"]  # the office's entry is written, the room's is not
        assert code(await office.call("POST", path, data=ROSTER)) == "internal"
        assert len(server.house.rooms.get(exam.room).state.sittings) == 2
        again = await office.call("POST", path, data=ROSTER)
        assert again["imported"] == 2
    enrolled = {row["candidate"] for row in (await server.house.people.enrolled())[exam.room]}
    assert enrolled == set(server.house.rooms.get(exam.room).state.sittings)
    assert len(enrolled) == 4
