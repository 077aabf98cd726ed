"""What was acknowledged is on disk, whatever happens to the process; rooms do not take one another down."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from proctor.ledger import chain, tables
from proctor.ledger.chain import Entry
from proctor.ledger.writer import Writer
from proctor.store import tables as store_tables
from proctor.store.engine import async_engine, sync_engine
from proctor.store.migrate import upgrade

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = sync_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    upgrade(made, [store_tables.metadata, tables.metadata])
    yield made
    made.dispose()


def entry(room: str, seq: int = 1, previous: bytes = chain.GENESIS) -> Entry:
    return chain.link(previous, room=room, seq=seq, epoch=1, at=AT, kind="noted", actor="s", payload=b"{}")


async def test_kill_minus_nine_in_writing_loses_nothing_acknowledged(engine: Engine, tmp_path: Path) -> None:
    writing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ledger.writing_process", str(engine.url), stdout=asyncio.subprocess.PIPE
    )
    assert writing.stdout is not None
    acknowledged: Counter[str] = Counter()
    async with asyncio.timeout(30):
        while acknowledged.total() < 200:
            room, seq = (await writing.stdout.readline()).split()
            acknowledged[room.decode()] += 1
            assert acknowledged[room.decode()] == int(seq)
        writing.kill()
        for line in (await writing.stdout.read()).splitlines():  # acknowledged before the kill, read after it
            if len(line.split()) == 2:
                acknowledged[line.split()[0].decode()] += 1
        await writing.wait()
    for room, count in acknowledged.items():
        kept = list(chain.verify(tables.read(engine, room)))
        assert len(kept) >= count, room


async def test_many_rooms_share_a_commit(engine: Engine) -> None:
    writer = Writer(engine)
    await asyncio.gather(*(writer.append([entry(f"r{number}")]) for number in range(200)))
    writer.close()
    assert writer.commits < 100
    assert len(tables.rooms(engine)) == 200


async def test_a_second_owner_runs_into_the_first_and_others_are_not_touched(engine: Engine) -> None:
    writer = Writer(engine)
    await writer.append([entry("mine")])
    results = await asyncio.gather(
        writer.append([entry("other")]),
        writer.append([entry("mine")]),
        writer.append([entry("third")]),
        return_exceptions=True,
    )
    writer.close()
    assert results[0] is None
    assert isinstance(results[1], IntegrityError)
    assert results[2] is None
    assert sorted(tables.rooms(engine)) == ["mine", "other", "third"]


async def test_every_sqlite_connection_is_durable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    full = 2
    plain = sync_engine(url)
    for _ in range(3):
        with plain.connect() as first, plain.connect() as second:
            for connection in (first, second):
                assert connection.scalar(text("PRAGMA synchronous")) == full
                assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    plain.dispose()
    asynchronous = async_engine(url)
    async with asynchronous.connect() as first, asynchronous.connect() as second:
        for each in (first, second):
            assert await each.scalar(text("PRAGMA synchronous")) == full
            assert await each.scalar(text("PRAGMA journal_mode")) == "wal"
    await asynchronous.dispose()
