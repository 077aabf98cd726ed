"""Kill -9 a second before submit-by, with one submission acknowledged and others on their way; back after it.

What was acknowledged is handed in. What was under way is so as a whole, or not at all and its draft is there. Nobody is
named among those who did not submit before the office has decided.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import random
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from proctor.exam.room import Room
from proctor.exam.sitting import State
from proctor.rehearsal.page import code
from tests.support.killable import STARTS_AT, KillableServer, planned
from tests.test_restart import GONE, Writer, all_admitted, sign_in

SUBMIT_BY = STARTS_AT + timedelta(minutes=90)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def save(writer: Writer) -> None:
    writer.text = f"Bài của người thứ {writer.person}. " * 50
    saved = await writer.page.tell("save_answer", epoch=writer.page.epoch, base_revision=0, text=writer.text,
                                   client_time="")  # fmt: skip
    writer.revision = saved["revision"]


async def hand_in(writer: Writer) -> Any:
    return await writer.page.tell("submit", epoch=writer.page.epoch, revision=writer.revision,
                                  text_sha256=digest(writer.text), files=[])  # fmt: skip


def handed_in(state: Room, writers: list[Writer]) -> list[Writer]:
    """Those whose submission is on the log; every sitting is whole, whichever way it is."""
    for writer in writers:
        known = state.sittings[writer.candidate]
        assert known.text == writer.text
        if known.state is State.SUBMITTED:
            assert known.manifest is not None
            assert digest(known.manifest) == known.submission_sha256
            assert json.loads(known.manifest)["text"]["sha256"] == digest(writer.text)
            assert known.submitted_at is not None
            assert known.submitted_at <= SUBMIT_BY
        else:
            assert (known.state, known.submission, known.receipt_seq) == (State.ADMITTED, None, 0)
    return [writer for writer in writers if state.sittings[writer.candidate].state is State.SUBMITTED]


async def test_who_hands_in_while_the_server_stands_still_for_a_moment_over_the_deadline_is_in_time(
    tmp_path: Path,
) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, candidates=3)
    async with contextlib.AsyncExitStack() as pages, server.up():
        await server.jump_to(STARTS_AT - timedelta(minutes=5))
        invigilator, writers = await all_admitted(server, exam, pages)
        await server.jump_to(STARTS_AT)
        await asyncio.gather(*(writer.page.hear("paper_key") for writer in writers))
        await asyncio.gather(*map(save, writers))
        await server.jump_to(SUBMIT_BY - timedelta(seconds=1))
        server.command.stop()
        *in_time, late = writers
        sent = [asyncio.create_task(hand_in(writer)) for writer in in_time]
        while server.now() < SUBMIT_BY + timedelta(seconds=0.5):
            await asyncio.sleep(0.05)  # this machine's time, since a process is really stopped
        server.command.go_on()
        answers = await asyncio.gather(*sent)
        await invigilator.hear("room", lambda room: room["submission_closed"])
        assert code(await hand_in(late)) == "after_submit_by"
    state, _ = server.room(exam.room)
    assert handed_in(state, writers) == in_time
    assert [answer["submission"] for answer in answers] == [
        state.sittings[writer.candidate].submission for writer in in_time
    ]
    assert {state.sittings[writer.candidate].submitted_at for writer in in_time} == {SUBMIT_BY}
    assert state.hold is None


async def test_a_kill_a_second_before_the_deadline_leaves_each_submission_whole_and_the_office_to_decide(
    tmp_path: Path,
) -> None:
    server = KillableServer(tmp_path)
    exam = await planned(server, candidates=5)
    async with contextlib.AsyncExitStack() as pages:
        async with server.up():
            await server.jump_to(STARTS_AT - timedelta(minutes=5))
            invigilator, writers = await all_admitted(server, exam, pages)
            await server.jump_to(STARTS_AT)
            await asyncio.gather(*(writer.page.hear("paper_key") for writer in writers))
            await asyncio.gather(*map(save, writers))
            first, *under_way, last = writers  # who only saves what the last one writes
            await server.jump_to(SUBMIT_BY - timedelta(seconds=1))
            receipts = {first.candidate: await hand_in(first)}
            sent = {asyncio.create_task(hand_in(writer)): writer for writer in under_way}
            after = random.uniform(0, 0.01)  # a kill comes at any moment
            print(f"killed {after * 1000:.2f} ms after the second was sent")  # shown where it fails
            await asyncio.wait(sent, timeout=after)
            assert await server.kill() < SUBMIT_BY
            for task in sent:
                task.cancel()
            ended = await asyncio.gather(*sent, return_exceptions=True)  # an answer may be here and not yet read
            for writer, result in zip(sent.values(), ended, strict=True):
                if isinstance(result, dict):
                    receipts[writer.candidate] = result
                else:
                    assert isinstance(result, (*GONE, asyncio.CancelledError)), result
        state, entries = server.room(exam.room)
        before = handed_in(state, writers)
        assert set(receipts) <= {writer.candidate for writer in before}
        assert last not in before

        server.advance(seconds=5)
        async with server.up():
            welcome = await invigilator.join(exam.room)
            assert (welcome["room"]["hold"]["missed"], welcome["lists"]) == ("deadline", None)
            assert welcome["room"]["hold"]["candidates"] == len(writers) - len(before)
            assert code(await invigilator.tell("publish_lists")) == "room_held"
            for writer in writers:
                back = await writer.come(exam)
                if writer in before:
                    assert back["receipt"]["submission"] == back["me"]["submission"]
                    assert receipts.get(writer.candidate, back["receipt"]) == back["receipt"]
                    number = back["receipt"]["ledger"]["seq"]
                    assert entries[number - 1].hash.hex() == back["receipt"]["ledger"]["head"]
                else:
                    assert (back["receipt"], back["draft"]["text"]) == (None, writer.text)
                    assert code(await hand_in(writer)) == "room_held"

            office = await pages.enter_async_context(await sign_in(server, "training_office"))
            path = f"/api/rooms/{exam.room}"
            accepted = {"outcome": "accept_saved", "reason": "Máy chủ hỏng"}
            assert "error" not in await office.post(f"{path}/hold", accepted)
            await invigilator.hear("room", lambda room: room["hold"] is None and room["submission_closed"])
            lists = await invigilator.tell("publish_lists")
            assert "error" not in lists
            archive = zipfile.ZipFile(io.BytesIO((await office.get(f"{path}/submissions.zip"))["body"]))
            answers = sorted(archive.read(name).decode() for name in archive.namelist() if name.endswith("answer.txt"))
            assert answers == sorted(writer.text for writer in writers)
        state, grown = server.room(exam.room)
        assert grown[: len(entries)] == entries
        assert state.closing is not None
        assert (state.closing.did_not_submit, handed_in(state, before)) == ((), before)
        print(f"{len(receipts)} acknowledged, {len(before)} handed in, {len(writers)} there")
