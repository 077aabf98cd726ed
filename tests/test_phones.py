"""A candidate's telephone: what the link is good for, what it is not, and when it ends."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from proctor.exam import events as e
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit
from tests.support.house import (
    CHECKS,
    Exam,
    Server,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)
from tests.support.tus import TUS, beginning, going_on

# Ruled lines of 900 by 1200 pixels, encoded by libheif as iPhones do.
HEIC = (Path(__file__).parent / "support/page.heic").read_bytes()


def jpeg(width: int = 60, height: int = 80, grey: int = 90) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), (grey, grey, grey)).save(made, "JPEG")
    return made.getvalue()


@contextlib.asynccontextmanager
async def at_work(server: Server, clock: SteppedClock) -> AsyncIterator[tuple[Exam, Page, Page]]:
    """An exam under way, with the pages of candidates 001 and 002."""
    exam = await plan_exam(server, candidates=2)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as first,
        await candidate_page(server, exam, "002") as second,
    ):
        clock.jump_to(exam.starts_at)
        await invigilator.join(exam.room)
        for page in (first, second):
            await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=list(exam.candidates.values()), checks=CHECKS)
        yield exam, first, second


async def link(page: Page, room: str) -> Any:
    return await page.post(f"/api/rooms/{room}/phone/link")


def token(answer: dict[str, Any]) -> str:
    return str(answer["link"].split("token=")[1])


def read_by_a_camera(svg: str) -> str:
    """What a QR code says, whose picture is drawn from the strokes of its one path as browsers draw them. As a camera
    comes nearer: OpenCV's reader fails at one size or another of every sixteenth code."""
    size = int(re.findall(r'd="M0 0h(\d+)v', svg)[0])
    (strokes,) = re.findall(r'class="qrline"[^>]* d="M([^"]+)"', svg)
    shown = np.full((size, size), 255, np.uint8)
    x, y = 0, 0
    for across, down, long in re.findall(r"(?:^|m)(-?\d+) (-?\d+)(?:\.5)?h(\d+)", strokes):
        x, y = x + int(across), y + int(down)
        shown[y, x : x + int(long)] = 0
        x += int(long)
    for scale in (3, 4, 5, 6, 7, 8, 11):
        near = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=0)
        wide = cv2.copyMakeBorder(near, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
        for picture in (near, cv2.GaussianBlur(near, (0, 0), scale / 4), wide):
            if said := cv2.QRCodeDetector().detectAndDecode(picture)[0]:
                return str(said)
    return ""


async def test_a_camera_reads_the_link_from_its_picture(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, _):
        for _ in range(2):  # another link, another picture
            made = await link(page, exam.room)
            assert exam.room in made["link"] and token(made)
            assert read_by_a_camera(made["qr"]) == made["link"]


async def paired(server: Server, page: Page, room: str) -> Page:
    """A telephone that was let in by `page`."""
    phone = Page(server.url, "phone")
    answer = await phone.post(f"/api/rooms/{room}/phone", {"token": token(await link(page, room))})
    assert code(answer) is None, answer
    return phone


async def send(page: Page, room: str, content: bytes, name: str = "trang-01.jpg") -> Any:
    """Send a file in one part; its identifier, or the refusal."""
    headers = {"Proctor-Role": page.role, **beginning(len(content))}
    headers["Upload-Metadata"] = f"filename {base64.b64encode(name.encode()).decode()}"
    async with page.http.post(f"{page.url}/api/rooms/{room}/files", headers=headers) as created:
        if created.status != 201:
            return await created.json()
        path = created.headers["Location"]
    more = {"Proctor-Role": page.role, **going_on()}
    async with page.http.patch(page.url + path, headers=more, data=content) as sent:
        return path.rsplit("/", 1)[1] if sent.status == 204 else await sent.json()


async def submit(page: Page, live: Any, candidate: str, files: list[str]) -> Any:
    known = live.state.sittings[candidate]
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    named = [{"file": file, "sha256": known.file(file).sha256} for file in files]
    return await page.tell("submit", epoch=page.epoch, revision=0, text_sha256=empty, files=named)


async def test_photographs_of_the_telephone_are_pages_of_the_sitting_and_say_where_they_came_from(
    server: Server, clock: SteppedClock
) -> None:
    async with at_work(server, clock) as (exam, page, _), await paired(server, page, exam.room) as phone:
        here = await send(page, exam.room, jpeg())
        there = await send(phone, exam.room, jpeg(grey=200))
        told = await page.hear("me", lambda me: len(me["files"]) == 2)
        assert [(file["file"], file["source"], file["looks"]) for file in told["files"]] == [
            (here, "page", "image/jpeg"), (there, "phone", "image/jpeg"),
        ]  # fmt: skip
        assert told["phone"]["paired_at"]
        assert [file["phone"][:2] for file in told["files"]] == ["", "p_"]
        standing = await phone.get(f"/api/rooms/{exam.room}/phone")
        assert [file["file"] for file in standing["files"]] == [there]
        assert standing["open"] is True


async def test_the_manifest_receipt_and_archive_keep_the_order_in_which_pages_were_handed_in(
    server: Server, clock: SteppedClock
) -> None:
    contents = [jpeg(grey=grey) for grey in (10, 100, 200)]
    async with at_work(server, clock) as (exam, page, _), await office_page(server) as office:
        candidate, live = exam.candidates["001"], server.house.rooms.get(exam.room)
        sent = [await send(page, exam.room, content, f"trang-0{n}.jpg") for n, content in enumerate(contents, 1)]
        order = [sent[2], sent[0], sent[1]]
        receipt = await submit(page, live, candidate, order)
        assert [file["file"] for file in receipt["files"]] == order
        assert await submit(page, live, candidate, order) | {"ledger": 0} == receipt | {"ledger": 0}
        assert code(await submit(page, live, candidate, sent)) == "already_submitted"
        manifest = json.loads(live.state.sittings[candidate].manifest)
        assert [file["file"] for file in manifest["files"]] == order
        archive = (await office.get(f"/api/rooms/{exam.room}/submissions.zip"))["body"]
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = [name for name in opened.namelist() if "/files/" in name]
            assert [name.rsplit("/", 1)[1] for name in names] == sorted(name.rsplit("/", 1)[1] for name in names)
            assert [opened.read(name) for name in names] == [contents[2], contents[0], contents[1]]


MISUSE = ["wrong room", "used twice", "expired", "after submit", "after submit-by", "replaced by a newer link"]


@pytest.mark.parametrize("how", MISUSE)
async def test_a_link_lets_nobody_in(server: Server, clock: SteppedClock, how: str) -> None:
    async with at_work(server, clock) as (exam, page, _), Page(server.url, "phone") as phone:
        ticket, room = token(await link(page, exam.room)), exam.room
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        refusal = "phone_link_ended"
        if how == "wrong room":
            room = "r_other"
        elif how == "used twice":
            async with Page(server.url, "phone") as first:
                assert code(await first.post(f"/api/rooms/{room}/phone", {"token": ticket})) is None
        elif how == "expired":
            server.house.phones._clock = _Later(clock, seconds=301)
        elif how == "after submit":
            assert code(await submit(page, live, candidate, [])) is None
            refusal = "already_submitted"
        elif how == "after submit-by":
            clock.jump_to(exam.starts_at + timedelta(minutes=91))
            refusal = "after_submit_by"
        else:
            await link(page, exam.room)
        before = live.state.sittings[candidate].phone
        assert code(await phone.post(f"/api/rooms/{room}/phone", {"token": ticket})) == refusal
        assert live.state.sittings[candidate].phone == before
        assert code(await phone.get(f"/api/rooms/{exam.room}/phone")) == "not_signed_in"


class _Later:
    """The same clock, some seconds on."""

    def __init__(self, clock: SteppedClock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)

    def monotonic(self) -> float:
        return self._clock.monotonic() + self._seconds


async def test_two_telephones_with_one_link_at_once_are_one(server: Server, clock: SteppedClock) -> None:
    async with (
        at_work(server, clock) as (exam, page, _),
        Page(server.url, "phone") as one,
        Page(server.url, "phone") as two,
    ):
        ticket = {"token": token(await link(page, exam.room))}
        path = f"/api/rooms/{exam.room}/phone"
        answers = await asyncio.gather(one.post(path, ticket), two.post(path, ticket))
        assert sorted(str(code(answer)) for answer in answers) == ["None", "phone_link_ended"]


async def test_a_telephone_whose_answer_was_lost_is_let_in_once_however_often_it_asks(
    server: Server, clock: SteppedClock
) -> None:
    async with (
        at_work(server, clock) as (exam, page, _),
        Page(server.url, "phone") as one,
        Page(server.url, "phone") as two,
        await office_page(server) as office,
    ):
        path = f"/api/rooms/{exam.room}/phone"
        use = {"token": token(await link(page, exam.room)), "act": "of-this-telephone"}
        lost, again = await asyncio.gather(one.post(path, use), one.post(path, use))
        assert lost == again
        assert (await one.get(path))["open"]
        for other in ({**use, "act": "another"}, {**use, "act": ""}, {"token": use["token"]}):
            assert code(await two.post(path, other)) == "phone_link_ended"
        assert (await two.post(path, use))["open"]  # the same telephone, after a reload
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        assert [each["kind"] for each in events].count("phone_paired") == 1
        await page.call("DELETE", path)
        assert code(await one.post(path, use)) == "phone_link_ended"


async def test_a_link_whose_use_was_refused_for_a_time_is_good_once_that_is_over(
    server: Server, clock: SteppedClock
) -> None:
    async with at_work(server, clock) as (exam, page, _), Page(server.url, "phone") as one:
        path = f"/api/rooms/{exam.room}/phone"
        use = {"token": token(await link(page, exam.room)), "act": "of-this-telephone"}
        commits = FailingCommit(server.house.rooms._engine)
        commits.failures = ["before"]
        assert code(await one.post(path, use)) == "internal"
        commits.failures = []
        assert (await one.post(path, use))["open"]


ENDS = ["revoked", "replaced", "submitted", "submit-by", "at another device"]


@pytest.mark.parametrize("how", ENDS)
async def test_a_telephone_sends_nothing_any_more(server: Server, clock: SteppedClock, how: str) -> None:
    async with at_work(server, clock) as (exam, page, _), await paired(server, page, exam.room) as phone:
        live, candidate = server.house.rooms.get(exam.room), exam.candidates["001"]
        assert isinstance(await send(phone, exam.room, jpeg()), str)
        refusal = "phone_revoked"
        if how == "revoked":
            assert code(await page.call("DELETE", f"/api/rooms/{exam.room}/phone")) is None
        elif how == "replaced":
            (await paired(server, page, exam.room)).http.detach()
        elif how == "submitted":
            assert code(await submit(page, live, candidate, [])) is None
            refusal = "already_submitted"
        elif how == "submit-by":
            clock.jump_to(exam.starts_at + timedelta(minutes=91))
            refusal = "kept_as_evidence"
        else:
            async with await candidate_page(server, exam, "001") as other, await invigilator_page(server) as staff:
                await reach_lobby(other, exam.room)
                await staff.join(exam.room)
                await staff.tell("admit", candidates=[candidate], checks=CHECKS)
                assert live.state.sittings[candidate].epoch == other.epoch
        before = live.state.sittings[candidate].files
        assert code(await send(phone, exam.room, jpeg(grey=200))) == refusal
        assert live.state.sittings[candidate].files == before


async def test_a_telephone_is_open_as_long_as_its_candidates_own_time(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, _), await paired(server, page, exam.room) as phone:
        room, submit_by = f"/api/rooms/{exam.room}", exam.starts_at + timedelta(minutes=90)
        async with await office_page(server) as office:
            until = submit_by + timedelta(minutes=30)  # far beyond the end that there was when the telephone came in
            extra = {"minutes": 30, "reason": "Khuyết tật", "end_at": until.isoformat()}
            path = f"{room}/candidates/{exam.candidates['001']}/extra-time"
            assert code(await office.put(path, extra)) is None
        clock.jump_to(until)
        standing = await phone.get(f"{room}/phone")
        assert (standing["open"], standing["submit_by"]) == (True, moment(until))
        assert isinstance(await send(phone, exam.room, jpeg()), str)
        clock.jump_to(until + timedelta(microseconds=1))
        assert (await phone.get(f"{room}/phone"))["open"] is False


async def test_while_its_candidate_is_suspended_a_telephone_waits_and_what_it_sends_is_evidence(
    server: Server, clock: SteppedClock
) -> None:
    async with (
        at_work(server, clock) as (exam, page, _),
        await paired(server, page, exam.room) as phone,
        await invigilator_page(server) as desk,
    ):
        await desk.join(exam.room)
        one, path = exam.candidates["001"], f"/api/rooms/{exam.room}/phone"
        live = server.house.rooms.get(exam.room)
        told = await phone.get(path)
        assert (told["open"], told["suspended"]) == (True, False)
        assert code(await desk.tell("suspend", candidate=one, reason="Có người trong phòng.")) is None
        told = await phone.get(path)
        assert (told["open"], told["suspended"]) == (False, True)
        assert code(await send(phone, exam.room, jpeg())) == "kept_while_suspended"
        assert [late.work.phone != "" for late in live.state.sittings[one].late_files] == [True]
        replaces = live.state.sittings[one].acts["suspension"].seq
        assert code(await desk.tell("resume", candidate=one, reason="Nhầm phòng.", replaces=replaces)) is None
        assert (await phone.get(path))["open"]
        assert (await send(phone, exam.room, jpeg())).startswith("f_")


async def test_what_was_on_its_way_when_the_telephone_was_revoked_is_not_received(
    server: Server, clock: SteppedClock
) -> None:
    content = jpeg()
    async with at_work(server, clock) as (exam, page, _), await paired(server, page, exam.room) as phone:
        headers = {"Proctor-Role": "phone", **beginning(len(content))}
        async with phone.http.post(f"{server.url}/api/rooms/{exam.room}/files", headers=headers) as created:
            path = created.headers["Location"]
        arriving = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield content[:10]
            arriving.set()
            await revoked.wait()
            yield content[10:]

        revoked = asyncio.Event()
        more = {"Proctor-Role": "phone", **going_on()}
        sending = asyncio.create_task(phone.http.patch(server.url + path, headers=more, data=body()).__aenter__())
        await arriving.wait()
        await page.call("DELETE", f"/api/rooms/{exam.room}/phone")
        revoked.set()
        answer = await sending
        assert (await answer.json())["error"]["code"] == "phone_revoked"
        assert server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].files == ()


