"""A whole exam day over real HTTP and real sockets, with time moved by hand; no picture and sound."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import zipfile
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from proctor.keys import unseal
from proctor.rehearsal.page import DEVICES, Page, code
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    PDF,
    Server,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)
from tests.support.tus import TUS, beginning, going_on
from tests.test_late_files import archive


async def test_an_exam_from_staff_entry_to_the_pulled_submissions(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=30, seconds=1))
        early = await invigilator.join(exam.room)
        assert code(early) == "gate_closed"
        assert early["error"]["details"]["opens_at"] == "2026-11-23T02:30:00.000Z"
        assert code(await invigilator.join(exam.room)) == "gate_closed"
        async with await office_page(server) as office:
            *_, last = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        me = (await invigilator.get("/api/me"))["subject"]
        assert (last["kind"], last["actor"]) == ("staff_refused", me)
        assert last["data"] == {"staff": me, "role": "invigilator", "minutes_before_start": 30, "full_name": ""}
        assert code(await first.join(exam.room)) == "waiting_for_invigilator"

        clock.advance(seconds=1)
        assert code(await first.join(exam.room)) == "waiting_for_invigilator"
        welcome = await invigilator.join(exam.room)
        assert welcome["room"]["phase"] == "entry"

        for page in (first, second):
            await reach_lobby(page, exam.room)
        assert code(await first.get(f"/api/rooms/{exam.room}/paper")) == "not_admitted"
        admitted = await invigilator.tell("admit", candidates=list(exam.candidates.values()), checks=CHECKS)
        assert (admitted["admitted"], admitted["skipped"]) == (list(exam.candidates.values()), [])
        again = await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        assert again["skipped"] == [exam.candidates["001"]]

        sealed = (await first.get(f"/api/rooms/{exam.room}/paper"))["body"]
        assert PDF[:200] not in sealed
        assert code(await first.tell("save_answer", epoch=first.epoch, base_revision=0, text="x", client_time="t")) == (
            "before_release"
        )

        clock.jump_to(exam.starts_at)
        for page in (first, second):
            key = await page.hear("paper_key")
            assert unseal(base64.b64decode(key["key"]), sealed, exam.exam) == PDF
            assert await page.tell("paper_opened", sha256=hashlib.sha256(sealed).hexdigest()) == {}

        saved = await first.tell(
            "save_answer", epoch=first.epoch, base_revision=0, text="Vật chất quyết định ý thức.", client_time="t"
        )
        assert saved["revision"] == 1
        photo = bytes(range(256)) * 2000
        url, location = f"/api/rooms/{exam.room}/files", ""
        async with first.http.post(
            server.url + url,
            headers={
                "Proctor-Role": "candidate", **beginning(len(photo)),
                "Upload-Metadata": "filename " + base64.b64encode("bài làm.jpg".encode()).decode(),
            },
        ) as created:  # fmt: skip
            assert created.status == 201
            location = created.headers["Location"]
        for start in (0, 300_000):
            async with first.http.patch(
                server.url + location,
                data=photo[start : start + 300_000],
                headers={"Proctor-Role": "candidate", **going_on(start)},
            ) as patched:
                assert patched.status == 204, await patched.text()
                sha256 = patched.headers.get("Upload-Sha256")
        assert sha256 == hashlib.sha256(photo).hexdigest()

        clock.jump_to(exam.starts_at + timedelta(minutes=90))  # the closing instant is still in time
        receipt = await first.tell(
            "submit", epoch=first.epoch, revision=1, text_sha256=saved["sha256"],
            files=[{"file": location.rsplit("/", 1)[1], "sha256": sha256}],
        )  # fmt: skip
        assert receipt["received_at"] == "2026-11-23T04:30:00.000Z"
        head = receipt["ledger"]
        Ed25519PublicKey.from_public_bytes(server.house.keys.public_key).verify(
            base64.b64decode(head["signature"]),
            f"{exam.room} {head['seq']} ".encode() + bytes.fromhex(head["head"]),
        )

        draft = await second.tell("save_answer", epoch=1, base_revision=0, text="Bản nháp", client_time="t")
        assert draft["revision"] == 1
        clock.advance(milliseconds=1)
        late = await second.tell(
            "submit", epoch=1, revision=1, text_sha256=hashlib.sha256("Bản nháp".encode()).hexdigest(), files=[]
        )
        assert code(late) == "after_submit_by"
        refused = await second.tell("save_answer", epoch=1, base_revision=1, text="Muộn", client_time="t")
        assert code(refused) == "after_submit_by"
        for page in (invigilator, first, second):
            assert undescribed(page.heard) == []

    async with await office_page(server) as office:
        answer = await office.get(f"/api/rooms/{exam.room}/submissions.zip")
        archive = zipfile.ZipFile(io.BytesIO(answer["body"]))
        folder = "001_Thí sinh 001"
        assert archive.read(f"{folder}/answer.txt").decode() == "Vật chất quyết định ý thức."
        assert archive.read(f"{folder}/files/01_bài làm.jpg") == photo
        manifest = archive.read(f"{folder}/submission.json")
        assert hashlib.sha256(manifest).hexdigest() == receipt["sha256"]
        assert json.loads(manifest)["files"][0]["sha256"] == sha256
        assert archive.read("unsubmitted/002_Thí sinh 002/answer.txt").decode() == "Bản nháp"
        events = await office.get(f"/api/rooms/{exam.room}/events")
        kinds = [event["kind"] for event in events["events"]]
        for kind in ("staff_entered", "admitted", "paper_fetched", "paper_released", "paper_key_delivered",
                     "paper_opened", "submitted", "submission_rejected", "submissions_pulled"):  # fmt: skip
            assert kind in kinds, kind


async def test_the_paper_waits_for_an_invigilator(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        await invigilator.leave()
        await candidate.hear("room", lambda room: not room["invigilator_present"])
        clock.jump_to(exam.starts_at)
        await candidate.hear("room", lambda room: room["release_held"])
        assert not any(name == "paper_key" for name, _ in candidate.heard)
        clock.advance(minutes=3)
        await invigilator.join(exam.room)
        key = await candidate.hear("paper_key")
        assert key["released_at"] == "2026-11-23T03:03:00.000Z"


async def test_a_second_device_waits_for_readmission_and_learns_nothing(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as old,
        await candidate_page(server, exam, "001") as new,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(old, exam.room)
        await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
        clock.jump_to(exam.starts_at)
        await old.hear("paper_key")
        await old.tell("save_answer", epoch=old.epoch, base_revision=0, text="của tôi", client_time="t")

        welcome = await new.join(exam.room)
        assert welcome["me"]["readmission"]
        assert welcome["paper_key"] is None
        assert welcome["draft"] is None
        assert code(await new.get(f"/api/rooms/{exam.room}/paper")) == "readmission_needed"
        stolen = await new.tell("save_answer", epoch=new.epoch, base_revision=1, text="", client_time="t")
        assert code(stolen) == "readmission_needed"
        kept = await old.tell("save_answer", epoch=old.epoch, base_revision=1, text="vẫn là tôi", client_time="t")
        assert kept["revision"] == 2

        again = {"candidates": [exam.candidates["001"]], "checks": CHECKS}
        assert code(await invigilator.tell("admit", **again)) == "not_ready"
        await new.tell("report_device", **DEVICES)
        assert code(await invigilator.tell("admit", **again)) is None
        await old.hear("superseded")
        await new.hear("rejoin")
        back = await new.join(exam.room)
        assert back["draft"] == {"revision": 2, "text": "vẫn là tôi"}
        assert back["paper_key"] is not None
        lost = await old.tell("save_answer", epoch=old.epoch, base_revision=2, text="ghi đè", client_time="t")
        assert code(lost) == "superseded"
        resumed = await old.post(f"/api/rooms/{exam.room}/join", {"resumes": True})
        assert code(resumed) == "superseded", "a page that comes back by itself does not ask"
        path, unsaved = f"/api/rooms/{exam.room}/words", {"base_revision": 2, "text": "vẫn là tôi, chưa lưu"}
        assert code(await old.post(path, unsaved)) is None
        told = await new.hear("words_left")
        assert told["text"] == unsaved["text"]
        assert (await new.join(exam.room))["words_left"] == [told]
    inside = await archive(server, exam.room)
    assert inside["unsubmitted/001_Thí sinh 001/answer.txt"].decode() == "vẫn là tôi"
    (listed,) = json.loads(inside["rejected/001_Thí sinh 001/rejected.json"])["files"]
    assert (listed["why"], listed["received_at"], listed["declared"]) == ("words_left", told["at"], False)
    assert listed["name"].startswith("words_left/01_")
    assert inside[f"rejected/001_Thí sinh 001/{listed['name']}"].decode() == unsaved["text"]


async def _announced(page: Page, room: str, name: str, length: int) -> str:
    """Announce a file of the work; its name at the server."""
    about = base64.b64encode(name.encode()).decode()
    headers = {**beginning(length), "Upload-Metadata": f"filename {about}"}
    answer = await page.call("POST", f"/api/rooms/{room}/files", headers=headers)
    file: str = answer["headers"]["Location"].rsplit("/", 1)[1]
    return file


async def test_a_device_is_told_of_files_that_the_one_before_it_began_and_did_not_end(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as old,
        await candidate_page(server, exam, "001") as new,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        await reach_lobby(old, exam.room)
        admitted = {"candidates": [exam.candidates["001"]], "checks": CHECKS}
        await invigilator.tell("admit", **admitted)
        files = f"/api/rooms/{exam.room}/files"
        begun = await _announced(old, exam.room, "bao-cao.pdf", 3_000_000)
        whole = await _announced(old, exam.room, "bìa.pdf", 3)
        await old.call("PATCH", f"{files}/{whole}", data=b"abc", headers=going_on())
        given_up = await _announced(old, exam.room, "nháp.pdf", 3)
        await old.call("DELETE", f"{files}/{given_up}", headers=TUS)
        assert (await old.join(exam.room))["begun_elsewhere"] == []  # it goes on with them itself
        assert (await new.join(exam.room))["begun_elsewhere"] == []  # nothing is told of the work to who asks
        await new.tell("report_device", **DEVICES)
        await invigilator.tell("admit", **admitted)
        await new.hear("rejoin")
        told = [{"file": begun, "name": "bao-cao.pdf", "bytes": 3_000_000}]
        assert (await new.join(exam.room))["begun_elsewhere"] == told
        await _announced(new, exam.room, "của máy này.pdf", 3)
        assert (await new.join(exam.room))["begun_elsewhere"] == told


async def test_a_restart_keeps_every_acknowledged_answer(tmp_path, clock: SteppedClock) -> None:
    from tests.support.house import running

    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        async with (
            await invigilator_page(server) as invigilator,
            await candidate_page(server, exam, "001") as candidate,
        ):
            clock.jump_to(exam.starts_at - timedelta(minutes=1))
            await invigilator.join(exam.room)
            await reach_lobby(candidate, exam.room)
            await invigilator.tell("admit", candidates=[exam.candidates["001"]], checks=CHECKS)
            clock.jump_to(exam.starts_at)
            await candidate.hear("paper_key")
            for revision in range(3):
                await candidate.tell(
                    "save_answer", epoch=1, base_revision=revision, text=f"bản {revision}", client_time="t"
                )
        before = server.house.rooms.get(exam.room).state.sittings
    async with running(tmp_path, clock) as server:
        after = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert (after.text, after.revision) == ("bản 2", 3)
        assert before[exam.candidates["001"]].text == after.text
        assert not after.connected


async def test_wrong_passwords_are_throttled_by_account_and_fifty_candidates_pass(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=50)
    async with Page(server.url, "invigilator") as guess:
        answers = [code(await guess.sign_in("invigilator", f"wrong password {n}")) for n in range(6)]
        assert answers == ["wrong_credentials"] * 5 + ["too_many_tries"]
        assert code(await guess.sign_in("invigilator", PASSWORD)) == "too_many_tries"
    for number in exam.codes:
        async with await candidate_page(server, exam, number):
            pass


async def test_a_step_of_the_system_clock_is_an_alarm_and_moves_no_deadline(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server)
    live = server.house.rooms.get(exam.room)
    clock.jump_to(exam.starts_at - timedelta(minutes=30))
    async with await invigilator_page(server) as invigilator:
        await invigilator.join(exam.room)
        times = live.state.schedule
        clock.stepped = 3600.0
        await invigilator.hear("vitals", lambda vitals: vitals["clock_step_s"] == 3600.0)
        async with await office_page(server) as office, asyncio.timeout(10):
            while True:
                events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
                if stepped := [event for event in events if event["kind"] == "clock_stepped"]:
                    break
        assert [event["data"] for event in stepped] == [{"seconds": 3600.0}]
        assert live.state.schedule == times
        assert live.state.phase(clock.now()) == "entry"
