"""Decide, append, apply, acknowledge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from proctor.errors import ProctorError
from proctor.ledger import tables
from proctor.ledger.actor import Applied, RoomActor
from proctor.ledger.chain import Entry
from proctor.ledger.writer import Writer
from proctor.regulation.refusal import Refusal
from proctor.store import tables as store_tables
from proctor.store.engine import sync_engine
from proctor.store.migrate import upgrade
from tests.support.clock import SteppedClock
from tests.support.commits import FailingCommit, HeldCommit


@dataclass(frozen=True)
class Decision:
    events: tuple[int, ...] = ()
    answer: object = None


class SumFold:
    """State: the sum of the numbers in the log."""

    def apply(self, state: int | None, event: int, at: datetime) -> int:
        return (state or 0) + event

    def encode(self, event: int) -> tuple[str, bytes]:
        return "number", str(event).encode()

    def decode(self, kind: str, payload: bytes) -> int:
        return int(payload)

    def erased(self, state: int) -> int:
        return state


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = sync_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    upgrade(made, [store_tables.metadata, tables.metadata])
    yield made
    made.dispose()


@pytest.fixture
async def writer(engine: Engine) -> AsyncIterator[Writer]:
    made = Writer(engine)
    yield made
    made.close()


def actor(writer: Writer, seen: list[Applied[int, int]] | None = None) -> RoomActor[int, int]:
    told = seen if seen is not None else []
    return RoomActor(
        "r", fold=SumFold(), writer=writer, clock=SteppedClock(), epoch=1, on_applied=told.append
    )


async def test_each_decision_sees_what_the_ones_before_it_did(writer: Writer) -> None:
    room = actor(writer)
    await room.begin("s", 0)
    room.start()
    done = await asyncio.gather(*(room.act("s", lambda state, now: Decision((1,), state)) for _ in range(100)))
    assert [each.answer for each in done] == list(range(100))
    assert room.state == 100
    assert writer.commits < 50  # they shared commits
    await room.close()


async def test_a_refused_decision_takes_nobody_with_it(writer: Writer) -> None:
    room = actor(writer)
    await room.begin("s", 0)
    room.start()

    def refuse(state: int, now: datetime) -> Decision:
        raise Refusal("forbidden")

    results = await asyncio.gather(
        room.act("s", lambda state, now: Decision((1,))),
        room.act("s", refuse),
        room.act("s", lambda state, now: Decision((2,), Refusal("after_submit_by"))),
        return_exceptions=True,
    )
    assert isinstance(results[1], Refusal)
    assert isinstance(results[2], Refusal)
    assert room.state == 3  # the last one is refused, yet on record
    await room.close()


async def test_what_waits_for_a_slow_disk_is_judged_by_when_it_was_asked(writer: Writer) -> None:
    seen: list[Applied[int, int]] = []
    room, clock = actor(writer, seen), SteppedClock()
    room._clock = clock
    await room.begin("s", 0)
    room.start()
    append, begun, disk = writer.append, asyncio.Event(), asyncio.Event()

    async def slow(entries: list[Entry]) -> None:
        begun.set()
        await disk.wait()
        await append(entries)

    writer.append = slow  # type: ignore[method-assign]
    first = asyncio.create_task(room.act("s", lambda state, now: Decision((1,))))
    await begun.wait()
    asked_at = clock.now()
    second = asyncio.create_task(room.act("s", lambda state, now: Decision((2,), now)))
    await asyncio.sleep(0)  # it has asked
    clock.advance(seconds=30)
    disk.set()
    await first
    assert (await second).answer == asked_at
    assert [entry.at for batch in seen for entry, _ in batch.entries] == [asked_at, asked_at]
    await room.close()


async def test_an_owner_that_was_replaced_stops_with_a_code_and_answers_everyone(writer: Writer) -> None:
    seen: list[Applied[int, int]] = []
    room, usurper = actor(writer, seen), actor(writer)
    await room.begin("s", 5)
    with pytest.raises(Exception, match="UNIQUE"):
        await usurper.begin("x", 7)
    room.start()
    usurper.restore(5, *room.head)
    usurper.start()
    await usurper.act("x", lambda state, now: Decision((1,)))
    async with asyncio.timeout(5):
        for _ in range(2):
            answers = await asyncio.gather(
                *(room.act("s", lambda state, now: Decision((1,))) for _ in range(3)), return_exceptions=True
            )
            assert [getattr(answer, "code", None) for answer in answers] == ["not_owner"] * 3
        assert room.state == 5
        assert seen == []
        await room.close()
        await usurper.act("x", lambda state, now: Decision((1,)))
        await usurper.close()


async def test_a_failed_commit_refuses_the_batch_and_the_room_goes_on(writer: Writer, engine: Engine) -> None:
    room = actor(writer)
    await room.begin("s", 5)
    room.start()
    commits = FailingCommit(engine)
    commits.failures = ["before"]
    async with asyncio.timeout(5):
        with pytest.raises(OSError, match="before"):
            await room.act("s", lambda state, now: Decision((1,)))
        assert room.state == 5
        await room.act("s", lambda state, now: Decision((2,)))
        await room.close()
    assert room.state == 7
    again = actor(writer)
    again.replay(tables.read(engine, "r"))
    assert (again.state, again.head) == (room.state, room.head)


async def test_a_commit_that_fails_after_it_reached_the_disk_counts_as_appended(
    writer: Writer, engine: Engine
) -> None:
    seen: list[Applied[int, int]] = []
    room = actor(writer, seen)
    await room.begin("s", 5)
    room.start()
    commits = FailingCommit(engine)
    commits.failures = ["after"]
    async with asyncio.timeout(5):
        done = await room.act("s", lambda state, now: Decision((1,)))
        assert (done.state, done.seq) == (6, 2)
        await room.act("s", lambda state, now: Decision((2,)))
        await room.close()
    assert len(seen) == 2
    again = actor(writer)
    again.replay(tables.read(engine, "r"))
    assert (again.state, again.head) == (8, room.head)


async def test_a_log_that_cannot_be_read_after_a_failed_commit_is_read_before_the_next(
    writer: Writer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = actor(writer)
    await room.begin("s", 5)
    room.start()
    commit = engine.dialect.do_commit

    def unreadable(connection: object) -> None:
        raise OSError("the disk is away")

    async with asyncio.timeout(5):
        with monkeypatch.context() as away:

            def vanish(connection: PoolProxiedConnection) -> None:
                commit(connection)
                away.setattr(engine.dialect, "do_begin", unreadable)
                raise OSError("the disk went away")

            away.setattr(engine.dialect, "do_commit", vanish)
            for words in ("went away", "is away"):
                with pytest.raises(OSError, match=words):
                    await room.act("s", lambda state, now: Decision((1,)))
            assert room.state == 5
        await room.act("s", lambda state, now: Decision((2,)))
        await room.close()
    assert room.state == 8  # what reached the disk before it went away counts
    again = actor(writer)
    again.replay(tables.read(engine, "r"))
    assert (again.state, again.head) == (room.state, room.head)


async def test_a_stored_log_folds_to_the_same_state_and_goes_on(writer: Writer, engine: Engine) -> None:
    room = actor(writer)
    await room.begin("s", 1)
    room.start()
    for number in range(10):
        await room.act("s", lambda state, now, number=number: Decision((number,)))
    await room.close()
    again = actor(writer)
    again.replay(list(tables.read(engine, "r")))
    assert (again.state, again.head) == (room.state, room.head)
    again.start()
    await again.act("s", lambda state, now: Decision((100,)))
    assert again.state == room.state + 100
    await again.close()


async def test_an_altered_log_is_not_folded(writer: Writer, engine: Engine) -> None:
    room = actor(writer)
    await room.begin("s", 1)
    await room.close()
    stored: list[Entry] = list(tables.read(engine, "r"))
    with engine.begin() as connection:
        connection.execute(tables.payloads.update().values(payload=b"9"))
    with pytest.raises(ProctorError, match="chain_broken"):
        actor(writer).replay(list(tables.read(engine, "r")))
    actor(writer).replay(stored)


async def test_an_erased_payload_folds_as_nothing_and_the_log_goes_on(writer: Writer, engine: Engine) -> None:
    room = actor(writer)
    await room.begin("s", 1)
    room.start()
    for number in (10, 100):
        await room.act("s", lambda state, now, number=number: Decision((number,)))
    await room.close()
    with engine.begin() as connection:
        connection.execute(tables.payloads.delete().where(tables.payloads.c.seq == 2))
    again = actor(writer)
    again.replay(tables.read(engine, "r"))
    assert again.state == 101
    assert again.head == room.head


async def test_a_broken_fold_or_follow_up_takes_one_decision_and_not_the_room(writer: Writer) -> None:
    class Brittle(SumFold):
        def apply(self, state: int | None, event: int, at: datetime) -> int:
            if event == 13:
                raise ValueError("cannot fold 13")
            return super().apply(state, event, at)

    def follow_up(applied: Applied[int, int]) -> None:
        raise RuntimeError("the screen is broken")

    room: RoomActor[int, int] = RoomActor(
        "r", fold=Brittle(), writer=writer, clock=SteppedClock(), epoch=1, on_applied=follow_up
    )
    await room.begin("s", 0)
    room.start()
    results = await asyncio.gather(
        room.act("s", lambda state, now: Decision((1,))),
        room.act("s", lambda state, now: Decision((2, 13))),
        room.act("s", lambda state, now: Decision((4,))),
        return_exceptions=True,
    )
    assert isinstance(results[1], ValueError)
    assert room.state == 5
    assert room.head[0] == 3
    await room.close()


async def test_nothing_follows_a_state_after_which_all_is_over(writer: Writer) -> None:
    """Also not what was asked for in time, and what the one who holds the room asks for."""
    room: RoomActor[int, int] = RoomActor(
        "r", fold=SumFold(), writer=writer, clock=SteppedClock(), epoch=1, on_applied=lambda applied: None,
        over=lambda state: Refusal("not_found", what="room") if state == 10 else None,
    )  # fmt: skip
    await room.begin("s", 0)
    room.start()
    taken = await asyncio.gather(
        *(room.act("s", lambda state, now, by=by: Decision((by,))) for by in (3, 7, 1)), return_exceptions=True
    )
    assert [getattr(each, "code", None) for each in taken] == [None, None, "not_found"]
    async with room.alone() as act:
        with pytest.raises(Refusal, match="not_found"):
            await act("s", lambda state, now: Decision((1,)))
    assert (room.state, room.head[0]) == (10, 3)
    await room.close()


async def test_what_is_seen_alone_still_holds_when_it_is_acted_on(writer: Writer) -> None:
    room = actor(writer)
    await room.begin("s", 0)
    room.start()
    async with room.alone() as act:
        waiting = asyncio.ensure_future(room.act("s", lambda state, now: Decision((10,), state)))
        await writer.stored_after("r", 0)  # the loop turned: whoever could decide has
        assert (room.state, waiting.done()) == (0, False)
        done = await act("s", lambda state, now: Decision((1,), state))
        assert (done.answer, room.state) == (0, 1)
    assert (await waiting).answer == 1
    await room.close()


async def test_an_act_alone_stands_when_whoever_asked_has_gone(writer: Writer, engine: Engine) -> None:
    room = actor(writer)
    await room.begin("s", 0)
    room.start()
    commits = HeldCommit(engine)

    async def ask() -> None:
        async with room.alone() as act:
            await act("s", lambda state, now: Decision((1,)))

    asking = asyncio.ensure_future(ask())
    await commits.reached()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    after = asyncio.ensure_future(room.act("s", lambda state, now: Decision((10,), state)))
    commits.go_on()
    assert (await after).answer == 1
    assert [entry.seq for entry in tables.read(engine, "r")] == [1, 2, 3]
    await room.close()


async def test_alone_begins_once_it_is_known_what_became_of_a_commit(writer: Writer, engine: Engine) -> None:
    room = actor(writer)
    await room.begin("s", 0)
    room.start()
    commits = FailingCommit(engine)
    commits.failures = ["after"]
    room._writer.stored_after, real = _unreadable, room._writer.stored_after  # type: ignore[method-assign, assignment]
    with pytest.raises(OSError, match="the disk failed"):
        await room.act("s", lambda state, now: Decision((1,)))
    with pytest.raises(OSError, match="cannot be read"):
        async with room.alone():
            pass
    room._writer.stored_after = real  # type: ignore[method-assign]
    async with room.alone() as act:
        assert room.state == 1
        await act("s", lambda state, now: Decision((2,)))
    assert room.state == 3
    await room.close()


async def _unreadable(room: str, seq: int) -> list[Entry]:
    raise OSError("the log cannot be read")