async def test_what_an_ended_telephone_left_half_sent_takes_no_place(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, _), await paired(server, page, exam.room) as phone:
        files = f"{server.url}/api/rooms/{exam.room}/files"
        begin = {"Proctor-Role": "phone", **beginning(1000)}
        for _ in range(20):
            async with phone.http.post(files, headers=begin) as begun:
                assert begun.status == 201
        refused = await send(page, exam.room, jpeg())
        assert code(refused) == "too_large"
        assert "whole" not in refused["error"]["details"], "a place may come by waiting"
        await page.call("DELETE", f"/api/rooms/{exam.room}/phone")
        assert isinstance(await send(page, exam.room, jpeg()), str)


async def test_a_telephone_reaches_nothing_but_its_own_files(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, other), await paired(server, page, exam.room) as phone:
        mine = await send(page, exam.room, jpeg())
        theirs = await send(other, exam.room, jpeg(grey=200))
        room = f"/api/rooms/{exam.room}"
        for method, path, refusal in (
            ("POST", f"{room}/join", "forbidden"),
            ("GET", f"{room}/paper", "forbidden"),
            ("GET", f"{room}/state", "forbidden"),
            ("GET", f"{room}/events", "forbidden"),
            ("POST", f"{room}/phone/link", "forbidden"),
            ("DELETE", f"{room}/phone", "forbidden"),
            ("GET", f"{room}/files/{mine}/content", "forbidden"),
            ("GET", f"{room}/files/{mine}/preview", "forbidden"),
            ("DELETE", f"{room}/files/{mine}", "not_found"),
            ("DELETE", f"{room}/files/{theirs}", "not_found"),
            ("GET", "/api/rooms/r_other/phone", "not_found"),
        ):
            assert code(await phone.call(method, path, headers=TUS)) == refusal, (method, path)
        me = await phone.get("/api/me")
        assert (me["full_name"], me["room"], me["rooms"]) == ("", None, [])
        # The other candidate's page cannot end it, nor use a link that is not its own.
        assert code(await other.call("DELETE", f"{room}/phone")) is None
        assert isinstance(await send(phone, exam.room, jpeg(grey=30)), str)


