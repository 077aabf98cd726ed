"""Run as a process by test_durability: appends for ever, and prints what was acknowledged."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from proctor.ledger import chain
from proctor.ledger.writer import Writer
from proctor.store.engine import sync_engine


async def append(writer: Writer, room: str) -> None:
    head = chain.GENESIS
    for seq in range(1, 100_000):
        entry = chain.link(
            head, room=room, seq=seq, epoch=1, at=datetime.now(UTC), kind="noted", actor="s", payload=b"{}"
        )
        await writer.append([entry])
        head = entry.hash
        print(room, seq, flush=True)


async def main(url: str) -> None:
    writer = Writer(sync_engine(url))
    async with asyncio.timeout(30):
        await asyncio.gather(*(append(writer, f"room{number}") for number in range(5)))


asyncio.run(main(sys.argv[1]))
