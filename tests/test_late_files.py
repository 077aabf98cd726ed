"""Files that follow a submission, and files that come too late, over the real doors and across restarts (A14.2b.7)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    DECISION,
    Exam,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    publish_exam_as,
    reach_lobby,
    running,
)
from tests.support.tus import TUS, beginning, going_on

CONTENT = b"\xff\xd8" + bytes(range(256)) * 40
SHA = hashlib.sha256(CONTENT).hexdigest()
EMPTY = hashlib.sha256(b"").hexdigest()
SUBMIT_BY = timedelta(minutes=90)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(milliseconds=1)


async def graceful(server: Server, minutes: int) -> Exam:
    """An exam of one candidate that lets bytes follow for so long."""
    exam = await plan_exam(server, candidates=1)
    async with await office_page(server) as office:
        await let_bytes_follow(office, exam, minutes)
    return exam


async def let_bytes_follow(office: Page, exam: Exam, minutes: int) -> None:
    """Publish the exam anew, with a time for bytes to follow."""
    withdrawn = await office.call("DELETE", f"/api/exams/{exam.exam}/publication", {"reason": "thời gian chờ tệp"})
    assert "error" not in withdrawn, withdrawn
    rules = {"upload_grace_minutes": minutes}
    await publish_exam_as(office, exam.exam, exam.room, rules=rules, grace_decision=DECISION)


@contextlib.asynccontextmanager
async def at_work(server: Server, clock: SteppedClock, exam: Exam) -> AsyncIterator[tuple[Page, Page]]:
    """The candidate, admitted, and the invigilator."""
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await admit(invigilator, exam.candidates["001"])
        yield page, invigilator
        assert undescribed([*page.heard, *invigilator.heard]) == []


async def announce(page: Page, room: str, length: int = len(CONTENT), **metadata: str) -> Any:
    pairs = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in {"filename": "bài.jpg", "filetype": "image/jpeg", **metadata}.items()
    )
    return await page.call(
        "POST", f"/api/rooms/{room}/files", headers={**beginning(length), "Upload-Metadata": pairs}
    )


async def send(page: Page, room: str, file: str, content: bytes, offset: int = 0) -> Any:
    return await page.call(
        "PATCH", f"/api/rooms/{room}/files/{file}", data=content,
        headers=going_on(offset),
    )  # fmt: skip


async def asked(page: Page, room: str, file: str) -> tuple[int, str | None, str | None]:
    """What the server says where to go on: status, offset, and why a whole file is no work."""
    answer = await page.call("HEAD", f"/api/rooms/{room}/files/{file}", headers=TUS)
    headers = answer["headers"]
    return answer["status"], headers.get("Upload-Offset"), headers.get("Upload-Refused")


def file_of(created: Any) -> str:
    assert created["status"] == 201, created
    return str(created["headers"]["Location"]).rsplit("/", 1)[1]


async def submit(page: Page, *files: dict[str, Any]) -> Any:
    return await page.tell("submit", epoch=page.epoch, revision=0, text_sha256=EMPTY, files=list(files))


def on_its_way(file: str, sha256: str = SHA) -> dict[str, Any]:
    return {"file": file, "sha256": sha256, "bytes": len(CONTENT), "name": "bài.jpg", "type": "image/jpeg"}


async def archive(server: Server, room: str) -> dict[str, bytes]:
    async with await office_page(server) as office:
        pulled = await office.get(f"/api/rooms/{room}/submissions.zip")
        assert pulled["status"] == 200, pulled
        with zipfile.ZipFile(io.BytesIO(pulled["body"])) as opened:
            return {name: opened.read(name) for name in opened.namelist()}


async def test_bytes_follow_a_submission_across_a_restart_and_complete_it(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await graceful(server, 3)
        page = await candidate_page(server, exam, "001")
        async with await invigilator_page(server) as invigilator:
            clock.jump_to(exam.starts_at)
            await invigilator.join(exam.room)
            await reach_lobby(page, exam.room)
            await admit(invigilator, exam.candidates["001"])
            clock.jump_to(exam.starts_at + SUBMIT_BY - MINUTE)
            begun = file_of(await announce(page, exam.room))
            assert (await send(page, exam.room, begun, CONTENT[:1000]))["status"] == 204
            receipt = await submit(page, on_its_way(begun), on_its_way(""))
            assert [each["file"] for each in receipt["awaited"]] == [each["file"] for each in receipt["files"]]
            assert receipt["awaited_until"] == moment(exam.starts_at + SUBMIT_BY + 3 * MINUTE)
            assert receipt["completed"] is None
            declared = receipt["files"][1]["file"]
            await page.leave()
    async with running(tmp_path, clock) as server, page:
        page.url = server.url  # the same browser, with its cookies
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        held = server.house.rooms.get(exam.room)
        assert [each.file for each in held.state.sittings[exam.candidates["001"]].awaited] == [begun, declared]
        assert (await send(page, exam.room, begun, CONTENT[1000:], 1000))["headers"]["Upload-Sha256"] == SHA
        assert file_of(await announce(page, exam.room, awaited=declared)) == declared
        assert (await send(page, exam.room, declared, CONTENT))["status"] == 204
        assert held.state.sittings[exam.candidates["001"]].completed_at
    async with running(tmp_path, clock) as server:
        folded = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert folded.completed_at and not folded.awaited and len(folded.files) == 2


async def test_what_follows_in_time_completes_the_submission_and_is_told(server: Server, clock: SteppedClock) -> None:
    exam = await graceful(server, 3)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY)
        begun = file_of(await announce(page, exam.room))
        receipt = await submit(page, on_its_way(begun), on_its_way(""))
        declared = receipt["files"][1]["file"]
        clock.jump_to(exam.starts_at + SUBMIT_BY + 3 * MINUTE)
        assert code(await announce(page, exam.room, awaited="f_of_somebody")) == "not_found"
        assert file_of(await announce(page, exam.room, awaited=declared)) == declared
        assert file_of(await announce(page, exam.room, awaited=declared)) == declared  # the answer was lost
        assert (await send(page, exam.room, begun, CONTENT))["headers"]["Upload-Sha256"] == SHA
        assert (await send(page, exam.room, declared, CONTENT))["status"] == 204
        told = await page.hear("receipt")
        assert told["completed"] and told["awaited"] == [] and not told["missing"]
    inside = await archive(server, exam.room)
    folder = "001_Thí sinh 001"
    assert {name for name in inside if name.startswith(folder)} == {
        f"{folder}/submission.json", f"{folder}/completion.json", f"{folder}/answer.txt",
        f"{folder}/files/01_bài.jpg", f"{folder}/files/02_bài.jpg",
    }  # fmt: skip
    assert hashlib.sha256(inside[f"{folder}/completion.json"]).hexdigest() == told["completed"]["sha256"]
    assert json.loads(inside[f"{folder}/submission.json"])["awaited_until"]


async def test_only_the_device_that_had_the_place_is_told_what_the_submission_waits_for(
    server: Server, clock: SteppedClock
) -> None:
    """It may lie there, and nothing sends it from there before an invigilator has admitted that device again."""
    exam = await graceful(server, 3)
    candidate = exam.candidates["001"]
    async with (
        at_work(server, clock, exam) as (first, invigilator),
        await candidate_page(server, exam, "001") as second,
    ):
        clock.jump_to(exam.starts_at + SUBMIT_BY)
        receipt = await submit(first, on_its_way(""))
        await reach_lobby(second, exam.room)
        new = await second.get("/api/me")
        assert new["awaited"] == []
        assert new["awaited_until"] == receipt["awaited_until"], "to be let in before stops who sends them"
        told = await invigilator.tell("admit", candidates=[candidate], checks=CHECKS, seen={candidate: second.epoch})
        assert "error" not in told, told
        mine, theirs = await first.get("/api/me"), await second.get("/api/me")
        assert (mine["elsewhere"], mine["awaited"]) == (True, receipt["awaited"])
        assert mine["awaited_until"] == receipt["awaited_until"]
        assert (theirs["elsewhere"], theirs["awaited"], theirs["awaited_until"]) == (False, [], None)
        await first.join(exam.room)  # to ask for the place
        clock.jump_to(exam.starts_at + SUBMIT_BY + 3 * MINUTE + 2 * INSTANT)
        await first.hear("me", lambda me: me["incomplete_at"] and me["pending"]["epoch"] == first.epoch)
        late = await first.get("/api/me")
        assert (late["awaited"], late["awaited_until"], late["completed_at"]) == ([], None, None)
        assert late["incomplete_at"]


async def test_a_file_has_one_harmless_name_from_the_submission_that_names_it_on(
    server: Server, clock: SteppedClock
) -> None:
    exam = await graceful(server, 3)
    async with at_work(server, clock, exam) as (page, _):
        given = "x\u202etxt.exe.pdf"
        receipt = await submit(page, {**on_its_way(""), "name": given})
        (declared,) = receipt["awaited"]
        announced = await announce(page, exam.room, awaited=declared["file"], filename=given)
        await send(page, exam.room, file_of(announced), CONTENT)
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert [each.name for each in (*known.declared, *known.files)] == ["xtxt.exe.pdf"] * 2


async def test_what_comes_after_the_grace_is_kept_apart_and_listed_as_missing(
    server: Server, clock: SteppedClock
) -> None:
    exam = await graceful(server, 3)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY)
        begun = file_of(await announce(page, exam.room))
        await send(page, exam.room, begun, CONTENT[:1000])
        await submit(page, on_its_way(begun))
        clock.jump_to(exam.starts_at + SUBMIT_BY + 3 * MINUTE + INSTANT)
        assert (await page.hear("receipt"))["missing"] is True
        assert code(await send(page, exam.room, begun, CONTENT[1000:], 1000)) == "kept_as_evidence"
        assert await asked(page, exam.room, begun) == (200, str(len(CONTENT)), "kept_as_evidence")
        late = await page.hear("me", lambda me: me["late_files"])
        assert late["late_files"][0]["sha256"] == SHA
        assert late["files"] == []
    inside = await archive(server, exam.room)
    assert json.loads(inside["001_Thí sinh 001/missing.json"])["missing"][0]["sha256"] == SHA
    (kept,) = (name for name in inside if name.startswith("rejected/") and name.endswith("bài.jpg"))
    assert inside[kept] == CONTENT
    (told,) = json.loads(inside["rejected/001_Thí sinh 001/rejected.json"])["files"]
    assert told["declared"] is True and kept.endswith(told["name"])
    apart = server.house.config.uploads / f"{exam.room}.rejected" / begun
    assert apart.is_dir()
    assert not (server.house.config.uploads / exam.room / begun).exists()


async def test_bytes_that_waited_through_a_stall_of_the_server_over_the_end_of_the_grace_came_in_time(
    server: Server, clock: SteppedClock
) -> None:
    exam = await graceful(server, 3)
    until = exam.starts_at + SUBMIT_BY + 3 * MINUTE
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY)
        begun = file_of(await announce(page, exam.room))
        await submit(page, on_its_way(begun))
        clock.jump_to(until - timedelta(seconds=1))
        pulse, process = server.house.rooms._pulse, [0.0]
        pulse._seconds, pulse._last = lambda: process[0], 0.0  # the process's own time stands but for what is said here
        pulse.look()
        process[0] = 2.0
        clock.advance(seconds=2)
        sent = await send(page, exam.room, begun, CONTENT)
        assert sent["headers"]["Upload-Sha256"] == SHA
        assert (await page.hear("receipt"))["completed"]
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert (known.late_files, known.awaited, known.files[0].at) == ((), (), until)


async def test_another_content_is_refused_kept_as_evidence_and_the_named_file_may_still_come(
    server: Server, clock: SteppedClock
) -> None:
    exam = await graceful(server, 3)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY)
        begun = file_of(await announce(page, exam.room))
        await submit(page, on_its_way(begun))
        other = CONTENT[::-1]
        assert code(await send(page, exam.room, begun, other)) == "not_as_declared"
        assert (await send(page, exam.room, begun, CONTENT))["headers"]["Upload-Sha256"] == SHA
        assert (await page.hear("receipt"))["completed"]
    inside = await archive(server, exam.room)
    assert [content for name, content in inside.items() if "rejected/" in name and name.endswith(".jpg")] == [other]
    assert inside["001_Thí sinh 001/files/01_bài.jpg"] == CONTENT


@pytest.mark.parametrize(("after", "outcome"), [
    (-MINUTE, None),
    (timedelta(0), None),
    (INSTANT, "kept_as_evidence"),
    (5 * MINUTE, "kept_as_evidence"),
    (5 * MINUTE + INSTANT, "room_ended"),
])  # fmt: skip
async def test_where_nothing_may_follow_only_whole_files_count(
    server: Server, clock: SteppedClock, after: timedelta, outcome: str | None
) -> None:
    exam = await plan_exam(server, candidates=1)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY - MINUTE)
        begun = file_of(await announce(page, exam.room))
        assert code(await submit(page, on_its_way(begun))) == "upload_incomplete"
        clock.jump_to(exam.starts_at + SUBMIT_BY + after)
        assert code(await send(page, exam.room, begun, CONTENT)) == outcome


async def test_what_was_kept_as_evidence_is_there_after_a_restart(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server, candidates=1)
        async with at_work(server, clock, exam) as (page, _):
            clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
            created = await announce(page, exam.room)
            assert created["headers"]["Upload-Taken-As"] == "rejected_evidence"
            assert code(await send(page, exam.room, file_of(created), CONTENT)) == "kept_as_evidence"
    async with running(tmp_path, clock) as server:
        inside = await archive(server, exam.room)
        assert CONTENT in inside.values()
        assert {name.split("/")[0] for name in inside} == {"rejected"}


async def test_what_a_suspended_candidate_sends_is_kept_apart_and_counts_once_sent_again(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    candidate = exam.candidates["001"]
    async with at_work(server, clock, exam) as (page, invigilator):
        begun, half = file_of(await announce(page, exam.room)), file_of(await announce(page, exam.room))
        assert (await send(page, exam.room, begun, CONTENT[:1000]))["status"] == 204
        assert "error" not in await invigilator.tell("suspend", candidate=candidate, reason="Có người trong phòng.")
        for _ in range(2):  # the answer was lost
            assert code(await send(page, exam.room, begun, CONTENT[1000:], 1000)) == "kept_while_suspended"
        assert await asked(page, exam.room, begun) == (200, str(len(CONTENT)), "kept_while_suspended")
        assert (await send(page, exam.room, half, CONTENT[:1000]))["status"] == 204
        assert await asked(page, exam.room, half) == (200, "1000", None)
        anew = await announce(page, exam.room)
        assert anew["headers"]["Upload-Taken-As"] == "rejected_evidence"
        told = await page.hear("me", lambda me: me["late_files"])
        assert [(each["why"], each["sha256"]) for each in told["late_files"]] == [("suspended", SHA)]
        assert told["files"] == []
        root = server.house.config.uploads
        assert (root / f"{exam.room}.rejected" / half).is_dir()
        replaces = server.house.rooms.get(exam.room).state.sittings[candidate].acts["suspension"].seq
        await invigilator.tell("resume", candidate=candidate, reason="Nhầm phòng.", replaces=replaces)
        assert code(await send(page, exam.room, begun, b"", len(CONTENT))) == "kept_while_suspended"
        # What was evidence whole stays so; what had not come whole goes on as work.
        for file, offset in ((half, 1000), (file_of(anew), 0)):
            assert (await send(page, exam.room, file, CONTENT[offset:], offset))["headers"]["Upload-Sha256"] == SHA
            assert (root / exam.room / file).is_dir()
    inside = await archive(server, exam.room)
    assert sorted(name.split("/")[0] for name in inside) == ["rejected"] * 2 + ["unsubmitted"] * 3
    (why,) = json.loads(inside["rejected/001_Thí sinh 001/rejected.json"])["files"]
    assert why["why"] == "suspended"


@pytest.mark.parametrize("comes", ["after the deadline", "while suspended"])
async def test_what_arrived_as_work_stays_work_whatever_is_asked_of_it_later(
    server: Server, clock: SteppedClock, comes: str
) -> None:
    exam = await plan_exam(server, candidates=1)
    root = server.house.config.uploads
    async with at_work(server, clock, exam) as (page, invigilator):
        whole = file_of(await announce(page, exam.room))
        await send(page, exam.room, whole, CONTENT)
        if comes == "while suspended":
            await invigilator.tell("suspend", candidate=exam.candidates["001"], reason="Có người trong phòng.")
        else:
            assert (await submit(page, {"file": whole, "sha256": SHA}))["submission"]
            clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        assert code(await send(page, exam.room, whole, b"")) == "upload_mismatch"
        assert (await send(page, exam.room, whole, b"", len(CONTENT)))["headers"]["Upload-Sha256"] == SHA
        assert (root / exam.room / whole).is_dir()
    inside = await archive(server, exam.room)
    assert CONTENT in inside.values() and not any(name.startswith("rejected/") for name in inside)


async def test_work_that_lies_among_the_evidence_is_found_there(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=1)
    root = server.house.config.uploads
    async with at_work(server, clock, exam) as (page, _):
        whole = file_of(await announce(page, exam.room))
        await send(page, exam.room, whole, CONTENT)
        await server.house.uploads._rows.reject(whole)
        (root / f"{exam.room}.rejected").mkdir()
        (root / exam.room / whole).rename(root / f"{exam.room}.rejected" / whole)
        assert (await submit(page, {"file": whole, "sha256": SHA}))["submission"]
    assert CONTENT in (await archive(server, exam.room)).values()


@pytest.mark.parametrize("after", [-MINUTE, MINUTE])
async def test_a_whole_file_is_received_that_was_not_moved_yet_when_the_server_was_killed(
    tmp_path: Path, clock: SteppedClock, after: timedelta
) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server, candidates=1)
        async with at_work(server, clock, exam) as (page, _):
            clock.jump_to(exam.starts_at + SUBMIT_BY + after)
            file = file_of(await announce(page, exam.room))
            upload, _ = await server.house.uploads.get(exam.room, exam.candidates["001"], file)
            async with server.house.uploads._turns.of(file) as turn:
                await server.house.uploads._folders.write_part(upload, 0, whole_content(), None, turn)
            # The row tells of the other place than the one that its parts lie in.
            await (server.house.uploads._rows.take_back if upload.rejected else server.house.uploads._rows.reject)(file)
    async with running(tmp_path, clock) as server:
        async with asyncio.timeout(10):
            while not (await server.house.uploads._rows.get(file)).sha256:
                await asyncio.sleep(0.02)
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert ([each.sha256 for each in known.files], [each.work.sha256 for each in known.late_files]) == (
            ([SHA], []) if after < timedelta(0) else ([], [SHA])
        )
        apart = server.house.config.uploads / f"{exam.room}.rejected" / file
        assert apart.is_dir() == (after > timedelta(0))


async def test_evidence_that_was_whole_and_not_told_is_told_to_the_page_that_asks(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        file = file_of(await announce(page, exam.room))
        upload, _ = await server.house.uploads.get(exam.room, exam.candidates["001"], file)
        async with server.house.uploads._turns.of(file) as turn:
            await server.house.uploads._folders.write_part(upload, 0, whole_content(), None, turn)
        assert await asked(page, exam.room, file) == (200, str(len(CONTENT)), "kept_as_evidence")
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert [each.work.sha256 for each in known.late_files] == [SHA]


async def whole_content() -> AsyncIterator[bytes]:
    yield CONTENT


async def test_evidence_has_bounds_of_its_own(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = await plan_exam(server, candidates=1)
    async with at_work(server, clock, exam) as (page, _):
        in_time = file_of(await announce(page, exam.room))
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        for limit in ("_MOST_EVIDENCE_BYTES", "_MOST_EVIDENCE_BYTES_OF_ROOM"):
            with monkeypatch.context() as bounded:
                bounded.setattr(f"proctor.upload_folders.{limit}", len(CONTENT) - 1)
                assert code(await announce(page, exam.room)) == "evidence_full"
                assert code(await send(page, exam.room, in_time, CONTENT)) == "evidence_full"
        for _ in range(20):
            assert (await announce(page, exam.room, 1))["status"] == 201
        assert code(await announce(page, exam.room, 1)) == "evidence_full"


async def test_of_the_evidence_of_a_room_counts_what_came_and_not_what_was_announced(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctor.upload_folders._MOST_EVIDENCE_BYTES_OF_ROOM", len(CONTENT) * 3 // 2)
    exam = await plan_exam(server, candidates=1)
    async with at_work(server, clock, exam) as (page, _):
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        first, second, third = [file_of(await announce(page, exam.room)) for _ in range(3)]
        assert (await send(page, exam.room, first, CONTENT[:1000]))["status"] == 204
        assert code(await send(page, exam.room, second, CONTENT)) == "kept_as_evidence"
        for _ in range(2):
            assert code(await send(page, exam.room, first, CONTENT[1000:], 1000)) == "evidence_full"
            assert code(await send(page, exam.room, third, CONTENT)) == "evidence_full"
            assert code(await announce(page, exam.room)) == "evidence_full"
            server.house.uploads._folders._evidence_bytes.clear()  # a server that has started anew looks what there is


async def test_what_is_moved_to_the_evidence_counts_there(
    server: Server, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctor.upload_folders._MOST_EVIDENCE_BYTES_OF_ROOM", len(CONTENT) * 3 // 2)
    exam = await plan_exam(server, candidates=1)
    async with at_work(server, clock, exam) as (page, _):
        in_time = file_of(await announce(page, exam.room))
        assert (await send(page, exam.room, in_time, CONTENT[:-1]))["status"] == 204
        clock.jump_to(exam.starts_at + SUBMIT_BY + MINUTE)
        late = file_of(await announce(page, exam.room))
        assert code(await send(page, exam.room, in_time, CONTENT[-1:], len(CONTENT) - 1)) == "kept_as_evidence"
        assert code(await send(page, exam.room, late, CONTENT)) == "evidence_full"
