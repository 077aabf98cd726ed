"""Entries of several logs in one commit: all of them, or none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from proctor.errors import ProctorError
from proctor.ledger import chain, tables
from proctor.ledger.chain import Entry
from proctor.ledger.joint import Joint
from proctor.ledger.writer import Writer
from proctor.store.engine import sync_engine

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    engine = sync_engine(f"sqlite:///{tmp_path}/log.db")
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Any:
    writer = Writer(engine)
    yield writer
    writer.close()


def first(room: str) -> Entry:
    return chain.link(chain.GENESIS, room=room, seq=1, epoch=1, at=AT, kind="noted", actor="s", payload=b"{}")


def rooms(engine: Engine) -> set[str]:
    return set(tables.rooms(engine))


async def test_what_several_append_is_one_commit_that_waits_for_the_last(engine: Engine, writer: Writer) -> None:
    joint = Joint(writer, 2)
    early = asyncio.create_task(joint.party(lambda append: append([first("r_1")])))
    await asyncio.sleep(0)
    await writer.append([first("r_3")])  # another's, meanwhile
    assert not early.done() and rooms(engine) == {"r_3"}
    await joint.party(lambda append: append([first("r_2")]))
    await early
    assert (rooms(engine), writer.commits) == ({"r_1", "r_2", "r_3"}, 2)


async def test_where_one_cannot_be_written_none_is(engine: Engine, writer: Writer) -> None:
    await writer.append([first("r_2")])  # another owner was faster
    joint = Joint(writer, 2)
    parties = (joint.party(lambda append, room=room: append([first(room)])) for room in ("r_1", "r_2"))  # type: ignore[misc]
    ends = await asyncio.gather(*parties, return_exceptions=True)
    assert [type(end) for end in ends] == [IntegrityError] * 2
    assert rooms(engine) == {"r_2"}


async def test_who_ends_without_appending_takes_the_others_along(engine: Engine, writer: Writer) -> None:
    joint = Joint(writer, 2)
    early = asyncio.create_task(joint.party(lambda append: append([first("r_1")])))

    async def refused(append: Any) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await joint.party(refused)
    with pytest.raises(ProctorError, match="closing"):
        await early
    with pytest.raises(ProctorError, match="closing"):
        await joint.party(lambda append: append([first("r_2")]))  # nobody waits for it any more
    assert rooms(engine) == set()