async def test_pairing_and_revoking_stand_on_the_log(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, _), await office_page(server) as office:
        first, second = await paired(server, page, exam.room), await paired(server, page, exam.room)
        await page.call("DELETE", f"/api/rooms/{exam.room}/phone")
        events = (await office.get(f"/api/rooms/{exam.room}/events"))["events"]
        told = [(each["kind"], each["data"].get("why")) for each in events if each["kind"].startswith("phone_")]
        paired_, revoked = e.PhonePaired.kind, e.PhoneRevoked.kind
        assert told == [(paired_, None), (revoked, "replaced"), (paired_, None), (revoked, "candidate")]
        for phone in (first, second):
            await phone.http.close()


async def test_an_iphones_heic_is_kept_byte_for_byte_and_shown_small(server: Server, clock: SteppedClock) -> None:
    async with at_work(server, clock) as (exam, page, _):
        file = await send(page, exam.room, HEIC, "IMG_0001.HEIC")
        known = server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]]
        assert known.file(file).looks == "image/heic"
        whole = await page.get(f"/api/rooms/{exam.room}/files/{file}/content")
        assert whole["body"] == HEIC
        shown = await page.get(f"/api/rooms/{exam.room}/files/{file}/preview")
        with Image.open(io.BytesIO(shown["body"])) as small:
            assert (small.format, small.size) == ("JPEG", (480, 640))


@pytest.mark.parametrize("content", [b"not a picture", HEIC[:200], b"\xff\xd8\xff\xe0 and nothing more"])
async def test_what_cannot_be_decoded_has_no_preview_and_stays_a_file(
    server: Server, clock: SteppedClock, content: bytes
) -> None:
    async with at_work(server, clock) as (exam, page, other):
        file = await send(page, exam.room, content)
        path = f"/api/rooms/{exam.room}/files/{file}"
        assert code(await page.get(f"{path}/preview")) == "no_preview"
        assert (await page.get(f"{path}/content"))["body"] == content
        assert code(await other.get(f"{path}/content")) == "not_found"
