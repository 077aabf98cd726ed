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
from tests.test_restart import Writer, all_admitted, sign_in, stop

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
            receipts |= {writer.candidate: task.result() for task, writer in sent.items() if _answered(task)}
            await stop([task for task in sent if not _answered(task)])
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


def _answered(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
