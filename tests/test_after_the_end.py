"""After the end: the closing acts of an invigilator who comes back, and what is left for candidates to read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
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
    running,
)

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


async def hold(server: Server, clock: SteppedClock) -> tuple[Exam, str]:
    """An exam in which 001 hands in, 002 does not and is noted, 003 never comes; to its end. The note."""
    exam = await plan_exam(server, candidates=3)
    one, two, _ = exam.candidates.values()
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await admit(invigilator, one, two)
        clock.jump_to(exam.starts_at)
        await first.hear("paper_key")
        noted = await invigilator.tell("note_violation", candidate=two, category="phone")
        work = {"epoch": first.epoch, "revision": 0, "text_sha256": EMPTY, "files": []}
        assert (await first.tell("submit", **work))["submission"]
        assert code(await first.get(f"/api/rooms/{exam.room}/result")) == "not_ended"
        mine = await first.get("/api/me")
        assert (mine["elsewhere"], mine["submitted_at"]) == (False, moment(clock.now()))
        async with await candidate_page(server, exam, "001") as other:  # at another device
            told = await other.get("/api/me")
            assert (told["elsewhere"], told["submitted_at"]) == (True, mine["submitted_at"])
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=2))
        await invigilator.hear("room", lambda room: room["phase"] == "ended")
    return exam, noted["violation"]


async def rooms_of(server: Server, role: str, name: str) -> list[dict[str, Any]]:
    async with Page(server.url, role) as page:
        await page.sign_in(name, PASSWORD)
        listed: list[dict[str, Any]] = (await page.get("/api/me"))["rooms"]
        return listed


async def waits_for_the_office(server: Server) -> dict[str, Any]:
    """What the office's list tells of the hand-over of its one room, which goes on sleeping."""
    async with await office_page(server) as office:
        (exam,) = (await office.get("/api/exams"))["exams"]
    assert server.house.rooms.awake() == []
    return {key: told for key, told in exam["rooms"][0].items() if key.startswith(("handover", "lists_"))}


