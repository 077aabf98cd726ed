"""What the training office does is done whole, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proctor.rehearsal.page import code
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import PDF, Server, office_page, plan_exam, running

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


@pytest.mark.parametrize(
    ("regime", "named", "unit"),
    [
        ("A", "", "Phòng Tổ chức, hành chính, thông tin, tư liệu"),
        ("B", "", "Trung tâm Công nghệ thông tin"),
        ("A", "Tổ Tin học", "Tổ Tin học"),
    ],
)
async def test_which_unit_is_in_charge_of_information_technology_stands_on_the_log(
    tmp_path: Path, clock: SteppedClock, regime: str, named: str, unit: str
) -> None:
    async with running(tmp_path, clock, it_unit=named) as server:
        exam = await plan_exam(server, regime=regime)
        events = json.loads(await server.house.rooms.events(exam.room, 0))["events"]
    assert [event["data"]["unit"] for event in events if event["kind"] == "room_supported"] == [unit]


@pytest.mark.parametrize("use", ["main", "reserve"])
async def test_what_is_no_pdf_is_not_sealed(server: Server, use: str) -> None:
    """The office's page opens a paper before it sends it; the server looks at how it begins and ends."""
    exam = await plan_exam(server)
    async with await office_page(server) as office:
        path = f"/api/exams/{exam.exam}"
        before = (await office.get(path))["paper"]
        for content in (b"MZ not a PDF", PDF[:2000], b"GIF" + PDF):
            assert code(await office.put(f"{path}/paper?use={use}", data=content)) == "paper_not_pdf"
        after = await office.get(path)
        assert (after["paper"], after["reserve"]) == (before, None)
