"""A receipt is one thing: what a candidate kept at the submission is what every later look shows, byte for byte."""

from __future__ import annotations

import base64
import contextlib
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from proctor.ledger import tables
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import admit, candidate_page, invigilator_page, plan_exam, reach_lobby, running

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


async def test_the_receipt_stays_as_it_was_at_the_submission(tmp_path: Path) -> None:
    clock = SteppedClock(MORNING)
    async with contextlib.AsyncExitStack() as pages:
        async with running(tmp_path, clock) as server:
            exam = await plan_exam(server)
            invigilator = await pages.enter_async_context(await invigilator_page(server))
            page = await pages.enter_async_context(await candidate_page(server, exam, "001"))
            clock.jump_to(exam.starts_at - timedelta(minutes=10))
            await invigilator.join(exam.room)
            await reach_lobby(page, exam.room)
            await admit(invigilator, exam.candidates["001"])
            clock.jump_to(exam.starts_at)
            await page.hear("paper_key")
            work = {"epoch": page.epoch, "revision": 0, "text_sha256": EMPTY, "files": []}
            receipt = await page.tell("submit", **work)

            # Its head is that of the entry which holds the submission, and of no neighbour that was written with it.
            ledger = receipt["ledger"]
            Ed25519PublicKey.from_public_bytes(server.house.keys.public_key).verify(
                base64.b64decode(ledger["signature"]),
                f"{exam.room} {ledger['seq']} ".encode() + bytes.fromhex(ledger["head"]),
            )
            entry = next(tables.read(server.house.rooms._engine, exam.room, after=ledger["seq"] - 1))
            assert (entry.kind, entry.hash.hex()) == ("submitted", ledger["head"])

            # The log grows; asked again, at a page that comes back, and after a restart, the receipt is the same.
            await invigilator.tell("send_message", to="room", text="Còn 15 phút.")
            assert await page.tell("submit", **work) == receipt
            assert (await page.join(exam.room))["receipt"] == receipt
        port = int(server.url.rsplit(":", 1)[1])
        async with running(tmp_path, clock, listen=port):
            assert (await page.join(exam.room))["receipt"] == receipt
            await invigilator.join(exam.room)
            clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=1))
            await invigilator.hear("room", lambda room: room["submission_closed"])
            clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=1))
            await invigilator.hear("room", lambda room: room["phase"] == "ended")
        async with running(tmp_path, clock, listen=port):
            assert (await page.get(f"/api/rooms/{exam.room}/result"))["receipt"] == receipt