async def test_an_invigilator_comes_back_after_the_end_and_the_restart_until_the_hand_over_is_received(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock) as server:
        exam, violation = await hold(server, clock)
        await server.house.office.create_staff(OPERATOR, "stranger", "Cán bộ khác", "invigilator", PASSWORD)
        (listed,) = await rooms_of(server, "invigilator", "invigilator")
        assert (listed["phase"], listed["handed_over"]) == ("ended", False)
    async with running(tmp_path, clock) as server:
        (listed,) = await rooms_of(server, "invigilator", "invigilator")
        assert (listed["room"], listed["phase"], listed["handed_over"]) == (exam.room, "ended", False)
        assert server.house.rooms.awake() == [], "its staff is read without waking it"
        for role, name in (("invigilator", "stranger"), ("supervisor", "supervisor")):
            assert await rooms_of(server, role, name) == []

        async with await invigilator_page(server) as invigilator, await office_page(server) as office:
            welcome = await invigilator.join(exam.room)
            assert welcome["room"]["phase"] == "ended"
            one = exam.candidates["001"]
            refused: dict[str, dict[str, Any]] = {
                "admit": {"candidates": [one]}, "check": {"candidate": one, "check": "camera", "passed": True},
                "ask_again": {"candidate": one, "subject": "face"}, "refuse_entry": {"candidate": one, "reason": "x"},
                "decline_device": {"candidate": one, "epoch": 2, "reason": "x"},
                "hold_briefing": {"topic": "rules"}, "delay_release": {"until": "2026-11-23T05:00:00Z", "reason": "x"},
                "note_violation": {"candidate": one, "category": "phone"},
                "suspend": {"candidate": one, "reason": "x"}, "resume": {"candidate": one, "reason": "x"},
                "begin_absence": {"candidate": one}, "end_absence": {"candidate": one},
                "lower_hand": {"candidate": one}, "send_message": {"to": "room", "text": "x"},
                "offer_shift": {"to": "s_1"}, "take_shift": {},
            }  # fmt: skip
            for message, body in refused.items():
                assert code(await invigilator.tell(message, **body)) == "room_ended", message
            decision = {"violation": violation, "status": "confirmed", "reason": "Có ảnh"}
            assert "error" not in await invigilator.tell("decide_violation", **decision)
            assert (await invigilator.tell("publish_lists"))["version"] == 1
            handed = await invigilator.tell("hand_over")
    async with running(tmp_path, clock) as server:
        waiting = (await waits_for_the_office(server))["handover"]
        assert (waiting["handover"], waiting["received_at"]) == (handed["handover"], None)
        async with await office_page(server) as office:
            path = f"/api/rooms/{exam.room}/handover/receipt"
            assert "error" not in await office.post(path, {"handover": handed["handover"]})
            (listed,) = await rooms_of(server, "invigilator", "invigilator")
            assert listed["handed_over"] is True
    async with running(tmp_path, clock) as server:
        assert await rooms_of(server, "invigilator", "invigilator") == []
        assert await waits_for_the_office(server) == {}
        async with (
            await invigilator_page(server) as invigilator,  # a page that was open all the time
            await office_page(server) as office,
        ):
            await invigilator.join(exam.room)
            live = server.house.rooms.get(exam.room)

            async def outdated(status: str) -> bool:
                decided = live.state.violations[violation].decision.seq
                told = await invigilator.tell("decide_violation", violation=violation, status=status, reason="Nhầm",
                                              replaces=decided)  # fmt: skip
                assert "error" not in told
                (seen,) = (await office.get(f"/api/exams/{exam.exam}"))["rooms"]
                return bool(seen["lists_outdated"])

            assert not (await office.get(f"/api/exams/{exam.exam}"))["rooms"][0]["lists_outdated"]
            assert await outdated("dismissed"), "what the office received is told to be wrong"
            assert not await outdated("confirmed"), "back as it was published"
    async with running(tmp_path, clock) as server:
        assert await waits_for_the_office(server) == {}, "nothing came of the two decisions"
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            live = server.house.rooms.get(exam.room)
            await invigilator.tell("decide_violation", violation=violation, status="dismissed", reason="Nhầm",
                                   replaces=live.state.violations[violation].decision.seq)  # fmt: skip
    async with running(tmp_path, clock) as server:
        (listed,) = await rooms_of(server, "invigilator", "invigilator")
        assert listed["room"] == exam.room, "its lists are wrong"
        waits = await waits_for_the_office(server)
        assert (waits["handover"]["handover"], waits["lists_outdated"]) == (handed["handover"], True)
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            live = server.house.rooms.get(exam.room)
            seen = live.state.acts["closing"].seq
            clock.advance(minutes=1)
            corrected_at = clock.now()
            assert (await invigilator.tell("publish_lists", reason="Đính chính", replaces=seen))["version"] == 2
        async with await office_page(server) as office:  # what was given to it stays, until it is handed over anew
            assert code(await office.get(f"/api/rooms/{exam.room}/recordings")) is None
    async with running(tmp_path, clock) as server:
        (listed,) = await rooms_of(server, "invigilator", "invigilator")
        assert (listed["room"], listed["handed_over"]) == (exam.room, False), "corrected lists are handed over again"
        assert await waits_for_the_office(server) == {
            "handover": None, "handover_wanted_since": moment(corrected_at), "lists_outdated": False
        }  # fmt: skip
        async with await office_page(server) as office:
            (opened,) = (await office.get(f"/api/exams/{exam.exam}"))["rooms"]
        assert opened["handover_wanted_since"] == moment(corrected_at), "as the whole log tells it"


async def test_candidates_read_receipt_and_late_lists_after_the_end_and_write_nothing(
    server: Server, clock: SteppedClock
) -> None:
    exam, violation = await hold(server, clock)
    path = f"/api/rooms/{exam.room}/result"
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
        await candidate_page(server, exam, "003") as absent,
    ):
        assert code(await first.join(exam.room)) == "room_ended"
        before = await first.get(path)
        assert before["receipt"]["submission"] == before["me"]["submission"]
        assert before["lists"] is None
        await invigilator.join(exam.room)
        assert (await invigilator.tell("publish_lists"))["version"] == 1
        told = await second.get(path)
        assert (told["me"]["state"], told["receipt"]) == ("admitted", None)
        assert (told["lists"]["did_not_submit"], told["lists"]["violated"]) == (["Thí sinh 002"], [])

        seen = told["lists"]["seq"]

        # A note that is confirmed late makes another version, which is read too; who read it is on the log.
        await invigilator.tell("decide_violation", violation=violation, status="confirmed", reason="Có ảnh")
        assert (await invigilator.tell("publish_lists", reason="Xác nhận vi phạm", replaces=seen))["version"] == 2
        told = await second.get(path)
        assert (told["lists"]["version"], told["lists"]["violated"]) == (2, ["Thí sinh 002"])
        assert await second.post(f"{path}/seen", {"version": 2}) == {}
        assert code(await second.post(f"{path}/seen", {"version": 3})) == "not_found"
        sittings = server.house.rooms.get(exam.room).state.sittings
        assert [known.closing_seen for known in sittings.values()] == [0, 2, 0]
        assert (await absent.get(path))["lists"]["version"] == 2  # also for who never came
        assert code(await first.get(f"/api/rooms/{exam.room}/state")) == "forbidden"
        assert code(await first.get("/api/rooms/r_other/result")) == "not_found"
