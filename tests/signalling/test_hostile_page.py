"""A candidate who reads the source and speaks to the socket by hand: stable codes, and nothing changes."""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import timedelta
from typing import Any

import pytest

from proctor.exam.permissions import Role, allowed
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import DEVICES, Page, code
from proctor.signalling.exchange import ASKING
from proctor.signalling.messages import FROM_PAGE
from proctor.token_bucket import TokenBucket
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    CHECKS,
    Exam,
    Server,
    candidate_page,
    exam_times,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)

EMPTY = hashlib.sha256(b"").hexdigest()


class Room:
    """A room in which both candidates write; the first one is hostile."""

    def __init__(self, server: Server, exam: Exam, invigilator: Page, hostile: Page, other: Page) -> None:
        self.server, self.exam, self.invigilator, self.hostile, self.other = server, exam, invigilator, hostile, other

    @property
    def sittings(self) -> Any:
        return self.server.house.rooms.get(self.exam.room).state.sittings


@pytest.fixture
async def room(server: Server, clock: SteppedClock) -> Any:
    exam = await plan_exam(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as hostile,
        await candidate_page(server, exam, "002") as other,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        for page in (hostile, other):
            await reach_lobby(page, exam.room)
        await invigilator.tell("admit", candidates=list(exam.candidates.values()), checks=CHECKS)
        early = await hostile.tell("paper_opened", sha256="0" * 64)
        assert code(early) == "not_released"
        clock.jump_to(exam.starts_at)
        await hostile.hear("paper_key")
        yield Room(server, exam, invigilator, hostile, other)


async def test_messages_of_other_roles_are_forbidden(room: Room) -> None:
    before = room.sittings
    for name in FROM_PAGE:
        if not allowed(Role.CANDIDATE, name):
            victim = room.exam.candidates["002"]
            answer = await room.hostile.tell(name, candidates=[victim], candidate=victim, to="room", text="x", tiles=1)
            assert code(answer) == "forbidden", name
    assert room.sittings == before


@pytest.mark.parametrize("word", ["connect", "disconnect"])
async def test_the_protocols_own_words_are_no_messages(room: Room, word: str) -> None:
    socket = room.invigilator.socket
    assert socket is not None
    again = await room.invigilator.post(f"/api/rooms/{room.exam.room}/join")
    for body in ((), ("x",), ({}, {"ticket": again["ticket"]}), ("client disconnect",)):
        answer = await socket.call(word, body, timeout=10)
        assert code(answer) == "unknown_message", body
    live = room.server.house.rooms.get(room.exam.room)
    assert "error" not in await room.invigilator.tell("add_note", text="Còn ở đây")
    # The seat is what it was: it is given up with the socket, or by signing out.
    if word == "connect":
        await room.invigilator.leave()
    else:
        ended = asyncio.Event()
        socket.on("disconnect", lambda *reason: ended.set())
        assert code(await room.invigilator.post("/api/sign-out")) is None
        await asyncio.wait_for(ended.wait(), 10)
    await room.other.hear("room", lambda told: not told["invigilator_present"])
    assert live.state.present == frozenset()


BAD = [
    ("save_answer", None, "bad_request"),
    ("save_answer", [], "bad_request"),
    ("save_answer", "text", "bad_request"),
    ("save_answer", {"epoch": "1", "base_revision": 0, "text": "x", "client_time": "t"}, "bad_request"),
    ("save_answer", {"epoch": 1, "base_revision": 0, "text": "x" * 400_001, "client_time": "t"}, "bad_request"),
    ("save_answer", {"epoch": 1, "base_revision": 0, "text": "x" * 200_001, "client_time": "t"}, "too_large"),
    ("save_answer", {"epoch": 2, "base_revision": 0, "text": "x", "client_time": "t"}, "superseded"),
    ("save_answer", {"epoch": -1, "base_revision": 0, "text": "x", "client_time": "t"}, "superseded"),
    ("save_answer", {"epoch": 1, "base_revision": 7, "text": "x", "client_time": "t"}, "stale_revision"),
    ("save_answer", {"epoch": 1, "base_revision": 10**30, "text": "x", "client_time": "t"}, "stale_revision"),
    ("save_answer", {"epoch": 1, "base_revision": 0, "text": "x", "client_time": "t", "candidate": "c"}, "bad_request"),
    ("save_answer", {"epoch": 1, "base_revision": 0, "text": "\ud800", "client_time": "t"}, "bad_request"),
    ("submit", {"epoch": 2, "revision": 0, "text_sha256": EMPTY, "files": []}, "superseded"),
    ("submit", {"epoch": 1, "revision": 3, "text_sha256": EMPTY, "files": []}, "stale_revision"),
    ("submit", {"epoch": 1, "revision": 0, "text_sha256": "0" * 64, "files": []}, "stale_revision"),
    ("submit", {"epoch": 1, "revision": 0, "text_sha256": EMPTY, "files": [{"file": "f_x", "sha256": EMPTY}]},
     "upload_incomplete"),
    ("message_seen", {"message": "m_of_somebody"}, "not_found"),
    ("publish", {"epoch": 1, "sdp": "v=0\r\nno such thing"}, "bad_sdp"),
    ("publish", {"epoch": 9, "sdp": "v=0\r\nno such thing"}, "superseded"),
    ("report_device", {"camera": {"x": "y" * 9_000}, "microphone": {}}, "too_large"),
    ("report_device", {"camera": [], "microphone": {}}, "bad_request"),
    ("ping_clock", {"client_time": "now"}, "bad_request"),
    ("welcome", {}, "unknown_message"),
    ("x" * 5_000, {}, "unknown_message"),
]  # fmt: skip


async def test_what_is_forged_or_malformed_has_a_code_and_changes_nothing(room: Room, clock: SteppedClock) -> None:
    """One after the other, in one room: what one did to it would be seen at the next."""
    before = room.sittings
    assert room.hostile.socket is not None
    for name, body, expected in BAD:
        clock.monotonic_ahead += 0.1  # as many messages at once would be too fast
        answer = await room.hostile.socket.call(name, body, timeout=5)
        assert (code(answer), name[:20], str(body)[:80]) == (expected, name[:20], str(body)[:80])
        assert room.sittings == before, (name[:20], str(body)[:80])
    saved = await room.hostile.tell("save_answer", epoch=1, base_revision=0, text="vẫn viết được", client_time="t")
    assert saved.get("revision") == 1, saved


async def test_a_page_that_waits_for_readmission_cannot_hand_in_nor_read(room: Room) -> None:
    async with await candidate_page(room.server, room.exam, "001") as new:
        welcome = await new.join(room.exam.room)
        active = welcome["me"]["epoch"]
        assert (welcome["me"]["pending"]["epoch"], welcome["me"]["answer"]["characters"]) == (new.epoch, 0)
        for epoch in (active, new.epoch):
            taken = await new.tell("submit", epoch=epoch, revision=0, text_sha256=EMPTY, files=[])
            assert code(taken) == "readmission_needed"
        assert code(await new.tell("paper_opened", sha256="0" * 64)) == "readmission_needed"
        saved = await room.hostile.tell("save_answer", epoch=1, base_revision=0, text="riêng của tôi", client_time="t")
        await room.invigilator.tell("send_message", to="room", text="nhắn riêng phòng này")
        await room.hostile.hear("message")
        await room.invigilator.hear("sitting", lambda sitting: sitting["answer"]["revision"] == saved["revision"])
        assert await new.tell("ping_clock", client_time=0.0)  # whatever was pushed before has arrived now
        told = str(new.heard)
        assert "'characters': 13" not in told
        assert "nhắn riêng" not in told


async def test_a_second_device_and_a_replaced_page_say_no_more_than_what_is_listed(room: Room) -> None:
    """By every message that candidates may send, whatever is in it: who it comes from is looked at first."""
    ours = [name for name in FROM_PAGE if allowed(Role.CANDIDATE, name)]
    assert len(ours) > 15
    while_asking = {
        "ping_clock", "report_device", "consent", "accept_rules", "enter_lobby", "ice_servers", "publish",
    }  # fmt: skip
    async with await candidate_page(room.server, room.exam, "001") as new:
        await new.join(room.exam.room)
        before = room.sittings[room.exam.candidates["001"]]
        told = {name: code(await new.tell(name, nothing="of the kind")) for name in ours}
        assert {name for name, why in told.items() if why != "readmission_needed"} == while_asking
        for path in ("paper", "files/f_1/content", "files/f_1/preview"):
            assert code(await new.get(f"/api/rooms/{room.exam.room}/{path}")) in ("readmission_needed", "not_found")
        assert code(await new.post(f"/api/rooms/{room.exam.room}/phone/link")) == "readmission_needed"
        assert room.sittings[room.exam.candidates["001"]] == before
        # Admitted, it acts, and the page before it is that of nobody.
        await new.tell("report_device", **DEVICES)
        stands = {room.exam.candidates["001"]: before.acts["entry"].seq}
        await room.invigilator.tell("admit", candidates=list(stands), checks=CHECKS, replaces=stands)
        await room.hostile.hear("superseded")
        told = {name: code(await room.hostile.tell(name, nothing="of the kind")) for name in ours}
        assert {name for name, why in told.items() if why != "superseded"} == {"ping_clock"}


async def test_a_declined_page_is_told_why_and_its_picture_reaches_nobody_however_it_goes_on(room: Room) -> None:
    one = room.exam.candidates["001"]
    connections = room.server.house.rooms.get(room.exam.room).media.connections
    async with await candidate_page(room.server, room.exam, "001") as new:
        await new.join(room.exam.room)
        publisher = SyntheticPublisher(1)
        answer = await new.tell("publish", epoch=new.epoch, sdp=publisher.offer())
        await publisher.accept(answer["sdp"])
        publisher.start()
        try:
            async with asyncio.timeout(10):
                while connections.health().get(f"{one}{ASKING}", {}).get("packets", 0) < 10:
                    await asyncio.sleep(0.02)
            asks = await room.invigilator.hear(
                "sitting", lambda sitting: sitting["candidate"] == one and sitting["readmission"]
            )
            room.hostile.heard.clear()
            room.invigilator.heard.clear()
            about = {"candidate": one, "epoch": new.epoch, "reason": "Không đúng người"}
            assert code(await room.invigilator.tell("decline_device", **about)) == "overtaken"  # the admission
            seen = asks["acts"]["entry"]["seq"]
            assert code(await room.invigilator.tell("decline_device", **about, replaces=seen)) is None
            assert await new.hear("declined") == {"reason": "Không đúng người"}
            assert (await room.hostile.hear("me"))["pending"] is None
            for_staff = await room.invigilator.hear("sitting", lambda sitting: sitting["candidate"] == one)
            assert (for_staff["pending"], for_staff["acts"]["entry"]["act"]) == (None, "declined")
            sent = publisher.sent
            for refused in (
                await new.tell("publish", epoch=new.epoch, sdp=publisher.offer()),
                await new.tell("publish", epoch=1, sdp=publisher.offer()),
                await new.tell("enter_lobby"),
            ):
                assert code(refused) == "superseded"
            async with asyncio.timeout(10):
                while publisher.sent < sent + 50:
                    await asyncio.sleep(0.02)
            assert f"{one}{ASKING}" not in connections.health()
        finally:
            await publisher.stop()
    saved = await room.hostile.tell("save_answer", epoch=1, base_revision=0, text="vẫn viết được", client_time="t")
    assert saved.get("revision") == 1, saved


async def test_a_socket_of_another_room_or_candidate_is_not_to_be_had(room: Room) -> None:
    other_exam = await plan_second_exam(room.server)
    assert code(await room.hostile.post(f"/api/rooms/{other_exam}/join")) == "not_assigned"
    assert code(await room.hostile.post("/api/rooms/r_unknown/join")) == "not_found"
    for path in ("state", "events", "recordings", f"recordings/{room.exam.candidates['002']}"):
        assert code(await room.hostile.get(f"/api/rooms/{room.exam.room}/{path}")) == "forbidden", path


async def plan_second_exam(server: Server) -> str:
    async with await office_page(server) as office:
        exam = await office.post("/api/exams", {"title": "Môn khác", **exam_times(MORNING + timedelta(hours=2))})
        return str((await office.post(f"/api/exams/{exam['exam']}/rooms", {"title": "Phòng 2"}))["room"])


@pytest.mark.measured
async def test_a_thousand_messages_at_once_slow_nobody_else(room: Room) -> None:
    assert room.hostile.socket is not None
    socket = room.hostile.socket
    seq = room.server.house.rooms.get(room.exam.room).state.seq
    flood = asyncio.gather(
        *(socket.call("report_device", {"camera": {}, "microphone": {}}, timeout=30) for _ in range(1_000))
    )
    took = []
    for revision in range(5):
        started = time.perf_counter()
        saved = await room.other.tell(
            "save_answer", epoch=1, base_revision=revision, text=f"bản {revision}", client_time="t"
        )
        took.append(time.perf_counter() - started)
        assert saved["revision"] == revision + 1
    answers = [code(answer) for answer in await flood]
    accepted = answers.count(None)
    assert set(answers) == {None, "too_fast"}
    assert 30 <= accepted < 200
    async with await office_page(room.server) as office:
        entries = (await office.get(f"/api/rooms/{room.exam.room}/events?after={seq}"))["events"]
    kinds = [entry["kind"] for entry in entries]
    assert (kinds.count("device_reported"), kinds.count("answer_saved")) == (accepted, 5)
    print(f"\nsaves of the other candidate: worst {1000 * max(took):.0f} ms; {accepted} of 1,000 accepted")
    assert max(took) < 2.0
    await asyncio.sleep(0.3)  # what is measured is a rate: three tokens come in that time
    assert code(await room.hostile.tell("save_answer", epoch=1, base_revision=0, text="x", client_time="t")) is None


def test_the_bucket_fills_with_time_and_never_over() -> None:
    bucket = TokenBucket(10.0, 60.0, 0.0)
    assert [bucket.take(0.0) for _ in range(61)] == [True] * 60 + [False]
    assert not bucket.take(0.09)
    assert bucket.take(0.11)
    assert bucket.take(100.0, 60.0)
    assert not bucket.take(100.0, 0.1)
